//! Times of day: `Time32` in seconds and milliseconds, `Time64` in microseconds and nanoseconds.

use arrow_array::types::{
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};

use super::{Microsecond, Millisecond, Nanosecond, Second, TicksReader, Unit};
use crate::buffer::{Fault, PrimitiveBuffer, Slot};
use crate::column::encoding::{Time32, Time64};
use crate::column::{Column, FromColumn, Mismatch};

/// A Rust type that is a time of day.
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
pub(super) trait TimeOfDay: Sized {
    /// Seconds since midnight and the nanoseconds after them.
    fn to_parts(&self) -> (u32, u32);

    /// The time that many seconds and nanoseconds after midnight, when there is one.
    fn from_parts(seconds: u32, nanos: u32) -> Option<Self>;
}

/// Implements the columns of types that are [`TimeOfDay`]s.
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
macro_rules! time_of_day {
    ($($rust:ty;)*) => {$(
        impl<E: super::UnitEncoding> Column<E> for $rust {
            type Buffer = PrimitiveBuffer<<E::Unit as super::Unit>::Time>;

            fn data_type() -> DataType {
                <<E::Unit as super::Unit>::Time as arrow_array::types::ArrowPrimitiveType>::DATA_TYPE
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                let (seconds, nanos) = super::time::TimeOfDay::to_parts(self);
                let ticks = super::time::ticks_of_day::<E::Unit>(seconds, nanos);
                slot.push_or_fault(ticks, || "is a leap second, and a column of times ends at 23:59:59".to_owned());
            }
        }

        impl<E> Item<E> for $rust where $rust: Column<E> {}

        impl<E: super::UnitEncoding> FromColumn<E> for $rust {
            type Reader = TicksReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                super::time::reader(array, &<Self as Column<E>>::data_type())
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                let (seconds, nanos) = reader.parts(row);
                u32::try_from(seconds)
                    .ok()
                    .and_then(|seconds| super::time::TimeOfDay::from_parts(seconds, nanos))
                    .ok_or_else(|| Box::new(Fault::new(row, "is not within one day")))
            }
        }
    )*};
}
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
pub(super) use time_of_day;

/// The time in a unit; `None` when it is not before the end of the day.
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
#[inline]
pub(super) fn ticks_of_day<U: Unit>(
    seconds: u32,
    nanos: u32,
) -> Option<<U::Time as arrow_array::types::ArrowPrimitiveType>::Native> {
    let ticks = super::ticks::<U>(seconds.into(), nanos)?;
    if ticks < 86_400 * U::PER_SECOND { ticks.try_into().ok() } else { None }
}

/// Integers that count units since midnight.
macro_rules! counted {
    ($($encoding:ident<$unit:ident> for $rust:ty: $arrow:ident;)*) => {$(
        impl Column<$encoding<$unit>> for $rust {
            type Buffer = PrimitiveBuffer<$arrow>;

            fn data_type() -> DataType {
                DataType::$encoding(TimeUnit::$unit)
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                let within = (0..86_400 * $unit::PER_SECOND).contains(&i64::from(*self));
                slot.push_or_fault(within.then_some(*self), || {
                    format!("{self} {} is not within one day", $unit::NAME)
                });
            }
        }

        impl FromColumn<$encoding<$unit>> for $rust {
            type Reader = TicksReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                reader(array, &<Self as Column<$encoding<$unit>>>::data_type())
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                let ticks = reader.exactly::<$unit>(row).and_then(|ticks| Self::try_from(ticks).ok());
                ticks.ok_or_else(|| super::not_exact::<$unit>(row))
            }
        }
    )*};
}

counted! {
    Time32<Second> for i32: Time32SecondType;
    Time32<Millisecond> for i32: Time32MillisecondType;
    Time64<Microsecond> for i64: Time64MicrosecondType;
    Time64<Nanosecond> for i64: Time64NanosecondType;
}

/// Accepts times of day in any unit.
pub(super) fn reader(array: &ArrayRef, best: &DataType) -> Result<TicksReader, Vec<Mismatch>> {
    let reader = match array.data_type() {
        DataType::Time32(unit @ TimeUnit::Second) => TicksReader::of_narrow::<Time32SecondType>(array, *unit),
        DataType::Time32(unit @ TimeUnit::Millisecond) => {
            TicksReader::of_narrow::<Time32MillisecondType>(array, *unit)
        }
        DataType::Time64(unit @ TimeUnit::Microsecond) => {
            TicksReader::of::<Time64MicrosecondType>(array, *unit)
        }
        DataType::Time64(unit @ TimeUnit::Nanosecond) => {
            TicksReader::of::<Time64NanosecondType>(array, *unit)
        }
        _ => None,
    };
    reader.ok_or_else(|| Mismatch::of_type(format!("{best} (or a time in another unit)"), array.data_type()))
}
