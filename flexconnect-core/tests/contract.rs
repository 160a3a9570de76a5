//! What a reader is promised of any connector, whatever that does.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;

use flexconnect_core::arrow_array::{Int64Array, RecordBatch, StringArray};
use flexconnect_core::arrow_schema::{DataType, Field, Schema, SchemaRef};
use flexconnect_core::{
    Capabilities, CompareOp, Connector, Error, ErrorKind, JsonRow, Partition, Predicate, ReadRequest, Result,
    ResultExt, Rows, Table,
};
use serde_json::json;
use support::{collect, ids, open, read};

#[derive(Table)]
struct Item {
    id: i64,
    name: Option<String>,
    group: String,
}

/// Ignores every hint.
struct Stubborn;

impl Connector for Stubborn {
    const NAME: &'static str = "stubborn";
    type Config = ();
    type Row = Item;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Stubborn)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Item> {
        Rows::iter((0..20_000).map(|id| Item {
            id,
            name: (id % 3 != 0).then(|| format!("n{id}")),
            group: ["a", "b"][(id % 2) as usize].into(),
        }))
    }
}

fn request() -> ReadRequest {
    ReadRequest::new()
}

fn at_least(id: i64) -> Predicate {
    Predicate::compare("id", CompareOp::GtEq, id)
}

#[test]
fn a_limit_is_exact() {
    for limit in [0, 1, 8191, 8192, 8193, 20_000, 30_000] {
        let rows = ids(read::<Stubborn>(request().with_limit(limit)));
        assert_eq!(rows, (0..20_000.min(limit as i64)).collect::<Vec<_>>(), "limit {limit}");
    }
}

#[test]
fn batches_are_no_larger_than_asked() {
    let sizes = |request| -> Vec<_> {
        read::<Stubborn>(request).unwrap().iter().map(RecordBatch::num_rows).collect()
    };
    assert_eq!(sizes(request()), [8192, 8192, 3616]);
    assert_eq!(sizes(request().with_batch_size(7000, 1 << 30)), [7000, 7000, 6000]);
    // No more than without, and a row at least.
    assert_eq!(sizes(request().with_batch_size(1 << 20, 1 << 30)), [8192, 8192, 3616]);
    assert_eq!(sizes(request().with_batch_size(0, 0).with_limit(3)), [1, 1, 1]);
    let by_bytes = sizes(request().with_batch_size(8192, 16 << 10));
    assert!(by_bytes.len() > 20 && by_bytes.iter().sum::<usize>() == 20_000, "{by_bytes:?}");
}

#[test]
fn columns_come_in_the_order_asked() {
    let batches = read::<Stubborn>(request().with_projection(["group", "id"]).with_limit(2)).unwrap();
    let names: Vec<_> = batches[0].schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, ["group", "id"]);
    assert_eq!(batches[0].num_rows(), 2);
}

#[test]
fn no_column_still_has_rows() {
    let none: [&str; 0] = [];
    let batches = read::<Stubborn>(request().with_projection(none)).unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 20_000);
    assert!(batches.iter().all(|batch| batch.num_columns() == 0));
}

