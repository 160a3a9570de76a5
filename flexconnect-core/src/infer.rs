//! Columns found from JSON rows, when nobody has declared them.

use std::collections::HashMap;

use arrow_schema::extension::{EXTENSION_TYPE_METADATA_KEY, EXTENSION_TYPE_NAME_KEY};
use arrow_schema::{DataType, Field, Fields, Schema};
use serde_json::{Number, Value as Json};

/// How many rows are looked at before the first is delivered.
pub const SAMPLE_ROWS: usize = 1_000;

/// How many bytes of rows are looked at before the first is delivered.
pub const SAMPLE_BYTES: usize = 1 << 20;

/// The schema metadata key that says a schema was inferred, and from how many rows.
///
/// A reader that is given such a schema later treats it as found in a sample: a value that does not fit is
/// answered with what widens the column.
pub const INFERRED: &str = "flexconnect:inferred";

/// The name of Arrow's extension type for JSON in a text column.
pub(crate) const JSON_EXTENSION: &str = "arrow.json";

/// How deep objects and arrays become structs and lists; what is below is JSON text.
const DEEPEST: usize = 32;

/// An object with more keys than this is not a struct but a map somebody wrote as an object.
const MOST_FIELDS: usize = 1_000;

/// The columns of these rows, in the order in which they first appear; all of them nullable.
///
/// | values, nulls aside | column |
/// |---|---|
/// | integers | `Int64`; `UInt64` when one is beyond it and none is negative |
/// | numbers, some with a fraction | `Float64`, if every integer among them is exact as one |
/// | `true` and `false` | `Boolean` |
/// | text | `Utf8`; dates are not guessed |
/// | objects | `Struct` of all their keys, each found by these rules |
/// | arrays | `List`, if the items of all of them have one type |
/// | anything else, or no value at all | [JSON text](json_field) |
///
/// ```
/// use flexconnect_core::JsonRow;
/// use flexconnect_core::arrow_schema::DataType;
/// use flexconnect_core::infer::infer_schema;
/// use serde_json::json;
///
/// let rows: Vec<JsonRow> = serde_json::from_value(json!([
///     {"id": 1, "price": 5, "note": null},
///     {"id": 2, "price": 5.5, "tags": ["new"]},
/// ]))?;
/// let schema = infer_schema(&rows);
/// let types: Vec<_> = schema.fields().iter().map(|field| field.data_type().to_string()).collect();
/// assert_eq!(types, ["Int64", "Float64", "Utf8", "List(Utf8)"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// The schema carries the metadata [`INFERRED`].
pub fn infer_schema<'a, R>(rows: impl IntoIterator<Item = R>) -> Schema
where
    R: IntoIterator<Item = (&'a String, &'a Json)>,
{
    let mut columns = Object::default();
    let mut count = 0usize;
    for row in rows {
        count += 1;
        for (name, value) in row {
            columns.kind_of(name).observe(value, 1);
        }
    }
    Schema::new_with_metadata(columns.fields(), HashMap::from([(INFERRED.to_owned(), count.to_string())]))
}

/// A nullable column of JSON text: `Utf8` with the extension type `arrow.json`. It takes any JSON value.
pub fn json_field(name: impl Into<String>) -> Field {
    Field::new(name, DataType::Utf8, true).with_metadata(HashMap::from([
        (EXTENSION_TYPE_NAME_KEY.to_owned(), JSON_EXTENSION.to_owned()),
        (EXTENSION_TYPE_METADATA_KEY.to_owned(), String::new()),
    ]))
}

/// From how many rows a schema was inferred; `None` when it was declared.
pub fn sampled_rows(schema: &Schema) -> Option<u64> {
    schema.metadata().get(INFERRED)?.parse().ok()
}

/// What the values of one place have in common so far.
#[derive(Debug, Default)]
enum Kind {
    /// Only nulls.
    #[default]
    Unknown,
    Boolean,
    Number(Numbers),
    Text,
    List(Box<Kind>),
    Object(Object),
    /// Nothing.
    Mixed,
}

