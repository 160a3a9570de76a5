//! A field as a parameter: that of its type, with what the attributes say.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Ident;

use super::super::literal::variant_of;
use super::super::lower::{lower_default, lower_present};
use super::super::model::{Condition, Field};
use super::super::tokens::{ident, local, name_text, of_type, reads_fields, type_span};
use crate::place::located;

/// Statements that add the parameters of these fields to the list.
pub(super) fn emit_parameters(fields: &[Field], root: &syn::Path) -> TokenStream {
    let all = local("all");
    let add = fields.iter().map(|field| {
        if field.flatten.is_none() {
            let parameter = emit_parameter(field, fields, root);
            return quote!(#all.push(#parameter););
        }
        let mut members = reads_fields(&field.ty, root, quote!(members()));
        if let Some(section) = &field.section {
            members = quote!(#root::in_section(#members, #section));
        }
        if let Some(help) = &field.section_help {
            members = quote!(#root::with_section_help(#members, #help));
        }
        quote!(#all.extend(#members);)
    });
    add.collect()
}

fn emit_parameter(field: &Field, fields: &[Field], root: &syn::Path) -> TokenStream {
    let Field { label, help, .. } = field;
    let parameter = local("parameter");
    let name = name_text(&field.name);
    let mut rest = TokenStream::new();
    if !help.is_empty() {
        rest.extend(quote!(#parameter.help = ::std::convert::From::from(#help);));
    }
    for alias in &field.aliases {
        rest.extend(quote!(#parameter.aliases.push(::std::convert::From::from(#alias));));
    }
    let texts = [
        ("pattern", &field.pattern),
        ("section", &field.section),
        ("section_help", &field.section_help),
        ("placeholder", &field.placeholder),
        ("deprecated", &field.deprecated),
    ];
    for (member, text) in texts {
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
            let bound = lower_present(bound, field, root);
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
    let flags = [
        ("advanced", field.advanced),
        ("multiline", field.multiline.is_some()),
        ("hidden", field.hidden.is_some()),
        ("dynamic_choices", field.dynamic_choices.is_some()),
    ];
    for (member, _) in flags.into_iter().filter(|(_, flag)| *flag) {
        let member = ident(member);
        rest.extend(quote!(#parameter.#member = true;));
    }
    for other in field.dynamic_choices.iter().flat_map(|choices| &choices.depends_on) {
        let name = name_text(&sibling(fields, other).name);
        rest.extend(quote!(#parameter.depends_on.push(::std::convert::From::from(#name));));
    }
    for condition in &field.visible_when {
        let condition = emit_condition(condition, fields, root, true);
        rest.extend(quote!(#parameter.visible_when.push(#condition);));
    }
    if let Some(default) = &field.default {
        let default = lower_default(default, field, root);
        let set_default = of_type(field, root, quote!(set_default));
        rest.extend(quote_spanned!(type_span(field)=> #set_default(&mut #parameter, #default);));
    }
    if field.required.is_some() {
        rest.extend(quote!(#parameter.required = true; #parameter.default = ::core::option::Option::None;));
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

/// What another field has to be, with its values in the way a configuration writes them.
///
/// Where it is `checked`, the compiler finds the variants of a flattened enum, and tells of those that are not there.
pub(super) fn emit_condition(
    condition: &Condition,
    fields: &[Field],
    root: &syn::Path,
    checked: bool,
) -> TokenStream {
    let positive = emit_positive(condition, fields, root, checked);
    if condition.negated { quote!(#positive.negated()) } else { positive }
}

fn emit_positive(condition: &Condition, fields: &[Field], root: &syn::Path, checked: bool) -> TokenStream {
    let other = sibling(fields, &condition.field);
    if other.flatten.is_some() {
        let ty = &other.ty;
        let values = condition.values.iter().flatten().map(|value| {
            let (variant, span) = (variant_of(value), syn::spanned::Spanned::span(value));
            let named = located(root, span);
            let variant = variant.map(|variant| variant.to_string()).unwrap_or_default();
            let value = quote_spanned!(span=> #named::variant_named::<#ty>(#variant));
            let value = if checked {
                quote!({
                    const VARIANT: &str = #value;
                    VARIANT
                })
            } else {
                value
            };
            quote!(<#root::Value as ::core::convert::From<&str>>::from(#value))
        });
        return quote!(#root::Condition::new(<#ty as #root::ReadFields>::TAG, [#(#values),*]));
    }
    let name = name_text(&other.name);
    let Some(values) = &condition.values else { return quote!(#root::Condition::given(#name)) };
    let values = values.iter().map(|value| {
        let value = lower_present(value, other, root);
        quote!(#root::ConfigValue::to_json(#value))
    });
    quote!(#root::Condition::new(#name, [#(#values),*]))
}

/// The field another one names.
pub(super) fn sibling<'a>(fields: &'a [Field], name: &Ident) -> &'a Field {
    let found = fields.iter().find(|field| field.ident == *name);
    found.expect("the check has found every field that another one names")
}
