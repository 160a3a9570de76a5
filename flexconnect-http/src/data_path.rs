//! Where in an answer the rows are.

use std::fmt;

use flexconnect_core::config::{ConfigValue, Faults, Input, Parameter, ParameterKind};
use flexconnect_core::{Error, ErrorKind};
use serde_json::Value;

/// The keys that lead to the rows of an answer, joined by dots: `results`, `data.items`; empty for the whole
/// answer.
///
/// ```
/// use flexconnect_http::DataPath;
/// use serde_json::json;
///
/// let path = DataPath::parse("data.items").unwrap();
/// assert_eq!(path.rows(json!({ "data": { "items": [1, 2] } })).unwrap(), [json!(1), json!(2)]);
/// assert!(path.rows(json!({ "data": {} })).unwrap().is_empty());
/// assert_eq!(path.rows(json!({ "data": { "items": { "id": 1 } } })).unwrap(), [json!({ "id": 1 })]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataPath(Vec<String>);

/// A text that is no [`DataPath`]: between two dots, or before or after one, there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{EXPECTED}")]
#[non_exhaustive]
pub struct NotDataPath;

const EXPECTED: &str = "keys joined by dots, such as `results` or `data.items`";

impl DataPath {
    /// A path from its text.
    ///
    /// # Errors
    /// When there is no key between two dots, before the first or after the last.
    pub fn parse(path: &str) -> Result<Self, NotDataPath> {
        if path.is_empty() {
            return Ok(DataPath::default());
        }
        let keys: Vec<String> = path.split('.').map(str::to_owned).collect();
        if keys.iter().any(String::is_empty) { Err(NotDataPath) } else { Ok(DataPath(keys)) }
    }

    /// The rows at the end of the path: the elements of a list, or the one value that is there instead of a list.
    /// Where a key is missing, or `null` stands on the way or at its end, there are none.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] when something on the way is no object.
    pub fn rows(&self, answer: Value) -> Result<Vec<Value>, Error> {
        let mut value = answer;
        for (depth, key) in self.0.iter().enumerate() {
            value = match value {
                Value::Object(mut members) => members.swap_remove(key).unwrap_or_default(),
                Value::Null => return Ok(Vec::new()),
                other => {
                    let at = self.0[..depth].join(".");
                    let place =
                        if at.is_empty() { "the answer".to_owned() } else { format!("`{at}` of the answer") };
                    let message = format!(
                        "{place} is {}, not an object with `{key}`; mend the data path `{self}`",
                        kind_of(&other)
                    );
                    return Err(Error::new(ErrorKind::Data, message));
                }
            };
        }
        Ok(match value {
            Value::Array(rows) => rows,
            Value::Null => Vec::new(),
            one => vec![one],
        })
    }
}

/// What a JSON value is, in words.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The path as it was written.
impl fmt::Display for DataPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

impl ConfigValue for DataPath {
    fn parameter() -> Parameter {
        Parameter::new(ParameterKind::Text)
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let path = DataPath::parse(input.text(EXPECTED, faults)?).ok();
        if path.is_none() {
            input.mismatch(EXPECTED, faults);
        }
        path
    }

    fn to_json(&self) -> Value {
        Value::String(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(path: &str, answer: Value) -> Result<Vec<Value>, String> {
        DataPath::parse(path).unwrap().rows(answer).map_err(|error| error.to_string())
    }

    #[test]
    fn the_end_of_the_path_is_a_list_or_one_row() {
        assert_eq!(rows("", json!([1, 2])).unwrap().len(), 2);
        assert_eq!(rows("", json!({ "id": 1 })).unwrap(), [json!({ "id": 1 })]);
        assert_eq!(rows("results", json!({ "results": [], "count": 0 })).unwrap().len(), 0);
        assert_eq!(rows("a.b", json!({ "a": { "b": [[1]] } })).unwrap(), [json!([1])]);
        for nothing in
            [json!(null), json!({}), json!({ "a": null }), json!({ "a": {} }), json!({ "a": { "b": null } })]
        {
            assert_eq!(rows("a.b", nothing).unwrap().len(), 0);
        }
    }

    #[test]
    fn what_is_in_the_way_is_named() {
        let error = rows("a.b", json!({ "a": [1] })).unwrap_err();
        assert_eq!(error, "`a` of the answer is a list, not an object with `b`; mend the data path `a.b`");
        let error = rows("a", json!([1])).unwrap_err();
        assert_eq!(error, "the answer is a list, not an object with `a`; mend the data path `a`");
    }

    #[test]
    fn a_path_has_a_key_between_its_dots() {
        for text in [".", "a.", ".a", "a..b"] {
            assert_eq!(DataPath::parse(text), Err(NotDataPath), "{text}");
        }
        assert_eq!(DataPath::parse("a.b c").unwrap().to_string(), "a.b c");
    }
}
