//! Dates and times: units, zones, and the Rust types of the standard library, `chrono`, `jiff` and `time`.

mod date;
mod duration;
mod instant;
mod interval;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
mod offset;
mod time;
mod truncated;

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "time")]
mod time_crate;

use std::fmt::Debug;

use arrow_array::types::{
    ArrowPrimitiveType, ArrowTimestampType, DurationMicrosecondType, DurationMillisecondType,
    DurationNanosecondType, DurationSecondType, Time32MillisecondType, Time32SecondType,
    Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_buffer::ScalarBuffer;
use arrow_schema::TimeUnit;

use super::encoding::{In, Natural, Truncated};
use crate::buffer::Fault;

pub use self::date::DateReader;
pub use self::instant::{InstantEncoding, UnzonedEncoding, WallClockEncoding};
pub use self::interval::IntervalReader;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
pub use self::offset::{OffsetColumns, OffsetReader};

/// What a second is divided into; `unit = "s" | "ms" | "us" | "ns"`.
pub trait Unit: Debug + Copy + Send + 'static {
    /// Arrow's name of this unit.
    const UNIT: TimeUnit;

    /// The unit's name in words, for messages.
    const NAME: &'static str;

    /// How many of it make a second.
    const PER_SECOND: i64;

    /// The Arrow type of a point in time.
    type Timestamp: ArrowTimestampType;

    /// The Arrow type of a time of day.
    type Time: ArrowPrimitiveType<Native: TryFrom<i64>>;

    /// The Arrow type of a length of time.
    type Duration: ArrowPrimitiveType<Native = i64>;
}

macro_rules! units {
    ($($(#[$doc:meta])* $name:ident, $words:literal, $per_second:literal, $timestamp:ident, $time:ident, $duration:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Unit for $name {
            const UNIT: TimeUnit = TimeUnit::$name;
            const NAME: &'static str = $words;
            const PER_SECOND: i64 = $per_second;

            type Timestamp = $timestamp;
            type Time = $time;
            type Duration = $duration;
        }
    )*};
}

units! {
    /// `unit = "s"`.
    Second, "seconds", 1, TimestampSecondType, Time32SecondType, DurationSecondType;
    /// `unit = "ms"`.
    Millisecond, "milliseconds", 1_000, TimestampMillisecondType, Time32MillisecondType, DurationMillisecondType;
    /// `unit = "us"`, the default.
    Microsecond, "microseconds", 1_000_000, TimestampMicrosecondType, Time64MicrosecondType, DurationMicrosecondType;
    /// `unit = "ns"`.
    Nanosecond, "nanoseconds", 1_000_000_000, TimestampNanosecondType, Time64NanosecondType, DurationNanosecondType;
}

/// The label of a timestamp column; `tz = "..."` makes one.
pub trait Zone: Send + 'static {
    /// The zone's name as Arrow writes it; `None` for a wall clock that says no zone.
    const NAME: Option<&'static str>;
}

/// No zone: the column holds what a clock on the wall shows.
#[derive(Debug, Clone, Copy)]
pub struct NoZone;

impl Zone for NoZone {
    const NAME: Option<&'static str> = None;
}

/// The zone `UTC`, which instants have unless `tz` names another.
#[derive(Debug, Clone, Copy)]
pub struct Utc;

impl Zone for Utc {
    const NAME: Option<&'static str> = Some("UTC");
}

/// An encoding that says no more than a unit: of a time of day, or of a length of time.
pub trait UnitEncoding {
    /// The unit.
    type Unit: Unit;
}

impl UnitEncoding for Natural {
    type Unit = Microsecond;
}

impl<U: Unit> UnitEncoding for In<U> {
    type Unit = U;
}

/// A time of day or a length that is read has room for every unit.
impl<E: UnitEncoding> UnitEncoding for Truncated<E> {
    type Unit = E::Unit;
}

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// Seconds and the nanoseconds after them in a unit; what is finer than the unit is cut off towards the past.
/// `None` when it is out of the unit's range.
#[inline]
fn ticks<U: Unit>(seconds: i64, nanos: u32) -> Option<i64> {
    let part = i64::from(nanos) / (NANOS_PER_SECOND / U::PER_SECOND);
    if seconds < 0 && part > 0 {
        // Counted back from the next second, because the second before may be out of range on its own.
        (seconds + 1).checked_mul(U::PER_SECOND)?.checked_add(part - U::PER_SECOND)
    } else {
        seconds.checked_mul(U::PER_SECOND)?.checked_add(part)
    }
}

