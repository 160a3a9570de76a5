//! The news that nobody reads any more, for work that blocks.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The reader has gone: return from the closure, `?` does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reader has gone")
    }
}

impl std::error::Error for Stopped {}

/// Whether the reader of [`Rows::blocking`](super::Rows::blocking) has gone, for code that cannot hold the
/// [`BlockingOutput`](super::BlockingOutput) itself.
///
/// ```
/// # use flexconnect_core::{Rows, Table};
/// # struct Database;
/// # impl Database {
/// #     fn progress_handler(&self, _: impl FnMut() -> bool) {}
/// # }
/// #[derive(Table)]
/// struct Number { n: u64 }
///
/// let rows: Rows<'_, Number> = Rows::blocking(|out| {
///     let signal = out.stop_signal();
///     Database.progress_handler(move || signal.is_stopped());
///     Ok(())
/// });
/// ```
#[derive(Clone, Default)]
pub struct StopSignal(Arc<Inner>);

#[derive(Default)]
struct Inner {
    stopped: AtomicBool,
    next: AtomicU64,
    calls: Mutex<Vec<(u64, Call)>>,
}

type Call = Box<dyn FnOnce() + Send>;

impl StopSignal {
    /// Whether the reader has gone. Cheap: an atomic load.
    #[inline]
    pub fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::Acquire)
    }

    /// Calls this as soon as the reader has gone, at once if it has; for what interrupts work that is under way
    /// elsewhere, such as a database's query.
    ///
    /// Once the guard is dropped it is not called any more, and is not under way either: what it interrupts may
    /// then serve somebody else. So hold the guard for as long as the work, and drop it before the work's
    /// connection goes back to its pool. Nor is it called when the closure of the rows has returned.
    ///
    /// It runs on the thread of whoever lets the reader go, so it must be quick, and it must not drop the guard
    /// or register another call, which would wait for itself. A panic in it is caught.
    pub fn on_stop(&self, call: impl FnOnce() + Send + 'static) -> OnStop {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let mut calls = self.lock();
        if self.is_stopped() {
            run(Box::new(call));
        } else {
            calls.push((id, Box::new(call)));
        }
        drop(calls);
        OnStop { signal: self.clone(), id }
    }

    /// From now on it is stopped; [`call`](Self::call) follows.
    pub(super) fn mark(&self) {
        self.0.stopped.store(true, Ordering::Release);
    }

    /// Calls all who want to hear it.
    pub(super) fn call(&self) {
        // The lock is held meanwhile, so that a guard that is dropped waits.
        for (_, call) in self.lock().drain(..) {
            run(call);
        }
    }

    /// The work has ended: nobody is called any more.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(u64, Call)>> {
        self.0.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(call: Call) {
    if catch_unwind(AssertUnwindSafe(call)).is_err() {
        tracing::warn!("what was to be called when a reader has gone panicked");
    }
}

impl fmt::Debug for StopSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StopSignal").field("stopped", &self.is_stopped()).finish()
    }
}

/// Keeps a call of [`StopSignal::on_stop`] registered; dropped, it is not called any more.
#[derive(Debug)]
#[must_use = "the call is taken back when this is dropped: keep it in a variable such as `_interrupt`"]
pub struct OnStop {
    signal: StopSignal,
    id: u64,
}

impl Drop for OnStop {
    fn drop(&mut self) {
        self.signal.lock().retain(|(id, _)| *id != self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn stop(signal: &StopSignal) {
        signal.mark();
        signal.call();
    }

    #[test]
    fn everybody_who_still_listens_is_called_once() {
        let signal = StopSignal::default();
        let (sender, calls) = mpsc::channel();
        let listen = |name: &'static str| {
            let sender = sender.clone();
            signal.on_stop(move || sender.send(name).unwrap())
        };
        let _kept = listen("kept");
        drop(listen("dropped"));
        assert!(!signal.is_stopped());
        stop(&signal);
        stop(&signal);
        assert!(signal.clone().is_stopped());
        let _late = listen("late");
        assert_eq!(calls.try_iter().collect::<Vec<_>>(), ["kept", "late"]);
    }

    #[test]
    fn a_panic_reaches_nobody() {
        let signal = StopSignal::default();
        let (sender, calls) = mpsc::channel();
        let _panics = signal.on_stop(|| panic!("in a call"));
        let _kept = signal.on_stop(move || sender.send(()).unwrap());
        stop(&signal);
        assert_eq!(calls.try_iter().count(), 1);
    }

    #[test]
    fn a_guard_that_is_dropped_waits_for_its_call() {
        let signal = StopSignal::default();
        let (entered, in_call) = mpsc::channel();
        let (leave, may_leave) = mpsc::channel::<()>();
        let done = Arc::new(AtomicBool::new(false));
        let flag = done.clone();
        let guard = signal.on_stop(move || {
            entered.send(()).unwrap();
            may_leave.recv().unwrap();
            flag.store(true, Ordering::SeqCst);
        });
        let reader = std::thread::spawn(move || stop(&signal));
        in_call.recv().unwrap();
        let (sender, dropped) = mpsc::channel();
        let dropper = std::thread::spawn(move || {
            drop(guard);
            sender.send(done.load(Ordering::SeqCst)).unwrap();
        });
        leave.send(()).unwrap();
        assert!(dropped.recv().unwrap(), "the guard went while its call was under way");
        reader.join().unwrap();
        dropper.join().unwrap();
    }
}
