//! Writing: what is refused before a row, what is checked in each batch, when rows become visible.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::{Arc, Mutex};

use flexconnect_core::arrow_array::{
    ArrayRef, Int32Array, Int64Array, LargeStringArray, RecordBatch, StringArray,
};
use flexconnect_core::arrow_schema::SchemaRef;
use flexconnect_core::{
    BoxWriter, Capabilities, Connector, Dataset, Error, ErrorKind, ReadRequest, Result, RowWriter, Rows,
    Table, Values, WriteMode, WriteRequest, WriteSummary, Writer,
};
use futures::executor::block_on;
use support::opened;

#[derive(Table, Clone, Debug, PartialEq)]
#[table(primary_key(id))]
struct Sale {
    id: i64,
    item: String,
}

type Store = Arc<Mutex<Vec<Sale>>>;

/// A table in memory; `by_row` chooses the kind of writer.
struct Sales {
    store: Store,
    by_row: bool,
}

impl Connector for Sales {
    const NAME: &'static str = "sales";
    type Config = ();
    type Row = Sale;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_write([WriteMode::Append, WriteMode::Delete])
    }

    async fn init((): (), _: &()) -> Result<Self> {
        Err("built by hand".into())
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Sale> {
        Rows::iter(self.store.lock().unwrap().clone())
    }

    async fn get_writer(&self, request: WriteRequest) -> Result<BoxWriter> {
        let store = self.store.clone();
        if request.mode == WriteMode::Delete {
            assert_eq!(request.schema.fields().len(), 1, "a delete brings the key only");
        }
        Ok(if self.by_row {
            BoxWriter::rows(ByRow { store, staged: Vec::new() })
        } else {
            BoxWriter::new(ByBatch { store, staged: Vec::new() })
        })
    }
}

struct ByRow {
    store: Store,
    staged: Vec<Sale>,
}

impl RowWriter for ByRow {
    type Row = Sale;

    async fn write_rows(&mut self, rows: Vec<Sale>) -> Result<()> {
        self.staged.extend(rows);
        Ok(())
    }

    async fn commit(self) -> Result<WriteSummary> {
        let rows = self.staged.len() as u64;
        self.store.lock().unwrap().extend(self.staged);
        Ok(WriteSummary::rows(rows))
    }
}

struct ByBatch {
    store: Store,
    staged: Vec<RecordBatch>,
}

impl Writer for ByBatch {
    async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        self.staged.push(batch);
        Ok(())
    }

    async fn commit(self) -> Result<WriteSummary> {
        let mut rows = 0;
        for batch in &self.staged {
            rows += batch.num_rows() as u64;
            if batch.num_columns() == 2 {
                self.store.lock().unwrap().extend(flexconnect_core::FromBatch::from_batch(batch)?);
            }
        }
        Ok(WriteSummary::rows(rows))
    }
}

fn sales(by_row: bool) -> (Store, Arc<dyn Dataset>) {
    let store = Store::default();
    (store.clone(), opened(Sales { store, by_row }))
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
        .unwrap()
}

fn good() -> RecordBatch {
    batch(vec![
        ("item", Arc::new(StringArray::from(vec!["tea", "milk"]))),
        ("id", Arc::new(Int64Array::from(vec![1, 2]))),
    ])
}

fn refusal(dataset: &Arc<dyn Dataset>, batch: &RecordBatch, mode: WriteMode) -> Error {
    block_on(dataset.writer(WriteRequest::new(batch.schema()).with_mode(mode))).expect_err("it is refused")
}

fn write(dataset: &Arc<dyn Dataset>, batch: RecordBatch) -> Result<WriteSummary, Error> {
    block_on(async {
        let mut writer = dataset.writer(WriteRequest::new(batch.schema())).await?;
        writer.write(batch).await?;
        writer.commit().await
    })
}

#[test]
fn columns_are_matched_by_name_and_nullable_ones_fit() {
    for by_row in [true, false] {
        let (store, dataset) = sales(by_row);
        let summary = write(&dataset, good()).unwrap();
        assert_eq!(summary.rows, 2);
        assert!(summary.bytes > 0);
        let sale = |id, item: &str| Sale { id, item: item.into() };
        assert_eq!(*store.lock().unwrap(), [sale(1, "tea"), sale(2, "milk")]);
    }
}

