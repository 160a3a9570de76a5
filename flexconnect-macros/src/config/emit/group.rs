//! The fields of a struct, or of one variant: how they are found and read.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::super::lower::{lower_default, lower_present};
use super::super::model::Field;
use super::super::shape::{Shape, present_type};
use super::super::tokens::{called, local, mixed, name_text, of_type, reads_fields, type_span};
use super::parameter::{emit_condition, sibling};

/// Fields that are read from one object, and the static that says how each is found.
pub(super) struct Group<'a> {
    pub(super) fields: &'a [Field],
    pub(super) rules: Ident,
    pub(super) root: &'a syn::Path,
}

impl Group<'_> {
    /// The static: a rule for each field, in their order.
    pub(super) fn emit_static(&self) -> TokenStream {
        let Group { fields, rules, root } = self;
        let (count, each) = (
            fields.len(),
            fields.iter().map(|field| {
                let (name, aliases) = (name_text(&field.name), &field.aliases);
                let secret = field.secret.map(|_| quote!(.secret()));
                let required = field.required.map(|_| quote!(.required()));
                let deprecated = field.deprecated.as_ref().map(|advice| quote!(.deprecated(#advice)));
                quote!(#root::Field::new(#name, &[#(#aliases),*]) #secret #required #deprecated)
            }),
        );
        quote!(static #rules: [#root::Field; #count] = [#(#each),*];)
    }

    /// Statements that add the fields to a list.
    pub(super) fn emit_fields(&self, list: &Ident) -> TokenStream {
        let Group { rules, root, .. } = self;
        let add = self.fields.iter().enumerate().map(|(index, field)| match field.flatten {
            Some(_) => {
                let fields = reads_fields(&field.ty, root, quote!(fields()));
                quote!(#list.extend(#fields);)
            }
            None => quote!(#list.push(&#rules[#index]);),
        });
        add.collect()
    }

    /// Statements that read the fields, each after those it depends on, and check what is read.
    pub(super) fn emit_reads(&self) -> TokenStream {
        order(self.fields).into_iter().map(|index| self.emit_read(index)).collect()
    }

    /// The members of the value that is made of what was read.
    pub(super) fn emit_members(&self) -> TokenStream {
        let members = self.fields.iter().enumerate().map(|(index, field)| {
            let (ident, value) = (&field.ident, value(index));
            quote!(#ident: #value?,)
        });
        members.collect()
    }

    /// What says whether a secret is among them.
    pub(super) fn emit_sensitive(&self) -> TokenStream {
        let each = self.fields.iter().map(|field| match (field.secret, field.flatten.is_some()) {
            (Some(_), _) => quote!(|| true),
            (None, flat) => {
                let sensitive = match flat {
                    true => reads_fields(&field.ty, self.root, quote!(HOLDS_SECRET)),
                    false => of_type(field, self.root, quote!(SENSITIVE)),
                };
                quote!(|| #sensitive)
            }
        });
        each.collect()
    }

    /// Statements that add the fields, which `place` finds, to the members of an object.
    pub(super) fn emit_to_json(&self, place: impl Fn(&Field) -> TokenStream) -> TokenStream {
        let (members, root) = (local("members"), self.root);
        let each = self.fields.iter().map(|field| {
            let (name, place) = (name_text(&field.name), place(field));
            if field.flatten.is_some() {
                let put = reads_fields(&field.ty, root, quote!(put_into));
                return quote_spanned!(type_span(field)=> #put(#place, &mut #members););
            }
            let to_json = of_type(field, root, quote!(to_json));
            let value = quote_spanned!(type_span(field)=> #to_json(#place));
            // The value is evaluated all the same, so that every field is used.
            let value = if field.secret.is_some() { quote!({ let _ = #place; #root::Value::Null }) } else { value };
            quote!(#members.insert(<::std::string::String as ::core::convert::From<&str>>::from(#name), #value);)
        });
        each.collect()
    }

    fn emit_read(&self, index: usize) -> TokenStream {
        let Group { fields, rules, root } = self;
        let (field, value) = (&fields[index], value(index));
        let (object, faults) = (local("fields"), local("faults"));
        if field.flatten.is_some() {
            let read = reads_fields(&field.ty, root, quote!(read_fields));
            return quote!(let #value = #read(#object, #faults););
        }
        let absent = of_type(field, root, quote!(absent()));
        let otherwise = match &field.default {
            Some(default) => {
                let default = lower_default(default, field, root);
                quote!(|| ::core::option::Option::Some(#default))
            }
            None => quote!(|| #absent),
        };
        let (rule, span) = (quote!(&#rules[#index]), type_span(field));
        let read = if field.visible_when.is_empty() {
            let read = of_type(field, root, quote!(read_field));
            quote_spanned!(span=> #read(&#object, #rule, #otherwise, #faults))
        } else {
            let read = of_type(field, root, quote!(read_shown));
            let shown = self.emit_shown(field);
            let default = match field.required {
                Some(_) => quote!(|| ::core::option::Option::None),
                None => otherwise.clone(),
            };
            quote_spanned!(span=> #read(&#object, #rule, #shown, #default, #otherwise, #faults))
        };
        let checks = self.emit_checks(index);
        quote! {
            let #value = #read;
            #checks
        }
    }

    /// Whether what a field depends on lets it apply.
    fn emit_shown(&self, field: &Field) -> TokenStream {
        let Group { fields, root, .. } = self;
        let parts = field.visible_when.iter().map(|condition| {
            let other = sibling(fields, &condition.field);
            let index = position(fields, other);
            let (value, condition) = (value(index), emit_condition(condition, fields, root, false));
            if other.flatten.is_some() {
                return quote_spanned!(type_span(other)=> #root::shows_variant(#value.as_ref(), #condition));
            }
            let shows = of_type(other, root, quote!(shows));
            quote_spanned!(type_span(other)=> #shows(#value.as_ref(), #condition))
        });
        quote!(#root::Shown::all([#(#parts),*]))
    }

    /// The rules a value must keep once it is there.
    fn emit_checks(&self, index: usize) -> Option<TokenStream> {
        let Group { fields, rules, root } = self;
        let (field, value) = (&fields[index], value(index));
        let (object, faults, present) = (local("fields"), local("faults"), local("present"));
        let mut checks = TokenStream::new();
        let ty = present_type(&field.ty);
        for (method, bound) in [("at_least", &field.min), ("at_most", &field.max)] {
            if let Some(bound) = bound {
                let method = Ident::new(method, syn::spanned::Spanned::span(bound).resolved_at(mixed()));
                let bound = lower_present(bound, field, root);
                checks.extend(quote!(#object.#method::<#ty>(&#rules[#index], #present, #bound, #faults);));
            }
        }
        for (method, length) in [("no_shorter", &field.min_len), ("no_longer", &field.max_len)] {
            if let Some(length) = length {
                let method = Ident::new(method, length.span().resolved_at(mixed()));
                checks.extend(quote!(#object.#method::<#ty>(&#rules[#index], #present, #length, #faults);));
            }
        }
        if let Some(pattern) = &field.pattern {
            let method = Ident::new("matches", pattern.span().resolved_at(mixed()));
            checks.extend(quote! {{
                static PATTERN: #root::Pattern = #root::Pattern::new(#pattern);
                #object.#method::<#ty>(&#rules[#index], #present, &PATTERN, #faults);
            }});
        }
        if let Some(check) = &field.check {
            let call = called(check, quote!(#present));
            checks.extend(quote!(#object.check_field(&#rules[#index], #call, #faults);));
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
}

/// The variable of what was read for a field.
fn value(index: usize) -> Ident {
    format_ident!("__value_{index}", span = mixed())
}

fn position(fields: &[Field], field: &Field) -> usize {
    let found = fields.iter().position(|other| std::ptr::eq(other, field));
    found.expect("the field is one of these")
}

/// The fields so that each comes after those it depends on, otherwise in their own order.
fn order(fields: &[Field]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(fields.len());
    // The check has refused circles, so every round finds one at least.
    while order.len() < fields.len() {
        let next = (0..fields.len()).find(|index| {
            let needs = |condition: &super::super::model::Condition| {
                order.contains(&position(fields, sibling(fields, &condition.field)))
            };
            !order.contains(index) && fields[*index].visible_when.iter().all(needs)
        });
        let Some(next) = next else { break };
        order.push(next);
    }
    order
}
