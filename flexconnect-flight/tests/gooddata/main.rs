//! The GoodData dialect as its client sees it: over a socket, with functions small enough to know every row.

#![cfg(feature = "gooddata")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod functions;
mod served;

mod errors;
mod holding;
mod invoking;
mod polling;
mod serving;
mod transport;
mod waiting;
