//! One invocation of a function: where it stands, and what ends it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use flexconnect_core::Error;
use tokio::sync::watch;
use tokio::time::timeout;

use super::budget::Share;
use super::fault::Fault;
use super::held::Held;
use super::ticket::TaskId;

/// What is kept of a task besides its rows and its command, more or less.
pub(crate) const OVERHEAD: u64 = 2 << 10;

/// A task, shared by those who wait for it and the thread that runs it.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) id: TaskId,
    pub(crate) function: String,
    /// What it was asked with, byte for byte.
    pub(crate) command: Bytes,
    pub(crate) submitted: Instant,
    /// When it is ended if it is not done by then.
    pub(crate) deadline: Instant,
    state: watch::Sender<State>,
    end: watch::Sender<bool>,
    /// Why it was ended; of several reasons the first.
    why: OnceLock<Why>,
    /// Whether somebody was told that it took too long.
    told: AtomicBool,
    began: OnceLock<Instant>,
    _share: Share,
}

/// Where a task stands.
#[derive(Debug, Clone)]
pub(crate) enum State {
    /// It waits for its turn.
    Queued,
    /// Its function runs.
    Running,
    /// There are rows, or their end.
    Finished(Arc<Held>),
    /// It came to an error before there were rows.
    Failed(Error),
    /// It was ended, and its function runs no more.
    Cancelled,
}

/// What ended a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its caller, or nobody waits for it any more.
    Asked,
    /// It took too long.
    Deadline,
    /// The server stops.
    Stopped,
}

impl State {
    fn is_done(&self) -> bool {
        !matches!(self, State::Queued | State::Running)
    }
}

impl Task {
    /// A task that waits for its turn, and may take so long.
    pub(crate) fn new(
        id: TaskId,
        function: String,
        command: Bytes,
        longest: Duration,
        share: Share,
    ) -> Arc<Self> {
        let submitted = Instant::now();
        // What cannot be added is far enough away.
        let deadline = submitted.checked_add(longest).unwrap_or(submitted + Duration::from_secs(1 << 30));
        Arc::new(Task {
            id,
            function,
            command,
            submitted,
            deadline,
            state: watch::Sender::new(State::Queued),
            end: watch::Sender::new(false),
            why: OnceLock::new(),
            told: AtomicBool::new(false),
            began: OnceLock::new(),
            _share: share,
        })
    }

    /// Where it stands now.
    pub(crate) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Its turn has come; `false` when it was ended before.
    pub(crate) fn begin(&self) -> bool {
        if Instant::now() >= self.deadline {
            self.end(Why::Deadline);
        }
        let ended = self.has_ended();
        self.state.send_if_modified(|state| {
            if matches!(state, State::Queued) {
                *state = if ended { State::Cancelled } else { State::Running };
            }
            // That it runs is no news to those who wait, and waking them takes the time of its beginning.
            state.is_done()
        });
        let runs = matches!(self.state(), State::Running);
        if runs {
            let _ = self.began.set(Instant::now());
        }
        runs
    }

    /// How long it waited, and how long it has been running since, if it has.
    pub(crate) fn times(&self) -> (Duration, Option<Duration>) {
        match self.began.get() {
            Some(began) => (began.saturating_duration_since(self.submitted), Some(began.elapsed())),
            None => (self.submitted.elapsed(), None),
        }
    }

    /// What it has come to, unless that is told already.
    pub(crate) fn settle(&self, done: State) -> bool {
        self.state.send_if_modified(|state| {
            let news = !state.is_done();
            if news {
                *state = done;
            }
            news
        })
    }

    /// Ends it: at once if it waits, as soon as its function lets it if that runs. Gives whether it was waiting.
    pub(crate) fn end(&self, why: Why) -> bool {
        let _ = self.why.set(why);
        self.end.send_replace(true);
        self.state.send_if_modified(|state| {
            let queued = matches!(state, State::Queued);
            if queued {
                *state = State::Cancelled;
            }
            queued
        })
    }