/// A column that counts units, read as seconds and nanoseconds or in another unit.
#[derive(Debug, Clone)]
pub struct TicksReader {
    values: ScalarBuffer<i64>,
    per_second: i64,
}

impl TicksReader {
    fn of<T: ArrowPrimitiveType<Native = i64>>(array: &ArrayRef, unit: TimeUnit) -> Option<Self> {
        let array = array.as_any().downcast_ref::<PrimitiveArray<T>>()?;
        Some(TicksReader { values: array.values().clone(), per_second: per_second(unit) })
    }

    fn of_narrow<T: ArrowPrimitiveType<Native = i32>>(array: &ArrayRef, unit: TimeUnit) -> Option<Self> {
        let array = array.as_any().downcast_ref::<PrimitiveArray<T>>()?;
        let values = array.values().iter().map(|value| i64::from(*value)).collect();
        Some(TicksReader { values, per_second: per_second(unit) })
    }

    /// Whole seconds, rounded down, and the nanoseconds after them.
    #[inline]
    fn parts(&self, row: usize) -> (i64, u32) {
        let value = self.values[row];
        let part = value.rem_euclid(self.per_second) * (NANOS_PER_SECOND / self.per_second);
        (value.div_euclid(self.per_second), part as u32)
    }

    /// The value in another unit; `None` when it is out of range or would lose precision.
    fn exactly<U: Unit>(&self, row: usize) -> Option<i64> {
        let value = self.values[row];
        if U::PER_SECOND >= self.per_second {
            value.checked_mul(U::PER_SECOND / self.per_second)
        } else {
            let coarser = self.per_second / U::PER_SECOND;
            (value % coarser == 0).then_some(value / coarser)
        }
    }

    /// The value in another unit, what is finer cut off towards the past; `None` when it is out of range.
    fn cut<U: Unit>(&self, row: usize) -> Option<i64> {
        let value = self.values[row];
        if U::PER_SECOND >= self.per_second {
            value.checked_mul(U::PER_SECOND / self.per_second)
        } else {
            Some(value.div_euclid(self.per_second / U::PER_SECOND))
        }
    }
}

#[cold]
fn not_exact<U: Unit>(row: usize) -> Box<Fault> {
    let message =
        format!("cannot be told exactly in {}: choose the `unit` of the column, or `truncate`", U::NAME);
    Box::new(Fault::new(row, message))
}

fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => Second::PER_SECOND,
        TimeUnit::Millisecond => Millisecond::PER_SECOND,
        TimeUnit::Microsecond => Microsecond::PER_SECOND,
        TimeUnit::Nanosecond => Nanosecond::PER_SECOND,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_last_nanosecond_are_in_range() {
        let first = (i64::MIN.div_euclid(NANOS_PER_SECOND), i64::MIN.rem_euclid(NANOS_PER_SECOND) as u32);
        assert_eq!(ticks::<Nanosecond>(first.0, first.1), Some(i64::MIN));
        assert_eq!(ticks::<Nanosecond>(first.0, first.1 - 1), None);
        let last = (i64::MAX / NANOS_PER_SECOND, (i64::MAX % NANOS_PER_SECOND) as u32);
        assert_eq!(ticks::<Nanosecond>(last.0, last.1), Some(i64::MAX));
        assert_eq!(ticks::<Nanosecond>(last.0, last.1 + 1), None);
    }

    #[test]
    fn what_is_finer_than_the_unit_is_cut_off_towards_the_past() {
        assert_eq!(ticks::<Millisecond>(1, 999_999_999), Some(1_999));
        assert_eq!(ticks::<Millisecond>(-1, 999_999_999), Some(-1));
        assert_eq!(ticks::<Second>(-1, 999_999_999), Some(-1));
        assert_eq!(ticks::<Millisecond>(-1, 1), Some(-1_000));
    }
}
