//! What a caller is promised of a read: these columns, these rows, this many.

use std::sync::Arc;

use arrow_array::{Array, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow_schema::{Schema, SchemaRef};

use crate::error::{Error, ErrorKind};
use crate::kernels::filter_batch;
use crate::predicate::{Filter, Predicate};

/// The promises of one read, settled before its first row.
#[derive(Debug)]
pub(crate) struct Contract {
    /// All columns of the table.
    table: SchemaRef,
    /// The columns of the result.
    result: SchemaRef,
    projection: Vec<String>,
    /// Filters the connector has not promised to apply exactly.
    residual: Vec<Predicate>,
    filter: Option<(SchemaRef, Filter)>,
    /// Rows still to be delivered.
    left: u64,
}

impl Contract {
    /// Checks what is asked against the table.
    pub(crate) fn new(
        table: SchemaRef,
        projection: Option<&[String]>,
        predicates: &[Predicate],
        residual: Vec<Predicate>,
        limit: Option<u64>,
    ) -> Result<Self, Error> {
        let result = result_schema(&table, projection, predicates)?;
        let projection = result.fields().iter().map(|field| field.name().clone()).collect();
        let left = limit.unwrap_or(u64::MAX);
        Ok(Contract { table, result, projection, residual, filter: None, left })
    }

    pub(crate) fn result(&self) -> &SchemaRef {
        &self.result
    }

    pub(crate) fn is_fulfilled(&self) -> bool {
        self.left == 0
    }

    /// How many rows the source may still be asked for; with a filter to come nobody knows.
    pub(crate) fn rows_wanted(&self) -> u64 {
        if self.residual.is_empty() { self.left } else { u64::MAX }
    }

    /// The source's batch as the caller was promised it, and whether the limit cut it.
    pub(crate) fn apply(&mut self, batch: RecordBatch) -> Result<(RecordBatch, bool), Error> {
        self.check(&batch)?;
        let mut batch = batch;
        if let Some(wanted) = self.wanted(&batch)? {
            batch = filter_batch(&batch, &wanted).map_err(|error| {
                Error::new(ErrorKind::Internal, "a filter could not be applied").with_source(error)
            })?;
        }
        let cut = batch.num_rows() as u64 > self.left;
        if cut {
            batch = batch.slice(0, self.left as usize);
        }
        self.left -= batch.num_rows() as u64;
        let columns = self.projection.iter().map(|name| batch.column_by_name(name).cloned());
        let columns = columns.collect::<Option<Vec<_>>>().ok_or_else(|| missing(&self.projection, &batch))?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let batch = RecordBatch::try_new_with_options(self.result.clone(), columns, &options);
        let batch = batch
            .map_err(|error| Error::new(ErrorKind::Schema, "a batch does not fit").with_source(error))?;
        Ok((batch, cut))
    }

    /// Which rows satisfy the filters left; `None` when none is. The literals are brought to the columns'
    /// types once, for all batches of one schema.
    fn wanted(&mut self, batch: &RecordBatch) -> Result<Option<BooleanArray>, Error> {
        if self.residual.is_empty() {
            return Ok(None);
        }
        let filter = match &self.filter {
            Some((schema, filter)) if schema == batch.schema_ref() => filter,
            _ => {
                let filter = Filter::new(&self.residual, batch.schema_ref())?;
                &self.filter.insert((batch.schema(), filter)).1
            }
        };
        filter.evaluate(batch).map(Some)
    }

    /// Every column of the batch that the table has must be as the table says.
    fn check(&self, batch: &RecordBatch) -> Result<(), Error> {
        for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            let Ok(declared) = self.table.field_with_name(field.name()) else {
                let message = format!(
                    "the connector produced a column its schema does not have; it has {}",
                    names(&self.table)
                );
                return Err(Error::new(ErrorKind::Schema, message).with_column(field.name()));
            };
            if declared.data_type() != column.data_type() {
                let (declared, produced) = (declared.data_type(), column.data_type());
                let message = format!("the schema says {declared}, the connector produced {produced}");
                return Err(Error::new(ErrorKind::Schema, message).with_column(field.name()));
            }
            if !declared.is_nullable() && column.null_count() > 0 {
                let row = (0..column.len()).find(|row| column.is_null(*row)).unwrap_or_default();
                let message = "the value is null, and the schema says it cannot be";
                return Err(Error::new(ErrorKind::Data, message)
                    .with_column(field.name())
                    .with_row(row as u64));
            }
        }
        Ok(())
    }
}

/// The columns of a read with this projection and these filters, which must fit the table.
pub(crate) fn result_schema(
    table: &SchemaRef,
    projection: Option<&[String]>,
    predicates: &[Predicate],
) -> Result<SchemaRef, Error> {
    for predicate in predicates {
        predicate.check(table)?;
    }
    projection.map_or_else(|| Ok(table.clone()), |columns| project(table, columns))
}

/// These columns of the table, in this order, with the table's metadata.
pub(super) fn project(table: &Schema, columns: &[String]) -> Result<SchemaRef, Error> {
    let mut fields = Vec::with_capacity(columns.len());
    let mut faults = Vec::new();
    for (position, column) in columns.iter().enumerate() {
        match table.fields().iter().find(|field| field.name() == column) {
            None => faults.push(format!("there is no column `{}`", excerpt(column))),
            Some(_) if columns[..position].contains(column) => {
                faults.push(format!("column `{column}` is asked for twice"));
            }
            Some(field) => fields.push(field.clone()),
        }
    }
    if faults.is_empty() {
        return Ok(Arc::new(Schema::new_with_metadata(fields, table.metadata().clone())));
    }
    faults.truncate(8);
    let message = format!("{}; the table has {}", faults.join("; "), names(table));
    Err(Error::new(ErrorKind::InvalidRequest, message))
}

fn missing(wanted: &[String], batch: &RecordBatch) -> Error {
    let lacks = wanted.iter().find(|name| batch.column_by_name(name).is_none()).cloned().unwrap_or_default();
    Error::new(ErrorKind::Schema, "the connector did not produce this column").with_column(lacks)
}

/// The columns' names for a message, the first twenty of them.
fn names(schema: &Schema) -> String {
    let mut names: Vec<_> =
        schema.fields().iter().take(20).map(|field| format!("`{}`", field.name())).collect();
    if schema.fields().len() > names.len() {
        names.push(format!("and {} more", schema.fields().len() - names.len()));
    }
    if names.is_empty() { "no columns".into() } else { names.join(", ") }
}

/// A caller's text, short enough for a message.
fn excerpt(text: &str) -> String {
    if text.chars().count() <= 80 { text.into() } else { text.chars().take(80).chain(['…']).collect() }
}
