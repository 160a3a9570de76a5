//! Where each value of any length ends.

use arrow_array::OffsetSizeTrait;
use arrow_buffer::{OffsetBuffer, ScalarBuffer};

use super::fixed::Fixed;

/// Offsets that only grow, the first of them 0.
#[derive(Debug)]
pub(super) struct Offsets<O> {
    /// Nothing at all as long as there is no room.
    offsets: Fixed<O>,
}

impl<O: OffsetSizeTrait> Offsets<O> {
    pub(super) const fn new() -> Self {
        Offsets { offsets: Fixed::new() }
    }

    pub(super) fn reserve(&mut self, more: usize) {
        if self.offsets.len() > 0 {
            return self.offsets.reserve(more);
        }
        self.offsets.reserve(more.saturating_add(1));
        // SAFETY: room for it was made in the line above, besides that for `more`.
        unsafe { self.offsets.push(O::default()) };
    }

    /// How many values there are.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    #[inline(always)]
    pub(super) fn bytes(&self) -> usize {
        self.offsets.bytes()
    }

    /// One more value, which ends here.
    ///
    /// # Safety
    /// There is room for it, as for [`Fixed::push`]; `end` is not before the end of the value before, and no more
    /// than an `O` can say.
    #[inline(always)]
    pub(super) unsafe fn push(&mut self, end: usize) {
        // SAFETY: as the caller says.
        unsafe { self.offsets.push(O::usize_as(end)) }
    }

    /// The value that what lies at this place belongs to.
    pub(super) fn value_of(&self, place: usize) -> usize {
        let ended = self.offsets.as_slice().partition_point(|offset| offset.as_usize() <= place);
        ended.saturating_sub(1)
    }

    /// The offsets; leaves neither offsets nor room.
    pub(super) fn take(&mut self) -> OffsetBuffer<O> {
        let offsets = self.offsets.take();
        if offsets.is_empty() {
            return OffsetBuffer::new_empty();
        }
        // SAFETY: the first is 0 and none is less than the one before, as `push` demands.
        unsafe { OffsetBuffer::new_unchecked(ScalarBuffer::from(offsets)) }
    }
}
