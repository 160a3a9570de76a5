//! What every check works with: the table, its rows as one plain read gave them, and all that was said meanwhile.

use std::sync::{Mutex, PoisonError};

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;

use super::options::{Options, TableOptions};
use super::patience::within;
use super::report::Verdict;
use super::row_bytes::{self, Row};
use super::subject::{OpenTable, TableRead};
use crate::capabilities::Capabilities;
use crate::error::{Error, ErrorKind};
use crate::request::{ReadRequest, WriteRequest};
use crate::writer::BoxWriter;

/// A table under examination.
pub(crate) struct Bench<'a> {
    pub(crate) table: &'a dyn OpenTable,
    pub(crate) capabilities: &'a Capabilities,
    pub(crate) options: &'a Options,
    pub(crate) of_table: &'a TableOptions,
    pub(crate) said: &'a Said,
}

/// A plain read of the whole table.
pub(crate) struct Baseline {
    pub(crate) schema: SchemaRef,
    /// All rows that were read, as one batch.
    pub(crate) batch: RecordBatch,
    pub(crate) rows: Vec<Row>,
    /// Whether these are all rows of the table.
    pub(crate) complete: bool,
    /// Whether a second read gave the same.
    pub(crate) repeatable: bool,
}

/// Texts that leave the table: errors with their causes, descriptions, ids. Secrets are looked for in them.
#[derive(Default)]
pub(crate) struct Said(Mutex<Vec<String>>);

impl Said {
    pub(crate) fn note(&self, text: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text.into());
    }

    /// An error as clients, logs and debuggers see it.
    pub(crate) fn error(&self, error: Error) -> Error {
        self.note(format!("{error} {} {error:?}", error.causes()));
        error
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Bench<'_> {
    /// Any work of the table's, with an end, its errors kept.
    pub(crate) async fn ask<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        within(self.options.patience, work).await.map_err(|error| self.said.error(error))
    }

    /// Begins a read.
    pub(crate) async fn begin(&self, request: ReadRequest) -> Result<Box<dyn TableRead>, Error> {
        self.ask(self.table.read(request)).await
    }

    /// The next batch of a read, which must have the columns the read announced.
    pub(crate) async fn next(&self, read: &mut dyn TableRead) -> Result<Option<RecordBatch>, Error> {
        let batch = self.ask(async { read.next_batch().await.transpose() }).await?;
        if let Some(batch) = &batch
            && batch.schema() != read.schema()
        {
            let message = "a batch has other columns, or other metadata, than its read announced";
            return Err(Error::new(ErrorKind::Schema, message));
        }
        Ok(batch)
    }

    /// All batches of a read.
    pub(crate) async fn batches(&self, request: ReadRequest) -> Result<Vec<RecordBatch>, Error> {
        let mut read = self.begin(request).await?;
        let mut batches = Vec::new();
        while let Some(batch) = self.next(&mut *read).await? {
            batches.push(batch);
        }
        Ok(batches)
    }

    /// All rows of a read.
    pub(crate) async fn rows(&self, request: ReadRequest) -> Result<Vec<Row>, Error> {
        row_bytes::rows(&self.batches(request).await?).map_err(not_compared)
    }

    /// How many rows a read has.
    pub(crate) async fn count(&self, request: ReadRequest) -> Result<u64, Error> {
        Ok(self.batches(request).await?.iter().map(|batch| batch.num_rows() as u64).sum())
    }

    /// Begins a write.
    pub(crate) async fn writer(&self, request: WriteRequest) -> Result<BoxWriter, Error> {
        self.ask(self.table.writer(request)).await
    }

    /// The whole table, or its first rows.
    pub(crate) async fn baseline(&self, schema: SchemaRef) -> Result<Baseline, Error> {
        let mut read = self.begin(ReadRequest::new()).await?;
        let (mut batches, mut count, mut complete) = (Vec::new(), 0, false);
        while count <= self.options.most_rows {
            let Some(batch) = self.next(&mut *read).await? else {
                complete = true;
                break;
            };
            count += batch.num_rows();
            batches.push(batch);
        }
        drop(read);
        let batch = one_batch(&schema, &batches)?;
        let rows = row_bytes::rows([&batch]).map_err(not_compared)?;
        Ok(Baseline { schema, batch, rows, complete, repeatable: true })
    }
}

impl Baseline {
    /// Why rows cannot be compared with these, if they cannot.
    pub(crate) fn unfit(&self) -> Option<Verdict> {
        let why = if self.rows.is_empty() {
            "the table has no rows; give it a configuration that has some with `Options::with_config`"
        } else if !self.repeatable {
            "the rows differ from read to read, so there is nothing to compare with"
        } else if !self.complete {
            "the table has more rows than are compared; give it a smaller configuration with \
             `Options::with_config`, or raise `Options::with_most_rows`"
        } else {
            return None;
        };
        Some(Verdict::NotRun(why.into()))
    }

    pub(crate) fn len(&self) -> u64 {
        self.rows.len() as u64
    }

    pub(crate) fn column(&self, name: &str) -> Option<&ArrayRef> {
        self.batch.column_by_name(name)
    }

    /// The rows, of these columns only.
    pub(crate) fn projected(&self, columns: &[String]) -> Result<Vec<Row>, Error> {
        project(&self.batch, columns)
    }
}

/// The rows of a batch, of these columns only.
pub(crate) fn project(batch: &RecordBatch, columns: &[String]) -> Result<Vec<Row>, Error> {
    let positions: Result<Vec<_>, _> =
        columns.iter().map(|column| batch.schema_ref().index_of(column)).collect();
    let projected = positions.and_then(|positions| batch.project(&positions)).map_err(not_compared)?;
    row_bytes::rows([&projected]).map_err(not_compared)
}

/// All rows of these batches as one.
pub(crate) fn one_batch(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<RecordBatch, Error> {
    if schema.fields().is_empty() {
        let rows = batches.iter().map(RecordBatch::num_rows).sum();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        return RecordBatch::try_new_with_options(schema.clone(), Vec::new(), &options).map_err(not_compared);
    }
    concat_batches(schema, batches).map_err(not_compared)
}

/// Rows that cannot be compared, and why.
pub(crate) fn not_compared(error: arrow_schema::ArrowError) -> Error {
    Error::new(ErrorKind::Internal, "the rows cannot be compared").with_source(error)
}
