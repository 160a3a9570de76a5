//! What a connector logs while it is asked for something, at every level.

use std::fmt::{Debug, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber, dispatcher};

/// More than any connector says of a few rows; one that logs without an end must not fill the memory.
const MOST: usize = 10_000;

/// The logs of the work that is done while [listening](Listener::listen). Threads of the work's own are not heard.
#[derive(Clone)]
pub(crate) struct Listener {
    heard: Arc<Mutex<Vec<String>>>,
    dispatch: Dispatch,
}

impl Listener {
    pub(crate) fn new() -> Self {
        let heard = Arc::<Mutex<Vec<String>>>::default();
        Listener { dispatch: Dispatch::new(Ear(heard.clone())), heard }
    }

    /// Does the work; nobody else hears what it logs meanwhile.
    pub(crate) async fn listen<T>(&self, work: impl Future<Output = T>) -> T {
        Listening { dispatch: self.dispatch.clone(), work: Box::pin(work) }.await
    }

    /// Each line that was heard, and the fields of each span.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

struct Listening<F> {
    dispatch: Dispatch,
    work: Pin<Box<F>>,
}

impl<F: Future> Future for Listening<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        dispatcher::with_default(&this.dispatch, || this.work.as_mut().poll(cx))
    }
}

struct Ear(Arc<Mutex<Vec<String>>>);

impl Ear {
    fn hear(&self, target: &str, record: impl FnOnce(&mut Line)) {
        let mut line = Line(format!("{target}:"));
        record(&mut line);
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.len() < MOST {
            heard.push(line.0);
        }
    }
}

impl Subscriber for Ear {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.hear(span.metadata().target(), |line| span.record(line));
        // Which span it is does not matter here.
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.hear("", |line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.hear(event.metadata().target(), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, " {field}={value}");
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_logged_meanwhile_is_heard_and_nothing_else() {
        let listener = Listener::new();
        tracing::info!("before");
        let answer = futures::executor::block_on(listener.listen(async {
            let _span = tracing::trace_span!("work", key = "k").entered();
            tracing::trace!(value = ?Some("v"), text = "t", "meanwhile");
            7
        }));
        tracing::info!("after");
        assert_eq!(answer, 7);
        let heard = listener.heard();
        assert_eq!(heard.len(), 2, "{heard:?}");
        assert!(heard[0].ends_with(": key=k"), "{heard:?}");
        assert!(heard[1].ends_with(": message=meanwhile value=Some(\"v\") text=t"), "{heard:?}");
    }
}
