//! The time a date filter leaves, and what that means for a column.

use std::ops::Range;

use flexconnect_core::arrow_schema::{DataType, Field, TimeUnit};
use flexconnect_core::{CompareOp, Predicate, Value};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, date};

use super::column::shown_type;

/// A range of time, its end excluded: as clocks on the wall show it, and as instants.
///
/// An end at the maximum of its type, in the year 9999, is open, as is a start at the minimum: the calendar reaches no
/// further.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DateRange {
    /// What a clock and a calendar in the context's time zone show.
    pub wall_clock: Range<DateTime>,
    /// The instants themselves.
    pub instants: Range<Timestamp>,
}

impl DateRange {
    /// The days, when the range begins and ends at midnight.
    pub fn days(&self) -> Option<Range<Date>> {
        let Range { start, end } = self.wall_clock;
        let day = |moment: DateTime| (moment == moment.start_of_day()).then(|| moment.date());
        let end = if end == DateTime::MAX { Date::MAX } else { day(end)? };
        Some(day(start)?..end)
    }

    /// The range as a predicate on this column; `None` when the column's values cannot be held against it.
    ///
    /// - A column of dates needs a range of whole [`days`](Self::days).
    /// - A column of timestamps without a time zone is compared with [`wall_clock`](Self::wall_clock).
    /// - A column of timestamps with a time zone is compared with [`instants`](Self::instants).
    pub fn to_predicate(&self, field: &Field) -> Option<Predicate> {
        let wall_clock = &self.wall_clock;
        let (start_open, end_open) = (wall_clock.start == DateTime::MIN, wall_clock.end == DateTime::MAX);
        let (start, end, start_open, end_open) = match shown_type(field.data_type()) {
            DataType::Date32 | DataType::Date64 => {
                let days = self.days()?;
                (date_value(days.start), date_value(days.end), start_open, end_open)
            }
            DataType::Timestamp(_, None) => {
                let value = |moment: DateTime| timestamp_value(moment.duration_since(EPOCH).as_secs(), None);
                (value(wall_clock.start), value(wall_clock.end), start_open, end_open)
            }
            DataType::Timestamp(_, Some(timezone)) => {
                let value = |moment: Timestamp| timestamp_value(moment.as_second(), Some(timezone.clone()));
                let Range { start, end } = self.instants;
                (value(start), value(end), start == Timestamp::MIN, end == Timestamp::MAX)
            }
            _ => return None,
        };
        let bound =
            |op, value, open: bool| (!open).then(|| Predicate::compare(field.name().as_str(), op, value));
        let bounds = [bound(CompareOp::GtEq, start, start_open), bound(CompareOp::Lt, end, end_open)];
        let mut bounds: Vec<_> = bounds.into_iter().flatten().collect();
        if bounds.is_empty() {
            // A row without a date lies in no range.
            bounds.push(Predicate::IsNull { column: field.name().clone(), negated: true });
        }
        Some(Predicate::And(bounds))
    }
}

/// Midnight of 1970-01-01, from which Arrow counts.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

fn date_value(day: Date) -> Value {
    let days = day.duration_since(date(1970, 1, 1)).as_hours() / 24;
    Value::Date32(days.try_into().expect("a civil date is within 12,000 years of 1970"))
}

/// Bounds are whole seconds: no period is shorter, and no clock is off by less.
fn timestamp_value(seconds: i64, timezone: Option<std::sync::Arc<str>>) -> Value {
    Value::Timestamp { value: seconds, unit: TimeUnit::Second, timezone }
}
