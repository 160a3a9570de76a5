//! A panic in an author's code ends the call it happened in, and nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use crate::error::{Error, Result};
use crate::tally::count_panic;

/// Runs an author's function; a panic is an internal error.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        count_panic();
        Error::panicked()
    })
}

/// Awaits an author's future; a panic in making or polling it is an internal error.
pub(crate) async fn caught_async<T, F>(future: impl FnOnce() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T>>,
{
    let mut future = Box::pin(caught(future)?);
    std::future::poll_fn(|cx| match caught(|| future.as_mut().poll(cx)) {
        Ok(poll) => poll.map_err(Error::from_boxed),
        Err(panicked) => Poll::Ready(Err(panicked)),
    })
    .await
}
