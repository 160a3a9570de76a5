//! Processes that are killed while they write, and disks that are full: nothing torn, nothing acknowledged lost.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

#[path = "../served/mod.rs"]
mod served;

mod client;
mod disk;
mod generations;
mod server;
