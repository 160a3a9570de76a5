//! The service of a GoodData server: how it is put together and mounted, and DoGet.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use arrow_flight::Ticket;
use arrow_flight::flight_service_server::FlightServiceServer;
use flexconnect_core::{Error, ErrorKind, Plugin};
use futures::TryStreamExt;
use tonic::codegen::{BoxFuture, Service as TowerService, StdError};
use tonic::server::NamedService;
use tonic::{Request, Status};

use super::announced::Announced;
use super::availability::Availability;
use super::dialect::{GoodData, dressed};
use super::fault::Fault;
use super::figures::in_text_format;
use super::function::Functions;
use super::options::Options;
use super::spans;
use super::tasks::Tasks;
use super::ticket;
use super::verbs::Inner;
use crate::call::Call;
use crate::call::answer::Answering;
use crate::call::generated::{generated, received};
use crate::call::life::{Phase, Stopping};
use crate::call::slots::Slots;
use crate::call::until::Until;
use crate::identity::Authenticate;
use crate::keys::Keys;
use crate::limits::ServiceLimits;
use crate::status::{Speaker, Verb};
use crate::verbs::gate::Gate;
use crate::wire::body::Answer;
use crate::wire::encode::{Encoding, Messages};

/// A ticket is some fifty bytes long; one that is somewhat longer is told what is wrong.
const LARGEST_TICKET: usize = 64 << 10;
/// An execution context names every element of its filters, of which there may be hundreds of thousands.
const LARGEST_COMMAND: usize = 16 << 20;
/// How the names of the metrics of tasks begin.
const METRICS_PREFIX: &str = "gdfs";
/// How often it is looked whether there is still something to wait for.
const LOOK: Duration = Duration::from_millis(50);

/// A plugin's connectors as the functions of a GoodData server, to be mounted in a tonic server.
///
/// [`Server`](super::Server) runs it alone. Calls are refused as too early until [`load`](Self::load) has ended.
///
/// ```
/// use flexconnect_core::{Plugin, Result};
/// use flexconnect_flight::gooddata::{Options, Service};
/// use tonic::transport::Server;
///
/// # async fn example() -> Result<()> {
/// let options = Options::default().with_location("grpc://functions.example.com:17001");
/// let service = Service::new(Plugin::new("samples", "1.0.0")).with_options(options);
/// service.load().await?;
/// let router = Server::builder().add_service(service);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Service(Arc<Inner>);

impl Service {
    /// Serves this plugin, once its functions are loaded.
    pub fn new(plugin: impl Into<Plugin>) -> Self {
        let limits = ServiceLimits::default().with_descriptor_bytes(LARGEST_COMMAND);
        let mut answering = Answering::new(Speaker::new(GoodData));
        answering.show_spans(spans::of_calls(false));
        Service(Arc::new(Inner {
            plugin: plugin.into(),
            functions: OnceLock::new(),
            gate: Gate::default(),
            keys: Keys::random(),
            available: Availability::default(),
            metrics_prefix: METRICS_PREFIX.to_owned(),
            unwell: Mutex::default(),
            tasks: Tasks::new(Options::default()),
            location: OnceLock::new(),
            answering,
            reads: reads(&limits),
            limits,
        }))
    }

    /// Answers as these options say. Call it before the service is cloned or served.
    #[must_use]
    pub fn with_options(self, options: Options) -> Self {
        self.change(|inner| {
            inner.answering.show_spans(spans::of_calls(options.extract_context));
            inner.location = options.location.clone().map(OnceLock::from).unwrap_or_default();
            inner.tasks = Tasks::new(options);
        })
    }

    /// Takes this much at once, and from one caller. Call it before the service is cloned or served.
    #[must_use]
    pub fn with_limits(self, limits: ServiceLimits) -> Self {
        self.change(|inner| {
            inner.reads = reads(&limits);
            inner.limits = limits;
        })
    }

    /// Asks this who calls, before anything else is done about any call; everybody may call if never said. See
    /// [`identity`](crate::identity). Call it before the service is cloned or served.
    #[must_use]
    pub fn with_authenticator(self, authenticate: impl Authenticate) -> Self {
        self.change(|inner| inner.gate.set_authenticator(Arc::new(authenticate)))
    }

