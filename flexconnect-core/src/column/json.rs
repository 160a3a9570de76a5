//! JSON as text with the canonical extension `arrow.json`: `serde_json::Value`, and with `json` every type that serde
//! knows.

use std::fmt::{self, Display};

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use arrow_schema::extension::EXTENSION_TYPE_NAME_KEY;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
#[cfg(feature = "json")]
use serde_json::value::RawValue;

#[cfg(feature = "json")]
use super::BorrowColumn;
use super::text::{TextBuffer, TextEncoding, TextReader};
use super::{Column, FromColumn, Item, Mismatch};
use crate::buffer::{Fault, Slot};

fn metadata() -> Vec<(&'static str, String)> {
    vec![(EXTENSION_TYPE_NAME_KEY, "arrow.json".to_owned())]
}

fn read<'r, T: Deserialize<'r>>(reader: &'r TextReader, row: usize) -> Result<T, Box<Fault>> {
    serde_json::from_str(reader.get(row))
        .map_err(|error| Box::new(Fault::new(row, format!("is not the JSON of the field's type: {error}"))))
}

impl<E: TextEncoding> Column<E> for Value {
    type Buffer = E::Buffer;

    fn data_type() -> DataType {
        E::data_type()
    }

    fn metadata() -> Vec<(&'static str, String)> {
        metadata()
    }

    #[inline]
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
        read(reader, row)
    }
}

/// A document that is kept as its text.
#[cfg(feature = "json")]
impl<E: TextEncoding> Column<E> for RawValue {
    type Buffer = E::Buffer;

    fn data_type() -> DataType {
        E::data_type()
    }

    fn metadata() -> Vec<(&'static str, String)> {
        metadata()
    }

    #[inline]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        E::Buffer::push_text(slot, self.get());
    }
}

#[cfg(feature = "json")]
impl<E: TextEncoding> FromColumn<E> for Box<RawValue> {
    type Reader = TextReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        TextReader::new(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        read(reader, row)
    }
}

#[cfg(feature = "json")]
impl<'r, E: TextEncoding> BorrowColumn<'r, E> for &'r RawValue {
    type Reader = TextReader;

    fn data_type() -> DataType {
        E::data_type()
    }

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        TextReader::new(array)
    }

    fn borrow(reader: &'r Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        read(reader, row)
    }
}

/// A value whose column is its JSON.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize, E: TextEncoding> Column<E> for Json<T> {
    type Buffer = E::Buffer;

    fn data_type() -> DataType {
        E::data_type()
    }

    fn metadata() -> Vec<(&'static str, String)> {
        metadata()
    }

    #[inline]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        E::Buffer::push_display(slot, &Text(&self.0));
    }
}

impl<T, E> Item<E> for Json<T> where Json<T>: Column<E> {}

impl<T: Serialize + DeserializeOwned, E: TextEncoding> FromColumn<E> for Json<T> {
    type Reader = TextReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        TextReader::new(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        read(reader, row).map(Json)
    }
}

/// Displays a value as its JSON, without a `String` between.
struct Text<'t, T>(&'t T);

impl<T: Serialize> Display for Text<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        serde_json::to_writer(Pieces(f), self.0).map_err(|_| fmt::Error)
    }
}

/// The pieces `serde_json` writes, each of which is text.
struct Pieces<'p, 'f>(&'p mut fmt::Formatter<'f>);

impl std::io::Write for Pieces<'_, '_> {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        let text = std::str::from_utf8(piece).map_err(std::io::Error::other)?;
        self.0.write_str(text).map_err(std::io::Error::other)?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
