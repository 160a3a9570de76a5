//! The types of `jiff`.

use arrow_array::ArrayRef;
use arrow_array::types::IntervalMonthDayNanoType;
use arrow_buffer::IntervalMonthDayNano;
use arrow_schema::DataType;
use jiff::civil::{Date, DateTime, Time, date, datetime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp, Zoned};

use super::date::{Day, day};
use super::duration::{Length, length};
use super::instant::{Moment, moment, zoned};
use super::offset::{from_offset, offset};
use super::time::{TimeOfDay, time_of_day};
use super::{InstantEncoding, IntervalReader, TicksReader, Unit, UnitEncoding, WallClockEncoding};
use crate::buffer::{Fault, PrimitiveBuffer, Slot};
use crate::column::{Column, FromColumn, Item, Mismatch, Natural};

moment! {
    Timestamp: InstantEncoding, true;
    DateTime: WallClockEncoding, false;
}
day! { Date; }
time_of_day! { Time; }
length! { SignedDuration; }

zoned!([] Zoned, |at| at.timestamp().to_parts());
zoned!(read [] Zoned, TimeZone, |name| zone_named(name), |seconds, nanos, zone| {
    Timestamp::from_parts(seconds, nanos).map(|at| at.to_zoned(zone.clone()))
});
offset!([] Zoned, |at| at.timestamp().to_parts(), at.offset().seconds());
from_offset!(Zoned, |seconds, nanos, offset| {
    let offset = Offset::from_seconds(offset).ok();
    Timestamp::from_parts(seconds, nanos).zip(offset).map(|(at, offset)| at.to_zoned(TimeZone::fixed(offset)))
});

impl<E> Item<E> for Zoned where Zoned: Column<E> {}

/// The zone of this name: of the database that `jiff` has by its own features, `UTC`, or an offset.
fn zone_named(name: &str) -> Option<TimeZone> {
    if name == "UTC" {
        return Some(TimeZone::UTC);
    }
    TimeZone::get(name).ok().or_else(|| {
        let offset: Offset = jiff::fmt::strtime::parse("%:z", name).ok()?.offset()?;
        Some(TimeZone::fixed(offset))
    })
}

/// Months, days and nanoseconds; what `jiff` counts in years, weeks or hours is a number of these.
impl Column<Natural> for Span {
    type Buffer = PrimitiveBuffer<IntervalMonthDayNanoType>;

    fn data_type() -> DataType {
        <IntervalMonthDayNano as Column>::data_type()
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_or_fault(interval(self), || format!("{self} has more nanoseconds than 64 bits can count"));
    }
}

fn interval(span: &Span) -> Option<IntervalMonthDayNano> {
    let months = i32::from(span.get_years()) * 12 + span.get_months();
    let days = span.get_weeks() * 7 + span.get_days();
    let seconds = i64::from(span.get_hours()) * 3600 + span.get_minutes() * 60;
    let nanos = seconds
        .checked_add(span.get_seconds())?
        .checked_mul(1_000_000_000)?
        .checked_add(span.get_milliseconds().checked_mul(1_000_000)?)?
        .checked_add(span.get_microseconds().checked_mul(1_000)?)?
        .checked_add(span.get_nanoseconds())?;
    Some(IntervalMonthDayNano::new(months, days, nanos))
}

impl Item<Natural> for Span {}

impl FromColumn<Natural> for Span {
    type Reader = IntervalReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        IntervalReader::new(array, &<Self as Column>::data_type())
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        let IntervalMonthDayNano { months, days, nanoseconds } = reader.get(row);
        let signs = [i64::from(months).signum(), i64::from(days).signum(), nanoseconds.signum()];
        if signs.contains(&1) && signs.contains(&-1) {
            return Err(Box::new(Fault::new(row, "has parts of both signs, and a `Span` has one sign")));
        }
        Span::new()
            .try_months(months)
            .and_then(|span| span.try_days(days))
            .and_then(|span| span.try_nanoseconds(nanoseconds))
            .map_err(|_| super::instant::not_in_type(row, "Span"))
    }
}

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
