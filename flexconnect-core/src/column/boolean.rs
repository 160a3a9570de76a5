//! `bool` as `Boolean` (one bit) or `Bool8` (one byte).

use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{Array, ArrayRef, BooleanArray, Int8Array};
use arrow_buffer::{BooleanBuffer as Bits, Buffer, NullBuffer};
use arrow_schema::DataType;
use arrow_schema::extension::EXTENSION_TYPE_NAME_KEY;

use super::encoding::{Bool8, Natural};
use super::{Column, ColumnBuffer, Fault, FromColumn, Item, Mismatch, PrimitiveBuffer};

/// Bits packed into words as they are pushed; the values of a `Boolean` column and the nulls of any.
#[derive(Debug, Default)]
pub struct BooleanBuffer {
    words: Vec<u64>,
    /// The word being filled, the oldest bit lowest.
    open: u64,
    len: usize,
}

impl BooleanBuffer {
    /// Appends one bit.
    #[inline]
    pub fn push(&mut self, bit: bool) {
        self.open |= u64::from(bit) << (self.len % 64);
        self.len += 1;
        if self.len.is_multiple_of(64) {
            // Arrow numbers bits from the lowest of the first byte, whatever the machine's byte order.
            self.words.push(self.open.to_le());
            self.open = 0;
        }
    }

    /// The bits so far; leaves the buffer empty.
    pub fn take(&mut self) -> Bits {
        let len = std::mem::take(&mut self.len);
        let open = std::mem::take(&mut self.open);
        if !len.is_multiple_of(64) {
            self.words.push(open.to_le());
        }
        Bits::new(Buffer::from_vec(super::take_with_room(&mut self.words)), 0, len)
    }
}

impl ColumnBuffer for BooleanBuffer {
    fn with_capacity(rows: usize) -> Self {
        BooleanBuffer { words: Vec::with_capacity(rows.div_ceil(64)), open: 0, len: 0 }
    }

    fn len(&self) -> usize {
        self.len
    }

    fn push_default(&mut self) {
        self.push(false);
    }

    fn bytes(&self) -> usize {
        self.len.div_ceil(8)
    }

    fn finish(&mut self, _data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        Arc::new(BooleanArray::new(self.take(), nulls))
    }
}

impl Column<Natural> for bool {
    type Buffer = BooleanBuffer;

    fn data_type() -> DataType {
        DataType::Boolean
    }

    #[inline]
    fn append_to(&self, buffer: &mut Self::Buffer) {
        buffer.push(*self);
    }
}

impl Column<Bool8> for bool {
    type Buffer = PrimitiveBuffer<Int8Type>;

    fn data_type() -> DataType {
        DataType::Int8
    }

    fn metadata() -> Vec<(&'static str, String)> {
        vec![(EXTENSION_TYPE_NAME_KEY, "arrow.bool8".to_owned())]
    }

    #[inline]
    fn append_to(&self, buffer: &mut Self::Buffer) {
        buffer.push(i8::from(*self));
    }
}

impl<E> Item<E> for bool where bool: Column<E> {}

/// A column of truth values: bits, or bytes of which every one but zero is true.
#[derive(Debug, Clone)]
pub enum BooleanReader {
    /// `Boolean`.
    Bits(BooleanArray),
    /// `Int8`, as `arrow.bool8` stores them.
    Bytes(Int8Array),
}

impl<E> FromColumn<E> for bool
where
    bool: Column<E>,
{
    type Reader = BooleanReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        let any = array.as_any();
        if let Some(array) = any.downcast_ref::<BooleanArray>() {
            Ok(BooleanReader::Bits(array.clone()))
        } else if let Some(array) = any.downcast_ref::<Int8Array>() {
            Ok(BooleanReader::Bytes(array.clone()))
        } else {
            Err(Mismatch::of_type("Boolean", array.data_type()))
        }
    }

    #[inline]
    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        Ok(match reader {
            BooleanReader::Bits(array) => array.value(row),
            BooleanReader::Bytes(array) => array.value(row) != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_keep_their_order_across_words_and_batches() {
        let mut buffer = BooleanBuffer::with_capacity(0);
        for round in [1_usize, 63, 64, 65, 200] {
            let bits: Vec<bool> = (0..round).map(|i| i % 3 == 0 || i % 7 == 5).collect();
            bits.iter().for_each(|bit| buffer.push(*bit));
            assert_eq!(buffer.len(), round);
            assert_eq!(buffer.take().iter().collect::<Vec<_>>(), bits);
            assert!(buffer.is_empty());
        }
    }
}
