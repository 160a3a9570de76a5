//! The values of one column: what all types have in common, and the choice by type.

use arrow_array::types::*;
use arrow_array::{ArrayRef, NullArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, DataType, Field, TimeUnit};
use serde_json::Value as Json;

use super::column::{Column, Columns, Misfit};
use super::nested::{FixedSizeLists, Lists, Maps, Structs};
use super::primitive::{Booleans, Primitives};
use super::text::{TextDictionary, TextViews, Texts};
use crate::infer::JSON_EXTENSION;
use crate::scalar::float::{Half, round_to};
use crate::scalar::json::{self, Reason};

/// The values of one column. A null has a placeholder among them.
pub(super) trait Values: Send {
    /// Appends a value that is not null. After an error a part of it may be left behind the last value.
    fn push(&mut self, value: &Json) -> Result<(), Refusal>;

    /// Appends a placeholder.
    fn push_null(&mut self);

    /// Bytes held.
    fn bytes(&self) -> usize;

    /// The first `len` values under these nulls; leaves none.
    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError>;
}

/// Why a value was not taken.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The value itself does not fit its column.
    Value(Reason),
    /// A value inside it does not fit.
    Inside(Box<Misfit>),
}

impl<R: Into<Reason>> From<R> for Refusal {
    fn from(reason: R) -> Self {
        Refusal::Value(reason.into())
    }
}

/// Empty values of the field's type. The error says that JSON cannot fill it.
pub(super) fn values(
    field: &Field,
    sampled: Option<u64>,
    capacity: usize,
) -> Result<Box<dyn Values>, Box<Misfit>> {
    use DataType::*;
    let json_text = field.extension_type_name() == Some(JSON_EXTENSION);
    // How many items an array will have is not known.
    let item = |field| Column::new(field, sampled, 0);
    Ok(match field.data_type() {
        Null => Box::new(Nulls),
        Boolean => Box::new(Booleans::new(capacity)),
        Int8 => Primitives::<Int8Type, _>::boxed(field, capacity, json::native),
        Int16 => Primitives::<Int16Type, _>::boxed(field, capacity, json::native),
        Int32 => Primitives::<Int32Type, _>::boxed(field, capacity, json::native),
        Int64 => Primitives::<Int64Type, _>::boxed(field, capacity, json::native),
        UInt8 => Primitives::<UInt8Type, _>::boxed(field, capacity, json::native),
        UInt16 => Primitives::<UInt16Type, _>::boxed(field, capacity, json::native),
        UInt32 => Primitives::<UInt32Type, _>::boxed(field, capacity, json::native),
        UInt64 => Primitives::<UInt64Type, _>::boxed(field, capacity, json::native),
        Float16 => Primitives::<Float16Type, _>::boxed(field, capacity, |value| {
            json::float(value, round_to(&Float16)).map(Half::from_f64)
        }),
        Float32 => Primitives::<Float32Type, _>::boxed(field, capacity, |value| {
            json::float(value, round_to(&Float32)).map(|value| value as f32)
        }),
        Float64 => Primitives::<Float64Type, _>::boxed(field, capacity, |value| {
            json::float(value, round_to(&Float64))
        }),
        &Decimal32(precision, scale) => {
            Primitives::<Decimal32Type, _>::boxed(field, capacity, move |value| {
                narrow_decimal(value, precision, scale)
            })
        }
        &Decimal64(precision, scale) => {
            Primitives::<Decimal64Type, _>::boxed(field, capacity, move |value| {
                narrow_decimal(value, precision, scale)
            })
        }
        &Decimal128(precision, scale) => {
            Primitives::<Decimal128Type, _>::boxed(field, capacity, move |value| {
                narrow_decimal(value, precision, scale)
            })
        }
        &Decimal256(precision, scale) => {
            Primitives::<Decimal256Type, _>::boxed(field, capacity, move |value| {
                json::decimal(value, precision, scale)
            })
        }
        Date32 => Primitives::<Date32Type, _>::boxed(field, capacity, json::date32),
        Date64 => Primitives::<Date64Type, _>::boxed(field, capacity, json::date64),
        Time32(_) | Time64(_) | Timestamp(..) | Duration(_) => temporal(field, capacity)?,
        Utf8 => Box::new(Texts::<i32>::new(json_text, capacity)),
        LargeUtf8 => Box::new(Texts::<i64>::new(json_text, capacity)),
        Utf8View => Box::new(TextViews::new(json_text)),
        Dictionary(keys, texts) if texts.is_string() => {
            let texts = values(&field.clone().with_data_type((**texts).clone()), sampled, 0)?;
            dictionary(keys, texts, json_text).ok_or_else(|| unfillable(field))?
        }
        List(child) => Box::new(Lists::<i32>::new(child, item(child)?, capacity)),
        LargeList(child) => Box::new(Lists::<i64>::new(child, item(child)?, capacity)),
        FixedSizeList(child, size) => match usize::try_from(*size) {
            Ok(size) if size > 0 => Box::new(FixedSizeLists::new(child, item(child)?, size)),
            _ => return Err(unfillable(field)),
        },
        Struct(fields) => Box::new(Structs::new(fields, Columns::new(fields, sampled, capacity)?)),
        Map(entries, sorted) => match entries.data_type() {
            Struct(fields) if fields.len() == 2 && fields[0].data_type().is_string() => {
                Box::new(Maps::new(entries, fields, item(&fields[0])?, item(&fields[1])?, *sorted))
            }
            _ => return Err(unfillable(field)),
        },
        _ => return Err(unfillable(field)),
    })
}

