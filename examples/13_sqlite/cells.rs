//! Cells on their way out: what SQLite stores, as values of a column's kind.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use flexconnect_core::Value;
use flexconnect_core::arrow_schema::TimeUnit;
use rusqlite::types::ValueRef;

use super::column::Kind;

/// Puts the value of a cell into its place in the row; null is none. What the place held is used again, so
/// that text does not take memory anew for each row.
///
/// A column of text takes values of every class, since not all were declared to be text: integers, and floats
/// by the shortest text that says which, and bytes that are UTF-8.
///
/// # Errors
/// What the value is instead, for a message: it is of another class than the column, and nothing is made up.
pub(super) fn read_cell(kind: Kind, stored: ValueRef<'_>, cell: &mut Option<Value>) -> Result<(), String> {
    let value = match (kind, stored) {
        (_, ValueRef::Null) => {
            *cell = None;
            return Ok(());
        }
        (Kind::Integer, ValueRef::Integer(value)) => Value::Int64(value),
        (Kind::Real, ValueRef::Real(value)) => Value::Float64(value),
        (Kind::Real, ValueRef::Integer(value)) if is_exact(value) => Value::Float64(value as f64),
        (Kind::Text, ValueRef::Integer(value)) => Value::Utf8(value.to_string()),
        (Kind::Text, ValueRef::Real(value)) => Value::Utf8(format!("{value:?}")),
        (Kind::Text, ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => {
            let text = std::str::from_utf8(bytes).map_err(|_| described(stored))?;
            if let Some(Value::Utf8(place)) = cell {
                place.clear();
                place.push_str(text);
                return Ok(());
            }
            Value::Utf8(text.to_owned())
        }
        (Kind::Bytes, ValueRef::Blob(bytes)) => {
            if let Some(Value::Binary(place)) = cell {
                place.clear();
                place.extend_from_slice(bytes);
                return Ok(());
            }
            Value::Binary(bytes.to_vec())
        }
        (Kind::Date, ValueRef::Text(bytes)) => date(bytes).ok_or_else(|| described(stored))?,
        (Kind::DateTime, ValueRef::Text(bytes)) => date_time(bytes).ok_or_else(|| described(stored))?,
        _ => return Err(described(stored)),
    };
    *cell = Some(value);
    Ok(())
}

/// Whether a float holds this integer.
pub(super) fn is_exact(integer: i64) -> bool {
    // 2^63 as a float is out of range, and the cast back would come out right for a wrong reason.
    let float = integer as f64;
    float < 9_223_372_036_854_775_808.0 && float as i64 == integer
}

fn date(bytes: &[u8]) -> Option<Value> {
    let date = NaiveDate::parse_from_str(std::str::from_utf8(bytes).ok()?, "%Y-%m-%d").ok()?;
    let days = date.signed_duration_since(DateTime::UNIX_EPOCH.date_naive()).num_days();
    Some(Value::Date32(i32::try_from(days).ok()?))
}

fn date_time(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    // SQLite's own functions write a space, and read the letter of ISO 8601 as well.
    let parsed = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    let nanos_below = parsed.and_utc().timestamp_subsec_nanos() % 1_000;
    let value = (nanos_below == 0).then(|| parsed.and_utc().timestamp_micros())?;
    Some(Value::Timestamp { value, unit: TimeUnit::Microsecond, timezone: None })
}

/// A stored value in words, and not too many.
fn described(stored: ValueRef<'_>) -> String {
    const SHOWN: usize = 40;
    match stored {
        ValueRef::Null => "a null".into(),
        ValueRef::Integer(value) => format!("the integer {value}"),
        ValueRef::Real(value) => format!("the number {value:?}"),
        ValueRef::Blob(bytes) => format!("a BLOB of {} bytes", bytes.len()),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => {
                let shown: String = text.chars().take(SHOWN).collect();
                let more = if shown.len() < text.len() { "…" } else { "" };
                format!("the text {shown:?}{more}")
            }
            Err(_) => format!("text of {} bytes that are not UTF-8", bytes.len()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(kind: Kind, stored: ValueRef<'_>) -> Result<Option<Value>, String> {
        // A place that was used: nothing of what it held may stay.
        let mut cell = Some(Value::from("used"));
        read_cell(kind, stored, &mut cell).map(|()| cell)
    }

    #[test]
    fn each_kind_takes_its_own_class_and_nothing_is_made_up() {
        let text = |text: &'static str| ValueRef::Text(text.as_bytes());
        for (kind, stored, expected) in [
            (Kind::Integer, ValueRef::Integer(i64::MIN), Ok(Some(Value::Int64(i64::MIN)))),
            (Kind::Integer, ValueRef::Null, Ok(None)),
            (Kind::Integer, ValueRef::Real(1.0), Err("the number 1.0".into())),
            (Kind::Integer, text("1"), Err("the text \"1\"".into())),
            (Kind::Real, ValueRef::Integer(1 << 60), Ok(Some(Value::Float64(2f64.powi(60))))),
            (Kind::Real, ValueRef::Integer(i64::MAX), Err(format!("the integer {}", i64::MAX))),
            (Kind::Real, ValueRef::Integer((1 << 53) + 1), Err("the integer 9007199254740993".into())),
            (Kind::Text, ValueRef::Integer(-5), Ok(Some("-5".into()))),
            (Kind::Text, ValueRef::Real(0.1), Ok(Some("0.1".into()))),
            (Kind::Text, ValueRef::Real(3.0), Ok(Some("3.0".into()))),
            (Kind::Text, ValueRef::Blob(b"ok"), Ok(Some("ok".into()))),
            (Kind::Text, ValueRef::Blob(b"\xff"), Err("a BLOB of 1 bytes".into())),
            (Kind::Bytes, ValueRef::Blob(b"\xff"), Ok(Some(vec![255u8].into()))),
            (Kind::Bytes, text("x"), Err("the text \"x\"".into())),
            (Kind::Date, text("2024-05-17"), Ok(Some(Value::Date32(19_860)))),
            (Kind::Date, text("2024-05-17 00:00:00"), Err("the text \"2024-05-17 00:00:00\"".into())),
            (Kind::Date, ValueRef::Integer(5), Err("the integer 5".into())),
        ] {
            assert_eq!(cell(kind, stored), expected, "{kind:?} {stored:?}");
        }
    }

    #[test]
    fn dates_and_times_are_read_as_sqlite_writes_them() {
        let micros = |text: &'static str| match cell(Kind::DateTime, ValueRef::Text(text.as_bytes())) {
            Ok(Some(Value::Timestamp { value, .. })) => Some(value),
            _ => None,
        };
        assert_eq!(micros("1970-01-02 00:00:00"), Some(86_400_000_000));
        assert_eq!(micros("1970-01-02T00:00:00.25"), Some(86_400_250_000));
        assert_eq!(micros("1970-01-02"), Some(86_400_000_000));
        assert_eq!(micros("1970-01-02 00:00:00.0000001"), None);
        assert_eq!(micros("1970-01-02 00:00:00Z"), None);
        assert_eq!(micros("tomorrow"), None);
    }
}