impl Kind {
    /// Takes one more value into account, `depth` objects and arrays below the table.
    fn observe(&mut self, value: &Json, depth: usize) {
        if depth > DEEPEST && (value.is_array() || value.is_object()) {
            *self = Kind::Mixed;
            return;
        }
        if matches!(self, Kind::Unknown) {
            *self = match value {
                Json::Null => Kind::Unknown,
                Json::Bool(_) => Kind::Boolean,
                Json::Number(_) => Kind::Number(Numbers::default()),
                Json::String(_) => Kind::Text,
                Json::Array(_) => Kind::List(Box::default()),
                Json::Object(_) => Kind::Object(Object::default()),
            };
        }
        match (&mut *self, value) {
            (_, Json::Null) | (Kind::Boolean, Json::Bool(_)) | (Kind::Text, Json::String(_)) => {}
            (Kind::Number(numbers), Json::Number(number)) => numbers.observe(number),
            (Kind::List(item), Json::Array(items)) => {
                items.iter().for_each(|value| item.observe(value, depth + 1));
            }
            (Kind::Object(object), Json::Object(members)) => {
                for (name, value) in members {
                    object.kind_of(name).observe(value, depth + 1);
                }
                if object.members.len() > MOST_FIELDS {
                    *self = Kind::Mixed;
                }
            }
            _ => *self = Kind::Mixed,
        }
    }

    /// The type that holds all values; `None` when only JSON text does.
    fn data_type(&self) -> Option<DataType> {
        match self {
            Kind::Unknown | Kind::Mixed => None,
            Kind::Boolean => Some(DataType::Boolean),
            Kind::Number(numbers) => numbers.data_type(),
            Kind::Text => Some(DataType::Utf8),
            Kind::List(item) => Some(DataType::List(Field::new_list_field(item.data_type()?, true).into())),
            Kind::Object(object) if object.members.is_empty() => None,
            Kind::Object(object) => Some(DataType::Struct(object.fields())),
        }
    }
}

/// The members of objects, in the order in which they first appear.
#[derive(Debug, Default)]
struct Object {
    members: Vec<(String, Kind)>,
    positions: HashMap<String, usize>,
}

impl Object {
    fn kind_of(&mut self, name: &str) -> &mut Kind {
        let position = match self.positions.get(name) {
            Some(&position) => position,
            None => {
                self.positions.insert(name.to_owned(), self.members.len());
                self.members.push((name.to_owned(), Kind::Unknown));
                self.members.len() - 1
            }
        };
        &mut self.members[position].1
    }

    fn fields(&self) -> Fields {
        let field = |(name, kind): &(String, Kind)| match kind.data_type() {
            Some(data_type) => Field::new(name, data_type, true),
            None => json_field(name),
        };
        self.members.iter().map(field).collect()
    }
}

/// What numbers have in common.
#[derive(Debug, Default)]
struct Numbers {
    negative: bool,
    beyond_i64: bool,
    fraction: bool,
    /// An integer that is not exact as a 64-bit float.
    beyond_float: bool,
}

impl Numbers {
    fn observe(&mut self, number: &Number) {
        let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        match whole {
            Some(whole) => {
                self.negative |= whole < 0;
                self.beyond_i64 |= whole > i128::from(i64::MAX);
                self.beyond_float |= whole as f64 as i128 != whole;
            }
            None => self.fraction = true,
        }
    }

