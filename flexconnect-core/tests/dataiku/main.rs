//! Parameters against real descriptors: forms that others wrote for Dataiku DSS, expressed with the derive.
//!
//! Each file under `corpus` expresses one real descriptor, and lists where the two differ, and why. The
//! descriptors are read from `../shared/corpus/dataiku-connectors` beside the checkout, or from
//! `FLEXCONNECT_DATAIKU_CORPUS`; without them only the comparison itself is tested, over descriptors of our own.

// Clippy lifts the lint inside of `#[test]` functions only, not in what they call.
#![allow(clippy::unwrap_used)]
// Structs stand for forms here; nobody reads their fields.
#![allow(dead_code)]

mod corpus;
mod own;
mod support;
