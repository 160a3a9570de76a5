//! The connection of a client, and what every call over it brings.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::HeaderMap;
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::transport::Channel;

/// A channel that adds headers to each call.
#[derive(Clone)]
pub(crate) struct Line {
    channel: Channel,
    headers: Arc<HeaderMap>,
}

impl Line {
    pub(super) fn new(channel: Channel, headers: HeaderMap) -> Self {
        Line { channel, headers: Arc::new(headers) }
    }

    /// The same connection, with this header set in all calls.
    pub(super) fn with_header(&self, name: http::HeaderName, value: http::HeaderValue) -> Self {
        let mut headers = (*self.headers).clone();
        headers.insert(name, value);
        Line::new(self.channel.clone(), headers)
    }
}

impl Service<http::Request<Body>> for Line {
    type Response = http::Response<Body>;
    type Error = tonic::transport::Error;
    type Future = <Channel as Service<http::Request<Body>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.channel.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        for (name, value) in &*self.headers {
            request.headers_mut().insert(name, value.clone());
        }
        self.channel.call(request)
    }
}

/// Headers may be credentials.
impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("channel", &self.channel).finish_non_exhaustive()
    }
}