#[test]
fn unknown_and_repeated_columns_are_named_together() {
    let error = read::<Stubborn>(request().with_projection(["id", "nme", "id"])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let text = error.to_string();
    assert!(text.contains("no column `nme`") && text.contains("`id` is asked for twice"), "{text}");
    assert!(text.contains("the table has `id`, `name`, `group`"), "{text}");
}

#[test]
fn filters_hold_on_columns_that_are_not_projected() {
    let asked = request().with_projection(["id"]).with_predicate(at_least(10)).with_limit(3);
    let is_a = Predicate::compare("group", CompareOp::Eq, "a");
    assert_eq!(ids(read::<Stubborn>(asked.with_predicate(is_a))), [10, 12, 14]);
}

#[test]
fn unknown_is_not_true() {
    let not_n1 = Predicate::compare("name", CompareOp::NotEq, "n1");
    assert_eq!(ids(read::<Stubborn>(request().with_predicate(not_n1).with_limit(3))), [2, 4, 5]);
    let either = Predicate::Or(vec![
        Predicate::compare("name", CompareOp::Eq, "n1"),
        Predicate::IsNull { column: "name".into(), negated: false },
    ]);
    assert_eq!(ids(read::<Stubborn>(request().with_predicate(either).with_limit(3))), [0, 1, 3]);
}

#[test]
fn a_filter_that_does_not_fit_is_refused_before_any_row() {
    let wrong = Predicate::compare("id", CompareOp::Eq, "five");
    let error = read::<Stubborn>(request().with_predicate(wrong)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("`id`"), "{error}");
}

/// Three partitions, the second of which fails after a row.
struct Parts {
    broken: bool,
}

impl Connector for Parts {
    const NAME: &'static str = "parts";
    type Config = ();
    type Row = Item;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_partitions().with_count()
    }

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Parts { broken: false })
    }

    async fn list_partitions(&self, _: &ReadRequest) -> Result<Vec<Partition>> {
        Ok(["x", "y", "z"].map(|id| Partition::new(id).with_rows(2)).into())
    }

    async fn count_rows(&self, request: &ReadRequest) -> Result<Option<u64>> {
        Ok(Some(if request.partition.is_some() { 2 } else { 6 }))
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Item> {
        let Some(partition) = request.partition else { return Rows::error("a partition was promised") };
        let first = partition.token.as_bytes()[0] as i64 * 10;
        let broken = self.broken && partition.token == "y";
        let item = |id| Item { id, name: None, group: partition.token.clone() };
        let rows = vec![item(first), item(first + 1)];
        Rows::try_iter(rows.into_iter().enumerate().map(move |(position, row)| -> Result<Item> {
            if broken && position == 1 {
                return Err(Error::new(ErrorKind::Unavailable, "the disk is gone").into());
            }
            Ok(row)
        }))
    }
}

#[test]
fn all_partitions_are_walked_in_order_and_one_is_read_alone() {
    assert_eq!(ids(read::<Parts>(request())), [1200, 1201, 1210, 1211, 1220, 1221]);
    assert_eq!(ids(read::<Parts>(request().with_limit(3))), [1200, 1201, 1210]);
    assert_eq!(ids(read::<Parts>(request().with_partition(Partition::new("y")))), [1210, 1211]);
}

#[test]
fn rows_before_an_error_arrive_then_the_error_with_its_place() {
    let dataset = support::opened(Parts { broken: true });
    let (batches, error) = collect(dataset, request());
    assert_eq!(ids(Ok(batches)), [1200, 1201, 1210]);
    let error = error.expect("the second partition fails");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.to_string(), "connector `parts`, partition `y`: the disk is gone");
}

#[test]
fn counts_are_cut_by_the_limit_and_unknown_below_a_filter() {
    let dataset = open::<Parts>();
    let count = |request| futures::executor::block_on(dataset.count_rows(&request)).unwrap();
    assert_eq!(count(request()), Some(6));
    assert_eq!(count(request().with_limit(4)), Some(4));
    assert_eq!(count(request().with_predicate(at_least(0))), None);
}

/// A partitioned table that has no partition.
struct Empty;

impl Connector for Empty {
    const NAME: &'static str = "empty";
    type Config = ();
    type Row = JsonRow;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_partitions()
    }

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Empty)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, JsonRow> {
        Rows::error("there is no partition to read")
    }
}

#[test]
fn no_partition_is_no_row() {
    let dataset = open::<Empty>();
    let (batches, error) = collect(dataset.clone(), request());
    assert!(batches.is_empty() && error.is_none());
    assert_eq!(futures::executor::block_on(dataset.schema()).unwrap().fields().len(), 0);
}

/// Batches of another shape than the schema says.
struct Liar(RecordBatch);

impl Connector for Liar {
    const NAME: &'static str = "liar";
    type Config = ();
    type Row = RecordBatch;

