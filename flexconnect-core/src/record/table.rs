//! Rows of a `#[derive(Table)]` struct, pushed field by field into typed buffers.

use std::fmt;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;

use super::{Finished, RowBuffer};
use crate::buffer::HoldRows;
use crate::error::{Error, ErrorKind};
use crate::table::TableRows;

/// The columns of a table, as they are pushed.
pub struct TableBuffer<R> {
    rows: R,
    schema: SchemaRef,
}

impl<R> TableBuffer<R> {
    /// The rows, to append one to with [`Table::push_to`](crate::Table::push_to).
    #[inline(always)]
    pub fn rows(&mut self) -> &mut R {
        &mut self.rows
    }
}

impl<R: TableRows> RowBuffer for TableBuffer<R> {
    fn new(_schema: Option<&SchemaRef>, rows: usize) -> Result<Self, Error> {
        Ok(TableBuffer { rows: HoldRows::new(rows), schema: R::schema() })
    }

    #[inline(always)]
    fn len(&self) -> usize {
        self.rows.rows().len()
    }

    #[inline(always)]
    fn bytes(&self) -> usize {
        self.rows.rows().bytes()
    }

    fn finish(&mut self) -> Result<Finished, Error> {
        let fault = self.rows.rows_mut().take_fault();
        let (columns, rows) = self.rows.rows_mut().finish(&mut self.schema.fields().iter());
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

impl<R: TableRows> fmt::Debug for TableBuffer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableBuffer").field("rows", &self.rows.rows().len()).finish_non_exhaustive()
    }
}
