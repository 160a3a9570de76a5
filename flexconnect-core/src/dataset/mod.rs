//! `Dataset`: an opened connector without its types, the one trait every door sees.

mod opened;
mod read;
mod write;

use std::sync::Arc;

use arrow_schema::SchemaRef;
use async_trait::async_trait;

use crate::batches::Batches;
use crate::capabilities::Capabilities;
use crate::error::Error;
use crate::partition::Partition;
use crate::request::{ReadRequest, WriteRequest};
use crate::writer::BoxWriter;

pub(crate) use opened::open_values;
pub use opened::{dataset_of, open};

/// An opened connector, object-safe, with its contract enforced: limits are exact, columns are those asked
/// for, filters hold, every batch has the schema announced.
///
/// Made by [`Entry::open`](crate::Entry::open), or directly by [`open`](crate::open).
#[async_trait]
pub trait Dataset: Send + Sync {
    /// Where it is mounted.
    fn path(&self) -> &[String];

    /// What it can do.
    fn capabilities(&self) -> &Capabilities;

    /// Proves that the source can be used.
    async fn check(&self) -> Result<(), Error>;

    /// The row type's own schema, when it has one: known without asking the source.
    fn declared(&self) -> Option<SchemaRef>;

    /// All columns, before any projection, when they are known without reading a row; `None` when they are to be
    /// found from a sample.
    ///
    /// # Errors
    /// What the author raised.
    async fn known_schema(&self) -> Result<Option<SchemaRef>, Error>;

    /// All columns, before any projection. Reads a sample of the rows when they can be found in no other way;
    /// such a schema carries the metadata key `flexconnect:inferred`, and is passed on in
    /// [`ReadRequest::schema`] by whoever reads after.
    ///
    /// # Errors
    /// What the author raised.
    async fn schema(self: Arc<Self>) -> Result<SchemaRef, Error>;

    /// The columns a read gives of a table with these columns, so that a request is refused before anything is
    /// read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) for an unknown or repeated column or a filter that does not fit.
    fn result_schema(&self, table: &SchemaRef, request: &ReadRequest) -> Result<SchemaRef, Error> {
        crate::batches::result_schema(table, request.projection.as_deref(), &request.predicates)
    }

    /// The parts of the table; one, with an empty token, when the connector declares none.
    ///
    /// # Errors
    /// What the author raised, or [`ErrorKind::Internal`](crate::ErrorKind::Internal) when two have the same id.
    async fn partitions(&self, request: &ReadRequest) -> Result<Vec<Partition>, Error>;

    /// Exactly how many rows this read has (limit applied), when that is known without reading.
    ///
    /// # Errors
    /// What the author raised.
    async fn count_rows(&self, request: &ReadRequest) -> Result<Option<u64>, Error>;

    /// The rows, as batches of the table's schema trimmed to the projection. Without a partition in the request all
    /// partitions are read, in order. A connector whose columns are inferred reads its sample here.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) for an unknown or repeated column or a filter that does not fit; what
    /// the author raised while the table was opened.
    async fn read(self: Arc<Self>, request: ReadRequest) -> Result<Batches, Error>;

    /// A writer. Batches are matched to the table's columns by name, and checked, before the author sees them.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) or [`ErrorKind::ReadOnly`](crate::ErrorKind::ReadOnly) for a mode that is not declared, [`ErrorKind::Schema`](crate::ErrorKind::Schema)
    /// listing every column that is missing, extra or different.
    async fn writer(&self, request: WriteRequest) -> Result<BoxWriter, Error>;
}
