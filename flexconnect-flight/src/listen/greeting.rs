//! The first bytes of a connection: what its client speaks, and whether that is spoken here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::connection::{Connection, Io};
use super::farewell::tell;
use crate::identity::Peer;

/// How a client of TLS begins: a record of its handshake.
const TLS_HANDSHAKE: u8 = 22;
/// How a client of HTTP/2 begins, and none of HTTP/1.
const HTTP2: &[u8; 3] = b"PRI";
/// A client that has sent less is looked at again after this time.
const AGAIN: Duration = Duration::from_millis(10);
/// What is told to a client of TLS at a plain port, whose library says instead that this is no TLS.
const PLAIN_PORT: &str = "this port does not speak TLS: connect with `grpc://` or `http://` instead of `grpc+tls://` or `https://`";

/// How connections begin.
#[derive(Debug, Clone)]
pub(crate) struct Greeting {
    /// How many may be under way.
    pub(crate) at_once: usize,
    /// How long one may take.
    pub(crate) patience: Duration,
    /// What a private port shows its clients.
    #[cfg(feature = "tls")]
    pub(crate) certificates: Option<crate::tls::Certificates>,
}

/// Whether a client has said anything; clones are the same client's.
#[derive(Debug, Clone, Default)]
pub(super) struct Spoke(Arc<AtomicBool>);

impl Spoke {
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a client speaks.
enum Speaks {
    Tls,
    Http2,
    Other,
}

/// Makes a connection ready to be served; `None` when it was told off, or has gone.
pub(super) async fn greet(
    mut stream: TcpStream,
    address: SocketAddr,
    greeting: Greeting,
    spoke: Spoke,
) -> Option<Connection> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, peer = %address, "a connection cannot be told not to wait");
    }
    let speaks = match timeout(greeting.patience, spoken(&stream)).await {
        Ok(Ok(Some(speaks))) => speaks,
        Ok(Ok(None)) => return None,
        Ok(Err(error)) => {
            tracing::debug!(%error, peer = %address, "a connection broke before it began");
            return None;
        }
        Err(_) => {
            tracing::debug!(peer = %address, "a connection said nothing in time and is closed");
            return None;
        }
    };
    spoke.0.store(true, Ordering::Relaxed);
    #[cfg(feature = "tls")]
    if let Some(certificates) = &greeting.certificates {
        if matches!(speaks, Speaks::Tls) {
            return super::private::open(stream, address, certificates, greeting.patience).await;
        }
        tracing::warn!(peer = %address, "a client does not speak TLS at a port that does: it must connect with `grpc+tls://`");
        match speaks {
            Speaks::Http2 => super::private::refuse(stream).await,
            _ => tell(&mut stream, super::private::PRIVATE_PORT).await,
        }
        return None;
    }
    if matches!(speaks, Speaks::Tls) {
        tracing::warn!(peer = %address, "a client speaks TLS at a port that does not: it must connect with `grpc://`");
        tell(&mut stream, PLAIN_PORT).await;
        return None;
    }
    Some(Connection::new(Io::Plain(stream), Peer::at(address)))
}

/// What a client speaks, by its first bytes, which stay to be read; `None` when it has gone without any.
async fn spoken(stream: &TcpStream) -> std::io::Result<Option<Speaks>> {
    let mut first = [0; HTTP2.len()];
    loop {
        let seen = match stream.peek(&mut first).await? {
            0 => return Ok(None),
            count => &first[..count],
        };
        if seen[0] == TLS_HANDSHAKE {
            return Ok(Some(Speaks::Tls));
        }
        if seen == HTTP2 {
            return Ok(Some(Speaks::Http2));
        }
        if !HTTP2.starts_with(seen) {
            return Ok(Some(Speaks::Other));
        }
        sleep(AGAIN).await;
    }
}
