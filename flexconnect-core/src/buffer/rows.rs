//! The rows of a derived table: its columns behind a name, which may be public where the columns' types are not.

use std::fmt;
use std::slice;
use std::sync::Arc;

use arrow_array::{ArrayRef, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, FieldRef};

use super::{Buffers, ColumnBuffer, Columns, Fault, Growing, Room, Slot, StructBuffer};

/// Rows of columns, with their room.
pub struct ColumnRows<C: Columns>(Room<StructBuffer<C>>);

impl<C: Columns> ColumnRows<C> {
    /// Empty; the first row makes room for this many.
    pub fn new(hint: usize) -> Self {
        ColumnRows(Room::new(hint))
    }

    /// Room for one more row: one check for all columns.
    #[inline(always)]
    pub fn row(&mut self) -> Slot<'_, C::Buffers> {
        self.0.slot().columns()
    }
}

impl<C: Columns> fmt::Debug for ColumnRows<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ColumnRows").field(&self.0).finish()
    }
}

/// What can be done to rows without knowing their columns.
pub trait AnyRows: Send {
    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends to every column the value that lies under a null.
    fn push_default(&mut self);

    /// Bytes held by all values.
    fn bytes(&self) -> usize;

    /// The earliest fault of all columns; its path begins with the column's name.
    fn take_fault(&mut self) -> Option<Fault>;

    /// Tells the first fault of every column, in order.
    fn take_faults(&mut self, found: &mut dyn FnMut(Option<Fault>));

    /// The arrays of all columns, of the next of these fields, and how many rows they have; leaves no rows.
    fn finish(&mut self, fields: &mut slice::Iter<'_, FieldRef>) -> (Vec<ArrayRef>, usize);
}

impl<C: Columns> AnyRows for ColumnRows<C> {
    #[inline(always)]
    fn len(&self) -> usize {
        Buffers::len(self.0.get())
    }

    fn push_default(&mut self) {
        Buffers::push_default(self.row());
    }

    #[inline(always)]
    fn bytes(&self) -> usize {
        Buffers::bytes(self.0.get())
    }

    fn take_fault(&mut self) -> Option<Fault> {
        self.0.close(ColumnBuffer::take_fault)
    }

    fn take_faults(&mut self, found: &mut dyn FnMut(Option<Fault>)) {
        self.0.close(|rows| rows.take_faults_of_columns(found));
    }

    fn finish(&mut self, fields: &mut slice::Iter<'_, FieldRef>) -> (Vec<ArrayRef>, usize) {
        self.0.finish(|columns| columns.finish_columns(fields))
    }
}

/// A type that holds [`ColumnRows`]; emitted by `#[derive(Table)]`, for which the types of the columns are its own affair.
pub trait HoldRows: Send + 'static {
    /// Empty; the first row makes room for this many.
    fn new(hint: usize) -> Self;

    /// The rows.
    fn rows(&self) -> &dyn AnyRows;

    /// The rows, to be changed.
    fn rows_mut(&mut self) -> &mut dyn AnyRows;
}

/// A struct in a column: rows that make their own room.
#[derive(Debug)]
pub struct NestedRows<R>(R);

impl<R> NestedRows<R> {
    /// The rows, to append one to.
    #[inline(always)]
    pub fn rows(&mut self) -> &mut R {
        &mut self.0
    }
}

impl<R: HoldRows> Growing for NestedRows<R> {
    fn new() -> Self {
        NestedRows(R::new(0))
    }

    fn len(&self) -> usize {
        self.0.rows().len()
    }

    fn push_default(&mut self) {
        self.0.rows_mut().push_default();
    }

    #[inline]
    fn bytes(&self) -> usize {
        self.0.rows().bytes()
    }

    fn take_fault(&mut self) -> Option<Fault> {
        self.0.rows_mut().take_fault()
    }

    fn finish(&mut self, data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let DataType::Struct(fields) = data_type else {
            unreachable!("the type is the one `Column::data_type` gave for this buffer")
        };
        let (arrays, len) = self.0.rows_mut().finish(&mut fields.iter());
        let array = StructArray::try_new_with_length(fields.clone(), arrays, nulls, len);
        Arc::new(array.expect("every push adds one value to each column"))
    }
}

/// `flatten`: the columns of a struct among those of the struct around it.
#[derive(Debug)]
pub struct FlatRows<R>(R);

impl<'s, R: HoldRows> Slot<'s, FlatRows<R>> {
    /// The rows, to append one to.
    #[inline(always)]
    pub fn rows(self) -> &'s mut R {
        &mut self.into_buffer().0
    }
}

// SAFETY: the rows make their own room, so there always is some.
unsafe impl<R: HoldRows> Buffers for FlatRows<R> {
    const ANY: bool = true;

    fn new() -> Self {
        FlatRows(R::new(0))
    }

    fn len(&self) -> usize {
        self.0.rows().len()
    }

    fn reserve(&mut self, _more: usize) {}

    fn push_default(slot: Slot<'_, Self>) {
        slot.rows().rows_mut().push_default();
    }

    #[inline]
    fn bytes(&self) -> usize {
        self.0.rows().bytes()
    }

    fn take_faults(&mut self, found: &mut dyn FnMut(Option<Fault>)) {
        self.0.rows_mut().take_faults(found);
    }

    fn finish_into(&mut self, fields: &mut slice::Iter<'_, FieldRef>, arrays: &mut Vec<ArrayRef>) {
        arrays.extend(self.0.rows_mut().finish(fields).0);
    }
}