#[test]
fn every_difference_is_listed_before_a_row() {
    let (_, dataset) = sales(false);
    let wrong = batch(vec![
        ("id", Arc::new(StringArray::from(vec!["1"]))),
        ("price", Arc::new(Int64Array::from(vec![1]))),
    ]);
    let error = refusal(&dataset, &wrong, WriteMode::Append);
    assert_eq!(error.kind(), ErrorKind::Schema);
    let text = error.to_string();
    for part in ["missing `item` (Utf8)", "extra `price`", "`id` is Utf8, the table has Int64"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_row_writer_takes_what_its_rows_can_read() {
    let narrow = || {
        batch(vec![
            ("id", Arc::new(Int32Array::from(vec![1]))),
            ("item", Arc::new(LargeStringArray::from(vec!["tea"]))),
        ])
    };
    assert_eq!(write(&sales(true).1, narrow()).unwrap().rows, 1);
    assert_eq!(refusal(&sales(false).1, &narrow(), WriteMode::Append).kind(), ErrorKind::Schema);
}

#[test]
fn a_null_where_none_can_be_is_placed() {
    for by_row in [true, false] {
        let (store, dataset) = sales(by_row);
        let nulls = batch(vec![
            ("id", Arc::new(Int64Array::from(vec![Some(1), None]))),
            ("item", Arc::new(StringArray::from(vec!["tea", "milk"]))),
        ]);
        let error = write(&dataset, nulls).unwrap_err();
        assert_eq!(
            (error.kind(), error.place().row, error.place().column.as_deref()),
            (ErrorKind::Data, Some(1), Some("id"))
        );
        assert!(store.lock().unwrap().is_empty());
    }
}

#[test]
fn modes_and_tokens_that_are_not_declared_are_refused() {
    let (_, dataset) = sales(false);
    let error = refusal(&dataset, &good(), WriteMode::Overwrite);
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("use `append` or `delete`"), "{error}");
    let request = WriteRequest::new(good().schema()).with_idempotency_token("t");
    assert_eq!(block_on(dataset.writer(request)).err().unwrap().kind(), ErrorKind::Unsupported);

    struct ReadOnly;
    impl Connector for ReadOnly {
        const NAME: &'static str = "read_only";
        type Config = ();
        type Row = Sale;
        async fn init((): (), _: &()) -> Result<Self> {
            Ok(ReadOnly)
        }
        fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Sale> {
            Rows::empty()
        }
    }
    let error = refusal(&support::open::<ReadOnly>(), &good(), WriteMode::Append);
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
}

#[test]
fn a_delete_needs_the_key_and_ignores_the_rest() {
    let (_, dataset) = sales(false);
    let keys = batch(vec![
        ("note", Arc::new(StringArray::from(vec!["gone"]))),
        ("id", Arc::new(Int64Array::from(vec![1]))),
    ]);
    let request = WriteRequest::new(keys.schema()).with_mode(WriteMode::Delete);
    block_on(async {
        let mut writer = dataset.writer(request).await.unwrap();
        writer.write(keys).await.unwrap();
        assert_eq!(writer.commit().await.unwrap().rows, 1);
    });
}

/// A table that is made by writing it: what the writer was asked for, and what it got.
#[derive(Clone, Default)]
struct Made {
    asked: Arc<Mutex<Vec<SchemaRef>>>,
    written: Arc<Mutex<Vec<RecordBatch>>>,
}

impl Connector for Made {
    const NAME: &'static str = "made";
    type Config = ();
    type Row = Values;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_write(WriteMode::ALL)
    }

    async fn init((): (), _: &()) -> Result<Self> {
        Err("built by hand".into())
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Values> {
        Rows::empty()
    }

    async fn get_writer(&self, request: WriteRequest) -> Result<BoxWriter> {
        self.asked.lock().unwrap().push(request.schema);
        Ok(BoxWriter::new(Kept(self.clone())))
    }
}

struct Kept(Made);

impl Writer for Kept {
    async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        self.0.written.lock().unwrap().push(batch);
        Ok(())
    }

    async fn commit(self) -> Result<WriteSummary> {
        Ok(WriteSummary::rows(0))
    }
}

fn keyed(batch: RecordBatch, key: &str) -> RecordBatch {
    let metadata = [("flexconnect:primary_key", key), ("note", "kept")];
    let metadata = metadata.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let schema = batch.schema().as_ref().clone().with_metadata(metadata);
    batch.with_schema(Arc::new(schema)).unwrap()
}

#[test]
fn a_table_that_declares_no_columns_takes_those_of_the_stream_and_its_key() {
    let made = Made::default();
    let dataset = opened(made.clone());
    let write = |batch: RecordBatch, mode| {
        block_on(async {
            let mut writer = dataset.writer(WriteRequest::new(batch.schema()).with_mode(mode)).await.unwrap();
            writer.write(batch).await.unwrap();
            writer.commit().await.unwrap();
        });
        (made.asked.lock().unwrap().pop().unwrap(), made.written.lock().unwrap().pop().unwrap())
    };
    write(good(), WriteMode::Append);
    let all = keyed(good(), r#"["id"]"#);
    for mode in [WriteMode::Append, WriteMode::Overwrite, WriteMode::Upsert] {
        assert_eq!(write(all.clone(), mode), (all.schema(), all.clone()), "{mode}");
    }
    let key = all.project(&[1]).unwrap();
    assert_eq!(write(all.clone(), WriteMode::Delete), (key.schema(), key));
}

#[test]
fn a_write_by_key_to_a_table_without_columns_says_which_key() {
    let dataset = opened(Made::default());
    for batch in [good(), keyed(good(), "[]"), keyed(good(), "id")] {
        for mode in [WriteMode::Upsert, WriteMode::Delete] {
            let error = refusal(&dataset, &batch, mode);
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert!(
                error.to_string().contains(r#"`flexconnect:primary_key` with a value such as `["id"]`"#),
                "{error}"
            );
        }
    }
    let error = refusal(&dataset, &keyed(good(), r#"["id", "day"]"#), WriteMode::Upsert);
    assert_eq!((error.kind(), error.place().column.as_deref()), (ErrorKind::Schema, Some("day")));
}

#[test]
fn nothing_is_visible_before_commit() {
    let (store, dataset) = sales(true);
    block_on(async {
        for end in ["drop", "abort"] {
            let mut writer = dataset.writer(WriteRequest::new(good().schema())).await.unwrap();
            writer.write(good()).await.unwrap();
            assert!(store.lock().unwrap().is_empty());
            if end == "abort" {
                writer.abort().await.unwrap();
            } else {
                drop(writer);
            }
        }
    });
    assert!(store.lock().unwrap().is_empty());
}

#[test]
fn a_batch_of_other_columns_is_refused_in_the_middle() {
    let (_, dataset) = sales(true);
    block_on(async {
        let mut writer = dataset.writer(WriteRequest::new(good().schema())).await.unwrap();
        writer.write(good()).await.unwrap();
        let error = writer.write(good().project(&[1]).unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Schema);
    });
}
