//! A stream that can be taken away from whoever reads it: all it holds is let go at once, even when its reader takes
//! nothing at the moment.

use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use flexconnect_core::Error;
use futures::StreamExt;
use futures::stream::BoxStream;
use futures::task::AtomicWaker;

/// The stream, shared by its reader and by who may end it.
pub(crate) struct Lease<T> {
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
    pub(crate) fn new(items: Items<T>) -> Self {
        Lease { state: Mutex::new(State::Idle(items)), reader: AtomicWaker::new() }
    }

    /// Ends it from outside.
    pub(crate) fn end(&self, error: Error) {
        match self.replace(State::Ended(error)) {
            State::Done => drop(self.replace(State::Done)),
            // Dropped here, or by its reader as soon as that has had its turn.
            before => drop(before),
        }
        self.reader.wake();
    }

    /// The next item. An error is the last, and when it or the end is told, what the stream held is gone; what is to be
    /// done before that is `closing`.
    pub(crate) fn poll_next(
        &self,
        cx: &mut Context<'_>,
        closing: impl FnOnce(),
    ) -> Poll<Option<Result<T, Error>>> {
        // Before anything is looked at, so that an end that comes meanwhile is heard.
        self.reader.register(cx.waker());
        let (error, items) = match self.replace(State::Lent) {
            State::Idle(mut items) => match items.poll_next_unpin(cx) {
                Poll::Ready(Some(Ok(item))) => match self.give_back(items) {
                    None => return Poll::Ready(Some(Ok(item))),
                    Some(error) => (Some(error), None),
                },
                Poll::Pending => match self.give_back(items) {
                    None => return Poll::Pending,
                    Some(error) => (Some(error), None),
                },
                Poll::Ready(last) => (last.and_then(Result::err), Some(items)),
            },
            State::Ended(error) => (Some(error), None),
            State::Done | State::Lent => (None, None),
        };
        closing();
        drop((items, self.replace(State::Done)));
        Poll::Ready(error.map(Err))
    }

    /// Puts another state in place of the one there is.
    fn replace(&self, state: State<T>) -> State<T> {
        std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), state)
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
