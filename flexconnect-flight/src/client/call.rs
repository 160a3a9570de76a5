//! The calls that carry rows, without the generated client: it would copy every message once more.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use flexconnect_core::{Error, ErrorKind};
use futures::Stream;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use http_body::Frame;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Service;

use super::connect::in_words;
use super::line::Line;
use crate::status::error_of;
use crate::wire::framing::CONTENT_TYPE;

/// Calls the verb at this path; what fails before the first message is an error here.
pub(super) async fn call<S>(line: &Line, path: &'static str, pieces: S) -> Result<Body, Error>
where
    S: Stream<Item = Bytes> + Send + Unpin + 'static,
{
    let mut request = http::Request::new(Body::new(Pieces(pieces)));
    *request.method_mut() = Method::POST;
    *request.version_mut() = Version::HTTP_2;
    *request.uri_mut() = http::Uri::from_static(path);
    let headers = request.headers_mut();
    headers.insert(header::TE, HeaderValue::from_static("trailers"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    // A clone, so that the readiness that is waited for is this call's own.
    let mut line = line.clone();
    let gone = |error: tonic::transport::Error| {
        let gone = || Error::new(ErrorKind::Unavailable, "the connection to the server is gone");
        in_words(&error).unwrap_or_else(gone).with_source(error)
    };
    std::future::poll_fn(|cx| line.poll_ready(cx)).await.map_err(gone)?;
    let response = line.call(request).await.map_err(gone)?;
    if response.status() != StatusCode::OK {
        let message = format!("the server answered {}: it does not speak Arrow Flight", response.status());
        return Err(Error::new(ErrorKind::Internal, message));
    }
    if let Some(Err(error)) = outcome(response.headers()) {
        return Err(error);
    }
    Ok(response.into_body())
}

/// How the call ended, when these headers say so.
pub(super) fn outcome(headers: &HeaderMap) -> Option<Result<(), Error>> {
    let mut headers = headers.clone();
    // Not read here, and tonic takes it for granted that they are base64.
    headers.remove("grpc-status-details-bin");
    let status = Status::from_header_map(&headers)?;
    Some(if status.code() == tonic::Code::Ok { Ok(()) } else { Err(error_of(&status)) })
}

/// The body of a request.
struct Pieces<S>(S);

impl<S: Stream<Item = Bytes> + Unpin> http_body::Body for Pieces<S> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.0).poll_next(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}
