//! The Flight service of a plugin: each verb and who does its work.

use std::sync::Arc;
use std::time::Duration;

use arrow_flight::flight_service_server::{FlightService as Verbs, FlightServiceServer};
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest,
    HandshakeResponse, PollInfo, PutResult, Result as ActionResult, SchemaResult, Ticket,
};
use flexconnect_core::{Error, ErrorKind, Plugin};
use futures::{StreamExt, stream};
use tonic::{Request, Response, Status, Streaming, async_trait};

use crate::action;
use crate::answer::{Answering, Answers};
use crate::call::Call;
use crate::command::Seal;
use crate::get::get;
use crate::info::{info, list, poll, schema};
use crate::put::{Refusal, put};
use crate::status::{Dialect, PlainDialect, Speaker, Verb};

/// The largest message taken: some writers send a table as one batch.
const LARGEST_MESSAGE: usize = 16 << 20;
/// An upload that says nothing for this long is given up.
const IDLE: Duration = Duration::from_secs(60);

/// A plugin's tables as an Arrow Flight service, to be mounted in a tonic server beside others.
///
/// [`Server`](crate::Server) runs it alone. Ask [`Plugin::check`] before you serve. An interceptor of the host that
/// knows the caller says so by putting a [`Caller`](flexconnect_core::Caller) among the request's extensions.
///
/// ```
/// use flexconnect_core::Plugin;
/// use flexconnect_flight::FlightService;
/// use tonic::transport::Server;
///
/// let plugin = Plugin::new("samples", "1.0.0");
/// let router = Server::builder().add_service(FlightService::new(plugin).into_server());
/// ```
#[derive(Debug, Clone)]
pub struct FlightService(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    plugin: Plugin,
    seal: Seal,
    answering: Answering,
    idle: Duration,
}

impl FlightService {
    /// Serves this plugin, with the plain dialect.
    pub fn new(plugin: impl Into<Plugin>) -> Self {
        let answering = Answering::new(Speaker::new(PlainDialect));
        FlightService(Arc::new(Inner { plugin: plugin.into(), seal: Seal::random(), answering, idle: IDLE }))
    }

    /// Speaks this dialect: how errors become statuses. Call it before the service is cloned or served.
    #[must_use]
    pub fn with_dialect(self, dialect: impl Dialect) -> Self {
        self.change(|inner| inner.answering.speak(Speaker::new(dialect)))
    }

    /// Gives up an upload that is silent for this long; 60 seconds if never said. Call it before the service is
    /// cloned or served.
    #[must_use]
    pub fn with_upload_idle_limit(self, limit: Duration) -> Self {
        self.change(|inner| inner.idle = limit)
    }

    fn change(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        match Arc::get_mut(&mut self.0) {
            Some(inner) => change(inner),
            None => tracing::warn!("a Flight service that is shared already cannot be changed"),
        }
        self
    }

    /// The service as a tonic server mounts it, with the limits that Flight clients need.
    pub fn into_server(self) -> FlightServiceServer<Self> {
        FlightServiceServer::new(self).max_decoding_message_size(LARGEST_MESSAGE)
    }

    pub(crate) fn plugin(&self) -> &Plugin {
        &self.0.plugin
    }

    /// Ends every call that is under way.
    pub(crate) fn stop(&self) {
        self.0.answering.stop();
    }

    async fn answer<T>(
        &self,
        verb: Verb,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<Response<T>, Status> {
        self.0.answering.once(verb, work).await.map(Response::new)
    }
}

#[async_trait]
impl Verbs for FlightService {
    type HandshakeStream = Answers<HandshakeResponse>;
    type ListFlightsStream = Answers<FlightInfo>;
    type DoGetStream = Answers<FlightData>;
    type DoPutStream = Answers<PutResult>;
    type DoExchangeStream = Answers<FlightData>;
    type DoActionStream = Answers<ActionResult>;
    type ListActionsStream = Answers<ActionType>;

    async fn list_flights(
        &self,
        request: Request<Criteria>,
    ) -> Result<Response<Self::ListFlightsStream>, Status> {
        let listed = list(&self.0.plugin, &request.get_ref().expression);
        let listed = self.0.answering.once(Verb::ListFlights, listed).await?;
        Ok(Response::new(self.0.answering.many(Verb::ListFlights, listed)))
    }

    async fn get_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let call = Call::of(&request);
        self.answer(Verb::GetFlightInfo, info(&self.0.plugin, &self.0.seal, &call, request.into_inner()))
            .await
    }

    async fn poll_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<PollInfo>, Status> {
        let call = Call::of(&request);
        let planned = info(&self.0.plugin, &self.0.seal, &call, request.into_inner());
        self.answer(Verb::PollFlightInfo, async { Ok(poll(planned.await?)) }).await
    }

    async fn get_schema(&self, request: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        let call = Call::of(&request);
        self.answer(Verb::GetSchema, schema(&self.0.plugin, &call, request.get_ref())).await
    }

    async fn do_get(&self, request: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        let call = Call::of(&request);
        let messages = get(&self.0.plugin, &self.0.seal, &call, &request.get_ref().ticket);
        let messages = self.0.answering.once(Verb::DoGet, messages).await?;
        Ok(Response::new(self.0.answering.many(Verb::DoGet, messages)))
    }

    async fn do_put(
        &self,
        request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoPutStream>, Status> {
        let call = Call::of(&request);
        let work = async {
            match put(&self.0.plugin, &call, self.0.idle, request.into_inner()).await {
                Ok(result) => Ok(Ok(result)),
                Err(Refusal::Transport(status)) => Ok(Err(status)),
                Err(Refusal::Error(error)) => Err(error),
            }
        };
        let result = self.0.answering.once(Verb::DoPut, work).await??;
        Ok(Response::new(stream::iter([Ok(result)]).boxed()))
    }

    async fn do_action(&self, request: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        let call = Call::of(&request);
        let results = action::act(&self.0.plugin, &call, request.into_inner());
        let results = self.0.answering.once(Verb::DoAction, results).await?;
        Ok(Response::new(stream::iter(results.into_iter().map(Ok)).boxed()))
    }

    async fn list_actions(&self, _: Request<Empty>) -> Result<Response<Self::ListActionsStream>, Status> {
        Ok(Response::new(stream::iter(action::types().into_iter().map(Ok)).boxed()))
    }

    async fn handshake(
        &self,
        _: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        self.answer(Verb::Handshake, not_offered("there is no login here; call without credentials")).await
    }

    async fn do_exchange(
        &self,
        _: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        self.answer(
            Verb::DoExchange,
            not_offered("no table exchanges data; read with DoGet, write with DoPut"),
        )
        .await
    }
}

async fn not_offered<T>(message: &'static str) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Unsupported, message))
}
