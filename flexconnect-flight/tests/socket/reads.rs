//! DoGet.

use std::sync::atomic::Ordering;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use flexconnect_core::ErrorKind;
use flexconnect_flight::Command;
use futures::{StreamExt, TryStreamExt};
use serde_json::json;
use tonic::Code;

use crate::connectors::{READING, samples};
use crate::served::{cmd, eventually, serve, ticket};

fn ids(batches: &[RecordBatch]) -> Vec<i64> {
    let ids = |batch: &RecordBatch| batch["id"].as_primitive::<Int64Type>().values().to_vec();
    batches.iter().flat_map(ids).collect()
}

#[tokio::test]
async fn what_is_asked_is_what_comes() {
    let served = serve(samples()).await;
    let numbers = Command::connector("numbers");
    assert_eq!(ids(&served.read(&numbers).await.unwrap()), (0..10).collect::<Vec<_>>());
    assert_eq!(ids(&served.read(&numbers.clone().with_limit(6)).await.unwrap()), [0, 1, 2, 3, 4, 5]);
    assert_eq!(ids(&served.read(&numbers.clone().with_partition("from-4")).await.unwrap()), [4, 5, 6, 7]);
    let few = numbers.clone().with_config(json!({"rows": 2}));
    assert_eq!(ids(&served.read(&few).await.unwrap()), [0, 1]);
    let filtered = numbers
        .clone()
        .with_columns(["id"])
        .with_filter(json!({"column": "name", "op": "starts with", "value": "n"}))
        .with_filter(json!({"or": [{"column": "id", "op": ">", "value": 7}, {"column": "id", "op": "=", "value": "1"}]}));
    assert_eq!(ids(&served.read(&filtered).await.unwrap()), [1, 8, 9]);
    assert_eq!(ids(&served.read(&filtered.with_limit(2)).await.unwrap()), [1, 8]);
    let none = served.read(&numbers.with_columns([] as [&str; 0])).await.unwrap();
    assert_eq!(
        none.iter().map(|batch| (batch.num_columns(), batch.num_rows())).fold(0, |rows, b| rows + b.1),
        10
    );
    assert_eq!(ids(&served.read(&Command::path(["fixed", "seven"])).await.unwrap()).len(), 7);
}

#[tokio::test]
async fn columns_that_are_found_are_found_once() {
    let served = serve(samples()).await;
    let found = Command::connector("found");
    let reading = served.client.read(&found).await.unwrap();
    assert_eq!(reading.schema(), served.client.schema(&found).await.unwrap());
    let batches: Vec<_> = reading.try_collect().await.unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 3);
    let filtered = found.with_filter(json!({"column": "n", "op": ">=", "value": 1})).with_columns(["text"]);
    let batches = served.read(&filtered).await.unwrap();
    assert_eq!(batches[0].column(0).as_string::<i32>().value(0), "row 1");
}

#[tokio::test]
async fn what_fails_first_fails_the_call_and_what_fails_later_ends_the_stream() {
    let served = serve(samples()).await;
    let info = served.info(cmd(json!({"connector": "failing", "config": {"kind": "data"}}))).await.unwrap();
    assert_eq!(served.get(ticket(&info, 0)).await.unwrap_err().code(), Code::FailedPrecondition);
    let config = json!({"kind": "unavailable", "after": 3});
    let info = served.info(cmd(json!({"connector": "failing", "config": config}))).await.unwrap();
    let messages = served.get(ticket(&info, 0)).await.unwrap();
    assert_eq!(messages.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(messages[2].as_ref().unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn a_panic_ends_its_own_call() {
    let served = serve(samples()).await;
    for after in [0, 2] {
        let command = Command::connector("failing").with_config(json!({"kind": "panic", "after": after}));
        let error = served.read(&command).await.unwrap_err();
        let error = flexconnect_core::Error::from_boxed(error);
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert!(!error.to_string().contains("secret"));
    }
    assert_eq!(served.read(&Command::connector("numbers")).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_reader_that_leaves_ends_the_work() {
    let served = serve(samples()).await;
    let mut reading = served.client.read(&Command::connector("endless")).await.unwrap();
    reading.next().await.unwrap().unwrap();
    assert_eq!(READING.load(Ordering::SeqCst), 1);
    drop(reading);
    eventually("the work for a reader who left ends", || READING.load(Ordering::SeqCst) == 0).await;
}
