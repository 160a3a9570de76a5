//! Waiting, with an end, on any executor.

use std::pin::pin;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind};
use crate::timer::wake_at;

/// How often something is looked at that tells nobody when it changes.
const OFTEN: Duration = Duration::from_millis(2);

/// What the work comes to, or an error when that takes longer.
pub(crate) async fn within<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let deadline = Instant::now() + patience;
    let mut work = pin!(work);
    let mut told: Option<Waker> = None;
    std::future::poll_fn(|cx| {
        if let Poll::Ready(result) = work.as_mut().poll(cx) {
            return Poll::Ready(result);
        }
        if Instant::now() >= deadline {
            let message = format!("it did not end within {patience:?}");
            return Poll::Ready(Err(Error::new(ErrorKind::Timeout, message)));
        }
        if !told.as_ref().is_some_and(|told| told.will_wake(cx.waker())) {
            wake_at(deadline, cx.waker().clone());
            told = Some(cx.waker().clone());
        }
        Poll::Pending
    })
    .await
}

/// Whether this holds before the patience ends.
pub(crate) async fn eventually(patience: Duration, holds: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        if holds() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        pause(OFTEN).await;
    }
}

/// Lets others have their turn for this long.
pub(crate) async fn pause(time: Duration) {
    let until = Instant::now() + time;
    std::future::poll_fn(|cx| {
        if Instant::now() >= until {
            return Poll::Ready(());
        }
        wake_at(until, cx.waker().clone());
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn what_never_ends_is_given_up() {
        let never = std::future::pending::<Result<(), Error>>();
        let error = block_on(within(Duration::from_millis(1), never)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(block_on(within(Duration::ZERO, async { Ok(5) })).unwrap(), 5);
        assert!(!block_on(eventually(Duration::from_millis(1), || false)));
    }
}
