//! From tokens to the model: every attribute is read, and what is wrong with one of them is noted.

use quote::{format_ident, quote};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Token, WherePredicate};

use super::model::{Bounds, Column, Conversion, Default, Fact, Field, Named, Table};
use crate::attribute::{Known, doc, refuse, settings};
use crate::case::{Case, plain, table_name};
use crate::encoding::{Chosen, Usually};
use crate::errors::Errors;
use crate::types;

const ON_STRUCT: Known = Known {
    attribute: "table",
    place: "a struct",
    names: &[
        "name",
        "rename_all",
        "title",
        "comments",
        "primary_key",
        "unique",
        "sorted_by",
        "partitioned_by",
        "incremental",
        "strings",
        "timestamps",
        "lists",
        "deny_unknown",
        "view",
        "metadata",
        "bound",
        "crate",
    ],
    more: &[],
    repeatable: &["metadata", "unique"],
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
        "unique",
        "sorted",
        "partition",
        "incremental",
        "nullable",
        "flatten",
        "json",
        "display",
        "with",
        "extension",
        "metadata",
    ],
    more: &crate::encoding::SETTINGS,
    repeatable: &["alias", "metadata"],
};

/// Metadata keys, as `flexconnect_core::table::metadata` has them.
const NAME: &str = "flexconnect:name";
const TITLE: &str = "flexconnect:title";
const COMMENT: &str = "comment";

/// The format's own key.
const EXTENSION: &str = "ARROW:extension:name";

