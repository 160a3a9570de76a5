//! The rows everyone sends: two integers, a float, a text of twelve letters and a date.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

/// Rows in a batch.
pub(crate) const BATCH_ROWS: usize = 65_536;
/// So many batches differ, more than a cache holds; then they come again.
const DISTINCT: usize = 16;

pub(crate) fn schema() -> SchemaRef {
    let field = |name, data_type| Field::new(name, data_type, false);
    Arc::new(Schema::new(vec![
        field("id", DataType::Int64),
        field("amount", DataType::Int64),
        field("price", DataType::Float64),
        field("name", DataType::Utf8),
        field("day", DataType::Date32),
    ]))
}

/// As many rows as asked.
pub(crate) fn batches(rows: usize) -> Vec<RecordBatch> {
    let distinct: Vec<RecordBatch> = (0..DISTINCT.min(rows.div_ceil(BATCH_ROWS))).map(batch).collect();
    let starts = (0..rows).step_by(BATCH_ROWS).enumerate();
    let take = |(at, start): (usize, usize)| distinct[at % DISTINCT].slice(0, BATCH_ROWS.min(rows - start));
    starts.map(take).collect()
}

fn batch(number: usize) -> RecordBatch {
    let ids = || (number * BATCH_ROWS..(number + 1) * BATCH_ROWS).map(|id| id as i64);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(ids())),
        Arc::new(Int64Array::from_iter_values(ids().map(|id| id.wrapping_mul(0x5851_F42D_4C95_7F2D)))),
        Arc::new(Float64Array::from_iter_values(ids().map(|id| id as f64 * 0.25))),
        Arc::new(StringArray::from_iter_values(ids().map(|id| format!("name{id:08}")))),
        Arc::new(Date32Array::from_iter_values(ids().map(|id| (id % 20_000) as i32))),
    ];
    RecordBatch::try_new(schema(), columns).expect("the columns are those of the schema")
}
