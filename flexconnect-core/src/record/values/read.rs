//! A value as the native value of a column's type: exactly, or not at all.

use arrow_buffer::i256;
use arrow_schema::TimeUnit;

use crate::predicate::Value;
use crate::scalar::decimal::Decimal;
use crate::scalar::float::{Half, round_to};
use crate::scalar::json::{self, Reason};
use crate::scalar::unit::nanoseconds;

const RANGE: Reason = Reason::Borrowed("it is outside the range");

pub(super) fn boolean(value: &Value) -> Result<bool, Reason> {
    match value {
        Value::Boolean(value) => Ok(*value),
        _ => Err("true or false is expected".into()),
    }
}

#[inline]
pub(super) fn integer<N: TryFrom<i64> + TryFrom<u64>>(value: &Value) -> Result<N, Reason> {
    match value {
        Value::Int64(value) => N::try_from(*value).map_err(|_| RANGE),
        Value::UInt64(value) => N::try_from(*value).map_err(|_| RANGE),
        _ => Err("an integer is expected".into()),
    }
}

#[inline]
pub(super) fn float64(value: &Value) -> Result<f64, Reason> {
    match value {
        Value::Float64(value) => Ok(*value),
        whole => whole_float(whole, |value| value),
    }
}

pub(super) fn float32(value: &Value) -> Result<f32, Reason> {
    match value {
        Value::Float64(value) if value.is_finite() => {
            json::finite_float(*value, round_to(&arrow_schema::DataType::Float32)).map(|value| value as f32)
        }
        Value::Float64(value) => Ok(*value as f32),
        whole => whole_float(whole, round_to(&arrow_schema::DataType::Float32)).map(|value| value as f32),
    }
}

pub(super) fn float16(value: &Value) -> Result<Half, Reason> {
    let value = match value {
        Value::Float64(value) if value.is_finite() => {
            json::finite_float(*value, round_to(&arrow_schema::DataType::Float16))?
        }
        Value::Float64(value) => *value,
        whole => whole_float(whole, round_to(&arrow_schema::DataType::Float16))?,
    };
    Ok(Half::from_f64(value))
}

fn whole_float(value: &Value, round: fn(f64) -> f64) -> Result<f64, Reason> {
    match value {
        Value::Int64(value) => json::whole_float((*value).into(), round),
        Value::UInt64(value) => json::whole_float((*value).into(), round),
        _ => Err("a number that is no decimal is expected".into()),
    }
}

pub(super) fn decimal(value: &Value, precision: u8, scale: i8) -> Result<i256, Reason> {
    let decimal = match value {
        Value::Decimal128 { value, scale } => Decimal { digits: i256::from(*value), scale: (*scale).into() },
        Value::Decimal256 { value, scale } => Decimal { digits: *value, scale: (*scale).into() },
        Value::Int64(value) => Decimal::whole(*value),
        Value::UInt64(value) => Decimal::whole(i128::from(*value)),
        _ => return Err("a decimal or an integer is expected".into()),
    };
    json::unscaled(decimal, precision, scale)
}

pub(super) fn narrow_decimal<N: TryFrom<i128>>(value: &Value, precision: u8, scale: i8) -> Result<N, Reason> {
    let too_many = || Reason::Borrowed("it has too many digits");
    if let Value::Decimal128 { value, scale: given } = value
        && *given == scale
    {
        // The digits of most cursors are those of the column, and need no wider arithmetic.
        let bound = 10_u128.checked_pow(precision.into());
        if bound.is_some_and(|bound| value.unsigned_abs() >= bound) {
            return Err(format!("it has more than {precision} digits").into());
        }
        return N::try_from(*value).map_err(|_| too_many());
    }
    let unscaled = decimal(value, precision, scale)?;
    unscaled.to_i128().and_then(|value| N::try_from(value).ok()).ok_or_else(too_many)
}

pub(super) fn date32(value: &Value) -> Result<i32, Reason> {
    match value {
        Value::Date32(days) => Ok(*days),
        _ => Err("a date is expected".into()),
    }
}

pub(super) fn date64(value: &Value) -> Result<i64, Reason> {
    const MILLISECONDS: i64 = 86_400_000;
    date32(value).map(|days| i64::from(days) * MILLISECONDS)
}

pub(super) fn time(value: &Value, unit: TimeUnit) -> Result<i64, Reason> {
    match value {
        Value::Time64(nanos) => json::within_day(json::in_unit((*nanos).into(), unit)?, unit),
        _ => Err("a time of day is expected".into()),
    }
}

pub(super) fn short_time(value: &Value, unit: TimeUnit) -> Result<i32, Reason> {
    json::narrow(time(value, unit)?.into())
}

#[inline]
pub(super) fn timestamp(value: &Value, unit: TimeUnit, zoned: bool) -> Result<i64, Reason> {
    match value {
        Value::Timestamp { value, unit: given, timezone } if timezone.is_some() == zoned => {
            count(*value, *given, unit)
        }
        _ if zoned => Err("an instant, with a time zone, is expected".into()),
        _ => Err("a date and time without a time zone is expected".into()),
    }
}

pub(super) fn duration(value: &Value, unit: TimeUnit) -> Result<i64, Reason> {
    match value {
        Value::Duration { value, unit: given } => count(*value, *given, unit),
        _ => Err("a duration is expected".into()),
    }
}

/// Units of one kind counted in another.
#[inline]
fn count(value: i64, given: TimeUnit, unit: TimeUnit) -> Result<i64, Reason> {
    if given == unit {
        return Ok(value);
    }
    json::in_unit(i128::from(value) * nanoseconds(given), unit)
}

pub(super) fn text(value: &Value) -> Result<&str, Reason> {
    match value {
        Value::Utf8(text) => Ok(text),
        _ => Err("text is expected".into()),
    }
}

pub(super) fn bytes(value: &Value) -> Result<&[u8], Reason> {
    match value {
        Value::Binary(bytes) => Ok(bytes),
        _ => Err("bytes are expected".into()),
    }
}
