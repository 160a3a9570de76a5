//! Rust types as Arrow columns: one typed buffer per family of types.

use arrow_array::ArrayRef;
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

/// The encoding a type has when no attribute names another.
#[derive(Debug, Clone, Copy)]
pub struct Natural;

/// A Rust type that can be a column, in the encoding `E`.
///
/// `Option<T>`, `Vec<T>` and the other containers pass `E` on to their innermost type, so that
/// `#[column(unit = "ms")]` reaches the timestamps of an `Option<Vec<DateTime<Utc>>>`.
pub trait Column<E = Natural> {
    /// The buffer values of this type are pushed into.
    type Buffer: ColumnBuffer;

    /// Whether the column can hold a null: true for `Option` only.
    const NULLABLE: bool = false;

    /// The Arrow type.
    fn data_type() -> DataType;

    /// Field metadata that belongs to the type (an extension type's name).
    fn metadata() -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Appends one value. A value that does not fit the Arrow type is kept as a [`Fault`], and a
    /// placeholder takes its place.
    fn push(&self, buffer: &mut Self::Buffer);
}

/// The values of one column, as they are pushed.
pub trait ColumnBuffer: Send + Sized + 'static {
    /// An empty buffer with room for this many values.
    fn with_capacity(rows: usize) -> Self;

    /// Values pushed since the last [`finish`](Self::finish).
    fn len(&self) -> usize;

    /// Whether there is no value.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the value that lies under a null.
    fn push_default(&mut self);

    /// Bytes held by the values.
    fn bytes(&self) -> usize;

    /// The first value that did not fit since the last call; called before [`finish`](Self::finish).
    fn take_fault(&mut self) -> Option<Fault> {
        None
    }

    /// The values as an array under these nulls (as many as there are values); leaves the buffer empty.
    fn finish(&mut self, nulls: Option<NullBuffer>) -> ArrayRef;
}

/// A value that does not fit its column.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Which value, counted from the first since the last `finish`.
    pub row: usize,
    /// The path below this column (`item`, a struct's field), outermost first; empty for the column itself.
    pub path: Vec<String>,
    /// What is wrong and what to do.
    pub message: String,
}
