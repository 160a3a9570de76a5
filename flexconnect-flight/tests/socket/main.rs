//! The server as clients see it: over a socket, with connectors small enough to know every row.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod connectors;
mod relay;
mod served;
mod watched;

mod actions;
mod aging;
mod cancel;
mod cut;
mod embedded;
mod http;
mod identity;
mod insight;
mod limits;
mod listing;
mod locations;
#[cfg(feature = "logging")]
mod panics;
mod plans;
mod polls;
mod reads;
mod refusals;
mod shutdown;
mod slow;
mod targets;
mod tickets;
#[cfg(feature = "otel")]
mod traces;
mod types;
mod wire;
mod writes;
