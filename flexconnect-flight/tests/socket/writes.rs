//! DoPut.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_flight::{FlightData, FlightDescriptor, PutResult};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use bytes::Bytes;
use flexconnect_core::{Error, ErrorKind, WriteMode};
use flexconnect_flight::{Command, FlightService, ServiceLimits};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

use crate::connectors::Store;
use crate::served::{Served, cmd, connect, eventually, serve, serve_service};

/// As pyarrow has it: every column nullable, in another order.
fn batch(rows: i64) -> RecordBatch {
    let columns: [(&str, ArrayRef, bool); 2] = [
        ("name", Arc::new(StringArray::from_iter_values((0..rows).map(|row| row.to_string()))), true),
        ("id", Arc::new(Int64Array::from_iter_values(0..rows)), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn messages(descriptor: FlightDescriptor, batches: Vec<RecordBatch>) -> Vec<FlightData> {
    let schema = batches[0].schema();
    let mut messages = arrow_flight::utils::batches_to_flight_data(&schema, batches).unwrap();
    messages[0].flight_descriptor = Some(descriptor);
    messages
}

fn metadata(app_metadata: &'static str) -> FlightData {
    FlightData { app_metadata: Bytes::from_static(app_metadata.as_bytes()), ..FlightData::default() }
}

async fn put(served: &Served, messages: Vec<FlightData>) -> Result<Value, Status> {
    let results = served.raw.clone().do_put(stream::iter(messages)).await?.into_inner();
    let results: Vec<PutResult> = results.try_collect().await?;
    assert_eq!(results.len(), 1);
    Ok(serde_json::from_slice(&results[0].app_metadata).unwrap())
}

fn sink() -> FlightDescriptor {
    FlightDescriptor::new_path(vec!["sink".into()])
}

#[tokio::test]
async fn a_half_close_keeps_the_rows() {
    let store = Store::default();
    let served = serve(store.plugin()).await;
    let result = put(&served, messages(sink(), vec![batch(3), batch(2)])).await.unwrap();
    assert_eq!((&result["rows"], store.count()), (&json!(5), 5));
    assert!(result["bytes"].as_u64().unwrap() > 40);
    let overwrite = cmd(json!({"connector": "sink", "mode": "overwrite", "rows": 1}));
    put(&served, messages(overwrite, vec![batch(1)])).await.unwrap();
    assert_eq!(store.count(), 1);
    // No rows are rows too.
    let result = put(&served, messages(sink(), vec![batch(0)])).await.unwrap();
    assert_eq!(result["rows"], json!(0));
    assert_eq!(served.read(&Command::connector("sink")).await.unwrap()[0].num_rows(), 1);
}

#[tokio::test]
async fn descriptor_schema_and_metadata_may_come_apart() {
    let store = Store::default();
    let served = serve(store.plugin()).await;
    let mut parts = messages(sink(), vec![batch(2)]);
    let descriptor = parts[0].flight_descriptor.take();
    parts.insert(0, FlightData { flight_descriptor: descriptor, ..FlightData::default() });
    parts.insert(1, metadata("anything"));
    parts.push(metadata("at the end"));
    put(&served, parts).await.unwrap();
    assert_eq!(store.count(), 2);
}

#[tokio::test]
async fn an_explicit_commit_is_the_last_word_or_nothing_is_kept() {
    let store = Store::default();
    let served = serve(store.plugin()).await;
    let explicit = || messages(cmd(json!({"connector": "sink", "commit": "explicit"})), vec![batch(3)]);
    let refused = [
        vec![],
        vec![metadata(r#"{"commit":false}"#)],
        vec![metadata(r#"{"comit":true}"#)],
        vec![metadata("commit")],
        vec![metadata(r#"{"commit":true}"#), metadata("{}")],
    ];
    for (case, end) in refused.into_iter().enumerate() {
        let status = put(&served, [explicit(), end].concat()).await.unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition, "{case}");
        assert!(status.message().contains("ended without commit, nothing was kept"), "{}", status.message());
    }
    assert_eq!((store.count(), store.dropped.load(Ordering::SeqCst)), (0, 5));
    put(&served, [explicit(), vec![metadata(r#"{"commit":true}"#)]].concat()).await.unwrap();
    assert_eq!(store.count(), 3);
}

#[tokio::test]
async fn a_forged_message_ends_its_write_and_nothing_else() {
    let store = Store::default();
    let served = serve(store.plugin()).await;
    let whole = messages(sink(), vec![batch(3)]);
    for (forge, told) in [
        (
            FlightData { data_body: whole[1].data_body.slice(..8), ..whole[1].clone() },
            "its body is cut short",
        ),
        (
            FlightData { data_header: whole[1].data_header.slice(..40), ..whole[1].clone() },
            "not a flatbuffer",
        ),
    ] {
        let status = put(&served, vec![whole[0].clone(), whole[1].clone(), forge]).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().contains(told), "{}", status.message());
    }
    assert_eq!((store.count(), store.dropped.load(Ordering::SeqCst)), (0, 2));
    put(&served, whole).await.unwrap();
    assert_eq!(store.count(), 3);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_whole() {
    let store = Store::default();
    let served = serve(store.plugin()).await;
    let other: SchemaRef = Arc::new(Schema::new(vec![Field::new("idd", DataType::Utf8, true)]));
    let other = RecordBatch::try_new(other, vec![Arc::new(StringArray::from(vec!["x"]))]).unwrap();
    let columns: [(&str, ArrayRef); 2] = [
        ("id", Arc::new(Int64Array::from(vec![Some(1), None]))),
        ("name", Arc::new(StringArray::from(vec!["a", "b"]))),
    ];
    let null = RecordBatch::try_from_iter(columns).unwrap();
    let path = |name: &str| FlightDescriptor::new_path(vec![name.into()]);
    let cases = [
        (messages(sink(), vec![other]), Code::InvalidArgument, "missing `id`"),
        (messages(sink(), vec![null]), Code::InvalidArgument, "column `id`"),
        (messages(path("numbers"), vec![batch(1)]), Code::Unimplemented, "only be read"),
        (messages(path("snik"), vec![batch(1)]), Code::NotFound, "did you mean `sink`"),
        (
            messages(cmd(json!({"connector": "sink", "mode": "upsert"})), vec![batch(1)]),
            Code::Unimplemented,
            "`append`",
        ),
        (
            messages(cmd(json!({"connector": "sink", "rows": 2})), vec![batch(1)]),
            Code::InvalidArgument,
            "1 came",
        ),
        (
            messages(cmd(json!({"connector": "sink", "limit": 2})), vec![batch(1)]),
            Code::InvalidArgument,
            "a read",
        ),
        (
            messages(cmd(json!({"connector": "sink", "partition": "x"})), vec![batch(1)]),
            Code::InvalidArgument,
            "partition",
        ),
        (
            messages(cmd(json!({"connector": "sink", "idempotency_token": "t"})), vec![batch(1)]),
            Code::Unimplemented,
            "idempotency_token",
        ),
        (vec![], Code::InvalidArgument, "before its first message"),
        (vec![FlightData::default()], Code::InvalidArgument, "no descriptor"),
        (vec![messages(sink(), vec![batch(1)]).remove(0)], Code::Ok, ""),
        (
            vec![FlightData { flight_descriptor: Some(sink()), ..FlightData::default() }],
            Code::InvalidArgument,
            "before its schema",
        ),
    ];
    for (messages, code, part) in cases {
        match put(&served, messages).await {
            Ok(_) => assert_eq!(code, Code::Ok),
            Err(status) => {
                assert_eq!(status.code(), code, "{}", status.message());
                assert!(status.message().contains(part), "{}: no {part}", status.message());
            }
        }
    }
    assert_eq!(store.count(), 0);
}

#[tokio::test]
async fn garbage_is_an_argument_and_never_a_crash() {
    let store = Store::default();
    let served = serve(store.plugin()).await;
    let whole = messages(sink(), vec![batch(100)]);
    let mut seed = 0x2545_F491_4F6C_DD1Du64;
    for _ in 0..300 {
        let mut changed = whole.clone();
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let message = &mut changed[(seed % 2) as usize];
        let mut header = message.data_header.to_vec();
        let position = (seed >> 8) as usize % header.len();
        header[position] ^= (seed >> 40) as u8 | 1;
        message.data_header = header.into();
        if let Err(status) = put(&served, changed).await {
            // A length that became a very large number is above a limit.
            assert!(matches!(status.code(), Code::InvalidArgument | Code::ResourceExhausted), "{status:?}");
        }
    }
    assert!(put(&served, whole).await.is_ok());
}

#[tokio::test]
async fn a_message_over_the_limit_is_out_of_range() {
    let store = Store::default();
    let served = serve(store.plugin()).await;
    let status = put(&served, messages(sink(), vec![batch(1_200_000)])).await.unwrap_err();
    assert_eq!((status.code(), store.count()), (Code::OutOfRange, 0));
    let summary =
        served.client.write(&Command::connector("sink"), batch(0).schema(), [batch(1_200_000)]).await;
    assert_eq!((summary.unwrap().rows, store.count()), (1_200_000, 1_200_000));
}

#[tokio::test]
async fn an_at_least_once_table_says_so() {
    let served = serve(Store::default().plugin()).await;
    let result = put(&served, messages(FlightDescriptor::new_path(vec!["drain".into()]), vec![batch(1)]))
        .await
        .unwrap();
    assert_eq!(result["delivery"], json!("at_least_once"));
}

/// Starts an upload and waits until its writer is open. It says no more until the sender given sends, and is closed in
/// good order when that is dropped.
async fn started(
    served: &Served,
    store: &Store,
) -> (tokio::task::JoinHandle<Result<(), Status>>, tokio::sync::mpsc::Sender<FlightData>) {
    let (sender, receiver) = tokio::sync::mpsc::channel(16);
    for message in messages(sink(), vec![batch(3)]) {
        sender.send(message).await.unwrap();
    }
    let mut raw = connect(served.address).await;
    let begun = store.begun.load(Ordering::SeqCst);
    let upload = tokio::spawn(async move {
        raw.do_put(ReceiverStream::new(receiver)).await?.into_inner().try_collect::<Vec<_>>().await?;
        Ok(())
    });
    eventually("the writer opens", || store.begun.load(Ordering::SeqCst) > begun).await;
    (upload, sender)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_vanishes_leaves_nothing() {
    let store = Store::default();
    let served = serve(store.plugin()).await;
    for round in 1..=20 {
        // Dropping the call resets its stream, which looks like a half-close to whoever only reads it.
        let (upload, _open) = started(&served, &store).await;
        upload.abort();
        eventually("the writer goes", || store.dropped.load(Ordering::SeqCst) == round).await;
        assert_eq!(store.count(), 0, "round {round}");
    }
}

#[tokio::test]
async fn a_silent_upload_is_given_up() {
    let store = Store::default();
    let service = FlightService::new(store.plugin()).with_upload_idle_limit(Duration::from_millis(200));
    let served = serve_service(service).await;
    let (upload, _open) = started(&served, &store).await;
    let status = upload.await.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!((store.dropped.load(Ordering::SeqCst), store.count()), (1, 0));
}

#[tokio::test]
async fn a_write_too_many_is_refused_until_another_ends() {
    let store = Store::default();
    let limits = ServiceLimits::default().with_writes_per_caller(1);
    let served = serve_service(FlightService::new(store.plugin()).with_limits(limits)).await;
    let (upload, open) = started(&served, &store).await;
    let status = put(&served, messages(sink(), vec![batch(1)])).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().contains("1 writes of yours"), "{}", status.message());
    assert!(status.metadata().contains_key("grpc-retry-pushback-ms"));
    drop(open);
    upload.await.unwrap().unwrap();
    put(&served, messages(sink(), vec![batch(1)])).await.unwrap();
    assert_eq!(store.count(), 4);
}

#[tokio::test]
async fn an_upload_does_not_wait_for_its_results_to_be_read() {
    let store = Store::default();
    let served = serve(store.plugin()).await;
    let mut unread = Vec::new();
    for round in 1..=3 {
        let upload = messages(sink(), vec![batch(1000); 50]);
        unread.push(served.raw.clone().do_put(stream::iter(upload)).await.unwrap());
        assert_eq!(store.count(), round * 50_000);
    }
}

#[tokio::test]
async fn our_client_writes_whole_or_not_at_all() {
    let store = Store::default();
    let served = serve(store.plugin()).await;
    let append = Command::connector("sink").with_rows(5);
    let summary = served.client.write(&append, batch(0).schema(), [batch(2), batch(3)]).await.unwrap();
    assert_eq!((summary.rows, store.count()), (5, 5));
    let overwrite = Command::connector("sink").with_mode(WriteMode::Overwrite);
    let failing = stream::iter([Ok(batch(1)), Err(Error::new(ErrorKind::RateLimited, "later"))]);
    let error = served.client.write_stream(&overwrite, batch(0).schema(), failing).await.unwrap_err();
    assert_eq!((error.kind(), store.count()), (ErrorKind::RateLimited, 5));
    // What one table gives another takes.
    let numbers = served.client.read(&Command::connector("numbers")).await.unwrap();
    let schema = numbers.schema();
    let summary = served.client.write_stream(&overwrite, schema, numbers.boxed()).await.unwrap();
    assert_eq!((summary.rows, store.count()), (10, 10));
    let error =
        served.client.write(&Command::connector("numbers"), batch(0).schema(), [batch(1)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
}
