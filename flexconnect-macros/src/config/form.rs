//! The rules of when a parameter is shown, and how: what the attributes of forms must keep.

use proc_macro2::{Ident, Span};
use syn::{Expr, ExprLit, Lit};

use super::Mistakes;
use super::check::check_literal;
use super::literal::variant_of;
use super::model::{Condition, Field, Flatten};
use super::names::nearest;
use super::shape::Shape;

/// Adds every rule that the fields of one object break.
pub(crate) fn check_form(fields: &[Field], mistakes: &mut Mistakes) {
    for field in fields {
        if let Some(flatten) = &field.flatten {
            check_flatten(field, flatten, mistakes);
            continue;
        }
        check_text(field, mistakes);
        check_choices(field, fields, mistakes);
        check_optional(field, mistakes);
        check_required(field, mistakes);
        for condition in &field.visible_when {
            check_condition(condition, field, fields, mistakes);
        }
    }
    check_circles(fields, mistakes);
}

fn add(span: Span, message: impl std::fmt::Display, mistakes: &mut Mistakes) {
    mistakes.add(syn::Error::new(span, message));
}

fn check_flatten(field: &Field, flatten: &Flatten, mistakes: &mut Mistakes) {
    for beside in &flatten.beside {
        let message =
            format!("`{beside}` does not fit a flattened field: its parameters have attributes of their own");
        mistakes.at(beside, message);
    }
    if field.shape != Shape::Other {
        let message =
            format!("`flatten` is for a struct or an enum that derives `Config`, not for {}", words(field));
        add(flatten.span, message, mistakes);
    }
}

/// The type in words, an `Option` as what it is.
fn words(field: &Field) -> &'static str {
    if matches!(field.shape, Shape::Option(_)) { "an `Option`" } else { field.shape.words() }
}

fn check_text(field: &Field, mistakes: &mut Mistakes) {
    let shape = match field.shape.present() {
        Shape::Secret(inner) => inner,
        shape => shape,
    };
    if let Some(pattern) = field.pattern.as_ref().filter(|_| !matches!(shape, Shape::Text | Shape::Other)) {
        mistakes.at(pattern, format!("`pattern` is for text, not for {}", field.shape.words()));
    }
    let Some(span) = field.multiline else { return };
    if !matches!(shape, Shape::Text | Shape::Other) {
        add(span, format!("`multiline` is for text, not for {}", field.shape.words()), mistakes);
    }
}

fn check_choices(field: &Field, fields: &[Field], mistakes: &mut Mistakes) {
    let Some(choices) = &field.dynamic_choices else { return };
    let shape = match field.shape.present() {
        Shape::List(inner) => inner,
        shape => shape,
    };
    if !matches!(shape, Shape::Text | Shape::Integer | Shape::Other) {
        let message =
            format!("`dynamic_choices` is for text, an integer or a list of them, not for {}", shape.words());
        add(choices.span, message, mistakes);
    }
    for name in &choices.depends_on {
        find(name, field, fields, mistakes);
    }
}

/// A parameter that is not always given needs a value for when it is not.
fn check_optional(field: &Field, mistakes: &mut Mistakes) {
    if matches!(field.shape, Shape::Option(_)) || field.default.is_some() {
        return;
    }
    let mend = "make it an `Option`, or give it a `default`";
    if let Some(span) = field.hidden {
        add(span, format!("nobody can give a value that no form shows: {mend}"), mistakes);
    }
    if let Some(advice) = &field.deprecated {
        mistakes.at(advice, format!("a deprecated parameter can be left out: {mend}"));
    }
    if let Some(condition) = field.visible_when.first() {
        mistakes.at(&condition.field, format!("it has no value while it does not apply: {mend}"));
    }
}

