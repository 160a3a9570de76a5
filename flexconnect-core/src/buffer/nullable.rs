//! Values some of which are null.

use arrow_array::ArrayRef;
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

use super::{BooleanBuffer, ColumnBuffer, Fault, Slot};

/// The values of an inner buffer and which of them are there.
#[derive(Debug)]
pub struct Nullable<B> {
    valid: BooleanBuffer,
    values: B,
}

impl<'s, B: ColumnBuffer> Slot<'s, Nullable<B>> {
    /// The slot of a value that is there.
    #[inline(always)]
    pub fn some(self) -> Slot<'s, B> {
        self.either(true)
    }

    /// Appends a null.
    #[inline(always)]
    pub fn none(self) {
        B::push_default(self.either(false));
    }

    /// The slot of a value, which is there or only lies under a null.
    #[inline(always)]
    pub(super) fn either(self, valid: bool) -> Slot<'s, B> {
        let buffer = self.into_buffer();
        // SAFETY: the slot is room for one value, which is a bit and what it stands for: `reserve` below makes room
        // for as many of both.
        unsafe {
            buffer.valid.push(valid);
            Slot::new(&mut buffer.values)
        }
    }
}

// SAFETY: `reserve` makes room in both parts, and a slot writes each of them once.
unsafe impl<B: ColumnBuffer> ColumnBuffer for Nullable<B> {
    fn new() -> Self {
        Nullable { valid: BooleanBuffer::new(), values: B::new() }
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.valid.len()
    }

    fn reserve(&mut self, more: usize) {
        self.valid.reserve(more);
        self.values.reserve(more);
    }

    #[inline(always)]
    fn push_default(slot: Slot<'_, Self>) {
        slot.none();
    }

    #[inline(always)]
    fn bytes(&self) -> usize {
        self.valid.bytes() + self.values.bytes()
    }

    fn take_fault(&mut self) -> Option<Fault> {
        self.values.take_fault()
    }

    fn finish(&mut self, data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let own = NullBuffer::new(self.valid.take());
        let own = (own.null_count() > 0).then_some(own);
        self.values.finish(data_type, NullBuffer::union(own.as_ref(), nulls.as_ref()))
    }
}
