//! Dates, times, instants and durations as ISO 8601 text: one strict form each, exact to the nanosecond.
//!
//! * date: `2024-05-17`
//! * time: `08:30:00`, with up to nine digits after a point
//! * instant: date, `T` or a space, time, and `Z` or an offset such as `+02:00`; without an offset it is
//!   a local date and time
//! * duration: `P1DT2H3M4.5S`, any part may be missing
//!
//! A year outside 0000 to 9999 carries a sign (`+12024-05-17`, `-0044-03-15`), so that every value of an
//! Arrow column can be written and read back.

use super::unit::DAY;

const SECOND: i128 = 1_000_000_000;

/// A date and time of day, and the distance from UTC when one is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DateTime {
    /// Nanoseconds from 1970-01-01T00:00:00 on the wall clock.
    local: i128,
    /// Seconds east of UTC.
    offset: Option<i32>,
}

impl DateTime {
    /// Nanoseconds from the epoch in UTC; `None` when no offset is written.
    pub(crate) fn instant(self) -> Option<i128> {
        self.offset.map(|seconds| self.local - i128::from(seconds) * SECOND)
    }

    /// Nanoseconds from the epoch on the wall clock; `None` when an offset is written.
    pub(crate) fn wall_clock(self) -> Option<i128> {
        self.offset.is_none().then_some(self.local)
    }
}

/// Days from 1970-01-01.
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    let mut cursor = Cursor(text.as_bytes());
    let days = cursor.date()?;
    cursor.end().then_some(days)
}

/// Nanoseconds from midnight.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let mut cursor = Cursor(text.as_bytes());
    let nanos = cursor.time()?;
    cursor.end().then_some(nanos)
}

/// A date and time, with or without an offset.
pub(crate) fn parse_date_time(text: &str) -> Option<DateTime> {
    let mut cursor = Cursor(text.as_bytes());
    let days = cursor.date()?;
    cursor.one_of(b"Tt ")?;
    let nanos = cursor.time()?;
    let offset = if cursor.end() { None } else { Some(cursor.offset()?) };
    let local = i128::from(days) * DAY + i128::from(nanos);
    cursor.end().then_some(DateTime { local, offset })
}

/// A length of time in nanoseconds.
pub(crate) fn parse_duration(text: &str) -> Option<i128> {
    let mut cursor = Cursor(text.as_bytes());
    let negative = cursor.one_of(b"+-") == Some(b'-');
    cursor.one_of(b"P")?;
    let (mut total, mut parts, mut in_time) = (0i128, 0, false);
    // Each part may appear once, in this order; the rank of the last one seen keeps it so.
    let mut rank = 0;
    while !cursor.end() {
        if !in_time && cursor.one_of(b"T").is_some() {
            in_time = true;
            parts = 0;
        }
        let whole = cursor.number(19)?;
        let fraction = cursor.fraction()?;
        let (this, nanos) = match (cursor.one_of(b"DHMS")?, in_time) {
            (b'D', false) => (1, DAY),
            (b'H', true) => (2, 3_600 * SECOND),
            (b'M', true) => (3, 60 * SECOND),
            (b'S', true) => (4, SECOND),
            _ => return None,
        };
        if this <= rank || (fraction.is_some() && this != 4) {
            return None;
        }
        rank = this;
        parts += 1;
        total = total.checked_add(i128::from(whole) * nanos + i128::from(fraction.unwrap_or(0)))?;
    }
    // `P`, `PT` and `P1DT` name nothing where something is due.
    (parts > 0).then_some(if negative { -total } else { total })
}

/// A date, from days since 1970-01-01.
pub(crate) fn format_date(days: i64) -> String {
    let (year, month, day) = civil_from_days(days);
    match year {
        0..=9999 => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:+05}-{month:02}-{day:02}"),
    }
}

/// A time of day, from nanoseconds since midnight; without a fraction when it is zero.
pub(crate) fn format_time(nanos: i128) -> String {
    let (seconds, fraction) = (nanos / SECOND, nanos % SECOND);
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    clock + &format_fraction(fraction)
}

