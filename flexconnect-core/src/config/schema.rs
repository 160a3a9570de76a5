//! Parameters as a JSON Schema.

use serde_json::{Map, Value, json};

use super::{Choice, Parameter, ParameterKind};

/// The schema of an object with these parameters, in JSON Schema draft 2020-12.
///
/// It describes the names that should be written: aliases, and `null` for an absent value, are read but not
/// part of it. Secrets are `writeOnly` with the format `password`.
///
/// ```
/// use flexconnect_core::Config;
/// use serde_json::json;
///
/// #[derive(Config)]
/// struct Hello {
///     /// Whom to greet.
///     names: Vec<String>,
/// }
///
/// assert_eq!(
///     Hello::json_schema(),
///     json!({
///         "$schema": "https://json-schema.org/draft/2020-12/schema",
///         "type": "object",
///         "properties": {
///             "names": {
///                 "title": "Names",
///                 "description": "Whom to greet.",
///                 "type": "array",
///                 "items": { "type": "string" },
///             },
///         },
///         "required": ["names"],
///         "additionalProperties": false,
///     })
/// );
/// ```
pub fn json_schema(parameters: &[Parameter]) -> Value {
    let mut schema = Map::new();
    schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    object(parameters, &mut schema);
    Value::Object(schema)
}

fn object(parameters: &[Parameter], schema: &mut Map<String, Value>) {
    let properties: Map<_, _> =
        parameters.iter().map(|parameter| (parameter.name.clone(), property(parameter))).collect();
    let required: Vec<_> = parameters
        .iter()
        .filter(|parameter| parameter.required)
        .map(|parameter| parameter.name.as_str())
        .collect();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), properties.into());
    if !required.is_empty() {
        schema.insert("required".into(), required.into());
    }
    schema.insert("additionalProperties".into(), false.into());
}

fn property(parameter: &Parameter) -> Value {
    let mut schema = Map::new();
    let mut set = |key: &str, value: Value| drop(schema.insert(key.to_owned(), value));
    if !parameter.label.is_empty() {
        set("title", parameter.label.as_str().into());
    }
    if !parameter.help.is_empty() {
        set("description", parameter.help.as_str().into());
    }
    match &parameter.kind {
        ParameterKind::Text | ParameterKind::Path => set("type", "string".into()),
        ParameterKind::Integer => set("type", "integer".into()),
        ParameterKind::Number => set("type", "number".into()),
        ParameterKind::Boolean => set("type", "boolean".into()),
        ParameterKind::Choice => {
            set("type", "string".into());
            set("oneOf", parameter.choices.iter().map(choice).collect());
        }
        ParameterKind::Date => {
            set("type", "string".into());
            set("format", "date".into());
        }
        ParameterKind::Timestamp => {
            set("type", "string".into());
            set("format", "date-time".into());
        }
        ParameterKind::Duration => {
            set("type", "string".into());
            set("pattern", "^([0-9]+(d|h|m|s|ms|us|ns))+$".into());
        }
        ParameterKind::ByteSize => {
            set("type", json!(["string", "integer"]));
            set("pattern", "^[0-9]+([kKmMgGtTpP][iI]?)?[bB]$".into());
            set("minimum", 0.into());
        }
        ParameterKind::List { items } => {
            set("type", "array".into());
            set("items", property(items));
        }
        ParameterKind::Map { values } => {
            set("type", "object".into());
            set("additionalProperties", property(values));
        }
        ParameterKind::Object { parameters } => object(parameters, &mut schema),
        ParameterKind::Json => {}
    }
    rules(parameter, &mut schema);
    Value::Object(schema)
}

fn rules(parameter: &Parameter, schema: &mut Map<String, Value>) {
    let mut set = |key: &str, value: Value| drop(schema.insert(key.to_owned(), value));
    // A schema bounds numbers only; the bounds of durations and sizes are enforced when they are read.
    for (key, bound) in [("minimum", &parameter.minimum), ("maximum", &parameter.maximum)] {
        if let Some(bound @ Value::Number(_)) = bound {
            set(key, bound.clone());
        }
    }
    let (least, most) = match parameter.kind {
        ParameterKind::List { .. } => ("minItems", "maxItems"),
        ParameterKind::Map { .. } => ("minProperties", "maxProperties"),
        _ => ("minLength", "maxLength"),
    };
    for (key, length) in [(least, parameter.min_len), (most, parameter.max_len)] {
        if let Some(length) = length {
            set(key, length.into());
        }
    }
    if let Some(default) = parameter.default.as_ref().filter(|default| !default.is_null()) {
        set("default", default.clone());
    }
    if let Some(placeholder) =
        parameter.placeholder.as_ref().filter(|_| parameter.kind == ParameterKind::Text)
    {
        set("examples", json!([placeholder]));
    }
    if parameter.secret {
        set("writeOnly", true.into());
        set("format", "password".into());
    }
}

fn choice(choice: &Choice) -> Value {
    let mut schema = json!({ "const": choice.value, "title": choice.label });
    if !choice.help.is_empty() {
        schema["description"] = choice.help.as_str().into();
    }
    schema
}
