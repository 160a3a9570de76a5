//! Connectors whose columns are known only once they run.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::arrow_schema::DataType;
use flexconnect_core::{
    CompareOp, Connector, Dataset, ErrorKind, JsonRow, Predicate, ReadRequest, Result, Rows,
};
use futures::executor::block_on;
use serde_json::{Value, json};
use support::{collect, ids, opened};

type Make = Box<dyn Fn(i64) -> Value + Send + Sync>;

/// Rows made from their number; counts how many were made.
struct Json {
    rows: i64,
    make: Make,
    made: Arc<AtomicUsize>,
    threaded: bool,
}

impl Connector for Json {
    const NAME: &'static str = "json";
    type Config = ();
    type Row = JsonRow;

    async fn init((): (), _: &()) -> Result<Self> {
        Err("built by hand".into())
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, JsonRow> {
        let row = |id| JsonRow::from((self.make)(id).as_object().cloned().unwrap());
        if self.threaded {
            let rows: Vec<JsonRow> = (0..self.rows).map(row).collect();
            return Rows::blocking(move |out| Ok(out.extend(rows)?));
        }
        Rows::iter((0..self.rows).map(move |id| {
            self.made.fetch_add(1, Ordering::Relaxed);
            row(id)
        }))
    }
}

fn json(
    rows: i64,
    make: impl Fn(i64) -> Value + Send + Sync + 'static,
) -> (Arc<dyn Dataset>, Arc<AtomicUsize>) {
    let made = Arc::new(AtomicUsize::new(0));
    (opened(Json { rows, make: Box::new(make), made: made.clone(), threaded: false }), made)
}

#[test]
fn the_sample_is_neither_lost_nor_read_twice() {
    let (dataset, made) = json(5_000, |id| json!({"id": id, "name": format!("n{id}")}));
    let (batches, error) = collect(dataset, ReadRequest::new());
    assert!(error.is_none(), "{error:?}");
    assert_eq!(ids(Ok(batches)), (0..5_000).collect::<Vec<_>>());
    assert_eq!(made.load(Ordering::Relaxed), 5_000);

    let threaded = Json { rows: 30_000, make: Box::new(|id| json!({"id": id})), made, threaded: true };
    assert_eq!(ids(Ok(collect(opened(threaded), ReadRequest::new()).0)), (0..30_000).collect::<Vec<_>>());
}

#[test]
fn columns_do_not_depend_on_what_is_asked() {
    let wide = |id: i64| {
        if id < 500 { json!({"id": id, "v": 1}) } else { json!({"id": id, "v": 1.5, "late": true}) }
    };
    let (dataset, _) = json(900, wide);
    let whole = block_on(dataset.clone().schema()).unwrap();
    assert_eq!(whole.field_with_name("v").unwrap().data_type(), &DataType::Float64);
    let asked = ReadRequest::new().with_projection(["v", "id"]).with_limit(2);
    let asked = asked.with_predicate(Predicate::compare("id", CompareOp::Gt, 3));
    let (batches, error) = collect(dataset, asked);
    assert!(error.is_none());
    assert_eq!(batches[0].schema().field(0).data_type(), &DataType::Float64);
    assert_eq!(ids(Ok(batches)), [4, 5]);
}

#[test]
fn a_later_value_that_does_not_fit_is_placed() {
    let (dataset, _) = json(3_000, |id| json!({"id": if id == 2_345 { json!("x") } else { json!(id) }}));
    let (batches, error) = collect(dataset, ReadRequest::new());
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 2_345);
    let error = error.unwrap();
    assert_eq!(
        (error.kind(), error.place().row, error.place().column.as_deref()),
        (ErrorKind::Data, Some(2_345), Some("id"))
    );
    assert!(error.to_string().contains("get_read_schema"), "{error}");
}

#[test]
fn a_schema_found_earlier_is_kept() {
    let (dataset, made) = json(10, |id| json!({"id": id}));
    let schema = block_on(dataset.clone().schema()).unwrap();
    made.store(0, Ordering::Relaxed);
    let (batches, _) = collect(dataset, ReadRequest::new().with_schema(schema.clone()).with_limit(3));
    assert_eq!(batches[0].schema(), schema);
    assert_eq!(made.load(Ordering::Relaxed), 3, "nothing is sampled");
}

#[test]
fn no_row_is_no_column() {
    let (dataset, _) = json(0, |_| json!({}));
    assert_eq!(block_on(dataset.clone().schema()).unwrap().fields().len(), 0);
    let (batches, error) = collect(dataset, ReadRequest::new());
    assert!(batches.is_empty() && error.is_none());
}