    fn change(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        match Arc::get_mut(&mut self.0) {
            Some(inner) => change(inner),
            None => tracing::warn!("a GoodData service that is shared already cannot be changed"),
        }
        self
    }

    /// Opens the connectors that need nothing of a call, and then lets calls in.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](flexconnect_core::ErrorKind::Config) for a plugin that is not put together well or a
    /// function whose columns nobody declared; what a connector raised that could not be opened.
    pub async fn load(&self) -> Result<(), Error> {
        tracing::info!("flexconnect_init");
        let functions = Functions::load(&self.0.plugin, &self.0.tasks.options().functions).await?;
        let _ = self.0.functions.set(functions);
        self.0.available.open();
        tracing::info!("rpc_enabled");
        Ok(())
    }

    /// Whether functions are loaded and calls let in.
    pub fn is_ready(&self) -> bool {
        self.0.available.is_open()
    }

    /// Says whether a part of the program works. While one does not, the server does not call itself alive, so that
    /// whoever looks after it starts it anew.
    ///
    /// ```
    /// # use flexconnect_core::Plugin;
    /// # use flexconnect_flight::gooddata::Service;
    /// let service = Service::new(Plugin::new("samples", "1.0.0"));
    /// service.set_module_status("database", false);
    /// assert!(!service.is_live());
    /// service.set_module_status("database", true);
    /// assert!(service.is_live());
    /// ```
    pub fn set_module_status(&self, module: impl Into<String>, works: bool) {
        let (module, mut unwell) = (module.into(), self.unwell());
        if works {
            unwell.remove(&module)
        } else {
            unwell.insert(module)
        };
    }

    /// Whether all parts of the program work, as far as they have said.
    pub fn is_live(&self) -> bool {
        self.unwell().is_empty()
    }

