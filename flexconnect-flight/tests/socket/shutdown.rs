//! How a server starts and ends.

use std::time::{Duration, Instant};

use flexconnect_core::{ErrorKind, Plugin};
use flexconnect_flight::{Client, Command, Server};
use futures::StreamExt;
use tokio::sync::oneshot;

use crate::connectors::{Numbers, samples};

#[tokio::test]
async fn a_plugin_put_together_wrongly_is_not_served() {
    let plugin = Plugin::new("p", "1").connector::<Numbers>().connector::<Numbers>();
    let error = Server::new(plugin).bind("127.0.0.1:0").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test]
async fn an_address_in_use_is_told() {
    let bound = Server::new(samples()).bind("127.0.0.1:0").await.unwrap();
    let error = Server::new(samples()).bind(bound.local_addr()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn calls_may_end_and_those_that_do_not_are_ended() {
    let bound =
        Server::new(samples()).with_grace(Duration::from_millis(300)).bind("127.0.0.1:0").await.unwrap();
    let address = bound.local_addr();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(bound.serve_until(async {
        let _ = stopped.await;
    }));
    let client = Client::connect(format!("http://{address}")).await.unwrap();
    let mut reading = client.read(&Command::connector("endless")).await.unwrap();
    reading.next().await.unwrap().unwrap();
    let started = Instant::now();
    drop(stop);
    let mut last = None;
    while let Some(batch) = reading.next().await {
        last = Some(batch);
    }
    assert_eq!(last.unwrap().unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(started.elapsed() >= Duration::from_millis(300));
    server.await.unwrap().unwrap();
}
