//! arrow-flight as it comes: its encoder behind the generated service.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow_flight::encode::FlightDataEncoderBuilder;
use arrow_flight::error::FlightError;
use arrow_flight::flight_service_server::{FlightService, FlightServiceServer};
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightEndpoint, FlightInfo,
    HandshakeRequest, HandshakeResponse, PollInfo, PutResult, SchemaResult, Ticket,
};
use flexconnect_core::Result;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming, async_trait};

use crate::{data, process};

struct Stock(Arc<Vec<RecordBatch>>);

type Answer<T> = std::result::Result<Response<T>, Status>;
type Items<T> = BoxStream<'static, std::result::Result<T, Status>>;

fn other<T>() -> Answer<T> {
    Err(Status::unimplemented("only what is measured"))
}

#[async_trait]
impl FlightService for Stock {
    type HandshakeStream = Items<HandshakeResponse>;
    type ListFlightsStream = Items<FlightInfo>;
    type DoGetStream = Items<FlightData>;
    type DoPutStream = Items<PutResult>;
    type DoExchangeStream = Items<FlightData>;
    type DoActionStream = Items<arrow_flight::Result>;
    type ListActionsStream = Items<ActionType>;

    async fn get_flight_info(&self, request: Request<FlightDescriptor>) -> Answer<FlightInfo> {
        let descriptor = request.into_inner();
        // Who asks by a command wants little.
        let table = if descriptor.cmd.is_empty() { descriptor.path.join("/") } else { "three".to_owned() };
        let endpoint = FlightEndpoint::new().with_ticket(Ticket::new(table));
        let info = FlightInfo::new().try_with_schema(&data::schema()).map_err(FlightError::from)?;
        Ok(Response::new(info.with_endpoint(endpoint).with_descriptor(descriptor)))
    }

    async fn do_get(&self, request: Request<Ticket>) -> Answer<Self::DoGetStream> {
        let batches = self.0.clone();
        let (count, rows) = match &request.get_ref().ticket[..] {
            b"three" => (1, 3),
            _ => (batches.len(), usize::MAX),
        };
        let batches = (0..count).map(move |at| Ok(batches[at].slice(0, rows.min(batches[at].num_rows()))));
        let messages = FlightDataEncoderBuilder::new()
            .with_schema(data::schema())
            .build(futures::stream::iter(batches))
            .map_err(Status::from);
        Ok(Response::new(messages.boxed()))
    }

    async fn handshake(&self, _: Request<Streaming<HandshakeRequest>>) -> Answer<Self::HandshakeStream> {
        other()
    }
    async fn list_flights(&self, _: Request<Criteria>) -> Answer<Self::ListFlightsStream> {
        other()
    }
    async fn poll_flight_info(&self, _: Request<FlightDescriptor>) -> Answer<PollInfo> {
        other()
    }
    async fn get_schema(&self, _: Request<FlightDescriptor>) -> Answer<SchemaResult> {
        other()
    }
    async fn do_put(&self, _: Request<Streaming<FlightData>>) -> Answer<Self::DoPutStream> {
        other()
    }
    async fn do_exchange(&self, _: Request<Streaming<FlightData>>) -> Answer<Self::DoExchangeStream> {
        other()
    }
    async fn do_action(&self, _: Request<Action>) -> Answer<Self::DoActionStream> {
        other()
    }
    async fn list_actions(&self, _: Request<Empty>) -> Answer<Self::ListActionsStream> {
        other()
    }
}

#[tokio::main]
pub(crate) async fn serve(rows: usize) -> Result<()> {
    let stock = FlightServiceServer::new(Stock(Arc::new(data::batches(rows))));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let answers = tokio::task::spawn_blocking(move || process::answer_as_server(port));
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    Server::builder()
        .add_service(stock)
        .serve_with_incoming_shutdown(incoming, async {
            let _ = answers.await;
        })
        .await?;
    Ok(())
}
