//! Date filters as ranges, at the edges of periods and of clocks.

use flexconnect_core::ErrorKind;
use flexconnect_flight::gooddata::context::jiff::Timestamp;
use flexconnect_flight::gooddata::context::jiff::civil::{DateTime, date};
use flexconnect_flight::gooddata::context::{Calendar, DateRange, WeekStart};
use serde_json::json;

use super::{absolute, calendar, range, read, relative};

fn days(range: &DateRange) -> String {
    let days = range.days().unwrap();
    format!("{}..{}", days.start, days.end)
}

fn instants(range: &DateRange) -> String {
    format!("{}..{}", range.instants.start, range.instants.end)
}

fn utc(timestamp: &str) -> Calendar {
    calendar(timestamp, "UTC")
}

#[test]
fn periods_count_from_the_present_one() {
    let now = utc("2024-02-29T13:45:10.5Z");
    for (granularity, from, to, expected) in [
        ("DAY", -6, 0, "2024-02-23..2024-03-01"),
        ("DAY", 1, 1, "2024-03-01..2024-03-02"),
        ("WEEK", 0, 0, "2024-02-25..2024-03-03"),
        ("MONTH", 0, 0, "2024-02-01..2024-03-01"),
        ("MONTH", -2, -1, "2023-12-01..2024-02-01"),
        ("QUARTER", 0, 0, "2024-01-01..2024-04-01"),
        ("QUARTER", -1, -1, "2023-10-01..2024-01-01"),
        ("QUARTER", -5, 2, "2022-10-01..2024-10-01"),
        ("YEAR", -1, 0, "2023-01-01..2025-01-01"),
        ("YEAR", 0, 0, "2024-01-01..2025-01-01"),
        ("DAY", 0, -1, "2024-02-29..2024-02-29"),
        ("DAY", 3, 0, "2024-03-03..2024-03-01"),
    ] {
        assert_eq!(days(&range(&now, granularity, from, to)), expected, "{granularity} {from} {to}");
    }
    for (granularity, from, to, expected) in [
        ("SECOND", 0, 0, "2024-02-29T13:45:10Z..2024-02-29T13:45:11Z"),
        ("SECOND", -10, -1, "2024-02-29T13:45:00Z..2024-02-29T13:45:10Z"),
        ("MINUTE", -45, 0, "2024-02-29T13:00:00Z..2024-02-29T13:46:00Z"),
        ("HOUR", -14, 0, "2024-02-28T23:00:00Z..2024-02-29T14:00:00Z"),
    ] {
        let range = range(&now, granularity, from, to);
        assert_eq!(instants(&range), expected, "{granularity} {from} {to}");
        let clocks = format!("{}Z..{}Z", range.wall_clock.start, range.wall_clock.end);
        assert_eq!(clocks, expected);
    }
}

#[test]
fn the_edges_of_years_quarters_and_weeks() {
    for (timestamp, timezone, granularity, expected) in [
        // The same instant is another year in each of these.
        ("2023-12-31T23:59:59Z", "UTC", "YEAR", "2023-01-01..2024-01-01"),
        ("2023-12-31T23:59:59Z", "Asia/Tokyo", "YEAR", "2024-01-01..2025-01-01"),
        ("2024-01-01T00:00:00Z", "UTC", "YEAR", "2024-01-01..2025-01-01"),
        ("2024-01-01T00:00:00Z", "America/New_York", "YEAR", "2023-01-01..2024-01-01"),
        ("2024-01-01T00:00:00Z", "America/New_York", "QUARTER", "2023-10-01..2024-01-01"),
        ("2024-03-31T22:00:00Z", "Europe/Prague", "QUARTER", "2024-04-01..2024-07-01"),
        ("2024-03-31T21:59:59Z", "Europe/Prague", "QUARTER", "2024-01-01..2024-04-01"),
        ("2024-09-30T18:30:00Z", "Asia/Kolkata", "QUARTER", "2024-10-01..2025-01-01"),
        ("2024-09-30T18:29:59Z", "Asia/Kolkata", "MONTH", "2024-09-01..2024-10-01"),
        ("2024-12-29T10:00:00Z", "Pacific/Kiritimati", "DAY", "2024-12-30..2024-12-31"),
    ] {
        let calendar = calendar(timestamp, timezone);
        assert_eq!(days(&range(&calendar, granularity, 0, 0)), expected, "{timestamp} {timezone}");
    }
    for (timestamp, sunday, monday) in [
        ("2024-12-29T00:00:00Z", "2024-12-29..2025-01-05", "2024-12-23..2024-12-30"),
        ("2024-12-30T00:00:00Z", "2024-12-29..2025-01-05", "2024-12-30..2025-01-06"),
        ("2025-01-04T23:59:59Z", "2024-12-29..2025-01-05", "2024-12-30..2025-01-06"),
        ("2025-01-05T00:00:00Z", "2025-01-05..2025-01-12", "2024-12-30..2025-01-06"),
    ] {
        let week = |start| days(&range(&utc(timestamp).with_week_start(start), "WEEK", 0, 0));
        assert_eq!(week(WeekStart::Sunday), sunday, "{timestamp}");
        assert_eq!(week(WeekStart::Monday), monday, "{timestamp}");
    }
    let unknown = utc("2025-01-05T00:00:00Z").with_week_start(WeekStart::from("saturday"));
    assert_eq!(relative("WEEK", 0, 0).range(&unknown).unwrap(), None);
    assert_eq!(days(&range(&unknown, "DAY", 0, 0)), "2025-01-05..2025-01-06");
}

