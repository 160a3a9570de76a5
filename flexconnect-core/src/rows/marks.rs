//! What an author says of the rows as a whole, beside the rows.

use std::collections::BTreeMap;

/// How often a door that keeps results may give these rows.
///
/// A hint: a door that keeps none ignores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Keeping {
    /// Nothing was said: the door decides, by the size of the result for instance.
    #[default]
    Unsaid,
    /// All rows are kept, and can be read again for as long as the door keeps results.
    Held,
    /// Rows are kept no longer than it takes to give them away, once.
    SingleUse,
}

/// Everything said of a read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks {
    pub(crate) keeping: Keeping,
    /// Batches close at this many rows, where that is fewer than they would anyway.
    pub(crate) batch_rows: Option<usize>,
    pub(crate) metadata: BTreeMap<String, String>,
}

impl Marks {
    /// Adds what was said further inside, of the rows themselves; what was said outside them holds.
    pub(crate) fn add(&mut self, inner: Marks) {
        if self.keeping == Keeping::Unsaid {
            self.keeping = inner.keeping;
        }
        self.batch_rows = self.batch_rows.or(inner.batch_rows);
        for (key, value) in inner.metadata {
            self.metadata.entry(key).or_insert(value);
        }
    }
}
