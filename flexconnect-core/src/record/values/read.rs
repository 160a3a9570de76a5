//! A value as the native value of a column's type: exactly, or not at all.

use arrow_buffer::i256;
use arrow_schema::TimeUnit;

use crate::predicate::Value;
use crate::record::fixed::Scalar;
use crate::scalar::decimal::Decimal;
use crate::scalar::float::{Half, round_to};
use crate::scalar::json::{self, Reason};
use crate::scalar::unit::nanoseconds;

const RANGE: Reason = Reason::Borrowed("it is outside the range");

impl Scalar for Value {
    fn boolean(&self) -> Result<bool, Reason> {
        match self {
            Value::Boolean(value) => Ok(*value),
            _ => Err("true or false is expected".into()),
        }
    }

    #[inline]
    fn integer<N: TryFrom<i64> + TryFrom<u64> + TryFrom<i128>>(&self) -> Result<N, Reason> {
        match self {
            Value::Int64(value) => N::try_from(*value).map_err(|_| RANGE),
            Value::UInt64(value) => N::try_from(*value).map_err(|_| RANGE),
            _ => Err("an integer is expected".into()),
        }
    }

    fn float16(&self) -> Result<Half, Reason> {
        let value = match self {
            Value::Float64(value) if value.is_finite() => {
                json::finite_float(*value, round_to(&arrow_schema::DataType::Float16))?
            }
            Value::Float64(value) => *value,
            whole => whole_float(whole, round_to(&arrow_schema::DataType::Float16))?,
        };
        Ok(Half::from_f64(value))
    }

    fn float32(&self) -> Result<f32, Reason> {
        match self {
            Value::Float64(value) if value.is_finite() => {
                json::finite_float(*value, round_to(&arrow_schema::DataType::Float32))
                    .map(|value| value as f32)
            }
            Value::Float64(value) => Ok(*value as f32),
            whole => whole_float(whole, round_to(&arrow_schema::DataType::Float32)).map(|value| value as f32),
        }
    }

    #[inline]
    fn float64(&self) -> Result<f64, Reason> {
        match self {
            Value::Float64(value) => Ok(*value),
            whole => whole_float(whole, |value| value),
        }
    }

    fn decimal(&self, precision: u8, scale: i8) -> Result<i256, Reason> {
        let decimal = match self {
            Value::Decimal128 { value, scale } => {
                Decimal { digits: i256::from(*value), scale: (*scale).into() }
            }
            Value::Decimal256 { value, scale } => Decimal { digits: *value, scale: (*scale).into() },
            Value::Int64(value) => Decimal::whole(*value),
            Value::UInt64(value) => Decimal::whole(i128::from(*value)),
            _ => return Err("a decimal or an integer is expected".into()),
        };
        json::unscaled(decimal, precision, scale)
    }

    fn narrow_decimal<N: TryFrom<i128>>(&self, precision: u8, scale: i8) -> Result<N, Reason> {
        let too_many = || Reason::Borrowed("it has too many digits");
        if let Value::Decimal128 { value, scale: given } = self
            && *given == scale
        {
            // The digits of most cursors are those of the column, and need no wider arithmetic.
            let bound = 10_u128.checked_pow(precision.into());
            if bound.is_some_and(|bound| value.unsigned_abs() >= bound) {
                return Err(format!("it has more than {precision} digits").into());
            }
            return N::try_from(*value).map_err(|_| too_many());
        }
        let unscaled = self.decimal(precision, scale)?;
        unscaled.to_i128().and_then(|value| N::try_from(value).ok()).ok_or_else(too_many)
    }

    fn date32(&self) -> Result<i32, Reason> {
        match self {
            Value::Date32(days) => Ok(*days),
            _ => Err("a date is expected".into()),
        }
    }

    fn date64(&self) -> Result<i64, Reason> {
        const MILLISECONDS: i64 = 86_400_000;
        self.date32().map(|days| i64::from(days) * MILLISECONDS)
    }

    fn time(&self, unit: TimeUnit) -> Result<i64, Reason> {
        match self {
            Value::Time64(nanos) => json::within_day(json::in_unit((*nanos).into(), unit)?, unit),
            _ => Err("a time of day is expected".into()),
        }
    }

    #[inline]
    fn timestamp(&self, unit: TimeUnit, zoned: bool) -> Result<i64, Reason> {
        match self {
            Value::Timestamp { value, unit: given, timezone } if timezone.is_some() == zoned => {
                count(*value, *given, unit)
            }
            _ if zoned => Err("an instant, with a time zone, is expected".into()),
            _ => Err("a date and time without a time zone is expected".into()),
        }
    }

    fn duration(&self, unit: TimeUnit) -> Result<i64, Reason> {
        match self {
            Value::Duration { value, unit: given } => count(*value, *given, unit),
            _ => Err("a duration is expected".into()),
        }
    }
}

fn whole_float(value: &Value, round: fn(f64) -> f64) -> Result<f64, Reason> {
    match value {
        Value::Int64(value) => json::whole_float((*value).into(), round),
        Value::UInt64(value) => json::whole_float((*value).into(), round),
        _ => Err("a number that is no decimal is expected".into()),
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