#[test]
fn days_are_as_long_as_clocks_make_them() {
    for (timestamp, timezone, expected) in [
        // 23 and 25 hours.
        ("2024-03-31T12:00:00Z", "Europe/Prague", "2024-03-30T23:00:00Z..2024-03-31T22:00:00Z"),
        ("2024-10-27T12:00:00Z", "Europe/Prague", "2024-10-26T22:00:00Z..2024-10-27T23:00:00Z"),
        ("2024-03-10T12:00:00Z", "America/New_York", "2024-03-10T05:00:00Z..2024-03-11T04:00:00Z"),
        // There is no midnight: the day begins when clocks show one o'clock.
        ("2018-11-04T12:00:00Z", "America/Sao_Paulo", "2018-11-04T03:00:00Z..2018-11-05T02:00:00Z"),
        ("2024-04-26T12:00:00Z", "Africa/Cairo", "2024-04-25T22:00:00Z..2024-04-26T21:00:00Z"),
        // Midnight comes twice: the day begins with the first.
        ("2024-11-03T12:00:00Z", "America/Havana", "2024-11-03T04:00:00Z..2024-11-04T05:00:00Z"),
        // Half an hour is not there.
        ("2024-10-06T00:00:00Z", "Australia/Lord_Howe", "2024-10-05T13:30:00Z..2024-10-06T13:00:00Z"),
        // Dublin's winter is the exception to its summer.
        ("2024-03-31T12:00:00Z", "Europe/Dublin", "2024-03-31T00:00:00Z..2024-03-31T23:00:00Z"),
    ] {
        let calendar = calendar(timestamp, timezone);
        assert_eq!(instants(&range(&calendar, "DAY", 0, 0)), expected, "{timestamp} {timezone}");
    }
}

#[test]
fn a_day_that_never_was_is_empty() {
    // Samoa went from the 29th of December 2011 to the 31st.
    let samoa = calendar("2011-12-31T12:00:00+14:00", "Pacific/Apia");
    let missing = range(&samoa, "DAY", -1, -1);
    assert_eq!(days(&missing), "2011-12-30..2011-12-31");
    assert_eq!(missing.instants.start, missing.instants.end);
    assert_eq!(instants(&range(&samoa, "DAY", 0, 0)), "2011-12-30T10:00:00Z..2011-12-31T10:00:00Z");
    assert_eq!(instants(&range(&samoa, "DAY", -2, -2)), "2011-12-29T10:00:00Z..2011-12-30T10:00:00Z");
    assert_eq!(instants(&range(&samoa, "YEAR", 0, 0)), "2011-01-01T10:00:00Z..2011-12-31T10:00:00Z");
}

