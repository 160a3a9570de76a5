//! A stream of messages as the body of an HTTP response: their bytes, then how the call ended.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Stream;
use http::{HeaderMap, HeaderValue};
use http_body::Frame;
use tonic::Status;

use crate::wire::framing::{CONTENT_TYPE, Message};

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

impl<S: Stream<Item = Result<Message, Status>> + Send + Unpin + 'static> Body<S> {
    /// The response of a gRPC call with this body.
    pub(crate) fn into_response(self) -> http::Response<tonic::body::Body> {
        let mut response = http::Response::new(tonic::body::Body::new(self));
        response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        response
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use arrow_buffer::Buffer;
    use futures::{FutureExt, StreamExt, stream};
    use http_body::Body as _;
    use tonic::Code;

    use super::*;

    fn next<S: Stream<Item = Result<Message, Status>> + Unpin>(body: &mut Body<S>) -> Option<Frame<Bytes>> {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).now_or_never();
        frame.expect("the stream is ready").map(Result::unwrap)
    }

    fn message() -> Result<Message, Status> {
        let body = vec![Buffer::from(vec![1; 300_000]), Buffer::from(vec![2; 300_000])];
        Ok(Message { body, ..Message::default() })
    }

    #[test]
    fn messages_come_piece_by_piece_and_are_not_read_ahead() {
        let (taken, held) = (Arc::new(AtomicUsize::new(0)), Arc::new(()));
        let (taking, holding) = (taken.clone(), held.clone());
        let messages = stream::iter([message(), message()]).inspect(move |_| {
            let _held = &holding;
            taking.fetch_add(1, Ordering::SeqCst);
        });
        let mut body = Body::new(messages);
        for count in [1, 1, 1, 2, 2, 2] {
            assert!(next(&mut body).unwrap().is_data());
            assert_eq!(taken.load(Ordering::SeqCst), count);
        }
        assert_eq!(Arc::strong_count(&held), 2);
        let trailers = next(&mut body).unwrap().into_trailers().unwrap();
        assert_eq!(trailers["grpc-status"], "0");
        assert_eq!(Arc::strong_count(&held), 1, "what the stream held is let go before the end is told");
        assert!(next(&mut body).is_none());
    }

    #[test]
    fn a_failure_is_the_last_that_is_said() {
        let status = Status::with_details(Code::Unavailable, "gone: 100 %, ä\n", Bytes::from_static(b"why"));
        let mut body = Body::new(stream::iter([Ok(Message::default()), Err(status), message()]));
        assert_eq!(next(&mut body).unwrap().into_data().unwrap(), [0; 5][..]);
        let trailers = next(&mut body).unwrap().into_trailers().unwrap();
        assert_eq!(trailers["grpc-status"], "14");
        assert_eq!(trailers["grpc-message"], "gone:%20100%20%25,%20%C3%A4%0A");
        assert_eq!(trailers["grpc-status-details-bin"], "d2h5");
        assert!(next(&mut body).is_none());
    }
}
