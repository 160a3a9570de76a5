//! Every connector of the lessons does what it declares, in the process and over the wire.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

#[path = "../../../flexconnect-http/tests/api/mod.rs"]
mod api;
#[path = "../served/mod.rs"]
mod served;
#[path = "../../14_secure/whoami.rs"]
mod whoami;

mod databases;
mod gallery;
mod lessons;
