//! Rows to write: the author's, or made up from the columns.

use std::sync::Arc;

use arrow_array::{RecordBatch, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow_select::take::take;

use super::key_of;
use crate::conformance::bench::{Baseline, Bench, project};
use crate::predicate::Value;
use crate::record::{Record, RowBuffer, Values};

/// How many rows are made up.
const MADE: usize = 18;

/// Rows with different keys, in three lots.
pub(super) struct Sample {
    pub(super) key: Vec<String>,
    pub(super) first: RecordBatch,
    pub(super) second: RecordBatch,
    pub(super) third: RecordBatch,
}

impl Sample {
    pub(super) async fn new(bench: &Bench<'_>, baseline: Option<&Baseline>) -> Result<Self, String> {
        let advice = "give some with `Options::with_rows`";
        let rows = match &bench.of_table.rows {
            Some(rows) => rows.clone(),
            None => {
                let schema = match baseline {
                    Some(baseline) => baseline.schema.clone(),
                    None => bench.ask(bench.table.schema()).await.map_err(|error| error.to_string())?,
                };
                if schema.fields().is_empty() {
                    return Err(format!("the table declares no columns to make up rows of; {advice}"));
                }
                made_up(&schema).map_err(|why| format!("no rows can be made up: {why}; {advice}"))?
            }
        };
        let key = key_of(&rows.schema());
        if rows.num_rows() < 6 {
            return Err("`Options::with_rows` needs at least six rows".into());
        }
        if !key.is_empty() {
            let mut keys = project(&rows, &key).map_err(|error| error.to_string())?;
            keys.sort();
            keys.dedup();
            if keys.len() < rows.num_rows() {
                return Err(format!("the rows to write need different keys; {advice}"));
            }
        }
        let lot = rows.num_rows() / 3;
        Ok(Sample {
            key,
            first: rows.slice(0, lot),
            second: rows.slice(lot, lot),
            third: rows.slice(2 * lot, rows.num_rows() - 2 * lot),
        })
    }

    /// The keys of the first lot with all else of the second.
    pub(super) fn changed(&self) -> Result<RecordBatch, String> {
        let columns = self.first.schema_ref().fields().iter().enumerate().map(|(position, field)| {
            let from = if self.key.contains(field.name()) { &self.first } else { &self.second };
            from.column(position).clone()
        });
        RecordBatch::try_new(self.first.schema(), columns.collect()).map_err(|error| error.to_string())
    }
}

/// These rows of a batch.
pub(super) fn rows_of(batch: &RecordBatch, rows: &[usize]) -> Result<RecordBatch, String> {
    let rows = UInt64Array::from_iter_values(rows.iter().map(|row| *row as u64));
    let columns: Result<Vec<_>, _> = batch.columns().iter().map(|column| take(column, &rows, None)).collect();
    columns
        .and_then(|columns| RecordBatch::try_new(batch.schema(), columns))
        .map_err(|error| error.to_string())
}

/// Rows of these columns, no two with the same value in a column that has enough values.
fn made_up(schema: &SchemaRef) -> Result<RecordBatch, String> {
    let key = key_of(schema);
    // What cannot be made up is left null, if it may be.
    let fields: Vec<_> =
        schema.fields().iter().map(|field| (field.clone(), value(field, 0).is_some())).collect();
    let blocked = fields.iter().find(|(field, made)| !made && !field.is_nullable());
    if let Some((field, _)) = blocked {
        return Err(format!("column `{}` is of type {}", field.name(), field.data_type()));
    }
    let made: Vec<_> = fields.iter().filter(|(_, made)| *made).map(|(field, _)| field.clone()).collect();
    let made_schema: SchemaRef = Arc::new(Schema::new(made.clone()));
    let mut buffer =
        <Values as Record>::Buffer::new(Some(&made_schema), MADE).map_err(|error| error.to_string())?;
    for number in 0..MADE {
        let null = |field: &Field| field.is_nullable() && !key.contains(field.name()) && number % 5 == 4;
        let cells: Vec<_> =
            made.iter().map(|field| if null(field) { None } else { value(field, number) }).collect();
        buffer.push(&cells);
    }
    let finished = buffer.finish().map_err(|error| error.to_string())?;
    if let Some(fault) = finished.fault {
        return Err(fault.to_string());
    }
    let columns = fields.iter().map(|(field, _)| {
        let made = finished.batch.column_by_name(field.name()).cloned();
        made.unwrap_or_else(|| arrow_array::new_null_array(field.data_type(), MADE))
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).map_err(|error| error.to_string())
}

/// The value of a column in row `number`; `None` for types of which none is made up.
fn value(field: &Field, number: usize) -> Option<Value> {
    let count = number as i64 + 1;
    Some(match field.data_type() {
        DataType::Dictionary(_, values) => {
            return value(&Field::new(field.name(), values.as_ref().clone(), true), number);
        }
        DataType::Boolean => Value::Boolean(number.is_multiple_of(2)),
        data_type if data_type.is_integer() => Value::Int64(count),
        DataType::Float16 | DataType::Float32 | DataType::Float64 => Value::Float64(count as f64 / 2.0),
        DataType::Decimal32(precision, scale) => decimal(count, *precision, *scale),
        DataType::Decimal64(precision, scale) => decimal(count, *precision, *scale),
        DataType::Decimal128(precision, scale) => decimal(count, *precision, *scale),
        DataType::Decimal256(precision, scale) => decimal(count, *precision, *scale),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Value::Utf8(format!("row {count}")),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
            Value::Binary(count.to_le_bytes().to_vec())
        }
        DataType::FixedSizeBinary(size) => {
            let mut bytes = count.to_le_bytes().to_vec();
            bytes.resize(usize::try_from(*size).ok()?, 0);
            Value::Binary(bytes)
        }
        DataType::Date32 | DataType::Date64 => Value::Date32(19_000 + count as i32),
        DataType::Time32(_) | DataType::Time64(_) => Value::Time64(count * 1_000_000_000),
        DataType::Timestamp(unit, timezone) => {
            let second = match unit {
                TimeUnit::Second => 1,
                TimeUnit::Millisecond => 1_000,
                TimeUnit::Microsecond => 1_000_000,
                TimeUnit::Nanosecond => 1_000_000_000,
            };
            let value = (1_700_000_000 + count) * second;
            Value::Timestamp { value, unit: *unit, timezone: timezone.clone() }
        }
        DataType::Duration(unit) => Value::Duration { value: count, unit: *unit },
        _ => return None,
    })
}

/// A number of the column's own scale, in its precision.
fn decimal(count: i64, precision: u8, scale: i8) -> Value {
    let value = if precision >= 2 { count.into() } else { (count % 10).into() };
    Value::Decimal128 { value, scale }
}
