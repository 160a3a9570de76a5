//! Parameters as a JSON Schema.

use serde_json::{Map, Value, json};

use super::{Choice, Condition, Parameter, ParameterKind};

/// The schema of an object with these parameters, in JSON Schema draft 2020-12.
///
/// It describes the names that should be written: aliases, and `null` for an absent value, are read but not
/// part of it. Secrets are `writeOnly` with the format `password`. What must be given only while another
/// parameter has a certain value stands under `allOf` as `if` and `then`. What forms need and JSON Schema has no
/// word for has keys that begin with `x-`:
///
/// | key | value |
/// |---|---|
/// | `x-section`, `x-section-help` | the heading it belongs under, and what a form says there |
/// | `x-advanced`, `x-multiline`, `x-hidden` | `true`: folded away at first, of several lines, never shown |
/// | `x-visible-when` | a list of [`Condition`]s, all of which hold while it applies |
/// | `x-dynamic-choices`, `x-depends-on` | `true`: the connector computes choices; the parameters they depend on |
/// | `x-preset` | the set of presets of which it takes one |
/// | `x-minimum`, `x-maximum` | bounds that are no JSON number: of durations, sizes and dates |
/// | `x-deprecated` | what to use instead, beside `deprecated: true` |
/// | `x-kind` | the kind of parameter where `type` and `format` do not tell: `duration`, `byte_size`, `path` |
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
    let mut properties: Map<String, Value> = Map::new();
    for parameter in parameters {
        let one = property(parameter);
        // Two variants may each have a parameter of one name: the value is that of either.
        let both = properties.remove(&parameter.name).filter(|earlier| *earlier != one);
        let value = match both {
            Some(Value::Object(mut earlier)) if earlier.keys().eq(["anyOf"]) => {
                if let Some(Value::Array(any)) = earlier.get_mut("anyOf") {
                    any.push(one);
                }
                Value::Object(earlier)
            }
            Some(earlier) => json!({ "anyOf": [earlier, one] }),
            None => one,
        };
        properties.insert(parameter.name.clone(), value);
    }
    let required = parameters.iter().filter(|parameter| parameter.required);
    let (sometimes, always): (Vec<_>, Vec<_>) =
        required.partition(|parameter| !parameter.visible_when.is_empty());
    let always: Vec<_> = always.iter().map(|parameter| parameter.name.as_str()).collect();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), properties.into());
    if !always.is_empty() {
        schema.insert("required".into(), always.into());
    }
    if !sometimes.is_empty() {
        let rules = sometimes.iter().map(|parameter| {
            let conditions = parameter.visible_when.iter().map(|condition| met(condition, parameters));
            json!({ "if": { "allOf": conditions.collect::<Vec<_>>() }, "then": { "required": [parameter.name] } })
        });
        schema.insert("allOf".into(), rules.collect());
    }
    schema.insert("additionalProperties".into(), false.into());
}

/// A schema that an object fits while the condition holds.
fn met(condition: &Condition, parameters: &[Parameter]) -> Value {
    let Condition { parameter: name, values, negated } = condition;
    let fits = match values.as_slice() {
        [] => json!({ "not": { "enum": [null, false, "", [], {}] } }),
        [value] => json!({ "const": value }),
        values => json!({ "enum": values }),
    };
    let fits = if *negated { json!({ "not": fits }) } else { fits };
    let other = parameters.iter().find(|parameter| parameter.name == *name);
    let default = other.and_then(|other| other.default.as_ref()).unwrap_or(&Value::Null);
    let properties = json!({ "properties": { (name): fits } });
    // A property that is absent fits any schema, as it should where its default meets the condition.
    if condition.is_met(default) {
        return properties;
    }
    let Value::Object(mut schema) = properties else { return properties };
    schema.insert("required".into(), json!([name]));
    Value::Object(schema)
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
        ParameterKind::Text => set("type", "string".into()),
        ParameterKind::Path => {
            set("type", "string".into());
            set("x-kind", "path".into());
        }
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
            set("type", json!(["string", "number"]));
            set("pattern", "^([0-9]+(d|h|m|s|ms|us|ns))+$".into());
            set("minimum", 0.into());
            set("x-kind", "duration".into());
        }
        ParameterKind::ByteSize => {
            set("type", json!(["string", "integer"]));
            set("pattern", "^[0-9]+([kKmMgGtTpP][iI]?)?[bB]$".into());
            set("minimum", 0.into());
            set("x-kind", "byte_size".into());
        }
        ParameterKind::List { items } => {
            set("type", "array".into());
            set("items", property(items));
            if parameter.unique {
                set("uniqueItems", true.into());
            }
        }
        ParameterKind::Map { values } => {
            set("type", "object".into());
            set("additionalProperties", property(values));
        }
        ParameterKind::Object { parameters } if parameter.presets.is_empty() => {
            object(parameters, &mut schema);
        }
        ParameterKind::Object { parameters } => {
            let mut inline = Map::new();
            object(parameters, &mut inline);
            set("anyOf", json!([{ "type": "string", "enum": parameter.presets }, inline]));
        }
        ParameterKind::Json => {}
    }
    rules(parameter, &mut schema);
    form(parameter, &mut schema);
    Value::Object(schema)
}

fn rules(parameter: &Parameter, schema: &mut Map<String, Value>) {
    let mut set = |key: &str, value: Value| drop(schema.insert(key.to_owned(), value));
    // A schema bounds numbers only; other bounds are enforced when they are read.
    for (key, bound) in [("minimum", &parameter.minimum), ("maximum", &parameter.maximum)] {
        match bound {
            Some(bound @ Value::Number(_)) => set(key, bound.clone()),
            Some(bound) => set(&format!("x-{key}"), bound.clone()),
            None => {}
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
    if let Some(pattern) = &parameter.pattern {
        set("pattern", pattern.as_str().into());
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
    if let Some(advice) = &parameter.deprecated {
        set("deprecated", true.into());
        set("x-deprecated", advice.as_str().into());
    }
}

/// What forms need and JSON Schema has no word for.
fn form(parameter: &Parameter, schema: &mut Map<String, Value>) {
    let mut set = |key: &str, value: Value| drop(schema.insert(key.to_owned(), value));
    let texts = [
        ("x-section", &parameter.section),
        ("x-section-help", &parameter.section_help),
        ("x-preset", &parameter.preset),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            set(key, text.as_str().into());
        }
    }
    let flags = [
        ("x-advanced", parameter.advanced),
        ("x-multiline", parameter.multiline),
        ("x-hidden", parameter.hidden),
        ("x-dynamic-choices", parameter.dynamic_choices),
    ];
    for (key, _) in flags.into_iter().filter(|(_, flag)| *flag) {
        set(key, true.into());
    }
    if !parameter.depends_on.is_empty() {
        set("x-depends-on", json!(parameter.depends_on));
    }
    if !parameter.visible_when.is_empty() {
        set("x-visible-when", json!(parameter.visible_when));
    }
}

fn choice(choice: &Choice) -> Value {
    let mut schema = json!({ "const": choice.value, "title": choice.label });
    if !choice.help.is_empty() {
        schema["description"] = choice.help.as_str().into();
    }
    schema
}
