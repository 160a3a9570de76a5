//! The keys of a configuration, written down from the code that reads them.

use flexconnect_core::Parameter;
use flexconnect_core::config::{Config, ParameterKind};
use serde_json::Value;

/// Every key of this configuration as TOML in comments: what is said of a key stands after `##`, and the key with its
/// default, or an example if it has none, after `#`.
///
/// ```
/// use flexconnect_core::Config;
/// use flexconnect_flight::settings::documented;
///
/// #[derive(Config)]
/// struct Program {
///     /// How often it greets.
///     #[config(default = 3, min = 1)]
///     times: u8,
///     /// Whom.
///     name: String,
/// }
///
/// assert_eq!(
///     documented::<Program>(),
///     "## How often it greets.\n## At least 1, at most 255.\n# times = 3\n\n## Whom.\n## Required.\n# name = \"..\"\n"
/// );
/// ```
pub fn documented<C: Config>() -> String {
    let mut out = String::new();
    table(&mut out, &mut Vec::new(), &C::parameters());
    out
}

/// The keys of one table: those with a value of their own before the tables in it, as TOML wants it.
fn table(out: &mut String, path: &mut Vec<String>, parameters: &[Parameter]) {
    let (tables, values): (Vec<_>, Vec<_>) = parameters.iter().partition(|one| is_table(one));
    for parameter in values {
        gap(out);
        said(out, parameter);
        line(out, &format!("{} = {}", key(&parameter.name), sample(parameter)));
    }
    for parameter in tables {
        path.push(parameter.name.clone());
        gap(out);
        said(out, parameter);
        inner(out, path, &parameter.kind);
        path.pop();
    }
}

/// Whether it is best written as a table of its own.
fn is_table(parameter: &Parameter) -> bool {
    match &parameter.kind {
        ParameterKind::Object { .. } | ParameterKind::Map { .. } => true,
        ParameterKind::List { items } => matches!(items.kind, ParameterKind::Object { .. }),
        _ => false,
    }
}

fn inner(out: &mut String, path: &mut Vec<String>, kind: &ParameterKind) {
    match kind {
        ParameterKind::Object { parameters } => {
            line(out, &format!("[{}]", joined(path)));
            table(out, path, parameters);
        }
        ParameterKind::List { items } => {
            line(out, &format!("[[{}]]", joined(path)));
            if let ParameterKind::Object { parameters } = &items.kind {
                table(out, path, parameters);
            }
        }
        ParameterKind::Map { values } if is_table(values) => {
            path.push("NAME".into());
            inner(out, path, &values.kind);
            path.pop();
        }
        ParameterKind::Map { values } => {
            line(out, &format!("[{}]", joined(path)));
            line(out, &format!("NAME = {}", sample(values)));
        }
        _ => {}
    }
}

/// What there is to know besides the value.
fn said(out: &mut String, parameter: &Parameter) {
    for text in parameter.help.lines() {
        out.push_str(&format!("## {text}\n"));
    }
    let mut rules = Vec::new();
    // The bounds of a type are no rule anybody has made.
    let least = parameter.minimum.as_ref().filter(|least| least.as_u64() != Some(0));
    let most = parameter.maximum.as_ref().filter(|most| !is_huge(most));
    match (least, most) {
        (Some(least), Some(most)) => {
            rules.push(format!("At least {}, at most {}.", literal(least), literal(most)));
        }
        (Some(least), None) => rules.push(format!("At least {}.", literal(least))),
        (None, Some(most)) => rules.push(format!("At most {}.", literal(most))),
        (None, None) => {}
    }
    if !parameter.choices.is_empty() {
        let choices: Vec<_> =
            parameter.choices.iter().map(|choice| literal(&Value::from(choice.value.as_str()))).collect();
        rules.push(format!("One of {}.", choices.join(", ")));
    }
    let sections = matches!(parameter.kind, ParameterKind::Object { .. });
    if parameter.holds_secret() && !sections {
        rules.push("Secret: best a variable, \"${NAME}\".".into());
    }
    if parameter.required {
        rules.push("Required.".into());
    }
    if !rules.is_empty() {
        out.push_str(&format!("## {}\n", rules.join(" ")));
    }
}

/// Whether this can only be the largest number of a type.
fn is_huge(most: &Value) -> bool {
    most.as_u64().is_some_and(|most| most >= u64::from(u32::MAX))
}

/// The default, or an example.
fn sample(parameter: &Parameter) -> String {
    if let Some(default) = parameter.default.as_ref().filter(|default| !default.is_null()) {
        return literal(default);
    }
    if let Some(example) = &parameter.placeholder {
        return match &parameter.kind {
            ParameterKind::List { .. } => format!("[{}]", literal(&Value::from(example.as_str()))),
            ParameterKind::Integer | ParameterKind::Number | ParameterKind::Boolean => example.clone(),
            _ => literal(&Value::from(example.as_str())),
        };
    }
    match &parameter.kind {
        ParameterKind::Integer => "0".into(),
        ParameterKind::Number => "0.0".into(),
        ParameterKind::Boolean => "false".into(),
        ParameterKind::Choice => parameter
            .choices
            .first()
            .map_or_else(|| "\"..\"".into(), |choice| literal(&Value::from(choice.value.as_str()))),
        ParameterKind::Date => "\"2024-01-31\"".into(),
        ParameterKind::Timestamp => "\"2024-01-31T12:00:00Z\"".into(),
        ParameterKind::Duration => "\"30s\"".into(),
        ParameterKind::ByteSize => "\"16MiB\"".into(),
        ParameterKind::List { items } => format!("[{}]", sample(items)),
        ParameterKind::Map { .. } | ParameterKind::Object { .. } | ParameterKind::Json => "{}".into(),
        _ => "\"..\"".into(),
    }
}

/// A value as TOML writes it.
fn literal(value: &Value) -> String {
    match value {
        Value::Array(elements) => {
            format!("[{}]", elements.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let members: Vec<_> =
                members.iter().map(|(name, member)| format!("{} = {}", key(name), literal(member))).collect();
            if members.is_empty() { "{}".into() } else { format!("{{ {} }}", members.join(", ")) }
        }
        // Text and numbers are the same in both.
        other => other.to_string(),
    }
}

fn joined(path: &[String]) -> String {
    path.iter().map(|name| key(name)).collect::<Vec<_>>().join(".")
}

/// A key, in quotes where it needs them.
fn key(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !name.is_empty() && name.chars().all(plain) { name.to_owned() } else { Value::from(name).to_string() }
}

fn line(out: &mut String, text: &str) {
    out.push_str(&format!("# {text}\n"));
}

fn gap(out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
}
