//! A server on a free port, and the ways to talk to it.

use std::net::SocketAddr;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{FlightData, FlightDescriptor, FlightInfo, Ticket};
use flexconnect_core::Plugin;
use flexconnect_flight::{Client, FlightService, Server};
use futures::{StreamExt, TryStreamExt};
use tokio::sync::oneshot;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    pub(crate) raw: FlightServiceClient<Channel>,
    /// Dropped with the test, which stops the server.
    _stop: oneshot::Sender<()>,
}

pub(crate) async fn serve(plugin: impl Into<Plugin>) -> Served {
    serve_service(FlightService::new(plugin)).await
}

pub(crate) async fn serve_service(service: FlightService) -> Served {
    let bound = Server::from(service).bind("127.0.0.1:0").await.unwrap();
    let address = bound.local_addr();
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(bound.serve_until(async {
        let _ = stopped.await;
    }));
    let client = Client::connect(format!("http://{address}")).await.unwrap();
    Served { address, client, raw: connect(address).await, _stop: stop }
}

pub(crate) async fn connect(address: SocketAddr) -> FlightServiceClient<Channel> {
    FlightServiceClient::new(channel(address).await)
}

pub(crate) async fn channel(address: SocketAddr) -> Channel {
    Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

/// Waits until this holds. However busy the machine is, it does not take a minute.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting)
        .await
        .unwrap_or_else(|_| panic!("{what}: it does not"));
}

impl Served {
    pub(crate) async fn info(&self, descriptor: FlightDescriptor) -> Result<FlightInfo, Status> {
        Ok(self.raw.clone().get_flight_info(descriptor).await?.into_inner())
    }

    /// All messages of a DoGet; an error is the last.
    pub(crate) async fn get(&self, ticket: Ticket) -> Result<Vec<Result<FlightData, Status>>, Status> {
        Ok(self.raw.clone().do_get(ticket).await?.into_inner().collect().await)
    }

    pub(crate) async fn read(
        &self,
        command: &flexconnect_flight::Command,
    ) -> flexconnect_core::Result<Vec<RecordBatch>> {
        Ok(self.client.read(command).await?.try_collect().await?)
    }
}

pub(crate) fn cmd(json: serde_json::Value) -> FlightDescriptor {
    FlightDescriptor::new_cmd(json.to_string())
}

pub(crate) fn ticket(info: &FlightInfo, endpoint: usize) -> Ticket {
    info.endpoint[endpoint].ticket.clone().unwrap()
}

/// The message of an encapsulated schema, without its frame.
pub(crate) fn unframed(schema: &[u8]) -> &[u8] {
    assert_eq!(schema[..4], [0xFF; 4]);
    let length = u32::from_le_bytes(schema[4..8].try_into().unwrap()) as usize;
    &schema[8..8 + length]
}
