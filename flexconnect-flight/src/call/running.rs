//! The reads under way, so that CancelFlightInfo finds them.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arrow_flight::CancelStatus;
use futures::future::join_all;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::command::ReadId;

/// How long a cancelling waits for what it ended to be gone.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many reads that were cancelled are remembered.
const REMEMBERED: usize = 4_096;

/// The reads of a server. Who may cancel one is told by its ticket, which only its own caller can open.
#[derive(Debug, Default)]
pub(crate) struct Running(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    reads: HashMap<ReadId, Vec<Entry>>,
    /// The next entry's number.
    next: u64,
    cancelled: Cancelled,
}

#[derive(Debug, Clone)]
struct Entry {
    number: u64,
    cancel: watch::Sender<bool>,
    /// Closed once the read is gone.
    alive: watch::Sender<()>,
}

/// One read, until it is dropped.
#[derive(Debug)]
pub(crate) struct Run {
    running: Arc<Running>,
    read: ReadId,
    number: u64,
    _alive: watch::Receiver<()>,
}

impl Running {
    /// A read begins; it ends when the receiver says so, or when what is given is dropped.
    pub(crate) fn begin(self: &Arc<Self>, read: ReadId) -> (Run, watch::Receiver<bool>) {
        let (cancel, cancelled) = watch::channel(false);
        let (alive, _alive) = watch::channel(());
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.cancelled.forget(read);
        state.reads.entry(read).or_default().push(Entry { number, cancel, alive });
        (Run { running: self.clone(), read, number, _alive }, cancelled)
    }

    /// Ends all that is under way of these reads, and waits for a moment until it is gone.
    pub(crate) async fn cancel(&self, reads: impl IntoIterator<Item = ReadId>) -> CancelStatus {
        let (ending, known) = self.stop(reads);
        if ending.is_empty() {
            return if known { CancelStatus::Cancelled } else { CancelStatus::NotCancellable };
        }
        match timeout(PATIENCE, join_all(ending.iter().map(|alive| alive.closed()))).await {
            Ok(_) => CancelStatus::Cancelled,
            Err(_) => CancelStatus::Cancelling,
        }
    }

    /// Says the word; gives what ends by it, and whether any of the reads was cancelled before.
    fn stop(&self, reads: impl IntoIterator<Item = ReadId>) -> (Vec<watch::Sender<()>>, bool) {
        let mut state = self.lock();
        let (mut ending, mut known) = (Vec::new(), false);
        for read in reads {
            known |= state.cancelled.contains(read);
            let Some(entries) = state.reads.get(&read) else { continue };
            for Entry { cancel, alive, .. } in entries {
                cancel.send_replace(true);
                ending.push(alive.clone());
            }
            state.cancelled.remember(read);
        }
        (ending, known)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let mut state = self.running.lock();
        if let Some(entries) = state.reads.get_mut(&self.read) {
            entries.retain(|entry| entry.number != self.number);
            if entries.is_empty() {
                state.reads.remove(&self.read);
            }
        }
    }
}

/// The reads cancelled last, so that who asks twice hears the same twice.
#[derive(Debug, Default)]
struct Cancelled {
    order: VecDeque<ReadId>,
    reads: HashSet<ReadId>,
}

impl Cancelled {
    fn contains(&self, read: ReadId) -> bool {
        self.reads.contains(&read)
    }

    fn remember(&mut self, read: ReadId) {
        if !self.reads.insert(read) {
            return;
        }
        self.order.push_back(read);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.reads.remove(&oldest);
        }
    }

    fn forget(&mut self, read: ReadId) {
        if self.reads.remove(&read) {
            self.order.retain(|other| *other != read);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_read_is_cancelled_wherever_it_is_redeemed() {
        let (running, read, other) = (Arc::new(Running::default()), ReadId::new(), ReadId::new());
        let (one, mut one_cancelled) = running.begin(read);
        let (two, _) = running.begin(read);
        let (kept, kept_cancelled) = running.begin(other);
        let cancelling = running.cancel([read]);
        let ends = async {
            one_cancelled.wait_for(|cancelled| *cancelled).await.unwrap();
            drop((one, two));
        };
        assert_eq!(tokio::join!(cancelling, ends).0, CancelStatus::Cancelled);
        assert!(!*kept_cancelled.borrow());
        assert_eq!(running.cancel([read]).await, CancelStatus::Cancelled, "asked again");
        assert_eq!(running.cancel([ReadId::new()]).await, CancelStatus::NotCancellable);
        drop(kept);
        assert_eq!(running.cancel([other]).await, CancelStatus::NotCancellable, "it ended by itself");
        assert!(running.lock().reads.is_empty());
    }

    #[tokio::test]
    async fn what_does_not_end_is_told() {
        let (running, read) = (Arc::new(Running::default()), ReadId::new());
        let (_run, _) = running.begin(read);
        assert_eq!(running.cancel([read]).await, CancelStatus::Cancelling);
    }

    #[test]
    fn little_is_remembered_and_a_new_run_is_news() {
        let (running, first) = (Arc::new(Running::default()), ReadId::new());
        let stop = |read| {
            let (_run, _) = running.begin(read);
            running.stop([read]);
        };
        stop(first);
        assert!(running.stop([first]).1);
        drop(running.begin(first));
        assert!(!running.stop([first]).1);
        stop(first);
        (0..REMEMBERED).for_each(|_| stop(ReadId::new()));
        assert_eq!(running.cancel([first]).now_or_never(), Some(CancelStatus::NotCancellable));
        assert_eq!(running.lock().cancelled.order.len(), REMEMBERED);
    }
}
