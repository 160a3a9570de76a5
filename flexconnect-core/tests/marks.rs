//! What is said of rows beside the rows reaches the door, wherever it is said.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::sync::Arc;

use flexconnect_core::arrow_array::{ArrayRef, Int64Array, RecordBatch};
use flexconnect_core::arrow_schema::SchemaRef;
use flexconnect_core::{
    Batches, Connector, Dataset, JsonRow, Keeping, ReadRequest, Record, Result, Rows, dataset_of,
};
use futures::TryStreamExt;
use futures::executor::block_on;

/// Rows of any kind, made by a function.
struct Made<R: Record>(fn() -> Rows<'static, R>, Option<SchemaRef>);

impl<R: Record + 'static> Connector for Made<R> {
    const NAME: &'static str = "made";
    type Config = ();
    type Row = R;

    async fn init((): (), _: &()) -> Result<Self> {
        unreachable!("it is given open")
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(self.1.clone())
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, R> {
        (self.0)()
    }
}

fn started<R: Record + 'static>(rows: fn() -> Rows<'static, R>, schema: Option<SchemaRef>) -> Batches {
    let dataset: Arc<dyn Dataset> = dataset_of::<Made<R>, ()>(["made"], Made(rows, schema));
    block_on(async {
        let mut batches = dataset.read(ReadRequest::new()).await.unwrap();
        batches.start().await.unwrap();
        batches
    })
}

fn sizes(batches: Batches) -> Vec<usize> {
    let batches: Vec<_> = block_on(batches.try_collect()).unwrap();
    batches.iter().map(RecordBatch::num_rows).collect()
}

fn one(value: i64) -> RecordBatch {
    RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![value])) as ArrayRef)]).unwrap()
}

fn rows() -> Rows<'static, JsonRow> {
    Rows::iter((0..5).map(|n| [("n", serde_json::json!(n))].into_iter().collect::<JsonRow>()))
}

#[test]
fn nothing_said_is_nothing_known() {
    let batches = started(rows, Some(one(0).schema()));
    assert_eq!((batches.keeping(), batches.metadata().len()), (Keeping::Unsaid, 0));
    assert_eq!(sizes(batches), [5]);
}

#[test]
fn what_is_said_outside_holds_and_what_is_said_inside_is_added() {
    let deferred = || {
        let inner = async { Ok(rows().single_use().with_metadata("a", "inner").with_metadata("b", "inner")) };
        Rows::defer(inner).held().with_metadata("a", "outer")
    };
    let batches = started(deferred, Some(one(0).schema()));
    assert_eq!(batches.keeping(), Keeping::Held);
    let metadata: Vec<_> = batches.metadata().iter().map(|(key, value)| (&**key, &**value)).collect();
    assert_eq!(metadata, [("a", "outer"), ("b", "inner")]);
    assert!(batches.schema().metadata().is_empty(), "the table's schema stays the table's");
}

#[test]
fn marks_come_with_no_rows_and_through_a_sample_too() {
    let empty = || Rows::<JsonRow>::defer(async { Ok(Rows::empty().single_use()) });
    assert_eq!(started(empty, Some(one(0).schema())).keeping(), Keeping::SingleUse);
    assert_eq!(started(|| rows().held(), None).keeping(), Keeping::Held);
}

#[test]
fn batches_close_where_the_author_says() {
    let batches = || Rows::<RecordBatch>::iter((0..3).map(one)).with_batch_rows(1);
    assert_eq!(sizes(started(batches, Some(one(0).schema()))), [1, 1, 1]);
    let deferred = || Rows::defer(async { Ok(rows().with_batch_rows(2)) });
    assert_eq!(sizes(started(deferred, Some(one(0).schema()))), [2, 2, 1]);
    let blocking = || {
        Rows::<RecordBatch>::blocking(|out| {
            out.extend((0..3).map(one))?;
            Ok(())
        })
        .with_batch_rows(1)
    };
    assert_eq!(sizes(started(blocking, Some(one(0).schema()))), [1, 1, 1]);
}
