//! What the fields say together: names, keys, and types that cannot be columns.

use std::collections::HashMap;

use syn::Type;

use super::model::Table;
use crate::attribute::nearest;
use crate::case::plain;
use crate::errors::Errors;
use crate::types;

/// Metadata key, as `flexconnect_core::table::metadata` has it.
const PRIMARY_KEY: &str = "flexconnect:primary_key";

pub(super) fn table(table: &mut Table, errors: &mut Errors) {
    names(table, errors);
    let key = key(table, errors);
    if !key.is_empty() {
        table.metadata.push((PRIMARY_KEY.to_owned(), json(&key)));
    }
    types(table, errors);
}

/// No two columns have one name, and no alias is another column's.
fn names(table: &mut Table, errors: &mut Errors) {
    let mut seen: HashMap<String, String> = HashMap::new();
    let mut twice = Vec::new();
    for (at, field) in table.fields.iter().enumerate() {
        let Some(column) = &field.column else { continue };
        if let Some(first) = seen.insert(column.name.clone(), plain(&field.ident)) {
            let message = format!("the column `{}` is there already: it is the field `{first}`", column.name);
            errors.push(syn::Error::new(column.name_span, message));
            twice.push(at);
        }
    }
    for field in &table.fields {
        let own = plain(&field.ident);
        for (alias, span) in field.column.iter().flat_map(|column| &column.aliases) {
            match seen.get(alias) {
                Some(other) if *other == own => {
                    errors.push(syn::Error::new(*span, format!("`{alias}` is this column's name already")));
                }
                Some(other) => {
                    let message =
                        format!("`{alias}` is the name of another column: it is the field `{other}`");
                    errors.push(syn::Error::new(*span, message));
                }
                None => {
                    seen.insert(alias.clone(), own.clone());
                }
            }
        }
    }
    for at in twice {
        table.fields[at].column = None;
        table.fields[at].broken = true;
    }
}

/// The columns of the key, by the names they have in the batch.
fn key(table: &Table, errors: &mut Errors) -> Vec<String> {
    let on_fields: Vec<_> =
        table.columns().filter_map(|(field, column)| Some((plain(&field.ident), column.key?))).collect();
    if let (false, Some((_, span))) = (table.key.is_empty(), on_fields.first()) {
        let message = "the struct says `primary_key(..)` already: name this field there";
        errors.push(syn::Error::new(*span, message));
    }
    let written = if table.key.is_empty() { &on_fields } else { &table.key };
    let mut key = Vec::new();
    for (name, span) in written {
        let by_field = |(field, _): &(&super::model::Field, _)| plain(&field.ident) == *name;
        let by_column = |(_, column): &(&super::model::Field, &super::model::Column)| column.name == *name;
        let found = table.columns().find(by_field).or_else(|| table.columns().find(by_column));
        match found {
            Some((field, column)) if types::is_option(&field.ty) || column.nullable => {
                let message = format!("`{name}` can be null, and a column of the key cannot");
                errors.push(syn::Error::new(*span, message));
            }
            Some((_, column)) => key.push(column.name.clone()),
            None => {
                let field = table.fields.iter().find(|field| plain(&field.ident) == *name);
                if field.is_some_and(|field| field.broken) {
                    continue;
                }
                let names: Vec<String> = table.fields.iter().map(|field| plain(&field.ident)).collect();
                let message = match nearest(name, names.iter().map(String::as_str)) {
                    _ if field.is_some() => format!("`{name}` is not a column, so it cannot be in the key"),
                    Some(near) => format!("there is no column `{name}`, did you mean `{near}`?"),
                    None => format!("there is no column `{name}`"),
                };
                errors.push(syn::Error::new(*span, message));
            }
        }
    }
    key
}

/// Types that no impl could ever make a column.
fn types(table: &mut Table, errors: &mut Errors) {
    for field in &mut table.fields {
        let Some(column) = &field.column else { continue };
        let name = &column.name;
        let message = if nested_option(&field.ty) {
            format!("`{name}` is an `Option` in an `Option`: Arrow has one level of null")
        } else if types::names(&field.ty, &table.ident) {
            format!("`{name}` contains its own table, and an Arrow type is finite: use `#[column(skip)]`")
        } else if types::borrows(&field.ty) && types::is_generic(&field.ty, &table.generics) {
            format!("`{name}` is both borrowed and generic: a column can be one of them")
        } else if let Some(what) = never_a_column(&field.ty) {
            format!("`{name}` is {what}, which cannot be a column: use `#[column(skip)]`")
        } else {
            continue;
        };
        errors.at(&field.ty, message);
        field.column = None;
    }
}

fn nested_option(ty: &Type) -> bool {
    if types::argument_of(ty, "Option").is_some_and(types::is_option) {
        return true;
    }
    ["Option", "Vec", "Box", "Arc", "Rc"]
        .iter()
        .find_map(|container| types::argument_of(ty, container))
        .is_some_and(nested_option)
}

fn never_a_column(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Ptr(_) => Some("a raw pointer"),
        Type::FnPtr(_) => Some("a function"),
        Type::TraitObject(_) => Some("a trait object"),
        Type::Tuple(tuple) if !tuple.elems.is_empty() => Some("a tuple"),
        Type::Reference(reference) => {
            if reference.mutability.is_some() {
                return Some("a mutable reference");
            }
            never_a_column(&reference.elem)
        }
        _ => ["Option", "Vec", "Box", "Arc", "Rc"]
            .iter()
            .find_map(|container| types::argument_of(ty, container))
            .and_then(never_a_column),
    }
}

/// A JSON list of names.
fn json(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    format!("[{}]", quoted.join(","))
}

fn quoted(name: &str) -> String {
    let mut text = String::from("\"");
    for letter in name.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            control if control.is_control() => text.push_str(&format!("\\u{:04x}", u32::from(control))),
            letter => text.push(letter),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_json() {
        assert_eq!(json(&["a".to_owned(), "b \"c\"\n".to_owned()]), r#"["a","b \"c\"\u000a"]"#);
    }
}
