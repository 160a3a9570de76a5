//! One write: columns matched by name before the author sees a batch, values checked in each.

use std::sync::Arc;
use std::time::Instant;

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{Schema, SchemaRef};

use super::opened::Opened;
use crate::capabilities::WriteMode;
use crate::config::Secrets;
use crate::connector::Connector;
use crate::error::{Error, ErrorKind, Result};
use crate::request::WriteRequest;
use crate::table::metadata::PRIMARY_KEY;
use crate::tally::count_rejected_rows;
use crate::unwind::caught_async;
use crate::writer::{BoxWriter, WriteSummary, Writer};

/// Opens a writer behind all checks that need no row.
pub(super) async fn open<C, S>(dataset: &Opened<C, S>, request: WriteRequest) -> Result<BoxWriter, Error>
where
    C: Connector<S>,
    S: Send + Sync + 'static,
{
    let capabilities = &dataset.capabilities;
    if capabilities.write_modes.is_empty() {
        return Err(Error::new(ErrorKind::ReadOnly, "this table can only be read"));
    }
    if !capabilities.writes(request.mode) {
        let offered: Vec<_> = capabilities.write_modes.iter().map(|mode| format!("`{mode}`")).collect();
        let message = format!("mode `{}` is not offered; use {}", request.mode, offered.join(" or "));
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    if request.idempotency_token.is_some() && !capabilities.idempotent_writes {
        let message = "this table does not recognise repeated writes; leave `idempotency_token` out";
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    let incoming = request.schema.clone();
    let expected = match dataset.declared_schema().await? {
        Some(table) => Some(columns_of(&table, request.mode)?),
        // Nobody has declared the columns, so the stream says which of them are the key.
        None if request.mode.needs_key() => Some(columns_of_stream(&incoming, request.mode)?),
        None => None,
    };
    let mut asked = request.clone();
    let mut differences = Differences::default();
    if let Some(expected) = &expected {
        differences = Differences::between(expected, &incoming, request.mode);
        if !differences.names.is_empty() {
            return Err(differences.into_error(expected));
        }
        asked.schema = match_types(expected, &incoming);
    }
    let log = WriteLog::start(C::NAME, &dataset.path, request.mode);
    let opened = caught_async(|| dataset.connector.get_writer(asked.clone())).await;
    let writer = opened.and_then(|writer| {
        match (writer.column_check(), &expected) {
            (Some(check), _) => check(&asked.schema)?,
            (None, Some(expected)) if !differences.types.is_empty() => {
                return Err(differences.into_error(expected));
            }
            (None, _) => {}
        }
        Ok(writer)
    });
    match writer {
        Ok(writer) => {
            let table = expected.is_some().then(|| asked.schema.clone());
            let place = dataset.path.join("/");
            let secrets = dataset.secrets.clone();
            Ok(BoxWriter::new(Checked { writer, incoming, table, place, secrets, rows: 0, bytes: 0, log }))
        }
        Err(error) => {
            log.end(error.kind().as_str(), 0, 0);
            Err(error)
        }
    }
}

/// The columns a write of this mode must bring.
fn columns_of(table: &SchemaRef, mode: WriteMode) -> Result<SchemaRef, Error> {
    if !mode.needs_key() {
        return Ok(table.clone());
    }
    let key = primary_key(table).ok_or_else(|| {
        let message = format!(
            "mode `{mode}` goes by the table's primary key, and this table has none; use `append` or `overwrite`"
        );
        Error::new(ErrorKind::InvalidRequest, message)
    })?;
    Ok(columns_by_key(table, &key, mode))
}

/// The columns a write of this mode brings to a table that declares none, by the stream's own word.
fn columns_of_stream(incoming: &SchemaRef, mode: WriteMode) -> Result<SchemaRef, Error> {
    let key = primary_key(incoming).ok_or_else(|| {
        let message = format!(
            "mode `{mode}` goes by a primary key, and this table has none yet; name its columns in the metadata of \
             the stream's schema, `{PRIMARY_KEY}` with a value such as `[\"id\"]`, or use `append` or `overwrite`"
        );
        Error::new(ErrorKind::InvalidRequest, message)
    })?;
    if let Some(missing) = key.iter().find(|column| incoming.field_with_name(column).is_err()) {
        let message =
            format!("the stream's metadata `{PRIMARY_KEY}` names this column, and the stream lacks it");
        return Err(Error::new(ErrorKind::Schema, message).with_column(missing));
    }
    Ok(columns_by_key(incoming, &key, mode))
}

/// The names of the key's columns; `None` when there is no key.
fn primary_key(schema: &Schema) -> Option<Vec<String>> {
    let key = serde_json::from_str::<Vec<String>>(schema.metadata().get(PRIMARY_KEY)?).ok()?;
    (!key.is_empty()).then_some(key)
}

/// All columns; for a delete those of the key.
fn columns_by_key(table: &SchemaRef, key: &[String], mode: WriteMode) -> SchemaRef {
    if mode != WriteMode::Delete {
        return table.clone();
    }
    let fields: Vec<_> = table.fields().iter().filter(|field| key.contains(field.name())).cloned().collect();
    Arc::new(Schema::new_with_metadata(fields, table.metadata().clone()))
}

/// How the columns of a stream differ from those of the table.
#[derive(Debug, Default)]
struct Differences {
    names: Vec<String>,
    types: Vec<String>,
}

impl Differences {
    fn between(expected: &Schema, incoming: &Schema, mode: WriteMode) -> Self {
        let mut differences = Differences::default();
        for field in expected.fields() {
            let (name, wanted) = (field.name(), field.data_type());
            let found: Vec<_> = incoming.fields().iter().filter(|field| field.name() == name).collect();
            match found.as_slice() {
                [] => differences.names.push(format!("missing `{name}` ({wanted})")),
                [found] if found.data_type() == wanted => {}
                [found] => {
                    let given = found.data_type();
                    differences.types.push(format!("`{name}` is {given}, the table has {wanted}"));
                }
                _ => differences.names.push(format!("`{name}` comes twice")),
            }
        }
        for field in incoming.fields() {
            // A delete goes by the key and has no use for the rest of a row.
            if mode != WriteMode::Delete && expected.field_with_name(field.name()).is_err() {
                differences.names.push(format!("extra `{}`", field.name()));
            }
        }
        differences
    }

    fn into_error(self, expected: &Schema) -> Error {
        let columns: Vec<_> = expected
            .fields()
            .iter()
            .map(|field| format!("`{}` {}", field.name(), field.data_type()))
            .collect();
        let all: Vec<_> = self.names.into_iter().chain(self.types).collect();
        let message =
            format!("the columns do not fit the table: {}; it takes {}", all.join("; "), columns.join(", "));
        Error::new(ErrorKind::Schema, message)
    }
}

/// The table's columns, in its order, with the types the stream brings.
fn match_types(expected: &Schema, incoming: &Schema) -> SchemaRef {
    let fields: Vec<_> = expected
        .fields()
        .iter()
        .map(|field| match incoming.field_with_name(field.name()) {
            Ok(given) if given.data_type() != field.data_type() => {
                Arc::new(field.as_ref().clone().with_data_type(given.data_type().clone()))
            }
            _ => field.clone(),
        })
        .collect();
    Arc::new(Schema::new_with_metadata(fields, expected.metadata().clone()))
}

/// A writer that sees only batches that fit.
struct Checked {
    writer: BoxWriter,
    incoming: SchemaRef,
    /// What batches are arranged to; `None` where the table takes any columns.
    table: Option<SchemaRef>,
    place: String,
    secrets: Secrets,
    rows: u64,
    bytes: u64,
    log: WriteLog,
}

impl Checked {
    fn arrange(&self, batch: &RecordBatch) -> Result<RecordBatch, Error> {
        let same = |(a, b): (&Arc<arrow_schema::Field>, &Arc<arrow_schema::Field>)| {
            a.name() == b.name() && a.data_type() == b.data_type()
        };
        let (announced, given) = (self.incoming.fields(), batch.schema_ref().fields());
        if announced.len() != given.len() || !announced.iter().zip(given).all(same) {
            return Err(Error::new(ErrorKind::Schema, "a batch has other columns than the write announced"));
        }
        let Some(table) = &self.table else { return Ok(batch.clone()) };
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(table.fields().len());
        for field in table.fields() {
            let column = batch.column_by_name(field.name()).ok_or_else(|| {
                Error::new(ErrorKind::Schema, "the batch lacks this column").with_column(field.name())
            })?;
            if !field.is_nullable() && column.logical_null_count() > 0 {
                let nulls = column.logical_nulls();
                let row =
                    nulls.and_then(|nulls| (0..nulls.len()).find(|row| nulls.is_null(*row))).unwrap_or(0);
                let message = "the value is null, and this column cannot be null";
                let error = Error::new(ErrorKind::Data, message).with_column(field.name());
                return Err(error.with_row(self.rows + row as u64));
            }
            columns.push(column.clone());
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(table.clone(), columns, &options)
            .map_err(|error| Error::new(ErrorKind::Data, format!("a batch does not fit the table: {error}")))
    }
}

impl Writer for Checked {
    async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        let place = |error: Error| self.secrets.clear(error).with_connector(&self.place);
        let arranged = self.arrange(&batch).map_err(place)?;
        let bytes: usize =
            batch.columns().iter().map(|column| column.to_data().get_slice_memory_size().unwrap_or(0)).sum();
        let writer = &mut self.writer;
        caught_async(|| async { Ok(writer.write(arranged).await?) }).await.map_err(place)?;
        self.rows += batch.num_rows() as u64;
        self.bytes += bytes as u64;
        Ok(())
    }

    async fn commit(self) -> Result<WriteSummary> {
        let Checked { writer, place, secrets, rows, bytes, log, .. } = self;
        let committed = caught_async(|| async { Ok(writer.commit().await?) }).await;
        match committed {
            Ok(mut summary) => {
                summary.bytes = if summary.bytes == 0 { bytes } else { summary.bytes };
                count_rejected_rows(summary.rejected);
                log.end("committed", summary.rows, summary.bytes);
                Ok(summary)
            }
            Err(error) => {
                log.end(error.kind().as_str(), rows, bytes);
                Err(secrets.clear(error).with_connector(place).into())
            }
        }
    }

    async fn abort(self) -> Result<()> {
        let Checked { writer, place, secrets, rows, bytes, log, .. } = self;
        let aborted = caught_async(|| async { Ok(writer.abort().await?) }).await;
        log.end("aborted", rows, bytes);
        Ok(aborted.map_err(|error| secrets.clear(error).with_connector(place))?)
    }
}

/// Says at the start that a write began, and how it ended; one that is dropped was aborted.
struct WriteLog {
    connector: &'static str,
    path: String,
    started: Instant,
    ended: bool,
}

impl WriteLog {
    fn start(connector: &'static str, path: &[String], mode: WriteMode) -> Self {
        let path = path.join("/");
        tracing::info!(connector, path, mode = mode.as_str(), "write started");
        WriteLog { connector, path, started: Instant::now(), ended: false }
    }

    fn end(mut self, outcome: &str, rows: u64, bytes: u64) {
        self.say(outcome, rows, bytes);
        self.ended = true;
    }

    fn say(&self, outcome: &str, rows: u64, bytes: u64) {
        let (connector, path) = (self.connector, &self.path);
        let milliseconds = self.started.elapsed().as_millis() as u64;
        tracing::info!(connector, path, rows, bytes, milliseconds, outcome, "write ended");
    }
}

impl Drop for WriteLog {
    fn drop(&mut self) {
        if !self.ended {
            self.say("dropped", 0, 0);
        }
    }
}
