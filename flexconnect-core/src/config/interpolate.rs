//! `${NAME}` in the values of an operator's file.

use serde_json::Value;

use super::input::{Path, Step};
use super::{Faults, Parameter, ParameterKind};
use crate::error::Error;

/// Replaces `${NAME}` and `${NAME:-default}` in every text inside a value, keys excepted.
///
/// This is for values an operator wrote, in a server's own file. Values of a client must never pass through
/// it: a client would read the environment of the server. [`Config::parse`](crate::Config::parse) does not
/// call it.
///
/// * `lookup` finds a variable, as `|name| std::env::var(name).ok()` does.
/// * The default, up to the next `}`, is taken if the variable is unset or empty. What is put in is not
///   looked at again.
/// * `$${` stands for `${`.
/// * Variables are text. Where `parameters` (of the connector the values are for; `&[]` if unknown) wants a
///   number or a boolean and the text that comes out is one, it becomes one.
///
/// ```
/// use flexconnect_core::config::interpolate;
/// use serde_json::json;
///
/// let mut values = json!({ "token": "${TOKEN}", "url": "https://${HOST:-localhost}/$${id}" });
/// interpolate(&mut values, &[], |name| (name == "TOKEN").then(|| "t0k3n".into())).unwrap();
/// assert_eq!(values, json!({ "token": "t0k3n", "url": "https://localhost/${id}" }));
///
/// let error = interpolate(&mut json!({ "token": "${TOKN}" }), &[], |_| None).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "wrong configuration: `token` needs the variable `TOKN`, which is not set: set it, or write `${TOKN:-default}`"
/// );
/// ```
///
/// # Errors
///
/// One error of kind [`Config`](crate::ErrorKind::Config) that names every variable that is not set and
/// every text that is not well formed, by path and without quoting the text. The values may then be partly
/// replaced.
pub fn interpolate(
    value: &mut Value,
    parameters: &[Parameter],
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<(), Error> {
    let mut faults = Faults::new();
    interpolate_into(value, parameters, lookup, &mut faults);
    faults.finish()
}

/// As [`interpolate`], for those who collect faults from elsewhere, too.
pub fn interpolate_into(
    value: &mut Value,
    parameters: &[Parameter],
    lookup: impl Fn(&str) -> Option<String>,
    faults: &mut Faults,
) {
    replace(value, &Expected::Object(parameters), Path::ROOT, &lookup, faults);
}

/// What a value is meant to be.
enum Expected<'a> {
    One(&'a Parameter),
    Object(&'a [Parameter]),
    Unknown,
}

impl<'a> Expected<'a> {
    fn of(parameter: Option<&'a Parameter>) -> Self {
        match parameter.map(|parameter| (parameter, &parameter.kind)) {
            Some((_, ParameterKind::Object { parameters })) => Expected::Object(parameters),
            Some((parameter, _)) => Expected::One(parameter),
            None => Expected::Unknown,
        }
    }

    fn member(&self, key: &str) -> Expected<'a> {
        match self {
            Expected::Object(parameters) => Expected::of(parameters.iter().find(|parameter| {
                parameter.name == key || parameter.aliases.iter().any(|alias| alias == key)
            })),
            Expected::One(Parameter { kind: ParameterKind::Map { values }, .. }) => {
                Expected::of(Some(values))
            }
            _ => Expected::Unknown,
        }
    }

    fn element(&self) -> Expected<'a> {
        match self {
            Expected::One(Parameter { kind: ParameterKind::List { items }, .. }) => Expected::of(Some(items)),
            _ => Expected::Unknown,
        }
    }

    /// The number or boolean that a text is, where one is wanted.
    fn convert(&self, text: String) -> Value {
        let typed = match self {
            Expected::One(parameter) => match parameter.kind {
                ParameterKind::Integer
                | ParameterKind::Number
                | ParameterKind::Duration
                | ParameterKind::ByteSize => parsed(&text).filter(Value::is_number),
                ParameterKind::Boolean => parsed(&text).filter(Value::is_boolean),
                _ => None,
            },
            _ => None,
        };
        typed.unwrap_or(Value::String(text))
    }
}

fn parsed(text: &str) -> Option<Value> {
    text.trim().parse().ok()
}

fn replace(
    value: &mut Value,
    expected: &Expected<'_>,
    path: Path<'_>,
    lookup: &impl Fn(&str) -> Option<String>,
    faults: &mut Faults,
) {
    match value {
        Value::String(text) if text.contains("${") => {
            let replaced = replace_text(text, path, lookup, faults);
            *value = expected.convert(replaced);
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter_mut().enumerate() {
                replace(element, &expected.element(), path.then(Step::Index(index)), lookup, faults);
            }
        }
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                replace(member, &expected.member(key), path.then(Step::Key(key)), lookup, faults);
            }
        }
        _ => {}
    }
}

/// The text with its variables put in. Faults name variables only: the rest of the text may be a secret.
fn replace_text(
    text: &str,
    path: Path<'_>,
    lookup: &impl Fn(&str) -> Option<String>,
    faults: &mut Faults,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, from) = rest.split_at(start);
        if let Some(before) = before.strip_suffix('$') {
            out.push_str(before);
            out.push_str("${");
            rest = &from[2..];
            continue;
        }
        out.push_str(before);
        let Some((inside, after)) = from[2..].split_once('}') else {
            faults.add(
                path.to_string(),
                "has a `${` without its `}`: close it, or write `$${` for the characters `${`",
            );
            return out;
        };
        rest = after;
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inside, None),
        };
        if !is_name(name) {
            faults.add(
                path.to_string(),
                "has a `${..}` that does not hold the name of a variable: write `${NAME}` or `${NAME:-default}`, or `$${` for the characters `${`",
            );
            continue;
        }
        match (lookup(name), default) {
            (Some(found), None) => out.push_str(&found),
            (Some(found), Some(_)) if !found.is_empty() => out.push_str(&found),
            (_, Some(default)) => out.push_str(default),
            (None, None) => faults.add(
                path.to_string(),
                format!(
                    "needs the variable `{name}`, which is not set: set it, or write `${{{name}:-default}}`"
                ),
            ),
        }
    }
    out.push_str(rest);
    out
}

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.len() <= 128
}
