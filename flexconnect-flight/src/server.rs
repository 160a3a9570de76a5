//! `Server`: a plugin served alone, from the address to the signal that ends it.

use std::net::SocketAddr;
use std::time::Duration;

use flexconnect_core::{Error, ErrorKind, Plugin, Result};
use tokio::net::{TcpListener, ToSocketAddrs};

use crate::identity::{Authenticate, Authorize};
use crate::limits::ServiceLimits;
use crate::listen::{Greeting, connections};
use crate::service::FlightService;
#[cfg(feature = "tls")]
use crate::tls::{Certificates, Tls};

/// How long calls may go on once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long connections may take to close once their calls have ended.
const FAREWELL: Duration = Duration::from_secs(1);

/// Uploads come in frames of this size, which halves what receiving costs.
const FRAME: u32 = 1 << 20;
/// What may be under way of one upload,
const STREAM_WINDOW: u32 = 8 << 20;
/// and of all of a connection's, so that links with latency are filled.
const CONNECTION_WINDOW: u32 = 16 << 20;

/// A server for one plugin. What there is to set about its answers is set on the [`FlightService`] it is made from.
///
/// ```no_run
/// # async fn example(plugin: flexconnect_core::Plugin) -> flexconnect_core::Result<()> {
/// flexconnect_flight::Server::new(plugin).serve("127.0.0.1:8815").await
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Server {
    service: FlightService,
    grace: Duration,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
}

impl Server {
    /// Serves this plugin.
    pub fn new(plugin: impl Into<Plugin>) -> Self {
        FlightService::new(plugin).into()
    }

    /// Sends a single row up to this many bytes, as [`FlightService::with_max_message_bytes`].
    #[must_use]
    pub fn with_max_message_bytes(mut self, limit: usize) -> Self {
        self.service = self.service.with_max_message_bytes(limit);
        self
    }

    /// Takes this much at once, on a connection and from one caller, as [`FlightService::with_limits`].
    #[must_use]
    pub fn with_limits(mut self, limits: ServiceLimits) -> Self {
        self.service = self.service.with_limits(limits);
        self
    }

    /// Asks this who calls, as [`FlightService::with_authenticator`].
    #[must_use]
    pub fn with_authenticator(mut self, authenticate: impl Authenticate) -> Self {
        self.service = self.service.with_authenticator(authenticate);
        self
    }

    /// Asks this what a caller may do to a table, as [`FlightService::with_authorizer`].
    #[must_use]
    pub fn with_authorizer(mut self, authorize: impl Authorize) -> Self {
        self.service = self.service.with_authorizer(authorize);
        self
    }

    /// Serves over TLS, and over nothing else.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn with_tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Lets calls go on for this long once the server is told to stop; 10 seconds if never said.
    #[must_use]
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Listens at this address and serves until SIGINT or SIGTERM, then lets the calls under way end.
    ///
    /// # Errors
    /// What [`bind`](Self::bind) gives; [`ErrorKind::Internal`] when the transport fails.
    pub async fn serve(self, address: impl ToSocketAddrs) -> Result<()> {
        Ok(self.bind(address).await?.serve().await?)
    }

    /// Listens at this address: port 0 takes a free one, which [`Bound::local_addr`] tells.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the plugin is not put together well, or the certificates cannot be used;
    /// [`ErrorKind::Unavailable`] when the address
    /// cannot be listened at.
    pub async fn bind(self, address: impl ToSocketAddrs) -> Result<Bound, Error> {
        self.service.plugin().check()?;
        #[cfg(feature = "tls")]
        let certificates = self.tls.clone().map(Certificates::load).transpose()?;
        let bound = async {
            let listener = TcpListener::bind(address).await?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = bound.await.map_err(|error: std::io::Error| {
            let message = format!(
                "cannot listen at the address given: {error}; choose another, or stop who listens there"
            );
            Error::new(ErrorKind::Unavailable, message).with_source(error)
        })?;
        Ok(Bound {
            server: self,
            listener,
            address,
            #[cfg(feature = "tls")]
            certificates,
        })
    }
}

impl From<FlightService> for Server {
    /// Serves this service alone.
    fn from(service: FlightService) -> Self {
        Server {
            service,
            grace: GRACE,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

/// A server that listens; connections wait until it serves.
#[derive(Debug)]
pub struct Bound {
    server: Server,
    listener: TcpListener,
    address: SocketAddr,
    #[cfg(feature = "tls")]
    certificates: Option<Certificates>,
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

    /// Serves until SIGINT or SIGTERM.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] when the transport fails.
    pub async fn serve(self) -> Result<(), Error> {
        self.serve_until(signal()).await
    }

    /// Serves until this future ends, then lets the calls under way end, for as long as the grace allows.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] when the transport fails.
    pub async fn serve_until(self, end: impl Future<Output = ()>) -> Result<(), Error> {
        #[cfg(feature = "tls")]
        let certificates = self.certificates.clone();
        #[cfg(feature = "tls")]
        let mut watching = tokio::task::JoinSet::new();
        #[cfg(feature = "tls")]
        if let Some(certificates) = certificates.clone() {
            // Ends with this call: a set that is dropped aborts what is in it.
            watching.spawn(certificates.watch());
        }
        let Bound { server: Server { service, grace, .. }, listener, address, .. } = self;
        let (plugin, version) = (service.plugin().name(), service.plugin().version());
        tracing::info!(%address, plugin, version, "serving");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let limits = service.limits();
        let greeting = Greeting {
            at_once: limits.handshakes.max(1),
            patience: limits.handshake_timeout,
            #[cfg(feature = "tls")]
            certificates,
        };
        let serving = tonic::transport::Server::builder()
            .max_frame_size(FRAME)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_concurrent_streams(limits.streams_per_connection)
            .http2_max_header_list_size(limits.header_list_bytes)
            .http2_keepalive_interval(Some(limits.keepalive_interval))
            .http2_keepalive_timeout(Some(limits.keepalive_timeout))
            .add_service(service.clone())
            .serve_with_incoming_shutdown(connections(listener, greeting), async {
                // Gone or sent, both mean stop.
                let _ = stopped.await;
            });
        let mut serving = std::pin::pin!(serving);
        tokio::select! {
            served = &mut serving => return served.map_err(failed),
            () = end => {}
        }
        tracing::info!(%address, "stopping");
        drop(stop);
        if let Ok(served) = tokio::time::timeout(grace, &mut serving).await {
            return served.map_err(failed);
        }
        tracing::warn!(%address, "calls did not end in time and are ended");
        service.stop();
        // A connection nobody closes does not keep the server.
        tokio::time::timeout(FAREWELL, serving).await.unwrap_or(Ok(())).map_err(failed)
    }
}

fn failed(error: tonic::transport::Error) -> Error {
    Error::new(ErrorKind::Internal, "the server's transport failed").with_source(error)
}

/// Waits for SIGINT or SIGTERM.
async fn signal() {
    let interrupted = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "SIGINT cannot be awaited");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be awaited");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
