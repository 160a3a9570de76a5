//! Arrow's time units, counted in nanoseconds.

use arrow_schema::TimeUnit;

/// Nanoseconds of one unit.
pub(crate) const fn nanoseconds(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

/// The unit in words, many of them.
pub(crate) const fn plural(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "seconds",
        TimeUnit::Millisecond => "milliseconds",
        TimeUnit::Microsecond => "microseconds",
        TimeUnit::Nanosecond => "nanoseconds",
    }
}

/// Nanoseconds of a day.
pub(crate) const DAY: i128 = 86_400 * 1_000_000_000;
