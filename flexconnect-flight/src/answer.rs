//! How work becomes an answer: a panic is an error, an error is spoken in the server's dialect, and a server that stops
//! says so.

use std::any::Any;
use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use flexconnect_core::{Error, ErrorKind};
use futures::stream::BoxStream;
use futures::{FutureExt, Stream, StreamExt};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tonic::Status;

use crate::lease::Lease;
use crate::life::{Life, Phase, Stopping, Visit};
use crate::status::{Speaker, Verb};

/// A stream as tonic takes it.
pub(crate) type Answers<T> = BoxStream<'static, Result<T, Status>>;

/// What all answers of a server have in common.
#[derive(Debug)]
pub(crate) struct Answering {
    speaker: Speaker,
    life: Arc<Life>,
}

impl Answering {
    pub(crate) fn new(speaker: Speaker) -> Self {
        Answering { speaker, life: Arc::default() }
    }

    pub(crate) fn speak(&mut self, speaker: Speaker) {
        self.speaker = speaker;
    }

    /// Whether calls begin, and whether they go on.
    pub(crate) fn life(&self) -> &Arc<Life> {
        &self.life
    }

    /// A call begins, unless the server takes no more.
    pub(crate) fn begin(&self, verb: Verb) -> Result<Ongoing, Status> {
        let (speaker, life) = (self.speaker.clone(), self.life.clone());
        match life.visit() {
            Ok(visit) => Ok(Ongoing { verb, speaker, life, _visit: visit }),
            Err(error) => Err(speaker.refuse(&error, verb)),
        }
    }

    /// Answers a whole call with what the work gives, if it does before it is ended.
    pub(crate) async fn whole<T>(
        &self,
        verb: Verb,
        until: &Until,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Status> {
        self.begin(verb)?.once(until, work).await
    }
}

/// A call that is under way, until this, or the stream made of it, is dropped.
#[derive(Debug)]
pub(crate) struct Ongoing {
    verb: Verb,
    speaker: Speaker,
    life: Arc<Life>,
    _visit: Visit,
}

impl Ongoing {
    /// What the work gives, if it does before it is ended.
    pub(crate) async fn once<T>(
        &self,
        until: &Until,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Status> {
        let answer = tokio::select! {
            answer = guarded(work) => answer,
            error = until.ended(&self.life) => Err(error),
        };
        answer.map_err(|error| self.speaker.refuse(&error, self.verb))
    }

    /// All the stream gives, until its first error or until it is ended: then all it holds is let go at once, even
    /// when its reader takes nothing at the moment.
    pub(crate) fn many<T: Send + 'static>(
        self,
        until: Until,
        items: impl Stream<Item = Result<T, Error>> + Send + 'static,
    ) -> Answers<T> {
        let items = AssertUnwindSafe(items).catch_unwind();
        let items = items.map(|item| item.unwrap_or_else(|panic| Err(panicked(&*panic))));
        let lease = Arc::new(Lease::new(items.boxed()));
        let (lent, life) = (Arc::downgrade(&lease), self.life.clone());
        let watch = tokio::spawn(async move {
            let error = until.ended(&life).await;
            if let Some(lease) = lent.upgrade() {
                lease.end(error);
            }
        });
        Box::pin(Streaming { lease, watch: watch.abort_handle(), ongoing: self })
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
    async fn ended(&self, life: &Life) -> Error {
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
            () = life.reached(Phase::Stopped) => {
                Error::new(ErrorKind::Unavailable, "the server is stopping; try again").with_source(Stopping)
            }
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

struct Streaming<T> {
    lease: Arc<Lease<T>>,
    watch: AbortHandle,
    ongoing: Ongoing,
}

impl<T> Stream for Streaming<T> {
    type Item = Result<T, Status>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = std::task::ready!(self.lease.poll_next(cx));
        if !matches!(item, Some(Ok(_))) {
            self.watch.abort();
        }
        let Ongoing { verb, speaker, .. } = &self.ongoing;
        Poll::Ready(item.map(|item| item.map_err(|error| speaker.refuse(&error, *verb))))
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
        let status = answering().whole(Verb::DoGet, &Until::default(), work).await.unwrap_err();
        assert_eq!(status.code(), Code::Internal);
        assert!(status.message().contains("incident") && !status.message().contains("secret"));
        let items = stream::iter([1, 2]).map(|n| if n == 2 { panic!("secret") } else { Ok(n) });
        let items: Vec<_> =
            answering().begin(Verb::DoGet).unwrap().many(Until::default(), items).collect().await;
        assert_eq!(items.len(), 2);
        assert_eq!(items[1].as_ref().unwrap_err().code(), Code::Internal);
    }

    #[tokio::test]
    async fn a_stopped_server_ends_what_is_under_way() {
        let answering = answering();
        let (reading, writing) =
            (answering.begin(Verb::DoGet).unwrap(), answering.begin(Verb::DoPut).unwrap());
        let mut hanging = reading.many::<()>(Until::default(), stream::pending());
        assert!(hanging.next().now_or_never().is_none());
        answering.life().enter(Phase::Stopped);
        assert_eq!(hanging.next().await.unwrap().unwrap_err().code(), Code::Unavailable);
        assert!(hanging.next().await.is_none());
        let never = std::future::pending::<Result<(), Error>>();
        let status = writing.once(&Until::default(), never).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
    }

    #[tokio::test]
    async fn a_deadline_ends_what_is_under_way() {
        let answering = answering();
        let late = Until { deadline: Some(Instant::now()), ..Until::default() };
        let never = std::future::pending::<Result<(), Error>>();
        let status = answering.whole(Verb::DoGet, &late, never).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        let mut hanging = answering.begin(Verb::DoGet).unwrap().many::<()>(late, stream::pending());
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
        let mut reading = answering().begin(Verb::DoGet).unwrap().many(until, items);
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
