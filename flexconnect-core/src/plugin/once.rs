//! A value opened once by whoever needs it first, awaited by everybody else.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use crate::error::Error;

/// Empty until an opener succeeds; a failed or cancelled opener leaves it empty for the next.
#[derive(Debug)]
pub(super) struct Once<T>(Mutex<State<T>>);

#[derive(Debug)]
enum State<T> {
    Empty,
    Opening(Vec<Waker>),
    Open(T),
}

impl<T: Clone> Once<T> {
    pub(super) fn new() -> Self {
        Once(Mutex::new(State::Empty))
    }

    /// The value, opened by this call unless it is open or being opened.
    pub(super) async fn get_or_open<F>(&self, open: impl FnOnce() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let open_already = std::future::poll_fn(|cx| {
            let mut state = self.lock();
            match &mut *state {
                State::Open(value) => Poll::Ready(Some(value.clone())),
                State::Opening(waiting) => {
                    waiting.push(cx.waker().clone());
                    Poll::Pending
                }
                State::Empty => {
                    *state = State::Opening(Vec::new());
                    Poll::Ready(None)
                }
            }
        });
        if let Some(value) = open_already.await {
            return Ok(value);
        }
        let mut turn = Turn { once: self, value: None };
        let value = open().await?;
        turn.value = Some(value.clone());
        Ok(value)
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The opener's turn: it ends with a value, or, when the opener fails or is dropped, with the next one's.
struct Turn<'a, T: Clone> {
    once: &'a Once<T>,
    value: Option<T>,
}

impl<T: Clone> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        let next = self.value.take().map_or(State::Empty, State::Open);
        let before = std::mem::replace(&mut *self.once.lock(), next);
        if let State::Opening(waiting) = before {
            waiting.into_iter().for_each(Waker::wake);
        }
    }
}
