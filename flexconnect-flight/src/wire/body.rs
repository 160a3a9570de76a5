//! Streams of messages as the bodies of HTTP responses: their bytes, then how the call ended.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use http::{HeaderMap, HeaderValue};
use http_body::Frame;
use tonic::Status;
use tonic::codegen::StdError;

use crate::wire::framing::{CONTENT_TYPE, Message};
use crate::wire::pieces::Pieces;

/// What a call is answered with.
pub(crate) enum Answer {
    /// Rows.
    Rows(Body),
    /// What the generated service says, or another one.
    Said(tonic::body::Body),
}

/// Messages, each a frame. Nothing is taken from the stream before what came of it is sent; dropping the body drops the
/// stream.
pub(crate) struct Body {
    /// `None` once it has ended: what it held is let go before the client hears of the end.
    messages: Option<BoxStream<'static, Result<Message, Status>>>,
    /// Whether the last message took long to make, and has probably not been written yet.
    yields: bool,
}

/// Whoever makes a message for longer than this first lets the one before be written, by another thread if there is one
/// free: the task of its connection waits where only this thread takes it from.
const LONG: Duration = Duration::from_micros(200);

/// The same for a host's transport, which takes a frame in one piece only: each piece is a frame.
struct InPieces {
    body: Body,
    pieces: Pieces,
}

impl Answer {
    /// The response of a gRPC call that is answered with these rows.
    pub(crate) fn rows(messages: BoxStream<'static, Result<Message, Status>>) -> http::Response<Self> {
        let mut response =
            http::Response::new(Answer::Rows(Body { messages: Some(messages), yields: false }));
        response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        response
    }

    /// The response of a call that is refused.
    pub(crate) fn refusal(status: Status) -> http::Response<Self> {
        status.into_http().map(Answer::Said)
    }

    /// The body as a host's transport takes it.
    pub(crate) fn hosted(self) -> tonic::body::Body {
        match self {
            Answer::Rows(body) => tonic::body::Body::new(InPieces { body, pieces: Pieces::default() }),
            Answer::Said(body) => body,
        }
    }
}

impl http_body::Body for Answer {
    type Data = Pieces;
    type Error = StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Pieces>, Self::Error>>> {
        let frame = match &mut *self {
            Answer::Rows(body) => ready!(body.poll_frame(cx)).map(Ok),
            Answer::Said(body) => ready!(Pin::new(body).poll_frame(cx))
                .map(|frame| frame.map(|frame| frame.map_data(Pieces::from)).map_err(Into::into)),
        };
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Answer::Rows(body) => body.messages.is_none(),
            Answer::Said(body) => body.is_end_stream(),
        }
    }
}

impl Body {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Frame<Pieces>>> {
        let Some(messages) = &mut self.messages else { return Poll::Ready(None) };
        if std::mem::take(&mut self.yields) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let began = Instant::now();
        let next = ready!(messages.poll_next_unpin(cx));
        self.yields = began.elapsed() > LONG;
        let status = match next {
            Some(Ok(message)) => return Poll::Ready(Some(Frame::data(message.into_pieces().into()))),
            Some(Err(status)) => status,
            None => Status::ok(""),
        };
        self.messages = None;
        Poll::Ready(Some(Frame::trailers(trailers(&status))))
    }
}

impl http_body::Body for InPieces {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        loop {
            if let Some(piece) = this.pieces.pop() {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            let Some(frame) = ready!(this.body.poll_frame(cx)) else { return Poll::Ready(None) };
            match frame.into_data() {
                Ok(pieces) => this.pieces = pieces,
                Err(frame) => return Poll::Ready(Some(Ok(frame.map_data(|_| Bytes::new())))),
            }
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
    use bytes::Buf;
    use futures::{FutureExt, Stream, stream};
    use http_body::Body as _;
    use tonic::Code;

    use super::*;

    fn rows(messages: impl Stream<Item = Result<Message, Status>> + Send + 'static) -> Answer {
        Answer::rows(messages.boxed()).into_body()
    }

    fn next<B: http_body::Body<Error: std::fmt::Debug> + Unpin>(body: &mut B) -> Option<Frame<B::Data>> {
        let mut ask = || std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).now_or_never();
        // On a busy machine a message may have taken long.
        let frame = ask().or_else(&mut ask);
        frame.expect("the stream is ready").map(Result::unwrap)
    }

    fn message() -> Result<Message, Status> {
        let body = vec![Buffer::from(vec![1; 300_000]), Buffer::from(vec![2; 300_000])];
        Ok(Message { body, ..Message::default() })
    }

    /// Two messages, how many of them were taken, and what their stream holds.
    fn counted() -> (Answer, Arc<AtomicUsize>, Arc<()>) {
        let (taken, held) = (Arc::new(AtomicUsize::new(0)), Arc::new(()));
        let (taking, holding) = (taken.clone(), held.clone());
        let messages = stream::iter([message(), message()]).inspect(move |_| {
            let _held = &holding;
            taking.fetch_add(1, Ordering::SeqCst);
        });
        (rows(messages), taken, held)
    }

    #[test]
    fn a_message_is_a_frame_and_the_next_is_not_read_ahead() {
        let (mut body, taken, held) = counted();
        for count in [1, 2] {
            let message = next(&mut body).unwrap().into_data().unwrap();
            assert!(message.remaining() > 600_000 && message.chunk().len() < 100);
            assert_eq!(taken.load(Ordering::SeqCst), count);
        }
        assert_eq!(Arc::strong_count(&held), 2);
        assert!(next(&mut body).unwrap().is_trailers());
        assert_eq!(Arc::strong_count(&held), 1, "what the stream held is let go before the end is told");
        assert!(body.is_end_stream() && next(&mut body).is_none());
    }

    #[test]
    fn a_host_gets_it_piece_by_piece() {
        let (body, taken, held) = counted();
        let mut body = body.hosted();
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
    fn who_takes_long_lets_what_there_is_be_written_first() {
        let messages = stream::iter([message(), message()]).inspect(|_| std::thread::sleep(2 * LONG));
        let mut body = rows(messages);
        for _ in 0..2 {
            assert!(next(&mut body).unwrap().is_data());
            let yielded = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).now_or_never();
            assert!(yielded.is_none());
        }
        assert!(next(&mut body).unwrap().is_trailers());
    }

    #[test]
    fn a_failure_is_the_last_that_is_said() {
        let status = Status::with_details(Code::Unavailable, "gone: 100 %, ä\n", Bytes::from_static(b"why"));
        let mut body = rows(stream::iter([Ok(Message::default()), Err(status), message()]));
        assert_eq!(next(&mut body).unwrap().into_data().unwrap().chunk(), [0; 5]);
        let trailers = next(&mut body).unwrap().into_trailers().unwrap();
        assert_eq!(trailers["grpc-status"], "14");
        assert_eq!(trailers["grpc-message"], "gone:%20100%20%25,%20%C3%A4%0A");
        assert_eq!(trailers["grpc-status-details-bin"], "d2h5");
        assert!(next(&mut body).is_none());
    }
}
