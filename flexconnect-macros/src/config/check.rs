//! The rules a model must keep, beyond its notation.

use std::collections::HashSet;

use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, LitInt, LitStr};

use super::Mistakes;
use super::form::check_form;
use super::literal::{Literal, is_date, is_instant, literal, magnitude, text_as};
use super::model::{Body, Default, Field, Model, Name};
use super::shape::Shape;

/// Adds every rule that is broken.
pub(crate) fn check(model: &Model, mistakes: &mut Mistakes) {
    match model {
        Model::Struct(model) => check_fields(&model.fields, None, mistakes),
        Model::Choice(model) => {
            check_names(model.variants.iter().map(|one| (&one.name, &one.aliases[..])), "choice", mistakes);
        }
        Model::Tagged(model) => {
            let variants = model.variants.iter().map(|one| &one.variant);
            check_names(variants.map(|one| (&one.name, &one.aliases[..])), "choice", mistakes);
            for again in model.variants.iter().filter_map(|one| one.default).skip(1) {
                mistakes.add(syn::Error::new(again, "there is a default already: one variant can be it"));
            }
            for one in &model.variants {
                if let Body::Fields(fields) = &one.body {
                    check_fields(fields, Some(&model.tag), mistakes);
                }
            }
        }
    }
}

/// The fields of a struct, or of a variant of an enum with this tag.
fn check_fields(fields: &[Field], tag: Option<&Name>, mistakes: &mut Mistakes) {
    let own = fields.iter().filter(|field| field.flatten.is_none());
    let names = own.clone().map(|field| (&field.name, &field.aliases[..]));
    check_names(tag.map(|tag| (tag, &[][..])).into_iter().chain(names), "parameter", mistakes);
    for field in own {
        check_type(field, mistakes);
        check_bounds(field, mistakes);
        check_lengths(field, mistakes);
        check_default(field, mistakes);
    }
    check_form(fields, mistakes);
}

fn check_names<'a>(all: impl Iterator<Item = (&'a Name, &'a [LitStr])>, what: &str, mistakes: &mut Mistakes) {
    let mut seen = HashSet::new();
    for (name, aliases) in all {
        let names = std::iter::once((name.text.clone(), name.span));
        for (text, span) in names.chain(aliases.iter().map(|alias| (alias.value(), alias.span()))) {
            if seen.contains(&text) {
                mistakes.add(syn::Error::new(span, format!("there is a {what} `{text}` already")));
            }
            seen.insert(text);
        }
    }
}

fn check_type(field: &Field, mistakes: &mut Mistakes) {
    if matches!(field.shape.present(), Shape::Option(_)) && matches!(field.shape, Shape::Option(_)) {
        mistakes.at(&field.ty, "a value is there or not: one `Option` is enough");
    }
}

fn check_bounds(field: &Field, mistakes: &mut Mistakes) {
    let shape = field.shape.present();
    for (name, bound) in [("min", &field.min), ("max", &field.max)] {
        let Some(bound) = bound else { continue };
        if field.shape.has_bounds() {
            check_literal(shape, bound, mistakes);
        } else if field.shape.has_length() {
            let counted =
                if matches!(shape, Shape::List(_) | Shape::Map(_)) { "elements" } else { "characters" };
            let advice = format!("use `{name}_len` for the number of {counted}");
            mistakes.at(bound, format!("`{name}` does not fit {}: {advice}", shape.words()));
        } else {
            mistakes.at(bound, format!("`{name}` does not fit {}", shape.words()));
        }
    }
    let known = |expr: &Expr| magnitude(expr, shape);
    let (min, max) = (field.min.as_ref().and_then(known), field.max.as_ref().and_then(known));
    if let (Some(min), Some(max), Some(tokens)) = (min, max, &field.max)
        && min > max
    {
        mistakes.at(tokens, "`max` is less than `min`");
    }
    let Some(Default::Expr(default)) = &field.default else { return };
    let Some(value) = known(default) else { return };
    if min.is_some_and(|min| value < min) {
        mistakes.at(default, "the default is less than `min`");
    }
    if max.is_some_and(|max| value > max) {
        mistakes.at(default, "the default is greater than `max`");
    }
}

