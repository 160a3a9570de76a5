//! Integers and floats.

use std::fmt::Debug;
use std::num::NonZero;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, Float16Array, Float32Array, PrimitiveArray};
use arrow_buffer::{ArrowNativeType, ScalarBuffer};
use arrow_schema::DataType;

#[cfg(feature = "half")]
use {arrow_array::types::Float16Type, half::f16 as F16};

use super::encoding::{self, Natural};
use super::{Column, FromColumn, Item, Mismatch};
use crate::buffer::{Fault, Nullable, PrimitiveBuffer, Slot, Slots};

/// Implements the columns of one Rust number: its own Arrow type and the wider ones.
macro_rules! number {
    ($reader:ident, $rust:ty => $natural:ident: $own:ident $(, $encoding:ident: $wider:ident)*) => {
        number!(@column $reader, $rust, Natural, $natural, $own, {
            // The numbers lie as Arrow stores them.
            #[inline(always)]
            fn append_all(values: &[Self], slots: Slots<'_, Self::Buffer>) {
                slots.extend(values);
            }
        });
        number!(@column $reader, $rust, encoding::$natural, $natural, $own, {});
        $(number!(@column $reader, $rust, encoding::$encoding, $encoding, $wider, {});)*
    };
    (@column $reader:ident, $rust:ty, $encoding:ty, $data_type:ident, $arrow:ident, {$($more:tt)*}) => {
        impl Column<$encoding> for $rust {
            type Buffer = PrimitiveBuffer<$arrow>;

            fn data_type() -> DataType {
                DataType::$data_type
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                slot.push((*self).into());
            }

            #[inline(always)]
            fn append_option(value: Option<&Self>, slot: Slot<'_, Nullable<Self::Buffer>>) {
                slot.push_option(value.map(|value| (*value).into()));
            }

            $($more)*
        }

        impl FromColumn<$encoding> for $rust {
            type Reader = $reader<$arrow>;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                $reader::new(array)
            }

            #[inline]
            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                reader.get(row)
            }
        }
    };
}

number!(IntegerReader, i8 => Int8: Int8Type, Int16: Int16Type, Int32: Int32Type, Int64: Int64Type);
number!(IntegerReader, i16 => Int16: Int16Type, Int32: Int32Type, Int64: Int64Type);
number!(IntegerReader, i32 => Int32: Int32Type, Int64: Int64Type);
number!(IntegerReader, i64 => Int64: Int64Type);
number!(IntegerReader, u8 => UInt8: UInt8Type, UInt16: UInt16Type, UInt32: UInt32Type, UInt64: UInt64Type,
    Int16: Int16Type, Int32: Int32Type, Int64: Int64Type);
number!(IntegerReader, u16 => UInt16: UInt16Type, UInt32: UInt32Type, UInt64: UInt64Type,
    Int32: Int32Type, Int64: Int64Type);
number!(IntegerReader, u32 => UInt32: UInt32Type, UInt64: UInt64Type, Int64: Int64Type);
number!(IntegerReader, u64 => UInt64: UInt64Type);
number!(FloatReader, f32 => Float32: Float32Type, Float64: Float64Type);
number!(FloatReader, f64 => Float64: Float64Type);
#[cfg(feature = "half")]
number!(FloatReader, F16 => Float16: Float16Type, Float32: Float32Type, Float64: Float64Type);

/// `isize` and `usize` take the width of the widest machine, so that a schema is the same on all of them.
macro_rules! machine_integer {
    ($rust:ty => $natural:ident: $arrow:ident) => {
        impl Column<Natural> for $rust {
            type Buffer = PrimitiveBuffer<$arrow>;

            fn data_type() -> DataType {
                DataType::$natural
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                // Lossless: no machine Rust runs on has wider pointers than 64 bits.
                slot.push(*self as <$arrow as ArrowPrimitiveType>::Native);
            }
        }

        impl FromColumn<Natural> for $rust {
            type Reader = IntegerReader<$arrow>;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                IntegerReader::new(array)
            }

            #[inline]
            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                reader.get(row)
            }
        }
    };
}

machine_integer!(isize => Int64: Int64Type);
machine_integer!(usize => UInt64: UInt64Type);

