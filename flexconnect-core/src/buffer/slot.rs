//! The room check, and the slots it gives.

use std::fmt;

use arrow_array::ArrayRef;
use arrow_schema::DataType;

use super::{Buffers, ColumnBuffer, Fault};

/// Room for one value: writing the value takes the slot.
///
/// ```compile_fail,E0382
/// use arrow_array::types::Int64Type;
/// use flexconnect_core::buffer::{PrimitiveBuffer, Room};
///
/// let mut room = Room::<PrimitiveBuffer<Int64Type>>::new(1);
/// let slot = room.slot();
/// slot.push(1);
/// slot.push(2); // one slot, one value
/// ```
pub struct Slot<'s, B> {
    buffer: &'s mut B,
}

impl<'s, B> Slot<'s, B> {
    /// A slot of this buffer.
    ///
    /// # Safety
    /// The buffer has room for one value that is promised to no other slot.
    #[inline(always)]
    pub(super) unsafe fn new(buffer: &'s mut B) -> Self {
        Slot { buffer }
    }

    /// The buffer, which has room for one value. It must not leave this module.
    #[inline(always)]
    pub(super) fn into_buffer(self) -> &'s mut B {
        self.buffer
    }
}

impl<B> fmt::Debug for Slot<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}

/// Room for a known number of values, given one at a time.
pub struct Slots<'s, B> {
    buffer: &'s mut B,
    left: usize,
}

impl<'s, B> Slots<'s, B> {
    /// That many slots of this buffer.
    ///
    /// # Safety
    /// The buffer has room for that many values that are promised to no other slot.
    #[inline(always)]
    pub(super) unsafe fn new(buffer: &'s mut B, left: usize) -> Self {
        Slots { buffer, left }
    }

    /// How many are left.
    #[inline]
    pub fn left(&self) -> usize {
        self.left
    }

    /// The next slot, or `None` when there is none left.
    #[inline(always)]
    pub fn next_slot(&mut self) -> Option<Slot<'_, B>> {
        self.left = self.left.checked_sub(1)?;
        // SAFETY: there were `left` promises, and this one has just been counted off.
        Some(unsafe { Slot::new(self.buffer) })
    }

    /// Writes one item into each slot, as long as there are both.
    #[inline(always)]
    pub fn fill<T>(mut self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(T, Slot<'_, B>)) {
        for item in items {
            match self.next_slot() {
                Some(slot) => write(item, slot),
                None => break,
            }
        }
    }

    /// The buffer and for how many values it has room. It must not leave this module.
    #[inline(always)]
    pub(super) fn into_buffer(self) -> (&'s mut B, usize) {
        (self.buffer, self.left)
    }
}

impl<B> fmt::Debug for Slots<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots").field("left", &self.left).finish_non_exhaustive()
    }
}

/// A buffer, or several side by side, and for how many more values there is room in all of them.
pub struct Room<B> {
    buffer: B,
    left: usize,
    /// For how many values to make room when there is none at all.
    hint: usize,
}

/// The least room that is worth making.
const LEAST: usize = 16;

impl<B: Buffers> Room<B> {
    /// Empty; the first slot makes room for this many values.
    pub fn new(hint: usize) -> Self {
        Room { buffer: B::new(), left: 0, hint }
    }

    /// The buffer, to look at.
    #[inline(always)]
    pub fn get(&self) -> &B {
        &self.buffer
    }

    /// Room for one value.
    #[inline(always)]
    pub fn slot(&mut self) -> Slot<'_, B> {
        if self.left == 0 {
            self.grow(1);
        }
        self.left -= 1;
        // SAFETY: `left` counted a promise of `reserve` that no slot had; it has now been counted off.
        unsafe { Slot::new(&mut self.buffer) }
    }

    /// Room for so many values.
    #[inline(always)]
    pub fn slots(&mut self, count: usize) -> Slots<'_, B> {
        if self.left < count {
            self.grow(count);
        }
        self.left -= count;
        // SAFETY: as above, for `count` promises.
        unsafe { Slots::new(&mut self.buffer, count) }
    }

    /// Expects so many values, when there is no room yet.
    pub(super) fn expect(&mut self, values: usize) {
        self.hint = self.hint.max(values);
    }

    /// Makes room for at least so many values in place of what is left.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, least: usize) {
        // Doubling, so that growing costs a constant per value however many there are.
        let more = self.hint.max(self.buffer.len()).max(LEAST).max(least);
        // Were `reserve` to panic, the buffer is as it was, and `left` is no promise of more than it had.
        self.buffer.reserve(more);
        self.left = more;
    }

    /// Does what needs the buffer as a whole; its room is forgotten before, so whatever is done cannot break a promise.
    pub(super) fn close<R>(&mut self, with: impl FnOnce(&mut B) -> R) -> R {
        self.left = 0;
        with(&mut self.buffer)
    }

    /// As [`close`](Self::close), for what empties the buffer; the next room will be for as many values.
    pub(super) fn finish<R>(&mut self, with: impl FnOnce(&mut B) -> R) -> R {
        self.hint = self.buffer.len();
        self.close(with)
    }
}

impl<B: ColumnBuffer> Room<B> {
    /// The values as an array of this type, without nulls; leaves no values.
    pub fn finish_array(&mut self, data_type: &DataType) -> ArrayRef {
        self.finish(|buffer| buffer.finish(data_type, None))
    }

    /// The first value that did not fit since the last call.
    pub fn take_fault(&mut self) -> Option<Fault> {
        self.close(ColumnBuffer::take_fault)
    }
}

impl<B> fmt::Debug for Room<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").field("left", &self.left).field("hint", &self.hint).finish_non_exhaustive()
    }
}
