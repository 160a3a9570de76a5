//! From an address to a connection.

use std::error::Error as StdError;

use flexconnect_core::{Error, ErrorKind};
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Code, Status};

use super::options::ClientOptions;
use crate::status::error_of;

/// Frames and windows that fill a fast link, and one with latency.
const FRAME: u32 = 1 << 20;
const STREAM_WINDOW: u32 = 8 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;

/// Where a server is, and whether what is said to it is private.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Address {
    pub(super) private: bool,
    /// In lower case, an IPv6 address in its brackets.
    host: String,
    port: u16,
}

impl Address {
    /// Reads an address: `grpc`, `grpc+tcp` and `http` as it is, `grpc+tls` and `https` over TLS.
    pub(super) fn parse(uri: &str) -> Result<Self, Error> {
        let wrong = || {
            let message = format!("`{}` is not an address such as grpc://127.0.0.1:8815", shown(uri));
            Error::new(ErrorKind::InvalidRequest, message)
        };
        let (scheme, rest) = uri.split_once("://").ok_or_else(wrong)?;
        let private = match scheme {
            "http" | "grpc" | "grpc+tcp" => false,
            "https" | "grpc+tls" => true,
            _ => {
                let message = format!(
                    "`{}` is no address of Arrow Flight: it begins with `grpc://`, or with `grpc+tls://` for TLS",
                    shown(uri)
                );
                return Err(Error::new(ErrorKind::InvalidRequest, message));
            }
        };
        // Of the address only the host and the port go on: a user or a password in it would travel to the server.
        let parsed: Uri = format!("http://{rest}").parse().map_err(|_| wrong())?;
        let host = parsed.host().filter(|host| !host.is_empty()).ok_or_else(wrong)?.to_ascii_lowercase();
        let port = parsed.port_u16().unwrap_or(if private { 443 } else { 80 });
        Ok(Address { private, host, port })
    }

    /// Connects to who is there.
    pub(super) async fn connect(&self, options: &ClientOptions) -> Result<Channel, Error> {
        let place = format!("{}:{}", self.host, self.port);
        let endpoint = Endpoint::from_shared(format!("http://{place}"))
            .map_err(|error| {
                let message = format!("`{place}` is not an address such as 127.0.0.1:8815");
                Error::new(ErrorKind::InvalidRequest, message).with_source(error)
            })?
            .connect_timeout(options.connect_timeout)
            .max_frame_size(FRAME)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW);
        let connected = if self.private {
            over_tls(endpoint, &self.host, &place, options).await?
        } else {
            endpoint.connect().await
        };
        connected.map_err(|error| {
            let message = format!("cannot connect to {place}; is the server running?");
            in_words(&error).unwrap_or_else(|| Error::new(ErrorKind::Unavailable, message)).with_source(error)
        })
    }
}

#[cfg(not(feature = "tls"))]
async fn over_tls(
    _: Endpoint,
    _: &str,
    _: &str,
    _: &ClientOptions,
) -> Result<Result<Channel, tonic::transport::Error>, Error> {
    let message = "this client was built without TLS; build it with the feature `tls` of flexconnect-flight";
    Err(Error::new(ErrorKind::Unsupported, message))
}

#[cfg(feature = "tls")]
async fn over_tls(
    endpoint: Endpoint,
    host: &str,
    place: &str,
    options: &ClientOptions,
) -> Result<Result<Channel, tonic::transport::Error>, Error> {
    let origin = format!("https://{place}").parse::<Uri>();
    let endpoint = match origin {
        Ok(origin) => endpoint.origin(origin),
        Err(_) => endpoint,
    };
    let (connector, server) = options.tls.connector(host)?;
    Ok(endpoint.connect_with_connector(Private { connector, server, place: place.into() }).await)
}

/// Makes the private connections of a channel, the first and those after it was lost.
#[cfg(feature = "tls")]
struct Private {
    connector: tokio_rustls::TlsConnector,
    server: rustls::pki_types::ServerName<'static>,
    place: std::sync::Arc<str>,
}

#[cfg(feature = "tls")]
impl tonic::codegen::Service<Uri> for Private {
    type Response = hyper_util::rt::TokioIo<tokio_rustls::client::TlsStream<tokio::net::TcpStream>>;
    type Error = flexconnect_core::BoxError;
    type Future = tonic::codegen::BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), flexconnect_core::BoxError>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let Private { connector, server, place } = self;
        let (connector, server, place) = (connector.clone(), server.clone(), place.clone());
        Box::pin(async move {
            let stream = tokio::net::TcpStream::connect(&*place).await?;
            stream.set_nodelay(true)?;
            let stream = crate::tls::handshake(&connector, server, stream).await?;
            Ok(hyper_util::rt::TokioIo::new(stream))
        })
    }
}

/// The error of a call, in plain words when it was the connection's.
pub(super) fn of_status(status: Status) -> Error {
    if let Some(error) = in_words(&status) {
        return error;
    }
    // What a server says has no cause on this side.
    if status.source().is_some() && matches!(status.code(), Code::Internal | Code::Unknown) {
        return broken_off().with_source(status);
    }
    error_of(&status)
}

pub(super) fn broken_off() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "the connection broke off before the server had said how the call ended",
    )
}

/// What ended a connection, when that can be said plainly.
pub(super) fn in_words(error: &(dyn StdError + 'static)) -> Option<Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(ours) = error.downcast_ref::<Error>() {
            return Some(ours.clone());
        }
        // Nobody has cancelled anything: the connection was about to close, because it was old or its server stops.
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled) {
            let message = "the server closed the connection before the call was sent; try again";
            return Some(Error::new(ErrorKind::Unavailable, message));
        }
        next = error.source();
    }
    #[cfg(feature = "tls")]
    return crate::tls::plain_words(error);
    #[cfg(not(feature = "tls"))]
    None
}

/// An address as it may be shown: without a user and a password in it.
pub(super) fn shown(uri: &str) -> String {
    let (scheme, rest) = uri.split_once("://").unwrap_or(("", uri));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let shown = if scheme.is_empty() { host.to_owned() } else { format!("{scheme}://{host}{path}") };
    shown.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_none_is_refused_and_its_password_not_shown() {
        for uri in ["", "localhost:1", "ftp://u:hush@x:1", "grpc://", "grpc://u:hush@", "u:hush@x"] {
            let error = Address::parse(uri).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{uri}");
            assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
        }
    }
}