pub(super) fn table(input: DeriveInput, errors: &mut Errors) -> Table {
    let name = table_name(&plain(&input.ident));
    let mut table = Table {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        generics: input.generics.clone(),
        private: quote!(::flexconnect_core::__private),
        name,
        metadata: Vec::new(),
        facts: Vec::new(),
        flattened: Vec::new(),
        deny_unknown: false,
        view: None,
        hidden: false,
        bounds: Bounds::default(),
        hides_types: false,
        fields: Vec::new(),
        broken: false,
    };
    let usual = on_struct(&input, &mut table, errors);
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => {
                for field in &fields.named {
                    // Named fields have names.
                    let Some(ident) = field.ident.clone() else { continue };
                    let own = plain(&ident);
                    let name = usual.case.map_or(own.clone(), |case| case.of_field(&own));
                    let before = errors.len();
                    let mut parsed = self::field(field, ident, name, &ON_FIELD, &usual, errors);
                    if errors.len() > before {
                        // A column with a mistake in it would only cause more of them.
                        parsed.column = None;
                        parsed.broken = true;
                    }
                    table.fields.push(parsed);
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

/// What the struct says of all its fields.
#[derive(Default)]
pub(crate) struct Usual {
    case: Option<Case>,
    comments: bool,
    encodings: Usually,
}

fn on_struct(input: &DeriveInput, table: &mut Table, errors: &mut Errors) -> Usual {
    refuse(
        &input.attrs,
        "column",
        "the struct takes `#[table(..)]`; `#[column(..)]` is for its fields",
        errors,
    );
    let mut usual = Usual::default();
    let mut title = None;
    let mut metadata = Vec::new();
    for setting in settings(&input.attrs, &ON_STRUCT, errors) {
        match plain(&setting.name).as_str() {
            "name" => {
                if let Some(text) = setting.name_text(errors) {
                    table.name = text.value();
                }
            }
            "rename_all" => usual.case = setting.text(errors).and_then(|text| Case::parse(&text, errors)),
            "title" => title = setting.text(errors).map(|text| text.value()),
            "comments" => usual.comments = setting.flag(errors),
            "strings" | "timestamps" | "lists" => usual.encodings.take(&setting, errors),
            "deny_unknown" => table.deny_unknown = setting.flag(errors),
            "view" => {
                table.view = match setting.given {
                    crate::attribute::Given::Nothing => Some(format_ident!("{}Ref", table.ident)),
                    _ => setting.text(errors).and_then(|text| match text.parse() {
                        Ok(ident) => Some(ident),
                        Err(_) => {
                            errors.at(&text, "`view` takes the name of a type: `view = \"RowRef\"`");
                            None
                        }
                    }),
                }
            }
            "metadata" => metadata.extend(setting.pairs(errors)),
            "bound" => bound(&setting, table, errors),
            "crate" => {
                if let Some(path) = setting.path(errors) {
                    table.private = quote!(#path::__private);
                }
            }
            name => {
                if let Some(fact) = Fact::on_struct(name) {
                    let example = format!("{name}(a, b)");
                    table.facts.push((fact, columns(fact, setting.list(&example, errors), errors)));
                }
            }
        }
    }
    table.metadata.push((NAME.to_owned(), table.name.clone()));
    table.metadata.extend(title.map(|title| (TITLE.to_owned(), title)));
    let comment = if usual.comments { doc(&input.attrs) } else { None };
    table.metadata.extend(comment.map(|comment| (COMMENT.to_owned(), comment)));
    table.metadata.extend(metadata);
    usual
}

/// `bound = "T: Column"`, or `bound(write = "..", read = "..")`.
fn bound(setting: &crate::attribute::Setting, table: &mut Table, errors: &mut Errors) {
    const EXAMPLE: &str = "`bound` takes bounds as a `where` does: `bound = \"T: Column\"`, or `bound(write = \"..\", read = \"..\")`";
    let parsed = |text: &syn::LitStr, errors: &mut Errors| {
        let predicates = text.parse_with(Punctuated::<WherePredicate, Token![,]>::parse_terminated);
        if predicates.is_err() {
            errors.at(text, EXAMPLE);
        }
        predicates.ok().map(|predicates| predicates.into_iter().collect())
    };
    match &setting.given {
        crate::attribute::Given::Value(tokens) => match syn::parse2::<syn::LitStr>(tokens.clone()) {
            Ok(text) => {
                table.bounds.write = parsed(&text, errors);
                table.bounds.read = table.bounds.write.clone();
            }
            Err(_) => errors.at(tokens, EXAMPLE),
        },
        crate::attribute::Given::List(tokens) => {
            let pair = |input: syn::parse::ParseStream<'_>| {
                Ok((input.parse::<syn::Ident>()?, input.parse::<Token![=]>()?, input.parse::<syn::LitStr>()?))
            };
            let pairs = |input: syn::parse::ParseStream<'_>| {
                Punctuated::<_, Token![,]>::parse_terminated_with(input, pair)
            };
            let Ok(pairs) = syn::parse::Parser::parse2(pairs, tokens.clone()) else {
                return errors.at(&setting.name, EXAMPLE);
            };
            for (name, _, text) in pairs {
                match plain(&name).as_str() {
                    "write" => table.bounds.write = parsed(&text, errors),
                    "read" => table.bounds.read = parsed(&text, errors),
                    _ => errors.at(&name, EXAMPLE),
                }
            }
        }
        crate::attribute::Given::Nothing => errors.at(&setting.name, EXAMPLE),
    }
}

/// The columns in `primary_key(a, "b c")` or `sorted_by(a, b desc)`.
fn columns(fact: Fact, parts: Vec<proc_macro2::TokenStream>, errors: &mut Errors) -> Vec<Named> {
    let mut columns: Vec<Named> = Vec::new();
    for part in parts {
        let named = |input: syn::parse::ParseStream<'_>| -> syn::Result<(String, bool)> {
            let name = if input.peek(syn::LitStr) {
                input.parse::<syn::LitStr>()?.value()
            } else {
                plain(&input.parse()?)
            };
            let order = input.parse::<Option<syn::Ident>>()?.map(|order| order.to_string());
            match (order.as_deref(), fact) {
                (None, _) | (Some("asc"), Fact::SortedBy) => Ok((name, false)),
                (Some("desc"), Fact::SortedBy) => Ok((name, true)),
                _ => Err(input.error("")),
            }
        };
        match syn::parse::Parser::parse2(named, part.clone()) {
            Ok((name, _)) if columns.iter().any(|other| other.name == name) => {
                let which = if fact == Fact::PrimaryKey { "the key" } else { "the list" };
                errors.at(part, format!("`{name}` is in {which} twice"));
            }
            Ok((name, descending)) => columns.push(Named { name, span: part.span(), descending }),
            Err(_) if fact == Fact::SortedBy => {
                errors.at(part, "expected the name of a field, with `asc` or `desc` after it, or nothing");
            }
            Err(_) => errors.at(part, "expected the name of a field"),
        }
    }
    columns
}

/// A field by its attributes; `name` is the column's unless they say another.
pub(crate) fn field(
    field: &syn::Field,
    ident: syn::Ident,
    name: String,
    known: &Known,
    usual: &Usual,
    errors: &mut Errors,
) -> Field {
    refuse(&field.attrs, "table", "a field takes `#[column(..)]`; `#[table(..)]` is for the struct", errors);
    let mut column = Column {
        name,
        name_span: ident.span(),
        aliases: Vec::new(),
        encoding: crate::encoding::Encoding::Natural,
        conversion: Conversion::None,
        nullable: false,
        optional: false,
        facts: Vec::new(),
        metadata: Vec::new(),
    };
    let mut skip = None;
    let mut default = Default::None;
    let mut chosen = Chosen::default();
    let mut of_column = Vec::new();
    let mut conversion: Option<(syn::Ident, Conversion)> = None;
    for setting in settings(&field.attrs, known, errors) {
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
            "nullable" => column.nullable = setting.flag(errors),
            "metadata" => column.metadata.extend(setting.pairs(errors)),
            "extension" => {
                let name = setting.name_text(errors).map(|text| text.value());
                column.metadata.extend(name.map(|name| (EXTENSION.to_owned(), name)));
            }
            "json" | "display" | "with" | "flatten" => {
                if let Some((other, _)) = &conversion {
                    errors.at(
                        &setting.name,
                        format!("the field says `{other}` already: it is converted one way"),
                    );
                } else if let Some(found) = self::conversion(&setting, errors) {
                    conversion = Some((setting.name.clone(), found));
                }
            }
            name => {
                if let Some(fact) = Fact::on_field(name)
                    && setting.flag(errors)
                {
                    column.facts.push((fact, setting.name.span()));
                }
            }
        }
    }
    if skip.is_some() || types::is_phantom(&field.ty) {
        for name in of_column {
            errors.at(&name, format!("`{name}` has no effect on a field that is not a column"));
        }
        if matches!(default, Default::None) {
            default = Default::Trait;
        }
        let vis = field.vis.clone();
        return Field { ident, vis, ty: field.ty.clone(), default, column: None, broken: false };
    }
    if let Some((name, found)) = conversion {
        if matches!(found, Conversion::Flatten(_)) {
            let others = of_column.iter().filter(|other| **other != name);
            others.for_each(|other| errors.at(other, format!("`{other}` has no effect beside `flatten`")));
            if types::is_option(&field.ty) {
                errors.at(&field.ty, "`flatten` is for a struct that is always there, not for an `Option`");
            }
        }
        column.conversion = found;
    }
    if let Some(name) = chosen.runs() {
        match &column.conversion {
            Conversion::None => column.conversion = Conversion::Runs,
            _ => errors.at(name, "a column of runs holds the field as it is, not converted or flattened"),
        }
    }
    column.encoding = match &column.conversion {
        Conversion::None | Conversion::Runs => {
            usual.encodings.apply(&field.ty, chosen.finish(&field.ty, errors))
        }
        // What the column holds is not the field's type, of which `fits` would speak.
        _ => chosen.finish(&syn::parse_quote!(__Converted), errors),
    };
    let comment = if usual.comments { doc(&field.attrs) } else { None };
    column.metadata.extend(comment.map(|comment| (COMMENT.to_owned(), comment)));
    let (vis, ty) = (field.vis.clone(), field.ty.clone());
    Field { ident, vis, ty, default, column: Some(column), broken: false }
}

