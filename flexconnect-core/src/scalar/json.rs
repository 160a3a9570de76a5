//! JSON values read as the native values of Arrow's flat types: exactly, or not at all.
//!
//! Each function gives the value, or the reason why it does not fit, to be put behind the value and the
//! type by [`misfit`].

use std::borrow::Cow;

use arrow_buffer::i256;
use arrow_schema::{DataType, TimeUnit};
use serde_json::Value as Json;

use super::decimal::{self, Decimal, Step};
use super::{iso, unit};

/// Why a value does not fit, as the end of a sentence.
pub(crate) type Reason = Cow<'static, str>;

/// The largest number below which every integer is a 64-bit float.
const EXACT_FLOAT: f64 = 9_007_199_254_740_992.0;

/// The whole message: which value does not fit which type, and why.
pub(crate) fn misfit(value: &Json, data_type: &DataType, reason: &str) -> String {
    format!("{} does not fit {data_type}: {reason}", describe(value))
}

/// A value as a message shows it: its JSON type and the beginning of its text.
pub(crate) fn describe(value: &Json) -> String {
    const LONGEST: usize = 40;
    let kind = match value {
        Json::Null => return "null".to_owned(),
        Json::Bool(_) => "the boolean",
        Json::Number(_) => "the number",
        Json::String(_) => "the text",
        Json::Array(_) => "the array",
        Json::Object(_) => "the object",
    };
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{kind} `{}…`", &text[..end]),
        None => format!("{kind} `{text}`"),
    }
}

/// `true` or `false`.
pub(crate) fn boolean(value: &Json) -> Result<bool, Reason> {
    value.as_bool().ok_or(Cow::Borrowed("`true` or `false` is expected"))
}

/// Text.
pub(crate) fn text(value: &Json) -> Result<&str, Reason> {
    value.as_str().ok_or(Cow::Borrowed("text is expected"))
}

/// A whole number; `3.0` is one.
pub(crate) fn integer(value: &Json) -> Result<i128, Reason> {
    let Json::Number(number) = value else {
        return Err("a whole number is expected".into());
    };
    if let Some(value) = number.as_i64() {
        return Ok(value.into());
    }
    if let Some(value) = number.as_u64() {
        return Ok(value.into());
    }
    match number.as_f64() {
        // The cast is exact: the number is whole and within 2^53.
        Some(value) if value.fract() == 0.0 && value.abs() <= EXACT_FLOAT => Ok(value as i128),
        Some(value) if value.fract() == 0.0 => {
            Err("a number this large is whole for sure only without a point and an exponent".into())
        }
        _ => Err("it has a fraction".into()),
    }
}

/// A whole number of this native type.
pub(crate) fn native<N: TryFrom<i128>>(value: &Json) -> Result<N, Reason> {
    narrow(integer(value)?)
}

/// An integer as this native type.
pub(crate) fn narrow<N: TryFrom<i128>>(value: i128) -> Result<N, Reason> {
    N::try_from(value).map_err(|_| Cow::Borrowed("it is outside the range"))
}

/// A number as a float that `round` leaves as it is: fractions are rounded to the nearest one, whole
/// numbers must be one.
pub(crate) fn float(value: &Json, round: fn(f64) -> f64) -> Result<f64, Reason> {
    let Json::Number(number) = value else {
        return Err("a number is expected".into());
    };
    let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    if let Some(whole) = whole {
        return whole_float(whole, round);
    }
    finite_float(number.as_f64().unwrap_or(f64::INFINITY), round)
}

/// An integer as a float, if it is one exactly.
pub(crate) fn whole_float(value: i128, round: fn(f64) -> f64) -> Result<f64, Reason> {
    let rounded = round(value as f64);
    if rounded.is_finite() && rounded as i128 == value {
        Ok(rounded)
    } else {
        Err("the whole number is not exact as a float".into())
    }
}

/// The nearest float that `round` leaves as it is.
pub(crate) fn finite_float(value: f64, round: fn(f64) -> f64) -> Result<f64, Reason> {
    let rounded = round(value);
    if rounded.is_finite() { Ok(rounded) } else { Err("it is outside the range".into()) }
}

/// The unscaled value of a decimal column, from a number or text.
pub(crate) fn decimal(value: &Json, precision: u8, scale: i8) -> Result<i256, Reason> {
    let decimal = match value {
        Json::String(text) => Decimal::parse(text).ok_or("the text is not a decimal number")?,
        Json::Number(number) => number_as_decimal(number)?,
        _ => return Err("a number, or a number as text, is expected".into()),
    };
    unscaled(decimal, precision, scale)
}

