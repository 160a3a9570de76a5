//! A value brought to a column's own type: exactly, or between which two of the type's values it lies.

use std::cmp::Ordering;

use arrow_buffer::i256;
use arrow_schema::{DataType, TimeUnit};

use super::value::Value;
use crate::scalar::decimal::{Decimal, Step, divide};
use crate::scalar::float::{Half, round_to};
use crate::scalar::unit::nanoseconds;

/// Where a value lies among the values of a column's type, in the column's order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Position {
    /// Below every value of the type.
    Below,
    /// It is this value of the type.
    At(Literal),
    /// Above this value of the type and below the next.
    After(Literal),
    /// Above every value of the type.
    Above,
}

/// A value of a column's type, by the family the type belongs to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Boolean(bool),
    /// Every type that counts: integers, decimals (unscaled), dates, times, timestamps, durations.
    Integer(i256),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Literal {
    /// The order of Arrow's kernels, among literals of one type.
    pub(super) fn order(&self, other: &Literal) -> Ordering {
        match (self, other) {
            (Literal::Boolean(a), Literal::Boolean(b)) => a.cmp(b),
            (Literal::Integer(a), Literal::Integer(b)) => a.cmp(b),
            (Literal::Float(a), Literal::Float(b)) => a.total_cmp(b),
            (Literal::Text(a), Literal::Text(b)) => a.cmp(b),
            (Literal::Bytes(a), Literal::Bytes(b)) => a.cmp(b),
            // Literals of two types never meet in one column.
            _ => Ordering::Equal,
        }
    }
}

/// Where `value` lies in a column of this flat type; `None` when the two cannot be compared.
pub(super) fn position(value: &Value, leaf: &DataType) -> Option<Position> {
    use Position::At;
    Some(match (leaf, value) {
        (DataType::Boolean, Value::Boolean(value)) => At(Literal::Boolean(*value)),
        (DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View, Value::Utf8(text)) => {
            At(Literal::Text(text.clone()))
        }
        (DataType::Binary | DataType::LargeBinary | DataType::BinaryView, Value::Binary(bytes)) => {
            At(Literal::Bytes(bytes.clone()))
        }
        (DataType::FixedSizeBinary(size), Value::Binary(bytes)) => {
            fixed_bytes(bytes, usize::try_from(*size).ok()?)
        }
        (DataType::Float16 | DataType::Float32 | DataType::Float64, value) => float_position(value, leaf)?,
        (_, value) => count_position(value, leaf)?,
    })
}

/// The position in a type that counts in equal steps.
fn count_position(value: &Value, leaf: &DataType) -> Option<Position> {
    let (lowest, highest) = range(leaf)?;
    let number = match value {
        Value::Float64(infinite) if infinite.is_infinite() => {
            let counts = leaf.is_numeric();
            return counts.then_some(if *infinite > 0.0 { Position::Above } else { Position::Below });
        }
        value => as_decimal(value),
    };
    let step = match (number, leaf) {
        (Some(number), _) if leaf.is_integer() => number.step(0),
        (
            Some(number),
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale)
            | DataType::Decimal256(_, scale),
        ) => number.step(i32::from(*scale)),
        (Some(_), _) => return None,
        (None, _) => {
            let (nanos, unit) = as_nanoseconds(value, leaf)?;
            divide(i256::from_i128(nanos), i256::from_i128(unit))
        }
    };
    Some(match step {
        Step::Below => Position::Below,
        Step::Above => Position::Above,
        Step::On(count) | Step::After(count) if count < lowest => Position::Below,
        Step::On(count) | Step::After(count) if count > highest => Position::Above,
        Step::On(count) => Position::At(Literal::Integer(count)),
        Step::After(count) => Position::After(Literal::Integer(count)),
    })
}

/// A finite number, exactly; a float with a fraction by its shortest decimal text.
fn as_decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int64(value) => Some(Decimal::whole(*value)),
        Value::UInt64(value) => Some(Decimal::whole(i128::from(*value))),
        Value::Decimal128 { value, scale } => {
            Some(Decimal { digits: i256::from(*value), scale: (*scale).into() })
        }
        Value::Decimal256 { value, scale } => Some(Decimal { digits: *value, scale: (*scale).into() }),
        Value::Float64(value) => Decimal::parse(&float_text(*value)).or_else(|| {
            // More digits than 256 bits hold: any number as far out as this will do.
            let sign = i256::from_i128(if *value < 0.0 { -1 } else { 1 });
            value.is_finite().then_some(Decimal { digits: sign, scale: i32::MIN / 2 })
        }),
        _ => None,
    }
}

fn float_text(value: f64) -> String {
    // A whole number's shortest text may end in zeros that are not its digits.
    if value.fract() == 0.0 { format!("{value:.0}") } else { value.to_string() }
}

