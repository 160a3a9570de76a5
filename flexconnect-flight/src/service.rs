//! The Flight service of a plugin: how it is put together and mounted, and DoGet.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use arrow_flight::Ticket;
use arrow_flight::flight_service_server::FlightServiceServer;
use flexconnect_core::{Error, Plugin};
use futures::StreamExt;
use tonic::codegen::{BoxFuture, Service, StdError};
use tonic::server::NamedService;
use tonic::{Request, Status};

use crate::call::Call;
use crate::call::answer::Answering;
use crate::call::generated::{generated, received};
use crate::call::life::{Life, Phase};
use crate::call::slots::Slots;
use crate::call::until::Until;
use crate::command::Seal;
use crate::guard::Limits;
use crate::identity::{Authenticate, Authorize};
use crate::insight::metrics::Metrics;
use crate::keys::Keys;
use crate::limits::ServiceLimits;
use crate::locations::Locations;
use crate::status::{Dialect, PlainDialect, Speaker, Verb};
use crate::verbs::Inner;
use crate::verbs::control::Control;
use crate::verbs::gate::Gate;
use crate::verbs::get::get;
use crate::verbs::poll::Polls;
use crate::verbs::put::Taking;
use crate::verbs::tables::Tables;
use crate::wire::body::Answer;
#[cfg(any(feature = "lz4", feature = "zstd"))]
use crate::wire::compression::Compression;
use crate::wire::encode::Encoding;

/// The largest message taken: some writers send a table as one batch.
const LARGEST_UPLOAD: usize = 16 << 20;
/// An upload that says nothing for this long is given up.
const IDLE: Duration = Duration::from_secs(60);
/// Twice the longest ticket there is, so that one that is somewhat longer is told what is wrong.
const LARGEST_TICKET: usize = 512 << 10;

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

impl FlightService {
    /// Serves this plugin, with the plain dialect.
    pub fn new(plugin: impl Into<Plugin>) -> Self {
        let answering = Answering::new(Speaker::new(PlainDialect));
        let limits = ServiceLimits::default();
        let (reads, writes, infos, polls) = slots(&limits);
        let seal = Arc::new(Seal::random());
        FlightService(Arc::new(Inner {
            gate: Gate::default(),
            tables: Tables::new(plugin.into()),
            control: Control { seal, running: Arc::default(), polls },
            answering,
            reads,
            writes,
            infos,
            limits,
            locations: Locations::default(),
            taking: Taking { idle: IDLE, messages: Limits::for_messages_of(LARGEST_UPLOAD) },
            encoding: Encoding::default(),
            largest_upload: LARGEST_UPLOAD,
        }))
    }

    /// Speaks this dialect: how errors become statuses. Call it before the service is cloned or served.
    #[must_use]
    pub fn with_dialect(self, dialect: impl Dialect) -> Self {
        self.change(|inner| inner.answering.speak(Speaker::new(dialect)))
    }

    /// Asks this who calls, before anything else is done about any call; everybody may call if never said. See
    /// [`identity`](crate::identity). Call it before the service is cloned or served.
    #[must_use]
    pub fn with_authenticator(self, authenticate: impl Authenticate) -> Self {
        self.change(|inner| inner.gate.set_authenticator(Arc::new(authenticate)))
    }

    /// Asks this what a caller may do to a table; everything if never said. See [`identity`](crate::identity). Call it
    /// before the service is cloned or served.
    #[must_use]
    pub fn with_authorizer(self, authorize: impl Authorize) -> Self {
        self.change(|inner| inner.tables.set_authorizer(Arc::new(authorize)))
    }

    /// Takes the token of a login for this long; 12 hours if never said. Call it before the service is cloned or
    /// served.
    #[must_use]
    pub fn with_login_lifetime(self, lifetime: Duration) -> Self {
        self.change(|inner| inner.gate.set_login_lifetime(lifetime))
    }

    /// Seals tickets and logins with these keys, so that all servers that have them take each other's; a key of its own if never
    /// said. Call it before the service is cloned or served.
    #[must_use]
    pub fn with_ticket_keys(self, keys: Keys) -> Self {
        self.change(|inner| inner.control.seal_mut().set_keys(keys))
    }

