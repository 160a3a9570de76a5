//! The types of `chrono`.

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone,
    Timelike, Utc,
};

use super::date::{Day, day};
use super::duration::{Length, length};
use super::instant::{Moment, moment, zoned};
use super::offset::{from_offset, offset};
use super::time::{TimeOfDay, time_of_day};
use super::{TicksReader, Unit, UnitEncoding, UnzonedEncoding, WallClockEncoding};
use crate::buffer::{Fault, PrimitiveBuffer, Slot};
use crate::column::{Column, FromColumn, Item, Mismatch};

/// 1970-01-01, counted as `chrono` counts days.
const EPOCH_FROM_CE: i32 = 719_163;

moment! {
    DateTime<Utc>: UnzonedEncoding, true;
    DateTime<FixedOffset>: UnzonedEncoding, true;
    NaiveDateTime: WallClockEncoding, false;
}
day! { NaiveDate; }
time_of_day! { NaiveTime; }
length! { TimeDelta; }

zoned!([T: TimeZone] DateTime<T>, |at| carry(at.timestamp(), at.timestamp_subsec_nanos()));
zoned!(read [T: OfColumn] DateTime<T>, T, |name| T::named(name), |seconds, nanos, zone| {
    DateTime::from_timestamp(seconds, nanos).map(|utc| utc.with_timezone(zone))
});
offset!([T: TimeZone] DateTime<T>, |at| carry(at.timestamp(), at.timestamp_subsec_nanos()),
    at.offset().fix().local_minus_utc());
from_offset!(DateTime<FixedOffset>, |seconds, nanos, offset| {
    let offset = FixedOffset::east_opt(offset);
    DateTime::from_timestamp(seconds, nanos).zip(offset).map(|(utc, offset)| utc.with_timezone(&offset))
});

/// A time zone that the zone of a column can be read as.
pub trait OfColumn: TimeZone + Send + Sync + 'static {
    /// The zone of this name, when it is known.
    fn named(name: &str) -> Option<Self>;
}

impl OfColumn for Utc {
    fn named(_name: &str) -> Option<Self> {
        Some(Utc)
    }
}

/// Every instant is read with the offset 0.
impl OfColumn for FixedOffset {
    fn named(_name: &str) -> Option<Self> {
        Some(Utc.fix())
    }
}

#[cfg(feature = "chrono-tz")]
impl<E> Item<E> for DateTime<chrono_tz::Tz> where DateTime<chrono_tz::Tz>: Column<E> {}

#[cfg(feature = "chrono-tz")]
impl OfColumn for chrono_tz::Tz {
    fn named(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

impl Moment for DateTime<Utc> {
    #[inline]
    fn to_parts(&self) -> (i64, u32) {
        carry(self.timestamp(), self.timestamp_subsec_nanos())
    }

    fn from_parts(seconds: i64, nanos: u32) -> Option<Self> {
        DateTime::from_timestamp(seconds, nanos)
    }
}

/// The offset is dropped when written; what is read has the offset 0.
impl Moment for DateTime<FixedOffset> {
    #[inline]
    fn to_parts(&self) -> (i64, u32) {
        carry(self.timestamp(), self.timestamp_subsec_nanos())
    }

    fn from_parts(seconds: i64, nanos: u32) -> Option<Self> {
        DateTime::from_timestamp(seconds, nanos).map(|utc| utc.fixed_offset())
    }
}

impl Moment for NaiveDateTime {
    #[inline]
    fn to_parts(&self) -> (i64, u32) {
        let utc = self.and_utc();
        carry(utc.timestamp(), utc.timestamp_subsec_nanos())
    }

    fn from_parts(seconds: i64, nanos: u32) -> Option<Self> {
        DateTime::from_timestamp(seconds, nanos).map(|utc| utc.naive_utc())
    }
}

/// A leap second is more than 10^9 nanoseconds after the second before it; Arrow counts it as the next.
#[inline]
fn carry(seconds: i64, nanos: u32) -> (i64, u32) {
    if nanos < 1_000_000_000 { (seconds, nanos) } else { (seconds + 1, nanos - 1_000_000_000) }
}

impl Day for NaiveDate {
    #[inline]
    fn to_days(&self) -> i32 {
        self.num_days_from_ce() - EPOCH_FROM_CE
    }

    fn from_days(days: i64) -> Option<Self> {
        let days = i32::try_from(days).ok()?.checked_add(EPOCH_FROM_CE)?;
        NaiveDate::from_num_days_from_ce_opt(days)
    }
}

impl TimeOfDay for NaiveTime {
    #[inline]
    fn to_parts(&self) -> (u32, u32) {
        let nanos = self.nanosecond();
        let leap = nanos / 1_000_000_000;
        (self.num_seconds_from_midnight() + leap, nanos % 1_000_000_000)
    }

    fn from_parts(seconds: u32, nanos: u32) -> Option<Self> {
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)
    }
}

impl Length for TimeDelta {
    #[inline]
    fn to_parts(&self) -> Option<(i64, u32)> {
        // Both parts have the sign of the whole.
        let (seconds, nanos) = (self.num_seconds(), self.subsec_nanos());
        match u32::try_from(nanos) {
            Ok(nanos) => Some((seconds, nanos)),
            Err(_) => Some((seconds - 1, (nanos + 1_000_000_000) as u32)),
        }
    }

    fn from_parts(seconds: i64, nanos: u32) -> Option<Self> {
        TimeDelta::new(seconds, nanos)
    }
}
