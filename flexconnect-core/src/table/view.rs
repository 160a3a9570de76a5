//! Borrowed rows of a batch: read without an allocation.

use std::fmt;
use std::marker::PhantomData;

use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};

use super::read::{Lookup, look_up};
use crate::buffer::Fault;
use crate::column::Mismatch;
use crate::error::Error;

/// How a struct that borrows is read from its columns; implemented by `#[derive(Table)]` for structs with one lifetime, so
/// also for the borrowed row type that `#[table(view)]` makes.
///
/// ```
/// use flexconnect_core::{Table, record::{Accepts, Record, RowBuffer}, table::BorrowColumns};
///
/// #[derive(Table)]
/// #[table(view = "TradeRef")]
/// struct Trade {
///     id: u64,
///     symbol: String,
///     note: Option<String>,
/// }
///
/// # fn main() -> Result<(), flexconnect_core::Error> {
/// # let mut buffer = <Trade as Record>::Buffer::new(None, 1)?;
/// # let trade = Trade { id: 7, symbol: "ACME".to_owned(), note: None };
/// # <Trade as Accepts<Trade>>::push(&mut buffer, trade);
/// # let batch = buffer.finish()?.batch;
/// let view = TradeRef::view(&batch)?; // types are checked here, once
/// for trade in view.rows::<TradeRef<'_>>() {
///     let trade = trade?;
///     assert_eq!((trade.id, trade.symbol, trade.note), (7, "ACME", None));
/// }
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be borrowed from columns",
    label = "not a view",
    note = "a `#[derive(Table)]` struct with one lifetime can, and `#[table(view)]` makes one for a struct that owns its fields"
)]
pub trait BorrowColumns<'r>: Sized {
    /// The table's name, for messages.
    const NAME: &'static str;

    /// One reader per column.
    type Readers: Send + Sync + 'static;

    /// Finds and checks the columns; `None` when [`Lookup`] has noted a mismatch.
    fn readers(columns: &mut Lookup<'_>) -> Option<Self::Readers>;

    /// One row.
    ///
    /// # Errors
    /// A [`Fault`] whose path begins with the column.
    fn borrow_row(readers: &'r Self::Readers, row: usize) -> Result<Self, Box<Fault>>;

    /// The batch, its columns matched by name and checked.
    ///
    /// # Errors
    /// [`ErrorKind::Schema`](crate::ErrorKind::Schema), listing every column that is missing or has another type, and what
    /// is there.
    fn view(batch: &RecordBatch) -> Result<BatchView<Self::Readers>, Error> {
        let fields = batch.schema_ref().fields();
        let readers = look_up(Self::NAME, fields, Some(batch.columns()), Self::readers)?;
        Ok(BatchView { readers, rows: batch.num_rows() })
    }
}

/// A batch whose columns have been checked, to borrow rows from.
pub struct BatchView<R> {
    readers: R,
    rows: usize,
}

impl<R> BatchView<R> {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// All rows; each is an error when one of its values does not fit its field.
    pub fn rows<'r, T: BorrowColumns<'r, Readers = R>>(&'r self) -> ViewRows<'r, R, T> {
        ViewRows { view: self, next: 0, row: PhantomData }
    }
}

/// The rows of a [`BatchView`].
pub struct ViewRows<'r, R, T> {
    view: &'r BatchView<R>,
    next: usize,
    row: PhantomData<fn() -> T>,
}

impl<'r, R, T: BorrowColumns<'r, Readers = R>> Iterator for ViewRows<'r, R, T> {
    type Item = Result<T, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.view.rows {
            return None;
        }
        let row = self.next;
        self.next += 1;
        Some(T::borrow_row(&self.view.readers, row).map_err(|fault| at(*fault, row)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.view.rows - self.next;
        (left, Some(left))
    }
}

impl<R> fmt::Debug for BatchView<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchView").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl<R, T> fmt::Debug for ViewRows<'_, R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewRows").field("view", self.view).field("next", &self.next).finish()
    }
}

#[cold]
fn at(mut fault: Fault, row: usize) -> Error {
    fault.row = row;
    fault.into_error()
}

/// Borrows a struct from a column of structs.
///
/// # Errors
/// Every part of the column that does not fit.
#[doc(hidden)]
pub fn borrow_struct<'r, T: BorrowColumns<'r>>(
    array: &ArrayRef,
    expected: &str,
) -> Result<T::Readers, Vec<Mismatch>> {
    let Some(columns) = array.as_any().downcast_ref::<StructArray>() else {
        return Err(Mismatch::of_type(expected, array.data_type()));
    };
    super::read::look_up_inside(columns, T::readers)
}
