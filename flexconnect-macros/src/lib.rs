//! The derives of flexconnect.

mod config;

use proc_macro::TokenStream;

/// Makes a struct a connector's configuration, or an enum without data a choice in one.
///
/// The attributes are listed with the trait `flexconnect_core::Config`.
#[proc_macro_derive(Config, attributes(config))]
pub fn derive_config(input: TokenStream) -> TokenStream {
    config::derive(&syn::parse_macro_input!(input as syn::DeriveInput)).into()
}
