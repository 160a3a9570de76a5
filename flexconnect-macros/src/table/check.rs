//! What the fields say together: names, keys, and types that cannot be columns.

use std::collections::HashMap;

use syn::Type;

use super::model::{Column, Conversion, Fact, Field, Named, Table};
use crate::attribute::nearest;
use crate::case::plain;
use crate::errors::Errors;
use crate::types;

pub(super) fn table(table: &mut Table, errors: &mut Errors) {
    names(table, errors);
    facts(table, errors);
    types(table, errors);
    if table.generics.lifetimes().next().is_some() {
        // The readers of columns are part of the view's interface, where the compiler wants no private types.
        let is_private = matches!(table.vis, syn::Visibility::Inherited);
        let own_types = || table.columns().any(|(field, _)| types::names_own_types(&field.ty));
        let hides_types = table.view.is_none() && !is_private && own_types();
        table.hides_types = hides_types;
        table.view = None;
    }
    if table.deny_unknown {
        for (field, column) in table.columns() {
            if let Conversion::Flatten(_) = column.conversion {
                errors.at(
                    &field.ident,
                    "`deny_unknown` cannot know the columns of a field that says `flatten`",
                );
            }
        }
    }
}

/// No two columns have one name, and no alias is another column's.
fn names(table: &mut Table, errors: &mut Errors) {
    let mut seen: HashMap<String, String> = HashMap::new();
    let mut twice = Vec::new();
    for (at, field) in table.fields.iter().enumerate() {
        let Some(column) = &field.column else { continue };
        if matches!(column.conversion, Conversion::Flatten(_)) {
            continue;
        }
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

/// Keys, orders and the like: the columns they name, written into the table's metadata.
fn facts(table: &mut Table, errors: &mut Errors) {
    for (fact, on_struct, _, key) in Fact::ALL {
        let on_fields: Vec<Named> = table
            .columns()
            .flat_map(|(field, column)| column.facts.iter().map(move |(found, span)| (field, found, span)))
            .filter(|(_, found, _)| **found == fact)
            .map(|(field, _, span)| Named { name: plain(&field.ident), span: *span, descending: false })
            .collect();
        let mut lists: Vec<Vec<Named>> =
            table.facts.iter().filter(|(found, _)| *found == fact).map(|(_, names)| names.clone()).collect();
        match fact {
            // Every field is unique on its own.
            Fact::Unique => lists.extend(on_fields.into_iter().map(|name| vec![name])),
            _ if lists.is_empty() => lists.extend((!on_fields.is_empty()).then_some(on_fields)),
            _ => {
                if let Some(first) = on_fields.first() {
                    let message = format!("the struct says `{on_struct}(..)` already: name this field there");
                    errors.push(syn::Error::new(first.span, message));
                }
            }
        }
        if let (Fact::Incremental, Some(second)) = (fact, lists.iter().flatten().nth(1)) {
            let message = "a table has one cursor, which grows from row to row";
            errors.push(syn::Error::new(second.span, message));
            continue;
        }
        let lists: Vec<String> = lists
            .iter()
            .map(|names| json(&columns(table, fact, names, errors)))
            .filter(|list| list != "[]")
            .collect();
        let value = match (fact, lists.first()) {
            (_, None) => continue,
            (Fact::Unique, _) => format!("[{}]", lists.join(",")),
            (_, Some(list)) => list.clone(),
        };
        table.metadata.push((key.to_owned(), value));
    }
}

/// The columns a fact names, by the names they have in the batch.
fn columns(table: &mut Table, fact: Fact, names: &[Named], errors: &mut Errors) -> Vec<String> {
    let of_key = matches!(fact, Fact::PrimaryKey);
    let has_flat = table.columns().any(|(_, column)| matches!(column.conversion, Conversion::Flatten(_)));
    let (mut found, mut flattened) = (Vec::new(), Vec::new());
    for Named { name, span, descending } in names {
        let by_field = |(field, _): &(&Field, _)| plain(&field.ident) == *name;
        let by_column = |(_, column): &(&Field, &Column)| column.name == *name;
        let named = table.columns().find(by_field).or_else(|| table.columns().find(by_column));
        let message = match named {
            Some((_, Column { conversion: Conversion::Flatten(_), .. })) => {
                format!("`{name}` is a struct whose columns are the table's: it is no column itself")
            }
            Some((field, column)) if of_key && (types::is_option(&field.ty) || column.nullable) => {
                format!("`{name}` can be null, and a column of the key cannot")
            }
            Some((field, _)) if fact == Fact::Incremental && !types::may_be_ordered(&field.ty) => {
                format!("`{name}` has no order that a cursor could follow: it is a number, a text or a time")
            }
            Some((_, column)) => {
                found.push(if *descending { format!("{} desc", column.name) } else { column.name.clone() });
                continue;
            }
            None => {
                let field = table.fields.iter().find(|field| plain(&field.ident) == *name);
                if field.is_some_and(|field| field.broken) {
                    continue;
                }
                if field.is_none() && has_flat {
                    // Only the compiler knows the columns of another struct: it is asked in what is emitted.
                    found.push(if *descending { format!("{name} desc") } else { name.clone() });
                    flattened.push((name.clone(), *span, of_key));
                    continue;
                }
                let names: Vec<String> = table.fields.iter().map(|field| plain(&field.ident)).collect();
                match nearest(name, names.iter().map(String::as_str)) {
                    _ if field.is_some() && of_key => {
                        format!("`{name}` is not a column, so it cannot be in the key")
                    }
                    _ if field.is_some() => {
                        format!("`{name}` is not a column, so `{}` cannot name it", fact.names().0)
                    }
                    Some(near) => format!("there is no column `{name}`, did you mean `{near}`?"),
                    None => format!("there is no column `{name}`"),
                }
            }
        };
        errors.push(syn::Error::new(*span, message));
    }
    table.flattened.extend(flattened);
    found
}

/// What can be done about a field that cannot be a column.
const OTHERWISE: &str = "convert it with `with`, `json` or `display`, or leave it out with `skip`";

/// Types that no impl could ever make a column.
fn types(table: &mut Table, errors: &mut Errors) {
    for field in &mut table.fields {
        let Some(column) = &field.column else { continue };
        if !matches!(column.conversion, Conversion::None) {
            continue;
        }
        let name = &column.name;
        let message = if nested_option(&field.ty) {
            format!("`{name}` is an `Option` in an `Option`: Arrow has one level of null")
        } else if types::names(&field.ty, &table.ident) {
            format!("`{name}` contains its own table, and an Arrow type is finite: {OTHERWISE}")
        } else if types::borrows(&field.ty) && types::is_generic(&field.ty, &table.generics) {
            format!("`{name}` is both borrowed and generic: a column can be one of them")
        } else if let Some(what) = never_a_column(&field.ty) {
            format!("`{name}` is {what}, which cannot be a column: {OTHERWISE}")
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
