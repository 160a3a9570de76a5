//! The impls of a model that keeps every rule.

mod choice;
mod group;
mod object;
mod parameter;
mod tagged;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Generics, Ident, parse_quote};

use super::model::Model;
use super::tokens::local;

/// The impls.
pub(crate) fn emit(model: &Model) -> TokenStream {
    match model {
        Model::Struct(model) => object::emit_struct(model),
        Model::Choice(model) => choice::emit_choice(model),
        Model::Tagged(model) => tagged::emit_tagged(model),
    }
}

/// The generics with what a type parameter of a configuration must be.
pub(crate) fn bounded(generics: &Generics, root: &syn::Path) -> Generics {
    let mut generics = generics.clone();
    for param in generics.type_params_mut() {
        param.bounds.push(parse_quote!(#root::ConfigValue));
        param.bounds.push(parse_quote!(::core::marker::Send));
        param.bounds.push(parse_quote!('static));
    }
    generics
}

/// What structs and enums with data have in common, filled in.
struct Impls<'a> {
    ident: &'a Ident,
    generics: &'a Generics,
    root: &'a syn::Path,
    /// The set of presets, as an `Option<&str>`.
    preset: TokenStream,
    /// Statics the rest names.
    statics: TokenStream,
    /// What `ReadFields` says of the variants of an enum.
    variants: TokenStream,
    /// Statements that add to the list of parameters.
    parameters: TokenStream,
    /// Statements that add to the list of fields.
    fields: TokenStream,
    /// The body of `read_fields`.
    read_fields: TokenStream,
    /// Whether there is a secret inside.
    sensitive: TokenStream,
    /// The body of `to_json`.
    to_json: TokenStream,
}

impl Impls<'_> {
    fn emit(self) -> TokenStream {
        let Impls {
            ident,
            root,
            preset,
            statics,
            variants,
            parameters,
            fields,
            read_fields,
            sensitive,
            to_json,
            ..
        } = self;
        let generics = bounded(self.generics, root);
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let (values, provided, input) = (local("values"), local("provided"), local("input"));
        let (object, faults, all, parameter) =
            (local("fields"), local("faults"), local("all"), local("parameter"));
        quote! {
            #[automatically_derived]
            #[allow(deprecated)]
            const _: () = {
                #statics

                impl #impl_generics #root::Config for #ident #ty_generics #where_clause {
                    fn parameters() -> ::std::vec::Vec<#root::Parameter> {
                        let mut #all: ::std::vec::Vec<#root::Parameter> = ::std::vec::Vec::new();
                        #parameters
                        #all
                    }

                    fn parse_with(
                        #values: &#root::Map<::std::string::String, #root::Value>,
                        #provided: &#root::Provided,
                    ) -> ::core::result::Result<Self, #root::Error> {
                        #root::parse_fields(#values, #provided)
                    }
                }

                impl #impl_generics #root::ReadFields for #ident #ty_generics #where_clause {
                    #variants

                    fn fields() -> ::std::vec::Vec<&'static #root::Field> {
                        let mut #all: ::std::vec::Vec<&'static #root::Field> = ::std::vec::Vec::new();
                        #fields
                        #all
                    }

                    fn read_fields(
                        #object: #root::Fields<'_>,
                        #faults: &mut #root::Faults,
                    ) -> ::core::option::Option<Self> {
                        #read_fields
                    }
                }

                impl #impl_generics #root::ConfigValue for #ident #ty_generics #where_clause {
                    const SENSITIVE: bool = false #sensitive;

                    fn parameter() -> #root::Parameter {
                        let mut #parameter = #root::object_parameter(<Self as #root::Config>::parameters());
                        #parameter.preset =
                            ::core::option::Option::map(#preset, <::std::string::String as ::core::convert::From<&str>>::from);
                        #parameter
                    }

                    fn read(
                        #input: #root::Input<'_>,
                        #faults: &mut #root::Faults,
                    ) -> ::core::option::Option<Self> {
                        #root::read_object(#input, #preset, #faults)
                    }

                    fn to_json(&self) -> #root::Value {
                        #to_json
                    }
                }
            };
        }
    }
}
