//! Values in JSON: read by the type of their column, written so that they are read back.

use arrow_schema::DataType;
use serde_json::Value as Json;

use super::comparable::{fits, invalid, leaf_type};
use super::value::{Value, hex};
use crate::error::Error;
use crate::scalar::float::round_to;
use crate::scalar::json::{self, Reason, misfit};
use crate::scalar::unit::nanoseconds;

impl Value {
    /// Reads a JSON value for a column of this type (of a dictionary: of its values' type).
    ///
    /// Numbers, booleans and text are taken as they are. Integers and decimals may be text, so that no digit
    /// is lost on the way; dates, times, instants and durations are ISO 8601 text, or a number in the
    /// column's unit; bytes are text of hexadecimal digits; infinite floats are `"inf"` and `"-inf"`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) for a value the column could not hold (the message shows the value, the
    /// type and the reason), for null, which points to `is null`, and for types that cannot be compared.
    pub fn from_json(value: &Json, data_type: &DataType) -> Result<Value, Error> {
        if value.is_null() {
            return Err(invalid("null cannot be compared; use the operator `is null` or `is not null`"));
        }
        let Some(leaf) = leaf_type(data_type) else {
            return Err(invalid(format!(
                "a column of type {data_type} cannot be compared; {}",
                fits(data_type)
            )));
        };
        read(value, leaf).map_err(|reason| invalid(misfit(value, data_type, &reason)))
    }

    /// This value as JSON that [`from_json`](Self::from_json) reads back for a column of its type: integers
    /// beyond 2^53 and decimals as text, dates and times in ISO 8601 form.
    pub fn to_json(&self) -> Json {
        const EXACT: u64 = 1 << 53;
        match self {
            Value::Boolean(value) => Json::from(*value),
            Value::Int64(value) if value.unsigned_abs() <= EXACT => Json::from(*value),
            Value::UInt64(value) if *value <= EXACT => Json::from(*value),
            Value::Float64(value) if value.is_finite() => Json::from(*value),
            Value::Utf8(text) => Json::from(text.as_str()),
            Value::Binary(bytes) => Json::from(hex(bytes)),
            other => Json::from(other.to_string()),
        }
    }
}

/// Reads a value that is not null for a flat type.
fn read(value: &Json, leaf: &DataType) -> Result<Value, Reason> {
    use DataType::*;
    Ok(match leaf {
        Boolean => Value::Boolean(json::boolean(value)?),
        Int8 => Value::Int64(integer::<i8>(value)?.into()),
        Int16 => Value::Int64(integer::<i16>(value)?.into()),
        Int32 => Value::Int64(integer::<i32>(value)?.into()),
        Int64 => Value::Int64(integer::<i64>(value)?),
        UInt8 => Value::UInt64(integer::<u8>(value)?.into()),
        UInt16 => Value::UInt64(integer::<u16>(value)?.into()),
        UInt32 => Value::UInt64(integer::<u32>(value)?.into()),
        UInt64 => Value::UInt64(integer::<u64>(value)?),
        Float16 | Float32 | Float64 => Value::Float64(float(value, round_to(leaf))?),
        Decimal32(precision, scale) | Decimal64(precision, scale) | Decimal128(precision, scale) => {
            let value = json::decimal(value, *precision, *scale)?;
            Value::Decimal128 { value: value.to_i128().ok_or("it has too many digits")?, scale: *scale }
        }
        Decimal256(precision, scale) => {
            Value::Decimal256 { value: json::decimal(value, *precision, *scale)?, scale: *scale }
        }
        Utf8 | LargeUtf8 | Utf8View => Value::Utf8(json::text(value)?.to_owned()),
        Binary | LargeBinary | BinaryView => Value::Binary(bytes(value)?),
        FixedSizeBinary(size) => match bytes(value)? {
            bytes if usize::try_from(*size) == Ok(bytes.len()) => Value::Binary(bytes),
            bytes => return Err(format!("it is {} bytes long", bytes.len()).into()),
        },
        Date32 => Value::Date32(json::date32(value)?),
        Date64 => {
            let days = json::date64(value)?.div_euclid(86_400_000);
            Value::Date32(json::narrow(days.into())?)
        }
        Time32(unit) | Time64(unit) => {
            // Within one day, so that the nanoseconds fit.
            let nanos = i128::from(json::time(value, *unit)?) * nanoseconds(*unit);
            Value::Time64(json::narrow(nanos)?)
        }
        Timestamp(unit, timezone) => Value::Timestamp {
            value: json::timestamp(value, *unit, timezone.is_some())?,
            unit: *unit,
            timezone: timezone.clone(),
        },
        Duration(unit) => Value::Duration { value: json::duration(value, *unit)?, unit: *unit },
        // Nothing equals a value of a column that has none; the value's own type is kept.
        Null => match value {
            Json::Bool(value) => Value::Boolean(*value),
            Json::String(text) => Value::Utf8(text.clone()),
            Json::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => Value::Int64(value),
                (None, Some(value)) => Value::UInt64(value),
                (None, None) => Value::Float64(number.as_f64().ok_or("it is outside the range")?),
            },
            _ => return Err("a number, text, `true` or `false` is expected".into()),
        },
        _ => return Err("columns of this type cannot be compared".into()),
    })
}

