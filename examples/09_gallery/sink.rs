//! A table in memory that takes what `numbers` gives.

use std::sync::{Arc, Mutex, PoisonError};

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::arrow_schema::SchemaRef;
use flexconnect_core::{
    About, BoxWriter, Capabilities, Connector, ReadRequest, Result, Rows, Table, WriteMode, WriteRequest,
    WriteSummary, Writer,
};

use super::numbers::Number;

/// What was written. The plugin holds it, and every opened sink has a handle: a connector may be closed when
/// nobody uses it, and its rows must not go with it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<RecordBatch>>>);

impl Kept {
    /// The rows as they are now; batches are shared, not copied.
    fn batches(&self) -> Vec<RecordBatch> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Vec<RecordBatch>)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[derive(Debug)]
pub(crate) struct Sink {
    kept: Kept,
}

impl Connector<Kept> for Sink {
    const NAME: &'static str = "sink";
    type Config = ();
    type Row = RecordBatch;

    fn about() -> About {
        About::new("Sink").with_description("Keeps numbers in memory until the gallery stops")
    }

    fn capabilities() -> Capabilities {
        Capabilities::read().with_write([WriteMode::Append, WriteMode::Overwrite]).with_count()
    }

    async fn init((): (), kept: &Kept) -> Result<Self> {
        Ok(Sink { kept: kept.clone() })
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(Some(<Number as Table>::schema()))
    }

    fn generate_rows(&self, _request: ReadRequest) -> Rows<'_, RecordBatch> {
        Rows::iter(self.kept.batches())
    }

    async fn count_rows(&self, _request: &ReadRequest) -> Result<Option<u64>> {
        Ok(Some(self.kept.batches().iter().map(|batch| batch.num_rows() as u64).sum()))
    }

    async fn get_writer(&self, request: WriteRequest) -> Result<BoxWriter> {
        Ok(BoxWriter::new(Writing { kept: self.kept.clone(), mode: request.mode, batches: Vec::new() }))
    }
}

/// Batches on their way: nobody sees them before the commit, and a writer that is dropped takes them along.
struct Writing {
    kept: Kept,
    mode: WriteMode,
    batches: Vec<RecordBatch>,
}

impl Writer for Writing {
    async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        self.batches.push(batch);
        Ok(())
    }

    async fn commit(self) -> Result<WriteSummary> {
        let rows = self.batches.iter().map(|batch| batch.num_rows() as u64).sum();
        self.kept.change(|kept| {
            if self.mode == WriteMode::Overwrite {
                kept.clear();
            }
            kept.extend(self.batches);
        });
        Ok(WriteSummary::rows(rows))
    }
}
