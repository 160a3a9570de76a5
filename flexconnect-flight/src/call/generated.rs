//! The generated service behind a door: what it refuses by itself is told of as every other call is.

use std::convert::Infallible;

use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Service;

use crate::call::Begun;
use crate::call::answer::Answering;
use crate::status::Verb;

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
