//! Wake-ups at a time: one thread for the whole process.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::task::Waker;
use std::time::Instant;

/// Wakes the task at this time, or a little later. Should no thread start, nobody is woken: a batch then
/// closes by rows or at the end.
pub(crate) fn wake_at(time: Instant, waker: Waker) {
    let timer = TIMER.get_or_init(|| {
        let _ = std::thread::Builder::new().name("flexconnect-timer".into()).spawn(run);
        Timer { alarms: Mutex::default(), changed: Condvar::new() }
    });
    timer.alarms.lock().unwrap_or_else(PoisonError::into_inner).push(Reverse(Alarm { time, waker }));
    timer.changed.notify_one();
}

static TIMER: OnceLock<Timer> = OnceLock::new();

struct Timer {
    alarms: Mutex<BinaryHeap<Reverse<Alarm>>>,
    changed: Condvar,
}

struct Alarm {
    time: Instant,
    waker: Waker,
}

impl PartialEq for Alarm {
    fn eq(&self, other: &Self) -> bool {
        self.time == other.time
    }
}

impl Eq for Alarm {}

impl PartialOrd for Alarm {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Alarm {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.time.cmp(&other.time)
    }
}

fn run() {
    let timer = TIMER.wait();
    let mut alarms = timer.alarms.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let Some(Reverse(first)) = alarms.peek() else {
            alarms = timer.changed.wait(alarms).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        let now = Instant::now();
        if first.time > now {
            let left = first.time - now;
            alarms = timer.changed.wait_timeout(alarms, left).unwrap_or_else(PoisonError::into_inner).0;
            continue;
        }
        let due = alarms.pop();
        drop(alarms);
        if let Some(Reverse(alarm)) = due {
            alarm.waker.wake();
        }
        alarms = timer.alarms.lock().unwrap_or_else(PoisonError::into_inner);
    }
}
