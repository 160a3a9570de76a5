//! Where a service is in its life, and how many calls are under way meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flexconnect_core::{Error, ErrorKind};
use tokio::sync::{Notify, watch};

/// When a refused caller may try again: by then another server may answer in this one's place.
const AGAIN: Duration = Duration::from_secs(1);

/// The server stops: what an error has behind it whose reason that is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopping;

impl std::fmt::Display for Stopping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the server stops")
    }
}

impl std::error::Error for Stopping {}

/// The stages, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Calls are answered, and what they need is still being looked after.
    Starting,
    /// All is well.
    Serving,
    /// Calls under way may end, no other begins.
    Draining,
    /// What is under way is ended.
    Stopped,
}

/// The life of one service.
#[derive(Debug)]
pub(crate) struct Life {
    phase: watch::Sender<Phase>,
    under_way: AtomicUsize,
    /// Told when the last call has ended.
    idle: Notify,
}

impl Default for Life {
    fn default() -> Self {
        Life {
            phase: watch::Sender::new(Phase::Serving),
            under_way: AtomicUsize::new(0),
            idle: Notify::new(),
        }
    }
}

/// One call that is under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct Visit(Arc<Life>);

impl Life {
    pub(crate) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Goes on to this stage; there is no way back but from serving to starting.
    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.send_if_modified(|now| {
            let changes = *now != phase && (phase > *now || *now == Phase::Serving);
            if changes {
                *now = phase;
            }
            changes
        });
    }

    /// A call begins, unless none may any more.
    pub(crate) fn visit(self: &Arc<Self>) -> Result<Visit, Error> {
        // Counted before the stage is looked at: who drains sees the call, or the call sees that.
        self.under_way.fetch_add(1, Ordering::SeqCst);
        let visit = Visit(self.clone());
        if self.phase() < Phase::Draining {
            return Ok(visit);
        }
        let message = "the server is stopping and takes no more calls; try again, another may answer then";
        Err(Error::new(ErrorKind::Unavailable, message).with_retry_after(AGAIN).with_source(Stopping))
    }

    /// How many calls are under way.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::SeqCst)
    }

    /// Waits until no call is under way.
    pub(crate) async fn idle(&self) {
        loop {
            let mut idle = std::pin::pin!(self.idle.notified());
            // Listens before it looks, so that no end is missed.
            idle.as_mut().enable();
            if self.under_way() == 0 {
                return;
            }
            idle.await;
        }
    }

    /// Waits for this stage, or a later one.
    pub(crate) async fn reached(&self, phase: Phase) {
        let mut now = self.phase.subscribe();
        if now.wait_for(|now| *now >= phase).await.is_err() {
            // Cannot be: the sender is borrowed here.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if self.0.under_way.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn who_drains_waits_for_those_under_way_and_nobody_else_begins() {
        let life = Arc::new(Life::default());
        assert!(life.idle().now_or_never().is_some());
        let (one, two) = (life.visit().unwrap(), life.visit().unwrap());
        let mut idle = std::pin::pin!(life.idle());
        life.enter(Phase::Draining);
        let refusal = life.visit().unwrap_err();
        assert_eq!((refusal.kind(), refusal.retry_after()), (ErrorKind::Unavailable, Some(AGAIN)));
        drop(one);
        assert!(idle.as_mut().now_or_never().is_none());
        drop(two);
        idle.await;
    }

    #[test]
    fn a_life_does_not_go_back() {
        let life = Life::default();
        for (enter, becomes) in [
            (Phase::Starting, Phase::Starting),
            (Phase::Serving, Phase::Serving),
            (Phase::Stopped, Phase::Stopped),
            (Phase::Draining, Phase::Stopped),
            (Phase::Serving, Phase::Stopped),
        ] {
            life.enter(enter);
            assert_eq!(life.phase(), becomes);
        }
    }
}
