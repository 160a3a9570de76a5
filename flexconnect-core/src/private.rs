//! What emitted code names. Not public: it changes with the derives.

pub use std::sync::{LazyLock, OnceLock};

pub use arrow_array::types::{Int8Type, Int16Type};
pub use arrow_array::{Array, ArrayRef, StringArray};
pub use arrow_schema::{DataType, SchemaRef};

pub use crate::buffer::{Buffers, Columns, Fault, Own, Slot, StructBuffer};
pub use crate::column::{
    Column, EnumBuffer, EnumReader, FromColumn, Item, Mismatch, Source, Variants, encoding, field,
};
pub use crate::record::{Accepts, Record, TableBuffer};
pub use crate::table::{FromColumns, Lookup, Table, described, read_struct, schema};

/// What a column that is missing from a batch stands for.
///
/// # Errors
/// A fault when it must be there, which [`Lookup::column`] has refused before.
pub fn missing<T: FromColumn<E>, E>() -> Result<T, Box<Fault>> {
    T::missing().ok_or_else(|| Box::new(Fault::new(0, "the column is missing")))
}

/// A fault of the field of this name.
pub fn inside(column: &'static str) -> impl Fn(Box<Fault>) -> Box<Fault> {
    move |fault| {
        let row = fault.row;
        Box::new(fault.inside(column, row))
    }
}

/// The names of an enum's variants as an array.
pub fn names(names: &'static [&'static str]) -> ArrayRef {
    std::sync::Arc::new(StringArray::from_iter_values(names))
}

/// Only compiles for a column, and for an `Option` only around one that is none itself.
pub const fn assert_column<T: Column<E> + ?Sized, E>() {
    let _ = T::NULLABLE;
}

/// For `#[derive(Config)]`.
pub mod config {
    pub use crate::config::derive::*;
}
