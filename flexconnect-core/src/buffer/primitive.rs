//! Numbers of one width, and everything that Arrow stores as one.

use std::sync::Arc;

use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::DataType;

use super::fixed::Fixed;
use super::{ColumnBuffer, Fault, FirstFault, Nullable, Slot, Slots};

/// Numbers of one width, handed to Arrow as they lie.
#[derive(Debug)]
pub struct PrimitiveBuffer<T: ArrowPrimitiveType> {
    values: Fixed<T::Native>,
    fault: FirstFault,
}

impl<T: ArrowPrimitiveType> Slot<'_, PrimitiveBuffer<T>> {
    /// Appends one number.
    #[inline(always)]
    pub fn push(self, value: T::Native) {
        // SAFETY: the slot is room for one value.
        unsafe { self.into_buffer().values.push(value) }
    }

    /// Appends the number, or a zero and a fault when there is none.
    #[inline(always)]
    pub fn push_or_fault(self, value: Option<T::Native>, message: impl FnOnce() -> String) {
        let buffer = self.into_buffer();
        let value = match value {
            Some(value) => value,
            None => {
                buffer.fault.record(buffer.values.len(), message);
                T::Native::default()
            }
        };
        // SAFETY: the slot is room for one value.
        unsafe { buffer.values.push(value) }
    }
}

impl<T: ArrowPrimitiveType> Slots<'_, PrimitiveBuffer<T>> {
    /// Appends numbers that lie as Arrow stores them; those for which there is no slot are left out.
    #[inline(always)]
    pub fn extend(self, values: &[T::Native]) {
        let (buffer, left) = self.into_buffer();
        let values = values.get(..left).unwrap_or(values);
        // SAFETY: the slots are room for `left` values, and there are no more of them.
        unsafe { buffer.values.extend(values) }
    }
}

impl<T: ArrowPrimitiveType> Slot<'_, Nullable<PrimitiveBuffer<T>>> {
    /// Appends a number or a null, without a branch between the two.
    #[inline(always)]
    pub fn push_option(self, value: Option<T::Native>) {
        self.either(value.is_some()).push(value.unwrap_or_default());
    }
}

// SAFETY: `reserve` makes room in the only vector there is.
unsafe impl<T: ArrowPrimitiveType> ColumnBuffer for PrimitiveBuffer<T> {
    fn new() -> Self {
        PrimitiveBuffer { values: Fixed::new(), fault: FirstFault::default() }
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
        slot.push(T::Native::default());
    }

    #[inline(always)]
    fn bytes(&self) -> usize {
        self.values.bytes()
    }

    fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    fn finish(&mut self, data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let values = ScalarBuffer::from(self.values.take());
        let array = PrimitiveArray::<T>::new(values, nulls);
        // A time zone or a decimal's digits belong to the type, not to the numbers.
        let array =
            if array.data_type() == data_type { array } else { array.with_data_type(data_type.clone()) };
        Arc::new(array)
    }
}
