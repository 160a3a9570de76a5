//! A server that listens: from its first connection to its last.

use std::net::SocketAddr;
use std::time::Duration;

use flexconnect_core::{Error, ErrorKind};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tonic::Status;
use tonic::codegen::Service;
use tonic::server::NamedService;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::HealthService;

use crate::call::life::Phase;
use crate::listen::{Greeting, connections};
use crate::server::health::Health;
use crate::server::http_port::{Page, serve};
use crate::server::pages;
use crate::server::readiness::{ReadyWhen, await_ready};
use crate::server::signals::first_and_second;
use crate::server::transport;
use crate::service::FlightService;
#[cfg(feature = "tls")]
use crate::tls::Certificates;
use crate::wire::body::Answer;

/// How long calls that were ended may take to tell their clients.
const FAREWELL: Duration = Duration::from_millis(500);

/// A server that listens; connections wait until it serves.
#[derive(Debug)]
pub struct Bound {
    pub(crate) service: FlightService,
    pub(crate) grace: Duration,
    pub(crate) ready_when: ReadyWhen,
    pub(crate) listener: TcpListener,
    pub(crate) address: SocketAddr,
    #[cfg(feature = "tls")]
    pub(crate) certificates: Option<Certificates>,
    pub(crate) http: Option<(TcpListener, SocketAddr)>,
    pub(crate) metrics: Option<(TcpListener, SocketAddr)>,
}

impl Bound {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The certificates it will serve with, to be replaced while it does.
    #[cfg(feature = "tls")]
    pub fn certificates(&self) -> Option<Certificates> {
        self.certificates.clone()
    }

    /// Where probes are answered, when there is a port for that.
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http.as_ref().map(|(_, address)| *address)
    }

    /// Where metrics are shown, when there is a port for that.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        let (_, address) = self.metrics.as_ref().or(self.http.as_ref())?;
        Some(*address)
    }

    /// Serves until SIGINT or SIGTERM, then as [`serve_until`](Self::serve_until) says. A second signal ends the grace.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] when the transport ends by itself, or when the process cannot listen to signals.
    pub async fn serve(self) -> Result<(), Error> {
        let (first, second) = first_and_second()?;
        self.serve_until_cut(first, second).await
    }

    /// Serves until this future ends, then stops in order: health and readiness say so first, new calls are refused
    /// with `UNAVAILABLE` and when to try again, those under way may end for as long as the grace allows. What is left
    /// then is ended, and half a second later every connection is cut, also that of a client that says nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] when the transport ends by itself.
    pub async fn serve_until(self, end: impl Future<Output = ()>) -> Result<(), Error> {
        self.serve_until_cut(end, std::future::pending()).await
    }

    /// Serves [until](Self::serve_until) `end`; when `cut` ends, the grace is over at once.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] when the transport ends by itself.
    pub async fn serve_until_cut(
        self,
        end: impl Future<Output = ()>,
        cut: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        #[cfg(feature = "tls")]
        let certificates = self.certificates.clone();
        #[cfg(feature = "tls")]
        let mut watching = JoinSet::new();
        #[cfg(feature = "tls")]
        if let Some(certificates) = certificates.clone() {
            // Ends with this call: a set that is dropped aborts what is in it.
            watching.spawn(certificates.watch());
        }
        let Bound { service, grace, ready_when, listener, address, http, metrics, .. } = self;
        let (plugin, version) = (service.plugin().name(), service.plugin().version());
        tracing::info!(%address, plugin, version, "serving");
        let (life, health) = (service.life().clone(), Health::of(&service).await);
        life.enter(Phase::Starting);
        // They answer to the very end.
        let _ports = ports(&service, http, metrics);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let limits = service.limits();
        let greeting = Greeting {
            at_once: limits.handshakes.max(1),
            patience: limits.handshake_timeout,
            #[cfg(feature = "tls")]
            certificates,
        };
        let (door, probed) = (service.clone(), health.server());
        let answer = move |request| answer(door.clone(), probed.clone(), request);
        let serving = transport::serve(limits, answer, connections(listener, greeting), async {
            // Gone or sent, both mean stop.
            let _ = stopped.await;
        });
        let (mut serving, mut cut) = (std::pin::pin!(serving), std::pin::pin!(cut));
        let ready = async {
            await_ready(service.plugin(), ready_when, &life, &health).await;
            std::future::pending().await
        };
        let cut_short = tokio::select! {
            () = &mut serving => return Err(failed()),
            () = ready => false,
            () = end => false,
            () = &mut cut => true,
        };
        tracing::info!(%address, "stopping");
        health.none().await;
        life.enter(Phase::Draining);
        let cut = async {
            if !cut_short {
                cut.await;
            }
        };
        let drained = async {
            life.idle().await;
            // Only now: until the last call has ended, who comes is told to try again.
            drop(stop);
            health.close().await;
            std::future::pending().await
        };
        tokio::select! {
            () = &mut serving => return Ok(()),
            () = drained => {}
            () = sleep(grace) => tracing::warn!(%address, "calls did not end in time and are ended"),
            () = cut => tracing::warn!(%address, "told to stop at once, calls are ended"),
        }
        service.stop();
        // Connections that are left then end with it.
        let _ = timeout(FAREWELL, serving).await;
        Ok(())
    }
}

/// Answers a call of one of the services there are.
async fn answer(
    service: FlightService,
    mut health: HealthServer<HealthService>,
    request: http::Request<Incoming>,
) -> http::Response<Answer> {
    let path = request.uri().path().strip_prefix('/').unwrap_or_default();
    match path.split_once('/').map(|(service, _)| service) {
        Some(FlightService::NAME) => service.answer(request).await,
        Some(HealthServer::<HealthService>::NAME) => {
            let Ok(answered) = health.call(request).await;
            answered.map(Answer::Said)
        }
        _ => Answer::refusal(Status::unimplemented("")),
    }
}

/// Answers HTTP until it is dropped.
fn ports(
    service: &FlightService,
    http: Option<(TcpListener, SocketAddr)>,
    metrics: Option<(TcpListener, SocketAddr)>,
) -> JoinSet<()> {
    let mut ports = JoinSet::new();
    let alone = metrics.is_none();
    if let Some((listener, address)) = http {
        tracing::info!(%address, "answering probes");
        let service = service.clone();
        ports.spawn(serve(listener, Page::other_method(), move |path| {
            let metrics = || alone.then(|| pages::metrics(&service, path)).flatten();
            pages::probe(&service, path).or_else(metrics)
        }));
    }
    if let Some((listener, address)) = metrics {
        tracing::info!(%address, "showing metrics");
        let service = service.clone();
        ports.spawn(serve(listener, Page::other_method(), move |path| pages::metrics(&service, path)));
    }
    ports
}

/// It ends before it is told to only if accepting connections does.
pub(crate) fn failed() -> Error {
    Error::new(ErrorKind::Internal, "the server's transport ended by itself")
}
