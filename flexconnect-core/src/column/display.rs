//! `display`: any type that displays and parses itself, as its text.

use std::fmt::Display;
use std::str::FromStr;

use arrow_array::ArrayRef;
use arrow_schema::DataType;

use super::text::{TextBuffer, TextEncoding, TextReader};
use super::{Column, FromColumn, Item, Mismatch};
use crate::buffer::{Fault, Slot};

/// A value whose column is the text it displays.
#[derive(Debug)]
pub struct Displayed<T>(pub T);

impl<T: Display, E: TextEncoding> Column<E> for Displayed<T> {
    type Buffer = E::Buffer;

    fn data_type() -> DataType {
        E::data_type()
    }

    #[inline]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        E::Buffer::push_display(slot, &self.0);
    }
}

impl<T, E> Item<E> for Displayed<T> where Displayed<T>: Column<E> {}

impl<T: Display + FromStr<Err: Display>, E: TextEncoding> FromColumn<E> for Displayed<T> {
    type Reader = TextReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        TextReader::new(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        match reader.get(row).parse() {
            Ok(value) => Ok(Displayed(value)),
            Err(error) => Err(Box::new(Fault::new(row, format!("cannot be parsed: {error}")))),
        }
    }
}
