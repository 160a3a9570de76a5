//! How work becomes an answer: a panic is an error, an error is spoken in the server's dialect, and a server that stops
//! says so.

use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use flexconnect_core::{Error, ErrorKind, count_panic};
use futures::stream::BoxStream;
use futures::{FutureExt, Stream, StreamExt, TryFutureExt};
use tonic::Status;
use tracing::Instrument;

use crate::call::Call;
use crate::call::lease::Lease;
use crate::call::life::{Life, Visit};
use crate::call::lookout::Lookout;
use crate::call::report::Report;
use crate::call::until::Until;
use crate::insight::metrics::Metrics;
use crate::insight::spans::SpanStyle;
use crate::status::{Speaker, Verb, error_of};

/// A stream as tonic takes it.
pub(crate) type Answers<T> = BoxStream<'static, Result<T, Status>>;

/// What all answers of a server have in common.
#[derive(Debug)]
pub(crate) struct Answering {
    speaker: Speaker,
    life: Arc<Life>,
    metrics: Metrics,
    spans: SpanStyle,
}

impl Answering {
    pub(crate) fn new(speaker: Speaker) -> Self {
        let (life, metrics, spans) = (Arc::default(), Metrics::default(), SpanStyle::default());
        Answering { speaker, life, metrics, spans }
    }

    pub(crate) fn speak(&mut self, speaker: Speaker) {
        self.speaker = speaker;
    }

    /// The spans of calls look like this.
    #[cfg_attr(not(feature = "gooddata"), allow(dead_code, reason = "only another dialect has other spans"))]
    pub(crate) fn show_spans(&mut self, spans: SpanStyle) {
        self.spans = spans;
    }

    /// Whether calls begin, and whether they go on.
    pub(crate) fn life(&self) -> &Arc<Life> {
        &self.life
    }

    /// What is counted of calls.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What comes before a call begins, if it does before the call is ended.
    pub(crate) fn before<T>(
        &self,
        until: &Until,
        work: impl Future<Output = Result<T, Error>>,
    ) -> impl Future<Output = Result<T, Error>> {
        unless_ended(&self.life, until, work)
    }

    /// Tells of a call that the transport has refused before it began: there is no such verb, its message is too large, or
    /// is none.
    pub(crate) fn refused_before(&self, verb: Verb, request: http::Request<()>, status: &Status) {
        let mut error = error_of(status);
        if error.kind() == ErrorKind::Internal {
            // What the transport calls its own fault is what the client has sent.
            error = Error::new(ErrorKind::InvalidRequest, error.message().to_owned());
        }
        let mut call = Call::of(&tonic::Request::from_http(request));
        Report::begin(verb, self.metrics.clone(), self.spans, &mut call).failed(error);
    }

    /// A call begins, unless the server takes no more. From here on what happens in it is told of.
    pub(crate) fn begin(&self, verb: Verb, call: &mut Call) -> Result<Ongoing, Status> {
        let (speaker, life) = (self.speaker.clone(), self.life.clone());
        let report = Report::begin(verb, self.metrics.clone(), self.spans, call);
        match life.visit() {
            Ok(visit) => Ok(Ongoing { verb, speaker, life, report, _visit: visit }),
            Err(error) => {
                let status = speaker.say(&error, verb);
                report.failed(error);
                Err(status)
            }
        }
    }
}

/// A call that is under way, until this, or the stream made of it, is dropped.
#[derive(Debug)]
pub(crate) struct Ongoing {
    verb: Verb,
    speaker: Speaker,
    life: Arc<Life>,
    report: Report,
    _visit: Visit,
}

impl Ongoing {
    /// What the work gives, if it does before it is ended.
    pub(crate) fn once<T>(
        &self,
        until: &Until,
        work: impl Future<Output = Result<T, Error>>,
    ) -> impl Future<Output = Result<T, Status>> {
        let answer = unless_ended(&self.life, until, work).instrument(self.report.span().clone());
        answer.map_err(|error| self.refuse(error))
    }

