//! What the child serves: batches that tell whose they are, a connector that panics, a table to write.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use flexconnect_core::{
    BoxWriter, Capabilities, Config, Connector, Plugin, ReadRequest, Result, Rows, Table, WriteMode,
    WriteRequest, WriteSummary, Writer,
};

#[derive(Config)]
pub(crate) struct ManyConfig {
    /// In every row, so that no reader can get another's.
    seed: i64,
    /// How many batches.
    batches: i64,
    /// Rows of each.
    rows: i64,
    /// Columns of the table, all alike.
    #[config(default = 1, min = 1, max = 100)]
    columns: usize,
}

/// Batches as they are, counted through.
pub(crate) struct Many(ManyConfig);

pub(crate) fn schema() -> SchemaRef {
    wide_schema(1)
}

fn wide_schema(columns: usize) -> SchemaRef {
    let name = |column| if column == 0 { "number".to_owned() } else { format!("number_{column}") };
    let fields = (0..columns).map(|column| Field::new(name(column), DataType::Int64, false));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// More than the rows of any read.
pub(crate) const SEED: i64 = 1 << 32;

/// Rows that tell whose they are, and where they belong.
pub(crate) fn batch(seed: i64, start: i64, rows: i64) -> RecordBatch {
    wide_batch(1, seed, start, rows)
}

fn wide_batch(columns: usize, seed: i64, start: i64, rows: i64) -> RecordBatch {
    let first = seed * SEED + start;
    // Each column has memory of its own.
    let column = |_| Arc::new(Int64Array::from_iter_values(first..first + rows)) as ArrayRef;
    RecordBatch::try_new(wide_schema(columns), (0..columns).map(column).collect()).unwrap()
}

impl Connector for Many {
    const NAME: &'static str = "many";
    type Config = ManyConfig;
    type Row = RecordBatch;

    async fn init(config: ManyConfig, _: &()) -> Result<Self> {
        Ok(Many(config))
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(Some(wide_schema(self.0.columns)))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, RecordBatch> {
        let ManyConfig { seed, batches, rows, columns } = self.0;
        Rows::iter((0..batches).map(move |number| wide_batch(columns, seed, number * rows, rows)))
    }
}

#[derive(Table)]
struct Number {
    n: i64,
}

struct Panics;

impl Connector for Panics {
    const NAME: &'static str = "panics";
    type Config = ();
    type Row = Number;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Panics)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        Rows::iter((0..).map(|n| if n < 1000 { Number { n } } else { panic!("as it is meant to") }))
    }
}

/// Rows that were committed.
static KEPT: AtomicU64 = AtomicU64::new(0);

/// Counts what it is given.
struct Counter;

impl Connector for Counter {
    const NAME: &'static str = "counter";
    type Config = ();
    type Row = RecordBatch;

    fn capabilities() -> Capabilities {
        Capabilities::write_only([WriteMode::Append])
    }

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Counter)
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(Some(schema()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, RecordBatch> {
        Rows::empty()
    }

    async fn get_writer(&self, _: WriteRequest) -> Result<BoxWriter> {
        Ok(BoxWriter::new(Counting(0)))
    }
}

struct Counting(u64);

impl Writer for Counting {
    async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        self.0 += batch.num_rows() as u64;
        Ok(())
    }

    async fn commit(self) -> Result<WriteSummary> {
        KEPT.fetch_add(self.0, Ordering::SeqCst);
        Ok(WriteSummary::rows(self.0))
    }
}

pub(crate) fn plugin() -> Plugin {
    Plugin::new("load", "1.0.0").connector::<Many>().connector::<Panics>().connector::<Counter>()
}
