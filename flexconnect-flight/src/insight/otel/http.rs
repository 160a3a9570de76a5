//! Spans over OTLP by HTTP: a connection for each batch of them, made where the program's runtime is.

use std::time::Duration;

use async_trait::async_trait;
use flexconnect_core::BoxError;
#[cfg(not(feature = "tls"))]
use flexconnect_core::{Error, ErrorKind};
use http::header::{HOST, HeaderValue};
use http::uri::Scheme;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// How long a batch may take: the standard's default. The exporter itself holds to what the environment says.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a collector answers is short.
const LARGEST_ANSWER: usize = 1 << 20;

/// Sends what the exporter's own thread gives, which has no runtime, from one that has.
#[derive(Debug, Clone)]
pub(super) struct Http {
    runtime: Handle,
}

impl Http {
    /// Sends from this runtime.
    pub(super) fn on(runtime: Handle) -> Self {
        Http { runtime }
    }
}

#[async_trait]
impl HttpClient for Http {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.runtime.spawn(async move { timeout(PATIENCE, send(request)).await? }).await?;
        // The exporter only tells that there was a fault.
        sent.inspect_err(|error| tracing::debug!(%error, "spans could not be sent"))
    }
}

async fn send(mut request: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
    let uri = std::mem::take(request.uri_mut());
    let host = uri.host().ok_or("the collector's address has no host")?;
    let private = uri.scheme() == Some(&Scheme::HTTPS);
    let port = uri.port_u16().unwrap_or(if private { 443 } else { 80 });
    let authority = uri.authority().map_or(host, |authority| authority.as_str());
    // A user and a password are no part of a host.
    let named = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    request.headers_mut().insert(HOST, HeaderValue::from_str(named)?);
    *request.uri_mut() = uri.path_and_query().map_or("/", |path| path.as_str()).parse::<Uri>()?;
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    if private { over_tls(host, stream, request).await } else { exchange(stream, request).await }
}

#[cfg(feature = "tls")]
async fn over_tls(
    host: &str,
    stream: TcpStream,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, BoxError> {
    let authority = super::authority().map(crate::tls::Pem::file);
    let trusted = crate::tls::ClientTls { authority, ..Default::default() };
    let (connector, server) = trusted.http_connector(host)?;
    exchange(crate::tls::handshake(&connector, server, stream).await?, request).await
}

#[cfg(not(feature = "tls"))]
async fn over_tls(_: &str, _: TcpStream, _: Request<Bytes>) -> Result<Response<Bytes>, BoxError> {
    let message = "this program was built without TLS; build it with the feature `tls` of flexconnect-flight";
    Err(Error::new(ErrorKind::Unsupported, message).into())
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, BoxError> {
    let (mut requests, connection) = handshake(TokioIo::new(stream)).await?;
    let answered = async {
        let (parts, body) = requests.send_request(request.map(Full::new)).await?.into_parts();
        let body = Limited::new(body, LARGEST_ANSWER).collect().await?.to_bytes();
        Ok(Response::from_parts(parts, body))
    };
    tokio::pin!(answered, connection);
    tokio::select! {
        biased;
        answer = &mut answered => answer,
        ended = &mut connection => {
            ended?;
            // What has come before the connection ended is an answer, too.
            answered.await
        }
    }
}
