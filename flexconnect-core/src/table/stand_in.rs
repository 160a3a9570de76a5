//! What stands for a flattened type that is no table, as [`StandIn`] does for a column.

use arrow_schema::{Schema, SchemaRef};

use super::{BorrowColumns, FromColumns, Lookup, Named, Table, TableRows};
use crate::buffer::{AnyRows, ColumnRows, Columns, Fault, HoldRows};
use crate::column::{Is, StandIn};

impl<T: Table, E> Is<T, E> {
    /// Yes.
    pub const TABLE: bool = true;
}

/// No columns.
#[derive(Debug)]
pub(super) struct NoColumns;

impl Columns for NoColumns {
    type Buffers = ();

    fn name(_at: usize) -> String {
        String::new()
    }
}

/// Rows of no columns.
#[derive(Debug)]
pub struct NoRows(ColumnRows<NoColumns>);

impl HoldRows for NoRows {
    fn new(hint: usize) -> Self {
        NoRows(ColumnRows::new(hint))
    }

    fn rows(&self) -> &dyn AnyRows {
        &self.0
    }

    fn rows_mut(&mut self) -> &mut dyn AnyRows {
        &mut self.0
    }
}

impl TableRows for NoRows {
    const NAMES: &'static [Named] = &[];

    fn schema() -> SchemaRef {
        SchemaRef::new(Schema::empty())
    }
}

#[diagnostic::do_not_recommend]
impl Table for StandIn {
    const NAME: &'static str = "";

    type Rows = NoRows;

    fn push_to(&self, _rows: &mut NoRows) {
        match *self {}
    }
}

impl FromColumns for StandIn {
    const NAME: &'static str = "";

    type Readers = ();

    fn readers(_columns: &mut Lookup<'_>) -> Option<()> {
        None
    }

    fn read_row(_readers: &(), row: usize) -> Result<Self, Box<Fault>> {
        Err(Box::new(Fault::new(row, "")))
    }
}

impl<'r> BorrowColumns<'r> for StandIn {
    const NAME: &'static str = "";

    type Readers = ();

    fn readers(_columns: &mut Lookup<'_>) -> Option<()> {
        None
    }

    fn borrow_row(_readers: &'r (), row: usize) -> Result<Self, Box<Fault>> {
        Err(Box::new(Fault::new(row, "")))
    }
}