    fn unwell(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.unwell.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins no new invocation, and waits until those there are have ended and their results were read, for as long
    /// as it takes.
    pub async fn drain(&self) {
        self.0.available.close();
        while self.0.tasks.are_outstanding() {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Ends every call and every task.
    pub fn stop(&self) {
        self.0.available.close();
        self.0.answering.life().enter(Phase::Stopped);
        self.0.tasks.stop();
    }

    /// Begins the names of the metrics of tasks with this.
    pub(crate) fn with_metrics_prefix(self, prefix: &str) -> Self {
        self.change(|inner| inner.metrics_prefix = prefix.to_owned())
    }

    /// What is counted of tasks, and of calls, in Prometheus' text format.
    pub fn metrics_text(&self) -> String {
        let tasks = self.0.tasks.figures(&self.0.metrics_prefix);
        format!("{tasks}{}", in_text_format(&self.0.answering.metrics().to_text()))
    }

    /// Says where clients find this process, unless the operator has.
    pub(crate) fn found_at(&self, location: String) {
        let _ = self.0.location.set(location);
    }

    /// Answers a call, whatever comes of it.
    pub(crate) async fn answer<B>(self, request: http::Request<B>) -> http::Response<Answer>
    where
        B: http_body::Body + Send + 'static,
        B::Error: Into<StdError> + Send + 'static,
    {
        let inner = self.0;
        let verb = Verb::of_path(request.uri().path());
        let request = match inner.admit(request, verb).await {
            Ok(request) => request,
            Err(status) => return Answer::refusal(dressed(status)),
        };
        if verb == Verb::DoGet {
            let rows = inner.rows(request).await;
            return rows.unwrap_or_else(|status| Answer::refusal(dressed(status)));
        }
        let largest = inner.limits.descriptor_bytes;
        let verbs = FlightServiceServer::from_arc(inner.clone()).max_decoding_message_size(largest);
        dress(generated(&inner.answering, verb, request, verbs).await).map(Answer::Said)
    }

    pub(crate) fn limits(&self) -> &ServiceLimits {
        &self.0.limits
    }
}

fn reads(limits: &ServiceLimits) -> Arc<Slots> {
    Slots::new("reads", limits.reads, limits.reads_per_caller)
}

/// DoGet is answered here, with a body of its own that does not copy; every other verb by the generated service.
impl<B> TowerService<http::Request<B>> for Service
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

impl NamedService for Service {
    const NAME: &'static str = <FlightServiceServer<Inner> as NamedService>::NAME;
}

/// What the transport itself refused says so in the trailers of the dialect, too.
fn dress(response: http::Response<tonic::body::Body>) -> http::Response<tonic::body::Body> {
    match Status::from_header_map(response.headers()) {
        Some(status) if status.code() != tonic::Code::Ok => dressed(status).into_http(),
        _ => response,
    }
}

impl Inner {
    /// Lets a call in, or refuses it, before its message is looked at.
    async fn admit<B>(&self, request: http::Request<B>, verb: Verb) -> Result<http::Request<B>, Status> {
        let (mut parts, body) = request.into_parts();
        let until = Call::until_of(&parts.headers);
        let patience = self.limits.authentication_timeout;
        let admitted = self.gate.admit(&mut parts, verb, &self.keys, patience);
        let refusal = match self.answering.before(&until, admitted).await {
            Ok(()) => return Ok(http::Request::from_parts(parts, body)),
            Err(error) if error.kind() == ErrorKind::Unavailable && error.cause::<Stopping>().is_none() => {
                Fault::backpressure(error.message()).into()
            }
            Err(error) => error,
        };
        let mut call = Call::of(&Request::from_http(http::Request::from_parts(parts, ())));
        Err(self.answering.begin(verb, &mut call)?.refuse(refusal))
    }

    /// The schema and the rows of a result. All the read holds hangs on the body.
    async fn rows<B>(&self, request: http::Request<B>) -> Result<http::Response<Answer>, Status>
    where
        B: http_body::Body + Send + 'static,
        B::Error: Into<StdError> + Send + 'static,
    {
        let request: Request<Ticket> = received(&self.answering, request, LARGEST_TICKET).await?;
        let mut call = Call::of(&request);
        let reading = self.answering.begin(Verb::DoGet, &mut call)?;
        let opened = async {
            self.available.pass_again()?;
            let slot = call.take(&self.reads)?;
            let name = ticket::parse(&request.get_ref().ticket)?;
            let task = self.tasks.get(&name).ok_or_else(|| Fault::no_result(name))?;
            let held = task.done().await?;
            let (task_id, fun) = (task.id, &task.function);
            let cancelled = Some(task.end_of_reads());
            let (rows, bytes) = (call.traffic.clone(), call.traffic.clone());
            let num_rows = held.rows();
            let batches = held.read()?.inspect_ok(move |batch| rows.batch(batch.num_rows()));
            // Whichever is heard first: that the task is ended, or that its result is gone.
            let reading = task.clone();
            let batches = batches.map_err(move |error| match error.cause::<Fault>() {
                Some(fault) if *fault == Fault::consumed() && reading.has_ended() => {
                    Fault::was_cancelled(task_id).into()
                }
                _ => error,
            });
            match num_rows {
                Some(num_rows) => tracing::info!(%task_id, fun, num_rows, "do_get_table"),
                None => tracing::info!(%task_id, fun, "do_get_reader"),
            }
            let Announced { schema, bytes: encapsulated } = held.columns();
            let messages = Messages::announced(schema, encapsulated.clone(), batches, Encoding::uncut())?;
            let messages = messages.inspect_ok(move |message| {
                // The read is under way for as long as its stream is there.
                let _held = &slot;
                bytes.message(message.len());
            });
            let until = Until {
                cancelled,
                when_cancelled: Some(Fault::was_cancelled(task_id).into()),
                ..call.until()
            };
            Ok((until, messages))
        };
        let (until, messages) = reading.once(&call.until(), pin!(opened)).await?;
        Ok(Answer::rows(reading.many(until, messages)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_no_room_twice() {
        let request = http::Request::new(tonic::body::Body::empty());
        let answer = Service::new(Plugin::new("none", "1.0.0")).answer(request);
        let size = std::mem::size_of_val(&answer);
        assert!(size < 4 << 10, "{size} bytes");
    }
}
