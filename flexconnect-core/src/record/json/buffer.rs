//! The buffers of JSON rows: a sample until the columns are known, then column builders.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{Schema, SchemaRef};
use serde_json::{Map, Value as Json};

use super::column::{Columns, Misfit};
use crate::error::{Error, ErrorKind};
use crate::infer::{self, SAMPLE_BYTES, SAMPLE_ROWS};
use crate::record::{Finished, RowBuffer};

/// The [`RowBuffer`] of [`JsonRow`](super::JsonRow).
///
/// Without a schema it keeps the first rows, up to [`SAMPLE_ROWS`] or [`SAMPLE_BYTES`] of them or those there
/// are at the first `finish`, infers the columns from these, and encodes them and all rows that follow. The
/// batches then carry the inferred schema. As long as there was no row at all, batches have no columns.
///
/// With a schema that was inferred before (its metadata says so) it behaves as the buffer that inferred it:
/// what does not fit is answered with what widens the column, and so is a value under a new name.
///
/// The first row with a value that does not fit ends the buffer's rows: the rows after it are counted by
/// [`len`](RowBuffer::len) and left out.
#[derive(Debug)]
pub struct JsonBuffer {
    state: State,
}

#[derive(Debug)]
enum State {
    Sampling { rows: Vec<Map<String, Json>>, bytes: usize },
    Encoding(Encoder),
}

impl RowBuffer for JsonBuffer {
    fn new(schema: Option<&SchemaRef>, rows: usize) -> Result<Self, Error> {
        let state = match schema {
            Some(schema) => State::Encoding(Encoder::new(schema.clone(), rows)?),
            None => State::Sampling { rows: Vec::with_capacity(rows.min(SAMPLE_ROWS)), bytes: 0 },
        };
        Ok(JsonBuffer { state })
    }

    /// Rows whose columns were inferred are looked at whole, so that a column the sample did not have is found
    /// out.
    fn for_read(table: &SchemaRef, wanted: &SchemaRef, rows: usize) -> Result<Self, Error> {
        let inferred = table.metadata().contains_key(infer::INFERRED);
        Self::new(Some(if inferred { table } else { wanted }), rows)
    }

    fn len(&self) -> usize {
        match &self.state {
            State::Sampling { rows, .. } => rows.len(),
            State::Encoding(encoder) => encoder.rows + encoder.left_out,
        }
    }

    fn bytes(&self) -> usize {
        match &self.state {
            State::Sampling { bytes, .. } => *bytes,
            State::Encoding(encoder) => encoder.columns.bytes(),
        }
    }

    fn finish(&mut self) -> Result<Finished, Error> {
        match &mut self.state {
            // Rows may still come, and only they say which columns there are.
            State::Sampling { rows, .. } if rows.is_empty() => {
                let schema = Arc::new(infer::infer_schema(&*rows));
                Ok(Finished { batch: RecordBatch::new_empty(schema), fault: None })
            }
            State::Sampling { rows, .. } => {
                let sample = std::mem::take(rows);
                let mut encoder = Encoder::from_sample(sample)?;
                let finished = encoder.finish();
                self.state = State::Encoding(encoder);
                finished
            }
            State::Encoding(encoder) => encoder.finish(),
        }
    }
}

impl JsonBuffer {
    /// Appends one row; see [`Accepts`](crate::record::Accepts).
    pub(super) fn push(&mut self, row: Map<String, Json>) {
        match &mut self.state {
            State::Encoding(encoder) => encoder.push(&row),
            State::Sampling { rows, bytes } => {
                *bytes += row.iter().map(|(name, value)| name.len() + size(value)).sum::<usize>();
                rows.push(row);
                if rows.len() >= SAMPLE_ROWS || *bytes >= SAMPLE_BYTES {
                    let sample = std::mem::take(rows);
                    let encoder = Encoder::from_sample(sample);
                    self.state = State::Encoding(encoder.unwrap_or_else(Encoder::broken));
                }
            }
        }
    }
}

/// About how many bytes a value takes.
fn size(value: &Json) -> usize {
    const ITSELF: usize = size_of::<Json>();
    ITSELF
        + match value {
            Json::String(text) => text.len(),
            Json::Array(items) => items.iter().map(size).sum(),
            Json::Object(members) => {
                members.iter().map(|(name, value)| name.len() + ITSELF + size(value)).sum()
            }
            _ => 0,
        }
}

/// Encodes rows into the columns of one schema.
#[derive(Debug)]
struct Encoder {
    schema: SchemaRef,
    columns: Columns,
    /// Complete rows.
    rows: usize,
    /// Rows since the fault, that one too.
    left_out: usize,
    fault: Option<Error>,
}

impl Encoder {
    fn new(schema: SchemaRef, capacity: usize) -> Result<Self, Error> {
        let columns = Columns::new(schema.fields(), infer::sampled_rows(&schema), capacity)
            .map_err(|misfit| Error::new(ErrorKind::Schema, misfit.message).with_column(misfit.path))?;
        Ok(Encoder { schema, columns, rows: 0, left_out: 0, fault: None })
    }

    fn from_sample(rows: Vec<Map<String, Json>>) -> Result<Self, Error> {
        let mut encoder = Encoder::new(Arc::new(infer::infer_schema(&rows)), rows.len())?;
        rows.iter().for_each(|row| encoder.push(row));
        Ok(encoder)
    }

    /// What is left when no columns could be made: an error in place of every row.
    fn broken(error: Error) -> Self {
        let columns = Columns::default();
        Encoder { schema: Arc::new(Schema::empty()), columns, rows: 0, left_out: 0, fault: Some(error) }
    }

    fn push(&mut self, row: &Map<String, Json>) {
        if self.fault.is_some() {
            self.left_out += 1;
            return;
        }
        match self.columns.push_object(row) {
            Ok(()) => self.rows += 1,
            Err(misfit) => {
                self.fault = Some(error(*misfit, self.rows));
                self.left_out += 1;
            }
        }
    }

    fn finish(&mut self) -> Result<Finished, Error> {
        let rows = std::mem::take(&mut self.rows);
        self.left_out = 0;
        let fault = self.fault.take();
        let batch = self.columns.finish(rows).and_then(|arrays| {
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)
        });
        let batch = batch.map_err(|error| {
            Error::new(ErrorKind::Internal, format!("JSON rows did not become a batch: {error}"))
                .with_source(error)
        })?;
        Ok(Finished { batch, fault })
    }
}

fn error(misfit: Misfit, row: usize) -> Error {
    let row = u64::try_from(row).expect("a count of rows in memory fits 64 bits");
    Error::new(ErrorKind::Data, misfit.message).with_column(misfit.path).with_row(row)
}
