//! Impls beside mistakes: they compile, so that one slip is not followed by "the trait is not implemented".

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput};

use super::emit::bounded;
use super::parse::root;

/// Impls with nothing in them; the mistakes beside them keep them from ever running.
pub(crate) fn fallback(input: &DeriveInput) -> TokenStream {
    let root = root(input);
    let ident = &input.ident;
    let generics = bounded(&input.generics, &root);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    // A configuration owns what it holds; a lifetime has its mistake reported already.
    let is_choice = match &input.data {
        Data::Enum(data) => data.variants.iter().all(|variant| variant.fields.is_empty()),
        _ => false,
    };
    let is_config = !is_choice && input.generics.lifetimes().next().is_none();
    let config = is_config.then(|| {
        quote! {
            #[automatically_derived]
            impl #impl_generics #root::Config for #ident #ty_generics #where_clause {
                fn parameters() -> ::std::vec::Vec<#root::Parameter> {
                    ::std::vec::Vec::new()
                }

                fn parse_with(
                    _: &#root::Map<::std::string::String, #root::Value>,
                    _: &#root::Provided,
                ) -> ::core::result::Result<Self, #root::Error> {
                    ::core::result::Result::Err(#root::Faults::new().into())
                }
            }

            #[automatically_derived]
            impl #impl_generics #root::ReadFields for #ident #ty_generics #where_clause {
                fn fields() -> ::std::vec::Vec<&'static #root::Field> {
                    ::std::vec::Vec::new()
                }

                fn read_fields(_: #root::Fields<'_>, _: &mut #root::Faults) -> ::core::option::Option<Self> {
                    ::core::option::Option::None
                }
            }
        }
    });
    quote! {
        #config

        #[automatically_derived]
        impl #impl_generics #root::ConfigValue for #ident #ty_generics #where_clause {
            fn parameter() -> #root::Parameter {
                #root::object_parameter(::std::vec::Vec::new())
            }

            fn read(_: #root::Input<'_>, _: &mut #root::Faults) -> ::core::option::Option<Self> {
                ::core::option::Option::None
            }

            fn to_json(&self) -> #root::Value {
                #root::Value::Null
            }
        }
    }
}
