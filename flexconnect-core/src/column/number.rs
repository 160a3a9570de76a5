//! Numbers that Arrow has no integer for, and numbers in a wrapper.

use std::num::{Saturating, Wrapping};

#[cfg(feature = "ordered-float")]
use ordered_float::OrderedFloat;

use arrow_array::{Array, ArrayRef, NullArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

use super::encoding::Natural;
use super::{BytesReader, Column, FromColumn, Item, Mismatch};
use crate::buffer::{Fault, FixedBytesBuffer, Growing, Nullable, Own, Slot};

/// `u128` as 16 bytes, the highest first, so that they sort as the numbers do.
impl Column<Natural> for u128 {
    type Buffer = FixedBytesBuffer<16>;

    fn data_type() -> DataType {
        FixedBytesBuffer::<16>::data_type()
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_array(&self.to_be_bytes());
    }
}

impl FromColumn<Natural> for u128 {
    type Reader = BytesReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        BytesReader::new(array)
    }

    #[inline]
    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.array::<16>(row).map(u128::from_be_bytes)
    }
}

impl<E> Item<E> for u128 where u128: Column<E> {}

/// A number in a wrapper that says how it counts has the column of the number.
macro_rules! wrapper {
    ($($wrapper:ident)*) => {$(
        impl<T: Column<E>, E> Column<E> for $wrapper<T> {
            type Buffer = T::Buffer;

            const NULLABLE: bool = T::NULLABLE;

            const MAY_SEEM_NULL: bool = T::MAY_SEEM_NULL;

            const HAS_NULL: bool = T::HAS_NULL;

            const REFUSED: Option<&'static str> = T::REFUSED;

            fn data_type() -> DataType {
                T::data_type()
            }

            fn metadata() -> Vec<(&'static str, String)> {
                T::metadata()
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                self.0.append_to(slot);
            }

            #[inline(always)]
            fn append_option(value: Option<&Self>, slot: Slot<'_, Nullable<Self::Buffer>>) {
                T::append_option(value.map(|value| &value.0), slot);
            }
        }

        impl<T, E> Item<E> for $wrapper<T> where $wrapper<T>: Column<E> {}

        impl<T: FromColumn<E>, E> FromColumn<E> for $wrapper<T> {
            type Reader = T::Reader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                T::reader(array)
            }

            #[inline]
            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                T::read(reader, row).map($wrapper)
            }

            fn nulls(array: &ArrayRef) -> Option<NullBuffer> {
                T::nulls(array)
            }
        }
    )*};
}

wrapper!(Wrapping Saturating);
#[cfg(feature = "ordered-float")]
wrapper!(OrderedFloat);

/// Nothing but a length: the `Null` column of `()`.
#[derive(Debug)]
pub struct NullLength(usize);

impl Growing for NullLength {
    fn new() -> Self {
        NullLength(0)
    }

    fn len(&self) -> usize {
        self.0
    }

    fn push_default(&mut self) {
        self.0 += 1;
    }

    fn bytes(&self) -> usize {
        0
    }

    fn finish(&mut self, _data_type: &DataType, _nulls: Option<NullBuffer>) -> ArrayRef {
        std::sync::Arc::new(NullArray::new(std::mem::take(&mut self.0)))
    }
}

/// `()` holds nothing, which is all that a `Null` column can say; such a column counts as nullable.
impl Column<Natural> for () {
    type Buffer = Own<NullLength>;

    const NULLABLE: bool = true;

    fn data_type() -> DataType {
        DataType::Null
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.get_mut().push_default();
    }
}

impl Item<Natural> for () {}

impl FromColumn<Natural> for () {
    type Reader = ();

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        match array.data_type() {
            DataType::Null => Ok(()),
            other => Err(Mismatch::of_type("Null", other)),
        }
    }

    fn read(_reader: &Self::Reader, _row: usize) -> Result<Self, Box<Fault>> {
        Ok(())
    }
}