    async fn init((): (), _: &()) -> Result<Self> {
        Err("built by hand".into())
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        let fields = vec![Field::new("id", DataType::Int64, false), Field::new("name", DataType::Utf8, true)];
        Ok(Some(Arc::new(Schema::new(fields))))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, RecordBatch> {
        Rows::iter([self.0.clone()])
    }
}

fn liar(columns: Vec<(&str, flexconnect_core::arrow_array::ArrayRef)>) -> (Vec<RecordBatch>, Option<Error>) {
    collect(support::opened(Liar(RecordBatch::try_from_iter(columns).unwrap())), request())
}

#[test]
fn every_batch_is_checked_against_the_schema() {
    let int = |values: Vec<Option<i64>>| Arc::new(Int64Array::from(values)) as _;
    let text = |values: Vec<&str>| Arc::new(StringArray::from(values)) as _;

    let (batches, error) = liar(vec![("name", text(vec!["a"])), ("id", int(vec![Some(1)]))]);
    assert!(error.is_none(), "columns are matched by name: {error:?}");
    assert_eq!(batches[0].schema().field(0).name(), "id");

    let error = liar(vec![("id", text(vec!["a"])), ("name", text(vec!["a"]))]).1.unwrap();
    assert_eq!((error.kind(), error.place().column.as_deref()), (ErrorKind::Schema, Some("id")));

    let error = liar(vec![("id", int(vec![Some(1)]))]).1.unwrap();
    assert_eq!((error.kind(), error.place().column.as_deref()), (ErrorKind::Schema, Some("name")));

    let extra = vec![("id", int(vec![Some(1)])), ("name", text(vec!["a"])), ("more", text(vec!["a"]))];
    let error = liar(extra).1.unwrap();
    assert_eq!((error.kind(), error.place().column.as_deref()), (ErrorKind::Schema, Some("more")));

    let error = liar(vec![("id", int(vec![Some(1), None])), ("name", text(vec!["a", "b"]))]).1.unwrap();
    assert_eq!((error.kind(), error.place().row), (ErrorKind::Data, Some(1)));
}

/// Panics wherever it is told to.
struct Panics;

impl Connector for Panics {
    const NAME: &'static str = "panics";
    type Config = ();
    type Row = Item;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Panics)
    }

    async fn check(&self) -> Result<()> {
        panic!("in check")
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Item> {
        let at: i64 = request.parameter("at").unwrap_or_default().unwrap_or(0);
        assert!(at >= 0, "before the first row");
        Rows::iter((0..10_000).map(move |id| {
            assert!(id != at, "at a row");
            Item { id, name: None, group: String::new() }
        }))
    }
}

#[test]
fn a_panic_ends_its_own_read_only() {
    let dataset = open::<Panics>();
    let at = |at: i64| {
        let parameters = json!({ "at": at }).as_object().cloned().unwrap();
        collect(dataset.clone(), request().with_parameters(parameters))
    };
    let (batches, error) = at(9_000);
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 9_000);
    assert_eq!(error.unwrap().kind(), ErrorKind::Internal);
    assert_eq!(at(-1).1.unwrap().kind(), ErrorKind::Internal);
    assert_eq!(futures::executor::block_on(dataset.check()).unwrap_err().kind(), ErrorKind::Internal);
    let (batches, error) = at(20_000);
    assert_eq!((batches.iter().map(RecordBatch::num_rows).sum::<usize>(), error.is_none()), (10_000, true));
}

/// A foreign error becomes internal unless it is classified.
#[test]
fn errors_keep_their_kind() {
    struct Failing(bool);
    impl Connector for Failing {
        const NAME: &'static str = "failing";
        type Config = ();
        type Row = Item;
        async fn init((): (), _: &()) -> Result<Self> {
            Ok(Failing(false))
        }
        fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Item> {
            let wrong = "x".parse::<i64>();
            let classified = self.0;
            Rows::defer(async move {
                let id = if classified { wrong.kind(ErrorKind::Data)? } else { wrong? };
                Ok(Rows::iter([Item { id, name: None, group: String::new() }]))
            })
        }
    }
    assert_eq!(collect(support::opened(Failing(false)), request()).1.unwrap().kind(), ErrorKind::Internal);
    assert_eq!(collect(support::opened(Failing(true)), request()).1.unwrap().kind(), ErrorKind::Data);
}
