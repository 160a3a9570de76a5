//! How work becomes an answer: a panic is an error, an error is spoken in the server's dialect, and a server that stops
//! says so.

use std::any::Any;
use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use flexconnect_core::{Error, ErrorKind};
use futures::stream::BoxStream;
use futures::task::AtomicWaker;
use futures::{FutureExt, Stream, StreamExt};
use tokio::sync::watch;
use tokio::task::AbortHandle;
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

    /// Answers with what the work gives, if it does before it is ended.
    pub(crate) async fn once<T>(
        &self,
        verb: Verb,
        until: &Until,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Status> {
        let answer = tokio::select! {
            answer = guarded(work) => answer,
            error = until.ended(self.stopped.subscribe()) => Err(error),
        };
        answer.map_err(|error| self.speaker.refuse(&error, verb))
    }

    /// Answers with all the stream gives, until its first error or until it is ended: then all it holds is let go at
    /// once, even when its reader takes nothing at the moment.
    pub(crate) fn many<T: Send + 'static>(
        &self,
        verb: Verb,
        until: Until,
        items: impl Stream<Item = Result<T, Error>> + Send + 'static,
    ) -> Answers<T> {
        let items = AssertUnwindSafe(items).catch_unwind();
        let items = items.map(|item| item.unwrap_or_else(|panic| Err(panicked(&*panic))));
        let lease = Arc::new(Lease::new(items.boxed()));
        let (lent, stopped) = (Arc::downgrade(&lease), self.stopped.subscribe());
        let watch = tokio::spawn(async move {
            let error = until.ended(stopped).await;
            if let Some(lease) = lent.upgrade() {
                lease.end(error);
            }
        });
        Box::pin(Streaming { lease, watch: watch.abort_handle(), speaker: self.speaker.clone(), verb })
    }
}

/// What ends a call besides the server's own end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Until {
    pub(crate) deadline: Option<Instant>,
    /// Somebody may say that the call is to end.
    pub(crate) cancelled: Option<watch::Receiver<bool>>,
}

impl Until {
    /// Waits for what ends a call from outside, and says what it was.
    async fn ended(&self, stopped: watch::Receiver<bool>) -> Error {
        let late = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        let cancelled = async {
            match self.cancelled.clone() {
                Some(cancelled) => told(cancelled).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = told(stopped) => Error::new(ErrorKind::Unavailable, "the server is stopping; try again"),
            () = late => Error::new(ErrorKind::Timeout, "the call took longer than its caller would wait"),
            () = cancelled => Error::new(ErrorKind::Cancelled, "the read was cancelled by CancelFlightInfo"),
        }
    }
}

/// Waits for the word; for ever, when whoever could say it is gone.
async fn told(mut word: watch::Receiver<bool>) {
    if word.wait_for(|said| *said).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Does the work; a panic in it is an error.
pub(crate) async fn guarded<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| Err(panicked(&*panic)))
}

/// A stream that can be taken away from whoever reads it.
struct Lease<T> {
    state: Mutex<State<T>>,
    reader: AtomicWaker,
}

enum State<T> {
    Idle(Items<T>),
    /// Its reader has it at the moment.
    Lent,
    /// Ended from outside; the error is still to be told.
    Ended(Error),
    Done,
}

type Items<T> = BoxStream<'static, Result<T, Error>>;

impl<T> Lease<T> {
    fn new(items: Items<T>) -> Self {
        Lease { state: Mutex::new(State::Idle(items)), reader: AtomicWaker::new() }
    }

    /// Puts another state in place of the one there is.
    fn replace(&self, state: State<T>) -> State<T> {
        std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), state)
    }

    /// Ends it from outside.
    fn end(&self, error: Error) {
        match self.replace(State::Ended(error)) {
            State::Done => drop(self.replace(State::Done)),
            // Dropped here, or by its reader as soon as that has had its turn.
            before => drop(before),
        }
        self.reader.wake();
    }

    /// Gives it back after a turn, unless it was ended meanwhile.
    fn give_back(&self, items: Items<T>) -> Option<Error> {
        match self.replace(State::Idle(items)) {
            State::Ended(error) => {
                drop(self.replace(State::Done));
                Some(error)
            }
            _ => None,
        }
    }
}

