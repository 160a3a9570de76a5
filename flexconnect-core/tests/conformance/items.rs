//! A table that offers everything, right or with one fault.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use flexconnect_core::arrow_array::Array;
use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::arrow_array::cast::AsArray;
use flexconnect_core::arrow_array::types::{Int64Type, TimestampMicrosecondType};
use flexconnect_core::arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use flexconnect_core::conformance::{self, Options, Report, Verdict};
use flexconnect_core::{
    BoxWriter, Capabilities, CompareOp, Config, Connector, Error, ErrorKind, Partition, Plugin, Predicate,
    Pushdown, ReadRequest, Result, Rows, Secret, Value, Values, WriteMode, WriteRequest, WriteSummary,
    Writer,
};
use futures::executor::block_on;
use serde_json::json;

use crate::only_fails;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    CheckFails,
    SchemaChanges,
    NullWhereNone,
    OtherRowsEachTime,
    LimitOneShort,
    ProjectionInOrderAsked,
    FilterIgnoresCase,
    FilterTakesNulls,
    PartitionsOverlap,
    PartitionForgotten,
    PartitionsNotAtOnce,
    PartitionMiscounted,
    PartitionUnknownIsAll,
    PartitionedByAnother,
    CountOneMore,
    CountIgnoresFilter,
    KeyTwice,
    UniqueTwice,
    Unsorted,
    VisibleEarly,
    KeepsLastBatch,
    SummaryWrong,
    DropKeeps,
    EmptyOverwriteKeeps,
    UpsertAdds,
    DeleteForgets,
    TokenForgotten,
    SecretInSchema,
    SecretInPartition,
}

#[derive(Config)]
struct ItemsConfig {
    /// How many.
    #[config(default = 40, min = 1, max = 1000)]
    count: u64,
    /// Who asks.
    token: Secret<String>,
    /// What it is called.
    #[config(default = "item", min_len = 2)]
    title: String,
}

#[derive(Clone)]
struct Item {
    id: i64,
    name: Option<String>,
    parity: String,
    at: Option<i64>,
}

fn parity(id: i64) -> String {
    if id % 2 == 0 { "even" } else { "odd" }.into()
}

/// What the plugin shares: the rows, the tokens, and what is wrong.
#[derive(Clone)]
struct World {
    fault: Fault,
    rows: Arc<Mutex<Option<Vec<Item>>>>,
    tokens: Arc<Mutex<Vec<(String, u64)>>>,
    asked: Arc<AtomicU64>,
    reading: Arc<AtomicUsize>,
}

struct Items {
    world: World,
    token: Secret<String>,
}

impl Items {
    fn has(&self, fault: Fault) -> bool {
        self.world.fault == fault
    }

    fn all(&self) -> Vec<Item> {
        self.world.rows.lock().unwrap().clone().unwrap_or_default()
    }

    /// The rows of a read, its filters applied.
    fn asked(&self, request: &ReadRequest) -> Result<Vec<Item>, Error> {
        let mut rows = self.all();
        match request.partition.as_ref().map(|partition| partition.token.as_str()) {
            Some("even") => rows.retain(|item| item.id % 2 == 0),
            Some("odd") if self.has(Fault::PartitionsOverlap) => {
                rows.retain(|item| item.id % 2 != 0 || item.id == 24)
            }
            Some("odd") => rows.retain(|item| item.id % 2 != 0),
            Some(_) if self.has(Fault::PartitionUnknownIsAll) => {}
            Some(_) => return Err(Error::new(ErrorKind::NotFound, "there is `even` and `odd`")),
            None => {}
        }
        if self.has(Fault::PartitionForgotten) {
            rows.retain(|item| item.id != 35);
        }
        if self.has(Fault::Unsorted) {
            rows.reverse();
        }
        rows.retain(|item| {
            request.predicates.iter().all(|predicate| self.satisfies(item, predicate) == Some(true))
        });
        Ok(rows)
    }

    /// Three-valued, as SQL is.
    fn satisfies(&self, item: &Item, predicate: &Predicate) -> Option<bool> {
        match predicate {
            Predicate::And(parts) => parts.iter().try_fold(true, |all, part| {
                let part = self.satisfies(item, part);
                if part == Some(false) { Some(false) } else { part.map(|part| all && part) }
            }),
            Predicate::IsNull { column, negated } => Some(cell(item, column).is_none() != *negated),
            Predicate::Compare { column, op, value } => {
                let Some(found) = cell(item, column) else {
                    return self.has(Fault::FilterTakesNulls).then_some(true);
                };
                let order = match (&found, value) {
                    (Value::Utf8(a), Value::Utf8(b)) if self.has(Fault::FilterIgnoresCase) => {
                        a.to_lowercase().cmp(&b.to_lowercase())
                    }
                    (Value::Utf8(a), Value::Utf8(b)) => a.cmp(b),
                    (Value::Int64(a), Value::Int64(b)) => a.cmp(b),
                    _ => return None,
                };
                Some(match op {
                    CompareOp::Eq => order.is_eq(),
                    CompareOp::NotEq => order.is_ne(),
                    CompareOp::Lt => order.is_lt(),
                    CompareOp::LtEq => order.is_le(),
                    CompareOp::Gt => order.is_gt(),
                    CompareOp::GtEq => order.is_ge(),
                })
            }
            _ => None,
        }
    }
}

