//! Points in time as `Timestamp`: with a zone for instants, without one for a clock on the wall.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arrow_array::types::{
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};

use super::{Microsecond, NoZone, TicksReader, Unit, Utc, Zone};
use crate::buffer::{Fault, PrimitiveBuffer, Slot};
use crate::column::encoding::{In, Natural, Timestamp, Truncated, Zoned};
use crate::column::{Column, FromColumn, Item, Mismatch};

/// An encoding of a point in time that is the same everywhere.
pub trait InstantEncoding {
    /// The unit.
    type Unit: Unit;

    /// The label.
    type Zone: Zone;
}

impl InstantEncoding for Natural {
    type Unit = Microsecond;
    type Zone = Utc;
}

impl<U: Unit> InstantEncoding for In<U> {
    type Unit = U;
    type Zone = Utc;
}

impl<U: Unit, Z: Zone> InstantEncoding for Zoned<U, Z> {
    type Unit = U;
    type Zone = Z;
}

/// An instant that is read has room for every unit.
impl<E: InstantEncoding> InstantEncoding for Truncated<E> {
    type Unit = E::Unit;
    type Zone = E::Zone;
}

/// One that names no zone.
pub trait UnzonedEncoding: InstantEncoding {}

impl UnzonedEncoding for Natural {}
impl<U: Unit> UnzonedEncoding for In<U> {}
impl<E: UnzonedEncoding> UnzonedEncoding for Truncated<E> {}

/// An encoding of a date and time without a zone.
pub trait WallClockEncoding {
    /// The unit.
    type Unit: Unit;

    /// No zone, always.
    type Zone: Zone;
}

impl WallClockEncoding for Natural {
    type Unit = Microsecond;
    type Zone = NoZone;
}

impl<U: Unit> WallClockEncoding for In<U> {
    type Unit = U;
    type Zone = NoZone;
}

impl<E: WallClockEncoding> WallClockEncoding for Truncated<E> {
    type Unit = E::Unit;
    type Zone = NoZone;
}

/// A Rust type that is a point in time.
pub(super) trait Moment: Sized {
    /// Seconds since 1970-01-01, rounded down, and the nanoseconds after them.
    fn to_parts(&self) -> (i64, u32);

    /// The moment that many seconds and nanoseconds after 1970-01-01, when the type has it.
    fn from_parts(seconds: i64, nanos: u32) -> Option<Self>;
}

/// Implements the columns of types that are [`Moment`]s.
macro_rules! moment {
    ($($rust:ty: $encoding:ident, $zoned:literal;)*) => {$(
        impl<E: $encoding> Column<E> for $rust {
            type Buffer = PrimitiveBuffer<<E::Unit as Unit>::Timestamp>;

            fn data_type() -> DataType {
                super::instant::data_type::<E::Unit, E::Zone>()
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                let (seconds, nanos) = super::instant::Moment::to_parts(self);
                slot.push_or_fault(super::ticks::<E::Unit>(seconds, nanos), super::instant::out_of_range::<E::Unit>);
            }
        }

        impl<E> Item<E> for $rust where $rust: Column<E> {}

        impl<E: $encoding> FromColumn<E> for $rust {
            type Reader = TicksReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                super::instant::reader(array, &<Self as Column<E>>::data_type(), $zoned)
            }

            #[inline]
            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                let (seconds, nanos) = reader.parts(row);
                <$rust as super::instant::Moment>::from_parts(seconds, nanos)
                    .ok_or_else(|| super::instant::not_in_type(row, stringify!($rust)))
            }
        }
    )*};
}
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
pub(super) use moment;

moment! {
    SystemTime: InstantEncoding, true;
}

impl Moment for SystemTime {
    #[inline]
    fn to_parts(&self) -> (i64, u32) {
        match self.duration_since(UNIX_EPOCH) {
            Ok(after) => (i64::try_from(after.as_secs()).unwrap_or(i64::MAX), after.subsec_nanos()),
            Err(error) => {
                let before = error.duration();
                let seconds = i64::try_from(before.as_secs()).map_or(i64::MIN, |seconds| -seconds);
                match before.subsec_nanos() {
                    0 => (seconds, 0),
                    nanos => (seconds.saturating_sub(1), 1_000_000_000 - nanos),
                }
            }
        }
    }

    fn from_parts(seconds: i64, nanos: u32) -> Option<Self> {
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let base = if seconds < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
        base?.checked_add(Duration::from_nanos(nanos.into()))
    }
}

