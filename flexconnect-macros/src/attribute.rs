//! `#[table(..)]` and `#[column(..)]`: a list of settings, each a flag, a value or a list.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, LitStr, Meta, Token};

use crate::case::plain;
use crate::errors::Errors;

/// One setting: `name`, `name = value` or `name(list)`.
pub(crate) struct Setting {
    pub(crate) name: Ident,
    pub(crate) given: Given,
}

/// What follows the name of a setting.
pub(crate) enum Given {
    Nothing,
    Value(TokenStream),
    List(TokenStream),
}

/// What a place takes, and what is said of it there.
pub(crate) struct Known {
    /// The attribute: `table` or `column`.
    pub(crate) attribute: &'static str,
    /// What it stands on: `a struct`, `a field`.
    pub(crate) place: &'static str,
    /// The settings' names.
    pub(crate) names: &'static [&'static str],
    /// More of them, which other places have too.
    pub(crate) more: &'static [&'static str],
    /// Those that can be given more than once.
    pub(crate) repeatable: &'static [&'static str],
}

impl Known {
    fn all(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().chain(self.more).copied()
    }
}

/// The settings of all attributes of this name. Mistakes in one do not hide the others.
pub(crate) fn settings(attributes: &[Attribute], known: &Known, errors: &mut Errors) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(known.attribute)) {
        let Meta::List(list) = &attribute.meta else {
            errors.at(&attribute.meta, format!("expected a list: `#[{}(..)]`", known.attribute));
            continue;
        };
        for part in split(list.tokens.clone()) {
            match setting.parse2(part) {
                Ok(setting) => {
                    let name = plain(&setting.name);
                    if !known.all().any(|known| known == name) {
                        errors.at(&setting.name, unknown(&name, known));
                    } else if !known.repeatable.contains(&name.as_str())
                        && settings.iter().any(|other| other.name == setting.name)
                    {
                        errors.at(&setting.name, format!("`{name}` is given twice"));
                    } else {
                        settings.push(setting);
                    }
                }
                Err(error) => errors.push(error),
            }
        }
    }
    settings
}

/// Refuses an attribute that belongs elsewhere.
pub(crate) fn refuse(attributes: &[Attribute], name: &str, message: &str, errors: &mut Errors) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        errors.at(attribute.path(), message);
    }
}

/// The text of a doc comment, its lines trimmed.
pub(crate) fn doc(attributes: &[Attribute]) -> Option<String> {
    let mut lines = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        if let Meta::NameValue(pair) = &attribute.meta
            && let Ok(text) = syn::parse2::<LitStr>(pair.value.to_token_stream())
        {
            lines.extend(text.value().lines().map(|line| line.trim().to_owned()));
        }
    }
    let text = lines.join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

impl Setting {
    /// `name`, and nothing after it.
    pub(crate) fn flag(&self, errors: &mut Errors) -> bool {
        match &self.given {
            Given::Nothing => true,
            Given::Value(tokens) | Given::List(tokens) => {
                let at = if tokens.is_empty() { self.name.to_token_stream() } else { tokens.clone() };
                errors.at(at, format!("`{}` stands alone, it takes no value", plain(&self.name)));
                false
            }
        }
    }

    /// `name = ".."`.
    pub(crate) fn text(&self, errors: &mut Errors) -> Option<LitStr> {
        let name = plain(&self.name);
        let message = format!("`{name}` takes a text: `{name} = \"..\"`");
        match &self.given {
            Given::Value(tokens) => match syn::parse2(tokens.clone()) {
                Ok(text) => return Some(text),
                Err(_) => errors.at(tokens, message),
            },
            Given::Nothing | Given::List(_) => errors.at(&self.name, message),
        }
        None
    }

    /// `name = ".."`, where the text is not empty.
    pub(crate) fn name_text(&self, errors: &mut Errors) -> Option<LitStr> {
        let text = self.text(errors)?;
        if text.value().is_empty() {
            errors.at(&text, format!("`{}` cannot be empty", plain(&self.name)));
            return None;
        }
        Some(text)
    }

