//! An enum with data: an object with a tag, and the parameters of the variant that the tag names.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::super::model::{Body, Tagged, TaggedVariant};
use super::super::tokens::{local, mixed, name_text, reads_fields};
use super::Impls;
use super::choice::{choice, spellings};
use super::group::Group;
use super::parameter::emit_parameters;

/// The impls of an enum with data.
pub(super) fn emit_tagged(model: &Tagged) -> TokenStream {
    let Tagged { ident, generics, root, tag, .. } = model;
    let groups: Vec<_> =
        model.variants.iter().enumerate().map(|(index, one)| group(index, one, root)).collect();
    let (tag, all) = (name_text(tag), local("all"));
    let statics = groups.iter().flatten().map(Group::emit_static);
    let fields =
        model.variants.iter().zip(&groups).map(|(one, group)| emit_fields(one, group.as_ref(), root));
    let sensitive = model.variants.iter().zip(&groups).map(|(one, group)| match (&one.body, group) {
        (Body::Struct(ty), _) => {
            let sensitive = reads_fields(ty, root, quote!(HOLDS_SECRET));
            quote!(|| #sensitive)
        }
        (_, Some(group)) => group.emit_sensitive(),
        (_, None) => TokenStream::new(),
    });
    Impls {
        ident,
        generics,
        root,
        preset: quote!(::core::option::Option::None::<&str>),
        statics: quote! {
            static __TAG: #root::Field = #root::Field::new(#tag, &[]);
            #(#statics)*
        },
        variants: emit_variants(model),
        parameters: emit_all_parameters(model),
        fields: quote! {
            #all.push(&__TAG);
            #(#fields)*
        },
        read_fields: emit_read_fields(model, &groups),
        sensitive: sensitive.collect(),
        to_json: emit_to_json(model, &groups),
    }
    .emit()
}

/// What a condition can name.
fn emit_variants(model: &Tagged) -> TokenStream {
    let Tagged { tag, variants, .. } = model;
    let tag = name_text(tag);
    let pairs = variants.iter().map(|one| {
        let (ident, name) = (one.variant.ident.to_string(), name_text(&one.variant.name));
        quote!((#ident, #name))
    });
    let arms = variants.iter().map(|one| {
        let (ident, name) = (&one.variant.ident, name_text(&one.variant.name));
        quote!(Self::#ident { .. } => #name,)
    });
    quote! {
        const TAG: &'static str = #tag;
        const VARIANTS: &'static [(&'static str, &'static str)] = &[#(#pairs),*];

        fn variant(&self) -> &'static str {
            match self {
                #(#arms)*
            }
        }
    }
}

/// The fields of a variant, if it has fields of its own.
fn group<'a>(index: usize, one: &'a TaggedVariant, root: &'a syn::Path) -> Option<Group<'a>> {
    let Body::Fields(fields) = &one.body else { return None };
    Some(Group { fields, rules: format_ident!("__FIELDS_{index}", span = mixed()), root })
}

/// Statements that add the fields of a variant to the list.
fn emit_fields(one: &TaggedVariant, group: Option<&Group<'_>>, root: &syn::Path) -> TokenStream {
    let all = local("all");
    match (&one.body, group) {
        (Body::Struct(ty), _) => {
            let fields = reads_fields(ty, root, quote!(fields()));
            quote!(#all.extend(#fields);)
        }
        (_, Some(group)) => group.emit_fields(&all),
        (_, None) => TokenStream::new(),
    }
}

/// Statements that add the tag and the parameters of all variants, each under the condition that it is chosen.
fn emit_all_parameters(model: &Tagged) -> TokenStream {
    let Tagged { root, label, help, variants, .. } = model;
    let (all, whole, parameter, tag) =
        (local("all"), local("whole"), local("parameter"), name_text(&model.tag));
    let choices = variants.iter().map(|one| choice(&one.variant, root));
    let default = variants.iter().find(|one| one.default.is_some()).map(|one| {
        let name = name_text(&one.variant.name);
        quote! {
            #parameter.required = false;
            #parameter.default = ::core::option::Option::Some(<#root::Value as ::core::convert::From<&str>>::from(#name));
        }
    });
    let add = variants.iter().map(|one| {
        let name = name_text(&one.variant.name);
        let own = match &one.body {
            Body::Nothing => return TokenStream::new(),
            Body::Struct(ty) => {
                let members = reads_fields(ty, root, quote!(members()));
                quote!(#all.extend(#members);)
            }
            Body::Fields(fields) => emit_parameters(fields, root),
        };
        quote! {
            #whole.extend(#root::of_variant(
                {
                    let mut #all: ::std::vec::Vec<#root::Parameter> = ::std::vec::Vec::new();
                    #own
                    #all
                },
                #tag,
                #name,
            ));
        }
    });
    let in_section =
        model.section.as_ref().map(|section| quote!(let #whole = #root::in_section(#whole, #section);));
    let with_help =
        model.section_help.as_ref().map(|help| quote!(let #whole = #root::with_section_help(#whole, #help);));
    quote! {
        let mut #parameter = #root::Parameter::choice([#(#choices),*]);
        #parameter.name = ::std::convert::From::from(#tag);
        #parameter.label = ::std::convert::From::from(#label);
        #parameter.help = ::std::convert::From::from(#help);
        #default
        let mut #whole: ::std::vec::Vec<#root::Parameter> = ::std::vec::Vec::from([#parameter]);
        #(#add)*
        #in_section
        #with_help
        #all.extend(#whole);
    }
}

fn emit_read_fields(model: &Tagged, groups: &[Option<Group<'_>>]) -> TokenStream {
    let Tagged { root, variants, .. } = model;
    let (object, faults, all) = (local("fields"), local("faults"), local("all"));
    let every = variants.iter().map(|one| spellings(&one.variant));
    let default = match variants.iter().find(|one| one.default.is_some()) {
        Some(one) => {
            let name = name_text(&one.variant.name);
            quote!(::core::option::Option::Some(#name))
        }
        None => quote!(::core::option::Option::None),
    };
    let arms = variants.iter().zip(groups).map(|(one, group)| {
        let (name, ident) = (name_text(&one.variant.name), &one.variant.ident);
        let fields = emit_fields(one, group.as_ref(), root);
        let (reads, value) = match (&one.body, group) {
            (Body::Struct(ty), _) => {
                let read = reads_fields(ty, root, quote!(read_fields));
                (TokenStream::new(), quote!(Self::#ident(#read(#object, #faults)?)))
            }
            (_, Some(group)) => {
                let members = group.emit_members();
                (group.emit_reads(), quote!(Self::#ident { #members }))
            }
            (_, None) => (TokenStream::new(), quote!(Self::#ident)),
        };
        quote! {
            #name => {
                #[allow(unused_mut)]
                let mut #all: ::std::vec::Vec<&'static #root::Field> = ::std::vec::Vec::new();
                #fields
                #object.ignore_others(&__TAG, &<Self as #root::ReadFields>::fields(), &#all, #faults);
                #reads
                ::core::option::Option::Some(#value)
            }
        }
    });
    quote! {
        match #object.variant(&__TAG, &[#(#every),*], #default, #faults)? {
            #(#arms)*
            _ => ::core::option::Option::None,
        }
    }
}

fn emit_to_json(model: &Tagged, groups: &[Option<Group<'_>>]) -> TokenStream {
    let Tagged { root, variants, .. } = model;
    let (members, inner, tag) = (local("members"), local("inner"), name_text(&model.tag));
    let arms = variants.iter().zip(groups).map(|(one, group)| {
        let (name, ident) = (name_text(&one.variant.name), &one.variant.ident);
        let (pattern, add) = match (&one.body, group) {
            (Body::Struct(ty), _) => {
                let put = reads_fields(ty, root, quote!(put_into));
                (quote!(Self::#ident(#inner)), quote!(#put(#inner, &mut #members);))
            }
            (_, Some(group)) => {
                let bindings = group.fields.iter().map(|field| {
                    let (ident, binding) = (&field.ident, binding(&field.ident));
                    quote!(#ident: #binding)
                });
                let add = group.emit_to_json(|field| {
                    let binding = binding(&field.ident);
                    quote!(#binding)
                });
                (quote!(Self::#ident { #(#bindings),* }), add)
            }
            (_, None) => (quote!(Self::#ident), TokenStream::new()),
        };
        quote! {
            #pattern => {
                #members.insert(
                    <::std::string::String as ::core::convert::From<&str>>::from(#tag),
                    <#root::Value as ::core::convert::From<&str>>::from(#name),
                );
                #add
            }
        }
    });
    quote! {
        let mut #members = #root::Map::new();
        match self {
            #(#arms)*
        }
        #root::Value::Object(#members)
    }
}

/// The variable of a field in a pattern.
fn binding(ident: &proc_macro2::Ident) -> proc_macro2::Ident {
    format_ident!("__of_{}", ident, span = mixed())
}
