//! One DoPut: the batches' messages and, only if all went well, the one that commits them.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use arrow_array::RecordBatch;
use arrow_flight::{FlightData, FlightDescriptor};
use bytes::Bytes;
use flexconnect_core::Error;
use futures::Stream;
use serde_json::json;

use crate::wire::encode::Messages;
use crate::wire::framing::Message;

/// The bytes of an upload.
pub(super) struct Upload<S> {
    messages: Messages<S>,
    descriptor: Option<FlightDescriptor>,
    pieces: std::vec::IntoIter<Bytes>,
    failed: Failure,
    ended: bool,
}

/// Why an upload ended before its end, if it did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failure(Arc<Mutex<Option<Error>>>);

impl Failure {
    pub(super) fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<S> Upload<S> {
    pub(super) fn new(messages: Messages<S>, descriptor: FlightDescriptor, failed: Failure) -> Self {
        let pieces = Vec::new().into_iter();
        Upload { messages, descriptor: Some(descriptor), pieces, failed, ended: false }
    }
}

impl<S: Stream<Item = Result<RecordBatch, Error>> + Unpin> Stream for Upload<S> {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let this = &mut *self;
        loop {
            if let Some(piece) = this.pieces.next() {
                return Poll::Ready(Some(piece));
            }
            if this.ended {
                return Poll::Ready(None);
            }
            let message = match ready!(Pin::new(&mut this.messages).poll_next(cx)) {
                Some(Ok(mut message)) => {
                    message.fields.flight_descriptor = this.descriptor.take();
                    message
                }
                Some(Err(error)) => {
                    this.ended = true;
                    *this.failed.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    return Poll::Ready(None);
                }
                None => {
                    this.ended = true;
                    let app_metadata = json!({"commit": true}).to_string().into();
                    Message::from(FlightData { app_metadata, ..FlightData::default() })
                }
            };
            this.pieces = message.into_pieces().into_iter();
        }
    }
}
