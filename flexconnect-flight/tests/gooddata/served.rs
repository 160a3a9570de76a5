//! A GoodData server on a free port, and what its answers say.

use std::net::SocketAddr;
use std::time::Duration;

use arrow_flight::decode::FlightRecordBatchStream;
use arrow_flight::error::FlightError;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{FlightDescriptor, FlightInfo, Ticket};
use flexconnect_core::{Plugin, Result};
use flexconnect_flight::gooddata::{Options, Server, Service};
use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) raw: FlightServiceClient<Channel>,
    /// Dropped with the test, which stops the server.
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) ended: JoinHandle<Result<(), flexconnect_core::Error>>,
}

/// What an error says: its status, its code, its message.
pub(crate) type Told = (Code, u32, String);

pub(crate) async fn serve(plugin: impl Into<Plugin>, options: Options) -> Served {
    serve_with(Service::new(plugin).with_options(options).into()).await
}

pub(crate) async fn serve_with(server: Server) -> Served {
    let bound = server.bind("127.0.0.1:0").await.unwrap();
    let (address, service) = (bound.local_addr(), bound.service());
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(bound.serve_until(
        async {
            let _ = stopped.await;
        },
        std::future::pending(),
    ));
    eventually("it is ready", || service.is_ready()).await;
    Served { address, raw: connect(address).await, stop, ended }
}

pub(crate) async fn connect(address: SocketAddr) -> FlightServiceClient<Channel> {
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    FlightServiceClient::new(channel).max_decoding_message_size(usize::MAX)
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
    pub(crate) async fn ask(&self, command: impl Into<String>, polls: bool) -> Result<FlightInfo, Status> {
        let mut request = Request::new(FlightDescriptor::new_cmd(command.into()));
        if polls {
            request.metadata_mut().insert("x-quiver-pollable", "1".parse().unwrap());
        }
        Ok(self.raw.clone().get_flight_info(request).await?.into_inner())
    }

    pub(crate) async fn invoke(&self, function: &str, parameters: Value) -> Result<FlightInfo, Status> {
        self.ask(invocation(function, parameters), false).await
    }

    /// Begins a call that polls, which is still running then; gives its task's name.
    pub(crate) async fn poll(&self, function: &str, parameters: Value) -> String {
        let status = self.ask(invocation(function, parameters), true).await.unwrap_err();
        assert_eq!(told(&status).1, 65_637, "{status:?}");
        let info: Value = serde_json::from_slice(status.details()).unwrap();
        let body = info["body"].as_str().unwrap();
        let body: Value = serde_json::from_slice(&base64(body)).unwrap();
        let descriptor = base64(body["retry_descriptor"].as_str().unwrap());
        assert_eq!(descriptor[..6], *b"\x08\x02\x12\x22r:");
        String::from_utf8(descriptor[6..].to_vec()).unwrap()
    }

    /// The rows of each batch, and the error that ended them.
    pub(crate) async fn read(&self, info: &FlightInfo) -> Result<(Vec<usize>, Option<Status>), Status> {
        let ticket = info.endpoint[0].ticket.clone().unwrap();
        let messages = self.raw.clone().do_get(ticket).await?.into_inner();
        let batches = FlightRecordBatchStream::new_from_flight_data(
            messages.map_err(|status| FlightError::Tonic(Box::new(status))),
        );
        let (mut rows, mut batches) = (Vec::new(), std::pin::pin!(batches));
        while let Some(batch) = batches.next().await {
            match batch {
                Ok(batch) => rows.push(batch.num_rows()),
                Err(FlightError::Tonic(status)) => return Ok((rows, Some(*status))),
                Err(error) => panic!("{error}"),
            }
        }
        Ok((rows, None))
    }

    /// What reading says when it fails before its first batch.
    pub(crate) async fn refusal(&self, info: &FlightInfo) -> u32 {
        match self.read(info).await {
            Err(status) => told(&status).1,
            Ok((rows, Some(status))) if rows.is_empty() => told(&status).1,
            Ok(read) => panic!("{read:?}"),
        }
    }

    pub(crate) async fn get(&self, ticket: &str) -> Result<(), Status> {
        let ticket = Ticket { ticket: ticket.to_owned().into() };
        let messages = self.raw.clone().do_get(ticket).await?.into_inner();
        messages.try_for_each(|_| async { Ok(()) }).await
    }
}

pub(crate) fn invocation(function: &str, parameters: Value) -> String {
    json!({ "functionName": function, "parameters": parameters }).to_string()
}

/// What a status says, which must be one that GoodData's client understands.
pub(crate) fn told(status: &Status) -> Told {
    let metadata = status.metadata();
    assert_eq!(metadata.get("x-arrow-status").unwrap(), "5", "{status:?}");
    let info: Value = serde_json::from_slice(status.details()).unwrap();
    let keys: Vec<_> = info.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["msg", "detail", "code", "body"]);
    let msg = info["msg"].as_str().unwrap().to_owned();
    assert_eq!(metadata.get_bin("x-arrow-status-message-bin").unwrap().to_bytes().unwrap(), msg.as_bytes());
    let kind = metadata.get_bin("x-arrow-status-detail-bin").unwrap().to_bytes().unwrap();
    let kind_of = match status.code() {
        Code::Unknown => "Failed",
        Code::DeadlineExceeded => "TimedOut",
        Code::Cancelled => "Cancelled",
        Code::Unavailable => "Unavailable",
        Code::Unauthenticated => "Unauthenticated",
        Code::PermissionDenied => "Unauthorized",
        Code::Internal => "Internal",
        code => panic!("{code:?} is not understood by clients"),
    };
    assert_eq!(kind, kind_of.as_bytes());
    (status.code(), info["code"].as_u64().unwrap() as u32, msg)
}

fn base64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}
