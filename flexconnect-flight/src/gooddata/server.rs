//! `Server`: a GoodData server from its address to the signal that ends it.

use std::net::SocketAddr;
use std::time::Duration;

use flexconnect_core::{Error, Plugin, Result};
use tokio::net::{TcpListener, ToSocketAddrs};

use super::options::Options;
use super::service::Service;
use crate::server::{failed, incoming, listen, signal, transport};

/// How long results may still be read once the server is told to stop.
const GRACE: Duration = Duration::from_secs(30);
/// How long connections may take to close once there is nothing left to read.
const FAREWELL: Duration = Duration::from_secs(1);

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
    plugin: Plugin,
    options: Options,
    grace: Duration,
}

impl crate::Server {
    /// Serves this plugin's connectors as the functions of a GoodData FlexConnect server: another dialect of Flight,
    /// with commands, tickets, errors and a life cycle of its own.
    pub fn gooddata(plugin: impl Into<Plugin>) -> Server {
        Server { plugin: plugin.into(), options: Options::default(), grace: GRACE }
    }
}

impl Server {
    /// Answers as these options say.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Lets results be read for this long once the server is told to stop; 30 seconds if never said.
    #[must_use]
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
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
    /// [`ErrorKind::Unavailable`](flexconnect_core::ErrorKind::Unavailable) when the address cannot be listened at.
    pub async fn bind(self, address: impl ToSocketAddrs) -> Result<Bound, Error> {
        let (listener, address) = listen(address).await?;
        let service = Service::new(self.plugin, self.options);
        service.found_at(format!("grpc://{address}"));
        Ok(Bound { service, grace: self.grace, listener, address })
    }
}

/// A server that listens; connections wait until it serves.
#[derive(Debug)]
pub struct Bound {
    service: Service,
    grace: Duration,
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What answers, to be asked whether it is ready.
    pub fn service(&self) -> Service {
        self.service.clone()
    }

    /// Serves until SIGINT or SIGTERM; a second one ends what is then left at once.
    ///
    /// # Errors
    /// What [`serve_until`](Self::serve_until) gives.
    pub async fn serve(self) -> Result<(), Error> {
        self.serve_until(signal(), signal()).await
    }

    /// Answers that it is too early, loads the functions, and serves until the first future ends. Then new
    /// invocations are refused and results that are there can still be read, until all are, until the grace is over,
    /// or until the second future ends.
    ///
    /// # Errors
    /// What [`Service::load`] gives; [`ErrorKind::Internal`](flexconnect_core::ErrorKind::Internal) when the transport fails.
    pub async fn serve_until(
        self,
        end: impl Future<Output = ()>,
        at_once: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let Bound { service, grace, listener, address } = self;
        tracing::info!(%address, "flight_service_start");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = transport(service.limits()).add_service(service.clone());
        let serving = serving.serve_with_incoming_shutdown(incoming(listener), async {
            // Gone or sent, both mean stop.
            let _ = stopped.await;
        });
        let mut serving = std::pin::pin!(serving);
        let working = async {
            service.load().await?;
            end.await;
            Ok(())
        };
        let ended = tokio::select! {
            served = &mut serving => return served.map_err(failed),
            ended = working => ended,
        };
        if ended.is_ok() {
            tracing::info!(%address, "server_shutdown_initiated");
            let drained = async {
                tokio::select! {
                    () = service.drain() => {}
                    () = tokio::time::sleep(grace) => tracing::warn!(%address, "results were not read in time"),
                    () = at_once => tracing::warn!(%address, "stopped at once"),
                }
            };
            tokio::select! {
                served = &mut serving => return served.map_err(failed),
                () = drained => {}
            }
        }
        service.stop();
        drop(stop);
        // A connection nobody closes does not keep the server.
        let served = tokio::time::timeout(FAREWELL, serving).await.unwrap_or(Ok(())).map_err(failed);
        tracing::info!(%address, "flight_service_finished");
        ended.and(served)
    }
}
