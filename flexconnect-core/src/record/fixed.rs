//! Cells of columns whose types are known at run time: what all have in common, and those of fixed width, which are the same
//! whatever they are read from.

use std::marker::PhantomData;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, NullArray, make_array};
use arrow_buffer::{ArrowNativeType, BooleanBufferBuilder, Buffer, NullBuffer, i256};
use arrow_data::ArrayData;
use arrow_schema::{ArrowError, DataType, TimeUnit};

use crate::scalar::float::Half;
use crate::scalar::json::{self, Reason};

/// The cells of one column, which takes values of type `V` and refuses one with an `R`. A null has a placeholder among them.
pub(super) trait Cells<V, R>: Send {
    /// Appends a value that is not null. After an error a part of it may be left behind the last cell.
    fn push(&mut self, value: &V) -> Result<(), R>;

    /// Appends a placeholder.
    fn push_null(&mut self);

    /// Bytes held.
    fn bytes(&self) -> usize;

    /// The first `len` cells under these nulls; leaves none.
    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError>;
}

/// A value that can be the native value of a column's type: exactly, or not at all.
pub(super) trait Scalar: 'static {
    fn boolean(&self) -> Result<bool, Reason>;
    fn integer<N: TryFrom<i64> + TryFrom<u64> + TryFrom<i128>>(&self) -> Result<N, Reason>;
    fn float16(&self) -> Result<Half, Reason>;
    fn float32(&self) -> Result<f32, Reason>;
    fn float64(&self) -> Result<f64, Reason>;

    /// The unscaled value.
    fn decimal(&self, precision: u8, scale: i8) -> Result<i256, Reason>;

    /// The unscaled value of a type of fewer bits.
    fn narrow_decimal<N: TryFrom<i128>>(&self, precision: u8, scale: i8) -> Result<N, Reason> {
        let unscaled = self.decimal(precision, scale)?;
        let narrow = unscaled.to_i128().and_then(|value| N::try_from(value).ok());
        narrow.ok_or(Reason::Borrowed("it has too many digits"))
    }

    fn date32(&self) -> Result<i32, Reason>;
    fn date64(&self) -> Result<i64, Reason>;
    fn time(&self, unit: TimeUnit) -> Result<i64, Reason>;
    fn timestamp(&self, unit: TimeUnit, zoned: bool) -> Result<i64, Reason>;
    fn duration(&self, unit: TimeUnit) -> Result<i64, Reason>;
}

/// No cells yet of a column of this type; `None` when it is not one of fixed width.
pub(super) fn fixed<V: Scalar, R: From<Reason> + 'static>(
    data_type: &DataType,
    capacity: usize,
) -> Option<Box<dyn Cells<V, R>>> {
    use DataType::*;
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};

    macro_rules! primitives {
        ($native:ty, $read:expr) => {
            Primitives::<$native, V, _>::boxed(data_type, capacity, $read)
        };
    }
    Some(match *data_type {
        Null => Box::new(Nulls),
        Boolean => Box::new(Booleans(BooleanBufferBuilder::new(capacity))),
        Int8 => primitives!(i8, V::integer),
        Int16 => primitives!(i16, V::integer),
        Int32 => primitives!(i32, V::integer),
        Int64 => primitives!(i64, V::integer),
        UInt8 => primitives!(u8, V::integer),
        UInt16 => primitives!(u16, V::integer),
        UInt32 => primitives!(u32, V::integer),
        UInt64 => primitives!(u64, V::integer),
        Float16 => primitives!(Half, V::float16),
        Float32 => primitives!(f32, V::float32),
        Float64 => primitives!(f64, V::float64),
        Decimal32(precision, scale) => {
            primitives!(i32, move |value: &V| value.narrow_decimal(precision, scale))
        }
        Decimal64(precision, scale) => {
            primitives!(i64, move |value: &V| value.narrow_decimal(precision, scale))
        }
        Decimal128(precision, scale) => {
            primitives!(i128, move |value: &V| value.narrow_decimal(precision, scale))
        }
        Decimal256(precision, scale) => {
            primitives!(i256, move |value: &V| value.decimal(precision, scale))
        }
        Date32 => primitives!(i32, V::date32),
        Date64 => primitives!(i64, V::date64),
        Time32(unit @ (Second | Millisecond)) => primitives!(i32, move |value: &V| short(value.time(unit))),
        Time64(unit @ (Microsecond | Nanosecond)) => primitives!(i64, move |value: &V| value.time(unit)),
        Timestamp(unit, ref zone) => {
            let zoned = zone.is_some();
            primitives!(i64, move |value: &V| value.timestamp(unit, zoned))
        }
        Duration(unit) => primitives!(i64, move |value: &V| value.duration(unit)),
        // 32 bits have no room for microseconds of a day, and Arrow no type for seconds in 64: such times end here, too.
        _ => return None,
    })
}

