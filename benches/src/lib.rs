//! Measurements of flexconnect beside its peers.
//!
//! `cargo bench -p flexconnect-benches --bench rows` measures rows to batches, `--bench read` the way back,
//! `--features peers --bench derives` rows to batches beside other crates, and `--features peers --bench flight` batches over
//! a socket. Nothing here asserts a number; what is asserted is that
//! everyone measured gives the same batches.

#[cfg_attr(feature = "peers", expect(missing_docs, reason = "what arrow_convert derives has none"))]
mod flat;
mod measure;
#[cfg_attr(feature = "peers", expect(missing_docs, reason = "what arrow_convert derives has none"))]
mod nested;
mod numbers;
mod path;
mod wide;
mod workload;

pub use flat::{Flat, FlatArrays, FlatRef};
pub use measure::{Contender, Figures, keep_freed_memory, measure, median};
pub use nested::{Nested, Place};
pub use numbers::rows_and_rounds;
pub use path::{by_builders, encode, stream};
pub use wide::Wide;
pub use workload::Workload;

/// Rows in each batch: what flexconnect closes its batches at.
pub const BATCH_ROWS: usize = 8192;
