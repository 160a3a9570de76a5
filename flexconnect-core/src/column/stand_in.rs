//! What stands for a type that cannot be a column in the impls that a derive emits: the compiler has refused the field, and
//! what uses the row is no further mistake.

use std::marker::PhantomData;

use arrow_array::ArrayRef;
use arrow_schema::DataType;

use super::{BorrowColumn, Column, FromColumn, Item, Mismatch};
use crate::buffer::{Fault, Slot};

/// No value has this type.
#[derive(Debug)]
pub enum StandIn {}

/// A type where it is a column, and [`StandIn`] where it is none.
pub trait OrStandIn<const IS_COLUMN: bool> {
    /// The one or the other.
    type Column: ?Sized;

    /// The value of a field, to be written.
    fn column(&self) -> &Self::Column;

    /// The value of a field that was read.
    fn field(column: Self::Column) -> Self
    where
        Self: Sized,
        Self::Column: Sized;
}

impl<T: ?Sized> OrStandIn<true> for T {
    type Column = T;

    #[inline(always)]
    fn column(&self) -> &T {
        self
    }

    #[inline(always)]
    fn field(column: T) -> T
    where
        T: Sized,
    {
        column
    }
}

impl<T: ?Sized> OrStandIn<false> for T {
    type Column = StandIn;

    fn column(&self) -> &StandIn {
        unreachable!("no program is built of a row with a field that cannot be a column")
    }

    fn field(column: StandIn) -> T
    where
        T: Sized,
    {
        match column {}
    }
}

/// Whether a type is a column, or a table: it is, when all that makes it one is there; else the answer is that of
/// [`IsNot`], which must be in scope.
#[derive(Debug)]
pub struct Is<T: ?Sized, E>(PhantomData<E>, PhantomData<T>);

impl<T: Column<E> + ?Sized, E> Is<T, E> {
    /// Yes.
    pub const COLUMN: bool = true;
}

/// What [`Is`] says of a type of which it says nothing else.
pub trait IsNot {
    /// No.
    const COLUMN: bool = false;
    /// No.
    const TABLE: bool = false;
}

impl<T: ?Sized, E> IsNot for Is<T, E> {}

impl<E> Column<E> for StandIn {
    type Buffer = <() as Column>::Buffer;

    fn data_type() -> DataType {
        DataType::Null
    }

    fn append_to(&self, _slot: Slot<'_, Self::Buffer>) {
        match *self {}
    }
}

impl<E> Item<E> for StandIn {}

impl<E> FromColumn<E> for StandIn {
    type Reader = ();

    fn reader(_array: &ArrayRef) -> Result<(), Vec<Mismatch>> {
        Err(Vec::new())
    }

    fn read(_reader: &(), row: usize) -> Result<Self, Box<Fault>> {
        Err(Box::new(Fault::new(row, "")))
    }
}

impl<'r, E> BorrowColumn<'r, E> for StandIn {
    type Reader = ();

    fn data_type() -> DataType {
        DataType::Null
    }

    fn reader(_array: &ArrayRef) -> Result<(), Vec<Mismatch>> {
        Err(Vec::new())
    }

    fn borrow(_reader: &'r (), row: usize) -> Result<Self, Box<Fault>> {
        Err(Box::new(Fault::new(row, "")))
    }
}
