//! Many rows: held, generated as they are read, and streamed from what was built before.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, StringArray};
use arrow::buffer::{Buffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use flexconnect_core::arrow_schema::SchemaRef;
use flexconnect_core::{Connector, Error, ErrorKind, ReadRequest, Result, Rows};

/// How many rows a batch has.
const BATCH: u64 = 65_536;
/// How many digits the text has,
const DIGITS: usize = 12;
/// which sets how many rows there can be.
const MOST: u64 = 1_000_000_000_000;
/// How many rows are kept in memory at most.
const MOST_KEPT: u64 = 50_000_000;

fn schema() -> SchemaRef {
    let field = |name, data_type| Field::new(name, data_type, true);
    Arc::new(Schema::new(vec![
        field("a", DataType::Int64),
        field("b", DataType::Int64),
        field("c", DataType::Float64),
        field("s", DataType::Utf8),
        field("d", DataType::Date32),
    ]))
}

/// How many rows a call asks for: its parameter `rows`, else what the environment says, else ten million.
fn rows_of(request: &ReadRequest, most: u64) -> Result<u64, Error> {
    let default = || std::env::var("FX_BIG_ROWS").ok()?.trim().parse().ok();
    let rows = request.parameter("rows")?.or_else(default).unwrap_or(10_000_000);
    if rows <= most {
        return Ok(rows);
    }
    Err(Error::new(ErrorKind::InvalidRequest, format!("`rows` is {rows}, at most {most} are given")))
}

fn batches(rows: u64) -> impl Iterator<Item = RecordBatch> + Send {
    let schema = schema();
    (0..rows).step_by(BATCH as usize).map(move |start| batch(&schema, start..rows.min(start + BATCH)))
}

/// These rows of the table, column by column.
fn batch(schema: &SchemaRef, rows: Range<u64>) -> RecordBatch {
    let numbers = || rows.clone().map(|i| i as i64);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(numbers())),
        Arc::new(Int64Array::from_iter_values(numbers().map(|i| 7 * i % 1_000_003))),
        Arc::new(Float64Array::from_iter_values(rows.clone().map(|i| i as f64 / 2.0))),
        Arc::new(digits(rows.clone())),
        Arc::new(Date32Array::from_iter_values(rows.map(|i| (i % 20_000) as i32))),
    ];
    RecordBatch::try_new(schema.clone(), columns).expect("five columns of so many rows, of these types")
}

/// The numbers as texts of equal length: each is the one before, counted on.
fn digits(rows: Range<u64>) -> StringArray {
    let count = (rows.end - rows.start) as usize;
    let mut texts = Vec::with_capacity(count * DIGITS);
    let mut text: [u8; DIGITS] =
        format!("{:012}", rows.start).into_bytes().try_into().expect("no row has a number of more digits");
    for _ in 0..count {
        texts.extend_from_slice(&text);
        for digit in text.iter_mut().rev() {
            if *digit != b'9' {
                *digit += 1;
                break;
            }
            *digit = b'0';
        }
    }
    let offsets: ScalarBuffer<i32> = (0..=count).map(|row| (row * DIGITS) as i32).collect();
    StringArray::new(OffsetBuffer::new(offsets), Buffer::from_vec(texts), None)
}

/// All rows, held and readable again.
pub(crate) struct BigTable;

impl Connector for BigTable {
    const NAME: &'static str = "BigTable";
    type Config = ();
    type Row = RecordBatch;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(BigTable)
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(Some(schema()))
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, RecordBatch> {
        match rows_of(&request, MOST_KEPT) {
            Ok(rows) => Rows::iter(batches(rows)).held(),
            Err(error) => Rows::error(error),
        }
    }
}

/// Rows that are generated as they are read, once.
pub(crate) struct BigStream;

impl Connector for BigStream {
    const NAME: &'static str = "BigStream";
    type Config = ();
    type Row = RecordBatch;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(BigStream)
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(Some(schema()))
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, RecordBatch> {
        match rows_of(&request, MOST) {
            Ok(rows) => Rows::iter(batches(rows)).single_use(),
            Err(error) => Rows::error(error),
        }
    }
}

/// Rows that are built when they are first asked for, and then streamed as they lie; the number asked for last is
/// kept.
pub(crate) struct BigStreamCached(Mutex<Option<(u64, Arc<Vec<RecordBatch>>)>>);

impl BigStreamCached {
    fn batches(&self, rows: u64) -> Arc<Vec<RecordBatch>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((number, batches)) if *number == rows => batches.clone(),
            _ => kept.insert((rows, Arc::new(batches(rows).collect()))).1.clone(),
        }
    }
}

impl Connector for BigStreamCached {
    const NAME: &'static str = "BigStreamCached";
    type Config = ();
    type Row = RecordBatch;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(BigStreamCached(Mutex::default()))
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(Some(schema()))
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, RecordBatch> {
        match rows_of(&request, MOST_KEPT) {
            Ok(rows) => {
                let batches = self.batches(rows);
                Rows::iter((0..batches.len()).map(move |index| batches[index].clone())).single_use()
            }
            Err(error) => Rows::error(error),
        }
    }
}