    /// `name = "a path"`, as the path.
    pub(crate) fn path(&self, errors: &mut Errors) -> Option<syn::Path> {
        let text = self.text(errors)?;
        match text.parse_with(syn::Path::parse_mod_style) {
            Ok(path) => Some(path),
            Err(_) => {
                errors.at(&text, format!("`{}` takes a path: `{0} = \"module::name\"`", plain(&self.name)));
                None
            }
        }
    }

    /// `name(a, b)`: the parts of the list, in order.
    pub(crate) fn list(&self, example: &str, errors: &mut Errors) -> Vec<TokenStream> {
        match &self.given {
            Given::List(tokens) if !tokens.is_empty() => split(tokens.clone()),
            _ => {
                errors.at(&self.name, format!("`{}` takes a list: `{example}`", plain(&self.name)));
                Vec::new()
            }
        }
    }

    /// `name(key = "value", "other:key" = "value")`.
    pub(crate) fn pairs(&self, errors: &mut Errors) -> Vec<(String, String)> {
        let parts = self.list("metadata(key = \"value\")", errors);
        let mut pairs: Vec<(String, String)> = Vec::new();
        for part in parts {
            match pair.parse2(part.clone()) {
                Ok((key, _)) if pairs.iter().any(|(other, _)| *other == key) => {
                    errors.at(part, format!("the key `{key}` is given twice"));
                }
                Ok(pair) => pairs.push(pair),
                Err(_) => errors.at(part, "expected `key = \"value\"`"),
            }
        }
        pairs
    }
}

/// The parts between the commas of the outermost level.
fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens {
        match (&token, parts.last_mut()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == ',' => parts.push(TokenStream::new()),
            (_, Some(part)) => part.extend([token]),
            (_, None) => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn setting(input: ParseStream<'_>) -> syn::Result<Setting> {
    let name = Ident::parse_any(input)?;
    let given = if input.is_empty() {
        Given::Nothing
    } else if input.peek(syn::token::Paren) {
        let list;
        syn::parenthesized!(list in input);
        Given::List(list.parse()?)
    } else {
        input.parse::<Token![=]>()?;
        Given::Value(input.parse()?)
    };
    Ok(Setting { name, given })
}

fn pair(input: ParseStream<'_>) -> syn::Result<(String, String)> {
    let key =
        if input.peek(LitStr) { input.parse::<LitStr>()?.value() } else { plain(&Ident::parse_any(input)?) };
    input.parse::<Token![=]>()?;
    Ok((key, input.parse::<LitStr>()?.value()))
}

fn unknown(name: &str, known: &Known) -> String {
    match nearest(name, known.all()) {
        Some(near) => format!("unknown attribute `{name}`, did you mean `{near}`?"),
        None => {
            let all: Vec<&str> = known.all().collect();
            format!("unknown attribute `{name}`, {} takes `{}`", known.place, all.join("`, `"))
        }
    }
}

/// The name that is so near that it was probably meant.
pub(crate) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let allowed = name.chars().count() / 3;
    names
        .into_iter()
        .map(|other| (distance(name, other), other))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

/// How many letters must be changed, added or removed, or swapped with their neighbour, to make one of the other.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.to_lowercase().chars().collect();
    let to: Vec<char> = to.to_lowercase().chars().collect();
    let mut rows = vec![(0..=to.len()).collect::<Vec<usize>>()];
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let changed = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut best = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near() {
        let names = ["rename", "alias", "skip", "unit", "tz"];
        assert_eq!(nearest("renam", names), Some("rename"));
        assert_eq!(nearest("aliass", names), Some("alias"));
        assert_eq!(nearest("skpi", names), Some("skip"));
        assert_eq!(nearest("flatten", names), None);
    }

    #[test]
    fn commas_split_only_at_the_outermost_level() {
        let parts = split("a, b(c, d), e = \"f, g\",".parse().unwrap());
        let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
        assert_eq!(parts, ["a", "b (c , d)", "e = \"f, g\""]);
    }
}
