//! `Server`: a GoodData server from its address to the signal that ends it.

use std::net::SocketAddr;
use std::time::Duration;

use flexconnect_core::{Error, Plugin, Result};
use http::StatusCode;
use hyper::body::Incoming;
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::time::{sleep, timeout};
use tonic::Status;
use tonic::server::NamedService;

use super::options::Options;
use super::pages;
use super::service::Service;
use crate::identity::Authenticate;
use crate::limits::ServiceLimits;
use crate::listen::{Greeting, connections};
use crate::server::bound::failed;
use crate::server::http_port::{self, Page};
use crate::server::listen;
use crate::server::signals::first_and_second;
use crate::server::transport;
use crate::tls::{Certificates, Tls};
use crate::wire::body::Answer;

/// How long results may still be read once the server is told to stop.
const GRACE: Duration = Duration::from_secs(30);
/// How long connections may take to close once there is nothing left to read.
const FAREWELL: Duration = Duration::from_millis(500);

/// A server that GoodData can use as a FlexConnect data source.
///
/// ```no_run
/// use flexconnect_flight::Server;
///
/// # async fn example(plugin: flexconnect_core::Plugin) -> flexconnect_core::Result<()> {
/// Server::gooddata(plugin).serve("127.0.0.1:17001").await
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Server {
    service: Service,
    grace: Duration,
    tls: Option<Tls>,
    health_check: Option<(String, u16)>,
    metrics: Option<(String, u16)>,
}

impl crate::Server {
    /// Serves this plugin's connectors as the functions of a GoodData FlexConnect server: another dialect of Flight,
    /// with commands, tickets, errors and a life cycle of its own.
    pub fn gooddata(plugin: impl Into<Plugin>) -> Server {
        Service::new(plugin).into()
    }
}

impl Server {
    /// Answers as these options say, as [`Service::with_options`].
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.service = self.service.with_options(options);
        self
    }

    /// Takes this much at once, on a connection and from one caller, as [`Service::with_limits`].
    #[must_use]
    pub fn with_limits(mut self, limits: ServiceLimits) -> Self {
        self.service = self.service.with_limits(limits);
        self
    }

    /// Asks this who calls, as [`Service::with_authenticator`].
    #[must_use]
    pub fn with_authenticator(mut self, authenticate: impl Authenticate) -> Self {
        self.service = self.service.with_authenticator(authenticate);
        self
    }

    /// Serves over TLS, and over nothing else.
    #[must_use]
    pub fn with_tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Lets results be read for this long once the server is told to stop; 30 seconds if never said.
    #[must_use]
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Answers probes at this address: `/ready` and `/live`, each 204 for yes and 500 for no.
    #[must_use]
    pub fn with_health_check(mut self, (host, port): (impl Into<String>, u16)) -> Self {
        self.health_check = Some((host.into(), port));
        self
    }

    /// Shows what is counted at this address, in Prometheus' text format.
    #[must_use]
    pub fn with_metrics(mut self, (host, port): (impl Into<String>, u16)) -> Self {
        self.metrics = Some((host.into(), port));
        self
    }

    /// Begins the names of the metrics of tasks with this; with `gdfs` if never said.
    #[must_use]
    pub fn with_metrics_prefix(mut self, prefix: &str) -> Self {
        self.service = self.service.with_metrics_prefix(prefix);
        self
    }

    /// Listens at this address and serves until SIGINT or SIGTERM; a second one ends what is then left at once.
    ///
    /// # Errors
    /// What [`bind`](Self::bind) and [`Bound::serve`] give.
    pub async fn serve(self, address: impl ToSocketAddrs) -> Result<()> {
        Ok(self.bind(address).await?.serve().await?)
    }

    /// Listens at this address: port 0 takes a free one, which [`Bound::local_addr`] tells. Without a location of the
    /// operator's, clients are told to come there.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](flexconnect_core::ErrorKind::Config) when the certificates cannot be used,
    /// [`ErrorKind::Unavailable`](flexconnect_core::ErrorKind::Unavailable) when the address cannot be listened at.
    pub async fn bind(self, address: impl ToSocketAddrs) -> Result<Bound, Error> {
        self.bind_at(address, "the address given").await
    }

    /// The same, at an address of which errors speak in these words.
    pub(crate) async fn bind_at(self, address: impl ToSocketAddrs, words: &str) -> Result<Bound, Error> {
        let certificates = self.tls.map(Certificates::load).transpose()?;
        let scheme = if certificates.is_some() { "grpc+tls" } else { "grpc" };
        let metrics = port(self.metrics, "metrics_host").await?;
        let health_check = port(self.health_check, "health_check_host").await?;
        let (listener, address) = listen(address, words).await?;
        self.service.found_at(format!("{scheme}://{address}"));
        Ok(Bound {
            service: self.service,
            grace: self.grace,
            listener,
            address,
            certificates,
            health_check,
            metrics,
        })
    }
}

