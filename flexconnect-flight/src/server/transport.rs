//! The transport beneath a service: connections, each served until its client leaves, it is too old, or the server stops.

use std::convert::Infallible;
use std::future::poll_fn;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::time::Duration;

use futures::{FutureExt, Stream, StreamExt};
use hyper::body::Incoming;
use hyper::server::conn::http2::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::limits::ServiceLimits;
use crate::listen::{Connection, Outgoing};
use crate::wire::body::Answer;

/// Uploads come in frames of this size, which halves what receiving costs.
const FRAME: u32 = 1 << 20;
/// What may be under way of one upload,
const STREAM_WINDOW: u32 = 8 << 20;
/// and of all of a connection's, so that links with latency are filled.
const CONNECTION_WINDOW: u32 = 16 << 20;

/// Serves these connections until it is told to stop, then waits until their clients have let go of them. Whoever drops
/// it cuts those that are left, also those whose clients say nothing.
pub(crate) async fn serve<A, F>(
    limits: &ServiceLimits,
    answer: A,
    incoming: impl Stream<Item = Connection> + Send,
    stopped: impl Future<Output = ()>,
) where
    A: Fn(http::Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = http::Response<Answer>> + Send + 'static,
{
    keep_freed_memory();
    let transport = transport(limits);
    let (stop, told) = watch::channel(false);
    let mut connections = JoinSet::new();
    {
        // Accepting ends with this block, while those there are go on.
        let (mut incoming, mut stopped) = (std::pin::pin!(incoming), std::pin::pin!(stopped));
        loop {
            tokio::select! {
                () = &mut stopped => break,
                next = incoming.next() => match next {
                    Some(connection) => {
                        let age = Age::of(limits);
                        let serving = serve_one(transport.clone(), connection, answer.clone(), age, told.clone());
                        connections.spawn(serving);
                    }
                    None => break,
                },
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
            }
        }
    }
    stop.send_replace(true);
    while connections.join_next().await.is_some() {}
}

/// How old a connection may become.
struct Age {
    /// Its client is told to open another after this long,
    told: Option<Duration>,
    /// and it is cut after this much more.
    grace: Option<Duration>,
}

impl Age {
    /// All connections at the same age would come back at once, so one is a tenth older or younger.
    fn of(limits: &ServiceLimits) -> Self {
        // Each state of the standard library's hashes is a new one.
        let thousandths = (RandomState::new().hash_one(0) % 1_000) as u32;
        let told =
            limits.connection_age.map(|age| (age - age / 10).saturating_add(age / 5_000 * thousandths));
        Age { told, grace: limits.connection_age_grace }
    }
}

async fn serve_one<A, F>(
    transport: Builder<TokioExecutor>,
    connection: Connection,
    answer: A,
    age: Age,
    mut told: watch::Receiver<bool>,
) where
    A: Fn(http::Request<Incoming>) -> F + Send + 'static,
    F: Future<Output = http::Response<Answer>> + Send + 'static,
{
    let (peer, outgoing) = (connection.peer(), connection.outgoing());
    let service = service_fn(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        // Not awaited in a block of its own, which would have room for it twice.
        answer(request).map(Ok::<_, Infallible>)
    });
    let mut serving = std::pin::pin!(transport.serve_connection(TokioIo::new(connection), service));
    let old = tokio::select! {
        served = turns(serving.as_mut(), &outgoing) => return note(served),
        () = after(age.told) => {
            tracing::debug!("a connection is old, and its client told to open another");
            true
        }
        // Gone means stop, too.
        _ = told.wait_for(|told| *told) => false,
    };
    serving.as_mut().graceful_shutdown();
    tokio::select! {
        served = turns(serving, &outgoing) => note(served),
        () = after(age.grace.filter(|_| old)) => tracing::debug!("an old connection is cut"),
    }
}

/// Has a connection served, and all that comes of each turn written at its end.
fn turns<S: Future>(mut serving: Pin<&mut S>, outgoing: &Outgoing) -> impl Future<Output = S::Output> {
    poll_fn(move |cx| {
        let served = serving.as_mut().poll(cx);
        outgoing.poll(cx);
        served
    })
}

/// Frees a block once that was the system's own. Until then glibc hands memory back as soon as 128 KiB of it are free, so
/// that a server that makes batch after batch is given the same pages again and again, each filled with zeros first; from
/// then on, when 4 MiB are free. An operator's settings of glibc stay as they are, and other allocators do not care.
fn keep_freed_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(2 << 20)));
}

async fn after(time: Option<Duration>) {
    match time {
        Some(time) => sleep(time).await,
        None => std::future::pending().await,
    }
}

fn note(served: hyper::Result<()>) {
    if let Err(error) = served {
        tracing::debug!(%error, "a connection broke");
    }
}

fn transport(limits: &ServiceLimits) -> Builder<TokioExecutor> {
    let mut transport = Builder::new(TokioExecutor::new());
    transport
        .timer(TokioTimer::new())
        .max_frame_size(FRAME)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_concurrent_streams(limits.streams_per_connection)
        .max_header_list_size(limits.header_list_bytes)
        .keep_alive_interval(limits.keepalive_interval)
        .keep_alive_timeout(limits.keepalive_timeout)
        // No client of gRPC asks for the date.
        .auto_date_header(false);
    transport
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_differ_by_a_tenth_at_most() {
        let limits = ServiceLimits::default();
        assert_eq!(Age::of(&limits).told, None);
        let limits = limits.with_connection_age(Duration::from_secs(100), None);
        let ages: Vec<_> = (0..100).map(|_| Age::of(&limits).told.unwrap().as_secs_f64()).collect();
        assert!(ages.iter().all(|age| (90.0..=110.0).contains(age)), "{ages:?}");
        assert!(ages.iter().any(|age| *age != ages[0]), "all at once");
        // An operator may write any number.
        assert!(Age::of(&limits.with_connection_age(Duration::MAX, None)).told > Some(Duration::MAX / 2));
    }
}
