//! What is common to the kinds of rows measured.

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::record::TableBuffer;
use flexconnect_core::{Accepts, Record, Table};

/// A kind of row: how one is made, and how a peer turns many into a batch.
pub trait Workload:
    Accepts<Self> + Record<Buffer = TableBuffer<<Self as Table>::Rows>> + Table + Clone + Send + Sync + 'static
{
    /// One row of plausible values.
    fn random(random: &mut fastrand::Rng) -> Self;

    /// The rows as a batch, by Arrow's own builders, written by hand with their capacity given.
    fn by_builders(rows: &[Self]) -> RecordBatch;

    /// As many rows as asked, the same ones for the same seed.
    fn rows(count: usize, seed: u64) -> Vec<Self> {
        let mut random = fastrand::Rng::with_seed(seed);
        (0..count).map(|_| Self::random(&mut random)).collect()
    }
}

/// Lower-case letters, as many as one of `lengths`.
pub(crate) fn text(random: &mut fastrand::Rng, lengths: std::ops::RangeInclusive<usize>) -> String {
    (0..random.usize(lengths)).map(|_| random.lowercase()).collect()
}