fn cell(item: &Item, column: &str) -> Option<Value> {
    match column {
        "id" => Some(item.id.into()),
        "name" => item.name.as_deref().map(Value::from),
        "parity" => Some(item.parity.as_str().into()),
        _ => item.at.map(|value| Value::Timestamp {
            value,
            unit: TimeUnit::Microsecond,
            timezone: Some("UTC".into()),
        }),
    }
}

impl Connector<World> for Items {
    const NAME: &'static str = "items";
    type Config = ItemsConfig;
    type Row = Values;

    fn capabilities() -> Capabilities {
        Capabilities::read()
            .with_write(WriteMode::ALL)
            .with_partitions()
            .with_count()
            .with_idempotent_writes()
    }

    async fn init(config: ItemsConfig, world: &World) -> Result<Self> {
        let item = |id: i64| Item {
            id: if id == 9 && world.fault == Fault::KeyTwice { 7 } else { id },
            name: (id % 5 != 4).then(|| format!("{} {id}", config.title)),
            parity: parity(id),
            at: (id % 3 != 0).then_some(id * 1_000_000),
        };
        let mut items: Vec<_> = (0..config.count as i64).map(item).collect();
        if world.fault == Fault::UniqueTwice {
            items[2].name = items[0].name.clone();
        }
        world.rows.lock().unwrap().get_or_insert(items);
        Ok(Items { world: world.clone(), token: config.token })
    }

