//! Literals as arrays of the type they were brought to, for the kernels.

use std::sync::Arc;

use arrow_array::types::*;
use arrow_array::{
    ArrayRef, ArrowPrimitiveType, BinaryArray, BinaryViewArray, BooleanArray, FixedSizeBinaryArray,
    LargeBinaryArray, LargeStringArray, NullArray, PrimitiveArray, StringArray, StringViewArray,
};
use arrow_buffer::{Buffer, i256};
use arrow_schema::{DataType, TimeUnit};

use super::literal::Literal;
use crate::scalar::float::Half;

/// These literals as an array of the flat type they were brought to.
pub(super) fn array(literals: &[Literal], leaf: &DataType) -> ArrayRef {
    use DataType::*;
    match leaf {
        Boolean => Arc::new(BooleanArray::from_iter(literals.iter().map(|literal| match literal {
            Literal::Boolean(value) => Some(*value),
            _ => None,
        }))),
        Int8 => counts::<Int8Type>(literals, leaf),
        Int16 => counts::<Int16Type>(literals, leaf),
        Int32 => counts::<Int32Type>(literals, leaf),
        Int64 => counts::<Int64Type>(literals, leaf),
        UInt8 => counts::<UInt8Type>(literals, leaf),
        UInt16 => counts::<UInt16Type>(literals, leaf),
        UInt32 => counts::<UInt32Type>(literals, leaf),
        UInt64 => counts::<UInt64Type>(literals, leaf),
        Decimal32(..) => counts::<Decimal32Type>(literals, leaf),
        Decimal64(..) => counts::<Decimal64Type>(literals, leaf),
        Decimal128(..) => counts::<Decimal128Type>(literals, leaf),
        Decimal256(..) => primitives::<Decimal256Type>(integers(literals).collect(), leaf),
        Date32 => counts::<Date32Type>(literals, leaf),
        Date64 => counts::<Date64Type>(literals, leaf),
        Time32(TimeUnit::Second) => counts::<Time32SecondType>(literals, leaf),
        Time32(_) => counts::<Time32MillisecondType>(literals, leaf),
        Time64(TimeUnit::Microsecond) => counts::<Time64MicrosecondType>(literals, leaf),
        Time64(_) => counts::<Time64NanosecondType>(literals, leaf),
        Timestamp(TimeUnit::Second, _) => counts::<TimestampSecondType>(literals, leaf),
        Timestamp(TimeUnit::Millisecond, _) => counts::<TimestampMillisecondType>(literals, leaf),
        Timestamp(TimeUnit::Microsecond, _) => counts::<TimestampMicrosecondType>(literals, leaf),
        Timestamp(TimeUnit::Nanosecond, _) => counts::<TimestampNanosecondType>(literals, leaf),
        Duration(TimeUnit::Second) => counts::<DurationSecondType>(literals, leaf),
        Duration(TimeUnit::Millisecond) => counts::<DurationMillisecondType>(literals, leaf),
        Duration(TimeUnit::Microsecond) => counts::<DurationMicrosecondType>(literals, leaf),
        Duration(TimeUnit::Nanosecond) => counts::<DurationNanosecondType>(literals, leaf),
        Float16 => primitives::<Float16Type>(floats(literals).map(Half::from_f64).collect(), leaf),
        Float32 => primitives::<Float32Type>(floats(literals).map(|value| value as f32).collect(), leaf),
        Float64 => primitives::<Float64Type>(floats(literals).collect(), leaf),
        Utf8 => Arc::new(StringArray::from_iter_values(texts(literals))),
        LargeUtf8 => Arc::new(LargeStringArray::from_iter_values(texts(literals))),
        Utf8View => Arc::new(StringViewArray::from_iter_values(texts(literals))),
        Binary => Arc::new(BinaryArray::from_iter_values(bytes(literals))),
        LargeBinary => Arc::new(LargeBinaryArray::from_iter_values(bytes(literals))),
        BinaryView => Arc::new(BinaryViewArray::from_iter_values(bytes(literals))),
        FixedSizeBinary(size) => {
            let values = Buffer::from_vec(bytes(literals).flatten().copied().collect::<Vec<u8>>());
            Arc::new(FixedSizeBinaryArray::new(*size, values, None))
        }
        _ => Arc::new(NullArray::new(literals.len())),
    }
}

fn counts<T: ArrowPrimitiveType>(literals: &[Literal], leaf: &DataType) -> ArrayRef
where
    T::Native: TryFrom<i128>,
{
    let native = |value: i256| value.to_i128().and_then(|value| T::Native::try_from(value).ok());
    let values =
        integers(literals).map(|value| native(value).expect("a position is within the type's range"));
    primitives::<T>(values.collect(), leaf)
}

fn primitives<T: ArrowPrimitiveType>(values: Vec<T::Native>, leaf: &DataType) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::new(values.into(), None).with_data_type(leaf.clone()))
}

fn integers(literals: &[Literal]) -> impl Iterator<Item = i256> {
    literals
        .iter()
        .filter_map(|literal| if let Literal::Integer(value) = literal { Some(*value) } else { None })
}

fn floats(literals: &[Literal]) -> impl Iterator<Item = f64> {
    literals
        .iter()
        .filter_map(|literal| if let Literal::Float(value) = literal { Some(*value) } else { None })
}

fn texts(literals: &[Literal]) -> impl Iterator<Item = &str> {
    literals
        .iter()
        .filter_map(|literal| if let Literal::Text(value) = literal { Some(value.as_str()) } else { None })
}

fn bytes(literals: &[Literal]) -> impl Iterator<Item = &[u8]> {
    literals
        .iter()
        .filter_map(|literal| if let Literal::Bytes(value) = literal { Some(&value[..]) } else { None })
}
