//! A stream of messages as the body of an HTTP response: their bytes, then how the call ended.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Stream;
use http::{HeaderMap, HeaderValue};
use http_body::Frame;
use tonic::Status;

use crate::framing::Message;

/// The body. Nothing is taken from the stream before what came of it is sent; dropping the body drops the stream.
pub(crate) struct Body<S> {
    /// `None` once it has ended: what it held is let go before the client hears of the end.
    messages: Option<S>,
    pieces: std::vec::IntoIter<Bytes>,
}

impl<S> Body<S> {
    pub(crate) fn new(messages: S) -> Self {
        Body { messages: Some(messages), pieces: Vec::new().into_iter() }
    }
}

impl<S: Stream<Item = Result<Message, Status>> + Unpin> http_body::Body for Body<S> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        loop {
            if let Some(piece) = this.pieces.next() {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            let Some(messages) = &mut this.messages else { return Poll::Ready(None) };
            let status = match ready!(Pin::new(messages).poll_next(cx)) {
                Some(Ok(message)) => {
                    this.pieces = message.into_pieces().into_iter();
                    continue;
                }
                Some(Err(status)) => status,
                None => Status::ok(""),
            };
            this.messages = None;
            return Poll::Ready(Some(Ok(Frame::trailers(trailers(&status)))));
        }
    }
}

/// The status as the last headers of a response.
fn trailers(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    if status.add_header(&mut trailers).is_err() {
        // Only a dialect's own metadata could not fit into headers; the code is then what can still be said.
        trailers.clear();
        trailers.insert("grpc-status", HeaderValue::from(status.code() as i32));
    }
    trailers
}
