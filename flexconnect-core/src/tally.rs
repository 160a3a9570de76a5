//! What happens in a process beside its reads and writes, counted for whoever shows it.

use std::sync::atomic::{AtomicU64, Ordering};

static RETRIES: AtomicU64 = AtomicU64::new(0);
static REJECTED_ROWS: AtomicU64 = AtomicU64::new(0);
static PANICS: AtomicU64 = AtomicU64::new(0);

/// Counts since the process began, of all its plugins and servers together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Requests to sources that were repeated.
    pub retries: u64,
    /// Rows that were left out because they did not fit.
    pub rejected_rows: u64,
    /// Panics that were caught, of authors' code and of doors.
    pub panics: u64,
}

/// What was counted so far.
///
/// ```
/// let before = flexconnect_core::tally();
/// flexconnect_core::count_retry();
/// flexconnect_core::count_rejected_rows(2);
/// let after = flexconnect_core::tally();
/// assert!(after.retries > before.retries && after.rejected_rows >= before.rejected_rows + 2);
/// ```
pub fn tally() -> Tally {
    let now = |count: &AtomicU64| count.load(Ordering::Relaxed);
    Tally { retries: now(&RETRIES), rejected_rows: now(&REJECTED_ROWS), panics: now(&PANICS) }
}

/// A request to a source is sent again. `flexconnect-http` counts its own; a connector with another client counts here.
pub fn count_retry() {
    RETRIES.fetch_add(1, Ordering::Relaxed);
}

/// A connector leaves out this many rows of its source because they do not fit. Rows that a writer leaves out are counted
/// by [`WriteSummary::with_rejected`](crate::WriteSummary::with_rejected).
pub fn count_rejected_rows(rows: u64) {
    REJECTED_ROWS.fetch_add(rows, Ordering::Relaxed);
}

/// A panic was caught. Those of an author's code are counted already; a door counts its own.
pub fn count_panic() {
    PANICS.fetch_add(1, Ordering::Relaxed);
}