    /// Takes a ticket for this long after GetFlightInfo gave it, or RenewFlightEndpoint renewed it; an hour if never
    /// said. A read that has begun may go on longer. Call it before the service is cloned or served.
    #[must_use]
    pub fn with_ticket_lifetime(self, lifetime: Duration) -> Self {
        self.change(|inner| inner.control.seal_mut().set_lifetime(lifetime))
    }

    /// Says that endpoints are at these addresses, each of which must serve what this server does, with the same
    /// [ticket keys](Self::with_ticket_keys). If never said, endpoints are where the client is connected already, which is
    /// what gets through proxies, forwarded ports and load balancers. Call it before the service is cloned or served.
    ///
    /// ```
    /// # fn example(plugin: flexconnect_core::Plugin) -> Result<(), flexconnect_core::Error> {
    /// use flexconnect_flight::FlightService;
    ///
    /// let service = FlightService::new(plugin).with_locations(["grpc+tls://data.example.com:8815"])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`](flexconnect_core::ErrorKind::Config) listing every address that is not one a client could
    /// use: `grpc://`, `grpc+tcp://` or `grpc+tls://`, a host other than `0.0.0.0` and the like, and a port.
    pub fn with_locations(self, uris: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, Error> {
        Ok(self.at_locations(Locations::parse(uris)?))
    }

    pub(crate) fn at_locations(self, locations: Locations) -> Self {
        self.change(|inner| inner.locations = locations)
    }

    /// Takes this much at once, and from one caller. Call it before the service is cloned or served.
    #[must_use]
    pub fn with_limits(self, limits: ServiceLimits) -> Self {
        self.change(|inner| {
            (inner.reads, inner.writes, inner.infos, inner.control.polls) = slots(&limits);
            inner.limits = limits;
        })
    }

    /// Gives up an upload that is silent for this long; 60 seconds if never said. Call it before the service is
    /// cloned or served.
    #[must_use]
    pub fn with_upload_idle_limit(self, limit: Duration) -> Self {
        self.change(|inner| inner.taking.idle = limit)
    }

    /// Sends a single row up to this many bytes; 64 MiB if never said, 4 MiB at least. Batches of more rows are cut to
    /// messages below 4 MiB, which every client takes. Call it before the service is cloned or served.
    #[must_use]
    pub fn with_max_message_bytes(self, limit: usize) -> Self {
        self.change(|inner| inner.encoding.largest = limit)
    }

    /// Takes messages up to this many bytes; 16 MiB if never said. It sets the limits of what they hold to those that
    /// fit, [`Limits::for_messages_of`]. Call it before the service is cloned or served.
    #[must_use]
    pub fn with_max_upload_message_bytes(self, limit: usize) -> Self {
        self.change(|inner| {
            inner.largest_upload = limit;
            inner.taking.messages = Limits::for_messages_of(limit);
        })
    }

    /// Holds the messages of uploads to these limits. Call it after
    /// [`with_max_upload_message_bytes`](Self::with_max_upload_message_bytes), and before the service is cloned or
    /// served.
    #[must_use]
    pub fn with_message_limits(self, limits: Limits) -> Self {
        self.change(|inner| inner.taking.messages = limits)
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

    /// Lets a call in, or refuses it, before its message is looked at.
    pub(crate) async fn admit<B>(
        &self,
        request: http::Request<B>,
        verb: Verb,
    ) -> Result<http::Request<B>, Status> {
        let inner = &self.0;
        let (mut parts, body) = request.into_parts();
        let until = Call::until_of(&parts.headers);
        let patience = inner.limits.authentication_timeout;
        let admitted = inner.gate.admit(&mut parts, verb, inner.control.seal.keys(), patience);
        let refused = inner.answering.before(&until, admitted).await;
        let request = http::Request::from_parts(parts, body);
        let Err(error) = refused else { return Ok(request) };
        let mut call = Call::of(&Request::from_http(request.map(drop)));
        Err(inner.answering.begin(verb, &mut call)?.refuse(error))
    }

    /// Answers a call, whatever comes of it.
    pub(crate) async fn answer<B>(self, request: http::Request<B>) -> http::Response<Answer>
    where
        B: http_body::Body + Send + 'static,
        B::Error: Into<StdError> + Send + 'static,
    {
        let verb = Verb::of_path(request.uri().path());
        let request = match self.admit(request, verb).await {
            Ok(request) => request,
            Err(status) => return Answer::refusal(status),
        };
        let inner = self.0;
        if verb == Verb::DoGet {
            return inner.read(request).await.unwrap_or_else(Answer::refusal);
        }
        let largest = inner.largest_message(verb);
        let verbs = FlightServiceServer::from_arc(inner.clone()).max_decoding_message_size(largest);
        generated(&inner.answering, verb, request, verbs).await.map(Answer::Said)
    }

    pub(crate) fn plugin(&self) -> &Plugin {
        self.0.tables.plugin()
    }

    pub(crate) fn limits(&self) -> &ServiceLimits {
        &self.0.limits
    }

    /// What is counted of this service's calls.
    pub fn metrics(&self) -> &Metrics {
        self.0.answering.metrics()
    }

    pub(crate) fn life(&self) -> &Arc<Life> {
        self.0.answering.life()
    }

    /// Takes no more calls, and lets those under way end for this long; then ends them. A host that mounts the
    /// service calls it before it stops its own server. New calls are refused with `UNAVAILABLE` and when to try again.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # async fn example(service: flexconnect_flight::FlightService) {
    /// service.shut_down(Duration::from_secs(10)).await;
    /// # }
    /// ```
    pub async fn shut_down(&self, grace: Duration) {
        self.life().enter(Phase::Draining);
        if tokio::time::timeout(grace, self.life().idle()).await.is_err() {
            self.stop();
        }
    }

    /// Ends every call that is under way.
    pub(crate) fn stop(&self) {
        self.life().enter(Phase::Stopped);
        self.0.control.polls.stop();
    }
}

/// The places there are for reads, writes, infos and plans.
fn slots(limits: &ServiceLimits) -> (Arc<Slots>, Arc<Slots>, Arc<Slots>, Arc<Polls>) {
    let reads = Slots::new("reads", limits.reads, limits.reads_per_caller);
    let writes = Slots::new("writes", usize::MAX, limits.writes_per_caller);
    let infos = Slots::new("infos", usize::MAX, limits.infos_per_caller);
    (reads, writes, infos, Polls::new(limits))
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
        let service = self.clone();
        Box::pin(async move { Ok(service.answer(request).await.map(Answer::hosted)) })
    }
}

impl NamedService for FlightService {
    const NAME: &'static str = <FlightServiceServer<Inner> as NamedService>::NAME;
}

impl Inner {
    async fn read<B>(&self, request: http::Request<B>) -> Result<http::Response<Answer>, Status>
    where
        B: http_body::Body + Send + 'static,
        B::Error: Into<StdError> + Send + 'static,
    {
        let request: Request<Ticket> = received(&self.answering, request, LARGEST_TICKET).await?;
        let mut call = Call::of(&request);
        let reading = self.answering.begin(Verb::DoGet, &mut call)?;
        let opened = async {
            let slot = call.take(&self.reads)?;
            let planned = self.control.seal.open(&request.get_ref().ticket, &call.caller);
            Ok((slot, planned.inspect_err(|_| call.traffic.ticket_refused())?))
        };
        let (slot, planned) = reading.once(&call.until(), pin!(opened)).await?;
        let (run, cancelled) = self.control.running.begin(planned.read);
        let until = Until { cancelled: Some(cancelled), ..call.until() };
        let messages = get(&self.tables, &call, planned, self.encoding, slot.number());
        let messages = reading.once(&until, pin!(messages)).await?;
        // The read is under way for as long as its stream is there.
        let messages = messages.map(move |message| {
            let _held = (&slot, &run);
            message
        });
        Ok(Answer::rows(reading.many(until, messages)))
    }

    /// The largest message of this verb that is decoded at all.
    fn largest_message(&self, verb: Verb) -> usize {
        match verb {
            Verb::DoPut | Verb::DoExchange | Verb::Handshake => self.largest_upload,
            Verb::DoAction => self.limits.action_bytes,
            // A little more than is taken, so that a little too much is told what is wrong.
            _ => self.limits.descriptor_bytes.saturating_mul(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_no_room_twice() {
        let request = http::Request::new(tonic::body::Body::empty());
        let answer = FlightService::new(Plugin::new("none", "1.0.0")).answer(request);
        let size = std::mem::size_of_val(&answer);
        assert!(size < 8 << 10, "{size} bytes");
    }
}