#[test]
fn hours_are_counted_as_they_pass() {
    // In Prague the hour after two came twice.
    let second = calendar("2024-10-27T01:30:00Z", "Europe/Prague");
    assert_eq!(instants(&range(&second, "HOUR", 0, 0)), "2024-10-27T01:00:00Z..2024-10-27T02:00:00Z");
    assert_eq!(instants(&range(&second, "HOUR", -1, -1)), "2024-10-27T00:00:00Z..2024-10-27T01:00:00Z");
    // And in spring it did not come at all.
    let after = calendar("2024-03-31T01:10:00Z", "Europe/Prague");
    assert_eq!(instants(&range(&after, "HOUR", -1, 0)), "2024-03-31T00:00:00Z..2024-03-31T02:00:00Z");
    let india = calendar("2024-03-31T01:10:00Z", "Asia/Kolkata");
    assert_eq!(instants(&range(&india, "HOUR", 0, 0)), "2024-03-31T00:30:00Z..2024-03-31T01:30:00Z");
}

#[test]
fn clocks_show_the_hours_that_pass() {
    for (timestamp, timezone, granularity, (from, to), passed, shown) in [
        // The clock jumped over the hour after two: four hours, and five of them on it.
        (
            "2024-03-31T02:30:00Z",
            "Europe/Prague",
            "HOUR",
            (-3, 0),
            "2024-03-30T23:00:00Z..2024-03-31T03:00:00Z",
            "2024-03-31T00:00:00..2024-03-31T05:00:00",
        ),
        (
            "2024-03-31T00:59:59Z",
            "Europe/Prague",
            "SECOND",
            (-59, 60),
            "2024-03-31T00:59:00Z..2024-03-31T01:01:00Z",
            "2024-03-31T01:59:00..2024-03-31T03:01:00",
        ),
        // It showed the hour after two again: four hours, and three of them on it.
        (
            "2024-10-27T03:30:00Z",
            "Europe/Prague",
            "HOUR",
            (-3, 0),
            "2024-10-27T00:00:00Z..2024-10-27T04:00:00Z",
            "2024-10-27T02:00:00..2024-10-27T05:00:00",
        ),
        // Each of the two is all of it.
        (
            "2024-10-27T01:30:00Z",
            "Europe/Prague",
            "HOUR",
            (-1, -1),
            "2024-10-27T00:00:00Z..2024-10-27T01:00:00Z",
            "2024-10-27T02:00:00..2024-10-27T03:00:00",
        ),
        (
            "2024-10-27T01:30:00Z",
            "Europe/Prague",
            "HOUR",
            (0, 0),
            "2024-10-27T01:00:00Z..2024-10-27T02:00:00Z",
            "2024-10-27T02:00:00..2024-10-27T03:00:00",
        ),
        // From twenty to three to ten past two, by way of all that is between.
        (
            "2024-10-27T01:10:00Z",
            "Europe/Prague",
            "MINUTE",
            (-30, 0),
            "2024-10-27T00:40:00Z..2024-10-27T01:11:00Z",
            "2024-10-27T02:00:00..2024-10-27T03:00:00",
        ),
        // A change in the middle of a range of days is none to its ends.
        (
            "2024-11-03T12:30:00Z",
            "America/New_York",
            "HOUR",
            (-48, 0),
            "2024-11-01T12:00:00Z..2024-11-03T13:00:00Z",
            "2024-11-01T08:00:00..2024-11-03T08:00:00",
        ),
        // What is empty stays so, whatever the clocks show at its ends.
        (
            "2024-10-27T01:15:30Z",
            "Europe/Prague",
            "MINUTE",
            (0, -45),
            "2024-10-27T01:15:00Z..2024-10-27T00:31:00Z",
            "2024-10-27T02:15:00..2024-10-27T02:15:00",
        ),
    ] {
        let range = range(&calendar(timestamp, timezone), granularity, from, to);
        assert_eq!(instants(&range), passed, "{timestamp} {granularity} {from} {to}");
        let clocks = format!("{}..{}", range.wall_clock.start, range.wall_clock.end);
        assert_eq!(clocks, shown, "{timestamp} {granularity} {from} {to}");
    }
}

