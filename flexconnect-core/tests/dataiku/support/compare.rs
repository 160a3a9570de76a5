//! Two descriptors side by side.

use serde_json::Value;

use super::condition::normal;

/// What a form and its values depend on; other keys are display, or ignored by their reader.
const COMPARED: [&str; 15] = [
    "type",
    "label",
    "description",
    "defaultValue",
    "mandatory",
    "visibilityCondition",
    "selectChoices",
    "getChoicesFromPython",
    "triggerParameters",
    "minI",
    "maxI",
    "minD",
    "maxD",
    "parameterSetId",
    "allowDuplicates",
];

/// Every difference, a line each: `name.key: ours, not theirs`.
pub(crate) fn differences(ours: &[Value], theirs: &[Value]) -> Vec<String> {
    let mut differences = Vec::new();
    let (our_keys, their_keys) = (keys(ours), keys(theirs));
    for (key, param) in their_keys.iter().zip(theirs) {
        match our_keys.iter().position(|ours| ours == key) {
            Some(index) => differences.extend(of_param(key, &ours[index], param)),
            None => differences.push(format!("{key}: missing")),
        }
    }
    differences.extend(
        our_keys.iter().filter(|key| !their_keys.contains(key)).map(|key| format!("{key}: only ours")),
    );
    let common = |keys: &[String], others: &[String]| -> Vec<String> {
        keys.iter().filter(|key| others.contains(key)).cloned().collect()
    };
    let (ours, theirs) = (common(&our_keys, &their_keys), common(&their_keys, &our_keys));
    if let Some((ours, theirs)) = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs) {
        differences.push(format!("order: `{ours}` where theirs has `{theirs}`"));
    }
    differences
}

/// What a parameter is found by: its name, or a separator's label; a second one of a name gets a number.
fn keys(params: &[Value]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for param in params {
        let key = match param["type"].as_str() {
            Some("SEPARATOR") => format!("--{}", param["label"].as_str().unwrap_or_default()),
            _ => param["name"].as_str().unwrap_or_default().to_owned(),
        };
        let again =
            keys.iter().filter(|other| **other == key || other.starts_with(&format!("{key}#"))).count();
        keys.push(if again == 0 { key } else { format!("{key}#{}", again + 1) });
    }
    keys
}

fn of_param(name: &str, ours: &Value, theirs: &Value) -> Vec<String> {
    let mut differences: Vec<String> = Vec::new();
    for key in COMPARED {
        let (ours, theirs) = (meaning(key, &ours[key]), meaning(key, &theirs[key]));
        if ours != theirs {
            differences.push(format!("{name}.{key}: {ours}, not {theirs}"));
        }
    }
    if let (Some(ours), Some(theirs)) = (ours["subParams"].as_array(), theirs["subParams"].as_array()) {
        differences.extend(self::differences(ours, theirs).iter().map(|line| format!("{name}.{line}")));
    } else if ours["subParams"] != theirs["subParams"] {
        differences.push(format!("{name}.subParams: on one side only"));
    }
    differences
}

/// A value so that two spellings of one thing are equal: what is empty or `false` says nothing.
fn meaning(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("visibilityCondition", Value::String(text)) if text == "false" => Value::Bool(false),
        ("visibilityCondition", Value::String(text)) => normal(text).into(),
        ("visibilityCondition" | "defaultValue", Value::Bool(false)) => Value::Bool(false),
        (_, Value::Bool(false)) => Value::Null,
        (_, Value::String(text)) if text.is_empty() => Value::Null,
        (_, Value::Array(elements)) if elements.is_empty() => Value::Null,
        ("description", Value::String(text)) => text.split_whitespace().collect::<Vec<_>>().join(" ").into(),
        (_, other) => other.clone(),
    }
}
