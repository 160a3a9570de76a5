//! Conditions as the JavaScript a descriptor has for them.

use flexconnect_core::Parameter;
use flexconnect_core::config::{Condition, ParameterKind};
use serde_json::Value;

/// An expression over the form's `model` that is true while all conditions hold.
pub(crate) fn javascript(conditions: &[Condition], siblings: &[Parameter]) -> String {
    let parts: Vec<_> = conditions.iter().map(|condition| one(condition, siblings)).collect();
    parts.join(" && ")
}

fn one(condition: &Condition, siblings: &[Parameter]) -> String {
    let name = &condition.parameter;
    if condition.negated {
        let values = condition.values.iter().map(|value| format!("model.{name} != {}", literal(value)));
        let none: Vec<_> = values.collect();
        let positive = || format!("!({})", one(&condition.clone().negated(), siblings));
        return if none.is_empty() { positive() } else { none.join(" && ") };
    }
    let values: Vec<_> = condition.values.iter().map(literal).collect();
    match (condition.values.as_slice(), values.as_slice()) {
        ([], _) => {
            let kind = siblings.iter().find(|one| one.name == *name).map(|one| &one.kind);
            match kind {
                // A preset that nobody has picked is an object too, with the mode `NONE`.
                Some(ParameterKind::Object { .. }) => {
                    format!("model.{name} && model.{name}.mode != 'NONE'")
                }
                // An empty list is true in JavaScript, and 0 is false.
                Some(ParameterKind::List { .. } | ParameterKind::Map { .. }) => {
                    format!("model.{name} && model.{name}.length > 0")
                }
                Some(ParameterKind::Integer | ParameterKind::Number) => format!("model.{name} != null"),
                _ => format!("model.{name}"),
            }
        }
        ([Value::Bool(true)], _) => format!("model.{name}"),
        ([Value::Bool(false)], _) => format!("!model.{name}"),
        (_, [value]) => format!("model.{name} == {value}"),
        (_, values) => format!("[{}].includes(model.{name})", values.join(", ")),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
        other => other.to_string(),
    }
}

/// The same expression in one spelling, to compare it.
pub(crate) fn normal(javascript: &str) -> String {
    let mut text: String = javascript.chars().filter(|c| !c.is_whitespace()).collect();
    for (from, to) in [("===", "=="), ("!==", "!="), ("==true", ""), ("\"", "'")] {
        text = text.replace(from, to);
    }
    // Parentheses around one comparison, or around everything, say nothing; those of a call do.
    let mut from = 0;
    while let Some(start) = text[from..].find('(').map(|at| from + at) {
        let called = text[..start].ends_with(|c: char| c.is_alphanumeric());
        let Some(end) = closing(&text, start).filter(|_| !called) else {
            from = start + 1;
            continue;
        };
        let inside = &text[start + 1..end];
        let whole = start == 0 && end + 1 == text.len();
        if whole || !inside.contains("&&") && !inside.contains("||") {
            text = [&text[..start], inside, &text[end + 1..]].concat();
        } else {
            from = start + 1;
        }
    }
    text
}

/// Where the parenthesis that opens here is closed.
fn closing(text: &str, start: usize) -> Option<usize> {
    let mut depth = 0;
    for (index, letter) in text[start..].char_indices() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(start + index),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[test]
fn spellings_of_one_condition_are_the_same() {
    assert_eq!(normal("(model.a === \"x\" && model.b==true)"), "model.a=='x'&&model.b");
    assert_eq!(normal("(model.a)&&(model.b)"), "model.a&&model.b");
    assert_eq!(normal("(['x'].includes(model.a))"), "['x'].includes(model.a)");
    assert_eq!(normal("model.a || (model.b && model.c)"), "model.a||(model.b&&model.c)");
}
