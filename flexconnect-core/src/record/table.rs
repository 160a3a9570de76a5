//! Rows of a `#[derive(Table)]` struct, pushed field by field into typed buffers.

use std::fmt;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;

use super::{Finished, RowBuffer};
use crate::buffer::{Buffers, Columns, Room, Slot, StructBuffer};
use crate::error::{Error, ErrorKind};

/// The columns of a table.
pub struct TableBuffer<C: Columns> {
    rows: Room<StructBuffer<C>>,
    schema: SchemaRef,
}

impl<C: Columns> TableBuffer<C> {
    /// Room for one more row: one check for all columns.
    #[inline(always)]
    pub fn row(&mut self) -> Slot<'_, C::Buffers> {
        self.rows.slot().columns()
    }
}

impl<C: Columns> RowBuffer for TableBuffer<C> {
    fn new(_schema: Option<&SchemaRef>, rows: usize) -> Result<Self, Error> {
        Ok(TableBuffer { rows: Room::new(rows), schema: C::schema() })
    }

    #[inline(always)]
    fn len(&self) -> usize {
        Buffers::len(self.rows.get())
    }

    #[inline(always)]
    fn bytes(&self) -> usize {
        Buffers::bytes(self.rows.get())
    }

    fn finish(&mut self) -> Result<Finished, Error> {
        let fault = self.rows.take_fault();
        let (columns, rows) = self.rows.finish_columns(self.schema.fields());
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch =
            RecordBatch::try_new_with_options(self.schema.clone(), columns, &options).map_err(|error| {
                Error::new(ErrorKind::Internal, "the columns of a batch disagree").with_source(error)
            })?;
        Ok(match fault {
            None => Finished { batch, fault: None },
            Some(fault) => {
                Finished { batch: batch.slice(0, fault.row.min(rows)), fault: Some(fault.into_error()) }
            }
        })
    }
}

impl<C: Columns> fmt::Debug for TableBuffer<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableBuffer").field("rows", &self.rows).finish()
    }
}