/// The value in nanoseconds and the length of one step of a temporal column it can be compared with.
fn as_nanoseconds(value: &Value, leaf: &DataType) -> Option<(i128, i128)> {
    const DAY: i128 = crate::scalar::unit::DAY;
    Some(match (leaf, value) {
        (DataType::Date32, Value::Date32(days)) => (i128::from(*days) * DAY, DAY),
        (DataType::Date64, Value::Date32(days)) => {
            (i128::from(*days) * DAY, nanoseconds(TimeUnit::Millisecond))
        }
        (DataType::Time32(step) | DataType::Time64(step), Value::Time64(nanos)) => {
            (i128::from(*nanos), nanoseconds(*step))
        }
        (DataType::Timestamp(step, zone), Value::Timestamp { value, unit, timezone })
            if zone.is_some() == timezone.is_some() =>
        {
            (i128::from(*value) * nanoseconds(*unit), nanoseconds(*step))
        }
        (DataType::Duration(step), Value::Duration { value, unit }) => {
            (i128::from(*value) * nanoseconds(*unit), nanoseconds(*step))
        }
        _ => return None,
    })
}

/// The lowest and the highest value of a type that counts.
fn range(leaf: &DataType) -> Option<(i256, i256)> {
    fn of<N: Into<i128>>(lowest: N, highest: N) -> (i256, i256) {
        (i256::from_i128(lowest.into()), i256::from_i128(highest.into()))
    }
    Some(match leaf {
        DataType::Int8 => of(i8::MIN, i8::MAX),
        DataType::Int16 => of(i16::MIN, i16::MAX),
        DataType::Int32 | DataType::Date32 | DataType::Time32(_) | DataType::Decimal32(..) => {
            of(i32::MIN, i32::MAX)
        }
        DataType::Int64
        | DataType::Date64
        | DataType::Time64(_)
        | DataType::Timestamp(..)
        | DataType::Duration(_)
        | DataType::Decimal64(..) => of(i64::MIN, i64::MAX),
        DataType::UInt8 => of(u8::MIN, u8::MAX),
        DataType::UInt16 => of(u16::MIN, u16::MAX),
        DataType::UInt32 => of(u32::MIN, u32::MAX),
        DataType::UInt64 => of(u64::MIN, u64::MAX),
        DataType::Decimal128(..) => of(i128::MIN, i128::MAX),
        DataType::Decimal256(..) => (i256::MIN, i256::MAX),
        _ => return None,
    })
}

/// The position among the floats of the column's width; a decimal stands for the float nearest to it.
fn float_position(value: &Value, leaf: &DataType) -> Option<Position> {
    let (below, exact) = match value {
        Value::Float64(float) if float.is_nan() => return None,
        Value::Float64(float) => {
            let below = float_at_most(*float, leaf);
            (below, below == *float)
        }
        Value::Int64(whole) => whole_at_most(i128::from(*whole), leaf),
        Value::UInt64(whole) => whole_at_most(i128::from(*whole), leaf),
        Value::Decimal128 { .. } | Value::Decimal256 { .. } => {
            (round_to(leaf)(value.to_string().parse().ok()?), true)
        }
        _ => return None,
    };
    let literal = Literal::Float(below);
    Some(if exact { Position::At(literal) } else { Position::After(literal) })
}

/// The largest float of this width that is not above an integer, and whether it is the integer.
fn whole_at_most(whole: i128, leaf: &DataType) -> (f64, bool) {
    let nearest = whole as f64;
    // Casts between integers of 64 bits and the floats around them are exact in 128 bits.
    let below = if nearest as i128 > whole { nearest.next_down() } else { nearest };
    let below = float_at_most(below, leaf);
    (below, below.is_finite() && below as i128 == whole)
}

/// The largest float of this width that is not above `value`.
fn float_at_most(value: f64, leaf: &DataType) -> f64 {
    match leaf {
        DataType::Float16 => {
            let nearest = Half::from_f64(value);
            if nearest.to_f64() <= value { nearest.to_f64() } else { next_half_down(nearest).to_f64() }
        }
        DataType::Float32 => {
            let nearest = value as f32;
            f64::from(if f64::from(nearest) <= value { nearest } else { nearest.next_down() })
        }
        _ => value,
    }
}

/// The next lower 16-bit float; `value` is not the lowest.
fn next_half_down(value: Half) -> Half {
    const SMALLEST_NEGATIVE: u16 = 0x8001;
    Half::from_bits(match value.to_bits() {
        0 | 0x8000 => SMALLEST_NEGATIVE,
        negative @ 0x8001.. => negative.saturating_add(1),
        positive => positive - 1,
    })
}

/// The position of bytes of any length among those of one length.
fn fixed_bytes(bytes: &[u8], size: usize) -> Position {
    if bytes.len() > size {
        return Position::After(Literal::Bytes(bytes[..size].to_vec()));
    }
    let mut padded = bytes.to_vec();
    padded.resize(size, 0);
    if bytes.len() == size {
        return Position::At(Literal::Bytes(padded));
    }
    // Shorter bytes come right before themselves filled up with zeros: after what is one less than that.
    for byte in padded.iter_mut().rev() {
        let (less, borrowed) = byte.overflowing_sub(1);
        *byte = less;
        if !borrowed {
            return Position::After(Literal::Bytes(padded));
        }
    }
    Position::Below
}
