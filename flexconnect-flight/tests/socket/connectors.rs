//! Connectors, each with one thing to show.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use flexconnect_core::{
    BoxWriter, Capabilities, Config, Connector, Error, ErrorKind, JsonRow, Partition, Plugin, ReadRequest,
    Result, Rows, Table, WriteMode, WriteRequest, WriteSummary, Writer,
};
use serde_json::json;

#[derive(Table)]
pub(crate) struct Number {
    #[column(primary_key)]
    id: i64,
    name: Option<String>,
}

#[derive(Config)]
pub(crate) struct NumbersConfig {
    /// How many.
    #[config(default = 10)]
    rows: u64,
}

/// Rows in partitions of four, counted exactly.
pub(crate) struct Numbers(u64);

impl Connector for Numbers {
    const NAME: &'static str = "numbers";
    type Config = NumbersConfig;
    type Row = Number;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_partitions().with_count()
    }

    async fn init(config: NumbersConfig, _: &()) -> Result<Self> {
        Ok(Numbers(config.rows))
    }

    async fn list_partitions(&self, _: &ReadRequest) -> Result<Vec<Partition>> {
        let starts = (0..self.0).step_by(4);
        let partition = |start: u64| {
            let rows = 4.min(self.0 - start);
            Partition::new(format!("{start}"))
                .with_id(format!("from-{start}"))
                .with_rows(rows)
                .with_bytes(rows * 8)
        };
        Ok(starts.map(partition).collect())
    }

    async fn count_rows(&self, request: &ReadRequest) -> Result<Option<u64>> {
        Ok(Some(
            request.partition.as_ref().map_or(Some(self.0), |partition| partition.rows).unwrap_or(self.0),
        ))
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Number> {
        let Some(partition) = request.partition else {
            return Rows::error("a partition is always asked for");
        };
        let Ok(start) = partition.token.parse::<u64>() else {
            return Rows::error(Error::new(ErrorKind::NotFound, "no such numbers"));
        };
        Rows::iter(
            (start..self.0.min(start + 4)).map(|id| Number { id: id as i64, name: Some(format!("n{id}")) }),
        )
    }
}

/// Rows whose columns are found from them.
pub(crate) struct Found;

impl Connector for Found {
    const NAME: &'static str = "found";
    type Config = ();
    type Row = JsonRow;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Found)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, JsonRow> {
        Rows::iter(
            (0..3).map(|n| {
                [("n", json!(n)), ("text", json!(format!("row {n}")))].into_iter().collect::<JsonRow>()
            }),
        )
    }
}

/// Batches as they are given, of any type Arrow has.
#[derive(Clone)]
pub(crate) struct Given(pub(crate) SchemaRef, pub(crate) Vec<RecordBatch>);

impl Connector<Given> for Given {
    const NAME: &'static str = "given";
    type Config = ();
    type Row = RecordBatch;

