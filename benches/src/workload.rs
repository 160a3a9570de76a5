//! What is common to the kinds of rows measured.

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{Accepts, Record};

/// A kind of row: how one is made, and how a peer turns many into a batch.
pub trait Workload: Accepts<Self> + Record + Clone + Send + Sync + 'static {
    /// What the table of figures calls it.
    const NAME: &'static str;

    /// One row of plausible values.
    fn random(random: &mut fastrand::Rng) -> Self;

    /// The rows as a batch, by Arrow's own builders, written by hand with their capacity given.
    #[cfg(feature = "peers")]
    fn by_builders(rows: impl ExactSizeIterator<Item = Self>) -> RecordBatch;

    /// As many rows as asked, the same ones for the same seed.
    fn rows(count: usize, seed: u64) -> Vec<Self> {
        let mut random = fastrand::Rng::with_seed(seed);
        (0..count).map(|_| Self::random(&mut random)).collect()
    }

    /// All of a workload's rows as a peer's batches, each handed to `take`.
    #[cfg(feature = "peers")]
    fn peer_batches(rows: Vec<Self>, mut take: impl FnMut(RecordBatch)) {
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let part = rows.len().min(crate::BATCH_ROWS);
            take(Self::by_builders(rows.by_ref().take(part)));
        }
    }
}

/// Lower-case letters, as many as one of `lengths`.
pub(crate) fn text(random: &mut fastrand::Rng, lengths: std::ops::RangeInclusive<usize>) -> String {
    (0..random.usize(lengths)).map(|_| random.lowercase()).collect()
}
