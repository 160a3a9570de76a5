//! Typed buffers: values are pushed one row at a time, arrays come out. The one module with `unsafe`.
//!
//! # How a row is written
//!
//! A [`Room`] makes room for many values at once in every buffer it holds, and then gives out one [`Slot`] per row.
//! A slot of several buffers side by side [splits](Slot::split) into a slot of each; a slot of a list gives
//! [`Slots`] of its items. Writing a value consumes its slot, and nothing is checked on the way: that there is room
//! was checked once, for the whole row, when the slot was given.
//!
//! # Why that is sound
//!
//! 1. Whoever can be given `n` slots has had [`reserve(n)`](ColumnBuffer::reserve) since its last
//!    [`finish`](ColumnBuffer::finish). [`Room`] counts them, and forgets them before it lets `finish` near the buffer.
//! 2. A slot cannot be made outside this module, copied or kept: it borrows its buffer, and each write takes it by value.
//!    One that is dropped leaves its room unused, which is harmless.
//! 3. Nobody outside is ever handed a `&mut` to a buffer that relies on slots, so none can be swapped for one with less
//!    room. Buffers that make their own room are wrapped in [`Own`], and only these can be reached.
//! 4. Every unchecked write is a write through a slot, to the place behind the last value.
#![allow(unsafe_code)]

mod fault;
mod fixed;
mod offsets;
mod slot;

mod bits;
mod bytes;
mod fixed_bytes;
mod list;
mod nullable;
mod own;
mod primitive;
mod rows;
mod structs;
mod tuple;

use arrow_array::ArrayRef;
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

pub use self::bits::BooleanBuffer;
pub use self::bytes::{BytesBuffer, TextWriter};
pub(crate) use self::fault::earlier;
pub use self::fault::{Fault, FirstFault};
pub use self::fixed_bytes::FixedBytesBuffer;
pub use self::list::{Contiguous, FixedListBuffer, Layout, ListBuffer, ListLayout, MapLayout, View};
pub use self::nullable::Nullable;
pub use self::own::{Growing, Own};
pub use self::primitive::PrimitiveBuffer;
pub use self::rows::{AnyRows, ColumnRows, FlatRows, HoldRows, NestedRows};
pub use self::slot::{Room, Slot, Slots};
pub use self::structs::{Columns, StructBuffer};
pub use self::tuple::Buffers;

/// How many rows are usually pushed before a batch may close.
pub(crate) const STRIDE: usize = 16;

/// The values of one column, as they are pushed.
///
/// # Safety
/// After `reserve(n)`, and until `finish` is called, `n` slots of this buffer can be written, whatever is written
/// through them and whether or not it is.
pub unsafe trait ColumnBuffer: Send + 'static {
    /// An empty buffer, which holds no memory yet.
    fn new() -> Self
    where
        Self: Sized;

    /// Values pushed since the last [`finish`](Self::finish).
    fn len(&self) -> usize;

    /// Whether there is no value.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes room for that many more values.
    fn reserve(&mut self, more: usize);

    /// Appends the value that lies under a null.
    fn push_default(slot: Slot<'_, Self>)
    where
        Self: Sized;

    /// Bytes held by the values.
    fn bytes(&self) -> usize;

    /// The first value that did not fit since the last call; called before [`finish`](Self::finish).
    fn take_fault(&mut self) -> Option<Fault> {
        None
    }

    /// The values as an array of this type, the one that the column says, under these nulls (as many as there are
    /// values); leaves the buffer empty and without room.
    ///
    /// The type is handed in so that the array shares the fields of its schema and buffers need not keep them.
    fn finish(&mut self, data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef;
}

#[cfg(test)]
mod tests;