/// Implements the columns of types that are points in time with a zone of their own, when `tz` names that of the column: `zone`
/// is made of its name once a batch.
#[cfg(any(feature = "chrono", feature = "jiff"))]
macro_rules! zoned {
    ([$($generics:tt)*] $rust:ty, |$value:ident| $parts:expr) => {
        zoned!(@write [$($generics)*] crate::column::encoding::Zoned<U, Z>, $rust, |$value| $parts);
        zoned!(@write [$($generics)*] crate::column::encoding::Truncated<crate::column::encoding::Zoned<U, Z>>,
            $rust, |$value| $parts);
    };
    (@write [$($generics:tt)*] $encoding:ty, $rust:ty, |$value:ident| $parts:expr) => {
        impl<U: Unit, Z: super::Zone, $($generics)*> Column<$encoding> for $rust {
            type Buffer = PrimitiveBuffer<U::Timestamp>;

            fn data_type() -> DataType {
                super::instant::data_type::<U, Z>()
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                let $value = self;
                let (seconds, nanos) = $parts;
                slot.push_or_fault(super::ticks::<U>(seconds, nanos), super::instant::out_of_range::<U>);
            }
        }
    };
    (read [$($generics:tt)*] $rust:ty, $zone:ty, |$name:ident| $known:expr, |$seconds:ident, $nanos:ident, $at:ident| $made:expr) => {
        zoned!(@read [$($generics)*] crate::column::encoding::Zoned<U, Z>, $rust, $zone, |$name| $known,
            |$seconds, $nanos, $at| $made);
        zoned!(@read [$($generics)*] crate::column::encoding::Truncated<crate::column::encoding::Zoned<U, Z>>, $rust, $zone,
            |$name| $known, |$seconds, $nanos, $at| $made);
    };
    (@read [$($generics:tt)*] $encoding:ty, $rust:ty, $zone:ty, |$name:ident| $known:expr,
        |$seconds:ident, $nanos:ident, $at:ident| $made:expr) => {
        impl<U: Unit, Z: super::Zone, $($generics)*> FromColumn<$encoding> for $rust {
            type Reader = (TicksReader, Option<$zone>);

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                let ticks = super::instant::reader(array, &<Self as Column<$encoding>>::data_type(), true)?;
                let $name = Z::NAME.unwrap_or("UTC");
                Ok((ticks, $known))
            }

            fn read((ticks, zone): &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                let Some($at) = zone else {
                    let name = Z::NAME.unwrap_or("UTC");
                    let message = format!("lies in the time zone `{name}`, which is not known here");
                    return Err(Box::new(Fault::new(row, message)));
                };
                let ($seconds, $nanos) = ticks.parts(row);
                let made: Option<Self> = $made;
                made.ok_or_else(|| super::instant::not_in_type(row, stringify!($rust)))
            }
        }
    };
}
#[cfg(any(feature = "chrono", feature = "jiff"))]
pub(super) use zoned;

/// An `i64` that counts units since 1970-01-01.
impl<U: Unit, Z: Zone> Column<Timestamp<U, Z>> for i64 {
    type Buffer = PrimitiveBuffer<U::Timestamp>;

    fn data_type() -> DataType {
        data_type::<U, Z>()
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push(*self);
    }
}

impl<U: Unit, Z: Zone> FromColumn<Timestamp<U, Z>> for i64 {
    type Reader = TicksReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        reader(array, &data_type::<U, Z>(), Z::NAME.is_some())
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.exactly::<U>(row).ok_or_else(|| super::not_exact::<U>(row))
    }
}

pub(super) fn data_type<U: Unit, Z: Zone>() -> DataType {
    DataType::Timestamp(U::UNIT, Z::NAME.map(Into::into))
}

/// Accepts timestamps of any unit. An instant takes any zone and none; a wall clock takes no zone, because
/// with one the stored numbers are not what the clock showed.
pub(super) fn reader(array: &ArrayRef, best: &DataType, zoned: bool) -> Result<TicksReader, Vec<Mismatch>> {
    let reader = match array.data_type() {
        DataType::Timestamp(unit, zone) if zoned || zone.is_none() => match unit {
            TimeUnit::Second => TicksReader::of::<TimestampSecondType>(array, *unit),
            TimeUnit::Millisecond => TicksReader::of::<TimestampMillisecondType>(array, *unit),
            TimeUnit::Microsecond => TicksReader::of::<TimestampMicrosecondType>(array, *unit),
            TimeUnit::Nanosecond => TicksReader::of::<TimestampNanosecondType>(array, *unit),
        },
        _ => None,
    };
    let hint = if zoned { "in any unit and zone" } else { "in any unit, without a zone" };
    reader.ok_or_else(|| Mismatch::of_type(format!("{best} ({hint})"), array.data_type()))
}

pub(super) fn out_of_range<U: Unit>() -> String {
    format!("lies outside the range of a timestamp in {}: a coarser `unit` reaches further", U::NAME)
}

#[cold]
pub(super) fn not_in_type(row: usize, rust: &str) -> Box<Fault> {
    Box::new(Fault::new(row, format!("lies outside the range of `{rust}`")))
}
