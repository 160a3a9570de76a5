//! The impls of a model that keeps every rule.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, parse_quote};

use super::lower::{lower_bound, lower_default};
use super::model::{Choice, Field, Model, Struct};
use super::shape::{Shape, present_type};
use super::tokens::{called, ident, local, mixed, name_text, of_type, type_span};

/// The impls.
pub(crate) fn emit(model: &Model) -> TokenStream {
    match model {
        Model::Struct(model) => emit_struct(model),
        Model::Choice(model) => emit_choice(model),
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

fn emit_struct(model: &Struct) -> TokenStream {
    let Struct { ident, root, .. } = model;
    let generics = bounded(&model.generics, root);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let (values, input, faults) = (local("values"), local("input"), local("faults"));
    let parameters = model.fields.iter().map(|field| emit_parameter(field, root));
    let read_fields = emit_read_fields(model);
    let sensitive = model.fields.iter().map(|field| match field.secret {
        Some(_) => quote!(true),
        None => of_type(field, root, quote!(SENSITIVE)),
    });
    let members = model.fields.iter().map(|field| {
        let (ident, name) = (&field.ident, name_text(&field.name));
        let value = match field.secret {
            Some(_) => quote!(#root::Value::Null),
            None => {
                let (to_json, value) = (of_type(field, root, quote!(to_json)), quote!(&self.#ident));
                quote_spanned!(type_span(field)=> #to_json(#value))
            }
        };
        quote!((#name, #value))
    });
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        const _: () = {
            impl #impl_generics #root::Config for #ident #ty_generics #where_clause {
                fn parameters() -> ::std::vec::Vec<#root::Parameter> {
                    ::std::vec::Vec::from([#(#parameters),*])
                }

                fn parse(
                    #values: &#root::Map<::std::string::String, #root::Value>,
                ) -> ::core::result::Result<Self, #root::Error> {
                    #root::parse_fields(#values)
                }
            }

            impl #impl_generics #root::ReadFields for #ident #ty_generics #where_clause {
                #read_fields
            }

            impl #impl_generics #root::ConfigValue for #ident #ty_generics #where_clause {
                const SENSITIVE: bool = false #(|| #sensitive)*;

                fn parameter() -> #root::Parameter {
                    #root::object_parameter(<Self as #root::Config>::parameters())
                }

                fn read(
                    #input: #root::Input<'_>,
                    #faults: &mut #root::Faults,
                ) -> ::core::option::Option<Self> {
                    #root::read_object(#input, #faults)
                }

                fn to_json(&self) -> #root::Value {
                    #root::object_to_json([#(#members),*])
                }
            }
        };
    }
}

/// The parameter of a field: that of its type, with what the attributes say.
fn emit_parameter(field: &Field, root: &syn::Path) -> TokenStream {
    let Field { ty, label, help, .. } = field;
    let parameter = local("parameter");
    let name = name_text(&field.name);
    let mut rest = TokenStream::new();
    if !help.is_empty() {
        rest.extend(quote!(#parameter.help = ::std::convert::From::from(#help);));
    }
    for alias in &field.aliases {
        rest.extend(quote!(#parameter.aliases.push(::std::convert::From::from(#alias));));
    }
    for (member, text) in [("section", &field.section), ("placeholder", &field.placeholder)] {
        if let Some(text) = text {
            let member = ident(member);
            rest.extend(
                quote!(#parameter.#member = ::core::option::Option::Some(::std::convert::From::from(#text));),
            );
        }
    }
    for (member, bound) in [("minimum", &field.min), ("maximum", &field.max)] {
        if let Some(bound) = bound {
            let member = ident(member);
            let bound = lower_bound(bound, field, root);
            rest.extend(quote! {
                #parameter.#member = ::core::option::Option::Some(#root::ConfigValue::to_json(#bound));
            });
        }
    }
    for (member, length) in [("min_len", &field.min_len), ("max_len", &field.max_len)] {
        if let Some(length) = length {
            let member = ident(member);
            rest.extend(quote!(#parameter.#member = ::core::option::Option::Some(#length);));
        }
    }
    if field.secret.is_some() {
        rest.extend(quote!(#parameter.secret = true; #parameter.default = ::core::option::Option::None;));
    }
    if field.advanced {
        rest.extend(quote!(#parameter.advanced = true;));
    }
    if let Some(default) = &field.default {
        let default = lower_default(default, field, root);
        rest.extend(quote!(#root::set_default::<#ty>(&mut #parameter, #default);));
    }
    let of_type = of_type(field, root, quote!(parameter()));
    quote! {{
        let mut #parameter = #of_type;
        #parameter.name = ::std::convert::From::from(#name);
        #parameter.label = ::std::convert::From::from(#label);
        #rest
        #parameter
    }}
}

fn emit_read_fields(model: &Struct) -> TokenStream {
    let Struct { root, fields, .. } = model;
    let (object, faults, before, config) =
        (local("fields"), local("faults"), local("before"), local("config"));
    let values: Vec<_> =
        (0..fields.len()).map(|index| format_ident!("__value_{index}", span = mixed())).collect();
    let rules: Vec<_> =
        (0..fields.len()).map(|index| format_ident!("__FIELD_{index}", span = mixed())).collect();
    let consts = fields.iter().zip(&rules).map(|(field, rule)| {
        let (name, aliases, secret) = (name_text(&field.name), &field.aliases, field.secret.is_some());
        quote!(const #rule: #root::Field = #root::Field { name: #name, aliases: &[#(#aliases),*], secret: #secret };)
    });
    let reads = fields.iter().zip(values.iter().zip(&rules)).map(|(field, (value, rule))| {
        let ty = &field.ty;
        let default = match &field.default {
            Some(default) => {
                let default = lower_default(default, field, root);
                quote!(|| ::core::option::Option::Some(#default))
            }
            None => {
                let absent = of_type(field, root, quote!(absent()));
                quote!(|| #absent)
            }
        };
        let read = quote_spanned!(type_span(field)=> #object.read::<#ty>(&#rule, #default, #faults));
        let checks = emit_checks(field, value, rule, root);
        quote! {
            let #value = #read;
            #checks
        }
    });
    let members = fields.iter().zip(&values).map(|(field, value)| {
        let ident = &field.ident;
        quote!(#ident: #value?)
    });
    let check = model.check.as_ref().map(|check| {
        let call = called(check, quote!(&#config));
        quote! {
            if #faults.len() == #before {
                #object.check(#call, #faults);
            }
        }
    });
    let before = check.is_some().then(|| quote!(let #before = #faults.len();));
    quote! {
        fn read_fields(
            #object: #root::Fields<'_>,
            #faults: &mut #root::Faults,
        ) -> ::core::option::Option<Self> {
            #(#consts)*
            #before
            #object.refuse_unknown(&[#(#rules),*], #faults);
            #(#reads)*
            let #config = Self { #(#members),* };
            #check
            ::core::option::Option::Some(#config)
        }
    }
}

/// The rules a value must keep once it is there.
fn emit_checks(field: &Field, value: &Ident, rule: &Ident, root: &syn::Path) -> Option<TokenStream> {
    let (object, faults, present) = (local("fields"), local("faults"), local("present"));
    let mut checks = TokenStream::new();
    let ty = present_type(&field.ty);
    for (method, bound) in [("at_least", &field.min), ("at_most", &field.max)] {
        if let Some(bound) = bound {
            let method = Ident::new(method, bound.span().resolved_at(mixed()));
            let bound = lower_bound(bound, field, root);
            checks.extend(quote!(#object.#method::<#ty>(&#rule, #present, #bound, #faults);));
        }
    }
    for (method, length) in [("no_shorter", &field.min_len), ("no_longer", &field.max_len)] {
        if let Some(length) = length {
            let method = Ident::new(method, length.span().resolved_at(mixed()));
            checks.extend(quote!(#object.#method::<#ty>(&#rule, #present, #length, #faults);));
        }
    }
    if let Some(check) = &field.check {
        let call = called(check, quote!(#present));
        checks.extend(quote!(#object.check_field(&#rule, #call, #faults);));
    }
    if checks.is_empty() {
        return None;
    }
    let pattern = match field.shape {
        Shape::Option(_) => quote!(::core::option::Option::Some(::core::option::Option::Some(#present))),
        _ => quote!(::core::option::Option::Some(#present)),
    };
    Some(quote!(if let #pattern = &#value { #checks }))
}

fn emit_choice(model: &Choice) -> TokenStream {
    let Choice { ident, root, variants } = model;
    let (input, faults) = (local("input"), local("faults"));
    let choices = variants.iter().map(|variant| {
        let (name, label, help) = (name_text(&variant.name), &variant.label, &variant.help);
        quote!(#root::Choice::new(#name, #label).with_help(#help))
    });
    let spellings = variants.iter().map(|variant| {
        let (name, aliases) = (name_text(&variant.name), &variant.aliases);
        quote!(&[#name #(, #aliases)*])
    });
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let names: Vec<_> = variants.iter().map(|variant| name_text(&variant.name)).collect();
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
