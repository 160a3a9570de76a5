//! The cells of one column: what all types have in common, and the choice by type.

use std::sync::Arc;

use arrow_array::types::*;
use arrow_array::{ArrayRef, NullArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, DataType, TimeUnit};

use super::bytes::{Bytes, FixedBytes, Views};
use super::dictionary::dictionary;
use super::primitive::{Booleans, Primitives};
use super::read;
use crate::predicate::Value;
use crate::scalar::json::Reason;

/// The cells of one column. A null has a placeholder among them.
pub(super) trait Cells: Send {
    /// Appends a value; one that does not fit leaves nothing behind.
    fn push(&mut self, value: &Value) -> Result<(), Reason>;

    /// Appends a placeholder.
    fn push_default(&mut self);

    /// Bytes held.
    fn bytes(&self) -> usize;

    /// The cells under these nulls; leaves none.
    fn finish(&mut self, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError>;
}

/// No cells yet of a column of this type; `None` when no value fills it.
pub(super) fn cells(data_type: &DataType, capacity: usize) -> Option<Box<dyn Cells>> {
    use DataType::*;

    macro_rules! primitives {
        ($type:ty, $read:expr) => {
            Primitives::<$type, _>::boxed(data_type, capacity, $read)
        };
    }
    Some(match *data_type {
        Null => Box::new(Nulls(0)),
        Boolean => Box::new(Booleans::new(capacity)),
        Int8 => primitives!(Int8Type, read::integer),
        Int16 => primitives!(Int16Type, read::integer),
        Int32 => primitives!(Int32Type, read::integer),
        Int64 => primitives!(Int64Type, read::integer),
        UInt8 => primitives!(UInt8Type, read::integer),
        UInt16 => primitives!(UInt16Type, read::integer),
        UInt32 => primitives!(UInt32Type, read::integer),
        UInt64 => primitives!(UInt64Type, read::integer),
        Float16 => primitives!(Float16Type, read::float16),
        Float32 => primitives!(Float32Type, read::float32),
        Float64 => primitives!(Float64Type, read::float64),
        Decimal32(precision, scale) => {
            primitives!(Decimal32Type, move |value| read::narrow_decimal(value, precision, scale))
        }
        Decimal64(precision, scale) => {
            primitives!(Decimal64Type, move |value| read::narrow_decimal(value, precision, scale))
        }
        Decimal128(precision, scale) => {
            primitives!(Decimal128Type, move |value| read::narrow_decimal(value, precision, scale))
        }
        Decimal256(precision, scale) => {
            primitives!(Decimal256Type, move |value| read::decimal(value, precision, scale))
        }
        Date32 => primitives!(Date32Type, read::date32),
        Date64 => primitives!(Date64Type, read::date64),
        Time32(_) | Time64(_) | Timestamp(..) | Duration(_) => return temporal(data_type, capacity),
        Utf8 => Box::new(Bytes::<Utf8Type>::new(capacity)),
        LargeUtf8 => Box::new(Bytes::<LargeUtf8Type>::new(capacity)),
        Utf8View => Box::new(Views::<StringViewType>::new()),
        Binary => Box::new(Bytes::<BinaryType>::new(capacity)),
        LargeBinary => Box::new(Bytes::<LargeBinaryType>::new(capacity)),
        BinaryView => Box::new(Views::<BinaryViewType>::new()),
        FixedSizeBinary(size) => Box::new(FixedBytes::new(size, capacity)?),
        Dictionary(ref keys, ref values) => return dictionary(keys, values, capacity),
        _ => return None,
    })
}

fn temporal(data_type: &DataType, capacity: usize) -> Option<Box<dyn Cells>> {
    use DataType::{Duration, Time32, Time64, Timestamp};
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};

    macro_rules! primitives {
        ($type:ty, $read:expr) => {
            Primitives::<$type, _>::boxed(data_type, capacity, $read)
        };
    }
    Some(match *data_type {
        Time32(Second) => primitives!(Time32SecondType, |value| read::short_time(value, Second)),
        Time32(Millisecond) => {
            primitives!(Time32MillisecondType, |value| read::short_time(value, Millisecond))
        }
        Time64(Microsecond) => primitives!(Time64MicrosecondType, |value| read::time(value, Microsecond)),
        Time64(Nanosecond) => primitives!(Time64NanosecondType, |value| read::time(value, Nanosecond)),
        Timestamp(unit, ref zone) => {
            let zoned = zone.is_some();
            let read = move |value: &Value| read::timestamp(value, unit, zoned);
            match unit {
                Second => primitives!(TimestampSecondType, read),
                Millisecond => primitives!(TimestampMillisecondType, read),
                Microsecond => primitives!(TimestampMicrosecondType, read),
                Nanosecond => primitives!(TimestampNanosecondType, read),
            }
        }
        Duration(unit) => {
            let read = move |value: &Value| read::duration(value, unit);
            match unit {
                Second => primitives!(DurationSecondType, read),
                Millisecond => primitives!(DurationMillisecondType, read),
                Microsecond => primitives!(DurationMicrosecondType, read),
                Nanosecond => primitives!(DurationNanosecondType, read),
            }
        }
        // 32 bits have no room for microseconds of a day, and Arrow no type for seconds in 64.
        _ => return None,
    })
}

/// No values at all, and how many.
struct Nulls(usize);

impl Cells for Nulls {
    fn push(&mut self, _: &Value) -> Result<(), Reason> {
        Err("only null is expected".into())
    }

    fn push_default(&mut self) {
        self.0 += 1;
    }

    fn bytes(&self) -> usize {
        0
    }

    fn finish(&mut self, _: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(NullArray::new(std::mem::take(&mut self.0))))
    }
}
