//! Text: `str` in all its containers, and `char`.

use std::fmt::{Display, Write};
use std::rc::Rc;
use std::sync::Arc;

use arrow_array::types::{GenericStringType, LargeUtf8Type, StringViewType, UInt32Type, Utf8Type};
use arrow_array::{Array, ArrayRef, LargeStringArray, OffsetSizeTrait, StringArray, StringViewArray};
use arrow_schema::DataType;

use super::encoding::{self, Natural};
use super::{Column, FromColumn, IntegerReader, Item, Mismatch, ViewBuffer};
use crate::buffer::{BytesBuffer, ColumnBuffer, Fault, Own, PrimitiveBuffer, Slot};

/// An encoding of text.
pub trait TextEncoding {
    /// The buffer of this encoding.
    type Buffer: TextBuffer;

    /// `Utf8` or one of its kin.
    fn data_type() -> DataType;
}

/// A buffer that takes text.
pub trait TextBuffer: ColumnBuffer + Sized {
    /// Appends one value.
    fn push_text(slot: Slot<'_, Self>, text: &str);

    /// Appends what a value says of itself.
    fn push_display(slot: Slot<'_, Self>, value: &dyn Display);
}

macro_rules! text {
    ($($encoding:ty => $data_type:ident, $buffer:ty;)*) => {$(
        impl TextEncoding for $encoding {
            type Buffer = $buffer;

            fn data_type() -> DataType {
                DataType::$data_type
            }
        }
    )*};
}

text! {
    Natural => Utf8, BytesBuffer<Utf8Type>;
    encoding::Utf8 => Utf8, BytesBuffer<Utf8Type>;
    encoding::LargeUtf8 => LargeUtf8, BytesBuffer<LargeUtf8Type>;
    encoding::Utf8View => Utf8View, Own<ViewBuffer<StringViewType>>;
}

impl<O: OffsetSizeTrait> TextBuffer for BytesBuffer<GenericStringType<O>> {
    #[inline(always)]
    fn push_text(slot: Slot<'_, Self>, text: &str) {
        slot.push(text);
    }

    fn push_display(slot: Slot<'_, Self>, value: &dyn Display) {
        slot.write(|text| write!(text, "{value}"));
    }
}

impl TextBuffer for Own<ViewBuffer<StringViewType>> {
    #[inline]
    fn push_text(slot: Slot<'_, Self>, text: &str) {
        slot.push(text);
    }

    fn push_display(slot: Slot<'_, Self>, value: &dyn Display) {
        slot.push(value.to_string().as_str());
    }
}

impl<E: TextEncoding> Column<E> for str {
    type Buffer = E::Buffer;

    fn data_type() -> DataType {
        E::data_type()
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        E::Buffer::push_text(slot, self);
    }
}

impl<E: TextEncoding> Column<E> for String {
    type Buffer = E::Buffer;

    fn data_type() -> DataType {
        E::data_type()
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        E::Buffer::push_text(slot, self);
    }
}

impl<E: TextEncoding> Column<E> for char {
    type Buffer = E::Buffer;

    fn data_type() -> DataType {
        E::data_type()
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        E::Buffer::push_text(slot, self.encode_utf8(&mut [0; 4]));
    }
}

impl Column<encoding::UInt32> for char {
    type Buffer = PrimitiveBuffer<UInt32Type>;

    fn data_type() -> DataType {
        DataType::UInt32
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push(u32::from(*self));
    }
}

impl<E> Item<E> for String where String: Column<E> {}
impl<E> Item<E> for char where char: Column<E> {}

macro_rules! read_text {
    ($($rust:ty)*) => {$(
        impl<E: TextEncoding> FromColumn<E> for $rust {
            type Reader = TextReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                TextReader::new(array)
            }

            #[inline]
            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                Ok(reader.get(row).into())
            }
        }
    )*};
}

read_text!(String Box<str> Arc<str> Rc<str>);

impl<E: TextEncoding> FromColumn<E> for char {
    type Reader = TextReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        TextReader::new(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        let text = reader.get(row);
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(char), None) => Ok(char),
            _ => Err(Box::new(Fault::new(row, format!("{text:?} is not exactly one character")))),
        }
    }
}

impl FromColumn<encoding::UInt32> for char {
    type Reader = IntegerReader<UInt32Type>;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        IntegerReader::new(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        let number = reader.get::<u32>(row)?;
        char::from_u32(number)
            .ok_or_else(|| Box::new(Fault::new(row, format!("{number} is not the number of a character"))))
    }
}

/// A column of text in any layout.
#[derive(Debug, Clone)]
pub enum TextReader {
    /// `Utf8`.
    Utf8(StringArray),
    /// `LargeUtf8`.
    Large(LargeStringArray),
    /// `Utf8View`.
    View(StringViewArray),
    /// A dictionary or runs of text: which value each row has.
    Indirect(Vec<usize>, Box<TextReader>),
}

impl TextReader {
    /// Accepts every layout of text.
    ///
    /// # Errors
    /// A mismatch for any other type.
    pub fn new(array: &ArrayRef) -> Result<Self, Vec<Mismatch>> {
        let any = array.as_any();
        let reader = match array.data_type() {
            DataType::Utf8 => any.downcast_ref().cloned().map(Self::Utf8),
            DataType::LargeUtf8 => any.downcast_ref().cloned().map(Self::Large),
            DataType::Utf8View => any.downcast_ref().cloned().map(Self::View),
            _ => crate::kernels::places(array).and_then(|(places, values)| {
                Some(Self::Indirect(places, Box::new(Self::new(&values).ok()?)))
            }),
        };
        reader.ok_or_else(|| Mismatch::of_type("Utf8 (or any other layout of text)", array.data_type()))
    }

    /// The text of one row.
    #[inline]
    pub fn get(&self, row: usize) -> &str {
        match self {
            Self::Utf8(array) => array.value(row),
            Self::Large(array) => array.value(row),
            Self::View(array) => array.value(row),
            // Where there is no place every row is null, and none is read.
            Self::Indirect(places, values) => places.get(row).map_or("", |place| values.get(*place)),
        }
    }
}
