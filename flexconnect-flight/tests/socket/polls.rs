//! PollFlightInfo, when a plan takes long.

use std::time::Duration;

use arrow_flight::{CancelStatus, FlightDescriptor, FlightInfo, PollInfo};
use flexconnect_core::Caller;
use flexconnect_flight::{FlightService, ServiceLimits};
use serde_json::json;
use tokio::net::TcpListener;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request, Status};

use crate::cancel::cancel;
use crate::connectors::samples;
use crate::served::{Served, cmd, connect, eventually, serve, serve_service, ticket};
use crate::watched::Events;

fn slow() -> FlightDescriptor {
    cmd(json!({"connector": "watched", "config": {"slow_plan": true}}))
}

async fn poll(served: &Served, descriptor: FlightDescriptor) -> Result<PollInfo, Status> {
    Ok(served.raw.clone().poll_flight_info(descriptor).await?.into_inner())
}

#[tokio::test]
async fn a_quick_plan_is_complete_at_once() {
    let served = serve(samples()).await;
    let poll = poll(&served, cmd(json!({"connector": "numbers"}))).await.unwrap();
    let info: FlightInfo = poll.info.unwrap();
    assert_eq!(info.endpoint.len(), 3);
    assert!(info.app_metadata.is_empty());
    assert_eq!((poll.flight_descriptor, poll.progress), (None, Some(1.0)));
    assert!(served.get(ticket(&info, 0)).await.is_ok());
}

#[tokio::test]
async fn a_slow_plan_is_asked_for_again() {
    let events = Events::default();
    let served = serve(events.plugin()).await;
    let first = poll(&served, slow()).await.unwrap();
    let next = first.flight_descriptor.unwrap();
    let info = first.info.unwrap();
    // The columns are known already, the parts are not.
    assert!(!info.schema.is_empty() && info.endpoint.is_empty());
    assert_eq!((info.flight_descriptor, info.total_records), (Some(slow()), -1));
    assert!(first.progress.is_some_and(|progress| progress > 0.0 && progress < 1.0));
    assert!(first.expiration_time.is_some());
    // No news within the caller's time is an answer, too.
    let mut request = Request::new(next.clone());
    request.set_timeout(Duration::from_millis(800));
    let second = served.raw.clone().poll_flight_info(request).await.unwrap().into_inner();
    assert_eq!(second.flight_descriptor.as_ref(), Some(&next));
    let polling = poll(&served, next.clone());
    let planning = async {
        tokio::task::yield_now().await;
        events.plan.notify_one();
    };
    let (last, ()) = tokio::join!(polling, planning);
    let last = last.unwrap();
    assert_eq!((last.flight_descriptor, last.progress), (None, Some(1.0)));
    let last = last.info.unwrap();
    assert_eq!((last.endpoint.len(), &last.schema), (2, &info.schema));
    assert_eq!(poll(&served, next).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_plan_that_fails_is_a_status() {
    let served = serve(samples()).await;
    let status = poll(&served, cmd(json!({"connector": "nubmers"}))).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    for handle in [&b"\x02"[..], &[2; 17], &[2; 4000]] {
        let status = poll(&served, FlightDescriptor::new_cmd(handle.to_vec())).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound);
        let status = served.info(FlightDescriptor::new_cmd(handle.to_vec())).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn a_plan_is_cancelled_by_its_info_and_by_a_caller_that_leaves() {
    let events = Events::default();
    let served = serve(events.plugin()).await;
    let first = poll(&served, slow()).await.unwrap();
    assert_eq!(events.planning(), 1);
    let info = first.info.unwrap();
    assert_eq!(cancel(&served, &info).await.unwrap(), CancelStatus::Cancelled);
    assert_eq!(events.planning(), 0);
    let status = poll(&served, first.flight_descriptor.unwrap()).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(cancel(&served, &info).await.unwrap_err().code(), Code::NotFound);
    // Nobody was told of this one yet.
    let mut raw = connect(served.address).await;
    let polling = tokio::spawn(async move { raw.poll_flight_info(slow()).await });
    eventually("the plan begins", || events.planning() == 1).await;
    polling.abort();
    eventually("the plan of a caller who left ends", || events.planning() == 0).await;
}

#[tokio::test]
async fn a_caller_has_so_many_plans_and_only_its_own() {
    let events = Events::default();
    let limits = ServiceLimits::default().with_plans_per_caller(1);
    let service = FlightService::new(events.plugin()).with_limits(limits);
    let login = |mut request: Request<()>| {
        let user = request.metadata().get("x-user").unwrap().to_str().unwrap().to_owned();
        request.extensions_mut().insert(Caller::named(user));
        Ok(request)
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = InterceptedService::new(service, login);
    tokio::spawn(Server::builder().add_service(service).serve_with_incoming(TcpIncoming::from(listener)));
    let flight = connect(address).await;
    let poll = async |user: &'static str, descriptor| {
        let mut request = Request::new(descriptor);
        request.metadata_mut().insert("x-user", user.parse().unwrap());
        flight.clone().poll_flight_info(request).await
    };
    let of_ann = poll("ann", slow()).await.unwrap().into_inner().flight_descriptor.unwrap();
    let status = poll("ann", slow()).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().contains("plans of yours"), "{}", status.message());
    assert!(poll("bob", slow()).await.unwrap().into_inner().flight_descriptor.is_some());
    assert_eq!(poll("bob", of_ann.clone()).await.unwrap_err().code(), Code::NotFound);
    events.plan.notify_waiters();
    assert_eq!(poll("ann", of_ann).await.unwrap().into_inner().info.unwrap().endpoint.len(), 2);
    let served = serve_service(FlightService::new(samples())).await;
    assert!(served.read(&flexconnect_flight::Command::connector("numbers")).await.is_ok());
}

#[tokio::test]
async fn a_plan_nobody_polls_for_is_given_up() {
    let events = Events::default();
    let short = Duration::from_millis(50);
    let limits = ServiceLimits::default().with_polls(short, short, short);
    let served = serve_service(FlightService::new(events.plugin()).with_limits(limits)).await;
    let next = poll(&served, slow()).await.unwrap().flight_descriptor.unwrap();
    eventually("the plan ends", || events.planning() == 0).await;
    assert_eq!(poll(&served, next).await.unwrap_err().code(), Code::NotFound);
}