    async fn check(&self) -> Result<()> {
        if self.has(Fault::CheckFails) { Err("the source is not there".into()) } else { Ok(()) }
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let strict = self.has(Fault::NullWhereNone);
        let fields = vec![
            Field::new("id", DataType::Int64, false),
            Field::new("name", DataType::Utf8, !strict),
            Field::new("parity", DataType::Utf8, false),
            Field::new("at", utc, true),
        ];
        let partitioned = if self.has(Fault::PartitionedByAnother) { "name" } else { "parity" };
        let mut metadata = vec![
            ("flexconnect:primary_key".to_owned(), r#"["id"]"#.to_owned()),
            ("flexconnect:unique".to_owned(), r#"[["name"]]"#.to_owned()),
            ("flexconnect:sorted_by".to_owned(), r#"["id"]"#.to_owned()),
            ("flexconnect:partitioned_by".to_owned(), format!("[\"{partitioned}\"]")),
        ];
        if self.has(Fault::SecretInSchema) {
            metadata.push(("source".to_owned(), format!("as {}", self.token.expose())));
        }
        if self.has(Fault::SchemaChanges) {
            let asked = self.world.asked.fetch_add(1, Ordering::SeqCst);
            metadata.push(("asked".to_owned(), asked.to_string()));
        }
        Ok(Some(Arc::new(Schema::new_with_metadata(fields, metadata.into_iter().collect()))))
    }

    fn pushdown(&self, predicate: &Predicate) -> Pushdown {
        let ours = |predicate: &Predicate| {
            matches!(predicate, Predicate::IsNull { .. })
                || matches!(predicate, Predicate::Compare { value: Value::Int64(_) | Value::Utf8(_), .. })
        };
        match predicate {
            Predicate::And(parts) if parts.iter().all(ours) => Pushdown::Exact,
            predicate if ours(predicate) => Pushdown::Exact,
            _ => Pushdown::Unsupported,
        }
    }

    async fn list_partitions(&self, _: &ReadRequest) -> Result<Vec<Partition>> {
        let even = self.all().iter().filter(|item| item.id % 2 == 0).count() as u64;
        let even = if self.has(Fault::PartitionForgotten) { None } else { Some(even) };
        let more = u64::from(self.has(Fault::PartitionMiscounted));
        let parity = if self.has(Fault::SecretInPartition) { self.token.expose() } else { "odd" };
        let first = Partition::new("even");
        Ok(vec![
            even.map_or(first.clone(), |even| first.with_rows(even + more)),
            Partition::new("odd").with_dimension("parity", parity),
        ])
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Values> {
        let mut items = match self.asked(&request) {
            Ok(items) => items,
            Err(error) => return Rows::error(error),
        };
        if let Some(limit) = request.limit {
            let short = u64::from(self.has(Fault::LimitOneShort));
            items.truncate(limit.saturating_sub(short) as usize);
        }
        if self.has(Fault::OtherRowsEachTime)
            && let Some(first) = items.first_mut()
        {
            first.name = Some(format!("asked {}", self.world.asked.fetch_add(1, Ordering::SeqCst)));
        }
        let busy = Busy(self.world.reading.clone());
        if self.world.reading.fetch_add(1, Ordering::SeqCst) > 0 && self.has(Fault::PartitionsNotAtOnce) {
            drop(busy);
            return Rows::error(Error::new(ErrorKind::Unavailable, "one read at a time"));
        }
        let all = ["id", "name", "parity", "at"].map(str::to_owned);
        let columns = match (&request.projection, request.read_schema()) {
            (Some(asked), _) if self.has(Fault::ProjectionInOrderAsked) => asked.clone(),
            (_, Some(wanted)) => wanted.fields().iter().map(|field| field.name().clone()).collect(),
            _ => all.to_vec(),
        };
        Rows::iter(items.into_iter().map(move |item| -> Values {
            let _busy = &busy;
            columns.iter().map(|column| cell(&item, column)).collect()
        }))
    }

    async fn count_rows(&self, request: &ReadRequest) -> Result<Option<u64>> {
        let mut request = request.clone();
        if self.has(Fault::CountIgnoresFilter) {
            request.predicates.clear();
        }
        let mut parts = vec![request.clone()];
        if request.partition.is_none() {
            parts = ["even", "odd"].map(|part| request.clone().with_partition(Partition::new(part))).to_vec();
        }
        let mut rows = u64::from(self.has(Fault::CountOneMore));
        for part in parts {
            rows += self.asked(&part)?.len() as u64;
        }
        Ok(Some(rows))
    }

    async fn get_writer(&self, request: WriteRequest) -> Result<BoxWriter> {
        let world = self.world.clone();
        Ok(BoxWriter::new(Writing { world, request, staged: Vec::new(), before: None, rows: 0 }))
    }
}

struct Busy(Arc<AtomicUsize>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Writing {
    world: World,
    request: WriteRequest,
    staged: Vec<Item>,
    /// The rows before, while rows are visible that should not be.
    before: Option<Vec<Item>>,
    rows: u64,
}

impl Writing {
    fn apply(&self, rows: &mut Vec<Item>) {
        let has = |fault| self.world.fault == fault;
        let new = |item: &Item| self.staged.iter().all(|staged| staged.id != item.id);
        match self.request.mode {
            WriteMode::Overwrite if self.staged.is_empty() && has(Fault::EmptyOverwriteKeeps) => {}
            WriteMode::Overwrite => rows.clear(),
            WriteMode::Upsert if !has(Fault::UpsertAdds) => rows.retain(new),
            WriteMode::Delete if !has(Fault::DeleteForgets) => rows.retain(new),
            _ => {}
        }
        if self.request.mode != WriteMode::Delete {
            rows.extend(self.staged.iter().cloned());
        }
        rows.sort_by_key(|item| item.id);
    }
}

impl Writer for Writing {
    async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        if self.world.fault == Fault::KeepsLastBatch {
            self.staged.clear();
        }
        let ids = batch.column(0).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let name = batch.column_by_name("name").map(|names| names.as_string::<i32>());
            let parity = batch.column_by_name("parity").map(|parity| parity.as_string::<i32>());
            let at = batch.column_by_name("at").map(|at| at.as_primitive::<TimestampMicrosecondType>());
            self.staged.push(Item {
                id: ids.value(row),
                parity: parity.map(|parity| parity.value(row).to_owned()).unwrap_or_default(),
                name: name.filter(|names| !names.is_null(row)).map(|names| names.value(row).to_owned()),
                at: at.filter(|at| !at.is_null(row)).map(|at| at.value(row)),
            });
        }
        self.rows += batch.num_rows() as u64;
        if self.world.fault == Fault::VisibleEarly {
            let mut rows = self.world.rows.lock().unwrap();
            let rows = rows.as_mut().unwrap();
            self.before.get_or_insert(rows.clone());
            self.apply(rows);
        }
        Ok(())
    }

    async fn commit(mut self) -> Result<WriteSummary> {
        let token = self.request.idempotency_token.clone();
        if let Some(token) = &token
            && self.world.fault != Fault::TokenForgotten
            && let Some((_, rows)) = self.world.tokens.lock().unwrap().iter().find(|(one, _)| one == token)
        {
            self.staged.clear();
            return Ok(WriteSummary::rows(*rows));
        }
        let mut rows = self.world.rows.lock().unwrap();
        let rows = rows.as_mut().unwrap();
        if let Some(before) = self.before.take() {
            *rows = before;
        }
        self.apply(rows);
        self.staged.clear();
        let more = u64::from(self.world.fault == Fault::SummaryWrong && self.rows > 0);
        let summary = self.rows + more;
        self.world.tokens.lock().unwrap().extend(token.map(|token| (token, summary)));
        Ok(WriteSummary::rows(summary))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        let mut rows = self.world.rows.lock().unwrap();
        let rows = rows.as_mut().unwrap();
        if let Some(before) = self.before.take() {
            *rows = before;
        }
        if self.world.fault == Fault::DropKeeps && !self.staged.is_empty() {
            self.apply(rows);
        }
    }
}

fn options() -> Options {
    Options::new()
        .with_config("items", json!({"token": "hush-hush-hush"}))
        .with_total_rows("items", 40)
        .with_scratch("items")
}

fn examine(fault: Fault, options: Options) -> Report {
    let world = World {
        fault,
        rows: Arc::default(),
        tokens: Arc::default(),
        asked: Arc::default(),
        reading: Arc::default(),
    };
    let shared = move |(): ()| {
        let world = world.clone();
        async move { Ok(world) }
    };
    let plugin = Plugin::new("items", "1.0.0").shared(shared).connector::<Items>();
    block_on(conformance::check(&plugin, options))
}

#[test]
fn a_right_connector_passes_everything() {
    let report = examine(Fault::None, options());
    report.assert_all_run_but(&["memory"]);
    // What it declares was really examined.
    let skipped: Vec<_> = report
        .outcomes()
        .iter()
        .filter(|outcome| outcome.verdict != Verdict::Passed)
        .map(|outcome| outcome.check)
        .collect();
    assert_eq!(skipped, ["incremental", "state", "memory"], "{report}");
}

#[test]
fn a_table_that_is_not_to_be_written_is_not() {
    let options = Options::new().with_config("items", json!({"token": "hush-hush-hush"}));
    let report = examine(Fault::DropKeeps, options);
    report.assert();
    let not_run: Vec<_> = report.not_run().map(|outcome| outcome.check).collect();
    assert_eq!(not_run, ["memory", "commit", "abort", "overwrite", "upsert", "delete", "idempotency"]);
}

#[test]
fn a_table_that_needs_values_says_which() {
    let report = examine(Fault::None, Options::new());
    assert!(report.to_string().contains("`token` is required"), "{report}");
    assert!(std::panic::catch_unwind(|| report.assert()).is_err());
}

#[test]
fn each_fault_is_found_by_its_check_and_by_no_other() {
    for (fault, check) in [
        (Fault::CheckFails, "check"),
        (Fault::SchemaChanges, "schema"),
        (Fault::NullWhereNone, "schema"),
        (Fault::OtherRowsEachTime, "repeatability"),
        (Fault::LimitOneShort, "limit"),
        (Fault::ProjectionInOrderAsked, "projection"),
        (Fault::FilterIgnoresCase, "filters"),
        (Fault::FilterTakesNulls, "filters"),
        (Fault::PartitionsOverlap, "partitions"),
        (Fault::PartitionForgotten, "partitions"),
        (Fault::PartitionsNotAtOnce, "partitions"),
        (Fault::PartitionMiscounted, "partitions"),
        (Fault::PartitionUnknownIsAll, "partitions"),
        (Fault::PartitionedByAnother, "partitions"),
        (Fault::CountOneMore, "count"),
        (Fault::CountIgnoresFilter, "count"),
        (Fault::KeyTwice, "primary key"),
        (Fault::UniqueTwice, "unique"),
        (Fault::Unsorted, "sorted by"),
        (Fault::VisibleEarly, "commit"),
        (Fault::KeepsLastBatch, "commit"),
        (Fault::SummaryWrong, "commit"),
        (Fault::DropKeeps, "abort"),
        (Fault::EmptyOverwriteKeeps, "overwrite"),
        (Fault::UpsertAdds, "upsert"),
        (Fault::DeleteForgets, "delete"),
        (Fault::TokenForgotten, "idempotency"),
        (Fault::SecretInSchema, "secrets"),
        (Fault::SecretInPartition, "secrets"),
    ] {
        let overlap = fault == Fault::PartitionsOverlap;
        let options = if overlap { options().with_total_rows("items", 41) } else { options() };
        let report = examine(fault, options);
        only_fails(&report, check, &format!("{fault:?}"));
        assert!(!report.to_string().contains("hush-hush-hush"), "the report quotes the secret");
    }
}
