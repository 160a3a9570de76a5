//! What holds for the ranges of all filters, at random times in random places.

use fastrand::Rng;
use flexconnect_core::Predicate;
use flexconnect_core::arrow_schema::{DataType, Field};
use flexconnect_flight::gooddata::context::jiff::Timestamp;
use flexconnect_flight::gooddata::context::jiff::tz::TimeZone;
use flexconnect_flight::gooddata::context::{Calendar, WeekStart};

use super::{range, relative};

const GRANULARITIES: [&str; 8] = ["SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"];

/// Those that are counted as they pass, whatever clocks show.
const PASSING: [&str; 3] = ["SECOND", "MINUTE", "HOUR"];

/// Clocks that are changed in all ways there are: at and around midnight, by half an hour, by a day, by the second.
const ZONES: [&str; 16] = [
    "UTC",
    "Europe/Prague",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "America/St_Johns",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/Monrovia",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "America/Asuncion",
];

/// Many of the times are in the years of the oddest changes, and near a change of the clocks.
fn calendar(rng: &mut Rng) -> Calendar {
    let timezone = TimeZone::get(ZONES[rng.usize(..ZONES.len())]).unwrap();
    // 1900 to 2100, or 1985 to 2015
    let seconds =
        if rng.bool() { rng.i64(-2_208_988_800..4_102_444_800) } else { rng.i64(473_385_600..1_420_070_400) };
    let mut timestamp = Timestamp::new(seconds, rng.i32(0..1_000_000_000)).unwrap();
    let near = [0, 5_400, 172_800][rng.usize(..3)];
    if near > 0
        && let Some(change) = timezone.following(timestamp).next().map(|change| change.timestamp())
    {
        timestamp = Timestamp::new(change.as_second() + rng.i64(-near..near), 0).unwrap();
    }
    let week_start = if rng.bool() { WeekStart::Sunday } else { WeekStart::Monday };
    Calendar::new(timestamp, timezone).with_week_start(week_start)
}

fn every_calendar(seed: u64, check: impl Fn(&mut Rng, &Calendar, &str)) {
    let mut rng = Rng::with_seed(seed);
    for _ in 0..600 {
        let calendar = calendar(&mut rng);
        for granularity in GRANULARITIES {
            check(&mut rng, &calendar, granularity);
        }
    }
}

#[test]
fn the_present_period_contains_now() {
    every_calendar(1, |_, calendar, granularity| {
        let present = range(calendar, granularity, 0, 0);
        assert!(present.instants.contains(&calendar.timestamp), "{calendar:?} {granularity} {present:?}");
        let now = calendar.timezone.to_datetime(calendar.timestamp);
        assert!(present.wall_clock.contains(&now), "{calendar:?} {granularity} {present:?}");
    });
}

#[test]
fn one_period_ends_where_the_next_begins() {
    every_calendar(2, |rng, calendar, granularity| {
        let offset = rng.i64(-100..100);
        let (period, next) = (
            range(calendar, granularity, offset, offset),
            range(calendar, granularity, offset + 1, offset + 1),
        );
        assert_eq!(period.instants.end, next.instants.start, "{calendar:?} {granularity} {offset}");
        assert!(period.wall_clock.start < period.wall_clock.end, "{calendar:?} {granularity} {offset}");
        assert!(period.instants.start <= period.instants.end, "{calendar:?} {granularity} {offset}");
        let both = range(calendar, granularity, offset, offset + 1);
        assert_eq!(both.instants, period.instants.start..next.instants.end);
        if PASSING.contains(&granularity) {
            // Clocks that are put back show the end of a period within the next.
            assert!(
                period.wall_clock.end >= next.wall_clock.start,
                "{calendar:?} {granularity} {offset} {period:?}"
            );
            let start = period.wall_clock.start.min(next.wall_clock.start);
            let end = period.wall_clock.end.max(next.wall_clock.end);
            assert_eq!(both.wall_clock, start..end, "{calendar:?} {granularity} {offset}");
        } else {
            assert_eq!(period.wall_clock.end, next.wall_clock.start, "{calendar:?} {granularity} {offset}");
            assert_eq!(both.wall_clock, period.wall_clock.start..next.wall_clock.end);
        }
    });
}

#[test]
fn clocks_show_what_passes_within_their_range() {
    every_calendar(5, |rng, calendar, granularity| {
        if !PASSING.contains(&granularity) {
            return;
        }
        let from = rng.i64(-100..100);
        let range = range(calendar, granularity, from, from + rng.i64(0..100));
        let clock = |instant| calendar.timezone.to_datetime(instant);
        let (start, end) = (range.instants.start.as_second(), range.instants.end.as_second());
        let mut shown = Vec::from([range.instants.start]);
        shown
            .extend((0..20).map(|_| Timestamp::new(rng.i64(start..end), rng.i32(0..1_000_000_000)).unwrap()));
        for instant in &shown {
            assert!(range.wall_clock.contains(&clock(*instant)), "{calendar:?} {granularity} {range:?}");
        }
        let change = calendar.timezone.following(range.instants.start).next();
        if change.is_none_or(|change| change.timestamp() > range.instants.end) {
            let ends = clock(range.instants.start)..clock(range.instants.end);
            assert_eq!(range.wall_clock, ends, "{calendar:?} {granularity}");
        }
    });
}

#[test]
fn a_day_begins_the_moment_clocks_first_show_it() {
    every_calendar(3, |rng, calendar, granularity| {
        let offset = rng.i64(-10..10);
        let period = range(calendar, granularity, offset, offset);
        if PASSING.contains(&granularity) || counts_from_another_day(calendar, granularity) {
            return;
        }
        let (shown, start) = (period.wall_clock.start, period.instants.start);
        let clock = |second| calendar.timezone.to_datetime(Timestamp::new(second, 0).unwrap());
        assert!(clock(start.as_second()) >= shown, "{calendar:?} {granularity} {offset} {period:?}");
        // Never before, however often clocks are put back.
        for before in [1, 60, 1_800, 3_600, 7_200, 43_200, 86_400] {
            assert!(
                clock(start.as_second() - before) < shown,
                "{calendar:?} {granularity} {offset} {period:?}"
            );
        }
    });
}

/// Whether clocks show, after they were put back over midnight, a day that was over.
fn counts_from_another_day(calendar: &Calendar, granularity: &str) -> bool {
    let present = range(calendar, granularity, 0, 0);
    let now = calendar.timezone.to_datetime(calendar.timestamp);
    let start = calendar.timezone.to_datetime(present.instants.start);
    now < start || start >= present.wall_clock.end
}

#[test]
fn a_predicate_leaves_the_range_it_was_made_from() {
    every_calendar(4, |rng, calendar, granularity| {
        let (from, to) = (rng.i64(-30..30), rng.i64(-30..30));
        let filter = relative(granularity, from, to);
        let field = Field::new(
            "c",
            DataType::Timestamp(flexconnect_core::arrow_schema::TimeUnit::Second, None),
            true,
        );
        let predicate = filter.to_predicate(&field, calendar).unwrap().unwrap();
        let (start, end) = Predicate::range(&[predicate], "c");
        let expected = range(calendar, granularity, from, to).wall_clock;
        let shown = |bound: &std::ops::Bound<flexconnect_core::Value>| match bound {
            std::ops::Bound::Included(value) | std::ops::Bound::Excluded(value) => value.to_string(),
            std::ops::Bound::Unbounded => String::new(),
        };
        assert_eq!((shown(&start), shown(&end)), (expected.start.to_string(), expected.end.to_string()));
    });
}
