//! From rows to batches: by flexconnect's two ways, and by Arrow's builders.

use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{Accepts, Connector, Error, ReadRequest, Record, Result, RowBuffer, Rows, dataset_of};
use futures::TryStreamExt;
use futures::executor::block_on;

use crate::BATCH_ROWS;
use crate::workload::Workload;

/// The rows as batches by the derived column buffers alone, each handed to `take`.
///
/// # Errors
/// None for the workloads here: every value fits its column.
pub fn encode<W: Workload>(rows: &[W], mut take: impl FnMut(RecordBatch)) -> Result<(), Error> {
    let mut buffer = <W as Record>::Buffer::new(None, BATCH_ROWS)?;
    for part in rows.chunks(BATCH_ROWS) {
        for row in part {
            row.push_to(buffer.rows());
        }
        take(buffer.finish()?.batch);
    }
    Ok(())
}

/// The rows as batches by Arrow's builders, each handed to `take`.
pub fn by_builders<W: Workload>(rows: &[W], mut take: impl FnMut(RecordBatch)) {
    for part in rows.chunks(BATCH_ROWS) {
        take(W::by_builders(part));
    }
}

/// Rows read from a connector as every door reads it: `Rows::iter`, the contract enforced, batches out.
///
/// # Errors
/// As [`encode`].
pub fn stream<R, I>(rows: I, take: impl FnMut(RecordBatch)) -> Result<(), Error>
where
    R: Record + Accepts<I::Item> + 'static,
    I: Iterator + Send + Sync + 'static,
{
    block_on(through_dataset::<R, I>(rows, take))
}

async fn through_dataset<R, I>(rows: I, mut take: impl FnMut(RecordBatch)) -> Result<(), Error>
where
    R: Record + Accepts<I::Item> + 'static,
    I: Iterator + Send + Sync + 'static,
{
    let connector = Prepared(Mutex::new(Some(rows)), PhantomData::<fn() -> R>);
    let dataset = dataset_of::<Prepared<R, I>, ()>(["rows"], connector);
    let mut batches = dataset.read(ReadRequest::default()).await?;
    while let Some(batch) = batches.try_next().await? {
        take(batch);
    }
    Ok(())
}

/// A connector of rows that are given to it, good for one read.
struct Prepared<R, I>(Mutex<Option<I>>, PhantomData<fn() -> R>);

impl<R, I> Connector for Prepared<R, I>
where
    R: Record + Accepts<I::Item> + 'static,
    I: Iterator + Send + Sync + 'static,
{
    const NAME: &'static str = "rows";
    type Config = ();
    type Row = R;

    async fn init(_config: (), _shared: &()) -> Result<Self> {
        Ok(Prepared(Mutex::new(None), PhantomData))
    }

    fn generate_rows(&self, _request: ReadRequest) -> Rows<'_, R> {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        rows.map_or_else(Rows::empty, Rows::iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Flat, Nested, Wide};

    fn agree<W: Workload>() {
        let rows = W::rows(BATCH_ROWS + 1000, 1);
        let mut derived = Vec::new();
        encode(&rows, |batch| derived.push(batch)).unwrap();
        assert_eq!(derived.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [BATCH_ROWS, 1000]);
        let mut built = Vec::new();
        by_builders(&rows, |batch| built.push(batch));
        assert_eq!(built, derived);
        let mut streamed = Vec::new();
        stream::<W, _>(rows.into_iter(), |batch| streamed.push(batch)).unwrap();
        assert_eq!(streamed, derived);
    }

    #[test]
    fn flat_rows_give_the_same_batches_everywhere() {
        agree::<Flat>();
    }

    #[test]
    fn nested_rows_give_the_same_batches_everywhere() {
        agree::<Nested>();
    }

    #[test]
    fn wide_rows_give_the_same_batches_everywhere() {
        agree::<Wide>();
    }
}
