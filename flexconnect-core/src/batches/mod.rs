//! `Batches`: a read under way, with the contract enforced on every batch.

mod contract;
mod drive;
mod log;

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures_core::Stream;

use crate::error::Error;
use crate::rows::{Keeping, Marks};
use crate::state::State;

pub(crate) use contract::{Contract, result_schema};
pub(crate) use drive::Source;
pub(crate) use log::ReadLog;

/// The batches of one read, a plain stream. Batches have at least one row, at most 8,192 of them unless
/// the connector itself makes larger batches, and are about 8 MiB at most.
///
/// The rows before an error are delivered, then the error, then the stream ends; rows and the last checkpoint before
/// an error are valid. Dropping it drops the author's future and stops the author's thread at its next push.
#[must_use = "batches are read by polling them"]
pub struct Batches {
    schema: Option<SchemaRef>,
    reading: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    slot: Slot,
    first: Option<Result<RecordBatch, Error>>,
    checkpoint: Option<State>,
    marks: Marks,
}

/// Where the reading future puts what it has, before it waits to be polled again.
pub(crate) type Slot = Arc<Mutex<Handed>>;

/// What is handed over at a time.
#[derive(Debug, Default)]
pub(crate) struct Handed {
    pub(crate) schema: Option<SchemaRef>,
    pub(crate) batch: Option<Result<RecordBatch, Error>>,
    pub(crate) checkpoint: Option<State>,
    pub(crate) marks: Option<Marks>,
}

impl Batches {
    /// A read that is one future: it puts batches in the slot and returns when there are no more.
    pub(crate) fn new(slot: Slot, reading: impl Future<Output = ()> + Send + 'static) -> Self {
        let reading: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(reading);
        let reading = Some(reading);
        Batches { schema: None, reading, slot, first: None, checkpoint: None, marks: Marks::default() }
    }

    /// The schema of every batch: the table's, trimmed to the projection.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone().unwrap_or_else(|| Arc::new(arrow_schema::Schema::empty()))
    }

    /// Says the schema that is known before the first batch.
    pub(crate) fn with_schema(mut self, schema: SchemaRef) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Waits for the first batch, the end, or the first error, and keeps it for the stream.
    ///
    /// # Errors
    /// The error that came before any row. The stream then has it no more and ends.
    pub async fn start(&mut self) -> Result<(), Error> {
        if self.first.is_none() {
            self.first = std::future::poll_fn(|cx| self.poll_reading(cx)).await;
        }
        match self.first.take() {
            Some(Err(error)) => Err(error),
            first => {
                self.first = first;
                Ok(())
            }
        }
    }

    /// The newest checkpoint among the batches received so far, once: everything before it is delivered.
    pub fn take_checkpoint(&mut self) -> Option<State> {
        self.checkpoint.take()
    }

    /// How often the author lets the rows be given, known once the read has [started](Self::start).
    pub fn keeping(&self) -> Keeping {
        self.marks.keeping
    }

    /// What the author adds to the metadata of this result's schema, known once the read has
    /// [started](Self::start). It is not part of [`schema`](Self::schema), which is the table's.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.marks.metadata
    }

    fn poll_reading(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<RecordBatch, Error>>> {
        let Some(reading) = &mut self.reading else { return Poll::Ready(None) };
        let ended = reading.as_mut().poll(cx).is_ready();
        let handed = std::mem::take(&mut *self.slot.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(schema) = handed.schema {
            self.schema = Some(schema);
        }
        if let Some(marks) = handed.marks {
            self.marks = marks;
        }
        if handed.checkpoint.is_some() {
            self.checkpoint = handed.checkpoint;
        }
        if ended || matches!(handed.batch, Some(Err(_))) {
            // Dropping the future here ends the author's work before the reader hears of it.
            self.reading = None;
        }
        match handed.batch {
            Some(batch) => Poll::Ready(Some(batch)),
            None if ended => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

impl Stream for Batches {
    type Item = Result<RecordBatch, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(first)),
            None => self.poll_reading(cx),
        }
    }
}

impl fmt::Debug for Batches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches").field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// Puts something in the slot and waits until the reader polls again.
pub(crate) async fn hand_over(slot: &Slot, handed: Handed) {
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = handed;
    let mut handed_over = false;
    std::future::poll_fn(|_| {
        // No waker: whoever takes the batch from the slot polls for the next.
        if std::mem::replace(&mut handed_over, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
