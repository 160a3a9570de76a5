//! `#[config(..)]` and doc comments as lists of entries; a broken entry does not hide the next one.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitInt, LitStr, Meta, Path, Token};

use super::Mistakes;
use super::model::Condition;
use super::names::nearest;

/// The attributes of each place, for messages and suggestions.
pub(crate) const ON_STRUCT: &[&str] = &["rename_all", "check", "preset", "crate"];
pub(crate) const ON_ENUM: &[&str] =
    &["rename_all", "tag", "label", "help", "section", "section_help", "crate"];
/// Those of an enum that make sense only where it is an object.
pub(crate) const ON_TAG: &[&str] = &["tag", "label", "help", "section", "section_help"];
pub(crate) const ON_FIELD: &[&str] = &[
    "default",
    "label",
    "help",
    "min",
    "max",
    "min_len",
    "max_len",
    "pattern",
    "section",
    "section_help",
    "placeholder",
    "rename",
    "alias",
    "secret",
    "advanced",
    "multiline",
    "hidden",
    "visible_when",
    "required",
    "dynamic_choices",
    "deprecated",
    "flatten",
    "check",
];
pub(crate) const ON_VARIANT: &[&str] = &["rename", "alias", "label", "help", "default"];

/// Those that are written with parentheses: `visible_when(a = 1)`.
const WITH_LIST: &[&str] = &["visible_when", "dynamic_choices", "not"];
/// Those that can be given more than once.
const REPEATABLE: &[&str] = &["alias", "visible_when"];

/// One `key`, `key = value` or `key(list)`.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) value: Option<Expr>,
    pub(crate) list: Option<Vec<Entry>>,
}

/// The entries of all `#[config(..)]`, those that may stand at this place. `place` is "a field", for
/// instance.
pub(crate) fn entries(
    attributes: &[Attribute],
    place: &str,
    allowed: &[&str],
    mistakes: &mut Mistakes,
) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("config")) {
        let Meta::List(list) = &attribute.meta else {
            mistakes.at(attribute, "write the attributes in parentheses: `#[config(..)]`");
            continue;
        };
        let parsed = (|input: ParseStream<'_>| Ok(list_entries(input, mistakes))).parse2(list.tokens.clone());
        match parsed {
            Ok(entries) => all.extend(entries),
            Err(error) => mistakes.add(error),
        }
    }
    let mut kept: Vec<Entry> = Vec::new();
    for entry in all {
        let key = entry.key.to_string();
        if !allowed.contains(&key.as_str()) {
            mistakes.at(&entry.key, unknown(&key, place, allowed));
        } else if !REPEATABLE.contains(&key.as_str()) && kept.iter().any(|earlier| earlier.key == entry.key) {
            mistakes.at(&entry.key, format!("`{key}` is given twice"));
        } else {
            kept.push(entry);
        }
    }
    kept
}

fn list_entries(input: ParseStream<'_>, mistakes: &mut Mistakes) -> Vec<Entry> {
    let mut entries = Vec::new();
    while !input.is_empty() {
        match entry(input, mistakes) {
            Ok(entry) => entries.push(entry),
            Err(error) => {
                mistakes.add(error);
                skip_to_comma(input);
            }
        }
        if !input.is_empty() && input.parse::<Token![,]>().is_err() {
            mistakes.add(input.error("expected `,` before the next attribute"));
            skip_to_comma(input);
            // The end is no mistake: there is no next attribute then.
            let _ = input.parse::<Token![,]>();
        }
    }
    entries
}

fn entry(input: ParseStream<'_>, mistakes: &mut Mistakes) -> syn::Result<Entry> {
    let key = input.call(Ident::parse_any)?;
    if input.peek(syn::token::Paren) {
        if WITH_LIST.iter().any(|name| key == name) {
            let list;
            syn::parenthesized!(list in input);
            let tokens: TokenStream = list.parse()?;
            let entries = |input: ParseStream<'_>| Ok(list_entries(input, mistakes));
            return Ok(Entry { key, value: None, list: Some(entries.parse2(tokens)?) });
        }
        return Err(syn::Error::new(key.span(), format!("write `{key} = ..`, without parentheses")));
    }
    let value = if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        Some(ungrouped(input.parse()?))
    } else {
        None
    };
    Ok(Entry { key, value, list: None })
}