/// Listens where the setting of this name says, if it does.
async fn port(at: Option<(String, u16)>, setting: &str) -> Result<Option<(TcpListener, SocketAddr)>, Error> {
    match at {
        Some((host, port)) => {
            listen((host.as_str(), port), &format!("`{setting}`, {host}:{port}")).await.map(Some)
        }
        None => Ok(None),
    }
}

impl From<Service> for Server {
    /// Serves this service alone.
    fn from(service: Service) -> Self {
        Server { service, grace: GRACE, tls: None, health_check: None, metrics: None }
    }
}

/// A server that listens; connections wait until it serves.
#[derive(Debug)]
pub struct Bound {
    service: Service,
    grace: Duration,
    listener: TcpListener,
    address: SocketAddr,
    certificates: Option<Certificates>,
    health_check: Option<(TcpListener, SocketAddr)>,
    metrics: Option<(TcpListener, SocketAddr)>,
}

impl Bound {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Where it answers probes, if it does.
    pub fn health_check_addr(&self) -> Option<SocketAddr> {
        self.health_check.as_ref().map(|(_, address)| *address)
    }

    /// Where it shows metrics, if it does.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(|(_, address)| *address)
    }

    /// What answers, to be asked whether it is ready.
    pub fn service(&self) -> Service {
        self.service.clone()
    }

    /// Serves until SIGINT or SIGTERM; a second one ends what is then left at once.
    ///
    /// # Errors
    /// What [`serve_until`](Self::serve_until) gives;
    /// [`ErrorKind::Internal`](flexconnect_core::ErrorKind::Internal) when the process cannot listen to signals.
    pub async fn serve(self) -> Result<(), Error> {
        let (first, second) = first_and_second()?;
        self.serve_until(first, second).await
    }

    /// Answers that it is too early, loads the functions, and serves until `end` ends. Then new invocations are
    /// refused and results that are there can still be read, until all are, until the grace is over, or until `cut`
    /// ends.
    ///
    /// # Errors
    /// What [`Service::load`] gives; [`ErrorKind::Internal`](flexconnect_core::ErrorKind::Internal) when the transport
    /// ends by itself.
    pub async fn serve_until(
        self,
        end: impl Future<Output = ()>,
        cut: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        // Ends with this call: a set that is dropped aborts what is in it.
        let mut beside = tokio::task::JoinSet::new();
        if let Some(certificates) = self.certificates.clone() {
            beside.spawn(certificates.watch());
        }
        if let Some((listener, address)) = self.metrics {
            tracing::info!(%address, "metrics_started");
            let service = self.service.clone();
            let page = move |_: &str| Some(pages::metrics(&service));
            beside.spawn(http_port::serve(listener, Page::empty(StatusCode::NOT_IMPLEMENTED), page));
        }
        if let Some((listener, address)) = self.health_check {
            tracing::info!(%address, "health_check_started");
            let service = self.service.clone();
            let page = move |path: &str| Some(pages::probe(&service, path));
            beside.spawn(http_port::serve(listener, Page::empty(StatusCode::NOT_IMPLEMENTED), page));
        }
        let limits = self.service.limits();
        let greeting = Greeting {
            at_once: limits.handshakes.max(1),
            patience: limits.handshake_timeout,
            certificates: self.certificates,
        };
        let (service, grace, address) = (self.service.clone(), self.grace, self.address);
        tracing::info!(%address, "flight_service_start");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let door = service.clone();
        let answer = move |request| answer(door.clone(), request);
        let serving = transport::serve(limits, answer, connections(self.listener, greeting), async {
            // Gone or sent, both mean stop.
            let _ = stopped.await;
        });
        let (mut serving, mut cut) = (std::pin::pin!(serving), std::pin::pin!(cut));
        let working = async {
            service.load().await?;
            end.await;
            tracing::info!(%address, "server_shutdown_initiated");
            tokio::select! {
                () = service.drain() => {}
                () = sleep(grace) => tracing::warn!(%address, "results were not read in time"),
            }
            Ok(())
        };
        let ended = tokio::select! {
            () = &mut serving => return Err(failed()),
            ended = working => ended,
            () = &mut cut => {
                tracing::warn!(%address, "told to stop at once");
                Ok(())
            }
        };
        tracing::info!(%address, "flight_service_shutdown");
        service.stop();
        drop(stop);
        // A connection nobody closes does not keep the server: it ends with what serves it.
        let _ = timeout(FAREWELL, serving).await;
        tracing::info!(%address, "flight_service_finished");
        ended
    }
}

/// Answers a call, if it is one of Flight.
async fn answer(service: Service, request: http::Request<Incoming>) -> http::Response<Answer> {
    let path = request.uri().path().strip_prefix('/').unwrap_or_default();
    match path.split_once('/') {
        Some((Service::NAME, _)) => service.answer(request).await,
        _ => Answer::refusal(Status::unimplemented("")),
    }
}
