//! What the transport refuses by itself, before a call begins, is told of as every other call is: by the generated service
//! behind a door, and by what stands for it at DoGet.

use std::convert::Infallible;

use tonic::body::Body;
use tonic::codegen::{Service, StdError};
use tonic::{Request, Status};

use crate::call::Begun;
use crate::call::answer::Answering;
use crate::status::Verb;
use crate::wire::unary::receive;

/// The message of a DoGet.
pub(crate) async fn received<M, B>(
    answering: &Answering,
    request: http::Request<B>,
    largest: usize,
) -> Result<Request<M>, Status>
where
    M: prost::Message + Default + 'static,
    B: http_body::Body + Send + 'static,
    B::Error: Into<StdError>,
{
    receive(request, largest).await.map_err(|(status, request)| {
        answering.refused_before(Verb::DoGet, request, &status);
        status
    })
}

/// The generated service's answer. It refuses a verb there is not, and a message that is too large or is none, before the
/// verb's own work begins.
pub(crate) async fn generated<S, B>(
    answering: &Answering,
    verb: Verb,
    request: http::Request<B>,
    mut service: S,
) -> http::Response<Body>
where
    S: Service<http::Request<B>, Response = http::Response<Body>, Error = Infallible>,
{
    let begun = Begun::default();
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(begun.clone());
    let before = http::Request::from_parts(parts.clone(), ());
    let Ok(response) = service.call(http::Request::from_parts(parts, body)).await;
    if !begun.get()
        && let Some(status) = Status::from_header_map(response.headers())
    {
        answering.refused_before(verb, before, &status);
    }
    response
}
