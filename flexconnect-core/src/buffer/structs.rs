//! Structs: the columns of a table side by side.

use std::fmt;
use std::slice;
use std::sync::Arc;

use arrow_array::{ArrayRef, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, FieldRef};

use super::{Buffers, ColumnBuffer, Fault, Slot, earlier};

/// Columns side by side; emitted by `#[derive(Table)]`.
pub trait Columns: 'static {
    /// Their buffers: a tuple, or a tuple of tuples.
    type Buffers: Buffers;

    /// The name of the column at this place, for messages.
    fn name(at: usize) -> String;
}

/// The columns of a struct, and how many values they hold.
pub struct StructBuffer<C: Columns> {
    columns: C::Buffers,
    /// Counted only where there are no columns to ask: a count less to keep with every row.
    bare: usize,
}

impl<'s, C: Columns> Slot<'s, StructBuffer<C>> {
    /// The slot of one row of the columns.
    #[inline(always)]
    pub fn columns(self) -> Slot<'s, C::Buffers> {
        let buffer = self.into_buffer();
        if !C::Buffers::ANY {
            buffer.bare += 1;
        }
        // SAFETY: the slot is room for one row: `reserve` makes room in the columns.
        unsafe { Slot::new(&mut buffer.columns) }
    }
}

impl<C: Columns> StructBuffer<C> {
    /// Tells the first fault of every column, in order.
    pub(super) fn take_faults_of_columns(&mut self, found: &mut dyn FnMut(Option<Fault>)) {
        self.columns.take_faults(found);
    }

    /// The arrays of all columns, which are empty then, and how many rows they have.
    pub(super) fn finish_columns(
        &mut self,
        fields: &mut slice::Iter<'_, FieldRef>,
    ) -> (Vec<ArrayRef>, usize) {
        let len = ColumnBuffer::len(self);
        self.bare = 0;
        let mut arrays = Vec::with_capacity(fields.len());
        self.columns.finish_into(fields, &mut arrays);
        (arrays, len)
    }
}

// SAFETY: `reserve` makes room in all columns, and a slot is one row of them.
unsafe impl<C: Columns> ColumnBuffer for StructBuffer<C> {
    fn new() -> Self {
        StructBuffer { columns: C::Buffers::new(), bare: 0 }
    }

    #[inline(always)]
    fn len(&self) -> usize {
        if C::Buffers::ANY { self.columns.len() } else { self.bare }
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
        let (mut at, mut first) = (0, None);
        self.columns.take_faults(&mut |fault| {
            let fault = fault.map(|fault| {
                let row = fault.row;
                fault.inside(&C::name(at), row)
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
        let (arrays, len) = self.finish_columns(&mut fields.iter());
        let array = StructArray::try_new_with_length(fields.clone(), arrays, nulls, len);
        Arc::new(array.expect("every push adds one value to each column"))
    }
}

impl<C: Columns> fmt::Debug for StructBuffer<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StructBuffer").field("len", &ColumnBuffer::len(self)).finish_non_exhaustive()
    }
}