/// An integer, or one as text.
fn integer<N: TryFrom<i128>>(value: &Json) -> Result<N, Reason> {
    match value {
        Json::String(text) => json::narrow(text.parse().map_err(|_| "the text is not a whole number")?),
        _ => json::native(value),
    }
}

/// A number, or one as text.
fn float(value: &Json, round: fn(f64) -> f64) -> Result<f64, Reason> {
    let Json::String(text) = value else {
        return json::float(value, round);
    };
    match (text.parse::<i128>(), text.parse::<f64>()) {
        (Ok(whole), _) => json::whole_float(whole, round),
        (_, Ok(infinite)) if matches!(text.as_str(), "inf" | "-inf") => Ok(infinite),
        (_, Ok(finite)) if finite.is_finite() => json::finite_float(finite, round),
        _ => Err("the text is not a number".into()),
    }
}

fn bytes(value: &Json) -> Result<Vec<u8>, Reason> {
    const EXPECTED: Reason = Reason::Borrowed("bytes are text of hexadecimal digits, two for each byte");
    let text = value.as_str().ok_or(EXPECTED)?.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.chunks(2).map(|pair| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    pairs.collect::<Option<_>>().ok_or(EXPECTED)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use DataType::*;
    use arrow_schema::TimeUnit;
    use serde_json::json;

    use super::*;
    use crate::error::ErrorKind;

    fn utc() -> Option<Arc<str>> {
        Some("UTC".into())
    }

    #[test]
    fn json_round_trips_exactly() {
        for (data_type, value) in [
            (Boolean, json!(true)),
            (Int8, json!(-128)),
            (Int64, json!("-9223372036854775808")),
            (UInt64, json!("18446744073709551615")),
            (UInt64, json!(9_007_199_254_740_992_u64)),
            (Float32, json!(0.5)),
            (Float64, json!(0.1)),
            (Float64, json!(5.0)),
            (Float64, json!("-inf")),
            (Utf8, json!("it's")),
            (Dictionary(Int8.into(), Utf8View.into()), json!("")),
            (Binary, json!("00ff")),
            (FixedSizeBinary(2), json!("abcd")),
            (Date32, json!("2024-05-17")),
            (Date64, json!("-0044-03-15")),
            (Time32(TimeUnit::Second), json!("08:30:00")),
            (Time64(TimeUnit::Nanosecond), json!("23:59:59.999999999")),
            (Timestamp(TimeUnit::Microsecond, utc()), json!("2024-05-17T08:30:00.25Z")),
            (Timestamp(TimeUnit::Second, None), json!("1969-12-31T23:59:59")),
            (Timestamp(TimeUnit::Second, utc()), json!("+292277026596-12-04T15:30:07Z")),
            (Duration(TimeUnit::Millisecond), json!("-PT1.5S")),
            (Decimal32(9, 2), json!("-0.05")),
            (Decimal128(38, 10), json!("1234567890123456789012345678.0123456789")),
            (Decimal256(76, 0), json!("9".repeat(76))),
            (Decimal64(5, -2), json!("12e2")),
            (Null, json!("anything")),
        ] {
            let read = Value::from_json(&value, &data_type).unwrap();
            assert_eq!(read.to_json(), value, "{data_type}: {read:?}");
            assert_eq!(Value::from_json(&read.to_json(), &data_type).unwrap(), read);
        }
    }

    #[test]
    fn what_does_not_fit_says_why() {
        for (data_type, value, reason) in [
            (Int64, json!(5.5), "the number `5.5` does not fit Int64: it has a fraction"),
            (Int8, json!(1000), "the number `1000` does not fit Int8: it is outside the range"),
            (UInt8, json!("-1"), "the text `\"-1\"` does not fit UInt8: it is outside the range"),
            (Int64, json!("abc"), "the text is not a whole number"),
            (Int64, json!(true), "a whole number is expected"),
            (Float64, json!("NaN"), "the text is not a number"),
            (Float64, json!("9007199254740993"), "the whole number is not exact as a float"),
            (Utf8, json!(5), "text is expected"),
            (Boolean, json!("true"), "`true` or `false` is expected"),
            (Date32, json!("17.5.2024"), "a date is written like `2024-05-17`"),
            (Timestamp(TimeUnit::Second, utc()), json!("2024-05-17"), "an instant is written like"),
            (FixedSizeBinary(16), json!("00"), "it is 1 bytes long"),
            (Binary, json!("0"), "bytes are text of hexadecimal digits"),
            (Binary, json!("0é"), "bytes are text of hexadecimal digits"),
            (Int64, Json::Null, "use the operator `is null`"),
            (List(arrow_schema::Field::new_list_field(Int8, true).into()), json!([1]), "only `is null`"),
            (Interval(arrow_schema::IntervalUnit::DayTime), json!(1), "only `is null`"),
        ] {
            let error = Value::from_json(&value, &data_type).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert!(error.to_string().contains(reason), "{error}");
        }
    }

    #[test]
    fn a_float_is_rounded_as_its_column_rounds() {
        assert_eq!(Value::from_json(&json!(0.1), &Float32).unwrap(), Value::Float64(f64::from(0.1f32)));
        assert_eq!(Value::from_json(&json!(5), &Float64).unwrap(), Value::Float64(5.0));
        assert_eq!(Value::from_json(&json!(0.1), &Float16).unwrap(), Value::Float64(0.099_975_585_937_5));
    }
}
