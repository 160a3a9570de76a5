//! A request of one message, taken from HTTP as the generated service takes those of the other verbs.

use std::marker::PhantomData;
use std::pin::pin;

use futures::TryStreamExt;
use http::request::Parts;
use tonic::codec::{DecodeBuf, Decoder, Streaming};
use tonic::metadata::MetadataMap;
use tonic::{Request, Status};

/// Reads the message, with the headers and extensions that came with it; where there is none, those are given back.
pub(crate) async fn receive<M, B>(
    request: http::Request<B>,
    largest: usize,
) -> Result<Request<M>, (Status, http::Request<()>)>
where
    M: prost::Message + Default + 'static,
    B: http_body::Body + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (parts, body) = request.into_parts();
    match message(&parts, body, largest).await {
        Ok((message, trailers)) => {
            let mut request = Request::from_http(http::Request::from_parts(parts, message));
            request.metadata_mut().as_mut().extend(trailers.into_headers());
            Ok(request)
        }
        Err(status) => Err((status, http::Request::from_parts(parts, ()))),
    }
}

async fn message<M, B>(parts: &Parts, body: B, largest: usize) -> Result<(M, MetadataMap), Status>
where
    M: prost::Message + Default + 'static,
    B: http_body::Body + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if parts.headers.get("grpc-encoding").is_some_and(|encoding| encoding != "identity") {
        return Err(Status::unimplemented("compressed requests are not taken; send them as they are"));
    }
    let mut messages = pin!(Streaming::new_request(Protobuf::default(), body, None, Some(largest)));
    let message = messages.try_next().await?.ok_or_else(|| Status::internal("the request has no message"))?;
    // Waits for the end of the request, too.
    Ok((message, messages.trailers().await?.unwrap_or_default()))
}

/// Messages as protobuf has them.
pub(crate) struct Protobuf<M>(PhantomData<fn() -> M>);

impl<M> Default for Protobuf<M> {
    fn default() -> Self {
        Protobuf(PhantomData)
    }
}

impl<M: prost::Message + Default> Decoder for Protobuf<M> {
    type Item = M;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<M>, Status> {
        M::decode(source).map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
