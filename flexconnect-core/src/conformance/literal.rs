//! Cells of a batch as the values predicates are made of.

use std::cmp::Ordering;

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef};
use arrow_ord::ord::make_comparator;
use arrow_schema::{DataType, SortOptions, TimeUnit};

use crate::predicate::Value;

/// The cell as a value of its column's family; `None` for a null, a NaN, and what predicates do not compare.
pub(crate) fn value_at(array: &dyn Array, row: usize) -> Option<Value> {
    if array.is_null(row) {
        return None;
    }
    macro_rules! native {
        ($type:ty) => {
            array.as_primitive::<$type>().value(row)
        };
    }
    let timestamp = |value, unit: &TimeUnit, timezone: &Option<std::sync::Arc<str>>| Value::Timestamp {
        value,
        unit: *unit,
        timezone: timezone.clone(),
    };
    Some(match array.data_type() {
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Int8 => native!(Int8Type).into(),
        DataType::Int16 => native!(Int16Type).into(),
        DataType::Int32 => native!(Int32Type).into(),
        DataType::Int64 => native!(Int64Type).into(),
        DataType::UInt8 => native!(UInt8Type).into(),
        DataType::UInt16 => native!(UInt16Type).into(),
        DataType::UInt32 => native!(UInt32Type).into(),
        DataType::UInt64 => native!(UInt64Type).into(),
        DataType::Float32 => return number(native!(Float32Type).into()),
        DataType::Float64 => return number(native!(Float64Type)),
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(row).into(),
        DataType::Utf8View => array.as_string_view().value(row).into(),
        DataType::Binary => array.as_binary::<i32>().value(row).into(),
        DataType::LargeBinary => array.as_binary::<i64>().value(row).into(),
        DataType::BinaryView => array.as_binary_view().value(row).into(),
        DataType::FixedSizeBinary(size) if *size > 0 => array.as_fixed_size_binary().value(row).into(),
        DataType::Date32 => Value::Date32(native!(Date32Type)),
        DataType::Date64 => {
            let (days, rest) = (native!(Date64Type) / 86_400_000, native!(Date64Type) % 86_400_000);
            // A day is all that a predicate can name.
            return (rest == 0).then(|| i32::try_from(days).ok().map(Value::Date32)).flatten();
        }
        DataType::Time32(TimeUnit::Second) => {
            Value::Time64(i64::from(native!(Time32SecondType)) * 1_000_000_000)
        }
        DataType::Time32(_) => Value::Time64(i64::from(native!(Time32MillisecondType)) * 1_000_000),
        DataType::Time64(TimeUnit::Microsecond) => {
            return native!(Time64MicrosecondType).checked_mul(1000).map(Value::Time64);
        }
        DataType::Time64(_) => Value::Time64(native!(Time64NanosecondType)),
        DataType::Timestamp(unit, zone) => match unit {
            TimeUnit::Second => timestamp(native!(TimestampSecondType), unit, zone),
            TimeUnit::Millisecond => timestamp(native!(TimestampMillisecondType), unit, zone),
            TimeUnit::Microsecond => timestamp(native!(TimestampMicrosecondType), unit, zone),
            TimeUnit::Nanosecond => timestamp(native!(TimestampNanosecondType), unit, zone),
        },
        DataType::Duration(unit) => {
            let value = match unit {
                TimeUnit::Second => native!(DurationSecondType),
                TimeUnit::Millisecond => native!(DurationMillisecondType),
                TimeUnit::Microsecond => native!(DurationMicrosecondType),
                TimeUnit::Nanosecond => native!(DurationNanosecondType),
            };
            Value::Duration { value, unit: *unit }
        }
        DataType::Decimal32(_, scale) => {
            Value::Decimal128 { value: native!(Decimal32Type).into(), scale: *scale }
        }
        DataType::Decimal64(_, scale) => {
            Value::Decimal128 { value: native!(Decimal64Type).into(), scale: *scale }
        }
        DataType::Decimal128(_, scale) => Value::Decimal128 { value: native!(Decimal128Type), scale: *scale },
        DataType::Decimal256(_, scale) => Value::Decimal256 { value: native!(Decimal256Type), scale: *scale },
        DataType::Dictionary(..) => {
            let array = array.as_any_dictionary();
            return value_at(array.values(), *array.normalized_keys().get(row)?);
        }
        _ => return None,
    })
}

fn number(value: f64) -> Option<Value> {
    (!value.is_nan()).then_some(Value::Float64(value))
}

/// The least, the middle and the greatest value of a column, those that differ, and one that may not be in it.
pub(crate) fn typical(column: &ArrayRef) -> Vec<Value> {
    let Ok(compare) = make_comparator(column, column, SortOptions::default()) else { return Vec::new() };
    let mut rows: Vec<usize> = (0..column.len()).filter(|row| value_at(column, *row).is_some()).collect();
    rows.sort_by(|a, b| compare(*a, *b));
    rows.dedup_by(|a, b| compare(*a, *b) == Ordering::Equal);
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Vec::new() };
    let mut chosen = vec![*first, rows[rows.len() / 2], *last];
    chosen.dedup();
    let mut values: Vec<Value> = chosen.into_iter().filter_map(|row| value_at(column, row)).collect();
    let near = values.first().and_then(neighbour);
    values.extend(near);
    values
}

/// A value that is nearly this one: of text what another collation would take for the same.
fn neighbour(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Utf8(text) => {
            let swapped: String = text.chars().map(swap_case).collect();
            Value::Utf8(if swapped == *text { format!("{text} ") } else { swapped })
        }
        Value::Float64(number) => Value::Float64(number.next_up()),
        Value::Boolean(flag) => Value::Boolean(!flag),
        _ => return None,
    })
}

fn swap_case(letter: char) -> char {
    match letter {
        'a'..='z' => letter.to_ascii_uppercase(),
        'A'..='Z' => letter.to_ascii_lowercase(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{DictionaryArray, Float64Array, StringArray, TimestampMillisecondArray};

    use super::*;

    #[test]
    fn the_ends_the_middle_and_a_trap() {
        let column: ArrayRef =
            Arc::new(StringArray::from(vec![Some("b"), None, Some("a"), Some("c"), Some("a")]));
        assert_eq!(typical(&column), ["a", "b", "c", "A"].map(Value::from));
        let column: ArrayRef = Arc::new(Float64Array::from(vec![f64::NAN, 1.0]));
        assert_eq!(typical(&column).len(), 2);
    }

    #[test]
    fn a_value_is_of_its_columns_family() {
        let array = TimestampMillisecondArray::from(vec![5]).with_timezone("UTC");
        let expected =
            Value::Timestamp { value: 5, unit: TimeUnit::Millisecond, timezone: Some("UTC".into()) };
        assert_eq!(value_at(&array, 0), Some(expected));
        let keyed: DictionaryArray<Int8Type> = vec!["x", "y"].into_iter().collect();
        assert_eq!(value_at(&keyed, 1), Some(Value::from("y")));
    }
}