/// A number that is never zero has the column of the number.
macro_rules! non_zero {
    ($($rust:ty)*) => {$(
        impl<E> Column<E> for NonZero<$rust> where $rust: Column<E> {
            type Buffer = <$rust as Column<E>>::Buffer;

            fn data_type() -> DataType {
                <$rust as Column<E>>::data_type()
            }

            fn metadata() -> Vec<(&'static str, String)> {
                <$rust as Column<E>>::metadata()
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                self.get().append_to(slot);
            }
        }

        impl<E> FromColumn<E> for NonZero<$rust> where $rust: FromColumn<E> {
            type Reader = <$rust as FromColumn<E>>::Reader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                <$rust as FromColumn<E>>::reader(array)
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                let value = <$rust as FromColumn<E>>::read(reader, row)?;
                NonZero::new(value)
                    .ok_or_else(|| Box::new(Fault::new(row, "is 0, and the field is a number that is never zero")))
            }
        }
    )*};
}

non_zero!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

macro_rules! item {
    ($($rust:ty)*) => { $(impl<E> Item<E> for $rust where $rust: Column<E> {})* };
}

// All but `u8`: a list of bytes is `Binary`.
item!(i8 i16 i32 i64 isize u16 u32 u64 usize f32 f64);
#[cfg(feature = "half")]
item!(F16);
item!(NonZero<i8> NonZero<i16> NonZero<i32> NonZero<i64> NonZero<isize>
    NonZero<u8> NonZero<u16> NonZero<u32> NonZero<u64> NonZero<usize> NonZero<i128> NonZero<u128>);

/// A column of integers, brought to the native type of `A`.
#[derive(Debug, Clone)]
pub struct IntegerReader<A: ArrowPrimitiveType> {
    values: ScalarBuffer<A::Native>,
}

impl<A: ArrowPrimitiveType<Native: TryFrom<i128>>> IntegerReader<A> {
    /// Accepts this integer type and every one whose values all fit it; those of a narrower one are widened here, once.
    ///
    /// # Errors
    /// A mismatch for any other type.
    pub fn new(array: &ArrayRef) -> Result<Self, Vec<Mismatch>> {
        let values = match array.data_type() {
            found if *found == A::DATA_TYPE => {
                array.as_any().downcast_ref::<PrimitiveArray<A>>().map(|array| array.values().clone())
            }
            found if fits(found, &A::DATA_TYPE) => narrow(array).and_then(|narrow| widen(&narrow)),
            _ => None,
        };
        values.map(|values| IntegerReader { values }).ok_or_else(|| {
            Mismatch::of_type(format!("{} (or a narrower integer)", A::DATA_TYPE), array.data_type())
        })
    }

    /// The value of one row.
    ///
    /// # Errors
    /// A fault when it does not fit `T`.
    #[inline]
    pub fn get<T: TryFrom<A::Native>>(&self, row: usize) -> Result<T, Box<Fault>> {
        let value = self.values[row];
        T::try_from(value).map_err(|_| out_of_range(row, &value, std::any::type_name::<T>()))
    }
}

/// The integers of a column that is narrower than another may be: those from every type to every other would be an
/// instance for each pair.
fn narrow(array: &ArrayRef) -> Option<Vec<i64>> {
    fn all<A: ArrowPrimitiveType<Native: Into<i64>>>(array: &ArrayRef) -> Vec<i64> {
        array.as_primitive::<A>().values().iter().map(|value| (*value).into()).collect()
    }
    Some(match array.data_type() {
        DataType::Int8 => all::<Int8Type>(array),
        DataType::Int16 => all::<Int16Type>(array),
        DataType::Int32 => all::<Int32Type>(array),
        DataType::UInt8 => all::<UInt8Type>(array),
        DataType::UInt16 => all::<UInt16Type>(array),
        DataType::UInt32 => all::<UInt32Type>(array),
        _ => return None,
    })
}

/// All values in a wider type.
fn widen<W: ArrowNativeType + TryFrom<i128>>(values: &[i64]) -> Option<ScalarBuffer<W>> {
    let mut wide = Vec::with_capacity(values.len());
    for value in values {
        wide.push(W::try_from(i128::from(*value)).ok()?);
    }
    Some(wide.into())
}

#[cold]
fn out_of_range(row: usize, value: &dyn Debug, rust: &str) -> Box<Fault> {
    Box::new(Fault::new(
        row,
        format!("{value:?} does not fit the field's type `{rust}`: use a wider integer"),
    ))
}

