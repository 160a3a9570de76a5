//! From tokens to the model, with every mistake noted.

use std::collections::HashMap;

use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DataEnum, DataStruct, DeriveInput, Fields, Member};

use super::model::{Column, Layout, Shape, TEXTS, Variant};
use crate::attribute::{Known, refuse, settings};
use crate::case::{Case, plain};
use crate::encoding::{Chosen, Encoding};
use crate::errors::Errors;

const ON_ENUM: Known =
    Known { attribute: "column", place: "an enum", names: &["rename_all", "as", "crate"], repeatable: &[] };

const ON_VARIANT: Known =
    Known { attribute: "column", place: "a variant", names: &["rename", "alias"], repeatable: &["alias"] };

const ON_NEWTYPE: Known =
    Known { attribute: "column", place: "a struct with one field", names: &["crate"], repeatable: &[] };

const ON_INNER: Known = Known {
    attribute: "column",
    place: "the field of a newtype",
    names: &crate::encoding::SETTINGS,
    repeatable: &[],
};

/// The keys of a dictionary are at most `Int16`.
const MOST_VARIANTS: usize = 1 << 15;

pub(super) fn column(input: DeriveInput, errors: &mut Errors) -> Column {
    let mut column = Column {
        ident: input.ident.clone(),
        generics: input.generics.clone(),
        private: quote!(::flexconnect_core::__private),
        shape: Shape::Broken,
    };
    refuse(&input.attrs, "table", "a column type takes `#[column(..)]`", errors);
    match &input.data {
        Data::Enum(data) => fieldless(&input, data, &mut column, errors),
        Data::Struct(data) => newtype(&input, data, &mut column, errors),
        Data::Union(_) => errors.at(&input.ident, "a union cannot be a column"),
    }
    column
}

fn fieldless(input: &DeriveInput, data: &DataEnum, column: &mut Column, errors: &mut Errors) {
    let mut case = None;
    let mut layout = Layout::Dictionary;
    for setting in settings(&input.attrs, &ON_ENUM, errors) {
        match plain(&setting.name).as_str() {
            "rename_all" => case = setting.text(errors).and_then(|text| Case::parse(&text, errors)),
            "as" => {
                if let Some(text) = setting.text(errors) {
                    match TEXTS.iter().find(|name| **name == text.value()) {
                        Some(name) => layout = Layout::Text(name),
                        None => errors.at(
                            &text,
                            format!(
                                "an enum cannot be `{}`, it can be `{}`; without `as` it is a dictionary",
                                text.value(),
                                TEXTS.join("`, `")
                            ),
                        ),
                    }
                }
            }
            "crate" => {
                if let Some(path) = setting.path(errors) {
                    column.private = quote!(#path::__private);
                }
            }
            _ => {}
        }
    }
    if data.variants.is_empty() {
        errors.at(&input.ident, "an enum without variants has no values to make a column of");
    }
    if data.variants.len() > MOST_VARIANTS {
        errors.at(&input.ident, format!("an enum can have {MOST_VARIANTS} variants in a column, not more"));
    }
    if !input.generics.params.is_empty() {
        errors.at(&input.generics, "an enum without data has no use for generics");
    }
    let mut seen: HashMap<String, String> = HashMap::new();
    let mut variants = Vec::new();
    for variant in &data.variants {
        if !variant.fields.is_empty() {
            errors.at(
                &variant.fields,
                "only an enum without data can be a column: use a struct with an `Option` for each kind of data",
            );
        }
        let own = plain(&variant.ident);
        let mut name = (case.map_or(own.clone(), |case| case.of_variant(&own)), variant.ident.span());
        let mut aliases = Vec::new();
        for setting in settings(&variant.attrs, &ON_VARIANT, errors) {
            let Some(text) = setting.name_text(errors) else { continue };
            match plain(&setting.name).as_str() {
                "rename" => name = (text.value(), text.span()),
                _ => aliases.push((text.value(), text.span())),
            }
        }
        for (name, span) in std::iter::once(&name).chain(&aliases) {
            if let Some(other) = seen.insert(name.clone(), own.clone()) {
                let message = format!("the name `{name}` is there already: it is the variant `{other}`");
                errors.push(syn::Error::new(*span, message));
            }
        }
        let aliases = aliases.into_iter().map(|(alias, _)| alias).collect();
        variants.push(Variant { ident: variant.ident.clone(), name: name.0, aliases });
    }
    column.shape = Shape::Enum(variants, layout);
}

fn newtype(input: &DeriveInput, data: &DataStruct, column: &mut Column, errors: &mut Errors) {
    for setting in settings(&input.attrs, &ON_NEWTYPE, errors) {
        if let Some(path) = setting.path(errors) {
            column.private = quote!(#path::__private);
        }
    }
    let mut fields = data.fields.iter();
    let (Fields::Unnamed(_), Some(field), None) = (&data.fields, fields.next(), fields.next()) else {
        errors.at(
            &input.ident,
            "`#[derive(Column)]` takes a struct with one unnamed field, as `struct Id(u64)`; a struct with named fields is a \
             table: `#[derive(Table)]`",
        );
        return;
    };
    let mut chosen = Chosen::default();
    for setting in settings(&field.attrs, &ON_INNER, errors) {
        chosen.take(&setting, errors);
    }
    let encoding: Encoding = chosen.finish(&field.ty, errors);
    column.shape = Shape::Newtype {
        member: Member::Unnamed(syn::Index { index: 0, span: field.span() }),
        ty: Box::new(field.ty.clone()),
        encoding,
    };
}
