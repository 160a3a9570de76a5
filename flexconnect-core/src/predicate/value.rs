//! The literals of a predicate: one scalar of the flat Arrow types, never null.

use std::fmt;
use std::sync::Arc;

use arrow_buffer::i256;
use arrow_schema::TimeUnit;

use crate::scalar::unit::nanoseconds;
use crate::scalar::{decimal, iso};

/// A scalar to compare a column with. There is no null: that is what `is null` is for.
///
/// Each family of Arrow types has one variant that holds its values exactly; which column a value can be
/// compared with is said at [`Predicate::check`](super::Predicate::check).
///
/// ```
/// use flexconnect_core::Value;
/// use flexconnect_core::arrow_schema::DataType;
/// use serde_json::json;
///
/// assert_eq!(Value::from(5), Value::Int64(5));
/// let day = Value::from_json(&json!("2024-05-17"), &DataType::Date32)?;
/// assert_eq!(day, Value::Date32(19_860));
/// assert_eq!(day.to_string(), "2024-05-17");
/// # Ok::<(), flexconnect_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// True or false.
    Boolean(bool),
    /// An integer.
    Int64(i64),
    /// An integer that may be above the range of [`Int64`](Self::Int64).
    UInt64(u64),
    /// A float of any width. Against a decimal column it stands for its shortest decimal text: `0.1` is one
    /// tenth.
    Float64(f64),
    /// Text, for every text encoding.
    Utf8(String),
    /// Bytes, for every bytes encoding.
    Binary(Vec<u8>),
    /// Days since 1970-01-01, for `Date32` and `Date64` columns.
    Date32(i32),
    /// Nanoseconds since midnight, for time columns of every unit.
    Time64(i64),
    /// A point in time.
    Timestamp {
        /// Units since 1970-01-01T00:00:00.
        value: i64,
        /// The unit.
        unit: TimeUnit,
        /// The column's time zone, a label: the value is in UTC. Without one it is a wall clock's.
        timezone: Option<Arc<str>>,
    },
    /// A length of time.
    Duration {
        /// How many units.
        value: i64,
        /// The unit.
        unit: TimeUnit,
    },
    /// The decimal number `value × 10^-scale`.
    Decimal128 {
        /// All digits, without the point.
        value: i128,
        /// Digits after the point.
        scale: i8,
    },
    /// The decimal number `value × 10^-scale`, with more digits than 128 bits hold.
    Decimal256 {
        /// All digits, without the point.
        value: i256,
        /// Digits after the point.
        scale: i8,
    },
}

impl Value {
    /// The value as a message shows it: its kind and the beginning of its text.
    pub(crate) fn describe(&self) -> String {
        const LONGEST: usize = 40;
        let kind = self.kind();
        let (shown, cut) = match self {
            Value::Utf8(text) => match text.char_indices().nth(LONGEST) {
                Some((end, _)) => (text[..end].to_owned(), true),
                None => (text.clone(), false),
            },
            Value::Binary(bytes) => (hex(&bytes[..bytes.len().min(LONGEST / 2)]), bytes.len() > LONGEST / 2),
            other => (other.to_string(), false),
        };
        format!("{kind} `{shown}{}`", if cut { "…" } else { "" })
    }

    /// What kind of value this is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Boolean(_) => "the boolean",
            Value::Int64(_) | Value::UInt64(_) | Value::Float64(_) => "the number",
            Value::Utf8(_) => "the text",
            Value::Binary(_) => "the bytes",
            Value::Date32(_) => "the date",
            Value::Time64(_) => "the time",
            Value::Timestamp { timezone: None, .. } => "the date and time",
            Value::Timestamp { .. } => "the instant",
            Value::Duration { .. } => "the duration",
            Value::Decimal128 { .. } | Value::Decimal256 { .. } => "the decimal",
        }
    }
}

/// As a person would write it; text and bytes in quotes.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Boolean(value) => value.fmt(f),
            Value::Int64(value) => value.fmt(f),
            Value::UInt64(value) => value.fmt(f),
            Value::Float64(value) => value.fmt(f),
            Value::Utf8(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Value::Binary(bytes) => write!(f, "X'{}'", hex(bytes)),
            Value::Date32(days) => f.write_str(&iso::format_date(i64::from(*days))),
            // A time outside of a day is no time of day; its length says what it is.
            Value::Time64(nanos) if (0..86_400_000_000_000).contains(nanos) => {
                f.write_str(&iso::format_time(i128::from(*nanos)))
            }
            Value::Time64(nanos) => f.write_str(&iso::format_duration(i128::from(*nanos))),
            Value::Timestamp { value, unit, timezone } => {
                let nanos = i128::from(*value) * nanoseconds(*unit);
                f.write_str(&iso::format_date_time(nanos, timezone.is_some()))
            }
            Value::Duration { value, unit } => {
                f.write_str(&iso::format_duration(i128::from(*value) * nanoseconds(*unit)))
            }
            Value::Decimal128 { value, scale } => f.write_str(&decimal::format(i256::from(*value), *scale)),
            Value::Decimal256 { value, scale } => f.write_str(&decimal::format(*value, *scale)),
        }
    }
}

macro_rules! value_from {
    ($($native:ty => $variant:ident),* $(,)?) => {$(
        impl From<$native> for Value {
            fn from(value: $native) -> Self {
                Value::$variant(value.into())
            }
        }
    )*};
}

value_from! {
    bool => Boolean,
    i8 => Int64, i16 => Int64, i32 => Int64, i64 => Int64,
    u8 => UInt64, u16 => UInt64, u32 => UInt64, u64 => UInt64,
    f32 => Float64, f64 => Float64,
    &str => Utf8, String => Utf8,
    &[u8] => Binary, Vec<u8> => Binary,
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_like_literals() {
        assert_eq!(Value::from("it's").to_string(), "'it''s'");
        assert_eq!(Value::from(vec![0u8, 255]).to_string(), "X'00ff'");
        assert_eq!(Value::Decimal128 { value: 1250, scale: 2 }.to_string(), "12.50");
        assert_eq!(Value::from(1.5f32).to_string(), "1.5");
    }
}
