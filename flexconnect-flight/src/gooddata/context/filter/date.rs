//! Filters by a date.

use flexconnect_core::Error;
use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, ToSpan};
use serde_json::{Map, Value};

use super::super::calendar::Calendar;
use super::super::date_range::DateRange;
use super::super::reading::{Object, invalid, shown};
use super::super::vocabulary::Granularity;

/// Periods counted from the one that contains now: `from` -6 `to` 0 `DAY` is the last seven days, today among them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RelativeDateFilter {
    /// The date dataset's id.
    pub dataset_identifier: String,
    /// What is counted.
    pub granularity: Granularity,
    /// The first period; 0 is the present one, -1 the one before it.
    pub from: i64,
    /// The last period, included.
    pub to: i64,
    /// Keys that this version does not know, as they came.
    pub rest: Map<String, Value>,
}

/// From one date to another, both included.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AbsoluteDateFilter {
    /// The date dataset's id.
    pub dataset_identifier: String,
    /// The first day, as `2024-05-17`, or minute, as `2024-05-17 08:30`.
    pub from: String,
    /// The last day or minute, included.
    pub to: String,
    /// Keys that this version does not know, as they came.
    pub rest: Map<String, Value>,
}

impl RelativeDateFilter {
    pub(super) fn read(dataset_identifier: String, mut object: Object<'_, '_>) -> Result<Self, Error> {
        Ok(RelativeDateFilter {
            dataset_identifier,
            granularity: object.required("granularity", "text")?.text()?.into(),
            from: object.required("from", "a whole number")?.integer()?,
            to: object.required("to", "a whole number")?.integer()?,
            rest: object.rest(),
        })
    }

    /// Whether the filter is a range by some calendar.
    pub(super) fn is_counted(&self) -> bool {
        Calendar::counts(&self.granularity)
    }

    /// The time from the start of the first period to the end of the last.
    ///
    /// Days and what is longer begin the moment clocks in the calendar's time zone first show their midnight, or the first
    /// moment after it where clocks skip it: a day may have 23 hours or 25. Seconds, minutes and hours are counted as they
    /// pass: of the hour that clocks show twice each counts. The range on clocks is what they show meanwhile; where they
    /// are put back it is wide enough for all of that.
    ///
    /// `None` where there is no such range: for granularities that repeat, such as `DAY_OF_WEEK`, for fiscal ones,
    /// for `TIMESTAMP` and for those that this version does not know; for `WEEK` when it does not know the
    /// calendar's first day of the week. See [`Granularity`]. A filter whose `to` is before its `from` leaves an empty
    /// range. What is before the year -9999 or after 9999 is as far away as time goes.
    ///
    /// ```
    /// use flexconnect_flight::gooddata::context::{Calendar, Filter, WeekStart};
    /// use flexconnect_flight::gooddata::context::jiff::{civil::date, tz::TimeZone};
    /// use serde_json::json;
    ///
    /// let filter = json!({
    ///     "filterType": "relativeDateFilter", "datasetIdentifier": "order_date",
    ///     "granularity": "QUARTER", "from": -1, "to": 0
    /// });
    /// let Filter::RelativeDate(filter) = serde_json::from_value(filter)? else { unreachable!() };
    /// let calendar = Calendar::new("2024-02-10T12:00:00Z".parse().unwrap(), TimeZone::UTC);
    /// let range = filter.range(&calendar).unwrap();
    /// assert_eq!(range.days(), Some(date(2023, 10, 1)..date(2024, 4, 1)));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn range(&self, calendar: &Calendar) -> Option<DateRange> {
        let (start, end) = calendar.periods(&self.granularity, self.from, self.to)?;
        Some(DateRange { wall_clock: start.wall_clock..end.wall_clock, instants: start.instant..end.instant })
    }
}

impl AbsoluteDateFilter {
    pub(super) fn read(dataset_identifier: String, mut object: Object<'_, '_>) -> Result<Self, Error> {
        Ok(AbsoluteDateFilter {
            dataset_identifier,
            from: object.text("from")?,
            to: object.text("to")?,
            rest: object.rest(),
        })
    }

    /// The time from the start of the first day (or minute) to the end of the last.
    ///
    /// A `to` before `from` leaves an empty range. A range to the last day of the year 9999 has no end.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](flexconnect_core::ErrorKind::InvalidRequest) when `from` or `to` is neither
    /// `2024-05-17` nor `2024-05-17 08:30`, or a day there is not.
    pub fn range(&self, calendar: &Calendar) -> Result<DateRange, Error> {
        let (from, _) = self.parse("from", &self.from)?;
        let (to, step) = self.parse("to", &self.to)?;
        let start = calendar.bound(from);
        let end = calendar.bound(to.checked_add(step).unwrap_or(DateTime::MAX));
        Ok(DateRange { wall_clock: start.wall_clock..end.wall_clock, instants: start.instant..end.instant })
    }

    /// The moment, and how long what it names is.
    fn parse(&self, key: &str, text: &str) -> Result<(DateTime, Span), Error> {
        let (date, time) = match text.split_once(' ') {
            Some((date, time)) => (parse_date(date), parse_time(time)),
            None => (parse_date(text), Some(None)),
        };
        let moment = date.zip(time);
        let (date, time) = moment.ok_or_else(|| {
            invalid(format!(
                "the date filter on dataset `{}`: `{key}` is `{}`, which is no date; \
                 one is written like `2024-05-17` or `2024-05-17 08:30`",
                shown(&self.dataset_identifier),
                shown(text),
            ))
        })?;
        Ok(match time {
            Some(time) => (date.to_datetime(time), 1.minute()),
            None => (date.to_datetime(Time::midnight()), 1.day()),
        })
    }
}

/// Four digits of a year, one or two of a month and a day.
fn parse_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let small = |text| number(text, 1..=2)?.try_into().ok();
    Date::new(number(year, 4..=4)?, small(month)?, small(day)?).ok()
}

fn parse_time(text: &str) -> Option<Option<Time>> {
    let (hour, minute) = text.split_once(':')?;
    let small = |text| number(text, 1..=2)?.try_into().ok();
    Time::new(small(hour)?, small(minute)?, 0, 0).ok().map(Some)
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i16> {
    let plain = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}