/// A date and time, from nanoseconds since the epoch; `Z` marks an instant.
pub(crate) fn format_date_time(nanos: i128, instant: bool) -> String {
    let days = i64::try_from(nanos.div_euclid(DAY)).expect("an i64 of seconds has far fewer days");
    let zone = if instant { "Z" } else { "" };
    format!("{}T{}{zone}", format_date(days), format_time(nanos.rem_euclid(DAY)))
}

/// A duration in seconds.
pub(crate) fn format_duration(nanos: i128) -> String {
    let (sign, size) = if nanos < 0 { ("-", -nanos) } else { ("", nanos) };
    format!("{sign}PT{}{}S", size / SECOND, format_fraction(size % SECOND))
}

fn format_fraction(nanos: i128) -> String {
    if nanos == 0 {
        return String::new();
    }
    format!(".{nanos:09}").trim_end_matches('0').to_owned()
}

/// What is left of the text, read from the front.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn end(&self) -> bool {
        self.0.is_empty()
    }

    fn one_of(&mut self, allowed: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        allowed.contains(&first).then(|| {
            self.0 = rest;
            first
        })
    }

    /// Exactly this many digits.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let value = digits.iter().try_fold(0i64, |value, digit| {
            let digit = digit.is_ascii_digit().then(|| i64::from(digit - b'0'))?;
            value.checked_mul(10)?.checked_add(digit)
        })?;
        self.0 = rest;
        Some(value)
    }

    /// One to `most` digits, all that follow.
    fn number(&mut self, most: usize) -> Option<i64> {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if (1..=most).contains(&count) { self.digits(count) } else { None }
    }

    fn two(&mut self, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        self.digits(2).filter(|value| range.contains(value))
    }

    /// Nanoseconds after the point; `Some(None)` when there is no point.
    fn fraction(&mut self) -> Option<Option<i64>> {
        if self.one_of(b".").is_none() {
            return Some(None);
        }
        let before = self.0.len();
        let value = self.number(9)?;
        let written = before - self.0.len();
        Some(Some((written..9).fold(value, |value, _| value * 10)))
    }

    fn date(&mut self) -> Option<i64> {
        let year = match self.one_of(b"+-") {
            // Twelve digits hold every year an i64 of seconds can name.
            Some(sign) if (4..=12).contains(&self.0.iter().take_while(|b| b.is_ascii_digit()).count()) => {
                let year = self.number(12)?;
                if sign == b'-' { -year } else { year }
            }
            Some(_) => return None,
            None => self.digits(4)?,
        };
        self.one_of(b"-")?;
        let month = self.two(1..=12)?;
        self.one_of(b"-")?;
        let day = self.two(1..=days_in_month(year, month))?;
        Some(days_from_civil(year, month, day))
    }

    fn time(&mut self) -> Option<i64> {
        let hour = self.two(0..=23)?;
        self.one_of(b":")?;
        let minute = self.two(0..=59)?;
        self.one_of(b":")?;
        let second = self.two(0..=59)?;
        let fraction = self.fraction()?.unwrap_or(0);
        Some(((hour * 60 + minute) * 60 + second) * 1_000_000_000 + fraction)
    }

    /// Seconds east of UTC.
    fn offset(&mut self) -> Option<i32> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let hour = self.two(0..=23)?;
        self.one_of(b":")?;
        let minute = self.two(0..=59)?;
        i32::try_from(sign * (hour * 60 + minute) * 60).ok()
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
///
/// Years are counted from March, so that the leap day is a year's last; 400 years are always 146,097 days.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    // In i128, since the shift of the epoch may leave i64.
    let shifted = i128::from(days) + 719_468;
    let era = i64::try_from(shifted.div_euclid(146_097)).expect("an i64 divided by 146,097 is an i64");
    let day_of_era = i64::try_from(shifted.rem_euclid(146_097)).expect("below 146,097");
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_with_known_day_numbers() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2000-03-01", 11_017),
            ("2024-05-17", 19_860),
            ("1900-03-01", -25_508),
            ("0000-01-01", -719_528),
            ("0001-01-01", -719_162),
            ("9999-12-31", 2_932_896),
            ("-0044-03-15", -735_525),
        ] {
            assert_eq!(parse_date(text), Some(days), "{text}");
            assert_eq!(format_date(days), text);
        }
    }

    #[test]
    fn every_day_number_comes_back() {
        let edges = [i64::from(i32::MIN), i64::from(i32::MAX), -106_751_991_167_301, 106_751_991_167_300];
        for days in (-1_000_000..1_000_000).step_by(97).chain(edges) {
            assert_eq!(parse_date(&format_date(days)), Some(days), "{days}");
        }
        for days in [i64::MIN, i64::MAX] {
            civil_from_days(days);
        }
    }

    #[test]
    fn dates_that_are_not() {
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-01-00",
            "2024-04-31",
            "2024-1-1",
            "24-01-01",
            "20240101",
            "2024-01-01 ",
            " 2024-01-01",
            "+1-01-01",
            "-01-01",
            "2024-01-01T",
            "",
            "-",
            "２０２４-01-01",
            "+1234567890123-01-01",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn times_of_day() {
        for (text, nanos) in
            [("00:00:00", 0), ("23:59:59.999999999", 86_399_999_999_999), ("08:30:00.25", 30_600_250_000_000)]
        {
            assert_eq!(parse_time(text), Some(nanos));
            assert_eq!(format_time(i128::from(nanos)), text);
        }
        assert_eq!(parse_time("08:30:00.000"), parse_time("08:30:00"));
        for text in
            ["24:00:00", "08:60:00", "08:30:60", "08:30", "8:30:00", "08:30:00.", "08:30:00.1234567890"]
        {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn instants_with_and_without_offset() {
        let second = |text| parse_date_time(text).and_then(DateTime::instant).map(|nanos| nanos / SECOND);
        assert_eq!(second("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(second("2024-05-17T08:30:00Z"), Some(1_715_934_600));
        assert_eq!(second("2024-05-17 10:30:00+02:00"), Some(1_715_934_600));
        assert_eq!(second("2024-05-17t03:00:00-05:30"), Some(1_715_934_600));
        assert_eq!(second("2024-05-17T08:30:00"), None);
        let wall = parse_date_time("1969-12-31T23:59:59.5").and_then(DateTime::wall_clock);
        assert_eq!(wall, Some(-500_000_000));
        assert_eq!(format_date_time(-500_000_000, false), "1969-12-31T23:59:59.5");
        assert_eq!(format_date_time(0, true), "1970-01-01T00:00:00Z");
        for text in
            ["2024-05-17", "2024-05-17T08:30:00+2", "2024-05-17T08:30:00+24:00", "2024-05-17T08:30:00ZZ"]
        {
            assert_eq!(parse_date_time(text), None, "{text}");
        }
    }

    #[test]
    fn every_instant_comes_back() {
        for seconds in [i64::MIN, i64::MAX, 0, -1, 253_402_300_799, 253_402_300_800] {
            let nanos = i128::from(seconds) * SECOND;
            let text = format_date_time(nanos, true);
            assert_eq!(parse_date_time(&text).and_then(DateTime::instant), Some(nanos), "{text}");
        }
    }

    #[test]
    fn durations() {
        for (text, nanos) in [
            ("PT0S", 0),
            ("PT1.5S", 1_500_000_000),
            ("-PT0.000000001S", -1),
            ("PT9223372036854775807S", i128::from(i64::MAX) * SECOND),
        ] {
            assert_eq!(format_duration(nanos), text);
            assert_eq!(parse_duration(text), Some(nanos));
        }
        assert_eq!(parse_duration("PT9999999999999999999S"), None);
        assert_eq!(parse_duration("P1DT2H3M4.5S"), Some(DAY + 7_384_500_000_000));
        assert_eq!(parse_duration("-PT90M"), Some(-5_400 * SECOND));
        assert_eq!(parse_duration("PT1.5S"), Some(1_500_000_000));
        for text in
            ["P", "PT", "P1DT", "1D", "P1H", "PT1D", "PT1M1H", "PT1.5M", "P1Y", "PT1S ", "PT-1S", "PT1S1S"]
        {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
