//! Structs: the columns of a table side by side.

use std::fmt;
use std::sync::Arc;

use arrow_array::{ArrayRef, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Fields, SchemaRef};

use super::{Buffers, ColumnBuffer, Fault, Room, Slot, earlier};

/// The columns of a table, in order; emitted by `#[derive(Table)]`.
pub trait Columns: 'static {
    /// Their buffers: a tuple, or a tuple of tuples.
    type Buffers: Buffers;

    /// Their fields and the table's metadata.
    fn schema() -> SchemaRef;
}

/// The columns of a struct, and how many values they hold.
pub struct StructBuffer<C: Columns> {
    columns: C::Buffers,
    /// Counted apart from the columns, of which there may be none.
    len: usize,
}

impl<'s, C: Columns> Slot<'s, StructBuffer<C>> {
    /// The slot of one row of the columns.
    #[inline(always)]
    pub fn columns(self) -> Slot<'s, C::Buffers> {
        let buffer = self.into_buffer();
        buffer.len += 1;
        // SAFETY: the slot is room for one row: `reserve` makes room in the columns.
        unsafe { Slot::new(&mut buffer.columns) }
    }
}

impl<C: Columns> StructBuffer<C> {
    /// The arrays of all columns, which are empty then, and how many rows they have.
    pub(super) fn finish_columns(&mut self, fields: &Fields) -> (Vec<ArrayRef>, usize) {
        let mut fields = fields.iter();
        let mut arrays = Vec::with_capacity(fields.len());
        self.columns.each_mut(&mut |column| {
            let field = fields.next().expect("a table has as many fields as buffers");
            arrays.push(column.finish(field.data_type(), None));
        });
        (arrays, std::mem::take(&mut self.len))
    }
}

// SAFETY: `reserve` makes room in all columns, and a slot is one row of them.
unsafe impl<C: Columns> ColumnBuffer for StructBuffer<C> {
    fn new() -> Self {
        StructBuffer { columns: C::Buffers::new(), len: 0 }
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.len
    }

    fn reserve(&mut self, more: usize) {
        self.columns.reserve(more);
    }

    #[inline(always)]
    fn push_default(slot: Slot<'_, Self>) {
        Buffers::push_default(slot.columns());
    }

    #[inline(always)]
    fn bytes(&self) -> usize {
        self.columns.bytes()
    }

    /// The earliest fault of all columns; its path begins with the column's name.
    fn take_fault(&mut self) -> Option<Fault> {
        let mut at = 0;
        let mut first = None;
        self.columns.each_mut(&mut |column| {
            let fault = column.take_fault().map(|fault| {
                let row = fault.row;
                fault.inside(C::schema().field(at).name(), row)
            });
            first = earlier(first.take(), fault);
            at += 1;
        });
        first
    }

    fn finish(&mut self, data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let DataType::Struct(fields) = data_type else {
            unreachable!("the type is the one `Column::data_type` gave for this buffer")
        };
        let (arrays, len) = self.finish_columns(fields);
        let array = StructArray::try_new_with_length(fields.clone(), arrays, nulls, len);
        Arc::new(array.expect("every push adds one value to each column"))
    }
}

impl<C: Columns> fmt::Debug for StructBuffer<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StructBuffer").field("len", &self.len).finish_non_exhaustive()
    }
}

impl<C: Columns> Room<StructBuffer<C>> {
    /// The earliest fault of all columns, as [`ColumnBuffer::take_fault`].
    pub fn take_fault(&mut self) -> Option<Fault> {
        self.close(ColumnBuffer::take_fault)
    }

    /// The arrays of all columns and how many rows they have; leaves no rows.
    pub fn finish_columns(&mut self, fields: &Fields) -> (Vec<ArrayRef>, usize) {
        self.finish(|columns| columns.finish_columns(fields))
    }
}
