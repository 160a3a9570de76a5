//! Variables that set values themselves.

use flexconnect_core::Parameter;
use flexconnect_core::config::ParameterKind;
use serde_json::{Map, Value};

use super::origin::Origin;
use super::toml::parse_value;

/// One variable: which value it sets, and the text.
#[derive(Clone)]
pub(super) struct Override {
    variable: String,
    keys: Vec<String>,
    text: String,
}

impl Override {
    /// What this variable sets, if it begins with the prefix.
    pub(super) fn of(prefix: &str, variable: String, text: String) -> Option<Self> {
        let keys = variable.strip_prefix(prefix)?;
        let keys: Vec<_> = keys.split("__").map(str::to_lowercase).collect();
        if keys.iter().any(String::is_empty) {
            return None;
        }
        Some(Override { keys, text, variable })
    }

    /// Sets the value.
    pub(super) fn apply(
        &self,
        values: &mut Map<String, Value>,
        origin: &mut Origin,
        parameters: &[Parameter],
        like_dynaconf: bool,
    ) {
        let Some((last, sections)) = self.keys.split_last() else { return };
        let (mut members, mut parameters, mut origin) = (values, parameters, origin);
        for section in sections {
            let (name, parameter) = find(parameters, members, section);
            parameters = match parameter.map(|parameter| &parameter.kind) {
                Some(ParameterKind::Object { parameters }) => parameters,
                // The keys of a map are its writer's own; below them is what its values are.
                Some(ParameterKind::Map { values }) => std::slice::from_ref(&**values),
                _ => &[],
            };
            origin = origin.member(&name);
            let inner = members.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            let Value::Object(inner) = inner else { return };
            members = inner;
        }
        let (name, parameter) = find(parameters, members, last);
        let value = match parameter.map(|parameter| &parameter.kind) {
            Some(
                ParameterKind::Text
                | ParameterKind::Choice
                | ParameterKind::Path
                | ParameterKind::Date
                | ParameterKind::Timestamp,
            ) => match parse_value(&self.text) {
                // Text that stands in quotes.
                Some(Value::String(text)) if like_dynaconf => Value::String(text),
                _ => Value::String(self.text.clone()),
            },
            // Booleans are written in many ways where variables are set.
            Some(ParameterKind::Boolean) => {
                parse_value(&self.text.to_lowercase()).unwrap_or_else(|| Value::String(self.text.clone()))
            }
            _ => parse_value(&self.text).unwrap_or_else(|| Value::String(self.text.clone())),
        };
        *origin.member(&name) = Origin::of(&value, &self.variable);
        members.insert(name, value);
    }
}

/// The key that is meant, as it is written, and its parameter.
fn find<'a>(
    parameters: &'a [Parameter],
    members: &Map<String, Value>,
    key: &str,
) -> (String, Option<&'a Parameter>) {
    let is = |name: &String| name.to_lowercase() == key;
    let known = parameters.iter().find(|one| is(&one.name) || one.aliases.iter().any(is));
    // The values of a map have no name of their own.
    let known = known.or_else(|| parameters.iter().find(|one| one.name.is_empty()));
    let written = members.keys().find(|name| is(name)).cloned();
    let name = written.or_else(|| known.map(|one| one.name.clone()).filter(|name| !name.is_empty()));
    (name.unwrap_or_else(|| key.to_owned()), known)
}
