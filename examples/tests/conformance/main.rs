//! Every connector of the lessons does what it declares, in the process and over the wire.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

#[path = "../../../flexconnect-http/tests/api/mod.rs"]
mod api;
#[path = "../../gooddata/big.rs"]
mod big;
#[path = "../../gooddata/echo.rs"]
mod echo;
#[path = "../../gooddata/messages.rs"]
mod messages;
#[path = "../served/mod.rs"]
mod served;
#[path = "../../gooddata/simple.rs"]
#[allow(dead_code, reason = "two of its functions only take longer")]
mod simple;
#[path = "../../gooddata/tiny.rs"]
#[allow(dead_code, reason = "two of its functions only fail")]
mod tiny;
#[path = "../../14_secure/whoami.rs"]
mod whoami;

mod databases;
mod functions;
mod gallery;
mod lessons;
