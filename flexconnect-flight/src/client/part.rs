//! One DoGet, from its answer's bytes to batches.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::Bytes;
use flexconnect_core::{Error, ErrorKind};
use futures::Stream;
use http_body::Body as _;
use tonic::body::Body;

use super::call::outcome;
use super::connect::{broken_off, of_status};
use crate::wire::decode::Decoder;
use crate::wire::framing::{Incoming, Message};

/// The largest message taken: one row may be this large.
const LARGEST_MESSAGE: usize = 72 << 20;

/// The batches of an answer.
pub(super) struct Part {
    /// `None` once it has ended.
    body: Option<Body>,
    bytes: Bytes,
    incoming: Incoming,
    decoder: Decoder,
}

impl Part {
    pub(super) fn new(body: Body) -> Self {
        Part {
            body: Some(body),
            bytes: Bytes::new(),
            incoming: Incoming::new(LARGEST_MESSAGE),
            decoder: Decoder::for_messages_of(LARGEST_MESSAGE),
        }
    }

    /// Reads until the schema is known.
    pub(super) async fn start(&mut self) -> Result<SchemaRef, Error> {
        loop {
            if let Some(schema) = self.decoder.schema() {
                return Ok(schema.clone());
            }
            let message = std::future::poll_fn(|cx| self.poll_message(cx)).await?;
            let message = message.ok_or_else(|| {
                Error::new(ErrorKind::Internal, "the server sent no schema: it does not speak Arrow Flight")
            })?;
            self.decoder.decode(message)?;
        }
    }

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message>, Error>> {
        loop {
            if let Some(message) = self.incoming.take(&mut self.bytes)? {
                return Poll::Ready(Ok(Some(message)));
            }
            let Some(body) = &mut self.body else { return Poll::Ready(Ok(None)) };
            let Some(frame) = ready!(Pin::new(body).poll_frame(cx)) else {
                return Poll::Ready(Err(broken_off()));
            };
            let frame = frame.map_err(of_status)?;
            match frame.into_data() {
                Ok(bytes) => self.bytes = bytes,
                Err(frame) => {
                    self.body = None;
                    let outcome = frame.trailers_ref().and_then(outcome).unwrap_or_else(|| Err(broken_off()));
                    let whole = if self.incoming.is_between() { Ok(None) } else { Err(broken_off()) };
                    return Poll::Ready(outcome.and(whole));
                }
            }
        }
    }
}

impl Stream for Part {
    type Item = Result<RecordBatch, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            let batch = match ready!(this.poll_message(cx)) {
                Ok(None) => return Poll::Ready(None),
                Ok(Some(message)) => this.decoder.decode(message).map(|decoded| decoded.batch),
                Err(error) => Err(error),
            };
            if batch.is_err() {
                this.body = None;
                this.bytes.clear();
            }
            if let Some(batch) = batch.transpose() {
                return Poll::Ready(Some(batch));
            }
        }
    }
}
