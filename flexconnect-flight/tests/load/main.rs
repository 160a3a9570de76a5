//! A server process under load: a thousand readers at once, and half an hour of everything.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured, in its helpers too"
)]

mod child;
mod mixed;
mod tables;
mod thousand;
