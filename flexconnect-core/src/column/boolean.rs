//! `bool` as `Boolean` (one bit) or `Bool8` (one byte).

use arrow_array::types::Int8Type;
use arrow_array::{Array, ArrayRef, BooleanArray, Int8Array};
use arrow_schema::DataType;
use arrow_schema::extension::EXTENSION_TYPE_NAME_KEY;

use super::encoding::{Bool8, Natural};
use super::{Column, FromColumn, Item, Mismatch};
use crate::buffer::{BooleanBuffer, Fault, Nullable, PrimitiveBuffer, Slot};

impl Column<Natural> for bool {
    type Buffer = BooleanBuffer;

    fn data_type() -> DataType {
        DataType::Boolean
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push(*self);
    }

    #[inline(always)]
    fn append_option(value: Option<&Self>, slot: Slot<'_, Nullable<Self::Buffer>>) {
        slot.push_option(value.copied());
    }
}

impl Column<Bool8> for bool {
    type Buffer = PrimitiveBuffer<Int8Type>;

    fn data_type() -> DataType {
        DataType::Int8
    }

    fn metadata() -> Vec<(&'static str, String)> {
        vec![(EXTENSION_TYPE_NAME_KEY, "arrow.bool8".to_owned())]
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push(i8::from(*self));
    }
}

impl<E> Item<E> for bool where bool: Column<E> {}

/// A column of truth values: bits, or bytes of which every one but zero is true.
#[derive(Debug, Clone)]
pub enum BooleanReader {
    /// `Boolean`.
    Bits(BooleanArray),
    /// `Int8`, as `arrow.bool8` stores them.
    Bytes(Int8Array),
}

impl<E> FromColumn<E> for bool
where
    bool: Column<E>,
{
    type Reader = BooleanReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        let any = array.as_any();
        if let Some(array) = any.downcast_ref::<BooleanArray>() {
            Ok(BooleanReader::Bits(array.clone()))
        } else if let Some(array) = any.downcast_ref::<Int8Array>() {
            Ok(BooleanReader::Bytes(array.clone()))
        } else {
            Err(Mismatch::of_type("Boolean", array.data_type()))
        }
    }

    #[inline]
    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        Ok(match reader {
            BooleanReader::Bits(array) => array.value(row),
            BooleanReader::Bytes(array) => array.value(row) != 0,
        })
    }
}
