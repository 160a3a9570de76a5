//! The threads of rows that block: how many go on although their readers have gone, and which.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind};
use crate::timer::wake_at;

/// A thread that goes on for this long after its reader has gone is named in the log.
const PATIENCE: Duration = Duration::from_secs(5);
/// No thread is started while this many go on for nobody.
const MOST: usize = 512;
/// When a reader that was refused a thread may try again.
const AGAIN: Duration = Duration::from_secs(5);

static ABANDONED: AtomicUsize = AtomicUsize::new(0);

/// How many threads of [`Rows::blocking`](crate::Rows::blocking) go on although their readers have gone.
///
/// A thread hears of it at its next row, and until then is no more than abandoned: nothing waits for it. One that goes
/// on for five seconds is named in the log. While there are 512 of them, no read of blocking rows begins.
///
/// ```
/// assert_eq!(flexconnect_core::abandoned_threads(), 0);
/// ```
pub fn abandoned_threads() -> usize {
    ABANDONED.load(Ordering::SeqCst)
}

/// One thread, as its reader and the thread itself know it.
#[derive(Debug)]
pub(super) struct Thread {
    /// The path of the connector whose rows they are.
    connector: Arc<str>,
    state: AtomicU8,
}

const RUNNING: u8 = 0;
const LEFT: u8 = 1;
const ENDED: u8 = 2;

impl Thread {
    /// A thread is about to start for this connector's rows.
    pub(super) fn begin(connector: Arc<str>) -> Result<Arc<Self>, Error> {
        let abandoned = abandoned_threads();
        if abandoned >= MOST {
            let message = format!(
                "{abandoned} threads of reads that have ended still work, so none is started; the log names their \
                 connectors, which should look at `is_stopped` between two rows"
            );
            return Err(Error::new(ErrorKind::Exhausted, message).with_retry_after(AGAIN));
        }
        Ok(Arc::new(Thread { connector, state: AtomicU8::new(RUNNING) }))
    }

    /// The reader has gone.
    pub(super) fn abandon(self: &Arc<Self>) {
        // Counted before the thread can end and count it down.
        ABANDONED.fetch_add(1, Ordering::SeqCst);
        if self.state.compare_exchange(RUNNING, LEFT, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            wake_at(Instant::now() + PATIENCE, Waker::from(self.clone()));
        } else {
            ABANDONED.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// The thread has done its work.
    pub(super) fn end(&self) {
        if self.state.swap(ENDED, Ordering::SeqCst) == LEFT {
            ABANDONED.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// Woken when the patience with it has ended.
impl Wake for Thread {
    fn wake(self: Arc<Self>) {
        if self.state.load(Ordering::SeqCst) == LEFT {
            let (connector, abandoned) = (&*self.connector, abandoned_threads());
            tracing::warn!(
                connector,
                abandoned,
                "a thread of this connector's rows goes on although its reader has gone; it should look at \
                 `is_stopped`, or be interrupted by `on_stop`"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;
    use std::sync::Mutex;

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::subscriber::with_default;
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    /// The connectors that events name.
    #[derive(Default, Clone)]
    struct Log(Arc<Mutex<Vec<String>>>);

    impl Visit for Log {
        fn record_str(&mut self, field: &Field, value: &str) {
            if field.name() == "connector" {
                self.0.lock().unwrap().push(value.to_owned());
            }
        }

        fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
    }

    impl Subscriber for Log {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, event: &Event<'_>) {
            event.record(&mut self.clone());
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn who_goes_on_is_named_and_who_has_ended_is_not() {
        let log = Log::default();
        with_default(log.clone(), || {
            for (name, abandoned, ended) in
                [("busy", false, false), ("done", false, true), ("stuck", true, false), ("late", true, true)]
            {
                let thread = Thread::begin(name.into()).unwrap();
                if abandoned {
                    thread.abandon();
                }
                if ended {
                    thread.end();
                }
                thread.clone().wake();
                thread.end();
                thread.abandon();
                thread.wake();
            }
        });
        assert_eq!(*log.0.lock().unwrap(), ["stuck"]);
    }
}
