//! Bytes that are all of one length: `FixedSizeBinary`.

use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeBinaryArray};
use arrow_buffer::{Buffer, NullBuffer};
use arrow_schema::DataType;

use super::{ColumnBuffer, Fault, FirstFault};

/// Values of `N` bytes each, end to end.
#[derive(Debug)]
pub struct FixedBytesBuffer<const N: usize> {
    values: Vec<u8>,
    /// Counted apart from the bytes, which are none when `N` is 0.
    len: usize,
    fault: FirstFault,
}

impl<const N: usize> FixedBytesBuffer<N> {
    const WIDTH: i32 = {
        assert!(N <= i32::MAX as usize, "a FixedSizeBinary column holds values of at most 2 GiB");
        N as i32
    };

    pub(crate) fn data_type() -> DataType {
        DataType::FixedSizeBinary(Self::WIDTH)
    }

    #[inline]
    pub(crate) fn push_array(&mut self, value: &[u8; N]) {
        self.values.extend_from_slice(value);
        self.len += 1;
    }

    #[inline]
    pub(crate) fn push(&mut self, value: &[u8]) {
        match value.try_into() {
            Ok(array) => self.push_array(array),
            Err(_) => {
                let message = || format!("is {} bytes long, and the column takes exactly {N}", value.len());
                self.fault.record(self.len, message);
                self.push_default();
            }
        }
    }
}

impl<const N: usize> ColumnBuffer for FixedBytesBuffer<N> {
    fn with_capacity(rows: usize) -> Self {
        FixedBytesBuffer {
            values: Vec::with_capacity(rows.saturating_mul(N)),
            len: 0,
            fault: FirstFault::default(),
        }
    }

    fn len(&self) -> usize {
        self.len
    }

    #[inline]
    fn push_default(&mut self) {
        self.values.resize(self.values.len() + N, 0);
        self.len += 1;
    }

    fn bytes(&self) -> usize {
        self.values.len()
    }

    fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    fn finish(&mut self, _data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let values = Buffer::from_vec(super::take_with_room(&mut self.values));
        let len = std::mem::take(&mut self.len);
        let array = FixedSizeBinaryArray::try_new_with_len(Self::WIDTH, values, nulls, len);
        Arc::new(array.expect("every push adds N bytes and one to the length"))
    }
}
