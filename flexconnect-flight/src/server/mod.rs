//! `Server`: a plugin served alone, and all that is to be said of it before it listens.

pub(crate) mod bound;
pub(crate) mod guarded;
pub(crate) mod health;
pub(crate) mod http_port;
pub(crate) mod pages;
pub(crate) mod readiness;
pub(crate) mod signals;
pub(crate) mod transport;

use std::net::SocketAddr;
use std::time::Duration;

use flexconnect_core::{Error, ErrorKind, Plugin, Result};
use tokio::net::{TcpListener, ToSocketAddrs};

use crate::identity::{Authenticate, Authorize};
use crate::limits::ServiceLimits;
use crate::server::bound::Bound;
use crate::server::readiness::ReadyWhen;
use crate::service::FlightService;
#[cfg(feature = "tls")]
use crate::tls::{Certificates, Tls};

/// How long calls may go on once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

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
    ready_when: ReadyWhen,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
    http: Option<String>,
    metrics: Option<String>,
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

    /// Calls itself ready then; as soon as it listens, if never said.
    #[must_use]
    pub fn with_ready_when(mut self, when: ReadyWhen) -> Self {
        self.ready_when = when;
        self
    }

    /// Answers HTTP at this address, too: `/live` and `/ready` for probes, and `/metrics` in the format of Prometheus.
    /// There is no login and no TLS, so let it be an address that only the operator reaches.
    ///
    /// ```no_run
    /// # async fn example(plugin: flexconnect_core::Plugin) -> flexconnect_core::Result<()> {
    /// let server = flexconnect_flight::Server::new(plugin).with_http_port("127.0.0.1:9815");
    /// server.serve("0.0.0.0:8815").await
    /// # }
    /// ```
    #[must_use]
    pub fn with_http_port(mut self, address: impl Into<String>) -> Self {
        self.http = Some(address.into());
        self
    }

    /// Answers `/metrics` at this address, and not at that of [`with_http_port`](Self::with_http_port).
    #[must_use]
    pub fn with_metrics_port(mut self, address: impl Into<String>) -> Self {
        self.metrics = Some(address.into());
        self
    }

    /// Listens at this address and serves until SIGINT or SIGTERM, then lets the calls under way end; see
    /// [`Bound::serve`].
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
    /// [`ErrorKind::Unavailable`] when an address cannot be listened at.
    pub async fn bind(self, address: impl ToSocketAddrs) -> Result<Bound, Error> {
        self.service.plugin().check()?;
        #[cfg(feature = "tls")]
        let certificates = self.tls.clone().map(Certificates::load).transpose()?;
        let Server { service, grace, ready_when, http, metrics, .. } = self;
        let (listener, address) = listen(address, "the address given").await?;
        let http = match &http {
            Some(address) => Some(listen(address, address).await?),
            None => None,
        };
        let metrics = match &metrics {
            Some(address) => Some(listen(address, address).await?),
            None => None,
        };
        Ok(Bound {
            service,
            grace,
            ready_when,
            listener,
            address,
            http,
            metrics,
            #[cfg(feature = "tls")]
            certificates,
        })
    }
}

/// Listens there; `name` is what a message calls it.
pub(crate) async fn listen(
    address: impl ToSocketAddrs,
    name: &str,
) -> Result<(TcpListener, SocketAddr), Error> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound.await.map_err(|error: std::io::Error| {
        let message = format!("cannot listen at {name}: {error}; choose another, or stop who listens there");
        Error::new(ErrorKind::Unavailable, message).with_source(error)
    })
}

impl From<FlightService> for Server {
    /// Serves this service alone.
    fn from(service: FlightService) -> Self {
        Server {
            service,
            grace: GRACE,
            ready_when: ReadyWhen::default(),
            http: None,
            metrics: None,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}
