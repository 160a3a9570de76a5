//! What a connector's row can be: a `#[derive(Table)]` struct, a `JsonRow`, `Values`, or a whole `RecordBatch`.

mod batch;
mod fixed;
mod json;
mod keys;
mod table;
mod values;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::buffer::STRIDE;
use crate::error::Error;

pub use batch::BatchBuffer;
pub use json::{JsonBuffer, JsonRow};
pub use table::TableBuffer;
pub use values::{Values, ValuesBuffer};

/// A kind of row, and so a table: it knows its column buffers and, when they are static, its columns.
///
/// Implemented by `#[derive(Table)]` for every lifetime of the struct, by `JsonRow`, by [`Values`] and by
/// [`RecordBatch`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a connector's row",
    label = "not a row type",
    note = "add `#[derive(Table)]` to the struct, or use `JsonRow` or `Values` (columns known at run time) or `RecordBatch`"
)]
pub trait Record: Sized {
    /// The typed buffers rows are pushed into.
    type Buffer: RowBuffer;

    /// The columns, or `None` when only the connector, or its data, knows them.
    fn schema() -> Option<SchemaRef>;
}

/// A table that takes rows of type `T`: itself, or its borrowed form of any lifetime.
///
/// `Self` is the table and `T` the row, so that the type of an iterator's items follows from the
/// connector's `type Row`.
#[diagnostic::on_unimplemented(
    message = "this connector's rows are `{Self}`, not `{T}`",
    label = "expected rows of `{Self}`"
)]
pub trait Accepts<T>: Record {
    /// Appends one row. A value that does not fit its column is kept as a fault, see [`Finished`].
    fn push(buffer: &mut Self::Buffer, row: T);
}

/// Column buffers of one table: rows go in, batches come out.
pub trait RowBuffer: Send + Sized + 'static {
    /// How many rows are pushed before [`bytes`](Self::bytes) is asked again: few enough that 2 GiB are
    /// out of reach, many enough that asking costs nothing.
    const STRIDE: usize = STRIDE;

    /// Empty buffers for these columns, with room for `rows` rows.
    ///
    /// Without a schema the columns are found from the rows at the first [`finish`](Self::finish),
    /// which then fixes them for all that follow. A static table ignores `schema`.
    fn new(schema: Option<&SchemaRef>, rows: usize) -> Result<Self, Error>;

    /// Empty buffers for a read of a table that wants only some of its columns, in the table's order.
    ///
    /// Rows may bring the others too. The batches need have the wanted columns only.
    fn for_read(table: &SchemaRef, wanted: &SchemaRef, rows: usize) -> Result<Self, Error> {
        let _ = table;
        Self::new(Some(wanted), rows)
    }

    /// Rows pushed since the last [`finish`](Self::finish).
    fn len(&self) -> usize;

    /// Whether there is no row.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes held by those rows, close enough to close a batch by. Cheap: asked every few rows.
    fn bytes(&self) -> usize;

    /// The rows so far as a batch; leaves the buffers empty and ready.
    fn finish(&mut self) -> Result<Finished, Error>;
}

/// What [`RowBuffer::finish`] gives.
#[derive(Debug)]
pub struct Finished {
    /// The rows, in the order pushed; those before the fault when there is one.
    pub batch: RecordBatch,
    /// The first value that did not fit, with its column and its row counted from the batch's first.
    pub fault: Option<Error>,
}

/// The columns of a read, as buffers are made for them.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// All columns of the table.
    pub(crate) table: SchemaRef,
    /// Those the read looks at, in the table's order.
    pub(crate) wanted: SchemaRef,
}

impl Layout {
    /// All columns of the table.
    pub(crate) fn whole(table: SchemaRef) -> Self {
        Layout { wanted: table.clone(), table }
    }
}
