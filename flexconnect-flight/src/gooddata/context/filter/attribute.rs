//! Filters by the values of a label.

use flexconnect_core::arrow_schema::{DataType, Field};
use flexconnect_core::{Error, Predicate, Value};
use serde_json::{Map, Value as Json};

use super::super::column::{is_text, shown_type};
use super::super::reading::Object;

/// Values of a label, for a positive or a negative filter.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AttributeFilter {
    /// The label's id.
    pub label_identifier: String,
    /// The values as the label shows them; `None` stands for no value.
    pub values: Vec<Option<String>>,
    /// Keys that this version does not know, as they came.
    pub rest: Map<String, Json>,
}

impl AttributeFilter {
    pub(super) fn read(mut object: Object<'_, '_>) -> Result<Self, Error> {
        Ok(AttributeFilter {
            label_identifier: object.text("labelIdentifier")?,
            // No default: a list that is missing must not leave a report without its rows.
            values: object.required("values", "a list")?.each(|value| value.text_or_null())?,
            rest: object.rest(),
        })
    }

    pub(super) fn lists(&self, label: Option<&str>) -> bool {
        self.values.iter().any(|value| value.as_deref() == label)
    }

    pub(super) fn to_predicate(&self, field: &Field, negated: bool) -> Option<Predicate> {
        let column = || field.name().clone();
        let listed = self.values.iter().flatten().filter(|text| may_show(text, field.data_type()));
        let values: Vec<Value> =
            listed.map(|value| as_value(value, field.data_type())).collect::<Option<_>>()?;
        let names_null = self.values.contains(&None);
        let is_null = || Predicate::IsNull { column: column(), negated: false };
        let in_values = |values| Predicate::In { column: column(), values, negated };
        Some(match (negated, names_null) {
            (false, false) => in_values(values),
            (false, true) if values.is_empty() => is_null(),
            (false, true) => Predicate::Or(vec![in_values(values), is_null()]),
            (true, false) if values.is_empty() => Predicate::And(Vec::new()),
            (true, false) if field.is_nullable() => Predicate::Or(vec![in_values(values), is_null()]),
            (true, true) if values.is_empty() => Predicate::IsNull { column: column(), negated: true },
            // Of a null `NOT IN` is unknown, and unknown is not kept.
            (true, _) => in_values(values),
        })
    }
}

/// Whether some value of the column may show as this text: a whole number shows as `5`, never as `05` or `+5`.
fn may_show(text: &str, data_type: &DataType) -> bool {
    let other_writing = |number: i128| number.to_string() != text;
    !(shown_type(data_type).is_integer() && text.parse().is_ok_and(other_writing))
}

/// A label's text as a value of the column; `None` when it is not certain which value shows as this text.
fn as_value(text: &str, data_type: &DataType) -> Option<Value> {
    let leaf = shown_type(data_type);
    let json = match leaf {
        DataType::Boolean => Json::from(text.parse::<bool>().ok()?),
        DataType::Date32 | DataType::Date64 => Json::from(text),
        leaf if leaf.is_numeric() || is_text(leaf) => Json::from(text),
        _ => return None,
    };
    let value = Value::from_json(&json, data_type).ok()?;
    let as_written = match (&value, leaf) {
        (Value::Utf8(_), _) => true,
        // The shortest text of a narrow float is not that of the wide one.
        (Value::Float64(value), DataType::Float16 | DataType::Float32) => (*value as f32).to_string() == text,
        (value, _) => value.to_string() == text,
    };
    as_written.then_some(value)
}
