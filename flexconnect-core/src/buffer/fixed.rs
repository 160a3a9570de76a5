//! A vector that is written without a check once it has room.

use std::fmt;

/// Values of one width.
pub(super) struct Fixed<T> {
    values: Vec<T>,
}

impl<T: Copy> Fixed<T> {
    pub(super) const fn new() -> Self {
        Fixed { values: Vec::new() }
    }

    pub(super) fn reserve(&mut self, more: usize) {
        self.values.reserve(more);
    }

    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn as_slice(&self) -> &[T] {
        &self.values
    }

    #[inline(always)]
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.values.as_slice())
    }

    /// Appends one value.
    ///
    /// # Safety
    /// There is room for it: it was reserved since the last `take`, and nothing has been written there since.
    #[inline(always)]
    pub(super) unsafe fn push(&mut self, value: T) {
        let len = self.values.len();
        debug_assert!(len < self.values.capacity());
        // SAFETY: the place behind the last value is within the capacity, as the caller says; it is written before
        // the length covers it.
        unsafe {
            self.values.as_mut_ptr().add(len).write(value);
            self.values.set_len(len + 1);
        }
    }

    /// Appends many values.
    ///
    /// # Safety
    /// There is room for all of them, as for [`push`](Self::push).
    #[inline(always)]
    pub(super) unsafe fn extend(&mut self, values: &[T]) {
        let len = self.values.len();
        debug_assert!(values.len() <= self.values.capacity() - len);
        // SAFETY: as in `push`, for as many places; `values` cannot lie in this vector, which is borrowed for writing.
        unsafe {
            let end = self.values.as_mut_ptr().add(len);
            for (at, value) in values.iter().enumerate() {
                end.add(at).write(*value);
            }
            self.values.set_len(len + values.len());
        }
    }

    /// The values; leaves neither values nor room.
    pub(super) fn take(&mut self) -> Vec<T> {
        let mut values = std::mem::take(&mut self.values);
        if values.len() < values.capacity() / 2 {
            // The room was for a full batch, and the array may be kept for long.
            values.shrink_to_fit();
        }
        values
    }
}

impl<T> fmt::Debug for Fixed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fixed").field("len", &self.values.len()).finish_non_exhaustive()
    }
}