fn check_lengths(field: &Field, mistakes: &mut Mistakes) {
    for (name, bound) in [("min_len", &field.min_len), ("max_len", &field.max_len)] {
        let Some(bound) = bound.as_ref().filter(|_| !field.shape.has_length()) else { continue };
        let words = field.shape.words();
        let advice = if field.shape.has_bounds() {
            format!(": use `{}`", name.trim_end_matches("_len"))
        } else {
            String::new()
        };
        mistakes.at(bound, format!("`{name}` does not fit {words}{advice}"));
    }
    let length = |bound: &Option<LitInt>| bound.as_ref().and_then(|bound| bound.base10_parse::<usize>().ok());
    let (least, most) = (length(&field.min_len), length(&field.max_len));
    if let (Some(least), Some(most), Some(tokens)) = (least, most, &field.max_len)
        && least > most
    {
        mistakes.at(tokens, "`max_len` is less than `min_len`");
    }
    let Some(Default::Expr(default)) = &field.default else { return };
    let given = match &**default {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => text.value().chars().count(),
        Expr::Array(list) => list.elems.len(),
        _ => return,
    };
    if least.is_some_and(|least| given < least) {
        mistakes.at(default, "the default is shorter than `min_len`");
    }
    if most.is_some_and(|most| given > most) {
        mistakes.at(default, "the default is longer than `max_len`");
    }
}

fn check_default(field: &Field, mistakes: &mut Mistakes) {
    let Some(default) = &field.default else { return };
    let span = match default {
        Default::Trait(span) => *span,
        Default::Expr(expr) => expr.span(),
    };
    let empty = matches!(default, Default::Trait(_))
        && matches!(field.shape, Shape::Option(_) | Shape::List(_) | Shape::Map(_));
    if (field.secret.is_some() || field.shape.holds_secret()) && !empty {
        let message = "a secret has no default: it would stand in the source and be the same for everybody";
        mistakes.add(syn::Error::new(span, message));
    } else if let Default::Expr(expr) = default {
        check_literal(&field.shape, expr, mistakes);
    }
}

/// Adds a mistake if the expression is a literal that is no value of this shape.
pub(crate) fn check_literal(shape: &Shape, expr: &Expr, mistakes: &mut Mistakes) {
    let Some(given) = literal(expr) else { return };
    let example = match (shape, given) {
        (Shape::Option(inner), _) => return check_literal(inner, expr, mistakes),
        (Shape::Other | Shape::Json | Shape::Secret(_), _)
        | (Shape::Boolean, Literal::Boolean)
        | (Shape::Integer | Shape::ByteSize, Literal::Integer)
        | (Shape::Float, Literal::Integer | Literal::Float)
        | (Shape::Text | Shape::Path, Literal::Text) => return,
        (Shape::List(element), Literal::List) => {
            let Expr::Array(list) = expr else { return };
            return list.elems.iter().for_each(|expr| check_literal(element, expr, mistakes));
        }
        (Shape::Map(value), Literal::List) => {
            let Expr::Array(list) = expr else { return };
            for member in &list.elems {
                match member {
                    Expr::Tuple(pair) if pair.elems.len() == 2 => {
                        check_literal(value, &pair.elems[1], mistakes)
                    }
                    other => mistakes.at(other, "a member of a map is a pair: `(\"key\", value)`"),
                }
            }
            return;
        }
        (Shape::Duration, Literal::Text) if text_as(expr, shape).is_some() => return,
        (Shape::ByteSize, Literal::Text) if text_as(expr, shape).is_some() => return,
        (Shape::Date, Literal::Text) if text_is(expr, is_date) => return,
        (Shape::Timestamp, Literal::Text) if text_is(expr, is_instant) => return,
        (Shape::Boolean, _) => "`true`",
        (Shape::Integer, _) => "`1`",
        (Shape::Float, _) => "`0.5`",
        (Shape::Text | Shape::Path, _) => "`\"..\"`",
        (Shape::Duration, _) => "`\"30s\"` or `\"1h30m\"`",
        (Shape::ByteSize, _) => "`\"64MiB\"` or `\"10MB\"`",
        (Shape::Date, _) => "`\"2024-01-31\"`",
        (Shape::Timestamp, _) => "`\"2024-01-31T12:00:00Z\"`",
        (Shape::List(_), _) => "`[..]`",
        (Shape::Map(_), _) => "`[(\"key\", value)]`",
    };
    mistakes.at(expr, format!("expected {}, written as {example}", shape.words()));
}

/// Whether the expression is a text of this notation.
fn text_is(expr: &Expr, notation: fn(&str) -> bool) -> bool {
    matches!(expr, Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if notation(&text.value()))
}
