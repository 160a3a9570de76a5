//! The Flight service of a plugin: each verb and who does its work.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use arrow_flight::flight_service_server::{FlightService as Verbs, FlightServiceServer};
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest,
    HandshakeResponse, PollInfo, PutResult, Result as ActionResult, SchemaResult, Ticket,
};
use flexconnect_core::{Error, ErrorKind, Plugin};
use futures::{StreamExt, stream};
use tonic::codegen::{BoxFuture, Service, StdError};
use tonic::server::NamedService;
use tonic::{Request, Response, Status, Streaming, async_trait};

use crate::action;
use crate::answer::{Answering, Answers};
use crate::body::Body;
use crate::call::Call;
use crate::command::Seal;
#[cfg(any(feature = "lz4", feature = "zstd"))]
use crate::compression::Compression;
use crate::encode::Encoding;
use crate::framing::{CONTENT_TYPE, DO_GET};
use crate::get::get;
use crate::info::{info, list, poll, schema};
use crate::keys::Keys;
use crate::put::{Refusal, put};
use crate::status::{Dialect, PlainDialect, Speaker, Verb};
use crate::unary::receive;

/// The largest message taken: some writers send a table as one batch.
const LARGEST_UPLOAD: usize = 16 << 20;
/// An upload that says nothing for this long is given up.
const IDLE: Duration = Duration::from_secs(60);
/// A read of many endpoints may begin the last one this long after its plan.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

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
/// let router = Server::builder().add_service(FlightService::new(plugin));
/// ```
#[derive(Debug, Clone)]
pub struct FlightService(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    plugin: Plugin,
    seal: Seal,
    answering: Answering,
    idle: Duration,
    encoding: Encoding,
    largest_upload: usize,
}

impl FlightService {
    /// Serves this plugin, with the plain dialect.
    pub fn new(plugin: impl Into<Plugin>) -> Self {
        let answering = Answering::new(Speaker::new(PlainDialect));
        FlightService(Arc::new(Inner {
            plugin: plugin.into(),
            seal: Seal::new(Keys::random(), LIFETIME),
            answering,
            idle: IDLE,
            encoding: Encoding::default(),
            largest_upload: LARGEST_UPLOAD,
        }))
    }

    /// Speaks this dialect: how errors become statuses. Call it before the service is cloned or served.
    #[must_use]
    pub fn with_dialect(self, dialect: impl Dialect) -> Self {
        self.change(|inner| inner.answering.speak(Speaker::new(dialect)))
    }

    /// Seals tickets with these keys, so that all servers that have them take each other's; a key of its own if never
    /// said. Call it before the service is cloned or served.
    #[must_use]
    pub fn with_ticket_keys(self, keys: Keys) -> Self {
        self.change(|inner| inner.seal.set_keys(keys))
    }

    /// Takes a ticket for this long after GetFlightInfo gave it, or RenewFlightEndpoint renewed it; an hour if never
    /// said. A read that has begun may go on longer. Call it before the service is cloned or served.
    #[must_use]
    pub fn with_ticket_lifetime(self, lifetime: Duration) -> Self {
        self.change(|inner| inner.seal.set_lifetime(lifetime))
    }

    /// Gives up an upload that is silent for this long; 60 seconds if never said. Call it before the service is
    /// cloned or served.
    #[must_use]
    pub fn with_upload_idle_limit(self, limit: Duration) -> Self {
        self.change(|inner| inner.idle = limit)
    }

    /// Sends a single row up to this many bytes; 64 MiB if never said, 4 MiB at least. Batches of more rows are cut to
    /// messages below 4 MiB, which every client takes. Call it before the service is cloned or served.
    #[must_use]
    pub fn with_max_message_bytes(self, limit: usize) -> Self {
        self.change(|inner| inner.encoding.largest = limit)
    }

    /// Takes messages up to this many bytes; 16 MiB if never said. Call it before the service is cloned or served.
    #[must_use]
    pub fn with_max_upload_message_bytes(self, limit: usize) -> Self {
        self.change(|inner| inner.largest_upload = limit)
    }

    /// Compresses the rows that are sent. On a fast network that costs more than it saves, so it is off if never
    /// said; every common client reads both kinds. Call it before the service is cloned or served.
    #[cfg(any(feature = "lz4", feature = "zstd"))]
    #[must_use]
    pub fn with_compression(self, compression: Compression) -> Self {
        self.change(|inner| inner.encoding.compression = Some(compression.codec()))
    }

    fn change(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        match Arc::get_mut(&mut self.0) {
            Some(inner) => change(inner),
            None => tracing::warn!("a Flight service that is shared already cannot be changed"),
        }
        self
    }

    pub(crate) fn plugin(&self) -> &Plugin {
        &self.0.plugin
    }

