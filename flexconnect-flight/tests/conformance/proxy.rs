//! A server that passes everything on to a right one, but for one rule it breaks.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::flight_service_server::{FlightService, FlightServiceServer};
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest,
    HandshakeResponse, PollInfo, PutResult, Result as ActionResult, SchemaResult, Ticket,
};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status, Streaming};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    None,
    OtherSchemaInGetSchema,
    TicketsOnce,
    NeverNotFound,
    TakesUnknownPartition,
    ListsTwice,
    ForgetsLimitOverParts,
    KeepsWithoutCommit,
}

pub(crate) struct Proxy {
    right: FlightServiceClient<Channel>,
    fault: Fault,
    redeemed: Arc<Mutex<HashSet<Bytes>>>,
}

impl Proxy {
    /// Serves before the server there; gives its own address.
    pub(crate) async fn before(uri: String, fault: Fault) -> String {
        let channel = Endpoint::from_shared(uri).unwrap().connect().await.unwrap();
        let right = FlightServiceClient::new(channel);
        let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap().with_nodelay(Some(true));
        let address = incoming.local_addr().unwrap();
        let service = FlightServiceServer::new(Proxy { right, fault, redeemed: Arc::default() });
        let serving = Server::builder().add_service(service).serve_with_incoming(incoming);
        tokio::spawn(serving);
        format!("http://{address}")
    }

    fn right(&self) -> FlightServiceClient<Channel> {
        self.right.clone()
    }

    /// The command without this member.
    fn without(descriptor: FlightDescriptor, member: &str) -> FlightDescriptor {
        match serde_json::from_slice::<Value>(&descriptor.cmd) {
            Ok(mut command) => {
                command.as_object_mut().map(|command| command.shift_remove(member));
                FlightDescriptor::new_cmd(command.to_string())
            }
            Err(_) => descriptor,
        }
    }
}

/// A read of no rows.
const NOTHING: &str = r#"{"connector": "notes", "config": {"token": "hush-hush-hush"}, "limit": 0}"#;

/// The member of a command, if it is there.
fn member(descriptor: &FlightDescriptor, name: &str) -> Option<Value> {
    let command: Value = serde_json::from_slice(&descriptor.cmd).ok()?;
    command.get(name).cloned()
}

type Answer<T> = Result<Response<BoxStream<'static, Result<T, Status>>>, Status>;

#[tonic::async_trait]
impl FlightService for Proxy {
    type HandshakeStream = BoxStream<'static, Result<HandshakeResponse, Status>>;
    type ListFlightsStream = BoxStream<'static, Result<FlightInfo, Status>>;
    type DoGetStream = BoxStream<'static, Result<FlightData, Status>>;
    type DoPutStream = BoxStream<'static, Result<PutResult, Status>>;
    type DoExchangeStream = BoxStream<'static, Result<FlightData, Status>>;
    type DoActionStream = BoxStream<'static, Result<ActionResult, Status>>;
    type ListActionsStream = BoxStream<'static, Result<ActionType, Status>>;

    async fn list_flights(&self, request: Request<Criteria>) -> Answer<FlightInfo> {
        let listed = self.right().list_flights(request.into_inner()).await?.into_inner();
        if self.fault == Fault::ListsTwice {
            let listed: Vec<_> = listed.try_collect().await?;
            let twice = [listed.clone(), listed].concat();
            return Ok(Response::new(stream::iter(twice).map(Ok).boxed()));
        }
        Ok(Response::new(listed.boxed()))
    }

    async fn get_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let mut asked = request.into_inner();
        if self.fault == Fault::TakesUnknownPartition
            && member(&asked, "partition").is_some_and(|id| id.as_str().is_some_and(|id| id.len() > 1))
        {
            // Planned as a read of no rows.
            asked = FlightDescriptor::new_cmd(NOTHING);
        }
        if self.fault == Fault::ForgetsLimitOverParts
            && member(&asked, "partition").is_none()
            && member(&asked, "filters").is_none()
            && let Some(limit) = member(&asked, "limit").and_then(|limit| limit.as_u64())
            && limit > 0
        {
            // A second endpoint with a row too many, for a limit that no other check asks for.
            let mut info = self.right().get_flight_info(asked.clone()).await?.into_inner();
            let part = json!({"connector": "notes", "config": {"token": "hush-hush-hush"}, "limit": 1});
            let more = self.right().get_flight_info(FlightDescriptor::new_cmd(part.to_string())).await?;
            if limit == 15 && member(&asked, "columns").is_none() {
                info.endpoint.extend(more.into_inner().endpoint);
            }
            return Ok(Response::new(info));
        }
        let info = self.right().get_flight_info(asked).await;
        info.map_err(|status| match self.fault {
            Fault::NeverNotFound if status.message().contains("there is no table") => {
                Status::unknown(status.message())
            }
            _ => status,
        })
    }

    async fn poll_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<PollInfo>, Status> {
        self.right().poll_flight_info(request.into_inner()).await
    }

    async fn get_schema(&self, request: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        let mut schema = self.right().get_schema(request.into_inner()).await?;
        if self.fault == Fault::OtherSchemaInGetSchema {
            // Padding: the same columns, in other bytes.
            let mut bytes = schema.get_ref().schema.to_vec();
            let length = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) + 8;
            bytes[4..8].copy_from_slice(&length.to_le_bytes());
            bytes.extend([0; 8]);
            schema.get_mut().schema = bytes.into();
        }
        Ok(schema)
    }

    async fn do_get(&self, request: Request<Ticket>) -> Answer<FlightData> {
        let ticket = request.into_inner();
        let again = !self.redeemed.lock().unwrap().insert(ticket.ticket.clone());
        if again && self.fault == Fault::TicketsOnce {
            return Err(Status::not_found("this ticket has been redeemed"));
        }
        Ok(Response::new(self.right().do_get(ticket).await?.into_inner().boxed()))
    }

    async fn do_put(&self, request: Request<Streaming<FlightData>>) -> Answer<PutResult> {
        let mut messages: Vec<_> =
            request.into_inner().filter_map(|message| async { message.ok() }).collect().await;
        if self.fault == Fault::KeepsWithoutCommit
            && let Some(first) = messages.first_mut()
            && let Some(descriptor) = first.flight_descriptor.take()
        {
            let explicit = messages.last().is_some_and(|last| !last.app_metadata.is_empty());
            let kept = if explicit { descriptor } else { Self::without(descriptor, "commit") };
            messages[0].flight_descriptor = Some(kept);
        }
        Ok(Response::new(self.right().do_put(stream::iter(messages)).await?.into_inner().boxed()))
    }

    async fn do_action(&self, request: Request<Action>) -> Answer<ActionResult> {
        Ok(Response::new(self.right().do_action(request.into_inner()).await?.into_inner().boxed()))
    }

    async fn list_actions(&self, request: Request<Empty>) -> Answer<ActionType> {
        Ok(Response::new(self.right().list_actions(request.into_inner()).await?.into_inner().boxed()))
    }

    async fn handshake(&self, _: Request<Streaming<HandshakeRequest>>) -> Answer<HandshakeResponse> {
        Err(Status::unimplemented("no login"))
    }

    async fn do_exchange(&self, _: Request<Streaming<FlightData>>) -> Answer<FlightData> {
        Err(Status::unimplemented("no exchange"))
    }
}
