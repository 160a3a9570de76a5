//! Rows of a `#[derive(Table)]` struct, pushed field by field into typed buffers.

use std::fmt;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;

use super::{Finished, RowBuffer};
use crate::column::{Columns, nested};
use crate::error::{Error, ErrorKind};

/// The columns of a table and how many rows they hold.
pub struct TableBuffer<C> {
    columns: C,
    schema: SchemaRef,
    rows: usize,
}

impl<C: Columns> TableBuffer<C> {
    /// The columns, for one more row.
    #[inline]
    pub fn next_row(&mut self) -> &mut C {
        self.rows += 1;
        &mut self.columns
    }
}

impl<C: Columns> RowBuffer for TableBuffer<C> {
    fn new(_schema: Option<&SchemaRef>, rows: usize) -> Result<Self, Error> {
        Ok(TableBuffer { columns: C::with_capacity(rows), schema: C::schema(), rows: 0 })
    }

    fn len(&self) -> usize {
        self.rows
    }

    fn bytes(&self) -> usize {
        nested::bytes(&self.columns)
    }

    fn finish(&mut self) -> Result<Finished, Error> {
        let fault = nested::take_fault(&mut self.columns);
        let rows = std::mem::take(&mut self.rows);
        let columns = nested::finish(&mut self.columns, self.schema.fields());
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
        f.debug_struct("TableBuffer").field("columns", &C::NAMES).field("rows", &self.rows).finish()
    }
}
