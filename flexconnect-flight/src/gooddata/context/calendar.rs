//! What dates are counted by: now, where, and when a week begins.

use flexconnect_core::Error;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Span, Timestamp, ToSpan};

use super::reading::{invalid, shown};
use super::vocabulary::{Granularity, WeekStart};

/// What the dates of filters are counted by: what counts as now, in which time zone, and when a week begins.
///
/// Time zones are the system's, or those this was built with where the system has none or does not know the name.
///
/// ```
/// use flexconnect_flight::gooddata::context::{Calendar, WeekStart};
/// use flexconnect_flight::gooddata::context::jiff::tz::TimeZone;
///
/// let calendar = Calendar::new("2024-09-12T12:51:26Z".parse()?, TimeZone::UTC).with_week_start(WeekStart::Monday);
/// assert_eq!(calendar.week_start, WeekStart::Monday);
/// # Ok::<(), flexconnect_flight::gooddata::context::jiff::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Calendar {
    /// What counts as now.
    pub timestamp: Timestamp,
    /// Where the days begin.
    pub timezone: TimeZone,
    /// The first day of the week.
    pub week_start: WeekStart,
}

/// A point in time at which a period begins: what clocks show, and when it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) wall_clock: DateTime,
    pub(super) instant: Timestamp,
}

impl Calendar {
    /// The calendar at a point in time in a time zone; weeks begin on Sunday.
    pub fn new(timestamp: Timestamp, timezone: TimeZone) -> Self {
        Calendar { timestamp, timezone, week_start: WeekStart::default() }
    }

    /// The present moment, in UTC; weeks begin on Sunday.
    pub fn now() -> Self {
        Calendar::new(Timestamp::now(), TimeZone::UTC)
    }

    /// Sets the first day of the week.
    #[must_use]
    pub fn with_week_start(mut self, week_start: WeekStart) -> Self {
        self.week_start = week_start;
        self
    }

    pub(super) fn read(
        timestamp: Option<&str>,
        timezone: Option<&str>,
        week_start: Option<WeekStart>,
    ) -> Result<Self, Error> {
        let timestamp = timestamp.map_or_else(
            || Ok(Timestamp::now()),
            |text| {
                text.parse().map_err(|_| {
                    invalid(format!(
                        "`parameters.executionContext.timestamp` is `{}`, which is no point in time; \
                         one is written like `2024-09-12T12:51:26+00:00`",
                        shown(text)
                    ))
                })
            },
        )?;
        let timezone = timezone.map_or(Ok(TimeZone::UTC), |name| {
            // Some systems leave out the older names.
            TimeZone::get(name).or_else(|_| TimeZoneDatabase::bundled().get(name)).map_err(|_| {
                invalid(format!(
                    "`parameters.executionContext.timezone` is `{}`, which is no time zone known here; \
                     one is named like `Europe/Prague`",
                    shown(name)
                ))
            })
        })?;
        Ok(Calendar { timestamp, timezone, week_start: week_start.unwrap_or_default() })
    }

    /// Whether periods of this granularity follow each other; the first day of the week aside, by every calendar.
    pub(super) fn counts(granularity: &Granularity) -> bool {
        use Granularity::{Day, Hour, Minute, Month, Quarter, Second, Week, Year};
        matches!(granularity, Second | Minute | Hour | Day | Week | Month | Quarter | Year)
    }

    /// The start of one period and the end of another, each so many after the one that contains now; `None` when there
    /// are no such periods.
    pub(super) fn periods(&self, granularity: &Granularity, from: i64, to: i64) -> Option<(Moment, Moment)> {
        let unit = self.unit(granularity)?;
        let next = to.saturating_add(1);
        Some(match unit {
            Unit::Elapsed(length) => self.on_clocks(self.elapsed(length, from), self.elapsed(length, next)),
            Unit::Dates { first, span } => {
                let shift = self.shift(first, span);
                (self.date(first, span, from, shift), self.date(first, span, next, shift))
            }
        })
    }

