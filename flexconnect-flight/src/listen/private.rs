//! Connections at a private port.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use hyper::server::conn::http2::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tonic::Status;
use tonic::body::Body;

use super::connection::{Connection, Io};
use super::farewell::part;
use crate::identity::Peer;
use crate::tls::Certificates;

/// What is told to a plain client at a private port.
pub(super) const PRIVATE_PORT: &str =
    "this port speaks TLS: connect with `grpc+tls://` or `https://` instead of `grpc://` or `http://`";
/// A connection that is only told why it is not served is closed after this time; whoever connects again is told again.
const SHORT: Duration = Duration::from_secs(2);

/// Makes the connection private, with the certificates there are now.
pub(super) async fn open(
    stream: TcpStream,
    address: SocketAddr,
    certificates: &Certificates,
    patience: Duration,
) -> Option<Connection> {
    let acceptor = TlsAcceptor::from(certificates.current());
    match timeout(patience, acceptor.accept(stream).into_fallible()).await {
        Ok(Ok(stream)) => {
            let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let shown: Vec<_> = shown.iter().map(|certificate| certificate.to_vec()).collect();
            Some(Connection::new(Io::Private(Box::new(stream)), Peer::at(address).with_certificates(shown)))
        }
        Ok(Err((error, mut stream))) => {
            tracing::info!(%error, peer = %address, "a client could not be connected to over TLS");
            // What is wrong has been said, as TLS says it.
            part(&mut stream).await;
            None
        }
        Err(_) => {
            tracing::info!(peer = %address, "a client did not finish the handshake of TLS in time");
            None
        }
    }
}

/// Answers every call of a plain connection of HTTP/2 with the reason, so that its client can show them.
///
/// To end the connection with a reason would not do: some clients take that for a server that restarts, and try again
/// for ever without a word.
pub(super) async fn refuse(stream: TcpStream) {
    let answer = service_fn(move |_| async move {
        Ok::<_, Infallible>(Status::unavailable(PRIVATE_PORT).into_http::<Body>())
    });
    let connection = Builder::new(TokioExecutor::new())
        .max_concurrent_streams(16)
        .serve_connection(TokioIo::new(stream), answer);
    if let Ok(Err(error)) = timeout(SHORT, connection).await {
        tracing::debug!(%error, "a client has gone before it was told why");
    }
}
