//! Bytes and text of any length: end to end, with the offset where each value ends.

use std::fmt;
use std::sync::Arc;

use arrow_array::types::{ByteArrayType, GenericBinaryType, GenericStringType};
use arrow_array::{ArrayRef, GenericByteArray, OffsetSizeTrait};
use arrow_buffer::{Buffer, NullBuffer};
use arrow_schema::DataType;

use super::offsets::Offsets;
use super::{ColumnBuffer, Fault, FirstFault, Slot};

/// Values of any length end to end, with the offset where each one ends.
pub struct BytesBuffer<T: ByteArrayType> {
    offsets: Offsets<T::Offset>,
    /// For a text type, whole texts only.
    values: Vec<u8>,
    /// How many bytes there can be before `values` must grow: its capacity, or as much as an offset can say.
    room: usize,
    /// How many bytes to make room for when there is no room at all.
    hint: usize,
    fault: FirstFault,
}

/// The bytes a text is taken to have before one was seen.
const TEXT: usize = 16;

impl<T: ByteArrayType> BytesBuffer<T> {
    /// Appends one value.
    ///
    /// # Safety
    /// There is room for one more offset, and `value` is text when `T` is a text type.
    #[inline(always)]
    unsafe fn push(&mut self, value: &[u8]) {
        let start = self.values.len();
        let taken = if value.len() <= self.room - start || self.grow(value.len()) { value } else { &[] };
        let end = start + taken.len();
        // SAFETY: `end` is at most `room` and so within the capacity, the bytes up to it are written before the
        // length covers them, and `taken` cannot lie in a vector that is borrowed for writing. `room` is no more
        // than an offset can say, and `end` is not before `start`. There is room for the offset, as the caller says.
        unsafe {
            copy(taken, self.values.as_mut_ptr().add(start));
            self.values.set_len(end);
            self.offsets.push(end);
        }
    }

    /// Makes room for a value of so many bytes; `false` with a fault when the type cannot hold it.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, value: usize) -> bool {
        let most = T::Offset::MAX_OFFSET;
        let needed = self.values.len().saturating_add(value);
        if needed > most {
            self.overflow();
            return false;
        }
        let doubled = self.values.capacity().saturating_mul(2).max(self.hint).max(needed).min(most);
        self.values.reserve_exact(doubled - self.values.len());
        self.room = self.values.capacity().min(most);
        true
    }

    #[cold]
    fn overflow(&mut self) {
        self.fault.record(self.offsets.len(), || {
            format!(
                "a `{}` column holds at most 2 GiB in one batch and this value does not fit: use `as = \"Large{0}\"`",
                T::DATA_TYPE
            )
        });
    }
}

impl<O: OffsetSizeTrait> Slot<'_, BytesBuffer<GenericBinaryType<O>>> {
    /// Appends one value.
    #[inline(always)]
    pub fn push(self, value: &[u8]) {
        // SAFETY: the slot is room for one offset, and bytes need not be text.
        unsafe { self.into_buffer().push(value) }
    }
}

impl<'s, O: OffsetSizeTrait> Slot<'s, BytesBuffer<GenericStringType<O>>> {
    /// Appends one text.
    #[inline(always)]
    pub fn push(self, text: &str) {
        // SAFETY: the slot is room for one offset, and a `str` is text.
        unsafe { self.into_buffer().push(text.as_bytes()) }
    }

    /// Appends one text, which `write` writes part by part; an empty one and a fault when it fails.
    pub fn write(self, write: impl FnOnce(&mut TextWriter<'_>) -> fmt::Result) {
        let buffer = self.into_buffer();
        let start = buffer.values.len();
        let mut writer = TextWriter { values: &mut buffer.values, start, complete: false };
        let written = write(&mut writer);
        writer.complete = written.is_ok();
        drop(writer);
        if written.is_err() {
            buffer.fault.record(buffer.offsets.len(), || "has no text: displaying it failed".to_owned());
        }
        if buffer.values.len() > O::MAX_OFFSET {
            buffer.values.truncate(start);
            buffer.overflow();
        }
        buffer.room = buffer.values.capacity().min(O::MAX_OFFSET);
        // SAFETY: the slot is room for one offset, and what is left of the bytes is no less than there was before.
        unsafe { buffer.offsets.push(buffer.values.len()) }
    }
}

/// One text on its way into a buffer; forgotten unless it is complete, also when its author panics.
#[derive(Debug)]
pub struct TextWriter<'b> {
    /// Only whole texts are appended.
    values: &'b mut Vec<u8>,
    start: usize,
    complete: bool,
}

