//! The service in a host's own tonic server, behind the host's interceptor.

use arrow_flight::FlightDescriptor;
use arrow_flight::flight_service_client::FlightServiceClient;
use flexconnect_core::Caller;
use flexconnect_flight::FlightService;
use tokio::net::TcpListener;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request, Status};

use crate::connectors::samples;
use crate::served::{connect, ticket};

/// The host's own login.
fn login(mut request: Request<()>) -> Result<Request<()>, Status> {
    let user = request.metadata().get("x-user").and_then(|user| user.to_str().ok()).map(str::to_owned);
    let user = user.ok_or_else(|| Status::unauthenticated("who are you?"))?;
    request.extensions_mut().insert(Caller::named(user));
    Ok(request)
}

fn named<T>(user: &'static str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("x-user", user.parse().unwrap());
    request
}

#[tokio::test]
async fn the_host_decides_who_calls_and_a_ticket_is_its_callers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = InterceptedService::new(FlightService::new(samples()), login);
    tokio::spawn(Server::builder().add_service(service).serve_with_incoming(TcpIncoming::from(listener)));
    let mut flight: FlightServiceClient<_> = connect(address).await;
    let numbers = FlightDescriptor::new_path(vec!["numbers".into()]);
    let status = flight.get_flight_info(numbers.clone()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    let info = flight.get_flight_info(named("ann", numbers)).await.unwrap().into_inner();
    assert!(flight.do_get(named("ann", ticket(&info, 0))).await.is_ok());
    assert_eq!(flight.do_get(ticket(&info, 0)).await.unwrap_err().code(), Code::Unauthenticated);
    let status = flight.do_get(named("bob", ticket(&info, 0))).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}
