//! The first bytes of a connection: what its client speaks, and what it is told if this port speaks something else.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::connection::{Connection, Io};
use crate::identity::Peer;

/// How a client of TLS begins: a record of its handshake.
const TLS_HANDSHAKE: u8 = 22;
/// How a client of HTTP/2 begins.
const HTTP2: &[u8] = b"PRI * HTTP/2.0";
/// What is told to a client of HTTP/2 at a private port. Clients look for it among what ended the connection.
pub(crate) const PRIVATE_PORT: &str =
    "this port speaks TLS: connect with `grpc+tls://` or `https://` instead of `grpc://` or `http://`";
/// What is told to a client of TLS at a plain port. Its library says that this is no TLS, and does not show it.
const PLAIN_PORT: &str = "this port does not speak TLS: connect with `grpc://` or `http://` instead of `grpc+tls://` or `https://`";
/// A client that was told something may take this long to hear it.
const FAREWELL: Duration = Duration::from_secs(1);

/// How connections begin.
#[derive(Debug, Clone)]
pub(crate) struct Greeting {
    /// How many may be under way.
    pub(crate) at_once: usize,
    /// How long one may take.
    pub(crate) patience: Duration,
    #[cfg(feature = "tls")]
    pub(crate) certificates: Option<crate::tls::Certificates>,
}

impl Greeting {
    #[cfg(feature = "tls")]
    fn is_private(&self) -> bool {
        self.certificates.is_some()
    }

    #[cfg(not(feature = "tls"))]
    fn is_private(&self) -> bool {
        false
    }
}

/// Makes a connection ready to be served; `None` when it was told off, or has gone.
pub(super) async fn greet(
    mut stream: TcpStream,
    address: SocketAddr,
    greeting: Greeting,
) -> Option<Connection> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, peer = %address, "a connection cannot be told not to wait");
    }
    let greeted = async {
        let mut first = [0];
        if stream.peek(&mut first).await? == 0 {
            return Ok(None);
        }
        match (first[0] == TLS_HANDSHAKE, greeting.is_private()) {
            (false, false) | (true, true) => Ok(Some(())),
            (true, false) => {
                tracing::warn!(peer = %address, "a client speaks TLS at a port that does not: it must connect with `grpc://`");
                tell(&mut stream, &plain()).await?;
                Ok(None)
            }
            (false, true) => {
                tracing::warn!(peer = %address, "a client does not speak TLS at a port that does: it must connect with `grpc+tls://`");
                let mut begun = [0; HTTP2.len()];
                stream.read_exact(&mut begun).await?;
                tell(&mut stream, &private(begun == HTTP2)).await?;
                Ok(None)
            }
        }
    };
    let known: Result<Option<()>, std::io::Error> = match timeout(greeting.patience, greeted).await {
        Ok(known) => known,
        Err(_) => {
            tracing::debug!(peer = %address, "a connection said nothing in time and is closed");
            return None;
        }
    };
    match known {
        Ok(Some(())) => open(stream, address, greeting).await,
        Ok(None) => None,
        Err(error) => {
            tracing::debug!(%error, peer = %address, "a connection broke before it began");
            None
        }
    }
}

#[cfg(not(feature = "tls"))]
async fn open(stream: TcpStream, address: SocketAddr, _: Greeting) -> Option<Connection> {
    Some(Connection::new(Io::Plain(stream), Peer::at(address)))
}

#[cfg(feature = "tls")]
async fn open(stream: TcpStream, address: SocketAddr, greeting: Greeting) -> Option<Connection> {
    let Some(certificates) = greeting.certificates else {
        return Some(Connection::new(Io::Plain(stream), Peer::at(address)));
    };
    let acceptor = tokio_rustls::TlsAcceptor::from(certificates.current());
    match timeout(greeting.patience, acceptor.accept(stream).into_fallible()).await {
        Ok(Ok(stream)) => {
            let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let shown: Vec<_> = shown.iter().map(|certificate| certificate.to_vec()).collect();
            Some(Connection::new(Io::Private(Box::new(stream)), Peer::at(address).with_certificates(shown)))
        }
        Ok(Err((error, mut stream))) => {
            tracing::info!(%error, peer = %address, "a client could not be connected to over TLS");
            // What is wrong has been said, as TLS says it.
            if let Err(error) = part(&mut stream).await {
                tracing::debug!(%error, peer = %address, "a client has gone before it was told why");
            }
            None
        }
        Err(_) => {
            tracing::info!(peer = %address, "a client did not finish the handshake of TLS in time");
            None
        }
    }
}

/// What a client that does not speak TLS can read: of HTTP/2 the settings that begin each connection, and its end with
/// a reason in words; else an answer of HTTP/1.
fn private(http2: bool) -> Vec<u8> {
    if !http2 {
        return http1(PRIVATE_PORT);
    }
    const SETTINGS: u8 = 4;
    const GOAWAY: u8 = 7;
    const INADEQUATE_SECURITY: u8 = 12;
    let frame = |kind: u8, payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap_or_default().to_be_bytes();
        [&length[1..], &[kind, 0, 0, 0, 0, 0], payload].concat()
    };
    let reason = [&[0, 0, 0, 0, 0, 0, 0, INADEQUATE_SECURITY], PRIVATE_PORT.as_bytes()].concat();
    [frame(SETTINGS, &[]), frame(GOAWAY, &reason)].concat()
}

/// What a client of TLS gets: its library cannot show words before it is connected, and says that this is no TLS.
fn plain() -> Vec<u8> {
    http1(PLAIN_PORT)
}

fn http1(words: &str) -> Vec<u8> {
    let length = words.len() + 1;
    let head = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain";
    format!("{head}\r\ncontent-length: {length}\r\n\r\n{words}\n").into_bytes()
}

async fn tell(stream: &mut TcpStream, words: &[u8]) -> std::io::Result<()> {
    stream.write_all(words).await?;
    part(stream).await
}

/// Waits for a moment until the last words are heard: what is still to be read would reset the connection, and the
/// words with it.
async fn part(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.shutdown().await?;
    let heard = async {
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
    };
    // Not to have heard is the client's loss.
    let _ = timeout(FAREWELL, heard).await;
    Ok(())
}
