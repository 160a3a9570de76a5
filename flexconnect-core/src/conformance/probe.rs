//! What an author's source tells of itself, for what nobody sees from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Counters that a source in a test moves: rows it has given, reads it is working for. Clones share them.
///
/// ```
/// use flexconnect_core::conformance::Probe;
///
/// let probe = Probe::default();
/// let reading = probe.reading();
/// probe.rows(8192);
/// assert_eq!((probe.rows_given(), probe.reads()), (8192, 1));
/// drop(reading);
/// assert_eq!(probe.reads(), 0);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Probe {
    rows: Arc<AtomicU64>,
    reads: Arc<AtomicUsize>,
}

impl Probe {
    /// The source has given this many more rows.
    pub fn rows(&self, rows: u64) {
        self.rows.fetch_add(rows, Ordering::SeqCst);
    }

    /// The source works for a read until the guard is dropped: hold it where the work is, in the thread or the future
    /// that makes the rows.
    #[must_use = "the work counts as ended when the guard is dropped"]
    pub fn reading(&self) -> ProbedRead {
        self.reads.fetch_add(1, Ordering::SeqCst);
        ProbedRead(self.reads.clone())
    }

    /// How many rows the source has given, of all reads.
    pub fn rows_given(&self) -> u64 {
        self.rows.load(Ordering::SeqCst)
    }

    /// How many reads the source works for.
    pub fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

/// A read its source works for; see [`Probe::reading`].
#[derive(Debug)]
pub struct ProbedRead(Arc<AtomicUsize>);

impl Drop for ProbedRead {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
