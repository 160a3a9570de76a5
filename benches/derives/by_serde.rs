//! By way of serde: serde_arrow and arrow-json.

use arrow_json::ReaderBuilder;
use flexconnect_benches::{BATCH_ROWS, Workload};
use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{Record, Result};
use serde::Serialize;

pub(crate) fn serde_arrow<W: Workload + Serialize>(
    rows: Vec<W>,
    take: &mut dyn FnMut(RecordBatch),
) -> Result<()> {
    let schema = <W as Record>::schema().ok_or("a derived table has a schema")?;
    let mut builder = serde_arrow::ArrayBuilder::from_arrow(schema.fields())?;
    for part in rows.chunks(BATCH_ROWS) {
        builder.extend(part)?;
        take(builder.to_record_batch()?);
    }
    Ok(())
}

pub(crate) fn arrow_json<W: Workload + Serialize>(
    rows: Vec<W>,
    take: &mut dyn FnMut(RecordBatch),
) -> Result<()> {
    let schema = <W as Record>::schema().ok_or("a derived table has a schema")?;
    let mut decoder = ReaderBuilder::new(schema).with_batch_size(BATCH_ROWS).build_decoder()?;
    for part in rows.chunks(BATCH_ROWS) {
        decoder.serialize(part)?;
        if let Some(batch) = decoder.flush()? {
            take(batch);
        }
    }
    Ok(())
}