    pub(crate) fn has_ended(&self) -> bool {
        *self.end.borrow()
    }

    /// Waits until it is ended from outside.
    pub(crate) async fn ended(&self) {
        // The sender is as old as the task.
        let _ = self.end.subscribe().wait_for(|ended| *ended).await;
    }

    /// The word that ends its readers.
    pub(crate) fn end_of_reads(&self) -> watch::Receiver<bool> {
        self.end.subscribe()
    }

    /// What it has come to, once that is known, or `None` after this long.
    pub(crate) async fn outcome(&self, longest: Duration) -> Option<Result<Arc<Held>, Error>> {
        timeout(longest, self.done()).await.ok()
    }

    /// What it has come to, once that is known.
    pub(crate) async fn done(&self) -> Result<Arc<Held>, Error> {
        let mut state = self.state.subscribe();
        let state = state.wait_for(State::is_done).await.map(|state| state.clone());
        match state {
            Ok(State::Finished(held)) => Ok(held),
            Ok(State::Failed(error)) => Err(error),
            // The sender is as old as the task.
            Ok(_) | Err(_) => Err(self.cancelled().into()),
        }
    }

    /// Ends it because it took too long, and says so.
    pub(crate) fn late(&self) -> Fault {
        self.end(Why::Deadline);
        self.told.store(true, Ordering::Release);
        tracing::warn!(task_id = %self.id, fun = self.function, "flexconnect_fun_call_timeout");
        Fault::timeout(self.id)
    }

    /// What a task that was ended is to who asks for it: that it took too long is told once.
    fn cancelled(&self) -> Fault {
        match self.why.get() {
            Some(Why::Deadline) if !self.told.swap(true, Ordering::AcqRel) => Fault::timeout(self.id),
            Some(Why::Stopped) => Fault::shutting_down(),
            _ => Fault::was_cancelled(self.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::task::{Context, Wake, Waker};

    use super::super::budget::Budget;
    use super::*;

    fn task(longest: Duration) -> Arc<Task> {
        let share = Budget::new(OVERHEAD).take(OVERHEAD).unwrap();
        Task::new(TaskId::random().unwrap(), "F".into(), Bytes::new(), longest, share)
    }

    fn fault(outcome: Result<Arc<Held>, Error>) -> Fault {
        outcome.unwrap_err().cause::<Fault>().unwrap().clone()
    }

    #[tokio::test]
    async fn what_waits_is_ended_at_once_and_never_runs() {
        let task = task(Duration::from_secs(60));
        assert!(task.end(Why::Asked) && !task.begin());
        assert_eq!(fault(task.done().await), Fault::was_cancelled(task.id));
    }

    #[tokio::test]
    async fn what_runs_is_ended_when_its_function_says_so() {
        let task = task(Duration::from_secs(60));
        assert!(task.begin() && !task.end(Why::Asked));
        task.ended().await;
        assert!(task.outcome(Duration::ZERO).await.is_none());
        assert!(task.settle(State::Cancelled) && !task.settle(State::Cancelled));
        assert_eq!(fault(task.done().await), Fault::was_cancelled(task.id));
    }

    #[test]
    fn that_it_runs_wakes_nobody_who_waits_for_what_it_comes_to() {
        struct Woken(AtomicUsize);
        impl Wake for Woken {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let (task, woken) = (task(Duration::from_secs(60)), Arc::new(Woken(AtomicUsize::new(0))));
        let waker = Waker::from(woken.clone());
        let mut done = std::pin::pin!(task.done());
        assert!(done.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        assert!(task.begin());
        assert_eq!(woken.0.load(Ordering::SeqCst), 0);
        assert!(task.settle(State::Cancelled));
        assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn that_it_took_too_long_is_told_once() {
        let task = task(Duration::ZERO);
        assert!(!task.begin());
        assert_eq!(fault(task.done().await), Fault::timeout(task.id));
        assert_eq!(fault(task.done().await), Fault::was_cancelled(task.id));
    }
}
