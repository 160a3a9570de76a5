//! Integers and floats, and the buffer behind every column of fixed-width numbers.

use std::num::NonZero;

use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, Float16Array, Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array,
    UInt8Array, UInt16Array, UInt32Array, UInt64Array,
};
use arrow_schema::DataType;

use crate::buffer::{Fault, Nullable, PrimitiveBuffer, Slot, Slots};
use super::encoding::{self, Natural};
use super::{Column, FromColumn, Item, Mismatch};

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
            type Reader = $reader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                $reader::new(array, &DataType::$data_type)
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
            type Reader = IntegerReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                IntegerReader::new(array, &DataType::$natural)
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

non_zero!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

macro_rules! item {
    ($($rust:ty)*) => { $(impl<E> Item<E> for $rust where $rust: Column<E> {})* };
}

// All but `u8`: a list of bytes is `Binary`.
item!(i8 i16 i32 i64 isize u16 u32 u64 usize f32 f64);
item!(NonZero<i8> NonZero<i16> NonZero<i32> NonZero<i64> NonZero<isize>
    NonZero<u8> NonZero<u16> NonZero<u32> NonZero<u64> NonZero<usize>);

/// A column of integers of any width.
#[derive(Debug, Clone)]
pub enum IntegerReader {
    /// `Int8`.
    Int8(Int8Array),
    /// `Int16`.
    Int16(Int16Array),
    /// `Int32`.
    Int32(Int32Array),
    /// `Int64`.
    Int64(Int64Array),
    /// `UInt8`.
    UInt8(UInt8Array),
    /// `UInt16`.
    UInt16(UInt16Array),
    /// `UInt32`.
    UInt32(UInt32Array),
    /// `UInt64`.
    UInt64(UInt64Array),
}

impl IntegerReader {
    /// Accepts this integer type and every one whose values all fit it.
    ///
    /// # Errors
    /// A mismatch for any other type.
    pub fn new(array: &ArrayRef, widest: &DataType) -> Result<Self, Vec<Mismatch>> {
        let any = array.as_any();
        macro_rules! pick {
            ($($variant:ident: $array:ty),*) => {
                match array.data_type() {
                    $(found @ DataType::$variant if fits(found, widest) => {
                        any.downcast_ref::<$array>().cloned().map(IntegerReader::$variant)
                    })*
                    _ => None,
                }
            };
        }
        pick!(
            Int8: Int8Array, Int16: Int16Array, Int32: Int32Array, Int64: Int64Array,
            UInt8: UInt8Array, UInt16: UInt16Array, UInt32: UInt32Array, UInt64: UInt64Array
        )
        .ok_or_else(|| Mismatch::of_type(format!("{widest} (or a narrower integer)"), array.data_type()))
    }

    /// The value of one row.
    ///
    /// # Errors
    /// A fault when it does not fit `T`.
    #[inline]
    pub fn get<T: TryFrom<i128>>(&self, row: usize) -> Result<T, Box<Fault>> {
        let value = match self {
            Self::Int8(array) => array.value(row).into(),
            Self::Int16(array) => array.value(row).into(),
            Self::Int32(array) => array.value(row).into(),
            Self::Int64(array) => array.value(row).into(),
            Self::UInt8(array) => array.value(row).into(),
            Self::UInt16(array) => array.value(row).into(),
            Self::UInt32(array) => array.value(row).into(),
            Self::UInt64(array) => array.value(row).into(),
        };
        T::try_from(value).map_err(|_| out_of_range(row, value, std::any::type_name::<T>()))
    }
}

#[cold]
fn out_of_range(row: usize, value: i128, rust: &str) -> Box<Fault> {
    Box::new(Fault::new(row, format!("{value} does not fit the field's type `{rust}`: use a wider integer")))
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

/// A column of floats of any width.
#[derive(Debug, Clone)]
pub enum FloatReader {
    /// `Float16`.
    Float16(Float16Array),
    /// `Float32`.
    Float32(Float32Array),
    /// `Float64`.
    Float64(Float64Array),
}

impl FloatReader {
    /// Accepts this float type and the narrower ones.
    ///
    /// # Errors
    /// A mismatch for any other type.
    pub fn new(array: &ArrayRef, widest: &DataType) -> Result<Self, Vec<Mismatch>> {
        let any = array.as_any();
        let reader = match array.data_type() {
            DataType::Float16 => any.downcast_ref().cloned().map(Self::Float16),
            DataType::Float32 => any.downcast_ref().cloned().map(Self::Float32),
            DataType::Float64 if *widest == DataType::Float64 => {
                any.downcast_ref().cloned().map(Self::Float64)
            }
            _ => None,
        };
        reader.ok_or_else(|| Mismatch::of_type(format!("{widest} (or a narrower float)"), array.data_type()))
    }

    /// The value of one row.
    ///
    /// # Errors
    /// A fault when it is wider than `T` can hold.
    #[inline]
    pub fn get<T: FromFloat>(&self, row: usize) -> Result<T, Box<Fault>> {
        let value = match self {
            Self::Float16(array) => array.value(row).to_f64(),
            Self::Float32(array) => array.value(row).into(),
            Self::Float64(array) => array.value(row),
        };
        T::from_float(value).ok_or_else(|| {
            Box::new(Fault::new(row, format!("{value} loses precision as an `f32`: make the field an `f64`")))
        })
    }
}

/// A float that can be made from a wider one without loss.
pub trait FromFloat: Sized {
    /// The same number, or `None` when it is not exactly one of this type.
    fn from_float(value: f64) -> Option<Self>;
}

impl FromFloat for f64 {
    #[inline]
    fn from_float(value: f64) -> Option<Self> {
        Some(value)
    }
}

impl FromFloat for f32 {
    #[inline]
    fn from_float(value: f64) -> Option<Self> {
        let narrow = value as f32;
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
