//! From tokens to the model, with every mistake noted.

use std::collections::HashMap;

use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DataEnum, DataStruct, DeriveInput, Fields, Member};

use super::data::{self, OfData};
use super::model::{Column, Layout, Shape, TEXTS, Variant};
use crate::attribute::{Known, refuse, settings};
use crate::case::{Case, plain};
use crate::encoding::{Chosen, Encoding};
use crate::errors::Errors;

const ON_ENUM: Known = Known {
    attribute: "column",
    place: "an enum",
    names: &["rename_all", "as", "repr", "tagged", "tag", "sparse", "crate"],
    more: &[],
    repeatable: &[],
};

const ON_VARIANT: Known = Known {
    attribute: "column",
    place: "a variant",
    names: &["rename", "alias", "tag", "null"],
    more: &[],
    repeatable: &["alias"],
};

const ON_NEWTYPE: Known = Known {
    attribute: "column",
    place: "a struct with one field",
    names: &["crate"],
    more: &[],
    repeatable: &[],
};

pub(super) const ON_INNER: Known = Known {
    attribute: "column",
    place: "the field of a newtype",
    names: &[],
    more: &crate::encoding::SETTINGS,
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
        Data::Enum(data) => enumeration(&input, data, &mut column, errors),
        Data::Struct(data) => newtype(&input, data, &mut column, errors),
        Data::Union(_) => errors.at(&input.ident, "a union cannot be a column"),
    }
    column
}

fn enumeration(input: &DeriveInput, data: &DataEnum, column: &mut Column, errors: &mut Errors) {
    let has_data = data.variants.iter().any(|variant| !variant.fields.is_empty());
    let mut case = None;
    let mut layout = Layout::Dictionary;
    let mut chosen = OfData::default();
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
            "repr" => match repr_of(&input.attrs) {
                _ if !setting.flag(errors) => {}
                Some(integer) => layout = Layout::Repr(integer),
                None => errors.at(
                    &setting.name,
                    "`repr` stores the discriminant in the enum's own integer type: give it one, as `#[repr(i32)]`",
                ),
            },
            "crate" => {
                if let Some(path) = setting.path(errors) {
                    column.private = quote!(#path::__private);
                }
            }
            _ => chosen.take(&setting, errors),
        }
    }
    if has_data && layout != Layout::Dictionary {
        errors.at(&input.ident, "`as` and `repr` are for an enum without data");
    }
    if data.variants.is_empty() {
        errors.at(&input.ident, "an enum without variants has no values to make a column of");
    }
    if data.variants.len() > MOST_VARIANTS {
        errors.at(&input.ident, format!("an enum can have {MOST_VARIANTS} variants in a column, not more"));
    }
    if !has_data && !input.generics.params.is_empty() {
        errors.at(&input.generics, "an enum without data has no use for generics");
    }
    let mut seen: HashMap<String, String> = HashMap::new();
    let mut variants = Vec::new();
    for variant in &data.variants {
        let own = plain(&variant.ident);
        let mut name = (case.map_or(own.clone(), |case| case.of_variant(&own)), variant.ident.span());
        let mut aliases = Vec::new();
        for setting in settings(&variant.attrs, &ON_VARIANT, errors) {
            if chosen.take_of_variant(variants.len(), variant, &setting, errors) {
                continue;
            }
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
    column.shape = if has_data {
        data::shape(input, data, variants, &seen, case, chosen, errors)
    } else {
        chosen.refuse(errors);
        Shape::Enum(variants, layout)
    };
}

/// The integer in `#[repr(i32)]`.
fn repr_of(attributes: &[syn::Attribute]) -> Option<syn::Ident> {
    let mut found = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        let integer = |meta: syn::meta::ParseNestedMeta<'_>| {
            const INTEGERS: [&str; 10] =
                ["i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize"];
            if let Some(ident) = meta.path.get_ident()
                && INTEGERS.contains(&ident.to_string().as_str())
            {
                found = Some(ident.clone());
            }
            Ok(())
        };
        // What is wrong with `repr` is for the compiler to say.
        let _ = attribute.parse_nested_meta(integer);
    }
    found
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
    if let Some(name) = chosen.runs() {
        errors.at(name, "`RunEndEncoded` is for a field of a table");
    }
    let encoding: Encoding = chosen.finish(&field.ty, errors);
    column.shape = Shape::Newtype {
        member: Member::Unnamed(syn::Index { index: 0, span: field.span() }),
        ty: Box::new(field.ty.clone()),
        encoding,
    };
}
