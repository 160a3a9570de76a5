//! Rows whose columns are known only at run time: names and JSON values.

mod buffer;
mod column;
mod nested;
mod read;
mod text;
mod values;

use std::fmt;

use arrow_schema::SchemaRef;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value as Json};

use super::{Accepts, Record};

pub use buffer::JsonBuffer;

/// One row of a table whose columns are known only at run time: JSON values by column name.
///
/// The columns are those of the connector's `get_read_schema`; when it gives none they are
/// [inferred](crate::infer) from the first rows. A name that is not in the row, and `null`, is a null. With
/// a declared schema, names that are no column are ignored.
///
/// ```
/// use flexconnect_core::JsonRow;
/// use serde_json::json;
///
/// let mut row: JsonRow = serde_json::from_str(r#"{"id": 7, "name": "Ada"}"#)?;
/// row.insert("born", "1815-12-10");
/// assert_eq!(row.get("id"), Some(&json!(7)));
/// assert_eq!(row, JsonRow::from_iter([("id", json!(7)), ("name", json!("Ada")), ("born", json!("1815-12-10"))]));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # What fits which column
///
/// A value that does not fit ends the read with an error that names row and column: nothing is rounded or
/// cut, and no null stands in for it.
///
/// | column | JSON |
/// |---|---|
/// | integers | a whole number in range, `3.0` too |
/// | floats | a number; a whole one must be exact |
/// | `Boolean` | `true`, `false` |
/// | text (`Utf8`, `LargeUtf8`, `Utf8View`, dictionaries of them) | text |
/// | text with the extension type `arrow.json` | any value, as JSON text |
/// | decimals | a number of up to 15 digits, any integer, or text; with no more digits than the column has |
/// | `Date32`, `Date64` | `"2024-05-17"`, or a number in the column's unit |
/// | `Time32`, `Time64` | `"08:30:00.25"`, or a number in the column's unit |
/// | `Timestamp` with a zone | `"2024-05-17T08:30:00Z"`, any offset, or a number in the column's unit |
/// | `Timestamp` without | `"2024-05-17T08:30:00"`, or a number in the column's unit |
/// | `Duration` | `"PT1.5S"`, or a number in the column's unit |
/// | `List`, `LargeList`, `FixedSizeList` | an array |
/// | `Struct` | an object, by the rules for rows |
/// | `Map` with text keys | an object |
/// | `Null` | `null` |
///
/// JSON has no bytes: tables with binary columns have `#[derive(Table)]` rows or record batches.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JsonRow(Map<String, Json>);

impl JsonRow {
    /// A row without values.
    pub fn new() -> Self {
        JsonRow::default()
    }

    /// The value of this column.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.get(name)
    }

    /// Sets the value of this column and gives the one it had. A new column is the last one.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Json>) -> Option<Json> {
        self.0.insert(name.into(), value.into())
    }

    /// Names and values, in the order they came in.
    pub fn iter(&self) -> serde_json::map::Iter<'_> {
        self.0.iter()
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Record for JsonRow {
    type Buffer = JsonBuffer;

    fn schema() -> Option<SchemaRef> {
        None
    }
}

impl Accepts<JsonRow> for JsonRow {
    fn push(buffer: &mut JsonBuffer, row: JsonRow) {
        buffer.push(row.0);
    }
}

/// Of equal names the last one counts.
impl<K: Into<String>, V: Into<Json>> FromIterator<(K, V)> for JsonRow {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(values: I) -> Self {
        JsonRow(values.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl From<Map<String, Json>> for JsonRow {
    fn from(object: Map<String, Json>) -> Self {
        JsonRow(object)
    }
}

impl From<JsonRow> for Map<String, Json> {
    fn from(row: JsonRow) -> Self {
        row.0
    }
}

impl<'a> IntoIterator for &'a JsonRow {
    type Item = (&'a String, &'a Json);
    type IntoIter = serde_json::map::Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl IntoIterator for JsonRow {
    type Item = (String, Json);
    type IntoIter = serde_json::map::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// From a JSON object; anything else is an error.
impl<'de> Deserialize<'de> for JsonRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Row;

        impl<'de> Visitor<'de> for Row {
            type Value = JsonRow;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object, which is one row")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<JsonRow, A::Error> {
                let mut row = JsonRow::new();
                while let Some((name, value)) = members.next_entry::<String, Json>()? {
                    row.insert(name, value);
                }
                Ok(row)
            }
        }

        deserializer.deserialize_map(Row)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_is_an_object_in_its_order() {
        let row: JsonRow = serde_json::from_str(r#"{"z": 1, "a": [2], "z": 3}"#).unwrap();
        assert_eq!(row.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["z", "a"]);
        assert_eq!(row.get("z"), Some(&json!(3)));
        assert_eq!(row, JsonRow::from_iter([("z", json!(3)), ("a", json!([2]))]));
        assert_eq!(row.len(), 2);
        let error = serde_json::from_value::<JsonRow>(json!([1])).unwrap_err().to_string();
        assert!(error.contains("expected a JSON object, which is one row"), "{error}");
    }
}
