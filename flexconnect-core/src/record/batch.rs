//! Whole batches as rows: for sources that have Arrow already.

use arrow_array::{Array, RecordBatch, RecordBatchOptions};
use arrow_schema::{Schema, SchemaRef};
use arrow_select::concat::concat_batches;

use super::{Accepts, Finished, Record, RowBuffer};
use crate::error::{Error, ErrorKind};

impl Record for RecordBatch {
    type Buffer = BatchBuffer;

    fn schema() -> Option<SchemaRef> {
        None
    }
}

impl Accepts<RecordBatch> for RecordBatch {
    fn push(buffer: &mut BatchBuffer, batch: RecordBatch) {
        buffer.push(batch);
    }
}

/// Batches as they came; a single one passes through without a copy.
///
/// One push may bring many more rows than asked for: whoever pushes must cut at the limit.
#[derive(Debug)]
pub struct BatchBuffer {
    /// Declared, or that of the first batch.
    schema: Option<SchemaRef>,
    batches: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
    fault: Option<Error>,
}

impl BatchBuffer {
    fn push(&mut self, batch: RecordBatch) {
        if self.fault.is_some() {
            // What follows a batch that does not fit is never delivered.
            return;
        }
        let schema = self.schema.get_or_insert_with(|| batch.schema());
        match conform(schema, batch) {
            Ok(batch) => {
                self.rows += batch.num_rows();
                self.bytes += slice_bytes(&batch);
                self.batches.push(batch);
            }
            Err(error) => self.fault = Some(error.with_row(self.rows as u64)),
        }
    }
}

impl RowBuffer for BatchBuffer {
    fn new(schema: Option<&SchemaRef>, _rows: usize) -> Result<Self, Error> {
        Ok(BatchBuffer { schema: schema.cloned(), batches: Vec::new(), rows: 0, bytes: 0, fault: None })
    }

    fn len(&self) -> usize {
        self.rows
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn finish(&mut self) -> Result<Finished, Error> {
        let mut batches = std::mem::take(&mut self.batches);
        self.rows = 0;
        self.bytes = 0;
        let fault = self.fault.take();
        let batch = match (batches.pop(), &self.schema) {
            (Some(only), _) if batches.is_empty() => only,
            (Some(last), Some(schema)) => {
                batches.push(last);
                concat_batches(schema, &batches).map_err(|error| {
                    let message = "these batches are too large to be one: push larger batches one at a time";
                    Error::new(ErrorKind::Data, message).with_source(error)
                })?
            }
            (_, Some(schema)) => RecordBatch::new_empty(schema.clone()),
            (_, None) => RecordBatch::new_empty(Schema::empty().into()),
        };
        Ok(Finished { batch, fault })
    }
}

/// The batch under the table's schema: the same columns in the same order; whether they may be null and what
/// their metadata says is the table's.
fn conform(schema: &SchemaRef, batch: RecordBatch) -> Result<RecordBatch, Error> {
    if &batch.schema() == schema {
        return Ok(batch);
    }
    let found = batch.schema();
    let differences = differences(schema, &found);
    if !differences.is_empty() {
        let message = format!("a batch does not have the table's columns: {}", differences.join("; "));
        return Err(Error::new(ErrorKind::Schema, message));
    }
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        if !field.is_nullable() && column.logical_null_count() > 0 {
            let message = "has nulls in a batch, and the table declares that it has none";
            return Err(Error::new(ErrorKind::Data, message).with_column(field.name().clone()));
        }
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema.clone(), batch.columns().to_vec(), &options).map_err(|error| {
        Error::new(ErrorKind::Schema, "a batch does not have the table's columns").with_source(error)
    })
}