/// The unscaled value of a decimal column.
pub(crate) fn unscaled(decimal: Decimal, precision: u8, scale: i8) -> Result<i256, Reason> {
    let unscaled = match decimal.step(scale.into()) {
        Step::On(unscaled) => unscaled,
        Step::After(_) if scale > 0 => {
            return Err(format!("it has more than {scale} digits after the point").into());
        }
        Step::After(_) => return Err("it is not a multiple of the column's last digit".into()),
        Step::Below | Step::Above => return Err("it has too many digits".into()),
    };
    let bound = decimal::pow10(precision.into()).ok_or("the column's precision is beyond 76 digits")?;
    if unscaled >= bound || unscaled <= bound.wrapping_neg() {
        return Err(format!("it has more than {precision} digits").into());
    }
    Ok(unscaled)
}

fn number_as_decimal(number: &serde_json::Number) -> Result<Decimal, Reason> {
    let decimal = Decimal::parse(&number.to_string()).ok_or("it has too many digits")?;
    // Up to 15 digits survive the way through a 64-bit float; of more nobody knows what they were.
    let exact = number.is_i64() || number.is_u64() || {
        let mut digits = decimal.digits;
        let ten = i256::from_i128(10);
        while digits != i256::ZERO && digits.wrapping_rem(ten) == i256::ZERO {
            digits = digits.wrapping_div(ten);
        }
        digits.wrapping_abs() < i256::from_i128(1_000_000_000_000_000)
    };
    if exact { Ok(decimal) } else { Err("a number keeps 15 digits; write it as text to keep all".into()) }
}

/// Days since 1970-01-01, from `2024-05-17` or the number of days.
pub(crate) fn date32(value: &Json) -> Result<i32, Reason> {
    match value {
        Json::String(text) => narrow(parse_date(text)?.into()),
        Json::Number(_) => native(value),
        _ => Err("a date as text, such as `2024-05-17`, is expected".into()),
    }
}

/// Milliseconds since 1970-01-01 at the start of a day, from `2024-05-17` or their number.
pub(crate) fn date64(value: &Json) -> Result<i64, Reason> {
    const MILLIS: i128 = 86_400_000;
    match value {
        Json::String(text) => narrow(i128::from(parse_date(text)?) * MILLIS),
        Json::Number(_) => match integer(value)? {
            millis if millis % MILLIS == 0 => narrow(millis),
            _ => Err("the milliseconds are not a whole number of days".into()),
        },
        _ => Err("a date as text, such as `2024-05-17`, is expected".into()),
    }
}

fn parse_date(text: &str) -> Result<i64, Reason> {
    iso::parse_date(text).ok_or(Cow::Borrowed("a date is written like `2024-05-17`"))
}

/// Units since midnight, from `08:30:00` or their number.
pub(crate) fn time(value: &Json, unit: TimeUnit) -> Result<i64, Reason> {
    let count = match value {
        Json::String(text) => {
            let nanos = iso::parse_time(text).ok_or("a time is written like `08:30:00` or `08:30:00.25`")?;
            in_unit(nanos.into(), unit)?
        }
        Json::Number(_) => native(value)?,
        _ => return Err("a time as text, such as `08:30:00`, is expected".into()),
    };
    within_day(count, unit)
}

/// Units since midnight, which are those of one day.
pub(crate) fn within_day(count: i64, unit: TimeUnit) -> Result<i64, Reason> {
    let within = 0..unit::DAY / unit::nanoseconds(unit);
    if within.contains(&i128::from(count)) { Ok(count) } else { Err("it is not within one day".into()) }
}

/// Units since the epoch, from an ISO 8601 date and time or their number.
///
/// A column with a time zone holds instants and needs an offset; one without holds the wall clock and
/// takes none.
pub(crate) fn timestamp(value: &Json, unit: TimeUnit, zoned: bool) -> Result<i64, Reason> {
    match value {
        Json::String(text) => {
            let parsed = iso::parse_date_time(text).ok_or(if zoned {
                "an instant is written like `2024-05-17T08:30:00Z` or `2024-05-17T10:30:00+02:00`"
            } else {
                "a date and time is written like `2024-05-17T08:30:00`"
            })?;
            let nanos = if zoned {
                parsed.instant().ok_or("it has no offset; end it with `Z` or an offset such as `+02:00`")?
            } else {
                parsed.wall_clock().ok_or(
                    "it has an offset and the column no time zone; leave the offset out, or declare the \
                     column with a time zone such as `UTC`",
                )?
            };
            in_unit(nanos, unit)
        }
        Json::Number(_) => native(value),
        _ if zoned => Err("an instant as text, such as `2024-05-17T08:30:00Z`, is expected".into()),
        _ => Err("a date and time as text, such as `2024-05-17T08:30:00`, is expected".into()),
    }
}

/// Units of a length of time, from ISO 8601 text such as `PT1.5S` or their number.
pub(crate) fn duration(value: &Json, unit: TimeUnit) -> Result<i64, Reason> {
    match value {
        Json::String(text) => {
            let nanos = iso::parse_duration(text).ok_or("a duration is written like `PT90S` or `P1DT2H`")?;
            in_unit(nanos, unit)
        }
        Json::Number(_) => native(value),
        _ => Err("a duration as text, such as `PT90S`, is expected".into()),
    }
}

