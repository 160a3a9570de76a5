//! Whole batches as rows: for sources that have Arrow already.

use arrow_array::{Array, RecordBatch, RecordBatchOptions};
use arrow_schema::{FieldRef, Schema, SchemaRef};

use super::{Accepts, Finished, Record, RowBuffer};
use crate::error::{Error, ErrorKind};
use crate::kernels::concat_batches;

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
/// Whether they are the table's columns is for the layer above to judge, which knows what was asked for: here
/// batches only have to fit each other. One push may bring many more rows than asked for: whoever pushes must
/// cut at the limit.
#[derive(Debug)]
pub struct BatchBuffer {
    /// The columns of the first batch since the last `finish`, any of which may be null.
    layout: Option<SchemaRef>,
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
        let layout = self.layout.get_or_insert_with(|| nullable(batch.schema_ref()));
        match arranged(layout, batch) {
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
    /// A batch is large already: every push is looked at.
    const STRIDE: usize = 1;

    fn new(_schema: Option<&SchemaRef>, _rows: usize) -> Result<Self, Error> {
        Ok(BatchBuffer { layout: None, batches: Vec::new(), rows: 0, bytes: 0, fault: None })
    }

    fn len(&self) -> usize {
        self.rows
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn finish(&mut self) -> Result<Finished, Error> {
        let mut batches = std::mem::take(&mut self.batches);
        let layout = self.layout.take().unwrap_or_else(|| Schema::empty().into());
        self.rows = 0;
        self.bytes = 0;
        let fault = self.fault.take();
        let batch = match batches.pop() {
            Some(only) if batches.is_empty() => only,
            Some(last) => {
                let first = batches.first().map(RecordBatch::schema).unwrap_or_else(|| layout.clone());
                batches.push(last);
                let batch = concat_batches(&layout, &batches).map_err(|error| {
                    let message = "these batches are too large to be one: push larger batches one at a time";
                    Error::new(ErrorKind::Data, message).with_source(error)
                })?;
                // The columns as they were declared, where no later batch brought a null.
                let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
                RecordBatch::try_new_with_options(first, batch.columns().to_vec(), &options).unwrap_or(batch)
            }
            None => RecordBatch::new_empty(layout),
        };
        Ok(Finished { batch, fault })
    }
}

/// The same columns, any of which may be null.
fn nullable(schema: &SchemaRef) -> SchemaRef {
    let fields: Vec<_> =
        schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true)).collect();
    Schema::new_with_metadata(fields, schema.metadata().clone()).into()
}

/// The batch with its columns in the order of this layout.
fn arranged(layout: &SchemaRef, batch: RecordBatch) -> Result<RecordBatch, Error> {
    let same = |(a, b): (&FieldRef, &FieldRef)| a.name() == b.name() && a.data_type() == b.data_type();
    let found = batch.schema();
    if layout.fields().len() == found.fields().len() && layout.fields().iter().zip(found.fields()).all(same) {
        return Ok(batch);
    }
    let differences = differences(layout, &found);
    if !differences.is_empty() {
        let message = format!("a batch has other columns than the one before it: {}", differences.join("; "));
        return Err(Error::new(ErrorKind::Schema, message));
    }
    let indices: Vec<_> =
        layout.fields().iter().filter_map(|field| found.index_of(field.name()).ok()).collect();
    batch.project(&indices).map_err(|error| {
        Error::new(ErrorKind::Schema, "a batch has other columns than the one before it").with_source(error)
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

    use super::*;
    use arrow_array::{ArrayRef, Int64Array, StringArray};

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
            "row 3: a batch has other columns than the one before it: `n` is Utf8, it should be Int64; `extra` is not a column of the table"
        );
    }

    #[test]
    fn a_later_null_widens_and_a_later_order_does_not_matter() {
        let two = |first: (&str, ArrayRef), second: (&str, ArrayRef)| {
            RecordBatch::try_from_iter_with_nullable([(first.0, first.1, false), (second.0, second.1, true)])
                .unwrap()
        };
        let ints = |values: Vec<Option<i64>>| Arc::new(Int64Array::from(values)) as ArrayRef;
        let mut buffer = buffer();
        buffer.push(two(("a", ints(vec![Some(1)])), ("b", ints(vec![Some(2)]))));
        buffer.push(two(("b", ints(vec![Some(4)])), ("a", ints(vec![None]))));
        let batch = buffer.finish().unwrap().batch;
        assert_eq!(batch.column(0).as_ref(), &Int64Array::from(vec![Some(1), None]));
        assert_eq!(batch.column(1).as_ref(), &Int64Array::from(vec![Some(2), Some(4)]));
    }

    #[test]
    fn nothing_pushed_is_an_empty_batch() {
        assert_eq!(buffer().finish().unwrap().batch.num_rows(), 0);
    }
}
