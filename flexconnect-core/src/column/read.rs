//! Reading a column back: types are checked once per batch, values row by row.

use arrow_array::{Array, ArrayRef, new_null_array};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

use super::{BorrowColumn, Column, Natural};
use crate::buffer::Fault;
use crate::kernels::plain;

/// A [`Column`] type whose values can be read from an array, in the encoding `E` and in everything that
/// converts to it without loss.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a column",
    label = "can be written only",
    note = "types that borrow, and types whose `Column` is written by hand, can be written but not read"
)]
pub trait FromColumn<E = Natural>: Column<E> + Sized {
    /// The array, checked and downcast.
    type Reader: Send + Sync + 'static;

    /// Checks the array's type and downcasts it, once per batch.
    ///
    /// # Errors
    /// One [`Mismatch`] per part of the type that does not fit.
    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>>;

    /// The value of one row, which is below the array's length and null only for an `Option`.
    ///
    /// # Errors
    /// A [`Fault`] when the value does not fit `Self`; its row is set by the caller.
    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>>;

    /// What a column that is missing from the batch stands for; `None` when it must be there.
    fn missing() -> Option<Self> {
        None
    }

    /// Which rows are null: what the array says, except for a union, of which only a `null` variant is.
    fn nulls(array: &ArrayRef) -> Option<NullBuffer> {
        array.logical_nulls()
    }
}

/// A part of a batch that does not fit the Rust type that reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The column and the path below it, outermost first.
    pub path: Vec<String>,
    /// The Arrow type that would fit best.
    pub expected: String,
    /// The Arrow type that is there; `None` when the column is missing.
    pub found: Option<String>,
}

impl Mismatch {
    /// The array has another type than any that can be read.
    pub fn of_type(expected: impl Into<String>, found: &DataType) -> Vec<Self> {
        vec![Mismatch { path: Vec::new(), expected: expected.into(), found: Some(found.to_string()) }]
    }

    /// A column that is not there.
    pub fn missing(name: &str, expected: impl Into<String>) -> Self {
        Mismatch { path: vec![name.to_owned()], expected: expected.into(), found: None }
    }

    /// The same mismatches seen from the column around this one.
    pub fn inside(child: &str, mut mismatches: Vec<Self>) -> Vec<Self> {
        for mismatch in &mut mismatches {
            mismatch.path.insert(0, child.to_owned());
        }
        mismatches
    }
}

/// One column of a batch, ready to be read: a [`FromColumn::Reader`] and the column's nulls.
#[derive(Debug, Clone)]
pub struct Source<R> {
    reader: R,
    nulls: Option<NullBuffer>,
}

impl<R> Source<R> {
    /// Checks the array's type, once per batch.
    ///
    /// A dictionary or runs of values that are not read as such are taken apart here.
    ///
    /// # Errors
    /// As [`FromColumn::reader`].
    pub fn new<T: FromColumn<E, Reader = R>, E>(array: &ArrayRef) -> Result<Self, Vec<Mismatch>> {
        let nulls = T::nulls(array).filter(|nulls| nulls.null_count() > 0);
        let reader = T::reader(array).or_else(|mismatches| {
            let plain = plain(array).ok_or(&mismatches);
            plain.and_then(|plain| T::reader(&plain).map_err(|_| &mismatches)).map_err(Clone::clone)
        });
        Ok(Source { reader: reader?, nulls })
    }

    /// A column of so many nulls.
    pub(super) fn all_null<T: FromColumn<E, Reader = R>, E>(rows: usize) -> Result<Self, Vec<Mismatch>> {
        let reader = T::reader(&new_null_array(&T::data_type(), rows))?;
        Ok(Source { reader, nulls: Some(NullBuffer::new_null(rows)) })
    }

    /// As [`new`](Self::new), for values that will borrow from the column.
    ///
    /// # Errors
    /// As [`BorrowColumn::reader`].
    pub fn borrowed<'r, T: BorrowColumn<'r, E, Reader = R>, E>(
        array: &ArrayRef,
    ) -> Result<Self, Vec<Mismatch>> {
        let nulls = T::nulls(array).filter(|nulls| nulls.null_count() > 0);
        Ok(Source { reader: T::reader(array)?, nulls })
    }

    /// As [`all_null`](Self::all_null), for values that will borrow from the column.
    pub(super) fn all_null_borrowed<'r, T: BorrowColumn<'r, E, Reader = R>, E>(
        rows: usize,
    ) -> Result<Self, Vec<Mismatch>> {
        let reader = T::reader(&new_null_array(&T::data_type(), rows))?;
        Ok(Source { reader, nulls: Some(NullBuffer::new_null(rows)) })
    }

    /// The value of one row, borrowed from the column.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    #[inline]
    pub fn borrow<'r, T: BorrowColumn<'r, E, Reader = R>, E>(&'r self, row: usize) -> Result<T, Box<Fault>> {
        if !T::MAY_SEEM_NULL && self.is_null(row) {
            return Err(null_fault());
        }
        T::borrow(&self.reader, row)
    }

    /// Whether this row is null.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// The value of one row.
    ///
    /// # Errors
    /// A [`Fault`] when it is null and `T` is not an `Option`, or when it does not fit `T`.
    #[inline]
    pub fn get<T: FromColumn<E, Reader = R>, E>(&self, row: usize) -> Result<T, Box<Fault>> {
        if !T::MAY_SEEM_NULL && self.is_null(row) {
            return Err(null_fault());
        }
        T::read(&self.reader, row)
    }
}

#[cold]
fn null_fault() -> Box<Fault> {
    Box::new(Fault::new(0, "is null, but the field is not an `Option`: make it one, or leave such rows out"))
}