    /// The work's result is the call's whole answer.
    pub(crate) async fn whole<T>(
        self,
        until: &Until,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Status> {
        let answer = self.once(until, work).await?;
        self.report.done();
        Ok(answer)
    }

    /// As [`whole`](Self::whole), for work in which the transport's own status may be the answer.
    pub(crate) async fn transported<T>(
        self,
        until: &Until,
        work: impl Future<Output = Result<Result<T, Status>, Error>>,
    ) -> Result<T, Status> {
        let answer = self.once(until, work).await?;
        match &answer {
            Ok(_) => self.report.done(),
            Err(status) => self.report.failed(error_of(status)),
        }
        answer
    }

    /// Ends the call with this error.
    pub(crate) fn refuse(&self, error: Error) -> Status {
        let status = self.report.span().in_scope(|| self.speaker.say(&error, self.verb));
        self.report.failed(error);
        status
    }

    /// All the stream gives, until its first error or until it is ended: then all it holds is let go at once, even
    /// when its reader takes nothing at the moment.
    pub(crate) fn many<T: Send + 'static>(
        self,
        until: Until,
        items: impl Stream<Item = Result<T, Error>> + Send + 'static,
    ) -> Answers<T> {
        let items = AssertUnwindSafe(items).catch_unwind();
        let items = items.map(|item| item.unwrap_or_else(|_| Err(panicked())));
        let lease = Arc::new(Lease::new(items.boxed()));
        let (lent, life) = (Arc::downgrade(&lease), self.life.clone());
        let lookout = Lookout::new(async move {
            let error = until.ended(&life).await;
            if let Some(lease) = lent.upgrade() {
                lease.end(error);
            }
        });
        Box::pin(Streaming { lookout: Some(lookout), lease, ongoing: self })
    }
}

/// Does the work, unless what ends its call comes first.
async fn unless_ended<T>(
    life: &Life,
    until: &Until,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::select! {
        biased;
        // Where the work is done at once, nothing has to be looked out for.
        answer = guarded(work) => answer,
        error = until.ended(life) => Err(error),
    }
}

/// Does the work; a panic in it is an error.
// No `async fn`: one has room for its arguments beside what it makes of them, so that each around another doubles both.
pub(crate) fn guarded<T>(
    work: impl Future<Output = Result<T, Error>>,
) -> impl Future<Output = Result<T, Error>> {
    AssertUnwindSafe(work).catch_unwind().map(|done| done.unwrap_or_else(|_| Err(panicked())))
}

struct Streaming<T> {
    /// Gone before what the stream holds, part of which it looks at: it would begin a task only to see the end.
    lookout: Option<Lookout>,
    lease: Arc<Lease<T>>,
    ongoing: Ongoing,
}

impl<T> Stream for Streaming<T> {
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Streaming { lookout, lease, ongoing } = &mut *self;
        let item = ongoing.report.span().in_scope(|| lease.poll_next(cx, || *lookout = None));
        let item = std::task::ready!(item);
        if item.is_none() {
            self.ongoing.report.done();
        }
        Poll::Ready(item.map(|item| item.map_err(|error| self.ongoing.refuse(error))))
    }
}

/// A fault of ours: the client gets a number, the log has what happened under it.
fn panicked() -> Error {
    count_panic();
    let number = RandomState::new().hash_one("panic") as u32;
    // The text may hold a secret: it is for the process's own panic hook, which writes to stderr if nobody changes it.
    tracing::error!(incident = format!("{number:08x}"), "a call panicked");
    Error::new(
        ErrorKind::Internal,
        format!("the server failed, the log says more under incident {number:08x}"),
    )
    .with_panic()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use futures::stream;
    use tokio::sync::watch;
    use tonic::Code;

    use super::*;
    use crate::call::life::Phase;
    use crate::status::PlainDialect;

    fn answering() -> Answering {
        Answering::new(Speaker::new(PlainDialect))
    }

    fn begin(answering: &Answering) -> Ongoing {
        answering.begin(Verb::DoGet, &mut Call::default()).unwrap()
    }

    #[tokio::test]
    async fn a_panic_is_an_incident_and_its_text_stays_inside() {
        let work = async { if true { panic!("secret") } else { Ok(()) } };
        let status = begin(&answering()).whole(&Until::default(), work).await.unwrap_err();
        assert_eq!(status.code(), Code::Internal);
        assert!(status.message().contains("incident") && !status.message().contains("secret"));
        let items = stream::iter([1, 2]).map(|n| if n == 2 { panic!("secret") } else { Ok(n) });
        let items: Vec<_> = begin(&answering()).many(Until::default(), items).collect().await;
        assert_eq!(items.len(), 2);
        assert_eq!(items[1].as_ref().unwrap_err().code(), Code::Internal);
    }

    #[tokio::test]
    async fn the_end_of_what_could_be_cancelled_begins_no_task() {
        let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
        for is_read in [true, false] {
            let (cancel, cancelled) = watch::channel(false);
            let until = Until { cancelled: Some(cancelled), ..Until::default() };
            let items = stream::iter([1, 2]).map(move |n| {
                let _held = &cancel;
                Ok(n)
            });
            let mut answers = begin(&answering()).many(until, items);
            if is_read {
                assert_eq!(answers.by_ref().count().await, 2);
            }
            drop(answers);
            assert_eq!(tasks(), 0);
        }
    }

    #[tokio::test]
    async fn a_stopped_server_ends_what_is_under_way() {
        let answering = answering();
        let (reading, writing) = (begin(&answering), begin(&answering));
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
        let status = begin(&answering).whole(&late, never).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        let mut hanging = begin(&answering).many::<()>(late, stream::pending());
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
        let mut reading = begin(&answering()).many(until, items);
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
