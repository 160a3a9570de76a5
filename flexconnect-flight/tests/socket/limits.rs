//! What a server takes at once, and how far it runs ahead.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{Criteria, FlightDescriptor};
use flexconnect_core::ErrorKind;
use flexconnect_flight::{FlightService, ServiceLimits};
use futures::StreamExt;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tonic::transport::Endpoint;
use tonic::{Code, Request, Status};

use crate::connectors::samples;
use crate::served::{cmd, connect, eventually, serve, serve_service, ticket};
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

#[tokio::test]
async fn an_info_too_many_is_refused_until_another_ends() {
    let events = Events::default();
    let limits = ServiceLimits::default().with_infos_per_caller(1);
    let served = serve_service(FlightService::new(events.plugin()).with_limits(limits)).await;
    let slow = || cmd(json!({"connector": "watched", "config": {"slow_plan": true}}));
    let mut raw = served.raw.clone();
    let first = tokio::spawn(async move { raw.get_flight_info(slow()).await });
    eventually("the plan begins", || events.planning() == 1).await;
    assert_exhausted(&served.info(slow()).await.unwrap_err(), "1 infos of yours");
    let schema = served.raw.clone().get_schema(FlightDescriptor::new_path(vec!["watched".into()])).await;
    assert_exhausted(&schema.unwrap_err(), "1 infos of yours");
    events.plan.notify_one();
    assert!(first.await.unwrap().is_ok());
    assert!(served.info(cmd(json!({"connector": "watched"}))).await.is_ok());
}

#[tokio::test]
async fn a_connection_has_so_many_streams_and_further_ones_wait() {
    let events = Events::default();
    let limits = ServiceLimits::default().with_streams_per_connection(2);
    let served = serve_service(FlightService::new(events.plugin()).with_limits(limits)).await;
    let command = json!({"connector": "watched", "config": {"how": "silent"}});
    let info = served.info(cmd(command)).await.unwrap();
    let mut readings = Vec::new();
    for _ in 0..2 {
        readings.push(served.raw.clone().do_get(ticket(&info, 0)).await.unwrap());
    }
    eventually("both begin", || events.reading() == 2).await;
    let (mut raw, third) = (served.raw.clone(), ticket(&info, 1));
    let third = tokio::spawn(async move { raw.do_get(third).await });
    // Another connection has places of its own, and gives the third call many turns.
    let other = connect(served.address).await;
    for _ in 0..50 {
        other.clone().get_schema(FlightDescriptor::new_path(vec!["watched".into()])).await.unwrap();
    }
    assert_eq!((events.reading(), third.is_finished()), (2, false));
    readings.pop();
    let third = third.await.unwrap().unwrap();
    eventually("the third has its place", || events.reading() == 2).await;
    drop((third, readings));
}

/// Passes bytes on between a client and the server, until it is told to freeze: then both are still connected, and
/// nothing comes through.
async fn freezing(server: SocketAddr) -> (SocketAddr, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (freeze, mut frozen) = watch::channel(false);
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut server = TcpStream::connect(server).await.unwrap();
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
            _ = frozen.wait_for(|frozen| *frozen) => {}
        }
        // Held open until the test ends.
        std::future::pending::<()>().await;
        drop((client, server));
    });
    (address, freeze)
}

#[tokio::test]
async fn a_peer_that_is_gone_without_a_word_is_found() {
    let events = Events::default();
    let short = Duration::from_millis(100);
    let limits = ServiceLimits::default().with_keepalive(short, short);
    let served = serve_service(FlightService::new(events.plugin()).with_limits(limits)).await;
    let (address, freeze) = freezing(served.address).await;
    let command = json!({"connector": "watched", "config": {"how": "silent"}});
    let info = served.info(cmd(command)).await.unwrap();
    let mut through = connect(address).await;
    let reading = through.do_get(ticket(&info, 0)).await.unwrap();
    eventually("the read begins", || events.reading() == 1).await;
    // A peer that answers is kept, however long nothing is said: many times the keepalive.
    tokio::time::sleep(short * 10).await;
    assert_eq!(events.reading(), 1);
    freeze.send_replace(true);
    eventually("the read ends", || events.reading() == 0).await;
    drop(reading);
}
