//! By arrow_convert's derives.

use arrow_convert::field::ArrowField;
use arrow_convert::serialize::{ArrowSerialize, FlattenRecordBatch, TryIntoArrow};
use flexconnect_benches::BATCH_ROWS;
use flexconnect_core::Result;
use flexconnect_core::arrow_array::RecordBatch;

/// What arrow_convert asks of a row.
pub(crate) trait Convert: ArrowField<Type = Self> + ArrowSerialize + 'static {}

impl<T: ArrowField<Type = T> + ArrowSerialize + 'static> Convert for T {}

pub(crate) fn arrow_convert<W: Convert>(rows: Vec<W>, take: &mut dyn FnMut(RecordBatch)) -> Result<()> {
    for part in rows.chunks(BATCH_ROWS) {
        let batch: RecordBatch = part.try_into_arrow()?;
        take(batch.flatten()?);
    }
    Ok(())
}