struct Streaming<T> {
    lease: Arc<Lease<T>>,
    watch: AbortHandle,
    speaker: Speaker,
    verb: Verb,
}

impl<T> Stream for Streaming<T> {
    type Item = Result<T, Status>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Before anything is looked at, so that an end that comes meanwhile is heard.
        self.lease.reader.register(cx.waker());
        let item = match self.lease.replace(State::Lent) {
            State::Idle(mut items) => match items.poll_next_unpin(cx) {
                Poll::Ready(Some(Ok(item))) => match self.lease.give_back(items) {
                    None => return Poll::Ready(Some(Ok(item))),
                    Some(error) => Some(error),
                },
                Poll::Pending => match self.lease.give_back(items) {
                    None => return Poll::Pending,
                    Some(error) => Some(error),
                },
                // What it held is let go before the client hears of the end.
                Poll::Ready(Some(Err(error))) => Some(error),
                Poll::Ready(None) => None,
            },
            State::Ended(error) => Some(error),
            State::Done | State::Lent => None,
        };
        drop(self.lease.replace(State::Done));
        self.watch.abort();
        Poll::Ready(item.map(|error| Err(self.speaker.refuse(&error, self.verb))))
    }
}

impl<T> Drop for Streaming<T> {
    fn drop(&mut self) {
        self.watch.abort();
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
    .with_panic()
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
        let status = answering().once(Verb::DoGet, &Until::default(), work).await.unwrap_err();
        assert_eq!(status.code(), Code::Internal);
        assert!(status.message().contains("incident") && !status.message().contains("secret"));
        let items = stream::iter([1, 2]).map(|n| if n == 2 { panic!("secret") } else { Ok(n) });
        let items: Vec<_> = answering().many(Verb::DoGet, Until::default(), items).collect().await;
        assert_eq!(items.len(), 2);
        assert_eq!(items[1].as_ref().unwrap_err().code(), Code::Internal);
    }

    #[tokio::test]
    async fn a_stopped_server_ends_what_is_under_way() {
        let answering = answering();
        let mut hanging = answering.many::<()>(Verb::DoGet, Until::default(), stream::pending());
        assert!(hanging.next().now_or_never().is_none());
        answering.stop();
        assert_eq!(hanging.next().await.unwrap().unwrap_err().code(), Code::Unavailable);
        assert!(hanging.next().await.is_none());
        let never = std::future::pending::<Result<(), Error>>();
        let status = answering.once(Verb::DoPut, &Until::default(), never).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
    }

    #[tokio::test]
    async fn a_deadline_ends_what_is_under_way() {
        let answering = answering();
        let late = Until { deadline: Some(Instant::now()), ..Until::default() };
        let never = std::future::pending::<Result<(), Error>>();
        let status = answering.once(Verb::DoGet, &late, never).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        let mut hanging = answering.many::<()>(Verb::DoGet, late, stream::pending());
        assert_eq!(hanging.next().await.unwrap().unwrap_err().code(), Code::DeadlineExceeded);
        assert!(hanging.next().await.is_none());
    }

    #[tokio::test]
    async fn what_a_silent_reader_holds_is_taken_away() {
        let (cancel, cancelled) = watch::channel(false);
        let until = Until { cancelled: Some(cancelled), ..Until::default() };
        let (held, mut gone) = tokio::sync::oneshot::channel::<()>();
        let items = stream::repeat(()).map(move |()| {
            let _held = &held;
            Ok(())
        });
        let mut reading = answering().many(Verb::DoGet, until, items);
        assert!(reading.next().await.unwrap().is_ok());
        assert!(
            gone.try_recv().is_err_and(|error| error == tokio::sync::oneshot::error::TryRecvError::Empty)
        );
        cancel.send_replace(true);
        // Nobody polls the stream meanwhile.
        gone.await.unwrap_err();
        assert_eq!(reading.next().await.unwrap().unwrap_err().code(), Code::Cancelled);
        assert!(reading.next().await.is_none());
    }
}