/// `json`, `display`, `with = "module"`, `flatten` or `flatten(prefix = "..")`.
fn conversion(setting: &crate::attribute::Setting, errors: &mut Errors) -> Option<Conversion> {
    match plain(&setting.name).as_str() {
        "json" => setting.flag(errors).then_some(Conversion::Json),
        "display" => setting.flag(errors).then_some(Conversion::Display),
        "with" => setting.path(errors).map(Conversion::With),
        _ => match &setting.given {
            crate::attribute::Given::Nothing => Some(Conversion::Flatten(String::new())),
            crate::attribute::Given::List(tokens) => {
                let prefix = |input: syn::parse::ParseStream<'_>| -> syn::Result<syn::LitStr> {
                    let name: syn::Ident = input.parse()?;
                    input.parse::<syn::Token![=]>()?;
                    if name == "prefix" { input.parse() } else { Err(input.error("")) }
                };
                match syn::parse::Parser::parse2(prefix, tokens.clone()) {
                    Ok(prefix) => Some(Conversion::Flatten(prefix.value())),
                    Err(_) => {
                        errors.at(
                            &setting.name,
                            "`flatten` takes a prefix or nothing: `flatten(prefix = \"home_\")`",
                        );
                        None
                    }
                }
            }
            crate::attribute::Given::Value(tokens) => {
                errors.at(tokens, "`flatten` takes a prefix or nothing: `flatten(prefix = \"home_\")`");
                None
            }
        },
    }
}
