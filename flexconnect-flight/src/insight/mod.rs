//! What operators see of a service: numbers, lines of the log, and spans.

#[cfg(feature = "logging")]
pub mod logging;
pub(crate) mod metrics;
#[cfg(feature = "otel")]
pub mod otel;
#[cfg(feature = "logging")]
pub(crate) mod panics;
pub(crate) mod spans;
pub(crate) mod trace_context;
pub(crate) mod traffic;
