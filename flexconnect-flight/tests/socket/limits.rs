//! What a server takes at once, and how far it runs ahead.

use std::sync::atomic::Ordering;

use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{Criteria, FlightDescriptor};
use flexconnect_core::ErrorKind;
use flexconnect_flight::{FlightService, ServiceLimits};
use futures::StreamExt;
use serde_json::json;
use tonic::transport::Endpoint;
use tonic::{Code, Request, Status};

use crate::connectors::samples;
use crate::served::{cmd, eventually, serve, serve_service, ticket};
use crate::watched::Events;

fn assert_exhausted(status: &Status, part: &str) {
    assert_eq!(status.code(), Code::ResourceExhausted, "{}", status.message());
    assert!(status.message().contains(part), "{}: no {part}", status.message());
    assert!(status.metadata().contains_key("grpc-retry-pushback-ms"));
}

#[tokio::test]
async fn a_read_too_many_is_refused_until_another_ends() {
    let events = Events::default();
    for (limits, part) in [
        (ServiceLimits::default().with_reads(2), "2 reads are under way"),
        (ServiceLimits::default().with_reads_per_caller(2), "2 reads of yours"),
    ] {
        let served = serve_service(FlightService::new(events.plugin()).with_limits(limits)).await;
        let info = served.info(cmd(json!({"connector": "watched"}))).await.unwrap();
        let mut readings = Vec::new();
        for _ in 0..2 {
            readings.push(served.raw.clone().do_get(ticket(&info, 0)).await.unwrap());
        }
        eventually("the reads begin", || events.reading() == 2).await;
        assert_exhausted(&served.get(ticket(&info, 0)).await.unwrap_err(), part);
        let error = served.client.read_part(ticket(&info, 1).ticket).await.unwrap_err();
        assert_eq!((error.kind(), error.retry_after().is_some()), (ErrorKind::Exhausted, true));
        readings.pop();
        eventually("a read ends", || events.reading() == 1).await;
        let again = served.raw.clone().do_get(ticket(&info, 0)).await;
        assert!(again.is_ok());
        drop((again, readings));
        eventually("all reads end", || events.reading() == 0).await;
    }
}

#[tokio::test]
async fn descriptors_and_headers_have_a_size() {
    let served = serve(samples()).await;
    let path = |bytes: usize| FlightDescriptor::new_path(vec!["x".into(), "y".repeat(bytes)]);
    let criteria = |bytes: usize| Criteria { expression: vec![b'x'; bytes].into() };
    for (bytes, code) in [(70 << 10, Code::InvalidArgument), (1 << 20, Code::OutOfRange)] {
        let mut raw = served.raw.clone();
        assert_eq!(raw.get_flight_info(path(bytes)).await.unwrap_err().code(), code);
        assert_eq!(raw.poll_flight_info(path(bytes)).await.unwrap_err().code(), code);
        assert_eq!(raw.get_schema(path(bytes)).await.unwrap_err().code(), code);
        assert_eq!(raw.list_flights(criteria(bytes)).await.unwrap_err().code(), code);
    }
    let mut request = Request::new(FlightDescriptor::new_path(vec!["numbers".into()]));
    request.metadata_mut().insert("x-long", "x".repeat(20 << 10).parse().unwrap());
    assert!(served.raw.clone().get_flight_info(request).await.is_err());
    assert!(served.info(FlightDescriptor::new_path(vec!["numbers".into()])).await.is_ok());
}

#[tokio::test]
async fn the_author_is_two_batches_ahead_of_a_client_that_does_not_read() {
    const SIZE: usize = 8 << 10;
    // A batch has about 8 MiB.
    const BATCH: usize = (8 << 20) / SIZE + 64;
    let events = Events::default();
    let served = serve(events.plugin()).await;
    for how in ["produce", "blocking"] {
        events.rows.store(0, Ordering::SeqCst);
        let command = json!({"connector": "watched", "config": {"how": how, "size": SIZE}});
        let info = served.info(cmd(command)).await.unwrap();
        let endpoint = Endpoint::from_shared(format!("http://{}", served.address)).unwrap();
        let endpoint = endpoint.initial_stream_window_size(64 << 10).initial_connection_window_size(4 << 20);
        let channel = endpoint.connect().await.unwrap();
        let mut raw = FlightServiceClient::new(channel).max_decoding_message_size(16 << 20);
        let mut reading = raw.do_get(ticket(&info, 0)).await.unwrap().into_inner();
        // Many turns for the server, had it anything to do.
        for _ in 0..50 {
            served.info(FlightDescriptor::new_path(vec!["watched".into()])).await.unwrap();
        }
        let ahead = events.rows.load(Ordering::SeqCst);
        // One batch on its way to the client and two behind it.
        assert!(ahead <= 3 * BATCH, "{how}: {ahead} rows");
        let mut read = 0;
        while read < 4 * BATCH * SIZE {
            read += reading.next().await.unwrap().unwrap().data_body.len();
        }
        let rows = events.rows.load(Ordering::SeqCst);
        assert!(rows > ahead && rows <= 8 * BATCH, "{how}: {rows} rows");
        drop(reading);
        eventually("the read ends", || events.reading() == 0).await;
    }
}
