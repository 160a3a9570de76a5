//! A server process that is told to stop while a hundred clients read, some of which say nothing.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod child;

use std::time::{Duration, Instant};

use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{FlightData, FlightDescriptor};
use futures::future::join_all;
use serde_json::json;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus};

use child::Served;

const STREAMS: usize = 100;
const SILENT: usize = 10;

async fn connect(address: &str) -> Channel {
    Endpoint::from_shared(address.to_owned()).unwrap().connect().await.unwrap()
}

async fn read(channel: &Channel, how: &str) -> Result<Streaming<FlightData>, Status> {
    let mut flight = FlightServiceClient::new(channel.clone());
    let command = json!({"connector": "endless", "config": {"how": how}});
    let info = flight.get_flight_info(FlightDescriptor::new_cmd(command.to_string())).await?.into_inner();
    Ok(flight.do_get(info.endpoint[0].ticket.clone().unwrap()).await?.into_inner())
}

/// Reads until the end, and gives it.
async fn end_of(mut reading: Streaming<FlightData>) -> Status {
    loop {
        match reading.message().await {
            Ok(Some(_)) => tokio::task::yield_now().await,
            Ok(None) => panic!("an endless table has ended"),
            Err(status) => return status,
        }
    }
}

/// The ends of streams that are read, and streams that are not read or have nothing to read.
async fn open(served: &Served) -> (Vec<JoinHandle<Status>>, Vec<Streaming<FlightData>>) {
    let busy = connect(&served.address).await;
    let readers = join_all((SILENT..STREAMS).map(|_| read(&busy, "calm"))).await;
    let readers = readers.into_iter().map(|reading| tokio::spawn(end_of(reading.unwrap()))).collect();
    let silent = (0..SILENT).map(async |n| {
        // Who does not read holds up everything on its connection.
        let channel = connect(&served.address).await;
        let mut reading = read(&channel, if n % 2 == 0 { "flood" } else { "silent" }).await.unwrap();
        reading.message().await.unwrap().unwrap();
        reading
    });
    let silent = join_all(silent).await;
    (readers, silent)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_calls_are_refused_those_under_way_go_on_and_at_last_are_cut() {
    const GRACE: Duration = Duration::from_secs(3);
    let mut served = Served::start(GRACE);
    let (readers, silent) = open(&served).await;
    let mut health = HealthClient::new(connect(&served.address).await);
    let mut watching = health.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    let status = async |watching: &mut Streaming<HealthCheckResponse>| {
        watching.message().await.unwrap().unwrap().status()
    };
    assert_eq!(status(&mut watching).await, ServingStatus::Serving);

    let told = Instant::now();
    served.terminate();
    // Health says it first, so calls are refused some time after.
    assert_eq!(status(&mut watching).await, ServingStatus::NotServing);
    let refusal = loop {
        let mut flight = FlightServiceClient::new(connect(&served.address).await);
        match flight.get_flight_info(FlightDescriptor::new_path(vec!["endless".into()])).await {
            Ok(_) => tokio::task::yield_now().await,
            Err(status) => break status,
        }
    };
    assert_eq!(refusal.code(), Code::Unavailable, "{refusal}");
    assert!(
        refusal.message().contains("is stopping")
            && refusal.metadata().contains_key("grpc-retry-pushback-ms")
    );
    let service = HealthCheckRequest { service: "endless".into() };
    let answer = health.check(service).await.unwrap().into_inner();
    assert_eq!(answer.status(), ServingStatus::NotServing);

    for reader in readers {
        assert_eq!(reader.await.unwrap().code(), Code::Unavailable);
    }
    assert!(told.elapsed() >= GRACE, "nothing is cut before the grace is over");
    assert!(served.end().success());
    drop(silent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_the_grace() {
    let mut served = Served::start(Duration::from_secs(3600));
    let (readers, silent) = open(&served).await;
    served.terminate();
    // Refused: so the first signal has been heard, and two do not become one.
    while read(&connect(&served.address).await, "silent").await.is_ok() {}
    served.terminate();
    for reader in readers {
        assert_eq!(reader.await.unwrap().code(), Code::Unavailable);
    }
    assert!(served.end().success());
    drop(silent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_calls_ends_at_once_although_clients_are_connected() {
    let mut served = Served::start(Duration::from_secs(3600));
    let channel = connect(&served.address).await;
    let mut watching =
        HealthClient::new(channel.clone()).watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    watching.message().await.unwrap().unwrap();
    served.terminate();
    assert!(served.end().success());
    drop(channel);
}
