//! A set of columns that takes objects, and one column: its nulls and its [`Values`].

use std::fmt;

use arrow_array::ArrayRef;
use arrow_buffer::NullBufferBuilder;
use arrow_schema::{ArrowError, DataType, FieldRef, Fields};
use serde_json::{Map, Value as Json};

use super::values::{Refusal, Values, values};
use crate::scalar::json;

/// Columns by name: those of the table, or the children of a struct.
#[derive(Debug, Default)]
pub(super) struct Columns {
    columns: Vec<Column>,
    /// From how many rows the columns were inferred, when they were.
    sampled: Option<u64>,
}

impl Columns {
    /// Empty columns. The error names the one that JSON cannot fill.
    pub(super) fn new(fields: &Fields, sampled: Option<u64>, capacity: usize) -> Result<Self, Box<Misfit>> {
        let column = |field| Column::new(field, sampled, capacity);
        Ok(Columns { columns: fields.iter().map(column).collect::<Result<_, _>>()?, sampled })
    }

    /// Appends a value to each column. After an error the columns may differ in length by one.
    pub(super) fn push_object(&mut self, object: &Map<String, Json>) -> Result<(), Box<Misfit>> {
        let mut known = 0;
        // Objects mostly come with the columns in their order, so that the next member is looked at first.
        let mut members = object.iter().peekable();
        for column in &mut self.columns {
            let name = column.field.name();
            let value = match members.next_if(|(key, _)| *key == name) {
                Some((_, value)) => Some(value),
                None => object.get(name),
            };
            known += usize::from(value.is_some());
            column.push(value.unwrap_or(&Json::Null)).map_err(|misfit| misfit.inside(column.field.name()))?;
        }
        match self.sampled {
            Some(rows) if known < object.len() => self.refuse_unknown(object, rows),
            _ => Ok(()),
        }
    }

    /// A value under a new name would be lost; a null says nothing.
    fn refuse_unknown(&self, object: &Map<String, Json>, rows: u64) -> Result<(), Box<Misfit>> {
        let known = |name: &str| self.columns.iter().any(|column| column.field.name() == name);
        let Some((name, value)) = object.iter().find(|(name, value)| !value.is_null() && !known(name)) else {
            return Ok(());
        };
        let message = format!(
            "this column was not in the sample of {rows} rows, and {} would be lost; declare it in `get_read_schema`",
            json::describe(value)
        );
        Err(Misfit::new(message).inside(name))
    }

    /// Appends a placeholder to each column, under a null of their parent.
    pub(super) fn push_hidden(&mut self) {
        self.columns.iter_mut().for_each(Column::push_hidden);
    }

    pub(super) fn bytes(&self) -> usize {
        self.columns.iter().map(Column::bytes).sum()
    }

    /// The first `len` values of each column; leaves the columns empty.
    pub(super) fn finish(&mut self, len: usize) -> Result<Vec<ArrayRef>, ArrowError> {
        self.columns.iter_mut().map(|column| column.finish(len)).collect()
    }
}

/// One column: its values, and which of them are null.
pub(super) struct Column {
    field: FieldRef,
    sampled: Option<u64>,
    nulls: NullBufferBuilder,
    values: Box<Values>,
}

/// A value that does not fit, and where it is.
#[derive(Debug)]
pub(super) struct Misfit {
    /// Names joined by points, positions in brackets: `a.b[3]`.
    pub(super) path: String,
    pub(super) message: String,
}

impl Misfit {
    pub(super) fn new(message: impl Into<String>) -> Box<Self> {
        Box::new(Misfit { path: String::new(), message: message.into() })
    }

    /// The same within the column, or the member, of this name.
    pub(super) fn inside(mut self: Box<Self>, name: &str) -> Box<Self> {
        let point = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{name}{point}{}", self.path);
        self
    }

    /// The same within the item at this position.
    pub(super) fn at(mut self: Box<Self>, index: usize) -> Box<Self> {
        let point = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("[{index}]{point}{}", self.path);
        self
    }
}

impl Column {
    /// An empty column, unless JSON cannot fill it.
    pub(super) fn new(field: &FieldRef, sampled: Option<u64>, capacity: usize) -> Result<Self, Box<Misfit>> {
        let values = values(field, sampled, capacity).map_err(|misfit| misfit.inside(field.name()))?;
        Ok(Column { field: field.clone(), sampled, nulls: NullBufferBuilder::new(capacity), values })
    }

    pub(super) fn push(&mut self, value: &Json) -> Result<(), Box<Misfit>> {
        if value.is_null() {
            if !self.field.is_nullable() && *self.field.data_type() != DataType::Null {
                let message =
                    format!("there is no value, and the column ({}) is not nullable", self.field.data_type());
                return Err(Misfit::new(message));
            }
            self.push_hidden();
            return Ok(());
        }
        self.values.push(value).map_err(|refusal| match refusal {
            Refusal::Inside(misfit) => misfit,
            Refusal::Value(reason) => Misfit::new(self.message(value, &reason)),
        })?;
        self.nulls.append_non_null();
        Ok(())
    }

    /// Appends a null, nullable or not: a parent's null hides it.
    pub(super) fn push_hidden(&mut self) {
        self.values.push_null();
        self.nulls.append_null();
    }

    pub(super) fn len(&self) -> usize {
        self.nulls.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.values.bytes() + self.nulls.len() / 8
    }

    pub(super) fn finish(&mut self, len: usize) -> Result<ArrayRef, ArrowError> {
        self.nulls.truncate(len);
        let nulls = self.nulls.finish();
        self.values.finish(len, nulls)
    }

    fn message(&self, value: &Json, reason: &str) -> String {
        let data_type = self.field.data_type();
        let message = json::misfit(value, data_type, reason);
        match self.sampled {
            None => message,
            Some(rows) => format!(
                "{message}; the type was found in a sample of {rows} rows: declare the column as {} in \
                 `get_read_schema`",
                wider(data_type, value)
            ),
        }
    }
}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Column").field("field", &self.field).field("len", &self.len()).finish_non_exhaustive()
    }
}

/// The type that holds what an inferred column holds and this value too.
fn wider(data_type: &DataType, value: &Json) -> &'static str {
    match (data_type, value) {
        (DataType::Int64, Json::Number(number)) if number.is_f64() => "Float64",
        (DataType::Int64 | DataType::UInt64, Json::Number(number)) if !number.is_f64() => "Decimal128(20, 0)",
        _ => "JSON text (Utf8 with the extension type `arrow.json`, see `infer::json_field`)",
    }
}
