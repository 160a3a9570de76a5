//! `uuid::Uuid` as 16 bytes with the canonical extension `arrow.uuid`, or as text.

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use arrow_schema::extension::EXTENSION_TYPE_NAME_KEY;
use uuid::Uuid;

use super::encoding::{LargeUtf8, Natural, Utf8, Utf8View};
use super::text::{TextBuffer, TextEncoding, TextReader};
use super::{BytesReader, Column, FromColumn, Item, Mismatch};
use crate::buffer::{Fault, FixedBytesBuffer, Slot};

impl Column<Natural> for Uuid {
    type Buffer = FixedBytesBuffer<16>;

    fn data_type() -> DataType {
        FixedBytesBuffer::<16>::data_type()
    }

    fn metadata() -> Vec<(&'static str, String)> {
        vec![(EXTENSION_TYPE_NAME_KEY, "arrow.uuid".to_owned())]
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_array(self.as_bytes());
    }
}

impl<E> Item<E> for Uuid where Uuid: Column<E> {}

impl FromColumn<Natural> for Uuid {
    type Reader = UuidReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        UuidReader::new(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.get(row)
    }
}

macro_rules! text {
    ($($encoding:ty)*) => {$(
        impl Column<$encoding> for Uuid {
            type Buffer = <$encoding as TextEncoding>::Buffer;

            fn data_type() -> DataType {
                <$encoding as TextEncoding>::data_type()
            }

            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                let mut text = Uuid::encode_buffer();
                <Self::Buffer as TextBuffer>::push_text(slot, self.hyphenated().encode_lower(&mut text));
            }
        }

        impl FromColumn<$encoding> for Uuid {
            type Reader = UuidReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                UuidReader::new(array)
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                reader.get(row)
            }
        }
    )*};
}

text!(Utf8 LargeUtf8 Utf8View);

/// A column of UUIDs: 16 bytes each, or text in any of their notations.
#[derive(Debug, Clone)]
pub enum UuidReader {
    /// Bytes.
    Bytes(BytesReader),
    /// Text.
    Text(TextReader),
}

impl UuidReader {
    fn new(array: &ArrayRef) -> Result<Self, Vec<Mismatch>> {
        let bytes = BytesReader::new(array).map(Self::Bytes);
        bytes
            .or_else(|_| TextReader::new(array).map(Self::Text))
            .map_err(|_| Mismatch::of_type("FixedSizeBinary(16) (or text)", array.data_type()))
    }

    fn get(&self, row: usize) -> Result<Uuid, Box<Fault>> {
        match self {
            Self::Bytes(bytes) => bytes.array(row).map(Uuid::from_bytes),
            Self::Text(text) => {
                let text = text.get(row);
                Uuid::try_parse(text)
                    .map_err(|_| Box::new(Fault::new(row, format!("{text:?} is not a UUID"))))
            }
        }
    }
}
