//! Connections that may become only so old. What happens is waited for; nothing is timed.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use flexconnect_core::{Caller, ErrorKind, Result};
use flexconnect_flight::identity::{Authenticate, Credentials};
use flexconnect_flight::{Command, FlightService, ServiceLimits};
use futures::{StreamExt, TryStreamExt};

use crate::connectors::samples;
use crate::served::{Served, serve_service};

/// Young enough for a test to see it end.
const AGE: Duration = Duration::from_millis(200);

/// Lets everybody in, and remembers which connections calls came over.
#[derive(Clone, Default)]
struct Doorman(Arc<Mutex<BTreeSet<SocketAddr>>>);

#[async_trait]
impl Authenticate for Doorman {
    async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Option<Caller>> {
        self.0.lock().unwrap().extend(credentials.peer().address());
        Ok(Some(Caller::named("somebody")))
    }
}

impl Doorman {
    fn connections(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

async fn serve(limits: ServiceLimits) -> (Served, Doorman) {
    let doorman = Doorman::default();
    let service = FlightService::new(samples()).with_limits(limits).with_authenticator(doorman.clone());
    (serve_service(service).await, doorman)
}

/// Calls until so many connections have been called over. Every call is answered, or was never sent: the client may only
/// see that a connection ends when it is about to use it.
async fn call_over(served: &Served, doorman: &Doorman, connections: usize) {
    let calling = async {
        while doorman.connections() < connections {
            match served.client.list().await {
                Ok(listed) => assert!(!listed.is_empty()),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}"),
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), calling).await.expect("a connection becomes too old");
}

#[tokio::test]
async fn an_old_connection_is_replaced_and_its_reads_go_on() {
    let (served, doorman) = serve(ServiceLimits::default().with_connection_age(AGE, None)).await;
    let mut endless = served.client.read(&Command::connector("endless")).await.unwrap();
    endless.next().await.unwrap().unwrap();
    let before = doorman.connections();
    call_over(&served, &doorman, before + 3).await;
    // The connection it came over has been too old for long. More comes than was on its way already.
    for _ in 0..200 {
        endless.next().await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn after_the_grace_an_old_connection_is_cut() {
    let limits = ServiceLimits::default().with_connection_age(AGE, Duration::from_millis(1));
    let (served, _doorman) = serve(limits).await;
    let endless = served.client.read(&Command::connector("endless")).await.unwrap();
    let ended = endless.try_for_each(async |_| Ok(()));
    let error = tokio::time::timeout(Duration::from_secs(60), ended).await.expect("it ends").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    // Whoever calls again is answered.
    while served.client.list().await.is_err() {}
}

#[tokio::test]
async fn a_server_whose_connections_age_stops_in_order() {
    let doorman = Doorman::default();
    let service = FlightService::new(samples())
        .with_limits(ServiceLimits::default().with_connection_age(Duration::from_secs(3600), None))
        .with_authenticator(doorman.clone());
    let bound = flexconnect_flight::Server::from(service).with_grace(Duration::from_secs(3600));
    let bound = bound.bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}", bound.local_addr());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(bound.serve_until(async { drop(stopped.await) }));
    let client = flexconnect_flight::Client::connect(&uri).await.unwrap();
    let mut endless = client.read(&Command::connector("endless")).await.unwrap();
    endless.next().await.unwrap().unwrap();
    drop(stop);
    while client.list().await.is_ok() {}
    // What is under way goes on, and its end is the server's, whose clients let go of their connections.
    endless.next().await.unwrap().unwrap();
    drop(endless);
    tokio::time::timeout(Duration::from_secs(60), serving).await.expect("it ends").unwrap().unwrap();
    assert!(doorman.connections() > 0);
}
