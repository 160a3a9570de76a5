//! A lookout for what ends a stream from outside, which costs a task only once there is something to see: a task for each
//! stream, most of them short, would wake another thread for each.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// Looks out until it is dropped.
pub(crate) struct Lookout(Arc<Post>);

/// Where the lookout stands; it is its own waker.
struct Post {
    runtime: Handle,
    state: Mutex<State>,
}

enum State {
    /// It is being polled for the first time; `woken` already, or not.
    First {
        woken: bool,
    },
    /// Nothing yet. What is waited for knows this post, and so is let go as soon as nobody looks out any more.
    Waiting(BoxFuture<'static, ()>),
    /// There was something, and a task looks what it is.
    Looking(AbortHandle),
    Over,
}

impl Lookout {
    /// Does this when it is seen; must be called within a runtime.
    pub(crate) fn new(seen: impl Future<Output = ()> + Send + 'static) -> Self {
        let post =
            Arc::new(Post { runtime: Handle::current(), state: Mutex::new(State::First { woken: false }) });
        let waker = Waker::from(post.clone());
        let mut seen = seen.boxed();
        let done = seen.poll_unpin(&mut Context::from_waker(&waker)).is_ready();
        let mut state = post.lock();
        let woken = matches!(*state, State::First { woken: true });
        *state = match (done, woken) {
            (true, _) => State::Over,
            // As the runtime does when a task has had its share.
            (false, true) => State::Looking(post.runtime.spawn(seen).abort_handle()),
            (false, false) => State::Waiting(seen),
        };
        drop(state);
        Lookout(post)
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        let before = std::mem::replace(&mut *self.0.lock(), State::Over);
        if let State::Looking(task) = &before {
            task.abort();
        }
        // Not under the lock: what is let go may wake this post.
        drop(before);
    }
}

impl Post {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Post {
    fn wake(self: Arc<Self>) {
        let mut state = self.lock();
        *state = match std::mem::replace(&mut *state, State::Over) {
            State::First { .. } => State::First { woken: true },
            State::Waiting(seen) => State::Looking(self.runtime.spawn(seen).abort_handle()),
            other => other,
        };
    }
}

impl fmt::Debug for Lookout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookout").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::{oneshot, watch};

    use super::*;

    /// A lookout for the word, and who is told that it was seen or, by an error, that nobody looks out any more.
    fn lookout(word: &watch::Sender<bool>) -> (Lookout, oneshot::Receiver<()>) {
        let (mut word, (tell, told)) = (word.subscribe(), oneshot::channel());
        let lookout = Lookout::new(async move {
            word.wait_for(|said| *said).await.unwrap();
            tell.send(()).unwrap();
        });
        (lookout, told)
    }

    #[tokio::test]
    async fn what_comes_later_is_seen() {
        let word = watch::Sender::new(false);
        let (_lookout, told) = lookout(&word);
        // A change that is not the word does not end it.
        word.send_replace(false);
        tokio::task::yield_now().await;
        word.send_replace(true);
        told.await.unwrap();
    }

    #[tokio::test]
    async fn what_is_there_already_is_seen_at_once() {
        let (_lookout, mut told) = lookout(&watch::Sender::new(true));
        told.try_recv().unwrap();
    }

    #[tokio::test]
    async fn nothing_is_held_once_it_is_dropped() {
        let word = watch::Sender::new(false);
        let (waiting, told) = lookout(&word);
        drop(waiting);
        told.await.unwrap_err();
        let (looking, told) = lookout(&word);
        word.send_replace(false);
        drop(looking);
        told.await.unwrap_err();
    }

    #[tokio::test]
    async fn a_wake_while_it_is_first_asked_is_not_missed() {
        let (tell, told) = oneshot::channel();
        let _lookout = Lookout::new(async move {
            tokio::task::yield_now().await;
            tell.send(()).unwrap();
        });
        told.await.unwrap();
    }
}