/// Whether every value of the integer type `found` is a value of `widest`.
fn fits(found: &DataType, widest: &DataType) -> bool {
    match (bits(found), bits(widest)) {
        (Some((found_signed, found)), Some((signed, width))) => match (found_signed, signed) {
            (true, true) | (false, false) => found <= width,
            (false, true) => found < width,
            (true, false) => false,
        },
        _ => false,
    }
}

/// Sign and width of an integer type.
fn bits(data_type: &DataType) -> Option<(bool, usize)> {
    if !data_type.is_integer() {
        return None;
    }
    Some((data_type.is_signed_integer(), data_type.primitive_width()? * 8))
}

/// A column of floats, brought to the native type of `A`.
#[derive(Debug, Clone)]
pub struct FloatReader<A: ArrowPrimitiveType> {
    values: ScalarBuffer<A::Native>,
}

impl<A: ArrowPrimitiveType<Native: Float>> FloatReader<A> {
    /// Accepts this float type and the narrower ones, whose values are widened here, once.
    ///
    /// # Errors
    /// A mismatch for any other type.
    pub fn new(array: &ArrayRef) -> Result<Self, Vec<Mismatch>> {
        let any = array.as_any();
        let narrower = matches!(
            (array.data_type(), A::DATA_TYPE),
            (DataType::Float16, DataType::Float32 | DataType::Float64)
                | (DataType::Float32, DataType::Float64)
        );
        let values = if *array.data_type() == A::DATA_TYPE {
            any.downcast_ref::<PrimitiveArray<A>>().map(|array| array.values().clone())
        } else if let (true, Some(array)) = (narrower, any.downcast_ref::<Float16Array>()) {
            array.values().iter().map(|value| Float::from_f64(value.to_f64())).collect()
        } else if let (true, Some(array)) = (narrower, any.downcast_ref::<Float32Array>()) {
            array.values().iter().map(|value| Float::from_f64((*value).into())).collect()
        } else {
            None
        };
        values.map(|values| FloatReader { values }).ok_or_else(|| {
            Mismatch::of_type(format!("{} (or a narrower float)", A::DATA_TYPE), array.data_type())
        })
    }

    /// The value of one row.
    ///
    /// # Errors
    /// A fault when it is wider than `T` can hold.
    #[inline]
    pub fn get<T: Float>(&self, row: usize) -> Result<T, Box<Fault>> {
        let value = self.values[row].to_f64();
        T::from_f64(value).ok_or_else(|| {
            let rust = std::any::type_name::<T>();
            Box::new(Fault::new(row, format!("{value} loses precision as an `{rust}`: use a wider float")))
        })
    }
}

/// A float of any width.
pub trait Float: Copy {
    /// The same number in 64 bits.
    fn to_f64(self) -> f64;

    /// The same number, or `None` when it is not exactly one of this type.
    fn from_f64(value: f64) -> Option<Self>;
}

impl Float for f64 {
    #[inline]
    fn to_f64(self) -> f64 {
        self
    }

    #[inline]
    fn from_f64(value: f64) -> Option<Self> {
        Some(value)
    }
}

impl Float for f32 {
    #[inline]
    fn to_f64(self) -> f64 {
        self.into()
    }

    #[inline]
    fn from_f64(value: f64) -> Option<Self> {
        let narrow = value as f32;
        (f64::from(narrow) == value || value.is_nan()).then_some(narrow)
    }
}

#[cfg(feature = "half")]
impl Float for F16 {
    #[inline]
    fn to_f64(self) -> f64 {
        self.into()
    }

    #[inline]
    fn from_f64(value: f64) -> Option<Self> {
        let narrow = F16::from_f64(value);
        (f64::from(narrow) == value || value.is_nan()).then_some(narrow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_widen_but_never_narrow_or_lose_their_sign() {
        assert!(fits(&DataType::Int8, &DataType::Int64));
        assert!(fits(&DataType::UInt32, &DataType::Int64));
        assert!(!fits(&DataType::UInt64, &DataType::Int64));
        assert!(!fits(&DataType::Int8, &DataType::UInt64));
        assert!(!fits(&DataType::Int64, &DataType::Int32));
        assert!(!fits(&DataType::Date32, &DataType::Int64));
    }
}
