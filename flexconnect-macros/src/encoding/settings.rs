//! What the settings of an encoding take.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{LitInt, LitStr, Token};

use super::Unit;
use super::known::KEYS;
use crate::attribute::Setting;
use crate::case::plain;
use crate::errors::Errors;

/// `dictionary` or `dictionary = "UInt16"`.
pub(super) fn dictionary_key(setting: &Setting, errors: &mut Errors) -> Option<&'static str> {
    if matches!(setting.given, crate::attribute::Given::Nothing) {
        return Some("Int32");
    }
    let text = setting.text(errors)?;
    let found = KEYS.iter().find(|key| **key == text.value()).copied();
    if found.is_none() {
        let message = format!("`{}` cannot be a key, it can be `{}`", text.value(), KEYS.join("`, `"));
        errors.at(&text, message);
    }
    found
}

/// The names in `names("a", "b")`.
pub(super) fn part_names(setting: &Setting, errors: &mut Errors) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in setting.list("names(\"a\", \"b\")", errors) {
        match syn::parse2::<LitStr>(part.clone()).map(|text| text.value()) {
            Ok(name) if names.contains(&name) => errors.at(part, format!("`{name}` is given twice")),
            Ok(name) => names.push(name),
            Err(_) => errors.at(part, "expected a name: `\"a\"`"),
        }
    }
    names
}

pub(super) fn unit(text: LitStr, errors: &mut Errors) -> Option<(LitStr, Unit)> {
    let unit = match text.value().as_str() {
        "s" => Unit::Second,
        "ms" => Unit::Millisecond,
        "us" => Unit::Microsecond,
        "ns" => Unit::Nanosecond,
        other => {
            errors.at(&text, format!("unknown unit `{other}`, it can be `s`, `ms`, `us` or `ns`"));
            return None;
        }
    };
    Some((text, unit))
}

/// Whether the text can be a time zone: `UTC`, `Europe/Berlin`, `+02:00`.
pub(super) fn is_zone(text: &LitStr, errors: &mut Errors) -> bool {
    let zone = text.value();
    let fine = zone.chars().all(|letter| letter.is_ascii_alphanumeric() || "_/+-:".contains(letter));
    if !fine {
        errors.at(text, format!("`{zone}` is not a time zone: expected `Europe/Berlin`, `UTC` or `+02:00`"));
    }
    fine
}

pub(super) fn decimal(setting: &Setting, most: u8, errors: &mut Errors) -> Option<(TokenStream, u8, i8)> {
    let name = plain(&setting.name);
    let message = format!("`{name}` takes digits and digits after the point: `{name}({}, 2)`", most.min(18));
    let crate::attribute::Given::List(tokens) = &setting.given else {
        errors.at(&setting.name, message);
        return None;
    };
    let digits = |input: ParseStream<'_>| -> syn::Result<(u8, i8)> {
        let precision = input.parse::<LitInt>()?.base10_parse()?;
        input.parse::<Token![,]>()?;
        let scale = input.parse::<LitInt>()?.base10_parse()?;
        input.parse::<Option<Token![,]>>()?;
        Ok((precision, scale))
    };
    let Ok((precision, scale)) = digits.parse2(tokens.clone()) else {
        let at = if tokens.is_empty() { setting.name.to_token_stream() } else { tokens.clone() };
        errors.at(at, message);
        return None;
    };
    if precision == 0 {
        errors.at(tokens, "a decimal has at least 1 digit");
        return None;
    }
    if precision > most {
        errors.at(tokens, format!("a {name} has 1 to {most} digits, not {precision}"));
        return None;
    }
    if i16::from(scale) > i16::from(precision) {
        errors.at(tokens, format!("of {precision} digits, {scale} cannot be after the point"));
        return None;
    }
    Some((tokens.clone(), precision, scale))
}

/// The sizes in `tensor(2, 3)`; none when it stands alone.
pub(super) fn sizes(setting: &Setting, errors: &mut Errors) -> Vec<String> {
    if matches!(setting.given, crate::attribute::Given::Nothing) {
        return Vec::new();
    }
    let mut sizes = Vec::new();
    for part in setting.list("tensor(2, 3)", errors) {
        match syn::parse2::<LitInt>(part.clone()).map(|size| size.base10_parse::<usize>()) {
            Ok(Ok(size)) if size > 0 => sizes.push(size.to_string()),
            _ => errors.at(part, "expected the size of a dimension: `2`"),
        }
    }
    sizes
}
