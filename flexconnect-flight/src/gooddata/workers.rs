//! Threads for work that may block: as many as are needed up to a limit, in the order the work came.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A thread without work ends after this long.
const IDLE: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce() + Send>;

/// Threads with a queue before them. Those that are under way when it is dropped finish their work, those without end.
#[derive(Debug)]
pub(crate) struct Workers(Arc<Shared>);

struct Shared {
    name: &'static str,
    threads: usize,
    queue: usize,
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// Places that are given out, for work that is still to come.
    places: usize,
    threads: usize,
    /// Threads that wait for work, and those that have just been started.
    idle: usize,
    starting: usize,
    closed: bool,
}

/// All threads are busy and the queue before them is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

impl Workers {
    /// At most so many threads of this name, and at most so much work that waits for one.
    pub(crate) fn new(name: &'static str, threads: usize, queue: usize) -> Self {
        let (state, news) = (Mutex::default(), Condvar::new());
        Workers(Arc::new(Shared { name, threads: threads.max(1), queue, state, news }))
    }

    /// Has a thread do this, now or when those before it are done. A panic in it ends there.
    pub(crate) fn submit(&self, job: impl FnOnce() + Send + 'static) -> Result<(), Full> {
        self.place()?.submit(job);
        Ok(())
    }

    /// A place for work that is to come at once, so that what is done in between need not be undone.
    pub(crate) fn place(&self) -> Result<Place<'_>, Full> {
        let mut state = self.0.lock();
        if state.taken() >= state.idle + state.starting {
            if state.threads < self.0.threads {
                match self.begin() {
                    Ok(()) => {
                        state.threads += 1;
                        state.starting += 1;
                    }
                    // Those there are do it when they can.
                    Err(_) if state.threads > 0 => {}
                    Err(_) => return Err(Full),
                }
            } else if state.waiting() >= self.0.queue {
                return Err(Full);
            }
        }
        state.places += 1;
        Ok(Place(&self.0))
    }

    /// How much waits for a thread.
    pub(crate) fn waiting(&self) -> usize {
        self.0.lock().waiting()
    }

    fn begin(&self) -> std::io::Result<()> {
        let shared = self.0.clone();
        let thread = std::thread::Builder::new().name(self.0.name.into()).spawn(move || shared.work());
        thread.map(drop).inspect_err(|error| tracing::error!(%error, "no thread could be started"))
    }
}

/// A place among the work of some threads; given up when dropped.
#[derive(Debug)]
pub(crate) struct Place<'w>(&'w Shared);

impl Place<'_> {
    /// Has a thread do this.
    pub(crate) fn submit(self, job: impl FnOnce() + Send + 'static) {
        let shared = self.0;
        let mut state = shared.lock();
        state.jobs.push_back(Box::new(job));
        state.places -= 1;
        std::mem::forget(self);
        let is_awaited = state.idle > 0;
        // Whoever is woken takes the lock, which costs more than all else when it has to wait for it.
        drop(state);
        if is_awaited {
            shared.news.notify_one();
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.lock().places -= 1;
    }
}

impl Shared {
    fn work(&self) {
        let mut state = self.lock();
        state.starting -= 1;
        loop {
            if let Some(job) = state.jobs.pop_front() {
                drop(state);
                if catch_unwind(AssertUnwindSafe(job)).is_err() {
                    tracing::error!(thread = self.name, "work on a thread panicked; the thread goes on");
                }
                state = self.lock();
                continue;
            }
            if state.closed {
                break;
            }
            state.idle += 1;
            let (woken, waited) = self.news.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            if waited.timed_out() && state.taken() == 0 {
                break;
            }
        }
        state.threads -= 1;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Work that is there, and that which is to come.
    fn taken(&self) -> usize {
        self.jobs.len() + self.places
    }

    /// Work that no thread is about to take.
    fn waiting(&self) -> usize {
        self.taken().saturating_sub(self.idle + self.starting)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workers").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.news.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn so_many_work_so_many_wait_and_the_rest_is_refused() {
        let workers = Workers::new("test", 2, 1);
        let (release, released) = mpsc::channel::<()>();
        let released = Arc::new(Mutex::new(released));
        let (done, results) = mpsc::channel();
        let submit = |number: usize| {
            let (released, done) = (released.clone(), done.clone());
            workers.submit(move || {
                let _ = released.lock().unwrap().recv();
                let _ = done.send(number);
            })
        };
        assert_eq!([submit(0), submit(1), submit(2), submit(3)], [Ok(()), Ok(()), Ok(()), Err(Full)]);
        assert_eq!(workers.waiting(), 1);
        drop(release);
        let mut numbers: Vec<usize> = results.iter().take(3).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [0, 1, 2]);
        assert_eq!(submit(4), Ok(()), "threads are there again");
        assert_eq!(results.recv(), Ok(4));
    }

    #[test]
    fn a_place_is_kept_until_it_is_used_or_given_up() {
        let workers = Workers::new("test", 1, 1);
        let (first, second) = (workers.place().unwrap(), workers.place().unwrap());
        assert_eq!(workers.submit(|| {}), Err(Full));
        drop(second);
        let second = workers.place().unwrap();
        let (done, results) = mpsc::channel();
        let again = done.clone();
        first.submit(move || done.send(1).unwrap());
        second.submit(move || again.send(2).unwrap());
        assert_eq!(results.iter().collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_panic_costs_no_thread() {
        let workers = Workers::new("test", 1, 8);
        workers.submit(|| panic!("as a test")).unwrap();
        let (done, result) = mpsc::channel();
        workers.submit(move || done.send(7).unwrap()).unwrap();
        assert_eq!(result.recv(), Ok(7));
    }
}