fn short(value: Result<i64, Reason>) -> Result<i32, Reason> {
    json::narrow(value?.into())
}

/// The cells of a primitive type, each read by `F`.
struct Primitives<N, V, F> {
    data_type: DataType,
    values: Vec<N>,
    read: F,
    from: PhantomData<fn(&V)>,
}

impl<N, V, F> Primitives<N, V, F>
where
    N: ArrowNativeType,
    V: 'static,
    F: Fn(&V) -> Result<N, Reason> + Send + 'static,
{
    /// `N` is the native type of the column's type.
    fn boxed<R: From<Reason> + 'static>(
        data_type: &DataType,
        capacity: usize,
        read: F,
    ) -> Box<dyn Cells<V, R>> {
        let (data_type, values) = (data_type.clone(), Vec::with_capacity(capacity));
        Box::new(Primitives { data_type, values, read, from: PhantomData })
    }
}

impl<N, V, F, R> Cells<V, R> for Primitives<N, V, F>
where
    N: ArrowNativeType,
    F: Fn(&V) -> Result<N, Reason> + Send,
    R: From<Reason>,
{
    fn push(&mut self, value: &V) -> Result<(), R> {
        self.values.push((self.read)(value)?);
        Ok(())
    }

    fn push_null(&mut self) {
        self.values.push(N::default());
    }

    fn bytes(&self) -> usize {
        size_of_val(&self.values[..])
    }

    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let mut values = std::mem::replace(&mut self.values, Vec::with_capacity(len));
        values.truncate(len);
        primitive(&self.data_type, len, values.into(), nulls)
    }
}

/// Of a type whose values have one width, all that is known of which is the bytes.
fn primitive(
    data_type: &DataType,
    len: usize,
    values: Buffer,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, ArrowError> {
    let data = ArrayData::builder(data_type.clone()).len(len).add_buffer(values).nulls(nulls);
    data.build().map(make_array)
}

/// The cells of a `Boolean` column, one bit each.
struct Booleans(BooleanBufferBuilder);

impl<V: Scalar, R: From<Reason>> Cells<V, R> for Booleans {
    fn push(&mut self, value: &V) -> Result<(), R> {
        self.0.append(value.boolean()?);
        Ok(())
    }

    fn push_null(&mut self) {
        self.0.append(false);
    }

    fn bytes(&self) -> usize {
        self.0.len() / 8
    }

    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        self.0.truncate(len);
        Ok(Arc::new(BooleanArray::new(self.0.finish(), nulls)))
    }
}

/// No values at all.
struct Nulls;

impl<V, R: From<Reason>> Cells<V, R> for Nulls {
    fn push(&mut self, _: &V) -> Result<(), R> {
        Err(Reason::Borrowed("only null is expected").into())
    }

    fn push_null(&mut self) {}

    fn bytes(&self) -> usize {
        0
    }

    fn finish(&mut self, len: usize, _: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(NullArray::new(len)))
    }
}
