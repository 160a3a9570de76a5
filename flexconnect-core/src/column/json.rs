//! `serde_json::Value` as text with the canonical extension `arrow.json`.

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use arrow_schema::extension::EXTENSION_TYPE_NAME_KEY;
use serde_json::Value;

use crate::buffer::{Fault, Slot};
use super::text::{TextBuffer, TextEncoding, TextReader};
use super::{Column, FromColumn, Item, Mismatch};

impl<E: TextEncoding> Column<E> for Value {
    type Buffer = E::Buffer;

    fn data_type() -> DataType {
        E::DATA_TYPE
    }

    fn metadata() -> Vec<(&'static str, String)> {
        vec![(EXTENSION_TYPE_NAME_KEY, "arrow.json".to_owned())]
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        // A document displays itself as its text.
        E::Buffer::push_display(slot, self);
    }
}

impl<E> Item<E> for Value where Value: Column<E> {}

impl<E> FromColumn<E> for Value
where
    Value: Column<E>,
{
    type Reader = TextReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        TextReader::new(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        serde_json::from_str(reader.get(row))
            .map_err(|error| Box::new(Fault::new(row, format!("is not a JSON document: {error}"))))
    }
}
