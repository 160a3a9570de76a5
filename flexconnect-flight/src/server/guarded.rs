//! Another service of the same server, behind the same door.

use std::convert::Infallible;
use std::task::{Context, Poll};

use tonic::Status;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service};
use tonic::server::NamedService;

use crate::service::FlightService;
use crate::status::Verb;

/// A service whose callers must be known; made by [`FlightService::guard`].
#[derive(Debug, Clone)]
pub struct Guarded<S> {
    door: FlightService,
    inner: S,
}

impl FlightService {
    /// Puts another service of the same server behind the same door: its callers are authenticated as this one's are,
    /// and refused in the same dialect. The [`Caller`](flexconnect_core::Caller) is then among its requests' extensions.
    pub fn guard<S>(&self, service: S) -> Guarded<S> {
        Guarded { door: self.clone(), inner: service }
    }
}

impl<S, B> Service<http::Request<B>> for Guarded<S>
where
    S: Service<http::Request<B>, Response = http::Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let door = self.door.clone();
        // The one that is ready answers; its clone waits for the next call.
        let waiting = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, waiting);
        Box::pin(async move {
            match door.admit(request, Verb::Other).await {
                Ok(request) => inner.call(request).await,
                Err(status) => Ok(Status::into_http(status)),
            }
        })
    }
}

impl<S: NamedService> NamedService for Guarded<S> {
    const NAME: &'static str = S::NAME;
}
