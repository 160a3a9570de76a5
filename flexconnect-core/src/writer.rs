//! Writing: what an author implements, by batch or by row, and the one type doors hold.

use std::fmt;
use std::marker::PhantomData;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use async_trait::async_trait;

use crate::error::{Error, Result};
use crate::table::FromBatch;

/// How many rows a [`RowWriter`] gets at a time.
const ROWS_AT_ONCE: usize = 8192;

/// What a committed write came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct WriteSummary {
    /// Rows accepted.
    pub rows: u64,
    /// Bytes of Arrow buffers received.
    pub bytes: u64,
    /// Rows left out because they did not fit, by a writer that rather leaves them out than fails.
    pub rejected: u64,
}

impl WriteSummary {
    /// A write of this many rows.
    pub fn rows(rows: u64) -> Self {
        WriteSummary { rows, ..WriteSummary::default() }
    }

    /// Says how many rows were left out.
    #[must_use]
    pub fn with_rejected(mut self, rows: u64) -> Self {
        self.rejected = rows;
        self
    }
}

/// A writer that takes batches.
///
/// Nothing is visible before [`commit`](Self::commit), unless the connector declares itself at-least-once. **A writer that
/// is dropped leaves nothing**: that is the abort that always happens, when a client vanishes too;
/// [`abort`](Self::abort) is only the chance to wait for it.
///
/// ```
/// use flexconnect_core::{Result, WriteSummary, Writer, arrow_array::RecordBatch};
///
/// struct Counter(u64);
///
/// impl Writer for Counter {
///     async fn write(&mut self, batch: RecordBatch) -> Result<()> {
///         self.0 += batch.num_rows() as u64;
///         Ok(())
///     }
///     async fn commit(self) -> Result<WriteSummary> {
///         Ok(WriteSummary::rows(self.0))
///     }
/// }
/// ```
pub trait Writer: Send + Sized + 'static {
    /// Takes a batch of the request's schema.
    fn write(&mut self, batch: RecordBatch) -> impl Future<Output = Result<()>> + Send;

    /// Makes everything written visible and durable, and says how much it was.
    fn commit(self) -> impl Future<Output = Result<WriteSummary>> + Send;

    /// Gives up what was written.
    fn abort(self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// A writer that takes rows of a `#[derive(Table)]` type, columns matched by name and converted
/// leniently. The rules of [`Writer`] hold.
///
/// ```
/// use flexconnect_core::{Result, RowWriter, Table, WriteSummary};
///
/// #[derive(Table)]
/// struct Sale { id: u64, amount: f64 }
///
/// struct Ledger { staged: Vec<Sale> }
///
/// impl RowWriter for Ledger {
///     type Row = Sale;
///     async fn write_rows(&mut self, rows: Vec<Sale>) -> Result<()> {
///         self.staged.extend(rows);
///         Ok(())
///     }
///     async fn commit(self) -> Result<WriteSummary> {
///         Ok(WriteSummary::rows(self.staged.len() as u64))
///     }
/// }
/// ```
pub trait RowWriter: Send + Sized + 'static {
    /// What a row is.
    type Row: FromBatch + Send;

    /// Takes up to 8,192 rows.
    fn write_rows(&mut self, rows: Vec<Self::Row>) -> impl Future<Output = Result<()>> + Send;

    /// Makes everything written visible and durable, and says how much it was.
    fn commit(self) -> impl Future<Output = Result<WriteSummary>> + Send;

    /// Gives up what was written.
    fn abort(self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// A row type's check of a schema, before the first row.
pub(crate) type ColumnCheck = fn(&Schema) -> Result<(), Error>;

/// Any writer, as [`Connector::get_writer`](crate::Connector::get_writer) returns it and doors drive it.
#[must_use = "a writer that is dropped leaves nothing"]
pub struct BoxWriter {
    writer: Box<dyn ErasedWriter>,
    columns: Option<ColumnCheck>,
}

impl BoxWriter {
    /// A writer of batches.
    pub fn new(writer: impl Writer) -> Self {
        BoxWriter { writer: Box::new(ByBatch(writer)), columns: None }
    }

    /// A writer of rows.
    pub fn rows<W: RowWriter>(writer: W) -> Self {
        let by_row = ByRow { writer, rows: 0, row: PhantomData::<fn() -> W::Row> };
        BoxWriter { writer: Box::new(by_row), columns: Some(W::Row::check_schema) }
    }

    /// Takes a batch.
    ///
    /// # Errors
    /// What the author raised; for a writer of rows also [`ErrorKind::Data`](crate::ErrorKind::Data) with row and column for a
    /// value its row type cannot hold.
    pub async fn write(&mut self, batch: RecordBatch) -> Result<(), Error> {
        self.writer.write(batch).await.map_err(Error::from_boxed)
    }

    /// Makes everything visible.
    ///
    /// # Errors
    /// What the author raised; nothing is visible then.
    pub async fn commit(self) -> Result<WriteSummary, Error> {
        self.writer.commit().await.map_err(Error::from_boxed)
    }

    /// Gives up what was written, and waits for that.
    ///
    /// # Errors
    /// What the author raised.
    pub async fn abort(self) -> Result<(), Error> {
        self.writer.abort().await.map_err(Error::from_boxed)
    }

    /// The row type's own check of a schema; `None` when the writer takes batches.
    pub(crate) fn column_check(&self) -> Option<ColumnCheck> {
        self.columns
    }
}

impl fmt::Debug for BoxWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxWriter").finish_non_exhaustive()
    }
}

#[async_trait]
trait ErasedWriter: Send {
    async fn write(&mut self, batch: RecordBatch) -> Result<()>;
    async fn commit(self: Box<Self>) -> Result<WriteSummary>;
    async fn abort(self: Box<Self>) -> Result<()>;
}

struct ByBatch<W>(W);

#[async_trait]
impl<W: Writer> ErasedWriter for ByBatch<W> {
    async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        self.0.write(batch).await
    }

    async fn commit(self: Box<Self>) -> Result<WriteSummary> {
        self.0.commit().await
    }

    async fn abort(self: Box<Self>) -> Result<()> {
        self.0.abort().await
    }
}

struct ByRow<W, R> {
    writer: W,
    /// Rows handed over so far, to place an error.
    rows: u64,
    row: PhantomData<fn() -> R>,
}

#[async_trait]
impl<W: RowWriter> ErasedWriter for ByRow<W, W::Row> {
    async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        let mut start = 0;
        while start < batch.num_rows() {
            let part = batch.slice(start, ROWS_AT_ONCE.min(batch.num_rows() - start));
            let rows = W::Row::from_batch(&part).map_err(|error| error.after_rows(self.rows))?;
            self.writer.write_rows(rows).await?;
            start += part.num_rows();
            self.rows += part.num_rows() as u64;
        }
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<WriteSummary> {
        self.writer.commit().await
    }

    async fn abort(self: Box<Self>) -> Result<()> {
        self.writer.abort().await
    }
}
