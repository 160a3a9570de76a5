//! A struct: an object with a parameter for each field.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::super::model::Struct;
use super::super::tokens::{called, local, mixed};
use super::Impls;
use super::group::Group;
use super::parameter::emit_parameters;

/// The impls of a struct.
pub(super) fn emit_struct(model: &Struct) -> TokenStream {
    let Struct { ident, generics, root, check, preset, fields } = model;
    let group = Group { fields, rules: format_ident!("__FIELDS", span = mixed()), root };
    let members = local("members");
    let to_json = group.emit_to_json(|field| {
        let ident = &field.ident;
        quote!(&self.#ident)
    });
    Impls {
        ident,
        generics,
        root,
        preset: match preset {
            Some(set) => quote!(::core::option::Option::Some(#set)),
            None => quote!(::core::option::Option::None::<&str>),
        },
        statics: group.emit_static(),
        variants: TokenStream::new(),
        parameters: emit_parameters(fields, root),
        fields: group.emit_fields(&local("all")),
        read_fields: emit_read_fields(&group, check.as_ref()),
        sensitive: group.emit_sensitive(),
        to_json: quote! {
            let mut #members = #root::Map::new();
            #to_json
            #root::Value::Object(#members)
        },
    }
    .emit()
}

fn emit_read_fields(group: &Group<'_>, check: Option<&syn::Path>) -> TokenStream {
    let (object, faults, before, config) =
        (local("fields"), local("faults"), local("before"), local("config"));
    let (reads, members) = (group.emit_reads(), group.emit_members());
    let before_reads = check.map(|_| quote!(let #before = #faults.len();));
    let check = check.map(|check| {
        let call = called(check, quote!(&#config));
        quote! {
            if #faults.len() == #before {
                #object.check(#call, #faults);
            }
        }
    });
    quote! {
        #before_reads
        #reads
        let #config = Self { #members };
        #check
        ::core::option::Option::Some(#config)
    }
}
