//! The types of the crate `time`.

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset};

use super::date::{Day, day};
use super::duration::{Length, length};
use super::instant::{Moment, moment};
use super::offset::{from_offset, offset};
use super::time::{TimeOfDay, time_of_day};
use super::{InstantEncoding, TicksReader, Unit, UnitEncoding, WallClockEncoding};
use crate::buffer::{Fault, PrimitiveBuffer, Slot};
use crate::column::{Column, FromColumn, Item, Mismatch};

moment! {
    UtcDateTime: InstantEncoding, true;
    OffsetDateTime: InstantEncoding, true;
    PrimitiveDateTime: WallClockEncoding, false;
}
day! { Date; }
time_of_day! { Time; }
length! { Duration; }

offset!([] OffsetDateTime, |at| at.to_parts(), at.offset().whole_seconds());
from_offset!(OffsetDateTime, |seconds, nanos, offset| {
    let offset = UtcOffset::from_whole_seconds(offset).ok();
    <OffsetDateTime as Moment>::from_parts(seconds, nanos)
        .zip(offset)
        .and_then(|(at, offset)| at.checked_to_offset(offset))
});

/// 1970-01-01, counted as `time` counts days.
const EPOCH: i64 = 2_440_588;

const NANOS_PER_SECOND: i128 = 1_000_000_000;

impl Moment for UtcDateTime {
    #[inline]
    fn to_parts(&self) -> (i64, u32) {
        (self.unix_timestamp(), self.nanosecond())
    }

    fn from_parts(seconds: i64, nanos: u32) -> Option<Self> {
        UtcDateTime::from_unix_timestamp_nanos(i128::from(seconds) * NANOS_PER_SECOND + i128::from(nanos))
            .ok()
    }
}

/// The offset is dropped when written; what is read has the offset 0.
impl Moment for OffsetDateTime {
    #[inline]
    fn to_parts(&self) -> (i64, u32) {
        (self.unix_timestamp(), self.nanosecond())
    }

    fn from_parts(seconds: i64, nanos: u32) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(seconds) * NANOS_PER_SECOND + i128::from(nanos))
            .ok()
    }
}

impl Moment for PrimitiveDateTime {
    #[inline]
    fn to_parts(&self) -> (i64, u32) {
        self.as_utc().to_parts()
    }

    fn from_parts(seconds: i64, nanos: u32) -> Option<Self> {
        let utc = <UtcDateTime as Moment>::from_parts(seconds, nanos)?;
        Some(PrimitiveDateTime::new(utc.date(), utc.time()))
    }
}

impl Day for Date {
    #[inline]
    fn to_days(&self) -> i32 {
        self.to_julian_day() - EPOCH as i32
    }

    fn from_days(days: i64) -> Option<Self> {
        Date::from_julian_day(days.checked_add(EPOCH)?.try_into().ok()?).ok()
    }
}

impl TimeOfDay for Time {
    #[inline]
    fn to_parts(&self) -> (u32, u32) {
        let (hour, minute, second, nanos) = self.as_hms_nano();
        (u32::from(hour) * 3600 + u32::from(minute) * 60 + u32::from(second), nanos)
    }

    fn from_parts(seconds: u32, nanos: u32) -> Option<Self> {
        let hour = u8::try_from(seconds / 3600).ok()?;
        Time::from_hms_nano(hour, (seconds / 60 % 60) as u8, (seconds % 60) as u8, nanos).ok()
    }
}

impl Length for Duration {
    #[inline]
    fn to_parts(&self) -> Option<(i64, u32)> {
        // Both parts have the sign of the whole.
        Some(match u32::try_from(self.subsec_nanoseconds()) {
            Ok(nanos) => (self.whole_seconds(), nanos),
            Err(_) => {
                (self.whole_seconds().checked_sub(1)?, (self.subsec_nanoseconds() + 1_000_000_000) as u32)
            }
        })
    }

    fn from_parts(seconds: i64, nanos: u32) -> Option<Self> {
        Some(Duration::new(seconds, nanos.try_into().ok()?))
    }
}
