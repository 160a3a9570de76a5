//! How much memory all results together may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::{Array, RecordBatch};

/// The bytes there are for results that are held.
#[derive(Debug)]
pub(crate) struct Budget {
    most: u64,
    taken: AtomicU64,
}

/// A share of a budget, until it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    bytes: u64,
}

impl Budget {
    pub(crate) fn new(most: u64) -> Arc<Self> {
        Arc::new(Budget { most, taken: AtomicU64::new(0) })
    }

    /// Some bytes of it; `None` when there are not so many left.
    pub(crate) fn take(self: &Arc<Self>, bytes: u64) -> Option<Share> {
        let more = |taken: u64| taken.checked_add(bytes).filter(|taken| *taken <= self.most);
        self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok()?;
        Some(Share { budget: self.clone(), bytes })
    }
}

impl Share {
    /// Makes one share of two of the same budget.
    pub(crate) fn absorb(&mut self, mut other: Share) {
        self.bytes += std::mem::take(&mut other.bytes);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.taken.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// What a column takes besides its values, more or less.
const COLUMN: u64 = 256;

/// How many bytes a batch takes besides its rows while it is held, more or less.
pub(crate) fn overhead_of(batch: &RecordBatch) -> u64 {
    COLUMN * batch.num_columns() as u64
}

/// How many bytes the rows of a batch are, without what its buffers share with other batches.
pub(crate) fn bytes_of(batch: &RecordBatch) -> u64 {
    let column = |column: &Arc<dyn Array>| {
        column.to_data().get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size())
    };
    batch.columns().iter().map(column).sum::<usize>() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_never_more_than_there_is() {
        let budget = Budget::new(100);
        let mut one = budget.take(60).unwrap();
        assert!(budget.take(41).is_none() && budget.take(u64::MAX).is_none());
        one.absorb(budget.take(40).unwrap());
        assert!(budget.take(1).is_none());
        drop(one);
        assert!(budget.take(100).is_some());
    }
}
