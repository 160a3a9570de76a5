//! Numbers that Arrow has no integer for, and numbers in a wrapper.

use std::num::{Saturating, Wrapping};

use arrow_array::types::{Decimal128Type, Decimal256Type};
use arrow_array::{Array, ArrayRef, NullArray};
use arrow_buffer::{NullBuffer, i256};
use arrow_schema::DataType;

use super::encoding::{Decimal, Natural};
use super::{BytesReader, Column, DecimalReader, FromColumn, Item, Mismatch};
use crate::buffer::{Fault, FixedBytesBuffer, Growing, Nullable, Own, PrimitiveBuffer, Slot};

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

/// `decimal(p, s)`: the number counts units of the last digit.
impl<const P: u8, const S: i8> Column<Decimal<P, S>> for u128 {
    type Buffer = PrimitiveBuffer<Decimal128Type>;

    fn data_type() -> DataType {
        <i128 as Column<Decimal<P, S>>>::data_type()
    }

    #[inline]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        let value = i128::try_from(*self).ok().filter(|value| super::decimal::has_digits(*value, P));
        slot.push_or_fault(value, || super::decimal::too_many_digits(self, P, S));
    }
}

impl<const P: u8, const S: i8> FromColumn<Decimal<P, S>> for u128 {
    type Reader = DecimalReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        <i128 as FromColumn<Decimal<P, S>>>::reader(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        let value = <i128 as FromColumn<Decimal<P, S>>>::read(reader, row)?;
        u128::try_from(value)
            .map_err(|_| Box::new(Fault::new(row, format!("{value} is negative, and the field is a `u128`"))))
    }
}

impl<E> Item<E> for u128 where u128: Column<E> {}

/// `decimal(p, s)` of up to 76 digits: the number counts units of the last one.
impl<const P: u8, const S: i8> Column<Decimal<P, S>> for i256 {
    type Buffer = PrimitiveBuffer<Decimal256Type>;

    fn data_type() -> DataType {
        const { assert!(P >= 1 && P <= 76, "a Decimal256 has 1 to 76 digits") };
        DataType::Decimal256(P, S)
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        // 10^76 is less than 2^255, so the power is always there.
        let bound = i256::from_i128(10).checked_pow(u32::from(P)).unwrap_or(i256::MAX);
        let fits = *self < bound && *self > -bound;
        slot.push_or_fault(fits.then_some(*self), || super::decimal::too_many_digits(self, P, S));
    }
}

impl<const P: u8, const S: i8> FromColumn<Decimal<P, S>> for i256 {
    type Reader = DecimalReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        DecimalReader::new(array, &<Self as Column<Decimal<P, S>>>::data_type(), S)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.get_wide(row).ok_or_else(|| {
            Box::new(Fault::new(row, format!("does not fit the field's type `i256` at scale {S}")))
        })
    }
}

impl<E> Item<E> for i256 where i256: Column<E> {}

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