fn check_required(field: &Field, mistakes: &mut Mistakes) {
    let Some(span) = field.required else { return };
    let message = if field.default.is_some() {
        "a parameter with a `default` is never required: leave one of them out"
    } else if !matches!(field.shape, Shape::Option(_)) {
        "it is required already: `required` is for an `Option` with `visible_when`"
    } else if field.visible_when.is_empty() {
        "a value that must always be given needs no `Option`: `required` goes with `visible_when`"
    } else {
        return;
    };
    add(span, message, mistakes);
}

fn check_condition(condition: &Condition, field: &Field, fields: &[Field], mistakes: &mut Mistakes) {
    let flat = fields.iter().find(|other| other.flatten.is_some() && other.ident == condition.field);
    if flat.is_some() {
        return check_variants(condition, mistakes);
    }
    let Some(other) = find(&condition.field, field, fields, mistakes) else { return };
    let Some(values) = &condition.values else { return };
    if values.is_empty() {
        mistakes.at(&condition.field, "no value would ever fit an empty list");
    }
    let shape = other.shape.present();
    if other.secret.is_some()
        || matches!(shape, Shape::List(_) | Shape::Map(_) | Shape::Json | Shape::Secret(_))
    {
        let name = &condition.field;
        let what = if other.secret.is_some() { "a secret" } else { shape.words() };
        let message = format!("{what} is not compared: `visible_when({name})` asks whether it is given");
        return mistakes.at(name, message);
    }
    for value in values {
        if *shape == Shape::Other && matches!(value, Expr::Lit(ExprLit { lit: Lit::Str(_), .. })) {
            mistakes.at(value, "name the value itself, such as `Kind::A`, so that the compiler checks it");
        } else {
            check_literal(shape, value, mistakes);
        }
    }
}

/// A condition on an enum that is flattened names its variants.
fn check_variants(condition: &Condition, mistakes: &mut Mistakes) {
    let message = "name the variants of the flattened enum, such as `Kind::A`, or `[Kind::A, Kind::B]`";
    let Some(values) = condition.values.as_ref().filter(|values| !values.is_empty()) else {
        return mistakes.at(&condition.field, message);
    };
    for value in values.iter().filter(|value| variant_of(value).is_none()) {
        mistakes.at(value, message);
    }
}

/// The field that another one names.
fn find<'a>(name: &Ident, field: &Field, fields: &'a [Field], mistakes: &mut Mistakes) -> Option<&'a Field> {
    if field.ident == *name {
        mistakes.at(name, "a parameter does not depend on itself");
        return None;
    }
    let found = fields.iter().find(|other| other.ident == *name);
    match found {
        Some(other) if other.flatten.is_some() => {
            mistakes.at(name, format!("`{name}` is flattened and has no value of its own"));
            None
        }
        Some(other) => Some(other),
        None => {
            let text = name.to_string();
            let others = fields.iter().filter(|other| other.ident != field.ident);
            let names: Vec<String> = others.map(|other| other.ident.to_string()).collect();
            let hint = match nearest(&text, names.iter().map(String::as_str)) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => " beside this one".to_owned(),
            };
            mistakes.at(name, format!("there is no field `{name}`{hint}"));
            None
        }
    }
}

/// Adds a mistake for each condition that leads back to its own field.
fn check_circles(fields: &[Field], mistakes: &mut Mistakes) {
    for field in fields {
        for condition in field.visible_when.iter().filter(|condition| condition.field != field.ident) {
            if leads_to(&condition.field, &field.ident, fields, &mut Vec::new()) {
                let message = format!("whether `{}` applies depends on this field already", condition.field);
                mistakes.at(&condition.field, message);
            }
        }
    }
}

fn leads_to<'a>(from: &'a Ident, to: &Ident, fields: &'a [Field], seen: &mut Vec<&'a Ident>) -> bool {
    if seen.contains(&from) {
        return false;
    }
    seen.push(from);
    let conditions = fields.iter().filter(|field| field.ident == *from).flat_map(|field| &field.visible_when);
    conditions.into_iter().any(|next| next.field == *to || leads_to(&next.field, to, fields, seen))
}