impl fmt::Write for TextWriter<'_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.values.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl Drop for TextWriter<'_> {
    fn drop(&mut self) {
        if !self.complete {
            self.values.truncate(self.start);
        }
    }
}

// SAFETY: `reserve` makes room for the offsets, and that of the bytes is checked with each value.
unsafe impl<T: ByteArrayType> ColumnBuffer for BytesBuffer<T> {
    fn new() -> Self {
        let (offsets, values, fault) = (Offsets::new(), Vec::new(), FirstFault::default());
        BytesBuffer { offsets, values, room: 0, hint: 0, fault }
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.offsets.len()
    }

    fn reserve(&mut self, more: usize) {
        self.offsets.reserve(more);
        if self.room == 0 && self.hint == 0 {
            self.hint = more.saturating_mul(TEXT);
        }
    }

    #[inline(always)]
    fn push_default(slot: Slot<'_, Self>) {
        // SAFETY: the slot is room for one offset, and nothing at all is text.
        unsafe { slot.into_buffer().push(&[]) }
    }

    #[inline(always)]
    fn bytes(&self) -> usize {
        self.offsets.bytes() + self.values.len()
    }

    fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    fn finish(&mut self, _data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let offsets = self.offsets.take();
        let mut values = std::mem::take(&mut self.values);
        self.room = 0;
        self.hint = values.len() + values.len() / 8;
        if values.len() < values.capacity() / 2 {
            values.shrink_to_fit();
        }
        if nulls.as_ref().is_some_and(|nulls| nulls.len() != offsets.len() - 1) {
            // A row was broken off between its two parts; Arrow says what is wrong.
            return Arc::new(GenericByteArray::<T>::new(offsets, Buffer::from_vec(values), nulls));
        }
        // SAFETY: the last offset is at most the length of `values`, there are as many nulls as values, and for a
        // text type every value is a whole text, because only `str`s are appended.
        Arc::new(unsafe { GenericByteArray::<T>::new_unchecked(offsets, Buffer::from_vec(values), nulls) })
    }
}

impl<T: ByteArrayType> fmt::Debug for BytesBuffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BytesBuffer")
            .field("len", &self.offsets.len())
            .field("bytes", &self.values.len())
            .finish()
    }
}

/// Copies the bytes; short ones without a call, by two moves that overlap.
///
/// # Safety
/// As many bytes can be written at `to`, and they do not overlap `from`.
#[inline(always)]
unsafe fn copy(from: &[u8], to: *mut u8) {
    let (len, from) = (from.len(), from.as_ptr());
    /// Moves the first and the last bytes of a value at least as long as a `W`.
    #[inline(always)]
    unsafe fn ends<W: Copy>(len: usize, from: *const u8, to: *mut u8) {
        // SAFETY: the caller has `size_of::<W>() <= len` bytes to read and to write at both ends.
        unsafe {
            let last = len - size_of::<W>();
            let (head, tail) =
                (from.cast::<W>().read_unaligned(), from.add(last).cast::<W>().read_unaligned());
            to.cast::<W>().write_unaligned(head);
            to.add(last).cast::<W>().write_unaligned(tail);
        }
    }
    // SAFETY: each arm moves bytes below `len` only, and every one of them.
    unsafe {
        match len {
            0 => {}
            1 => to.write(from.read()),
            2..=3 => ends::<u16>(len, from, to),
            4..=7 => ends::<u32>(len, from, to),
            8..=16 => ends::<u64>(len, from, to),
            17..=32 => ends::<u128>(len, from, to),
            _ => std::ptr::copy_nonoverlapping(from, to, len),
        }
    }
}
