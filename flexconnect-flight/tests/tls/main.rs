//! TLS over a socket: who is trusted, what a client is told, and certificates that change.

#![cfg(feature = "tls")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod authority;
mod locations;
mod ports;
mod reload;
mod served;
mod trust;
