//! Parameters as the `params` of a Dataiku descriptor.

use std::collections::BTreeMap;

use flexconnect_core::Parameter;
use flexconnect_core::config::ParameterKind;
use serde_json::{Map, Value, json};

use super::condition::javascript;

/// The `params` of a connector, or of a parameter set, with these parameters. A section begins with a separator,
/// which is shown as long as any of its parameters can be.
pub(crate) fn params(parameters: &[Parameter]) -> Vec<Value> {
    let mut params = Vec::new();
    let mut section = None;
    for (index, parameter) in parameters.iter().enumerate() {
        if parameter.section.is_some() && parameter.section != section {
            params.push(separator(&parameters[index..], parameters));
        }
        section.clone_from(&parameter.section);
        params.push(param(parameter, parameters));
    }
    params
}

/// The parameter sets that these parameters, and those inside them, take: the `params` of each by its id.
pub(crate) fn parameter_sets(parameters: &[Parameter]) -> BTreeMap<String, Vec<Value>> {
    let mut sets = BTreeMap::new();
    for parameter in parameters {
        match &parameter.kind {
            ParameterKind::List { items: inner } | ParameterKind::Map { values: inner } => {
                sets.extend(parameter_sets(std::slice::from_ref(&**inner)));
            }
            ParameterKind::Object { parameters } => {
                sets.extend(parameter_sets(parameters));
                sets.extend(parameter.preset.clone().map(|set| (set, params(parameters))));
            }
            _ => {}
        }
    }
    sets
}

fn separator(rest: &[Parameter], all: &[Parameter]) -> Value {
    let first = &rest[0];
    let mut separator =
        Map::from_iter([("type".to_owned(), json!("SEPARATOR")), ("label".to_owned(), json!(first.section))]);
    if let Some(help) = &first.section_help {
        separator.insert("description".into(), help.as_str().into());
    }
    let mut section = rest.iter().take_while(|one| one.section == first.section);
    if !first.visible_when.is_empty() && section.all(|one| one.visible_when == first.visible_when) {
        separator.insert("visibilityCondition".into(), javascript(&first.visible_when, all).into());
    }
    Value::Object(separator)
}

fn param(parameter: &Parameter, siblings: &[Parameter]) -> Value {
    let mut param = Map::new();
    let mut set = |key: &str, value: Value| drop(param.insert(key.to_owned(), value));
    set("name", json!(parameter.name));
    set("label", json!(parameter.label));
    set("type", json!(kind(parameter)));
    if !parameter.help.is_empty() {
        set("description", json!(parameter.help));
    }
    if let Some(default) = parameter.default.as_ref().filter(|default| !default.is_null()) {
        set("defaultValue", default_value(default, parameter));
    }
    if parameter.required {
        set("mandatory", json!(true));
    }
    if parameter.hidden {
        set("visibilityCondition", json!(false));
    } else if !parameter.visible_when.is_empty() {
        set("visibilityCondition", json!(javascript(&parameter.visible_when, siblings)));
    }
    let offered = match &parameter.kind {
        ParameterKind::List { items } => items,
        _ => parameter,
    };
    if !offered.choices.is_empty() {
        let choices = offered.choices.iter().map(|one| json!({ "value": one.value, "label": one.label }));
        set("selectChoices", choices.collect());
    }
    if parameter.dynamic_choices {
        set("getChoicesFromPython", json!(true));
        if !parameter.depends_on.is_empty() {
            set("triggerParameters", json!(parameter.depends_on));
        }
    }
    let (least, most) = match parameter.kind {
        ParameterKind::Integer => ("minI", "maxI"),
        _ => ("minD", "maxD"),
    };
    for (key, bound) in [(least, &parameter.minimum), (most, &parameter.maximum)] {
        if let Some(bound @ Value::Number(_)) = bound {
            set(key, bound.clone());
        }
    }
    match &parameter.kind {
        ParameterKind::Object { .. } => set("parameterSetId", json!(parameter.preset)),
        ParameterKind::List { items } => match &items.kind {
            ParameterKind::Object { parameters } => set("subParams", params(parameters).into()),
            ParameterKind::Text if !parameter.dynamic_choices => {
                set("allowDuplicates", json!(!parameter.unique));
            }
            _ => {}
        },
        _ => {}
    }
    Value::Object(param)
}

fn kind(parameter: &Parameter) -> &'static str {
    match &parameter.kind {
        _ if parameter.secret => "PASSWORD",
        ParameterKind::List { items } => match &items.kind {
            ParameterKind::Choice => "MULTISELECT",
            _ if parameter.dynamic_choices => "MULTISELECT",
            ParameterKind::Integer => "INTS",
            ParameterKind::Number => "DOUBLES",
            ParameterKind::Object { .. } => "OBJECT_LIST",
            _ => "STRINGS",
        },
        ParameterKind::Choice => "SELECT",
        _ if parameter.dynamic_choices => "SELECT",
        ParameterKind::Text if parameter.multiline => "TEXTAREA",
        ParameterKind::Text | ParameterKind::Path => "STRING",
        // Both are text with a unit; a form has no field of its own for them.
        ParameterKind::Duration | ParameterKind::ByteSize => "STRING",
        ParameterKind::Integer => "INT",
        ParameterKind::Number => "DOUBLE",
        ParameterKind::Boolean => "BOOLEAN",
        ParameterKind::Date | ParameterKind::Timestamp => "DATE",
        // Ordered, unlike MAP.
        ParameterKind::Map { .. } => "KEY_VALUE_LIST",
        ParameterKind::Object { .. } if parameter.preset.is_some() => "PRESET",
        // JSON, typed into a large field.
        _ => "TEXTAREA",
    }
}

fn default_value(default: &Value, parameter: &Parameter) -> Value {
    match (&parameter.kind, default) {
        (ParameterKind::Map { .. }, Value::Object(members)) => {
            members.iter().map(|(from, to)| json!({ "from": from, "to": to })).collect()
        }
        _ => default.clone(),
    }
}
