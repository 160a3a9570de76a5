//! An enum without data.

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

use super::super::model::{Choice, Variant};
use super::super::tokens::{local, name_text};

/// The impl of a choice.
pub(super) fn emit_choice(model: &Choice) -> TokenStream {
    let Choice { ident, root, variants } = model;
    let (input, faults) = (local("input"), local("faults"));
    let choices = variants.iter().map(|variant| choice(variant, root));
    let spellings = variants.iter().map(spellings);
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let names: Vec<LitStr> = variants.iter().map(|variant| name_text(&variant.name)).collect();
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #root::ConfigValue for #ident {
            fn parameter() -> #root::Parameter {
                #root::Parameter::choice([#(#choices),*])
            }

            fn read(
                #input: #root::Input<'_>,
                #faults: &mut #root::Faults,
            ) -> ::core::option::Option<Self> {
                match #input.choice(&[#(#spellings),*], #faults)? {
                    #(#names => ::core::option::Option::Some(Self::#idents),)*
                    _ => ::core::option::Option::None,
                }
            }

            fn to_json(&self) -> #root::Value {
                ::std::convert::From::from(match self {
                    #(Self::#idents => #names,)*
                })
            }
        }
    }
}

/// A variant as what a form offers.
pub(super) fn choice(variant: &Variant, root: &syn::Path) -> TokenStream {
    let (name, label, help) = (name_text(&variant.name), &variant.label, &variant.help);
    quote!(#root::Choice::new(#name, #label).with_help(#help))
}

/// Every way a variant can be written, its name first.
pub(super) fn spellings(variant: &Variant) -> TokenStream {
    let (name, aliases) = (name_text(&variant.name), &variant.aliases);
    quote!(&[#name #(, #aliases)*])
}
