//! Reads that go elsewhere: what is private stays private.

use std::net::SocketAddr;

use flexconnect_core::ErrorKind;
use flexconnect_flight::identity::Tokens;
use flexconnect_flight::tls::Tls;
use flexconnect_flight::{ClientOptions, FlightService, Keys, Metrics, Server};
use tokio::net::TcpListener;

use crate::authority::{Authority, Signed};
use crate::served::{Served, numbers, serve};

const HOSTS: [&str; 2] = ["localhost", "127.0.0.1"];

async fn serve_at(certificate: Signed, locations: &[String]) -> (Served, Metrics) {
    let (certificate, key) = certificate.pems();
    let service = FlightService::new(numbers())
        .with_ticket_keys(Keys::from_bytes(&[7; 32]))
        .with_authenticator(Tokens::new([("ann", "anns-token")]).unwrap())
        .with_locations(locations)
        .unwrap();
    let metrics = service.metrics().clone();
    (serve(Server::from(service).with_tls(Tls::new(certificate, key))).await, metrics)
}

fn read_there(metrics: &Metrics) -> bool {
    metrics.to_text().contains(r#"flexconnect_calls_total{verb="DoGet",outcome="ok"} 1"#)
}

/// Listens; the task ends when somebody connects.
async fn eavesdrop() -> (SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, tokio::spawn(async move { drop(listener.accept().await) }))
}

#[tokio::test]
async fn a_private_read_goes_to_no_place_without_tls() {
    let (ours, others) = (Authority::new("ours"), Authority::new("others"));
    let trusting = || ClientOptions::new().with_authority(ours.pem()).with_token("anns-token").unwrap();
    let (plain, heard) = eavesdrop().await;
    let plain = format!("grpc://{plain}");
    let (here, _) = serve_at(ours.sign("server", &HOSTS), std::slice::from_ref(&plain)).await;
    let error = here.read_as("localhost", trusting()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Precondition, "{error}");
    assert!(error.to_string().contains(&plain) && error.to_string().contains("grpc+tls://"), "{error}");
    // Where one of its places is private it is read there, as who was known at the first.
    let (there, counted) = serve_at(ours.sign("server", &HOSTS), &[]).await;
    let private = format!("grpc+tls://localhost:{}", there.address.port());
    let (here, _) = serve_at(ours.sign("server", &HOSTS), &[plain, private]).await;
    assert_eq!(here.read_as("localhost", trusting()).await.unwrap().as_deref(), Some("ann"));
    assert!(read_there(&counted));
    // A place the client does not trust gets nothing either.
    let (foreign, counted) = serve_at(others.sign("server", &HOSTS), &[]).await;
    let foreign = format!("grpc+tls://localhost:{}", foreign.address.port());
    let (here, _) = serve_at(ours.sign("server", &HOSTS), &[foreign]).await;
    let error = here.read_as("localhost", trusting()).await.unwrap_err();
    assert!(error.to_string().contains("not trusted here"), "{error}");
    assert!(!read_there(&counted));
    assert!(!heard.is_finished(), "nobody has connected to the place without TLS");
}
