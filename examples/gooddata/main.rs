//! A GoodData FlexConnect server: connectors as the functions of a GoodData data source.
//!
//! `cargo run --release --example gooddata_functions`

mod big;
mod echo;
mod messages;
mod simple;
mod tiny;

use std::process::ExitCode;
use std::time::Duration;

use flexconnect_core::{Plugin, Result};
use flexconnect_flight::Server;
use flexconnect_flight::gooddata::Options;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "whoever started the program wants to know")]
            {
                eprintln!("gooddata_functions: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let setting = |name: &str| std::env::var(format!("GOODDATA_FLIGHT_{name}")).ok();
    let millis = |name: &str, default: u64| -> Result<Duration> {
        Ok(Duration::from_millis(setting(name).map_or(Ok(default), |text| text.parse())?))
    };
    let port = setting("SERVER__LISTEN_PORT").unwrap_or_else(|| "17001".into());
    let options = Options::default()
        .with_location(format!("grpc://localhost:{port}"))
        .with_tasks(setting("SERVER__TASK_THREADS").map_or(Ok(32), |text| text.parse())?, 1_000)
        .with_result_ttl(1000 * millis("SERVER__TASK_RESULT_TTL_SEC", 60)?)
        .with_call_deadline(millis("FLEXCONNECT__CALL_DEADLINE_MS", 180_000)?)
        .with_polling_interval(millis("FLEXCONNECT__POLLING_INTERVAL_MS", 2_000)?);
    Server::gooddata(functions()).with_options(options).serve(format!("127.0.0.1:{port}")).await
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
