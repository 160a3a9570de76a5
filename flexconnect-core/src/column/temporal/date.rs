//! Days of the calendar: `Date32` and `Date64`.

use arrow_array::types::{Date32Type, Date64Type};
use arrow_array::{Array, ArrayRef, Date32Array, Date64Array};
use arrow_schema::DataType;

use crate::buffer::{Fault, PrimitiveBuffer, Slot};
use crate::column::encoding;
use crate::column::{Column, FromColumn, Mismatch};

pub(super) const MILLIS_PER_DAY: i64 = 86_400_000;

/// A Rust type that is a day.
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
pub(super) trait Day: Sized {
    /// Days since 1970-01-01.
    fn to_days(&self) -> i32;

    /// The day that many days after 1970-01-01, when the type has it.
    fn from_days(days: i64) -> Option<Self>;
}

/// Implements the columns of types that are [`Day`]s.
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
macro_rules! day {
    ($($rust:ty;)*) => {$(
        day!(@column $rust, crate::column::Natural, Date32, |days| days);
        day!(@column $rust, crate::column::encoding::Date32, Date32, |days| days);
        day!(@column $rust, crate::column::encoding::Date64, Date64,
            |days| i64::from(days) * super::date::MILLIS_PER_DAY);

        impl<E> crate::column::Item<E> for $rust where $rust: crate::column::Column<E> {}
    )*};
    (@column $rust:ty, $encoding:ty, $data_type:ident, $number:expr) => {
        impl crate::column::Column<$encoding> for $rust {
            type Buffer = crate::buffer::PrimitiveBuffer<day!(@arrow $data_type)>;

            fn data_type() -> arrow_schema::DataType {
                arrow_schema::DataType::$data_type
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                slot.push(($number)(self.to_days()));
            }
        }

        impl crate::column::FromColumn<$encoding> for $rust {
            type Reader = super::date::DateReader;

            fn reader(array: &arrow_array::ArrayRef) -> Result<Self::Reader, Vec<crate::column::Mismatch>> {
                super::date::DateReader::new(array)
            }

            #[inline]
            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<crate::buffer::Fault>> {
                Self::from_days(reader.days(row))
                    .ok_or_else(|| super::instant::not_in_type(row, stringify!($rust)))
            }
        }
    };
    (@arrow Date32) => { arrow_array::types::Date32Type };
    (@arrow Date64) => { arrow_array::types::Date64Type };
}
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
pub(super) use day;

/// An `i32` that counts days since 1970-01-01.
impl Column<encoding::Date32> for i32 {
    type Buffer = PrimitiveBuffer<Date32Type>;

    fn data_type() -> DataType {
        DataType::Date32
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push(*self);
    }
}

impl FromColumn<encoding::Date32> for i32 {
    type Reader = DateReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        DateReader::new(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        let days = reader.days(row);
        days.try_into().map_err(|_| super::instant::not_in_type(row, "i32"))
    }
}

/// An `i64` that counts milliseconds since 1970-01-01.
impl Column<encoding::Date64> for i64 {
    type Buffer = PrimitiveBuffer<Date64Type>;

    fn data_type() -> DataType {
        DataType::Date64
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push(*self);
    }
}

impl FromColumn<encoding::Date64> for i64 {
    type Reader = DateReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        DateReader::new(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        Ok(match reader {
            DateReader::Days(array) => i64::from(array.value(row)) * MILLIS_PER_DAY,
            DateReader::Millis(array) => array.value(row),
        })
    }
}

/// A column of days.
#[derive(Debug, Clone)]
pub enum DateReader {
    /// `Date32`.
    Days(Date32Array),
    /// `Date64`.
    Millis(Date64Array),
}

impl DateReader {
    /// Accepts both date types.
    ///
    /// # Errors
    /// A mismatch for any other type.
    pub fn new(array: &ArrayRef) -> Result<Self, Vec<Mismatch>> {
        let any = array.as_any();
        let days = any.downcast_ref().cloned().map(Self::Days);
        let reader = days.or_else(|| any.downcast_ref().cloned().map(Self::Millis));
        reader.ok_or_else(|| Mismatch::of_type("Date32 (or Date64)", array.data_type()))
    }

    /// Days since 1970-01-01 of one row.
    #[inline]
    pub fn days(&self, row: usize) -> i64 {
        match self {
            Self::Days(array) => array.value(row).into(),
            Self::Millis(array) => array.value(row).div_euclid(MILLIS_PER_DAY),
        }
    }
}