/// Nanoseconds in whole units.
pub(crate) fn in_unit(nanos: i128, unit: TimeUnit) -> Result<i64, Reason> {
    let step = unit::nanoseconds(unit);
    if nanos % step != 0 {
        return Err(format!("the column holds whole {}", unit::plural(unit)).into());
    }
    narrow(nanos / step)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn exact(value: f64) -> f64 {
        value
    }

    #[test]
    fn whole_numbers_are_exact() {
        assert_eq!(integer(&json!(3.0)), Ok(3));
        assert_eq!(integer(&json!(u64::MAX)), Ok(u64::MAX.into()));
        assert_eq!(integer(&json!(5.5)).unwrap_err(), "it has a fraction");
        assert!(integer(&json!(1e18)).is_err());
        assert!(integer(&json!(true)).is_err());
        assert!(integer(&json!("5")).is_err());
        assert_eq!(native::<i8>(&json!(-128)), Ok(-128));
        assert_eq!(native::<i8>(&json!(128)).unwrap_err(), "it is outside the range");
    }

    #[test]
    fn floats_take_whole_numbers_that_they_can_hold() {
        assert_eq!(float(&json!(5), exact), Ok(5.0));
        assert_eq!(float(&json!(0.1), |value| f64::from(value as f32)), Ok(f64::from(0.1f32)));
        assert!(float(&json!(9_007_199_254_740_993_i64), exact).is_err());
        assert!(float(&json!(u64::MAX), exact).is_err());
        assert!(float(&json!(16_777_217), |value| f64::from(value as f32)).is_err());
        assert!(float(&json!(1e300), |value| f64::from(value as f32)).is_err());
        assert!(float(&json!(true), exact).is_err());
    }

    #[test]
    fn decimals_are_exact_or_refused() {
        let cents = |value: Json| decimal(&value, 5, 2).map(|unscaled| unscaled.as_i128());
        assert_eq!(cents(json!(12.5)), Ok(1250));
        assert_eq!(cents(json!("999.99")), Ok(99_999));
        assert_eq!(cents(json!(-7)), Ok(-700));
        assert_eq!(cents(json!("1e2")), Ok(10_000));
        assert_eq!(cents(json!(1.005)).unwrap_err(), "it has more than 2 digits after the point");
        assert_eq!(cents(json!(1000)).unwrap_err(), "it has more than 5 digits");
        assert!(cents(json!("ten")).is_err());
        assert!(decimal(&json!(1.234_567_890_123_456_7), 38, 20).unwrap_err().contains("as text"));
        assert!(decimal(&json!("1.2345678901234567"), 38, 20).is_ok());
        assert_eq!(
            decimal(&json!(12_345), 5, -1).unwrap_err(),
            "it is not a multiple of the column's last digit"
        );
    }

    #[test]
    fn dates_and_times_as_text_or_in_the_unit() {
        assert_eq!(date32(&json!("2024-05-17")), Ok(19_860));
        assert_eq!(date32(&json!(19_860)), Ok(19_860));
        assert_eq!(date64(&json!("1970-01-02")), Ok(86_400_000));
        assert!(date64(&json!(5)).is_err());
        assert_eq!(time(&json!("00:00:01.5"), TimeUnit::Millisecond), Ok(1_500));
        assert!(time(&json!("00:00:01.5"), TimeUnit::Second).unwrap_err().contains("whole seconds"));
        assert!(time(&json!(86_400), TimeUnit::Second).is_err());
        assert_eq!(timestamp(&json!("1970-01-01T01:00:00+01:00"), TimeUnit::Second, true), Ok(0));
        assert!(
            timestamp(&json!("1970-01-01T01:00:00"), TimeUnit::Second, true).unwrap_err().contains("`Z`")
        );
        assert!(
            timestamp(&json!("1970-01-01T00:00:00Z"), TimeUnit::Second, false)
                .unwrap_err()
                .contains("offset")
        );
        assert_eq!(timestamp(&json!(-5), TimeUnit::Nanosecond, true), Ok(-5));
        assert!(timestamp(&json!("9999-12-31T00:00:00Z"), TimeUnit::Nanosecond, true).is_err());
        assert_eq!(duration(&json!("PT1M"), TimeUnit::Second), Ok(60));
    }

    #[test]
    fn a_message_shows_the_beginning_of_a_long_value() {
        let text = misfit(&json!("ü".repeat(100)), &DataType::Int8, "a whole number is expected");
        assert!(text.starts_with("the text `\"üüü"), "{text}");
        assert!(text.ends_with("…` does not fit Int8: a whole number is expected"), "{text}");
        assert_eq!(describe(&json!(5.5)), "the number `5.5`");
    }
}