    fn data_type(&self) -> Option<DataType> {
        match self {
            Numbers { fraction: true, beyond_float, .. } => (!beyond_float).then_some(DataType::Float64),
            Numbers { beyond_i64: false, .. } => Some(DataType::Int64),
            Numbers { negative: false, .. } => Some(DataType::UInt64),
            Numbers { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The column types of rows, JSON text as `json`.
    fn types(rows: Json) -> Vec<String> {
        let rows: Vec<serde_json::Map<String, Json>> = serde_json::from_value(rows).unwrap();
        let schema = infer_schema(&rows);
        assert_eq!(sampled_rows(&schema), Some(rows.len() as u64));
        schema
            .fields()
            .iter()
            .map(|field| {
                assert!(field.is_nullable());
                let json = field.extension_type_name() == Some(JSON_EXTENSION);
                if json { "json".to_owned() } else { field.data_type().to_string() }
            })
            .collect()
    }

    fn one(values: &[Json]) -> String {
        types(values.iter().map(|value| json!({ "c": value })).collect()).remove(0)
    }

    #[test]
    fn scalars_widen() {
        assert_eq!(one(&[json!(1), json!(null), json!(i64::MIN)]), "Int64");
        assert_eq!(one(&[json!(1), json!(u64::MAX)]), "UInt64");
        assert_eq!(one(&[json!(-1), json!(u64::MAX)]), "json");
        assert_eq!(one(&[json!(1), json!(1.5)]), "Float64");
        assert_eq!(one(&[json!(9_007_199_254_740_993_i64), json!(1.5)]), "json");
        assert_eq!(one(&[json!(9_007_199_254_740_992_i64), json!(1.5)]), "Float64");
        assert_eq!(one(&[json!(true), json!(null)]), "Boolean");
        assert_eq!(one(&[json!(true), json!(1)]), "json");
        assert_eq!(one(&[json!("2024-05-17")]), "Utf8");
        assert_eq!(one(&[json!("1"), json!(1)]), "json");
        assert_eq!(one(&[json!(null), json!(null)]), "json");
    }

    #[test]
    fn arrays_and_objects() {
        assert_eq!(one(&[json!([1, null]), json!([]), json!([2.5])]), "List(Float64)");
        assert_eq!(one(&[json!([[1], []])]), "List(List(Int64))");
        assert_eq!(one(&[json!([1, "a"])]), "json");
        assert_eq!(one(&[json!([1]), json!(["a"])]), "json");
        assert_eq!(one(&[json!([1]), json!(1)]), "json");
        assert_eq!(one(&[json!([]), json!([null])]), "json");
        assert_eq!(one(&[json!({}), json!({})]), "json");
        assert_eq!(
            one(&[json!({"a": 1}), json!({"b": "x", "a": null}), json!({})]),
            r#"Struct("a": Int64, "b": Utf8)"#
        );
        assert_eq!(one(&[json!({"a": 1}), json!([1])]), "json");
        let mixed_member = one(&[json!({"a": 1, "b": 2}), json!({"a": "x"})]);
        assert!(
            mixed_member.contains(JSON_EXTENSION) && mixed_member.contains(r#""b": Int64"#),
            "{mixed_member}"
        );
    }

    #[test]
    fn columns_come_in_the_order_of_their_first_row() {
        let rows: Vec<serde_json::Map<String, Json>> =
            serde_json::from_value(json!([{"b": 1}, {"a": 1, "c": null}, {"d": 1, "b": 1}])).unwrap();
        let schema = infer_schema(&rows);
        assert_eq!(
            schema.fields().iter().map(|field| field.name()).collect::<Vec<_>>(),
            ["b", "a", "c", "d"]
        );
        let none: [serde_json::Map<String, Json>; 0] = [];
        assert!(infer_schema(&none).fields().is_empty());
    }

    #[test]
    fn what_is_too_deep_or_too_wide_is_json() {
        let nested = |levels: usize| (1..levels).fold(json!([1]), |inner, _| json!([inner]));
        assert!(one(&[nested(DEEPEST)]).starts_with("List("));
        assert_eq!(one(&[nested(DEEPEST + 1)]), "json");
        let wide: serde_json::Map<_, _> = (0..=MOST_FIELDS).map(|n| (n.to_string(), json!(n))).collect();
        assert_eq!(one(&[Json::Object(wide)]), "json");
    }
}
