//! From tokens to the model: every attribute is read, and what is wrong with one of them is noted.

use proc_macro2::Span;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields};

use super::model::{Column, Default, Field, Table};
use crate::attribute::{Known, doc, refuse, settings};
use crate::case::{Case, plain, table_name};
use crate::encoding::Chosen;
use crate::errors::Errors;
use crate::types;

const ON_STRUCT: Known = Known {
    attribute: "table",
    place: "a struct",
    names: &["name", "rename_all", "title", "comments", "primary_key", "metadata", "crate"],
    repeatable: &["metadata"],
};

const ON_FIELD: Known = Known {
    attribute: "column",
    place: "a field",
    names: &[
        "rename",
        "alias",
        "skip",
        "default",
        "primary_key",
        "nullable",
        "as",
        "unit",
        "tz",
        "decimal",
        "list",
        "metadata",
    ],
    repeatable: &["alias", "metadata"],
};

/// Metadata keys, as `flexconnect_core::table::metadata` has them.
const NAME: &str = "flexconnect:name";
const TITLE: &str = "flexconnect:title";
const COMMENT: &str = "comment";

pub(super) fn table(input: DeriveInput, errors: &mut Errors) -> Table {
    let name = table_name(&plain(&input.ident));
    let mut table = Table {
        ident: input.ident.clone(),
        generics: input.generics.clone(),
        private: quote!(::flexconnect_core::__private),
        name,
        metadata: Vec::new(),
        key: Vec::new(),
        fields: Vec::new(),
        broken: false,
    };
    let (case, comments) = on_struct(&input, &mut table, errors);
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => {
                for field in &fields.named {
                    let before = errors.len();
                    let mut parsed = self::field(field, case, comments, errors);
                    if errors.len() > before
                        && let Some(parsed) = &mut parsed
                    {
                        // A column with a mistake in it would only cause more of them.
                        parsed.column = None;
                        parsed.broken = true;
                    }
                    table.fields.extend(parsed);
                }
            }
            Fields::Unnamed(_) | Fields::Unit => errors.at(
                &input.ident,
                "a table needs named fields, each of them is a column; a struct with one unnamed field can be a column: \
                 `#[derive(Column)]`",
            ),
        },
        Data::Enum(_) => errors.at(
            &input.ident,
            "an enum cannot be a table: one without data can be a column, with `#[derive(Column)]`",
        ),
        Data::Union(_) => errors.at(&input.ident, "a union cannot be a table"),
    }
    table
}

fn on_struct(input: &DeriveInput, table: &mut Table, errors: &mut Errors) -> (Option<Case>, bool) {
    refuse(
        &input.attrs,
        "column",
        "the struct takes `#[table(..)]`; `#[column(..)]` is for its fields",
        errors,
    );
    let mut case = None;
    let mut comments = false;
    let mut title = None;
    let mut metadata = Vec::new();
    for setting in settings(&input.attrs, &ON_STRUCT, errors) {
        match plain(&setting.name).as_str() {
            "name" => {
                if let Some(text) = setting.name_text(errors) {
                    table.name = text.value();
                }
            }
            "rename_all" => case = setting.text(errors).and_then(|text| Case::parse(&text, errors)),
            "title" => title = setting.text(errors).map(|text| text.value()),
            "comments" => comments = setting.flag(errors),
            "primary_key" => table.key = key(setting.list("primary_key(a, b)", errors), errors),
            "metadata" => metadata.extend(setting.pairs(errors)),
            "crate" => {
                if let Some(path) = setting.path(errors) {
                    table.private = quote!(#path::__private);
                }
            }
            _ => {}
        }
    }
    table.metadata.push((NAME.to_owned(), table.name.clone()));
    table.metadata.extend(title.map(|title| (TITLE.to_owned(), title)));
    let comment = if comments { doc(&input.attrs) } else { None };
    table.metadata.extend(comment.map(|comment| (COMMENT.to_owned(), comment)));
    table.metadata.extend(metadata);
    (case, comments)
}

/// The names in `primary_key(a, "b c")`.
fn key(parts: Vec<proc_macro2::TokenStream>, errors: &mut Errors) -> Vec<(String, Span)> {
    let mut names: Vec<(String, Span)> = Vec::new();
    for part in parts {
        let name = syn::parse2::<syn::Ident>(part.clone())
            .map(|ident| plain(&ident))
            .or_else(|_| syn::parse2::<syn::LitStr>(part.clone()).map(|text| text.value()));
        match name {
            Ok(name) if names.iter().any(|(other, _)| *other == name) => {
                errors.at(part, format!("`{name}` is in the key twice"));
            }
            Ok(name) => names.push((name, part.span())),
            Err(_) => errors.at(part, "expected the name of a field"),
        }
    }
    names
}

fn field(field: &syn::Field, case: Option<Case>, comments: bool, errors: &mut Errors) -> Option<Field> {
    // Named fields have names.
    let ident = field.ident.clone()?;
    refuse(&field.attrs, "table", "a field takes `#[column(..)]`; `#[table(..)]` is for the struct", errors);
    let own = plain(&ident);
    let mut column = Column {
        name: case.map_or(own.clone(), |case| case.of_field(&own)),
        name_span: ident.span(),
        aliases: Vec::new(),
        encoding: crate::encoding::Encoding::Natural,
        nullable: false,
        key: None,
        metadata: Vec::new(),
    };
    let mut skip = None;
    let mut default = Default::None;
    let mut chosen = Chosen::default();
    let mut of_column = Vec::new();
    for setting in settings(&field.attrs, &ON_FIELD, errors) {
        let name = plain(&setting.name);
        if !["skip", "default"].contains(&name.as_str()) {
            of_column.push(setting.name.clone());
        }
        if chosen.take(&setting, errors) {
            continue;
        }
        match name.as_str() {
            "skip" => skip = setting.flag(errors).then(|| setting.name.clone()),
            "default" => {
                default = match setting.given {
                    crate::attribute::Given::Nothing => Default::Trait,
                    _ => setting.path(errors).map_or(Default::Trait, Default::Path),
                }
            }
            "rename" => {
                if let Some(text) = setting.name_text(errors) {
                    column.name = text.value();
                    column.name_span = text.span();
                }
            }
            "alias" => {
                column.aliases.extend(setting.name_text(errors).map(|text| (text.value(), text.span())))
            }
            "primary_key" => column.key = setting.flag(errors).then(|| setting.name.span()),
            "nullable" => column.nullable = setting.flag(errors),
            "metadata" => column.metadata.extend(setting.pairs(errors)),
            _ => {}
        }
    }
    if skip.is_some() || types::is_phantom(&field.ty) {
        for name in of_column {
            errors.at(&name, format!("`{name}` has no effect on a field that is not a column"));
        }
        if matches!(default, Default::None) {
            default = Default::Trait;
        }
        return Some(Field { ident, ty: field.ty.clone(), default, column: None, broken: false });
    }
    column.encoding = chosen.finish(&field.ty, errors);
    let comment = if comments { doc(&field.attrs) } else { None };
    column.metadata.extend(comment.map(|comment| (COMMENT.to_owned(), comment)));
    Some(Field { ident, ty: field.ty.clone(), default, column: Some(column), broken: false })
}
