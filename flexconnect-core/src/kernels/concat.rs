//! Batches put together.

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, make_array};
use arrow_data::ArrayData;
use arrow_data::transform::{Capacities, MutableArrayData};
use arrow_schema::{ArrowError, DataType, SchemaRef};

use super::dictionary;

/// The rows of all batches, in the columns of this schema, which all of them have in this order.
///
/// # Errors
///
/// When the rows are too many for a column's type, as the bytes of texts or the values of a dictionary can be.
pub(crate) fn concat_batches(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<RecordBatch, ArrowError> {
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    let columns = (0..schema.fields().len()).map(|index| {
        let parts: Vec<_> = batches.iter().map(|batch| batch.column(index).to_data()).collect();
        concat(&parts).map(make_array)
    });
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(
        schema.clone(),
        columns.collect::<Result<Vec<ArrayRef>, _>>()?,
        &options,
    )
}

/// The values of all arrays, which are of one type.
pub(super) fn concat(parts: &[ArrayData]) -> Result<ArrayData, ArrowError> {
    let parts = dictionary::shared(parts)?;
    let rows = parts.iter().map(ArrayData::len).sum();
    let bytes = || parts.iter().map(|part| part.get_slice_memory_size().unwrap_or_default()).sum();
    let capacities = match parts[0].data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Binary | DataType::LargeBinary => {
            Capacities::Binary(rows, Some(bytes()))
        }
        _ => Capacities::Array(rows),
    };
    let mut whole = MutableArrayData::with_capacities(parts.iter().collect(), false, capacities);
    for (index, part) in parts.iter().enumerate() {
        whole.try_extend(index, 0, part.len())?;
    }
    Ok(whole.freeze())
}