#[test]
fn clocks_put_back_at_midnight_show_a_day_again() {
    // In St. John's a minute past midnight became 23:01 of the day before.
    let again = calendar("2010-11-07T02:45:00Z", "America/St_Johns");
    assert_eq!(again.timezone.to_datetime(again.timestamp).to_string(), "2010-11-06T23:15:00");
    let today = range(&again, "DAY", 0, 0);
    assert_eq!(days(&today), "2010-11-06..2010-11-07");
    assert_eq!(instants(&today), "2010-11-07T02:30:00Z..2010-11-08T03:30:00Z");
}

#[test]
fn what_repeats_is_no_range() {
    let now = utc("2024-02-29T13:45:10Z");
    for granularity in [
        "TIMESTAMP",
        "SECOND_OF_MINUTE",
        "SECOND_OF_DAY",
        "MINUTE_OF_HOUR",
        "MINUTE_OF_DAY",
        "HOUR_OF_DAY",
        "DAY_OF_WEEK",
        "DAY_OF_MONTH",
        "DAY_OF_YEAR",
        "WEEK_OF_YEAR",
        "MONTH_OF_YEAR",
        "QUARTER_OF_YEAR",
        "FISCAL_MONTH",
        "FISCAL_QUARTER",
        "FISCAL_YEAR",
        "DECADE",
    ] {
        assert_eq!(relative(granularity, 0, 0).range(&now).unwrap(), None, "{granularity}");
    }
}

#[test]
fn dates_from_to_both_included() {
    let prague = calendar("2024-01-01T00:00:00Z", "Europe/Prague");
    let whole = |from, to| absolute(from, to).range(&prague).unwrap().unwrap();
    assert_eq!(days(&whole("2024-01-01", "2024-01-31")), "2024-01-01..2024-02-01");
    assert_eq!(days(&whole("2024-1-1", "2024-2-29")), "2024-01-01..2024-03-01");
    assert_eq!(days(&whole("2024-05-17", "2024-05-17")), "2024-05-17..2024-05-18");
    assert_eq!(days(&whole("2024-05-17", "2024-05-01")), "2024-05-17..2024-05-02");
    assert_eq!(days(&whole("0000-01-01", "0001-01-01")), "0000-01-01..0001-01-02");
    let timed = whole("2024-03-31 01:30", "2024-3-31 8:5");
    assert_eq!(timed.wall_clock.start.to_string(), "2024-03-31T01:30:00");
    assert_eq!(timed.wall_clock.end.to_string(), "2024-03-31T08:06:00");
    assert_eq!(instants(&timed), "2024-03-31T00:30:00Z..2024-03-31T06:06:00Z");
    assert_eq!(timed.days(), None);
    // Half past two was not there: the range begins when clocks jumped over it.
    assert_eq!(
        instants(&whole("2024-03-31 02:30", "2024-03-31 03:00")),
        "2024-03-31T01:00:00Z..2024-03-31T01:01:00Z",
    );
}

#[test]
fn the_end_of_time_is_open() {
    let tokyo = calendar("2024-01-01T00:00:00Z", "Asia/Tokyo");
    let open = absolute("2024-01-01", "9999-12-31").range(&tokyo).unwrap().unwrap();
    assert_eq!(open.days(), Some(date(2024, 1, 1)..date(9999, 12, 31)));
    assert_eq!((open.wall_clock.end, open.instants.end), (DateTime::MAX, Timestamp::MAX));
    for (from, to, expected) in [
        (-1, i64::MAX, (false, true)),
        (i64::MIN, 0, (true, false)),
        (i64::MIN, i64::MAX, (true, true)),
        (-12_025, 7_976, (true, true)),
    ] {
        for granularity in ["SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"] {
            if (from, granularity) == (-12_025, "YEAR") || from != -12_025 {
                let range = range(&tokyo, granularity, from, to);
                let found = (range.wall_clock.start == DateTime::MIN, range.wall_clock.end == DateTime::MAX);
                assert_eq!(found, expected, "{granularity} {from} {to}");
                let found = (range.instants.start == Timestamp::MIN, range.instants.end == Timestamp::MAX);
                assert_eq!(found, expected, "{granularity} {from} {to}");
            }
        }
    }
    let after = range(&tokyo, "YEAR", i64::MAX, i64::MAX);
    assert!(after.instants.is_empty() && after.wall_clock.is_empty());
}

