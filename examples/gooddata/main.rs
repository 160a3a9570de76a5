//! A GoodData FlexConnect server: connectors as the functions of a GoodData data source.
//!
//! `cargo run --release --example gooddata_functions` takes the command line, the files and the variables of the Python
//! server it stands in for; `start.sh` here shows them, `README.md` how GoodData is told of it.
//!
//! New here: nothing about connectors either. `gooddata::start` is a program of its own, and each connector becomes a
//! function with its name, its columns and its metadata. Look at `tiny.rs` for what an author can say of a result, at
//! `echo.rs` for what a function sees.

mod big;
mod echo;
mod messages;
mod simple;
mod tiny;

use std::process::ExitCode;

use flexconnect_core::Plugin;
use flexconnect_flight::gooddata;

#[tokio::main]
async fn main() -> ExitCode {
    gooddata::start(functions()).await
}

fn functions() -> Plugin {
    Plugin::new("gooddata_functions", env!("CARGO_PKG_VERSION"))
        .connector::<tiny::Tiny>()
        .connector::<tiny::Trim>()
        .connector::<tiny::TinyStream>()
        .connector::<tiny::Slow>()
        .connector::<tiny::Fail>()
        .connector::<tiny::FailMidStream>()
        .connector::<echo::Echo>()
        .connector::<messages::Messages>()
        .connector::<big::BigTable>()
        .connector::<big::BigStream>()
        .connector::<big::BigStreamCached>()
        .connector::<simple::Simple<simple::Fun1>>()
        .connector::<simple::Simple<simple::Fun2>>()
        .connector::<simple::Simple<simple::LongRunning>>()
        .connector::<simple::Simple<simple::Pollable>>()
}
