//! The buffers of `Values` rows: a column of typed cells each, all columns or those a read wants.

use std::fmt;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_buffer::NullBufferBuilder;
use arrow_schema::{ArrowError, DataType, FieldRef, Schema, SchemaRef};

use super::cells::{Cells, cells};
use crate::error::{Error, ErrorKind};
use crate::predicate::Value;
use crate::record::{Finished, RowBuffer};
use crate::scalar::json::Reason;

/// The [`RowBuffer`] of [`Values`](super::Values).
///
/// The first row with a cell that does not fit ends the buffer's rows: the rows after it are counted by
/// [`len`](RowBuffer::len) and left out.
#[derive(Debug)]
pub struct ValuesBuffer {
    /// The columns of the batches.
    schema: SchemaRef,
    columns: Vec<Column>,
    /// How many columns the table has.
    width: usize,
    /// Complete rows.
    rows: usize,
    /// Rows since the fault, that one too.
    left_out: usize,
    fault: Option<Error>,
}

impl ValuesBuffer {
    /// Appends one row; see [`Accepts`](crate::record::Accepts).
    pub(crate) fn push(&mut self, row: &[Option<Value>]) {
        if self.fault.is_some() {
            self.left_out += 1;
            return;
        }
        let faulty = if row.len() == self.columns.len() {
            push_each(&mut self.columns, |index, _| row.get(index))
        } else if row.len() == self.width {
            push_each(&mut self.columns, |_, column| row.get(column.position))
        } else {
            let error = self.wrong_width(row.len());
            return self.refuse(error);
        };
        match faulty {
            None => self.rows += 1,
            Some(error) => self.refuse(error),
        }
    }

    #[cold]
    fn refuse(&mut self, error: Error) {
        self.fault = Some(error.with_row(self.rows as u64));
        self.left_out += 1;
    }

    #[cold]
    fn wrong_width(&self, cells: usize) -> Error {
        let (width, wanted) = (self.width, self.columns.len());
        let narrowed =
            if wanted == width { String::new() } else { format!(", or {wanted}, those this read looks at") };
        let message = format!("the row has {cells} cells; it takes {width}, one for each column{narrowed}");
        Error::new(ErrorKind::Data, message)
    }
}

/// Appends a cell to each column, whatever fits. Gives the first fault; the columns are of one length all the same.
#[inline]
fn push_each<'c>(
    columns: &mut [Column],
    cell: impl Fn(usize, &Column) -> Option<&'c Option<Value>>,
) -> Option<Error> {
    let mut faulty = None;
    for (index, column) in columns.iter_mut().enumerate() {
        let value = cell(index, column).and_then(Option::as_ref);
        if let Err(error) = column.push(value) {
            faulty.get_or_insert(error);
        }
    }
    faulty
}

impl RowBuffer for ValuesBuffer {
    fn new(schema: Option<&SchemaRef>, rows: usize) -> Result<Self, Error> {
        let Some(schema) = schema else {
            let message = "rows of `Values` do not say which columns the table has; return them from \
                           `get_read_schema`";
            return Err(Error::new(ErrorKind::Schema, message));
        };
        Self::for_read(schema, schema, rows)
    }

    fn for_read(table: &SchemaRef, wanted: &SchemaRef, rows: usize) -> Result<Self, Error> {
        check(table)?;
        let column = |field: &FieldRef| {
            let position = table.index_of(field.name()).ok()?;
            Column::new(field, position, rows)
        };
        let columns: Option<Vec<_>> = wanted.fields().iter().map(column).collect();
        let columns = columns.ok_or_else(|| {
            Error::new(ErrorKind::Internal, "a read wants a column that its table does not have")
        })?;
        let width = table.fields().len();
        Ok(ValuesBuffer { schema: wanted.clone(), columns, width, rows: 0, left_out: 0, fault: None })
    }

    fn len(&self) -> usize {
        self.rows + self.left_out
    }

    fn bytes(&self) -> usize {
        self.columns.iter().map(Column::bytes).sum()
    }

    fn finish(&mut self) -> Result<Finished, Error> {
        let rows = std::mem::take(&mut self.rows);
        self.left_out = 0;
        let fault = self.fault.take();
        let arrays = self.columns.iter_mut().map(Column::finish).collect::<Result<Vec<_>, _>>();
        let batch = arrays.and_then(|mut arrays| {
            if fault.is_some() {
                // The row that does not fit is among them.
                arrays.iter_mut().for_each(|array| *array = array.slice(0, rows));
            }
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)
        });
        let batch = batch.map_err(|error| {
            Error::new(ErrorKind::Internal, format!("rows of `Values` did not become a batch: {error}"))
                .with_source(error)
        })?;
        Ok(Finished { batch, fault })
    }
}

/// Refuses a table with columns that no value fills, naming all of them.
fn check(table: &Schema) -> Result<(), Error> {
    let unfillable = table.fields().iter().filter(|field| cells(field.data_type(), 0).is_none());
    let unfillable: Vec<_> =
        unfillable.map(|field| format!("`{}` ({})", field.name(), field.data_type())).collect();
    if unfillable.is_empty() {
        return Ok(());
    }
    let message = format!(
        "rows of `Values` cannot fill {}; declare another type in `get_read_schema`, or make the connector's row \
         a `RecordBatch`",
        unfillable.join(", ")
    );
    Err(Error::new(ErrorKind::Schema, message))
}

/// One column: its cells, and which of them are null.
struct Column {
    field: FieldRef,
    /// Where it stands in the table.
    position: usize,
    nulls: NullBufferBuilder,
    cells: Box<Cells>,
}

impl Column {
    fn new(field: &FieldRef, position: usize, capacity: usize) -> Option<Self> {
        let cells = cells(field.data_type(), capacity)?;
        Some(Column { field: field.clone(), position, nulls: NullBufferBuilder::new(capacity), cells })
    }

    /// Appends a cell, or a null for one that does not fit.
    #[inline]
    fn push(&mut self, value: Option<&Value>) -> Result<(), Error> {
        let refused = match value.map(|value| self.cells.push(value)) {
            Some(Ok(())) => {
                self.nulls.append_non_null();
                return Ok(());
            }
            Some(Err(reason)) => Some(reason),
            None => None,
        };
        self.cells.push_null();
        self.nulls.append_null();
        let nullable = self.field.is_nullable() || *self.field.data_type() == DataType::Null;
        if value.is_none() && nullable {
            return Ok(());
        }
        Err(self.misfit(value, refused))
    }

    #[cold]
    fn misfit(&self, value: Option<&Value>, reason: Option<Reason>) -> Error {
        let data_type = self.field.data_type();
        let message = match value.zip(reason) {
            Some((value, reason)) => format!("{} does not fit {data_type}: {reason}", value.describe()),
            None => format!("there is no value, and the column ({data_type}) is not nullable"),
        };
        Error::new(ErrorKind::Data, message).with_column(self.field.name())
    }

    fn bytes(&self) -> usize {
        self.cells.bytes() + self.nulls.len() / 8
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let len = self.nulls.len();
        let nulls = self.nulls.finish();
        self.cells.finish(len, nulls)
    }
}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Column").field("field", &self.field).finish_non_exhaustive()
    }
}