/// Every column that is missing, unexpected, or different, by name.
fn differences(schema: &Schema, found: &Schema) -> Vec<String> {
    let mut differences = Vec::new();
    for field in schema.fields() {
        match found.fields().find(field.name()) {
            None => differences.push(format!("`{}` {} is missing", field.name(), field.data_type())),
            Some((_, other)) if other.data_type() != field.data_type() => differences.push(format!(
                "`{}` is {}, it should be {}",
                field.name(),
                other.data_type(),
                field.data_type()
            )),
            Some(_) => {}
        }
    }
    for field in found.fields() {
        if schema.fields().find(field.name()).is_none() {
            differences.push(format!("`{}` is not a column of the table", field.name()));
        }
    }
    let order =
        |schema: &Schema| schema.fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
    if differences.is_empty() && order(schema) != order(found) {
        differences.push(format!(
            "they come as `{}`, they should come as `{}`",
            order(found).join("`, `"),
            order(schema).join("`, `")
        ));
    }
    differences
}

/// Bytes of the rows themselves: a slice keeps the whole buffer alive, but does not fill the batch with it.
fn slice_bytes(batch: &RecordBatch) -> usize {
    batch
        .columns()
        .iter()
        .map(|column| {
            column.to_data().get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size())
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, StringArray};
    use arrow_schema::{DataType, Field};

    use super::*;

    fn numbers(values: impl IntoIterator<Item = i64>) -> RecordBatch {
        let column: ArrayRef = Arc::new(Int64Array::from_iter_values(values));
        RecordBatch::try_from_iter([("n", column)]).unwrap()
    }

    fn buffer() -> BatchBuffer {
        BatchBuffer::new(None, 0).unwrap()
    }

    #[test]
    fn a_single_batch_passes_through_uncopied() {
        let batch = numbers(0..10);
        let mut buffer = buffer();
        <RecordBatch as Accepts<_>>::push(&mut buffer, batch.clone());
        assert_eq!(buffer.len(), 10);
        let finished = buffer.finish().unwrap();
        assert!(Arc::ptr_eq(finished.batch.column(0), batch.column(0)));
        assert!(buffer.is_empty());
        assert_eq!(buffer.bytes(), 0);
    }

    #[test]
    fn several_batches_become_one_in_order() {
        let mut buffer = buffer();
        buffer.push(numbers(0..2));
        buffer.push(numbers(2..5));
        let batch = buffer.finish().unwrap().batch;
        assert_eq!(batch, numbers(0..5));
    }

    #[test]
    fn a_slice_counts_only_its_own_rows() {
        let mut buffer = buffer();
        buffer.push(numbers(0..100_000).slice(5, 10));
        assert_eq!(buffer.bytes(), 80);
    }

    #[test]
    fn another_schema_is_a_fault_that_names_the_columns_after_the_rows_before_it() {
        let mut buffer = buffer();
        buffer.push(numbers(0..3));
        let text: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
        buffer.push(RecordBatch::try_from_iter([("n", text.clone()), ("extra", text)]).unwrap());
        buffer.push(numbers(3..4));
        let finished = buffer.finish().unwrap();
        assert_eq!(finished.batch, numbers(0..3));
        let fault = finished.fault.unwrap();
        assert_eq!(fault.kind(), ErrorKind::Schema);
        assert_eq!(
            fault.to_string(),
            "row 3: a batch does not have the table's columns: `n` is Utf8, it should be Int64; `extra` is not a column of the table"
        );
    }

    #[test]
    fn a_declared_schema_wins_and_nulls_it_forbids_are_found() {
        let declared: SchemaRef = Schema::new(vec![Field::new("n", DataType::Int64, false)]).into();
        let mut buffer = BatchBuffer::new(Some(&declared), 0).unwrap();
        let nullable: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None]));
        let batch = RecordBatch::try_from_iter_with_nullable([("n", nullable, true)]).unwrap();
        buffer.push(batch.slice(0, 1));
        buffer.push(batch);
        let finished = buffer.finish().unwrap();
        assert_eq!(finished.batch.schema(), declared);
        assert_eq!(finished.batch.num_rows(), 1);
        assert_eq!(finished.fault.unwrap().place().column.as_deref(), Some("n"));
    }

    #[test]
    fn nothing_pushed_is_an_empty_batch() {
        assert_eq!(buffer().finish().unwrap().batch.num_rows(), 0);
        let declared = numbers(0..1).schema();
        let batch = BatchBuffer::new(Some(&declared), 0).unwrap().finish().unwrap().batch;
        assert_eq!(batch.schema(), declared);
    }
}