/// The expression without the invisible group that `macro_rules` puts around a `$value`.
fn ungrouped(expr: Expr) -> Expr {
    match expr {
        Expr::Group(group) => ungrouped(*group.expr),
        other => other,
    }
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

fn unknown(key: &str, place: &str, allowed: &[&str]) -> String {
    if allowed.is_empty() {
        return format!("`{key}` is not for {place}: write it on the fields of its struct");
    }
    let elsewhere =
        [("a struct", ON_STRUCT), ("an enum", ON_ENUM), ("a field", ON_FIELD), ("a variant", ON_VARIANT)];
    if let Some(name) = nearest(key, allowed.iter().copied()) {
        return format!("`{key}` is not an attribute of {place}; did you mean `{name}`?");
    }
    if let Some((other, _)) = elsewhere.iter().find(|(_, names)| names.contains(&key)) {
        return format!("`{key}` is an attribute of {other}, not of {place}");
    }
    let names: Vec<_> = allowed.iter().map(|name| format!("`{name}`")).collect();
    format!("`{key}` is not an attribute of {place}; there are {}", names.join(", "))
}

impl Entry {
    /// The value of an attribute that is text.
    pub(crate) fn text(&self, mistakes: &mut Mistakes) -> Option<LitStr> {
        match &self.value {
            Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => Some(text.clone()),
            Some(other) => {
                mistakes.at(other, format!("`{}` is text: `{} = \"..\"`", self.key, self.key));
                None
            }
            None => {
                mistakes.at(&self.key, format!("`{}` needs a text: `{} = \"..\"`", self.key, self.key));
                None
            }
        }
    }

    /// The value of an attribute that is a name; a name is never empty.
    pub(crate) fn name(&self, mistakes: &mut Mistakes) -> Option<LitStr> {
        let text = self.text(mistakes)?;
        if text.value().trim().is_empty() {
            mistakes.at(&text, format!("`{}` needs a name, not an empty text", self.key));
            return None;
        }
        Some(text)
    }

    /// The value of an attribute that names a function or a crate.
    pub(crate) fn path(&self, mistakes: &mut Mistakes) -> Option<Path> {
        let text = self.text(mistakes)?;
        match text.parse() {
            Ok(path) => Some(path),
            Err(_) => {
                mistakes.at(&text, format!("`{}` is a path, such as `\"my_module::my_item\"`", self.key));
                None
            }
        }
    }

    /// The value of an attribute that is a number of characters or elements.
    pub(crate) fn length(&self, mistakes: &mut Mistakes) -> Option<LitInt> {
        match &self.value {
            Some(Expr::Lit(ExprLit { lit: Lit::Int(number), .. }))
                if number.base10_parse::<u32>().is_ok() =>
            {
                Some(number.clone())
            }
            other => {
                let span = other.as_ref().map_or(self.key.span(), Spanned::span);
                let message =
                    format!("`{}` is a whole number of characters or elements: `{} = 1`", self.key, self.key);
                mistakes.add(syn::Error::new(span, message));
                None
            }
        }
    }

    /// The value of an attribute that is any expression.
    pub(crate) fn expression(&self, mistakes: &mut Mistakes) -> Option<Expr> {
        if self.value.is_none() {
            mistakes.at(&self.key, format!("`{}` needs a value: `{} = ..`", self.key, self.key));
        }
        self.value.clone()
    }

    /// The conditions of `visible_when(a = 1, b = [2, 3], c, not(d = 4))`.
    pub(crate) fn conditions(&self, mistakes: &mut Mistakes) -> Vec<Condition> {
        self.conditions_in(false, mistakes)
    }

    fn conditions_in(&self, negated: bool, mistakes: &mut Mistakes) -> Vec<Condition> {
        let Some(list) = self.list.as_ref().filter(|list| !list.is_empty()) else {
            let key = &self.key;
            let message = format!("`{key}` names the parameters it depends on: `{key}(field = value)`");
            mistakes.at(key, message);
            return Vec::new();
        };
        let mut conditions = Vec::new();
        for entry in list {
            if entry.key == "not" && entry.list.is_some() {
                if negated {
                    mistakes.at(&entry.key, "`not` in `not` is neither: name what has to be");
                } else {
                    conditions.extend(entry.conditions_in(true, mistakes));
                }
                continue;
            }
            let values = match &entry.value {
                Some(Expr::Array(list)) => Some(list.elems.iter().cloned().collect()),
                Some(value) => Some(vec![value.clone()]),
                None => None,
            };
            conditions.push(Condition { field: entry.key.clone(), values, negated });
        }
        conditions
    }

    /// The fields of `dynamic_choices(a, b)`; none of `dynamic_choices`.
    pub(crate) fn fields(&self, mistakes: &mut Mistakes) -> Vec<Ident> {
        self.flag(mistakes);
        let mut fields = Vec::new();
        for entry in self.list.iter().flatten() {
            match &entry.value {
                Some(value) => {
                    mistakes.at(value, format!("`{}` takes names only: `{}(a, b)`", self.key, self.key))
                }
                None => fields.push(entry.key.clone()),
            }
        }
        fields
    }

    /// An attribute that stands alone; where it stands.
    pub(crate) fn flag(&self, mistakes: &mut Mistakes) -> Span {
        if let Some(value) = &self.value {
            mistakes.at(value, format!("`{}` takes no value", self.key));
        }
        self.key.span()
    }
}

/// The doc comment as plain text: lines joined to paragraphs, paragraphs separated by an empty line.
pub(crate) fn help(attributes: &[Attribute]) -> String {
    let mut paragraphs: Vec<String> = vec![String::new()];
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        let Meta::NameValue(doc) = &attribute.meta else { continue };
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &doc.value else { continue };
        for line in text.value().lines().map(str::trim) {
            let paragraph = paragraphs.last_mut().expect("there is one paragraph from the start");
            match (line.is_empty(), paragraph.is_empty()) {
                (true, true) => {}
                (true, false) => paragraphs.push(String::new()),
                (false, true) => paragraph.push_str(line),
                (false, false) => {
                    paragraph.push(' ');
                    paragraph.push_str(line);
                }
            }
        }
        // An empty `///` line has no lines of its own.
        if text.value().is_empty() && paragraphs.last().is_some_and(|last| !last.is_empty()) {
            paragraphs.push(String::new());
        }
    }
    paragraphs.join("\n\n").trim().to_owned()
}