    async fn init((): (), given: &Given) -> Result<Self> {
        Ok(given.clone())
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(Some(self.0.clone()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, RecordBatch> {
        Rows::iter(self.1.clone())
    }
}

pub(crate) fn given(schema: SchemaRef, batches: Vec<RecordBatch>) -> Plugin {
    let given = Given(schema, batches);
    let shared = move |(): ()| {
        let given = given.clone();
        async move { Ok(given) }
    };
    Plugin::new("given", "1.0.0").shared(shared).connector::<Given>().into()
}

#[derive(Config)]
pub(crate) struct FailingConfig {
    /// What goes wrong: an error kind, `foreign` or `panic`.
    kind: String,
    /// Rows before that.
    #[config(default = 0)]
    after: i64,
}

/// Fails as it is told.
pub(crate) struct Failing(FailingConfig);

impl Connector for Failing {
    const NAME: &'static str = "failing";
    type Config = FailingConfig;
    type Row = Number;

    async fn init(config: FailingConfig, _: &()) -> Result<Self> {
        Ok(Failing(config))
    }

    async fn check(&self) -> Result<()> {
        Err(failure(&self.0.kind).into())
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        let rows = (0..self.0.after).map(|id| Ok(Number { id, name: None }));
        let end = std::iter::once_with(|| {
            if self.0.kind == "panic" {
                panic!("secret of the author");
            }
            Err(failure(&self.0.kind))
        });
        Rows::try_iter(rows.chain(end))
    }
}

pub(crate) const KINDS: [(&str, ErrorKind); 15] = [
    ("config", ErrorKind::Config),
    ("unauthenticated", ErrorKind::Unauthenticated),
    ("permission_denied", ErrorKind::PermissionDenied),
    ("not_found", ErrorKind::NotFound),
    ("invalid_request", ErrorKind::InvalidRequest),
    ("schema", ErrorKind::Schema),
    ("data", ErrorKind::Data),
    ("rate_limited", ErrorKind::RateLimited),
    ("unavailable", ErrorKind::Unavailable),
    ("timeout", ErrorKind::Timeout),
    ("cancelled", ErrorKind::Cancelled),
    ("exhausted", ErrorKind::Exhausted),
    ("read_only", ErrorKind::ReadOnly),
    ("unsupported", ErrorKind::Unsupported),
    ("internal", ErrorKind::Internal),
];

fn failure(kind: &str) -> Error {
    let found = KINDS.iter().find(|(name, _)| *name == kind).map(|(_, kind)| *kind);
    let message = format!("it is {kind}");
    let error = Error::new(found.unwrap_or(ErrorKind::Internal), message).with_source("password=hush");
    if kind == "rate_limited" { error.with_retry_after(Duration::from_secs(3)) } else { error }
}

/// Has other columns once it is told so.
pub(crate) struct Changing(Arc<AtomicBool>);

impl Connector<Arc<AtomicBool>> for Changing {
    const NAME: &'static str = "changing";
    type Config = ();
    type Row = JsonRow;

    async fn init((): (), changed: &Arc<AtomicBool>) -> Result<Self> {
        Ok(Changing(changed.clone()))
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        let name = if self.0.load(Ordering::SeqCst) { "b" } else { "a" };
        Ok(Some(Arc::new(Schema::new(vec![Field::new(name, DataType::Int64, true)]))))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, JsonRow> {
        Rows::empty()
    }
}

/// Never opens.
pub(crate) struct Hanging;

impl Connector for Hanging {
    const NAME: &'static str = "hanging";
    type Config = ();
    type Row = JsonRow;

    async fn init((): (), _: &()) -> Result<Self> {
        std::future::pending().await
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, JsonRow> {
        Rows::empty()
    }
}

/// How many reads of [`Endless`] are under way.
pub(crate) static READING: AtomicUsize = AtomicUsize::new(0);

/// Never ends.
pub(crate) struct Endless;

struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        READING.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Connector for Endless {
    const NAME: &'static str = "endless";
    type Config = ();
    type Row = Number;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Endless)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        Rows::produce(|output| async move {
            READING.fetch_add(1, Ordering::SeqCst);
            let _guard = Guard;
            for id in 0.. {
                output.push(Number { id, name: None }).await;
            }
            Ok(())
        })
    }
}

/// A table in memory, and a count of the writes that were given up.
#[derive(Clone, Default)]
pub(crate) struct Store {
    pub(crate) rows: Arc<Mutex<Vec<RecordBatch>>>,
    pub(crate) dropped: Arc<AtomicUsize>,
    /// Writes that have begun.
    pub(crate) begun: Arc<AtomicUsize>,
    /// Writes that were kept.
    pub(crate) kept: Arc<AtomicUsize>,
}

impl Store {
    pub(crate) fn count(&self) -> usize {
        self.rows.lock().unwrap().iter().map(RecordBatch::num_rows).sum()
    }

    pub(crate) fn plugin(&self) -> Plugin {
        let store = self.clone();
        let shared = move |(): ()| {
            let store = store.clone();
            async move { Ok(store) }
        };
        let plugin = Plugin::new("store", "1.0.0").connector::<Numbers>();
        plugin.shared(shared).connector::<Sink>().connector::<Drain>().into()
    }
}

/// Takes numbers, and gives them back.
pub(crate) struct Sink(Store);

impl Connector<Store> for Sink {
    const NAME: &'static str = "sink";
    type Config = ();
    type Row = Number;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_write([WriteMode::Append, WriteMode::Overwrite])
    }

    async fn init((): (), store: &Store) -> Result<Self> {
        Ok(Sink(store.clone()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        let rows = self.0.count() as i64;
        Rows::iter((0..rows).map(|id| Number { id, name: None }))
    }

    async fn get_writer(&self, request: WriteRequest) -> Result<BoxWriter> {
        self.0.begun.fetch_add(1, Ordering::SeqCst);
        Ok(BoxWriter::new(Staged { store: self.0.clone(), mode: request.mode, staged: Some(Vec::new()) }))
    }
}

struct Staged {
    store: Store,
    mode: WriteMode,
    staged: Option<Vec<RecordBatch>>,
}

impl Writer for Staged {
    async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        self.staged.get_or_insert_default().push(batch);
        Ok(())
    }

    async fn commit(mut self) -> Result<WriteSummary> {
        let staged = self.staged.take().unwrap_or_default();
        let count = staged.iter().map(RecordBatch::num_rows).sum::<usize>();
        let mut rows = self.store.rows.lock().unwrap();
        if self.mode == WriteMode::Overwrite {
            rows.clear();
        }
        rows.extend(staged);
        self.store.kept.fetch_add(1, Ordering::SeqCst);
        Ok(WriteSummary::rows(count as u64))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if self.staged.is_some() {
            self.store.dropped.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Can only be written, and keeps what comes as it comes.
pub(crate) struct Drain(Store);

impl Connector<Store> for Drain {
    const NAME: &'static str = "drain";
    type Config = ();
    type Row = Number;

    fn capabilities() -> Capabilities {
        Capabilities::write_only([WriteMode::Append]).with_at_least_once()
    }

    async fn init((): (), store: &Store) -> Result<Self> {
        Ok(Drain(store.clone()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        Rows::empty()
    }

    async fn get_writer(&self, _: WriteRequest) -> Result<BoxWriter> {
        Ok(BoxWriter::new(Staged { store: self.0.clone(), mode: WriteMode::Append, staged: None }))
    }
}

pub(crate) fn samples() -> Plugin {
    Plugin::new("samples", "1.0.0")
        .connector::<Numbers>()
        .connector::<Found>()
        .connector::<Failing>()
        .connector::<Endless>()
        .mount::<Numbers>(["fixed", "seven"], json!({"rows": 7}))
}
