//! TOML as JSON, which configurations are read from.

use serde_json::{Map, Value};

/// The values of a file, or what is wrong with it and in which line; none of its text is quoted, which may be a secret.
pub(super) fn parse(text: &str) -> Result<Map<String, Value>, String> {
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("line {line}: {}", error.message())
    })?;
    members(table)
}

/// One value, as it stands after `=`.
pub(super) fn parse_value(text: &str) -> Option<Value> {
    let mut values = parse(&format!("value = {text}")).ok()?;
    // What ends the value and begins something else is no value.
    if values.len() == 1 { values.remove("value") } else { None }
}

fn members(table: toml::Table) -> Result<Map<String, Value>, String> {
    table
        .into_iter()
        .map(|(key, member)| {
            let member = value(member).map_err(|fault| format!("`{key}` {fault}"))?;
            Ok((key, member))
        })
        .collect()
}

fn value(value: toml::Value) -> Result<Value, String> {
    Ok(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(integer) => integer.into(),
        toml::Value::Float(float) => match serde_json::Number::from_f64(float) {
            Some(number) => Value::Number(number),
            None => return Err("is not finite".into()),
        },
        toml::Value::Boolean(boolean) => boolean.into(),
        // As text, which dates are read from.
        toml::Value::Datetime(datetime) => datetime.to_string().into(),
        toml::Value::Array(elements) => {
            Value::Array(elements.into_iter().map(self::value).collect::<Result<_, _>>()?)
        }
        toml::Value::Table(table) => Value::Object(members(table)?),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_type_has_its_json() {
        let text = "a = 1\nb = 1.5\nc = true\nd = 'x'\ne = [1, 'y']\nf = 2024-01-31\n[g.h]\ni = {j = 2}";
        let values = json!({
            "a": 1, "b": 1.5, "c": true, "d": "x", "e": [1, "y"], "f": "2024-01-31", "g": {"h": {"i": {"j": 2}}}
        });
        assert_eq!(Value::Object(parse(text).unwrap()), values);
        assert!(parse("a = {b = [nan]}").unwrap_err().contains("`a` `b` is not finite"));
    }

    #[test]
    fn a_fault_has_its_line_and_none_of_its_text() {
        for wrong in ["a = 1\ntoken hush", "a = 1\ntoken = hush", "a = 1\ntoken = \"hush", "a = 1\n[hush"] {
            let fault = parse(wrong).unwrap_err();
            assert!(fault.starts_with("line 2: ") && !fault.contains("hush"), "{fault}");
        }
    }

    #[test]
    fn one_value_is_one_value() {
        assert_eq!(parse_value("[1, 2]"), Some(json!([1, 2])));
        assert_eq!(parse_value("8080"), Some(json!(8080)));
        assert_eq!(parse_value("[1,\n 2]\n"), Some(json!([1, 2])));
        for wrong in ["plain text", "1\nother = 2", "1\n[other]", "1\nvalue = 2", "{}\n[value.other]", ""] {
            assert_eq!(parse_value(wrong), None);
        }
    }
}
