//! What ends a read: its reader, a deadline, CancelFlightInfo. And what prolongs it.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use arrow_flight::{
    Action, CancelFlightInfoRequest, CancelFlightInfoResult, CancelStatus, FlightData, FlightEndpoint,
    FlightInfo, RenewFlightEndpointRequest, Ticket,
};
use flexconnect_core::ErrorKind;
use flexconnect_flight::{Command, FlightService};
use futures::{StreamExt, TryStreamExt};
use prost::Message as _;
use serde_json::json;
use tonic::{Code, Request, Status, Streaming};

use crate::connectors::samples;
use crate::served::{Served, cmd, connect, eventually, serve, serve_service, ticket};
use crate::watched::Events;

async fn act(served: &Served, name: &str, body: Vec<u8>) -> Result<Vec<u8>, Status> {
    let action = Action { r#type: name.into(), body: body.into() };
    // Reads that nobody reads hold all that may be under way on their own connection.
    let mut raw = connect(served.address).await;
    let results: Vec<_> = raw.do_action(action).await?.into_inner().try_collect().await?;
    assert_eq!(results.len(), 1);
    Ok(results[0].body.to_vec())
}

pub(crate) async fn cancel(served: &Served, info: &FlightInfo) -> Result<CancelStatus, Status> {
    let request = CancelFlightInfoRequest { info: Some(info.clone()) };
    let result = act(served, "CancelFlightInfo", request.encode_to_vec()).await?;
    Ok(CancelFlightInfoResult::decode(&result[..]).unwrap().status())
}

async fn watched(served: &Served, how: &str) -> FlightInfo {
    served.info(cmd(json!({"connector": "watched", "config": {"how": how}}))).await.unwrap()
}

/// Begins a read and waits until its author's code is there.
async fn begin(served: &Served, events: &Events, ticket: Request<Ticket>) -> Streaming<FlightData> {
    let before = events.reading();
    let reading = served.raw.clone().do_get(ticket).await.unwrap().into_inner();
    eventually("the read begins", || events.reading() > before).await;
    reading
}

async fn last(mut reading: Streaming<FlightData>) -> Code {
    loop {
        match reading.next().await {
            Some(Ok(_)) => {}
            Some(Err(status)) => return status.code(),
            None => return Code::Ok,
        }
    }
}

#[tokio::test]
async fn a_reader_that_leaves_stops_each_kind_of_author() {
    let events = Events::default();
    let served = serve(events.plugin()).await;
    for how in ["produce", "silent", "blocking"] {
        let info = watched(&served, how).await;
        let reading = begin(&served, &events, Request::new(ticket(&info, 0))).await;
        drop(reading);
        eventually(how, || events.reading() == 0).await;
    }
}

#[tokio::test]
async fn a_deadline_stops_the_author_even_when_nobody_reads() {
    let events = Events::default();
    let served = serve(events.plugin()).await;
    for how in ["produce", "silent", "blocking"] {
        let info = watched(&served, how).await;
        let mut request = Request::new(ticket(&info, 0));
        // Sent as a header by hand: only the server is to know.
        request.metadata_mut().insert("grpc-timeout", "2S".parse().unwrap());
        let reading = begin(&served, &events, request).await;
        eventually(how, || events.reading() == 0).await;
        assert_eq!(last(reading).await, Code::DeadlineExceeded);
    }
}

#[tokio::test]
async fn a_cancelled_info_stops_its_reads_and_nobody_elses() {
    let events = Events::default();
    let served = serve(events.plugin()).await;
    let others = watched(&served, "produce").await;
    let kept = begin(&served, &events, Request::new(ticket(&others, 0))).await;
    for how in ["produce", "silent", "blocking"] {
        let info = watched(&served, how).await;
        assert_eq!(cancel(&served, &info).await.unwrap(), CancelStatus::NotCancellable);
        let readings = [
            begin(&served, &events, Request::new(ticket(&info, 0))).await,
            begin(&served, &events, Request::new(ticket(&info, 0))).await,
            begin(&served, &events, Request::new(ticket(&info, 1))).await,
        ];
        let said = Instant::now();
        assert_eq!(cancel(&served, &info).await.unwrap(), CancelStatus::Cancelled);
        // Nobody reads what was sent before, and the author's code is gone all the same.
        eventually(how, || events.reading() == 1).await;
        println!("{how}: three reads are gone {:?} after the word", said.elapsed());
        for reading in readings {
            assert_eq!(last(reading).await, Code::Cancelled);
        }
        assert_eq!(cancel(&served, &info).await.unwrap(), CancelStatus::Cancelled);
        // The tickets stay good.
        drop(begin(&served, &events, Request::new(ticket(&info, 0))).await);
        eventually(how, || events.reading() == 1).await;
    }
    drop(kept);
}

#[tokio::test]
async fn only_tickets_of_ones_own_are_cancelled() {
    let (served, other) = (serve(samples()).await, serve(samples()).await);
    let info = other.info(cmd(json!({"connector": "numbers"}))).await.unwrap();
    assert_eq!(cancel(&served, &info).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(cancel(&served, &FlightInfo::default()).await.unwrap_err().code(), Code::NotFound);
    let nothing = CancelFlightInfoRequest { info: None }.encode_to_vec();
    for body in [nothing, vec![0xFF; 9]] {
        for action in ["CancelFlightInfo", "RenewFlightEndpoint"] {
            let status = act(&served, action, body.clone()).await.unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument, "{action}");
        }
    }
    // An expired ticket may have a read that goes on.
    let service = FlightService::new(samples()).with_ticket_lifetime(Duration::ZERO);
    let served = serve_service(service).await;
    let info = served.info(cmd(json!({"connector": "numbers"}))).await.unwrap();
    assert_eq!(cancel(&served, &info).await.unwrap(), CancelStatus::NotCancellable);
}

#[tokio::test]
async fn a_renewed_endpoint_lasts_longer_and_is_the_same_read() {
    let events = Events::default();
    let served = serve(events.plugin()).await;
    let info = watched(&served, "produce").await;
    let endpoint = FlightEndpoint { app_metadata: b"mine".to_vec().into(), ..info.endpoint[1].clone() };
    let request = RenewFlightEndpointRequest { endpoint: Some(endpoint.clone()) };
    let renewed = act(&served, "RenewFlightEndpoint", request.encode_to_vec()).await.unwrap();
    let renewed = FlightEndpoint::decode(&renewed[..]).unwrap();
    let expires = |endpoint: &FlightEndpoint| endpoint.expiration_time.as_ref().unwrap().seconds;
    assert!(expires(&renewed) >= expires(&endpoint));
    assert_eq!(renewed.app_metadata, endpoint.app_metadata);
    assert_ne!(renewed.ticket, endpoint.ticket);
    let reading = begin(&served, &events, Request::new(renewed.ticket.unwrap())).await;
    assert_eq!(cancel(&served, &info).await.unwrap(), CancelStatus::Cancelled);
    assert_eq!(last(reading).await, Code::Cancelled);

    let service = FlightService::new(samples()).with_ticket_lifetime(Duration::ZERO);
    let served = serve_service(service).await;
    let info = served.info(cmd(json!({"connector": "numbers"}))).await.unwrap();
    let request = RenewFlightEndpointRequest { endpoint: Some(info.endpoint[0].clone()) };
    let status = act(&served, "RenewFlightEndpoint", request.encode_to_vec()).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn our_client_cancels_and_renews() {
    let events = Events::default();
    let served = serve(events.plugin()).await;
    let info = served.client.info(&Command::connector("watched")).await.unwrap();
    assert!(!served.client.cancel(&info).await.unwrap());
    let ticket = served.client.renew(info.endpoints[0].ticket.clone()).await.unwrap();
    let mut reading = served.client.read_part(ticket).await.unwrap();
    reading.next().await.unwrap().unwrap();
    assert!(served.client.cancel(&info).await.unwrap());
    eventually("the author's code ends", || events.reading() == 0).await;
    let error = reading.try_for_each(async |_| Ok(())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[tokio::test]
async fn work_that_never_returns_does_not_keep_its_read() {
    let events = Events::default();
    let served = serve(events.plugin()).await;
    let info = watched(&served, "never").await;
    let reading = begin(&served, &events, Request::new(ticket(&info, 0))).await;
    assert_eq!(cancel(&served, &info).await.unwrap(), CancelStatus::Cancelled);
    assert_eq!(last(reading).await, Code::Cancelled);
    assert_eq!(events.reading.load(Ordering::SeqCst), 1, "the author's thread is still there");
    assert_eq!(served.read(&Command::connector("watched").with_limit(1)).await.unwrap()[0].num_rows(), 1);
    events.release.lock().unwrap().take();
    eventually("the author's thread ends", || events.reading() == 0).await;
}