#[test]
fn what_is_no_date_is_an_error() {
    let now = utc("2024-01-01T00:00:00Z");
    for wrong in [
        "",
        " ",
        "2024",
        "2024-05",
        "2024-13-01",
        "2024-02-30",
        "2023-02-29",
        "2024-00-10",
        "2024-1-0",
        "24-01-01",
        "12024-01-01",
        "-2024-01-01",
        "2024-01-01T08:30",
        "2024-01-01 25:00",
        "2024-01-01 08:60",
        "2024-01-01 8",
        "2024-01-01 ",
        "2024-01-01  08:30",
        "2024-01-01 08:30:00",
        "2024-001-01",
        "2024-+1-01",
        "２０２４-01-01",
        "2024-01-01-01",
        "yesterday",
        "2024-01-01\0",
    ] {
        for (filter, key) in [(absolute(wrong, "2024-01-01"), "from"), (absolute("2024-01-01", wrong), "to")]
        {
            let error = filter.range(&now).expect_err(wrong);
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            let message = wrong.replace('\0', "\u{fffd}");
            let message = format!("the date filter on dataset `d`: `{key}` is `{message}`, which is no date");
            assert!(error.message().starts_with(&message), "{error}");
        }
    }
}

#[test]
fn the_clock_of_a_context() {
    let at = |timestamp: &str, timezone: &str| {
        let context = json!({"executionType": "REPORT", "timestamp": timestamp, "timezone": timezone});
        read(context).unwrap().calendar()
    };
    let calendar = at("2024-09-12T12:51:26+02:00", "europe/prague").unwrap();
    assert_eq!(calendar.timestamp.to_string(), "2024-09-12T10:51:26Z");
    assert_eq!(calendar.timezone.iana_name(), Some("Europe/Prague"));
    assert_eq!(calendar.week_start, WeekStart::Sunday);
    // Older names are known everywhere, whatever the system leaves out.
    assert!(at("", "US/Pacific").is_ok());

    let before = Timestamp::now();
    let calendar = at("", "").unwrap();
    assert!(before <= calendar.timestamp && calendar.timestamp <= Timestamp::now());
    assert_eq!(calendar.timezone.iana_name(), Some("UTC"));

    for (timestamp, timezone, message) in [
        ("yesterday", "", "timestamp` is `yesterday`, which is no point in time"),
        ("2024-09-12", "", "timestamp` is `2024-09-12`, which"),
        ("2024-09-12T12:51:26", "", "timestamp` is"),
        ("2024-99-12T12:51:26Z", "", "timestamp` is"),
        ("", "../../etc/passwd", "timezone` is `../../etc/passwd`, which is no time zone known here"),
        ("", "/etc/localtime", "timezone` is"),
        ("", "Europe/Prague\0", "timezone` is"),
        ("", " ", "timezone` is"),
    ] {
        let error = at(timestamp, timezone).expect_err(message);
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.message().contains(message), "{error}");
    }
    let long = at("", &"x".repeat(100_000)).unwrap_err();
    assert!(long.message().len() < 300, "{long}");
}

#[test]
fn the_ends_of_the_calendar_are_days_like_others() {
    for (timestamp, timezone) in [
        (Timestamp::MIN, "Pacific/Kiritimati"),
        (Timestamp::MIN, "America/New_York"),
        (Timestamp::MAX, "Pacific/Kiritimati"),
        (Timestamp::MAX, "America/New_York"),
    ] {
        let now = Calendar::new(timestamp, calendar("2024-01-01T00:00:00Z", timezone).timezone);
        for granularity in ["SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"] {
            let present = range(&now, granularity, 0, 0);
            assert!(present.instants.start <= timestamp, "{granularity} {timezone} {present:?}");
            assert!(present.instants.end >= timestamp, "{granularity} {timezone} {present:?}");
            for offset in [i64::MIN, i64::MIN + 1, -7_305_000, -20_000, -1, 1, 20_000, 7_305_000, i64::MAX] {
                let other = range(&now, granularity, offset, offset);
                assert!(other.instants.start <= other.instants.end, "{granularity} {timezone} {offset}");
                assert!(other.wall_clock.start <= other.wall_clock.end, "{granularity} {timezone} {offset}");
            }
        }
    }
}