/// `None` for keys that are no integers, which Arrow does not allow.
fn dictionary(keys: &DataType, texts: Box<dyn Values>, json_text: bool) -> Option<Box<dyn Values>> {
    Some(match keys {
        DataType::Int8 => Box::new(TextDictionary::<Int8Type>::new(texts, json_text)),
        DataType::Int16 => Box::new(TextDictionary::<Int16Type>::new(texts, json_text)),
        DataType::Int32 => Box::new(TextDictionary::<Int32Type>::new(texts, json_text)),
        DataType::Int64 => Box::new(TextDictionary::<Int64Type>::new(texts, json_text)),
        DataType::UInt8 => Box::new(TextDictionary::<UInt8Type>::new(texts, json_text)),
        DataType::UInt16 => Box::new(TextDictionary::<UInt16Type>::new(texts, json_text)),
        DataType::UInt32 => Box::new(TextDictionary::<UInt32Type>::new(texts, json_text)),
        DataType::UInt64 => Box::new(TextDictionary::<UInt64Type>::new(texts, json_text)),
        _ => return None,
    })
}

fn narrow_decimal<N: TryFrom<i128>>(value: &Json, precision: u8, scale: i8) -> Result<N, Reason> {
    json::decimal(value, precision, scale)?
        .to_i128()
        .and_then(|value| N::try_from(value).ok())
        .ok_or(Reason::Borrowed("it has too many digits"))
}

fn temporal(field: &Field, capacity: usize) -> Result<Box<dyn Values>, Box<Misfit>> {
    use DataType::{Duration, Time32, Time64, Timestamp};
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};

    macro_rules! primitives {
        ($type:ty, $read:expr) => {
            Primitives::<$type, _>::boxed(field, capacity, $read)
        };
    }
    Ok(match *field.data_type() {
        Time32(Second) => primitives!(Time32SecondType, |value| short(json::time(value, Second))),
        Time32(Millisecond) => {
            primitives!(Time32MillisecondType, |value| short(json::time(value, Millisecond)))
        }
        Time64(Microsecond) => primitives!(Time64MicrosecondType, |value| json::time(value, Microsecond)),
        Time64(Nanosecond) => primitives!(Time64NanosecondType, |value| json::time(value, Nanosecond)),
        Timestamp(unit, ref zone) => {
            let zoned = zone.is_some();
            let read = move |value: &Json| json::timestamp(value, unit, zoned);
            match unit {
                Second => primitives!(TimestampSecondType, read),
                Millisecond => primitives!(TimestampMillisecondType, read),
                Microsecond => primitives!(TimestampMicrosecondType, read),
                Nanosecond => primitives!(TimestampNanosecondType, read),
            }
        }
        Duration(unit) => {
            let read = move |value: &Json| json::duration(value, unit);
            match unit {
                Second => primitives!(DurationSecondType, read),
                Millisecond => primitives!(DurationMillisecondType, read),
                Microsecond => primitives!(DurationMicrosecondType, read),
                Nanosecond => primitives!(DurationNanosecondType, read),
            }
        }
        // 32 bits have no room for microseconds of a day, and Arrow no type for seconds in 64.
        _ => return Err(unfillable(field)),
    })
}

fn short(value: Result<i64, Reason>) -> Result<i32, Reason> {
    json::narrow(value?.into())
}

fn unfillable(field: &Field) -> Box<Misfit> {
    Misfit::new(format!(
        "JSON rows cannot fill a column of type {}; declare another type in `get_read_schema`, or make the \
         connector's row a `#[derive(Table)]` struct or a `RecordBatch`",
        field.data_type()
    ))
}

/// No values at all.
struct Nulls;

impl Values for Nulls {
    fn push(&mut self, _: &Json) -> Result<(), Refusal> {
        Err("only null is expected".into())
    }

    fn push_null(&mut self) {}

    fn bytes(&self) -> usize {
        0
    }

    fn finish(&mut self, len: usize, _: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        Ok(std::sync::Arc::new(NullArray::new(len)))
    }
}
