//! Measurements of flexconnect beside its peers.
//!
//! `cargo bench -p flexconnect-benches --features peers --bench rows` measures rows to batches,
//! `--bench flight` batches over a socket. Nothing here
//! asserts a number; what is asserted is that everyone measured gives the same batches.

mod flat;
mod measure;
mod nested;
mod path;
mod workload;

pub use flat::Flat;
pub use measure::{Contender, Figures, measure};
pub use nested::{Nested, Place};
pub use path::{Path, batches};
pub use workload::Workload;

/// Rows in each batch: what flexconnect closes its batches at.
pub const BATCH_ROWS: usize = 8192;
