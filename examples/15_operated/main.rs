//! A server as its operators want it: probes and metrics over HTTP, logs as JSON, a level that can be changed, an end in good
//! order.
//!
//! `cargo run --example operated` serves the table `random_data`, and beside it:
//!
//! - `curl http://127.0.0.1:9815/ready` says whether it should be sent calls, `/live` whether it lives, `/metrics` what it has
//!   done;
//! - each call ends with one line of JSON on standard error, `call ended`;
//! - `kill -HUP` changes between the levels `info` and `debug`, `kill -TERM` stops it: what is under way may end.
//!
//! What all names mean is in `flexconnect-flight/OPERATING.md`. `LISTEN` and `HTTP` say where it listens.

use std::time::Duration;

use flexconnect_core::{Plugin, Result};
use flexconnect_examples::random_data::Random;
use flexconnect_flight::logging::{LogLevel, Logging};
use flexconnect_flight::{ReadyWhen, Server};

#[tokio::main]
async fn main() -> Result<()> {
    let level = Logging::json().init()?;
    let plugin = Plugin::new("operated", env!("CARGO_PKG_VERSION")).connector::<Random>();
    let server = Server::new(plugin)
        .with_http_port(address("HTTP", "127.0.0.1:9815"))
        .with_ready_when(ReadyWhen::Checked)
        .with_grace(Duration::from_secs(30))
        .bind(address("LISTEN", "127.0.0.1:8815"))
        .await?;
    #[expect(clippy::print_stdout, reason = "whoever started the program wants to know")]
    {
        println!("listening on {}", server.local_addr());
        if let Some(http) = server.http_addr() {
            println!("answering probes at {http}");
        }
    }
    tokio::spawn(change_level(level));
    Ok(server.serve().await?)
}

/// What this environment variable says, or else this.
fn address(variable: &str, otherwise: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| otherwise.into())
}

/// Logs more, and less again, with each SIGHUP.
#[cfg(unix)]
async fn change_level(level: LogLevel) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangups = signal(SignalKind::hangup())?;
    while hangups.recv().await.is_some() {
        level.set(if level.get() == "debug" { "info" } else { "debug" })?;
        tracing::info!(level = level.get(), "the log level has changed");
    }
    Ok(())
}

#[cfg(not(unix))]
async fn change_level(_: LogLevel) {}
