//! How work becomes an answer: a panic is an error, an error is spoken in the server's dialect, and a server that stops
//! says so.

use std::any::Any;
use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use flexconnect_core::{Error, ErrorKind};
use futures::stream::BoxStream;
use futures::{FutureExt, Stream, StreamExt};
use tokio::sync::watch;
use tonic::Status;

use crate::status::{Speaker, Verb};

/// A stream as tonic takes it.
pub(crate) type Answers<T> = BoxStream<'static, Result<T, Status>>;

/// What all answers of a server have in common.
#[derive(Debug)]
pub(crate) struct Answering {
    speaker: Speaker,
    stopped: watch::Sender<bool>,
}

impl Answering {
    pub(crate) fn new(speaker: Speaker) -> Self {
        Answering { speaker, stopped: watch::Sender::new(false) }
    }

    pub(crate) fn speak(&mut self, speaker: Speaker) {
        self.speaker = speaker;
    }

    /// Ends every call, now and from now on.
    pub(crate) fn stop(&self) {
        self.stopped.send_replace(true);
    }

    /// Answers with what the work gives, if it does before the deadline.
    pub(crate) async fn once<T>(
        &self,
        verb: Verb,
        deadline: Option<Instant>,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Status> {
        let work = AssertUnwindSafe(work).catch_unwind();
        let answer = tokio::select! {
            answer = work => answer.unwrap_or_else(|panic| Err(panicked(&*panic))),
            error = ended(self.stopped.subscribe(), deadline) => Err(error),
        };
        answer.map_err(|error| self.speaker.refuse(&error, verb))
    }

    /// Answers with all the stream gives, until its first error or the deadline.
    pub(crate) fn many<T: 'static>(
        &self,
        verb: Verb,
        deadline: Option<Instant>,
        items: impl Stream<Item = Result<T, Error>> + Send + 'static,
    ) -> Answers<T> {
        let items = AssertUnwindSafe(items).catch_unwind();
        let items = items.map(|item| item.unwrap_or_else(|panic| Err(panicked(&*panic))));
        Box::pin(Streaming {
            items: Some(Box::pin(items)),
            ended: Box::pin(ended(self.stopped.subscribe(), deadline)),
            speaker: self.speaker.clone(),
            verb,
        })
    }
}

/// Waits for what ends a call from outside, and says what it was.
async fn ended(mut stopped: watch::Receiver<bool>, deadline: Option<Instant>) -> Error {
    let stopped = async {
        if stopped.wait_for(|stopped| *stopped).await.is_err() {
            // The service is gone and its calls go on: there is nobody left to stop them.
            std::future::pending::<()>().await;
        }
    };
    let late = async {
        match deadline {
            Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = stopped => Error::new(ErrorKind::Unavailable, "the server is stopping; try again"),
        () = late => Error::new(ErrorKind::Timeout, "the call took longer than its caller would wait"),
    }
}

struct Streaming<T> {
    /// `None` once it has ended: what it held is let go before the client hears of the end.
    items: Option<BoxStream<'static, Result<T, Error>>>,
    ended: Pin<Box<dyn Future<Output = Error> + Send>>,
    speaker: Speaker,
    verb: Verb,
}

impl<T> Stream for Streaming<T> {
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(items) = &mut this.items else { return Poll::Ready(None) };
        let item = match this.ended.as_mut().poll(cx) {
            Poll::Ready(error) => Some(Err(error)),
            Poll::Pending => std::task::ready!(items.as_mut().poll_next(cx)),
        };
        if !matches!(item, Some(Ok(_))) {
            this.items = None;
        }
        Poll::Ready(item.map(|item| item.map_err(|error| this.speaker.refuse(&error, this.verb))))
    }
}

/// A fault of ours: the client gets a number, the log has what happened under it.
fn panicked(panic: &(dyn Any + Send)) -> Error {
    let number = RandomState::new().hash_one("panic") as u32;
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or_default();
    tracing::error!(incident = format!("{number:08x}"), text, "a call panicked");
    Error::new(
        ErrorKind::Internal,
        format!("the server failed, the log says more under incident {number:08x}"),
    )
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use tonic::Code;

    use super::*;
    use crate::status::PlainDialect;

    fn answering() -> Answering {
        Answering::new(Speaker::new(PlainDialect))
    }

    #[tokio::test]
    async fn a_panic_is_an_incident_and_its_text_stays_inside() {
        let work = async { if true { panic!("secret") } else { Ok(()) } };
        let status = answering().once(Verb::DoGet, None, work).await.unwrap_err();
        assert_eq!(status.code(), Code::Internal);
        assert!(status.message().contains("incident") && !status.message().contains("secret"));
        let items = stream::iter([1, 2]).map(|n| if n == 2 { panic!("secret") } else { Ok(n) });
        let items: Vec<_> = answering().many(Verb::DoGet, None, items).collect().await;
        assert_eq!(items.len(), 2);
        assert_eq!(items[1].as_ref().unwrap_err().code(), Code::Internal);
    }

    #[tokio::test]
    async fn a_stopped_server_ends_what_is_under_way() {
        let answering = answering();
        let mut hanging = answering.many::<()>(Verb::DoGet, None, stream::pending());
        assert!(hanging.next().now_or_never().is_none());
        answering.stop();
        assert_eq!(hanging.next().await.unwrap().unwrap_err().code(), Code::Unavailable);
        assert!(hanging.next().await.is_none());
        let status =
            answering.once(Verb::DoPut, None, std::future::pending::<Result<(), Error>>()).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
    }

    #[tokio::test]
    async fn a_deadline_ends_what_is_under_way() {
        let (answering, deadline) = (answering(), Some(Instant::now()));
        let never = std::future::pending::<Result<(), Error>>();
        let status = answering.once(Verb::DoGet, deadline, never).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        let mut hanging = answering.many::<()>(Verb::DoGet, deadline, stream::pending());
        assert_eq!(hanging.next().await.unwrap().unwrap_err().code(), Code::DeadlineExceeded);
        assert!(hanging.next().await.is_none());
    }
}