    /// Ends every call that is under way.
    pub(crate) fn stop(&self) {
        self.0.answering.stop();
    }
}

/// DoGet is answered here, with a body of its own that does not copy; every other verb by the generated service.
impl<B> Service<http::Request<B>> for FlightService
where
    B: http_body::Body + Send + 'static,
    B::Error: Into<StdError> + Send + 'static,
{
    type Response = http::Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let inner = self.0.clone();
        if request.uri().path() == DO_GET {
            return Box::pin(async move { Ok(inner.read(request).await) });
        }
        let largest = inner.largest_upload;
        FlightServiceServer::from_arc(inner).max_decoding_message_size(largest).call(request)
    }
}

impl NamedService for FlightService {
    const NAME: &'static str = <FlightServiceServer<Inner> as NamedService>::NAME;
}

impl Inner {
    async fn read<B>(&self, request: http::Request<B>) -> http::Response<tonic::body::Body>
    where
        B: http_body::Body + Send + 'static,
        B::Error: Into<StdError> + Send + 'static,
    {
        let body = async {
            let request: Request<Ticket> = receive(request, self.largest_upload).await?;
            let call = Call::of(&request);
            let messages = get(&self.plugin, &self.seal, &call, &request.get_ref().ticket, self.encoding);
            let messages = self.answering.once(Verb::DoGet, call.deadline, messages).await?;
            Ok(Body::new(self.answering.many(Verb::DoGet, call.deadline, messages)))
        };
        match body.await {
            Ok(body) => {
                let mut response = http::Response::new(tonic::body::Body::new(body));
                response
                    .headers_mut()
                    .insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(CONTENT_TYPE));
                response
            }
            Err(status) => Status::into_http(status),
        }
    }

    async fn answer<T>(
        &self,
        verb: Verb,
        call: &Call,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<Response<T>, Status> {
        self.answering.once(verb, call.deadline, work).await.map(Response::new)
    }
}

#[async_trait]
impl Verbs for Inner {
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
        let deadline = Call::of(&request).deadline;
        let listed = list(&self.plugin, &request.get_ref().expression);
        let listed = self.answering.once(Verb::ListFlights, deadline, listed).await?;
        Ok(Response::new(self.answering.many(Verb::ListFlights, deadline, listed)))
    }

    async fn get_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let call = Call::of(&request);
        let planned = info(&self.plugin, &self.seal, &call, request.into_inner());
        self.answer(Verb::GetFlightInfo, &call, planned).await
    }

    async fn poll_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<PollInfo>, Status> {
        let call = Call::of(&request);
        let planned = info(&self.plugin, &self.seal, &call, request.into_inner());
        self.answer(Verb::PollFlightInfo, &call, async { Ok(poll(planned.await?)) }).await
    }

    async fn get_schema(&self, request: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        let call = Call::of(&request);
        self.answer(Verb::GetSchema, &call, schema(&self.plugin, &call, request.get_ref())).await
    }

    async fn do_get(&self, _: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        // The generated service wants an answer of its own for a verb that never reaches it.
        Err(Status::unimplemented("DoGet is answered before the generated service"))
    }

    async fn do_put(
        &self,
        request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoPutStream>, Status> {
        let call = Call::of(&request);
        let work = async {
            match put(&self.plugin, &call, self.idle, request.into_inner()).await {
                Ok(result) => Ok(Ok(result)),
                Err(Refusal::Transport(status)) => Ok(Err(status)),
                Err(Refusal::Error(error)) => Err(error),
            }
        };
        let result = self.answering.once(Verb::DoPut, call.deadline, work).await??;
        Ok(Response::new(stream::iter([Ok(result)]).boxed()))
    }

    async fn do_action(&self, request: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        let call = Call::of(&request);
        let results = action::act(&self.plugin, &call, request.into_inner());
        let results = self.answering.once(Verb::DoAction, call.deadline, results).await?;
        Ok(Response::new(stream::iter(results.into_iter().map(Ok)).boxed()))
    }

    async fn list_actions(&self, _: Request<Empty>) -> Result<Response<Self::ListActionsStream>, Status> {
        Ok(Response::new(stream::iter(action::types().into_iter().map(Ok)).boxed()))
    }

    async fn handshake(
        &self,
        request: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        let call = Call::of(&request);
        self.answer(Verb::Handshake, &call, not_offered("there is no login here; call without credentials"))
            .await
    }

    async fn do_exchange(
        &self,
        request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        let call = Call::of(&request);
        self.answer(
            Verb::DoExchange,
            &call,
            not_offered("no table exchanges data; read with DoGet, write with DoPut"),
        )
        .await
    }
}

async fn not_offered<T>(message: &'static str) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Unsupported, message))
}
