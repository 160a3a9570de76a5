//! The types of `jiff`.

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use jiff::civil::{Date, DateTime, Time, date, datetime};
use jiff::{SignedDuration, Timestamp};

use super::date::{Day, day};
use super::duration::{Length, length};
use super::instant::{Moment, moment};
use super::time::{TimeOfDay, time_of_day};
use super::{InstantEncoding, TicksReader, Unit, UnitEncoding, WallClockEncoding};
use crate::buffer::{Fault, PrimitiveBuffer, Slot};
use crate::column::{Column, FromColumn, Item, Mismatch};

moment! {
    Timestamp: InstantEncoding, true;
    DateTime: WallClockEncoding, false;
}
day! { Date; }
time_of_day! { Time; }
length! { SignedDuration; }

impl Moment for Timestamp {
    #[inline]
    fn to_parts(&self) -> (i64, u32) {
        round_down(self.as_second(), self.subsec_nanosecond())
    }

    fn from_parts(seconds: i64, nanos: u32) -> Option<Self> {
        Timestamp::new(seconds, nanos.try_into().ok()?).ok()
    }
}

/// Midnight of 1970-01-01.
const EPOCH: DateTime = datetime(1970, 1, 1, 0, 0, 0, 0);

impl Moment for DateTime {
    #[inline]
    fn to_parts(&self) -> (i64, u32) {
        let since = self.duration_since(EPOCH);
        round_down(since.as_secs(), since.subsec_nanos())
    }

    fn from_parts(seconds: i64, nanos: u32) -> Option<Self> {
        EPOCH.checked_add(SignedDuration::new(seconds, nanos.try_into().ok()?)).ok()
    }
}

impl Day for Date {
    #[inline]
    fn to_days(&self) -> i32 {
        let days = self.duration_since(date(1970, 1, 1)).as_hours() / 24;
        days.try_into().expect("a civil date is within 10,000 years of 1970")
    }

    fn from_days(days: i64) -> Option<Self> {
        let seconds = days.checked_mul(86_400)?;
        EPOCH.checked_add(SignedDuration::from_secs(seconds)).ok().map(|datetime| datetime.date())
    }
}

impl TimeOfDay for Time {
    #[inline]
    fn to_parts(&self) -> (u32, u32) {
        let (seconds, nanos) = {
            let since = self.duration_since(Time::midnight());
            round_down(since.as_secs(), since.subsec_nanos())
        };
        (seconds.try_into().expect("a time is at or after midnight"), nanos)
    }

    fn from_parts(seconds: u32, nanos: u32) -> Option<Self> {
        Time::midnight().checked_add(SignedDuration::new(seconds.into(), nanos.try_into().ok()?)).ok()
    }
}

impl Length for SignedDuration {
    #[inline]
    fn to_parts(&self) -> Option<(i64, u32)> {
        Some(match u32::try_from(self.subsec_nanos()) {
            Ok(nanos) => (self.as_secs(), nanos),
            Err(_) => (self.as_secs().checked_sub(1)?, (self.subsec_nanos() + 1_000_000_000) as u32),
        })
    }

    fn from_parts(seconds: i64, nanos: u32) -> Option<Self> {
        Some(SignedDuration::new(seconds, nanos.try_into().ok()?))
    }
}

/// `jiff` gives both parts the sign of the whole; a column wants the seconds rounded down.
#[inline]
fn round_down(seconds: i64, nanos: i32) -> (i64, u32) {
    match u32::try_from(nanos) {
        Ok(nanos) => (seconds, nanos),
        Err(_) => (seconds - 1, (nanos + 1_000_000_000) as u32),
    }
}
