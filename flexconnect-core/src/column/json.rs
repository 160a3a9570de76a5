//! `serde_json::Value` as text with the canonical extension `arrow.json`.

use arrow_array::ArrayRef;
use arrow_array::types::{ByteArrayType, LargeUtf8Type, StringViewType, Utf8Type};
use arrow_schema::DataType;
use arrow_schema::extension::EXTENSION_TYPE_NAME_KEY;
use serde_json::Value;

use super::text::{TextBuffer, TextEncoding, TextReader};
use super::{BytesBuffer, Column, Fault, FromColumn, Item, Mismatch, ViewBuffer};

/// A text buffer a document is written into without a `String` between.
pub trait JsonBuffer: TextBuffer {
    /// Appends one document.
    fn push_json(&mut self, value: &Value);
}

fn push_bytes<T: ByteArrayType>(buffer: &mut BytesBuffer<T>, value: &Value) {
    buffer.push_with(|values| {
        serde_json::to_writer(values, value)
            .expect("a JSON value has text keys, and a vector takes every byte");
    });
}

impl JsonBuffer for BytesBuffer<Utf8Type> {
    #[inline]
    fn push_json(&mut self, value: &Value) {
        push_bytes(self, value);
    }
}

impl JsonBuffer for BytesBuffer<LargeUtf8Type> {
    #[inline]
    fn push_json(&mut self, value: &Value) {
        push_bytes(self, value);
    }
}

impl JsonBuffer for ViewBuffer<StringViewType> {
    fn push_json(&mut self, value: &Value) {
        self.push_text(&value.to_string());
    }
}

impl<E: TextEncoding<Buffer: JsonBuffer>> Column<E> for Value {
    type Buffer = E::Buffer;

    fn data_type() -> DataType {
        E::DATA_TYPE
    }

    fn metadata() -> Vec<(&'static str, String)> {
        vec![(EXTENSION_TYPE_NAME_KEY, "arrow.json".to_owned())]
    }

    #[inline]
    fn append_to(&self, buffer: &mut Self::Buffer) {
        buffer.push_json(self);
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
