//! `Server`: a plugin served alone, from the address to the signal that ends it.

use std::net::SocketAddr;
use std::time::Duration;

use flexconnect_core::{Error, ErrorKind, Plugin, Result};
use tokio::net::{TcpListener, ToSocketAddrs};
use tonic::transport::server::TcpIncoming;

use crate::limits::ServiceLimits;
use crate::service::FlightService;

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
    /// [`ErrorKind::Config`] when the plugin is not put together well; [`ErrorKind::Unavailable`] when the address
    /// cannot be listened at.
    pub async fn bind(self, address: impl ToSocketAddrs) -> Result<Bound, Error> {
        self.service.plugin().check()?;
        let (listener, address) = listen(address).await?;
        Ok(Bound { server: self, listener, address })
    }
}

/// Listens at this address.
pub(crate) async fn listen(address: impl ToSocketAddrs) -> Result<(TcpListener, SocketAddr), Error> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound.await.map_err(|error: std::io::Error| {
        let message =
            format!("cannot listen at the address given: {error}; choose another, or stop who listens there");
        Error::new(ErrorKind::Unavailable, message).with_source(error)
    })
}

/// The transport beneath a service with these limits.
pub(crate) fn transport(limits: &ServiceLimits) -> tonic::transport::Server {
    tonic::transport::Server::builder()
        .max_frame_size(FRAME)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_concurrent_streams(limits.streams_per_connection)
        .http2_max_header_list_size(limits.header_list_bytes)
        .http2_keepalive_interval(Some(limits.keepalive_interval))
        .http2_keepalive_timeout(Some(limits.keepalive_timeout))
}

/// What comes in there.
pub(crate) fn incoming(listener: TcpListener) -> TcpIncoming {
    TcpIncoming::from(listener).with_nodelay(Some(true))
}

impl From<FlightService> for Server {
    /// Serves this service alone.
    fn from(service: FlightService) -> Self {
        Server { service, grace: GRACE }
    }
}

/// A server that listens; connections wait until it serves.
#[derive(Debug)]
pub struct Bound {
    server: Server,
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
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
        let Bound { server: Server { service, grace }, listener, address } = self;
        let (plugin, version) = (service.plugin().name(), service.plugin().version());
        tracing::info!(%address, plugin, version, "serving");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let limits = service.limits();
        let serving = transport(limits).add_service(service.clone());
        let serving = serving.serve_with_incoming_shutdown(incoming(listener), async {
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

pub(crate) fn failed(error: tonic::transport::Error) -> Error {
    Error::new(ErrorKind::Internal, "the server's transport failed").with_source(error)
}

/// Waits for SIGINT or SIGTERM.
pub(crate) async fn signal() {
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