    /// When clocks first show this, or what comes after it where they skip it.
    pub(super) fn bound(&self, wall_clock: DateTime) -> Moment {
        let furthest = if wall_clock < DateTime::constant(0, 1, 1, 0, 0, 0, 0) {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        Moment { wall_clock, instant: self.instant(wall_clock).unwrap_or(furthest) }
    }

    fn instant(&self, wall_clock: DateTime) -> Option<Timestamp> {
        if wall_clock == DateTime::MIN || wall_clock == DateTime::MAX {
            return None;
        }
        let candidates = self.timezone.to_ambiguous_timestamp(wall_clock);
        let AmbiguousOffset::Gap { .. } = candidates.offset() else {
            return candidates.earlier().ok();
        };
        // The clocks jump over it: the moment they jump is the first at which they show something later.
        let before = candidates.earlier().ok()?;
        let jump = self
            .timezone
            .following(before)
            .find(|jump| jump.offset().to_datetime(jump.timestamp()) > wall_clock);
        jump.map(|jump| jump.timestamp()).or_else(|| candidates.later().ok())
    }

    fn unit(&self, granularity: &Granularity) -> Option<Unit> {
        let now = self.wall_clock();
        let today = now.date();
        let dates = |first, span: fn(i64) -> Result<Span, jiff::Error>| Some(Unit::Dates { first, span });
        match granularity {
            Granularity::Second => Some(Unit::Elapsed(1)),
            Granularity::Minute => Some(Unit::Elapsed(60)),
            Granularity::Hour => Some(Unit::Elapsed(3600)),
            Granularity::Day => dates(today, |days| Span::new().try_days(days)),
            Granularity::Week => {
                let first = match self.week_start {
                    WeekStart::Sunday => Weekday::Sunday,
                    WeekStart::Monday => Weekday::Monday,
                    WeekStart::Other(_) => return None,
                };
                let start = today.checked_sub(i64::from(today.weekday().since(first)).days());
                dates(start.unwrap_or(Date::MIN), |weeks| Span::new().try_weeks(weeks))
            }
            Granularity::Month => dates(today.first_of_month(), |months| Span::new().try_months(months)),
            Granularity::Quarter => {
                let first = Date::new(today.year(), (today.month() - 1) / 3 * 3 + 1, 1);
                let first = first.expect("every year has the first days of its quarters");
                dates(first, |quarters| Span::new().try_months(quarters.saturating_mul(3)))
            }
            Granularity::Year => dates(today.first_of_year(), |years| Span::new().try_years(years)),
            _ => None,
        }
    }

    fn wall_clock(&self) -> DateTime {
        self.timezone.to_datetime(self.timestamp)
    }

    /// Seconds, minutes and hours are as long wherever clocks are changed: an hour that is shown twice counts twice.
    fn elapsed(&self, length: i64, offset: i64) -> Timestamp {
        let now = self.wall_clock();
        let midnight = now.date().to_datetime(Time::midnight());
        let since = now.duration_since(midnight);
        let into = SignedDuration::new(since.as_secs() % length, since.subsec_nanos());
        let later = offset.saturating_mul(length);
        let distance = SignedDuration::from_secs(later).saturating_sub(into);
        let furthest = if distance.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
        self.timestamp.checked_add(distance).unwrap_or(furthest)
    }

    /// Two instants as clocks show them. Where clocks are put back between them they are further apart: all that is
    /// shown on the way lies between them, too.
    fn on_clocks(&self, start: Timestamp, end: Timestamp) -> (Moment, Moment) {
        let clock = |instant: Timestamp| match instant {
            _ if instant == Timestamp::MIN => DateTime::MIN,
            _ if instant == Timestamp::MAX => DateTime::MAX,
            _ => self.timezone.to_datetime(instant),
        };
        let (mut first, mut last) = (clock(start), clock(end));
        if start >= end {
            // Nothing is between them, whatever clocks show.
            last = last.min(first);
        }
        for change in self.timezone.following(start) {
            let at = change.timestamp();
            if at >= end || at.duration_since(start) > FURTHEST_CHANGE {
                break;
            }
            first = first.min(change.offset().to_datetime(at));
        }
        let near_end = end.checked_sub(FURTHEST_CHANGE).map_or(start, |near| near.max(start));
        for change in self.timezone.following(near_end) {
            let at = change.timestamp();
            if at > end {
                break;
            }
            let before = at.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(at);
            last = last.max(self.timezone.to_offset(before).to_datetime(at));
        }
        (Moment { wall_clock: first, instant: start }, Moment { wall_clock: last, instant: end })
    }

    /// How many periods the present instant is off the period its wall clock shows. Clocks that are put back at midnight
    /// show the end of a day again when the next one has begun.
    fn shift(&self, first: Date, span: fn(i64) -> Result<Span, jiff::Error>) -> i64 {
        let start = |offset| self.date(first, span, offset, 0).instant;
        if self.timestamp < start(0) {
            -1
        } else if self.timestamp >= start(1) {
            1
        } else {
            0
        }
    }

    fn date(
        &self,
        first: Date,
        span: fn(i64) -> Result<Span, jiff::Error>,
        offset: i64,
        shift: i64,
    ) -> Moment {
        let at = |offset: i64| {
            let furthest = if offset < 0 { DateTime::MIN } else { DateTime::MAX };
            let date = span(offset).and_then(|span| first.checked_add(span));
            date.map_or(furthest, |date| date.to_datetime(Time::midnight()))
        };
        let instant = self.bound(at(offset.saturating_add(shift))).instant;
        Moment { wall_clock: at(offset), instant }
    }
}

/// No change of a clock reaches further: none is more than 26 hours ahead of UTC or behind it.
const FURTHEST_CHANGE: SignedDuration = SignedDuration::from_hours(52);

/// Periods that follow each other without a gap.
enum Unit {
    /// So many seconds each.
    Elapsed(i64),
    /// From midnight to midnight.
    Dates {
        /// The first day of the present one.
        first: Date,
        /// So many of them.
        span: fn(i64) -> Result<Span, jiff::Error>,
    },
}
