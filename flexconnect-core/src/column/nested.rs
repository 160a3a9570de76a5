//! Structs: the columns of a `#[derive(Table)]` struct, side by side, and such a struct inside another.

use std::fmt;
use std::sync::Arc;

use arrow_array::{ArrayRef, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Fields, SchemaRef};

use super::fault::earlier;
use super::{ColumnBuffer, Fault};

/// The buffers of a table's columns, in the order of its fields; emitted by `#[derive(Table)]`.
pub trait Columns: Send + Sized + 'static {
    /// The columns' names, in order.
    const NAMES: &'static [&'static str];

    /// The columns' fields and the table's metadata.
    fn schema() -> SchemaRef;

    /// Empty buffers with room for this many rows.
    fn with_capacity(rows: usize) -> Self;

    /// Appends to every column the value that lies under a null.
    fn push_default(&mut self);

    /// Shows every buffer, in order.
    fn each(&self, visit: &mut dyn FnMut(&dyn ColumnBuffer));

    /// Shows every buffer, in order, to be changed.
    fn each_mut(&mut self, visit: &mut dyn FnMut(&mut dyn ColumnBuffer));
}

/// Bytes held by all columns.
pub(crate) fn bytes<C: Columns>(columns: &C) -> usize {
    let mut bytes = 0;
    columns.each(&mut |column| bytes += column.bytes());
    bytes
}

/// The earliest fault of all columns; its path begins with the column's name.
pub(crate) fn take_fault<C: Columns>(columns: &mut C) -> Option<Fault> {
    let mut names = C::NAMES.iter();
    let mut first = None;
    columns.each_mut(&mut |column| {
        let name = names.next().copied().unwrap_or_default();
        let fault = column.take_fault().map(|fault| {
            let row = fault.row;
            fault.inside(name, row)
        });
        first = earlier(first.take(), fault);
    });
    first
}

/// The arrays of all columns, which are empty then.
pub(crate) fn finish<C: Columns>(columns: &mut C, fields: &Fields) -> Vec<ArrayRef> {
    let mut fields = fields.iter();
    let mut arrays = Vec::with_capacity(fields.len());
    columns.each_mut(&mut |column| {
        let field = fields.next().expect("a table has as many fields as buffers");
        arrays.push(column.finish(field.data_type(), None));
    });
    arrays
}

/// A struct inside a struct.
pub struct StructBuffer<C> {
    columns: C,
    /// Counted apart from the columns, of which there may be none.
    len: usize,
}

impl<C: Columns> StructBuffer<C> {
    /// The columns, for one more row.
    #[inline]
    pub fn next_row(&mut self) -> &mut C {
        self.len += 1;
        &mut self.columns
    }
}

impl<C: Columns> ColumnBuffer for StructBuffer<C> {
    fn with_capacity(rows: usize) -> Self {
        StructBuffer { columns: C::with_capacity(rows), len: 0 }
    }

    fn len(&self) -> usize {
        self.len
    }

    #[inline]
    fn push_default(&mut self) {
        self.columns.push_default();
        self.len += 1;
    }

    fn bytes(&self) -> usize {
        bytes(&self.columns)
    }

    fn take_fault(&mut self) -> Option<Fault> {
        take_fault(&mut self.columns)
    }

    fn finish(&mut self, data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let DataType::Struct(fields) = data_type else {
            unreachable!("the type is the one `Column::data_type` gave for this buffer")
        };
        let len = std::mem::take(&mut self.len);
        let arrays = finish(&mut self.columns, fields);
        let array = StructArray::try_new_with_length(fields.clone(), arrays, nulls, len);
        Arc::new(array.expect("every push adds one value to each column"))
    }
}

impl<C: Columns> fmt::Debug for StructBuffer<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StructBuffer").field("columns", &C::NAMES).field("len", &self.len).finish()
    }
}
