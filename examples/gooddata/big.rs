//! Many rows: held, generated as they are read, and streamed from what was built before.

use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, StringArray};
use arrow::buffer::{Buffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use flexconnect_core::arrow_schema::SchemaRef;
use flexconnect_core::{Connector, Error, ErrorKind, ReadRequest, Result, Rows};

/// How many rows a batch has that was built before: as many as one of the Python server's.
const KEPT_BATCH: u64 = 65_536;
/// How many one has that is made as it is read,
const BATCH: u64 = 32_768;
/// and the first of these: 23 MB. GoodData's client is C++, whose allocator keeps free twice as much as the largest block it
/// ever gave back, and returns the rest to the system to be filled with zeros again. A first batch of more than what is
/// under way at once costs it little; with equal ones all along, it needs up to twice the time for a large result.
const FIRST: u64 = 16 * BATCH;
/// Where b begins again,
const B_ENDS: u64 = 1_000_003;
/// and d.
const D_ENDS: u64 = 20_000;
/// How many digits the text has,
const DIGITS: usize = 12;
/// four of which are counted by themselves.
const TEN_THOUSAND: u64 = 10_000;
/// Their number sets how many rows there can be.
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

/// The table in a first batch and others of so many rows, which is no more.
fn batches(rows: u64, first: u64, others: u64) -> impl Iterator<Item = RecordBatch> + Send {
    let schema = schema();
    // All texts are of equal length, so every batch's begin at the same places.
    let offsets = OffsetBuffer::from_repeated_length(DIGITS, rows.min(first) as usize);
    let starts = (first..rows).step_by(others as usize);
    let others = starts.map(move |start| start..rows.min(start + others));
    let first = (rows > 0).then_some(0..rows.min(first));
    first.into_iter().chain(others).map(move |rows| batch(&schema, &offsets, rows))
}

/// These rows of the table, column by column.
fn batch(schema: &SchemaRef, offsets: &OffsetBuffer<i32>, rows: Range<u64>) -> RecordBatch {
    let count = (rows.end - rows.start) as usize;
    let a: Vec<i64> = rows.clone().map(|i| i as i64).collect();
    let b = beginning_again(7, B_ENDS, &rows, |b| b as i64);
    let c: Vec<f64> = a.iter().map(|&i| i as f64 / 2.0).collect();
    let d = beginning_again(1, D_ENDS, &rows, |d| d as i32);
    let texts = Buffer::from_vec(digits(rows));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(a)),
        Arc::new(Int64Array::from(b)),
        Arc::new(Float64Array::from(c)),
        Arc::new(StringArray::new(offsets.slice(0, count), texts, None)),
        Arc::new(Date32Array::from(d)),
    ];
    RecordBatch::try_new(schema.clone(), columns).expect("five columns of so many rows, of these types")
}

/// So many times each row's number, counted from zero again where that reaches `ends`: in runs, which need no division a row.
fn beginning_again<T>(times: u64, ends: u64, rows: &Range<u64>, value: impl Fn(u64) -> T) -> Vec<T> {
    let mut values = Vec::with_capacity((rows.end - rows.start) as usize);
    let mut next = rows.start;
    while next < rows.end {
        let first = times * next % ends;
        let run = (ends - first).div_ceil(times).min(rows.end - next);
        values.extend((0..run).map(|row| value(first + times * row)));
        next += run;
    }
    values
}

/// The numbers as texts one after the other: the last four digits of each are looked up, those before change seldom.
fn digits(rows: Range<u64>) -> Vec<u8> {
    static LAST: LazyLock<Vec<[u8; 4]>> = LazyLock::new(|| (0..TEN_THOUSAND).map(digits_of).collect());
    let mut texts = Vec::with_capacity((rows.end - rows.start) as usize);
    let mut next = rows.start;
    while next < rows.end {
        let (first, from) = (digits_of(next / TEN_THOUSAND), next % TEN_THOUSAND);
        let last = &LAST[from as usize..(from + rows.end - next).min(TEN_THOUSAND) as usize];
        texts.extend(last.iter().map(|last| text(first, *last)));
        next += last.len() as u64;
    }
    texts.into_flattened()
}

fn text(first: [u8; DIGITS - 4], last: [u8; 4]) -> [u8; DIGITS] {
    let mut text = [0; DIGITS];
    text[..DIGITS - 4].copy_from_slice(&first);
    text[DIGITS - 4..].copy_from_slice(&last);
    text
}

/// The last so many digits of a number.
fn digits_of<const N: usize>(mut number: u64) -> [u8; N] {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    digits
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
            Ok(rows) => Rows::iter(batches(rows, FIRST, BATCH)).held(),
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
            Ok(rows) => Rows::iter(batches(rows, FIRST, BATCH)).single_use(),
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
            _ => kept.insert((rows, Arc::new(batches(rows, KEPT_BATCH, KEPT_BATCH).collect()))).1.clone(),
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
