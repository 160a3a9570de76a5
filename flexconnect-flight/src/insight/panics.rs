//! Panics as events of the log. What the standard library prints of one are lines of text, which would stand between those
//! of a log, and within them.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};
use std::thread;

use tracing::Level;
use tracing::field::display;

/// Logs panics from now on, in the span they happen in; where nobody listens, they are printed as before.
pub(crate) fn log_panics() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(
        move |panic| {
            if tracing::enabled!(Level::ERROR) { log(panic) } else { before(panic) }
        },
    ));
}

fn log(panic: &PanicHookInfo<'_>) {
    let payload = panic.payload();
    let reason = payload.downcast_ref::<String>().map(String::as_str);
    let reason = reason.or_else(|| payload.downcast_ref::<&str>().copied());
    let (thread, location) = (thread::current(), panic.location().map(display));
    // Only where the environment asks for it: it takes a while, and is long.
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| display(backtrace));
    tracing::error!(reason, location, thread = thread.name(), backtrace, "panicked");
}
