//! The transport beneath a service, and connections that are not kept for ever.

use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tonic::service::Routes;
use tonic::transport::server::Connected;
use tonic::transport::{Error, Server};

use crate::call::severed::Shears;
use crate::limits::ServiceLimits;

/// Uploads come in frames of this size, which halves what receiving costs.
const FRAME: u32 = 1 << 20;
/// What may be under way of one upload,
const STREAM_WINDOW: u32 = 8 << 20;
/// and of all of a connection's, so that links with latency are filled.
const CONNECTION_WINDOW: u32 = 16 << 20;

/// Serves these connections until it is told to stop, then waits until their clients have let go of them.
///
/// Where connections have an age, each has a server of its own: that is how one of them can be told to end, and its
/// client to come back over another, without the rest. All of them at the same age would come back at once.
pub(crate) async fn serve<IO>(
    limits: &ServiceLimits,
    routes: Routes,
    incoming: impl Stream<Item = Result<IO, Infallible>> + Send,
    stopped: impl Future<Output = ()>,
) -> Result<(), Error>
where
    IO: AsyncRead + AsyncWrite + Connected<ConnectInfo: Clone + Send + Sync> + Unpin + Send + 'static,
{
    let Some(age) = limits.connection_age else {
        return transport(limits).add_routes(routes).serve_with_incoming_shutdown(incoming, stopped).await;
    };
    let (stop, told) = watch::channel(false);
    let mut connections = JoinSet::new();
    {
        let (mut incoming, mut stopped) = (std::pin::pin!(incoming), std::pin::pin!(stopped));
        loop {
            tokio::select! {
                () = &mut stopped => break,
                next = incoming.next() => match next {
                    Some(Ok(io)) => {
                        let (limits, routes, age) = (limits.clone(), routes.clone(), jittered(age));
                        connections.spawn(serve_one(io, limits, routes, age, told.clone()));
                    }
                    None => break,
                },
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
            }
        }
    }
    stop.send_replace(true);
    while connections.join_next().await.is_some() {}
    Ok(())
}

/// Serves one connection until it is this old, or all are told to stop; cuts it when it is too old after that.
async fn serve_one<IO>(
    io: IO,
    limits: ServiceLimits,
    routes: Routes,
    age: Duration,
    mut told: watch::Receiver<bool>,
) where
    IO: AsyncRead + AsyncWrite + Connected<ConnectInfo: Clone + Send + Sync> + Unpin + Send + 'static,
{
    let shears = Shears::new();
    let io = shears.lend()(io);
    // The transport takes the end of the stream for the word to stop.
    let incoming = stream::iter([Ok::<_, Infallible>(io)]).chain(stream::pending());
    let end = async {
        tokio::select! {
            () = sleep(age) => tracing::debug!("a connection is old, and its client told to open another"),
            // Gone means stop, too.
            _ = told.wait_for(|told| *told) => {}
            () = shears.gone() => {}
        }
    };
    let grace = limits.connection_age_grace.and_then(|grace| age.checked_add(grace));
    let cut = async {
        if let Some(grace) = grace {
            sleep(grace).await;
            shears.cut();
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        served = transport(&limits).add_routes(routes).serve_with_incoming_shutdown(incoming, end) => {
            if let Err(error) = served {
                tracing::debug!(%error, "a connection could not be served");
            }
        }
        () = cut => {}
    }
}

/// The age, give or take a tenth.
fn jittered(age: Duration) -> Duration {
    // Each state of the standard library's hashes is a new one.
    let random = (RandomState::new().hash_one(0) % 1_000) as f64 / 1_000.0;
    age.mul_f64(0.9 + 0.2 * random)
}

/// The transport beneath a service with these limits.
fn transport(limits: &ServiceLimits) -> Server {
    Server::builder()
        .max_frame_size(FRAME)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_concurrent_streams(limits.streams_per_connection)
        .http2_max_header_list_size(limits.header_list_bytes)
        .http2_keepalive_interval(Some(limits.keepalive_interval))
        .http2_keepalive_timeout(Some(limits.keepalive_timeout))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_differ_by_a_tenth_at_most() {
        let age = Duration::from_secs(100);
        let ages: Vec<_> = (0..100).map(|_| jittered(age).as_secs_f64()).collect();
        assert!(ages.iter().all(|age| (90.0..=110.0).contains(age)), "{ages:?}");
        assert!(ages.iter().any(|age| *age != ages[0]), "all at once");
    }
}
