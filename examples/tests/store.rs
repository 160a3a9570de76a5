//! Lesson 5: writes that are whole or not at all.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod read;

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use flexconnect_core::{
    BoxWriter, Dataset, Error, ErrorKind, FromBatch, Plugin, ReadRequest, Table, WriteMode, WriteRequest,
};
use flexconnect_examples::store::{Item, Store};
use serde_json::json;
use tempfile::TempDir;

async fn store(folder: &TempDir) -> Arc<dyn Dataset> {
    let file = folder.path().join("store.sqlite");
    let plugin = Plugin::new("test", "0").mount::<Store>(["store"], json!({ "file": file }));
    read::open(plugin, json!({})).await.unwrap()
}

fn batch(rows: &[(&str, i64)]) -> RecordBatch {
    let paths: ArrayRef = Arc::new(rows.iter().map(|row| Some(row.0)).collect::<StringArray>());
    let sizes: ArrayRef = Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>());
    let schema = <Item as Table>::schema();
    let modified = arrow::array::new_null_array(schema.field(2).data_type(), rows.len());
    RecordBatch::try_new(schema, vec![paths, sizes, modified]).unwrap()
}

async fn begin(store: &Arc<dyn Dataset>, mode: WriteMode) -> BoxWriter {
    let request = WriteRequest::new(<Item as Table>::schema()).with_mode(mode);
    store.writer(request).await.unwrap()
}

async fn write(store: &Arc<dyn Dataset>, mode: WriteMode, rows: &[(&str, i64)]) -> Result<u64, Error> {
    let mut writer = begin(store, mode).await;
    writer.write(batch(rows)).await?;
    Ok(writer.commit().await?.rows)
}

async fn stored(store: &Arc<dyn Dataset>) -> Vec<(String, i64)> {
    let batch = read::rows(store, ReadRequest::new()).await.unwrap();
    let items = Item::from_batch(&batch).unwrap();
    let rows: Vec<_> = items.into_iter().map(|item| (item.path, item.size.unwrap())).collect();
    assert_eq!(store.count_rows(&ReadRequest::new()).await.unwrap(), Some(rows.len() as u64));
    rows
}

fn owned(rows: &[(&str, i64)]) -> Vec<(String, i64)> {
    rows.iter().map(|row| (row.0.to_owned(), row.1)).collect()
}

#[tokio::test]
async fn the_four_modes() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    assert_eq!(write(&store, WriteMode::Append, &[("b", 1), ("a", 2)]).await.unwrap(), 2);
    assert_eq!(stored(&store).await, owned(&[("a", 2), ("b", 1)]));
    write(&store, WriteMode::Append, &[("c", 3)]).await.unwrap();
    write(&store, WriteMode::Upsert, &[("c", 4), ("d", 5)]).await.unwrap();
    assert_eq!(stored(&store).await, owned(&[("a", 2), ("b", 1), ("c", 4), ("d", 5)]));
    // A delete goes by the key alone, whatever else the rows say.
    write(&store, WriteMode::Delete, &[("a", 99), ("nothing", 0)]).await.unwrap();
    assert_eq!(stored(&store).await, owned(&[("b", 1), ("c", 4), ("d", 5)]));
    write(&store, WriteMode::Overwrite, &[("z", 1)]).await.unwrap();
    assert_eq!(stored(&store).await, owned(&[("z", 1)]));
    // An overwrite with nothing leaves nothing.
    begin(&store, WriteMode::Overwrite).await.commit().await.unwrap();
    assert_eq!(stored(&store).await, []);
}

#[tokio::test]
async fn values_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let schema = <Item as Table>::schema();
    let paths: ArrayRef = Arc::new(StringArray::from(vec!["", "null", "äöü"]));
    let sizes: ArrayRef = Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(i64::MAX)]));
    let modified =
        arrow::array::TimestampMicrosecondArray::from(vec![Some(-1), Some(1_700_000_000_123_456), None]);
    let modified: ArrayRef = Arc::new(modified.with_timezone("UTC"));
    let batch = RecordBatch::try_new(schema, vec![paths, sizes, modified]).unwrap();
    let mut writer = begin(&store, WriteMode::Append).await;
    writer.write(batch.clone()).await.unwrap();
    writer.commit().await.unwrap();
    assert_eq!(read::rows(&store, ReadRequest::new()).await.unwrap(), batch);
}

#[tokio::test]
async fn nothing_is_visible_before_the_commit_and_nothing_stays_without() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    write(&store, WriteMode::Append, &[("kept", 1)]).await.unwrap();

    let mut writer = begin(&store, WriteMode::Overwrite).await;
    writer.write(batch(&[("new", 2)])).await.unwrap();
    assert_eq!(stored(&store).await, owned(&[("kept", 1)]));
    writer.abort().await.unwrap();
    assert_eq!(stored(&store).await, owned(&[("kept", 1)]));

    let mut writer = begin(&store, WriteMode::Append).await;
    writer.write(batch(&[("new", 2)])).await.unwrap();
    drop(writer);
    assert_eq!(stored(&store).await, owned(&[("kept", 1)]));
    // The dropped transaction ends by itself: the next can begin.
    write(&store, WriteMode::Append, &[("next", 3)]).await.unwrap();
    assert_eq!(stored(&store).await, owned(&[("kept", 1), ("next", 3)]));
}

#[tokio::test]
async fn a_key_that_is_there_already_is_named_by_its_row_and_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    write(&store, WriteMode::Append, &[("a", 1)]).await.unwrap();
    let error = write(&store, WriteMode::Append, &[("b", 1), ("a", 2)]).await.unwrap_err();
    assert_eq!((error.kind(), error.place().row), (ErrorKind::Data, Some(1)), "{error}");
    assert!(error.to_string().contains("upsert"), "{error}");
    assert_eq!(stored(&store).await, owned(&[("a", 1)]));
}

#[tokio::test]
async fn a_second_writer_waits_for_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let mut first = begin(&store, WriteMode::Append).await;
    first.write(batch(&[("a", 1)])).await.unwrap();
    let second = store.clone();
    let second = tokio::spawn(async move { write(&second, WriteMode::Upsert, &[("a", 2)]).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    first.commit().await.unwrap();
    second.await.unwrap().unwrap();
    assert_eq!(stored(&store).await, owned(&[("a", 2)]));
}

#[tokio::test]
async fn a_wrong_table_is_refused_before_the_first_row() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let names: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let wrong =
        RecordBatch::try_from_iter([("path", names.clone()), ("size", names.clone()), ("sze", names)])
            .unwrap();
    let error = store.writer(WriteRequest::new(wrong.schema())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    for word in ["missing `modified`", "extra `sze`", "`size` is Utf8"] {
        assert!(error.to_string().contains(word), "{error} lacks {word}");
    }
}
