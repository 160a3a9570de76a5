//! Lengths of time: `Duration`.

use std::time::Duration as StdDuration;

use arrow_array::types::{
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};

use super::{TicksReader, Unit, UnitEncoding};
use crate::buffer::{Fault, PrimitiveBuffer, Slot};
use crate::column::encoding::Duration;
use crate::column::{Column, FromColumn, Item, Mismatch};

/// A Rust type that is a length of time.
pub(super) trait Length: Sized {
    /// Seconds, rounded down, and the nanoseconds after them; `None` when there are more than 64 bits of them.
    fn to_parts(&self) -> Option<(i64, u32)>;

    /// That many seconds and nanoseconds, when the type has them.
    fn from_parts(seconds: i64, nanos: u32) -> Option<Self>;
}

/// Implements the columns of types that are [`Length`]s.
macro_rules! length {
    ($($rust:ty;)*) => {$(
        impl<E: UnitEncoding> Column<E> for $rust {
            type Buffer = PrimitiveBuffer<<E::Unit as Unit>::Duration>;

            fn data_type() -> DataType {
                DataType::Duration(<E::Unit as Unit>::UNIT)
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                let parts = super::duration::Length::to_parts(self);
                let ticks = parts.and_then(|(seconds, nanos)| super::ticks::<E::Unit>(seconds, nanos));
                slot.push_or_fault(ticks, super::duration::out_of_range::<E::Unit>);
            }
        }

        impl<E> Item<E> for $rust where $rust: Column<E> {}

        impl<E: UnitEncoding> FromColumn<E> for $rust {
            type Reader = TicksReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                super::duration::reader(array, &<Self as Column<E>>::data_type())
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                let (seconds, nanos) = reader.parts(row);
                <$rust as super::duration::Length>::from_parts(seconds, nanos)
                    .ok_or_else(|| super::instant::not_in_type(row, stringify!($rust)))
            }
        }
    )*};
}
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
pub(super) use length;

length! {
    StdDuration;
}

impl Length for StdDuration {
    #[inline]
    fn to_parts(&self) -> Option<(i64, u32)> {
        Some((self.as_secs().try_into().ok()?, self.subsec_nanos()))
    }

    fn from_parts(seconds: i64, nanos: u32) -> Option<Self> {
        Some(StdDuration::new(seconds.try_into().ok()?, nanos))
    }
}

/// An `i64` that counts units.
impl<U: Unit> Column<Duration<U>> for i64 {
    type Buffer = PrimitiveBuffer<U::Duration>;

    fn data_type() -> DataType {
        DataType::Duration(U::UNIT)
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push(*self);
    }
}

impl<U: Unit> FromColumn<Duration<U>> for i64 {
    type Reader = TicksReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        reader(array, &DataType::Duration(U::UNIT))
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.exactly::<U>(row).ok_or_else(|| super::not_exact::<U>(row))
    }
}

/// Accepts durations in any unit.
pub(super) fn reader(array: &ArrayRef, best: &DataType) -> Result<TicksReader, Vec<Mismatch>> {
    let reader = match array.data_type() {
        DataType::Duration(unit) => match unit {
            TimeUnit::Second => TicksReader::of::<DurationSecondType>(array, *unit),
            TimeUnit::Millisecond => TicksReader::of::<DurationMillisecondType>(array, *unit),
            TimeUnit::Microsecond => TicksReader::of::<DurationMicrosecondType>(array, *unit),
            TimeUnit::Nanosecond => TicksReader::of::<DurationNanosecondType>(array, *unit),
        },
        _ => None,
    };
    reader.ok_or_else(|| {
        Mismatch::of_type(format!("{best} (or a duration in another unit)"), array.data_type())
    })
}

pub(super) fn out_of_range<U: Unit>() -> String {
    format!("is longer than a duration in {} can be: a coarser `unit` reaches further", U::NAME)
}
