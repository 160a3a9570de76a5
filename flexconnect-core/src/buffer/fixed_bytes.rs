//! Bytes that are all of one length: `FixedSizeBinary`.

use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeBinaryArray};
use arrow_buffer::{Buffer, NullBuffer};
use arrow_schema::DataType;

use super::fixed::Fixed;
use super::{ColumnBuffer, Fault, FirstFault, Slot};

/// Values of `N` bytes each, end to end.
#[derive(Debug)]
pub struct FixedBytesBuffer<const N: usize> {
    values: Fixed<[u8; N]>,
    fault: FirstFault,
}

impl<const N: usize> FixedBytesBuffer<N> {
    const WIDTH: i32 = {
        assert!(N <= i32::MAX as usize, "a FixedSizeBinary column holds values of at most 2 GiB");
        N as i32
    };

    /// The type of the column.
    pub fn data_type() -> DataType {
        DataType::FixedSizeBinary(Self::WIDTH)
    }
}

impl<const N: usize> Slot<'_, FixedBytesBuffer<N>> {
    /// Appends one value.
    #[inline(always)]
    pub fn push_array(self, value: &[u8; N]) {
        // SAFETY: the slot is room for one value.
        unsafe { self.into_buffer().values.push(*value) }
    }

    /// Appends one value, or zeros and a fault when it has another length.
    #[inline(always)]
    pub fn push(self, value: &[u8]) {
        let buffer = self.into_buffer();
        let array = match value.try_into() {
            Ok(array) => array,
            Err(_) => {
                let message = || format!("is {} bytes long, and the column takes exactly {N}", value.len());
                buffer.fault.record(buffer.values.len(), message);
                [0; N]
            }
        };
        // SAFETY: the slot is room for one value.
        unsafe { buffer.values.push(array) }
    }
}

// SAFETY: `reserve` makes room in the only vector there is.
unsafe impl<const N: usize> ColumnBuffer for FixedBytesBuffer<N> {
    fn new() -> Self {
        FixedBytesBuffer { values: Fixed::new(), fault: FirstFault::default() }
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.values.len()
    }

    fn reserve(&mut self, more: usize) {
        self.values.reserve(more);
    }

    #[inline(always)]
    fn push_default(slot: Slot<'_, Self>) {
        slot.push_array(&[0; N]);
    }

    #[inline(always)]
    fn bytes(&self) -> usize {
        self.values.bytes()
    }

    fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    fn finish(&mut self, _data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let values = self.values.take();
        let len = values.len();
        let values = Buffer::from_vec(values.into_flattened());
        let array = FixedSizeBinaryArray::try_new_with_len(Self::WIDTH, values, nulls, len);
        Arc::new(array.expect("every value is N bytes long"))
    }
}
