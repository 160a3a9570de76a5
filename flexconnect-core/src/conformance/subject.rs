//! What the checks see of a table, however they reach it: in the process, or through a door.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::capabilities::Capabilities;
use crate::config::Parameter;
use crate::error::Error;
use crate::partition::Partition;
use crate::request::{ReadRequest, WriteRequest};
use crate::state::State;
use crate::writer::BoxWriter;

/// A table to be examined, before it is opened. A door implements it for tables on the other side of a wire, and
/// [`examine`](super::examine)s them with the same checks.
#[async_trait]
pub trait Subject: Send + Sync {
    /// Where it is mounted.
    fn path(&self) -> &[String];

    /// The parameters a client may set; `None` when it is open already and nothing can be configured.
    fn parameters(&self) -> Option<Vec<Parameter>>;

    /// What it says it can do.
    fn capabilities(&self) -> Capabilities;

    /// Everything that anybody may read about it, as text: no secret is to be found in it.
    ///
    /// # Errors
    /// When it cannot be described.
    async fn described(&self) -> Result<String, Error>;

    /// Opens it with a client's values.
    ///
    /// # Errors
    /// What is wrong with the values.
    async fn open(&self, values: Map<String, Value>) -> Result<Box<dyn OpenTable>, Error>;
}

/// A table under examination, open. What each method promises is said at [`Dataset`](crate::Dataset).
#[async_trait]
pub trait OpenTable: Send + Sync {
    /// Proves that its source can be used.
    ///
    /// # Errors
    /// Why it cannot.
    async fn check(&self) -> Result<(), Error>;

    /// All its columns.
    ///
    /// # Errors
    /// Why they are not known.
    async fn schema(&self) -> Result<SchemaRef, Error>;

    /// Its parts; one, with an empty id, when it has none.
    ///
    /// # Errors
    /// Why they cannot be listed.
    async fn partitions(&self, request: &ReadRequest) -> Result<Vec<Partition>, Error>;

    /// How many rows a read has, when that is known.
    ///
    /// # Errors
    /// Why it cannot be told.
    async fn count_rows(&self, request: &ReadRequest) -> Result<Option<u64>, Error>;

    /// Begins a read.
    ///
    /// # Errors
    /// Why it cannot be read.
    async fn read(&self, request: ReadRequest) -> Result<Box<dyn TableRead>, Error>;

    /// Begins a write.
    ///
    /// # Errors
    /// Why it cannot be written.
    async fn writer(&self, request: WriteRequest) -> Result<BoxWriter, Error>;

    /// How many threads go on although their readers have gone, when that is known.
    fn abandoned_threads(&self) -> Option<usize> {
        None
    }

    /// Whether checkpoints come with the rows, and a read can begin at one.
    fn carries_state(&self) -> bool {
        false
    }
}

/// A read under way. Dropped, it ends.
#[async_trait]
pub trait TableRead: Send {
    /// The columns of every batch.
    fn schema(&self) -> SchemaRef;

    /// The next batch, the error that ends the read, or its end.
    async fn next_batch(&mut self) -> Option<Result<RecordBatch, Error>>;

    /// The newest checkpoint among the batches so far, once.
    fn take_checkpoint(&mut self) -> Option<State> {
        None
    }
}
