//! DoGet's own body: what tonic would have done on this path is done all the same.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::{RecordBatch, StringArray};
use arrow_flight::Ticket;
use arrow_schema::{DataType, Field, Schema};
use flexconnect_core::{Connector, ErrorKind, Plugin, ReadRequest, Result, Rows, Table};
use flexconnect_flight::{Command, FlightService};
use futures::TryStreamExt;
use serde_json::json;
use tonic::{Code, Request};

use crate::connectors::{given, samples};
use crate::served::{cmd, serve, serve_service, ticket};

/// One row of this many bytes, after a small one.
fn rows_of(bytes: usize) -> Plugin {
    let schema = Arc::new(Schema::new(vec![Field::new("text", DataType::Utf8, false)]));
    let texts = StringArray::from(vec!["small".to_owned(), "x".repeat(bytes)]);
    given(schema.clone(), vec![RecordBatch::try_new(schema, vec![Arc::new(texts)]).unwrap()])
}

#[derive(Table)]
struct Count {
    n: i64,
}

/// Never ends.
struct Counting;

impl Connector for Counting {
    const NAME: &'static str = "counting";
    type Config = ();
    type Row = Count;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Counting)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Count> {
        Rows::iter((0..).map(|n| Count { n }))
    }
}

#[tokio::test]
async fn a_deadline_ends_a_stream_under_way() {
    let served = serve(Plugin::new("counting", "1.0.0").connector::<Counting>()).await;
    let info = served.info(cmd(json!({"connector": "counting"}))).await.unwrap();
    let mut request = Request::new(ticket(&info, 0));
    request.set_timeout(Duration::from_secs(3));
    let messages = served.raw.clone().do_get(request).await.unwrap().into_inner();
    let status = messages.try_for_each(|_| async { Ok(()) }).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_single_row_may_be_larger_than_any_message() {
    let served = serve(rows_of(9 << 20)).await;
    let batches = served.read(&Command::connector("given")).await.unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [1, 1]);
}

#[tokio::test]
async fn a_row_above_the_limit_is_refused_with_table_row_and_size() {
    let service = FlightService::new(rows_of(9 << 20)).with_max_message_bytes(8 << 20);
    let served = serve_service(service).await;
    let reading = served.client.read(&Command::connector("given")).await.unwrap();
    let error = reading.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted);
    let message = error.to_string();
    assert!(message.contains("given") && message.contains("row 1"), "{message}");
    assert!(message.contains("9437409") && message.contains("8388608"), "{message}");
}

#[tokio::test]
async fn requests_are_limited_and_taken_as_they_are() {
    let served = serve(samples()).await;
    let long = Ticket::new(vec![1; 600 << 10]);
    assert_eq!(served.get(long).await.unwrap_err().code(), Code::OutOfRange);
    let mut compressed = Request::new(Ticket::new("x"));
    compressed.metadata_mut().insert("grpc-encoding", "gzip".parse().unwrap());
    let status = served.raw.clone().do_get(compressed).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    let status = served.get(Ticket::new("x")).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[cfg(feature = "lz4")]
#[tokio::test]
async fn rows_can_be_compressed() {
    use flexconnect_flight::Compression;

    let service = FlightService::new(rows_of(3 << 20)).with_compression(Compression::Lz4);
    let served = serve_service(service).await;
    let info = served.info(cmd(json!({"connector": "given"}))).await.unwrap();
    let sizes = served.get(ticket(&info, 0)).await.unwrap().into_iter().map(|it| it.unwrap().data_body.len());
    assert!(sizes.sum::<usize>() < 100_000);
    let batches = served.read(&Command::connector("given")).await.unwrap();
    assert_eq!(batches[0].column(0).len(), 2);
}
