//! flexconnect's two ways from rows to batches.

use std::sync::{Arc, Mutex, PoisonError};

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{Accepts, Connector, Error, ReadRequest, Record, Result, RowBuffer, Rows, dataset_of};
use futures::TryStreamExt;
use futures::executor::block_on;

use crate::BATCH_ROWS;
use crate::workload::Workload;

/// How much of flexconnect the rows pass through.
#[derive(Debug, Clone, Copy)]
pub enum Path {
    /// The derived column buffers alone.
    Buffers,
    /// A connector read as every door reads it: `Rows::iter`, the contract enforced, batches out.
    Dataset,
}

/// All rows as batches, each handed to `take`.
///
/// # Errors
/// None for the workloads here: every value fits its column.
pub fn batches<W: Workload>(path: Path, rows: Vec<W>, take: impl FnMut(RecordBatch)) -> Result<(), Error> {
    match path {
        Path::Buffers => through_buffers(rows, take),
        Path::Dataset => block_on(through_dataset(rows, take)),
    }
}

fn through_buffers<W: Workload>(rows: Vec<W>, mut take: impl FnMut(RecordBatch)) -> Result<(), Error> {
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let mut buffer = <W as Record>::Buffer::new(None, BATCH_ROWS.min(rows.len()))?;
        for row in rows.by_ref().take(BATCH_ROWS) {
            <W as Accepts<W>>::push(&mut buffer, row);
        }
        take(buffer.finish()?.batch);
    }
    Ok(())
}

async fn through_dataset<W: Workload>(rows: Vec<W>, mut take: impl FnMut(RecordBatch)) -> Result<(), Error> {
    let dataset = dataset_of::<Prepared<W>, ()>([W::NAME], Prepared(Arc::new(Mutex::new(rows))));
    let mut batches = dataset.read(ReadRequest::default()).await?;
    while let Some(batch) = batches.try_next().await? {
        take(batch);
    }
    Ok(())
}

/// A connector of rows that exist already, good for one read.
struct Prepared<W>(Arc<Mutex<Vec<W>>>);

impl<W: Workload> Connector for Prepared<W> {
    const NAME: &'static str = W::NAME;
    type Config = ();
    type Row = W;

    async fn init(_config: (), _shared: &()) -> Result<Self> {
        Ok(Prepared(Arc::default()))
    }

    fn generate_rows(&self, _request: ReadRequest) -> Rows<'_, W> {
        let rows = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        Rows::iter(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Flat, Nested};

    fn all<W: Workload>(path: Path, rows: Vec<W>) -> Vec<RecordBatch> {
        let mut found = Vec::new();
        batches(path, rows, |batch| found.push(batch)).unwrap();
        found
    }

    fn agree<W: Workload>() {
        let rows = W::rows(BATCH_ROWS + 1000, 1);
        let buffers = all(Path::Buffers, rows.clone());
        assert_eq!(buffers.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [BATCH_ROWS, 1000]);
        assert_eq!(all(Path::Dataset, rows.clone()), buffers);
        #[cfg(feature = "peers")]
        {
            let mut peer = Vec::new();
            W::peer_batches(rows, |batch| peer.push(batch));
            assert_eq!(peer, buffers);
        }
    }

    #[test]
    fn flat_rows_give_the_same_batches_everywhere() {
        agree::<Flat>();
    }

    #[test]
    fn nested_rows_give_the_same_batches_everywhere() {
        agree::<Nested>();
    }
}
