//! Rows chosen from arrays, arrays put together, runs found: what this crate needs of Arrow's kernels, safely and of every
//! type.
//!
//! `arrow-select` and `arrow-ord` have all of it and far more, one instance for each of Arrow's types, and take as long
//! to build as half of the rest: here values are bytes of one width wherever that is enough. Tests hold these kernels
//! to Arrow's own.

mod cells;
mod concat;
mod dictionary;
mod indirect;
mod runs;
mod take;

pub(crate) use cells::Cells;
pub(crate) use concat::concat_batches;
pub(crate) use dictionary::dictionary;
pub(crate) use indirect::{places, plain};
pub(crate) use runs::starts;
pub(crate) use take::{filter_batch, take};

#[cfg(test)]
mod tests;
