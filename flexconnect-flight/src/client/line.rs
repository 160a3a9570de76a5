//! The connection of a client, and what every call over it brings.

use std::sync::Arc;
use std::task::{Context, Poll};

use flexconnect_core::Error;
use http::HeaderMap;
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::transport::Channel;

use super::origin::Origin;

/// A channel that adds headers to each call.
#[derive(Clone)]
pub(crate) struct Line {
    channel: Channel,
    headers: Arc<HeaderMap>,
    /// Where it leads, and how others are reached; `None` for a channel that somebody else has made.
    origin: Option<Arc<Origin>>,
}

impl Line {
    pub(super) fn new(channel: Channel, headers: HeaderMap, origin: Option<Origin>) -> Self {
        Line { channel, headers: Arc::new(headers), origin: origin.map(Arc::new) }
    }

    /// The line to one of these locations of an endpoint, with the same headers: this one when there is none, or when
    /// this is one of them.
    pub(super) async fn to(&self, locations: &[String]) -> Result<Self, Error> {
        let Some(origin) = &self.origin else { return Ok(self.clone()) };
        Ok(match origin.channel(locations).await? {
            None => self.clone(),
            Some(channel) => Line { channel, ..self.clone() },
        })
    }

    /// Connects anew to these locations the next time.
    pub(super) fn forget(&self, locations: &[String]) {
        if let Some(origin) = &self.origin {
            origin.forget(locations);
        }
    }

    /// The same connection, with this header set in all calls.
    pub(super) fn with_header(&self, name: http::HeaderName, value: http::HeaderValue) -> Self {
        let mut headers = (*self.headers).clone();
        headers.insert(name, value);
        Line { headers: Arc::new(headers), ..self.clone() }
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
