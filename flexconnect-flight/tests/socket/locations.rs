//! Reads that go where their endpoints are: servers that take each other's tickets.

use flexconnect_flight::identity::Tokens;
use flexconnect_flight::{Client, ClientOptions, Command, FlightService, Keys, Metrics};
use futures::TryStreamExt;

use crate::connectors::samples;
use crate::served::{Served, serve_service};

const TOKEN: &str = "anns-token";

/// A server whose endpoints are at these places, and what it counts.
async fn serve(locations: &[String]) -> (Served, Metrics) {
    let service = FlightService::new(samples())
        .with_ticket_keys(Keys::from_bytes(&[7; 32]))
        .with_authenticator(Tokens::new([("ann", TOKEN)]).unwrap())
        .with_locations(locations)
        .unwrap();
    let metrics = service.metrics().clone();
    (serve_service(service).await, metrics)
}

fn at(served: &Served) -> String {
    format!("grpc://{}", served.address)
}

async fn ann(served: &Served, options: ClientOptions) -> Client {
    Client::connect_with(at(served), options.with_token(TOKEN).unwrap()).await.unwrap()
}

/// Reads all; how many rows that were.
async fn rows(client: &Client) -> Result<usize, flexconnect_core::Error> {
    let batches: Vec<_> = client.read(&Command::connector("numbers")).await?.try_collect().await?;
    Ok(batches.iter().map(|batch| batch.num_rows()).sum())
}

fn reads(metrics: &Metrics) -> u64 {
    let line = r#"flexconnect_calls_total{verb="DoGet",outcome="ok"} "#;
    metrics.to_text().lines().find_map(|found| found.strip_prefix(line)?.parse().ok()).unwrap_or_default()
}

/// An address where nobody answers.
async fn nobody() -> String {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("grpc://{}", gone.local_addr().unwrap())
}

#[tokio::test]
async fn a_part_is_read_at_the_first_of_its_locations_that_answers() {
    let (there, counted_there) = serve(&[]).await;
    let (here, counted_here) = serve(&[nobody().await, at(&there)]).await;
    let client = ann(&here, ClientOptions::new()).await;
    let info = client.info(&Command::connector("numbers")).await.unwrap();
    assert_eq!(info.endpoints[0].locations[1], at(&there));
    // With the credentials of the first connection, or it would have been refused.
    assert_eq!(rows(&client).await.unwrap(), 10);
    let parts = info.endpoints.len() as u64;
    assert_eq!((reads(&counted_here), reads(&counted_there)), (0, parts));
    // A ticket alone is redeemed over the connection there is.
    let part = client.read_part(info.endpoints[0].ticket.clone()).await.unwrap();
    part.try_collect::<Vec<_>>().await.unwrap();
    assert_eq!((reads(&counted_here), reads(&counted_there)), (1, parts));
    assert!(!client.cancel(&info).await.unwrap(), "nothing is under way any more, at either place");
}

#[tokio::test]
async fn the_connection_there_is_serves_what_is_there() {
    let reuse = "arrow-flight-reuse-connection://?".to_owned();
    let (here, counted) = serve(&[nobody().await, reuse]).await;
    assert_eq!(rows(&ann(&here, ClientOptions::new()).await).await.unwrap(), 10);
    assert!(reads(&counted) > 0);
}

#[tokio::test]
async fn a_client_may_stay_where_it_is() {
    let (there, counted_there) = serve(&[]).await;
    let (here, counted_here) = serve(&[at(&there)]).await;
    let client = ann(&here, ClientOptions::new().without_locations()).await;
    assert_eq!(rows(&client).await.unwrap(), 10);
    // A channel of one's own leads to one place only.
    let interceptor_less = crate::served::channel(here.address).await;
    assert_eq!(
        rows(&Client::from(interceptor_less)).await.unwrap_err().kind(),
        flexconnect_core::ErrorKind::Unauthenticated
    );
    assert_eq!(reads(&counted_there), 0);
    assert!(reads(&counted_here) > 0);
}

#[tokio::test]
async fn where_nobody_answers_nothing_is_read() {
    let gone = nobody().await;
    let (here, counted) = serve(std::slice::from_ref(&gone)).await;
    let client = ann(&here, ClientOptions::new()).await;
    let error = rows(&client).await.unwrap_err();
    assert_eq!(error.kind(), flexconnect_core::ErrorKind::Unavailable);
    assert!(error.to_string().contains(gone.strip_prefix("grpc://").unwrap()), "{error}");
    assert_eq!(reads(&counted), 0);
}
