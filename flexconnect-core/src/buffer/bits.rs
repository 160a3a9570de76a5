//! Bits packed into words: truth values, and which values of a column are null.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray};
use arrow_buffer::{BooleanBuffer as Bits, Buffer, NullBuffer};
use arrow_schema::DataType;

use super::{ColumnBuffer, Nullable, Slot};

/// Bits packed into words as they are pushed; the values of a `Boolean` column and the nulls of any.
#[derive(Debug)]
pub struct BooleanBuffer {
    /// The oldest bit lowest. Bits from `len` on are zero, and as many words lie here as there is room for bits.
    words: Vec<u64>,
    len: usize,
}

impl BooleanBuffer {
    /// The bits so far; leaves the buffer empty.
    pub(super) fn take(&mut self) -> Bits {
        let len = std::mem::take(&mut self.len);
        let mut words = std::mem::take(&mut self.words);
        words.truncate(len.div_ceil(64));
        // Arrow numbers bits from the lowest of the first byte, whatever the machine's byte order.
        #[cfg(target_endian = "big")]
        words.iter_mut().for_each(|word| *word = word.to_le());
        Bits::new(Buffer::from_vec(words), 0, len)
    }

    /// Appends one bit.
    ///
    /// # Safety
    /// `reserve` made room for it since the last `take`, and no other bit was pushed there since.
    #[inline(always)]
    pub(super) unsafe fn push(&mut self, bit: bool) {
        let at = self.len;
        debug_assert!(at / 64 < self.words.len());
        // SAFETY: there is room for bit `at`, so the word it lies in is one of `words`.
        unsafe { *self.words.get_unchecked_mut(at / 64) |= u64::from(bit) << (at % 64) };
        self.len = at + 1;
    }
}

impl Slot<'_, BooleanBuffer> {
    /// Appends one bit.
    #[inline(always)]
    pub fn push(self, bit: bool) {
        // SAFETY: the slot is room for one bit.
        unsafe { self.into_buffer().push(bit) }
    }
}

impl Slot<'_, Nullable<BooleanBuffer>> {
    /// Appends a bit or a null, without a branch between the two.
    #[inline(always)]
    pub fn push_option(self, bit: Option<bool>) {
        self.either(bit.is_some()).push(bit.unwrap_or_default());
    }
}

// SAFETY: after `reserve(n)` there are words for `len + n` bits.
unsafe impl ColumnBuffer for BooleanBuffer {
    fn new() -> Self {
        BooleanBuffer { words: Vec::new(), len: 0 }
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.len
    }

    fn reserve(&mut self, more: usize) {
        let bits = self.len.checked_add(more).expect("a buffer of bits is smaller than memory");
        let words = bits.div_ceil(64);
        if words > self.words.len() {
            self.words.resize(words, 0);
        }
    }

    #[inline(always)]
    fn push_default(slot: Slot<'_, Self>) {
        slot.push(false);
    }

    #[inline(always)]
    fn bytes(&self) -> usize {
        self.len / 8
    }

    fn finish(&mut self, _data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        Arc::new(BooleanArray::new(self.take(), nulls))
    }
}
