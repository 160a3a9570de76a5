//! What emitted code names. Not public: it changes with the derives.

pub use std::sync::{LazyLock, OnceLock};

pub use arrow_array::types::{self, Int8Type, Int16Type};
pub use arrow_array::{Array, ArrayRef, StringArray};
pub use arrow_schema::{DataType, SchemaRef};

pub use arrow_buffer::NullBuffer;

pub use crate::buffer::{
    AnyRows, ColumnRows, Columns, Fault, FlatRows, HoldRows, NestedRows, Nullable, Own, Room, Slot,
};
pub use crate::column::{
    BorrowColumn, Column, Displayed, EnumBuffer, EnumReader, FromColumn, Is, IsNot, Item, Json, ListItems,
    Mismatch, OrStandIn, PartNames, Runs, Source, UnionBuffer, UnionPart, UnionParts, UnionRows, Variants,
    encoding, field,
};
pub use crate::record::{Accepts, Record, TableBuffer};
pub use crate::table::{
    BorrowColumns, FromColumns, Lookup, Named, Table, TableRows, assert_distinct, assert_named,
    borrow_struct, described, flatten, read_struct, schema,
};

/// What a column that is missing from a batch stands for.
///
/// # Errors
/// A fault when it must be there, which [`Lookup::column`] has refused before.
pub fn missing<T: FromColumn<E>, E>() -> Result<T, Box<Fault>> {
    T::missing().ok_or_else(|| Box::new(Fault::new(0, "the column is missing")))
}

/// The name of the column at this place.
pub fn name_of(schema: &SchemaRef, at: usize) -> String {
    schema.fields().get(at).map(|field| field.name().clone()).unwrap_or_default()
}

/// As [`missing`], of a value that borrows.
///
/// # Errors
/// As [`missing`].
pub fn missing_borrowed<'r, T: BorrowColumn<'r, E>, E>() -> Result<T, Box<Fault>> {
    T::missing().ok_or_else(|| Box::new(Fault::new(0, "the column is missing")))
}

/// Readers of columns whose types are not named.
pub type HiddenReaders = Box<dyn std::any::Any + Send + Sync>;

/// Hides readers; [`opened`] is the way back.
pub fn hidden<R: Send + Sync + 'static>(readers: R) -> HiddenReaders {
    Box::new(readers)
}

/// The readers that were hidden.
pub fn opened<R: 'static>(readers: &HiddenReaders) -> &R {
    readers.downcast_ref().expect("a view opens the readers it has hidden itself, which are of one type")
}

/// A fault of the field of this name.
pub fn inside(column: &'static str) -> impl Fn(Box<Fault>) -> Box<Fault> {
    move |fault| {
        let row = fault.row;
        Box::new(fault.inside(column, row))
    }
}

/// A fault of a column of a struct whose columns have this before their names.
pub fn after(prefix: &'static str) -> impl Fn(Box<Fault>) -> Box<Fault> {
    move |mut fault| {
        if let Some(column) = fault.path.first_mut() {
            column.insert_str(0, prefix);
        }
        fault
    }
}

/// A value that a function named by `with` refused.
pub fn not_converted(error: impl std::fmt::Display) -> Box<Fault> {
    Box::new(Fault::new(0, format!("cannot be converted: {error}")))
}

/// An integer that is the discriminant of no variant.
pub fn no_variant(row: usize, discriminant: &dyn std::fmt::Display) -> Box<Fault> {
    Box::new(Fault::new(row, format!("{discriminant} is the discriminant of no variant")))
}

/// A variant whose data is null.
pub fn no_data(row: usize, variant: &str) -> Box<Fault> {
    Box::new(Fault::new(row, format!("is said to be `{variant}`, and the column of that name is null")))
}

/// The names of an enum's variants as an array.
pub fn names(names: &'static [&'static str]) -> ArrayRef {
    std::sync::Arc::new(StringArray::from_iter_values(names))
}

/// Only compiles for a column that nothing speaks against; what does is told at the place of the caller.
#[track_caller]
pub const fn assert_column<T: Column<E> + ?Sized, E>() {
    if let Some(message) = T::REFUSED {
        panic!("{}", message);
    }
}

/// Only compiles for a table.
pub const fn assert_table<T: Table>() {}

/// For `#[derive(Config)]`.
pub mod config {
    pub use crate::config::derive::*;
}
