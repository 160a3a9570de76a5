//! The two servers, each a process of its own, and what they hold of memory.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use flexconnect_core::Result;

use crate::caller::Caller;

/// Python takes seconds to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; stopped when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) port: u16,
}

impl Server {
    /// The example, built before.
    pub(crate) async fn ours(binary: &Path) -> Result<Self> {
        if !binary.exists() {
            return Err("build it first: cargo build --release --example gooddata_functions".into());
        }
        let mut command = Command::new(binary);
        command.arg("start");
        Server::start(command).await
    }

    /// The Python server with the same functions.
    pub(crate) async fn reference(python: &Path, functions: &Path) -> Result<Self> {
        let program = python.with_file_name("gooddata-flight-server");
        if !program.exists() {
            return Err("the Python server is not installed: run the tests of the examples first".into());
        }
        let mut command = Command::new(python);
        command
            .arg(program)
            .args(["start", "--methods-provider", "gooddata_flexconnect"])
            .env("PYTHONPATH", functions)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("GOODDATA_FLIGHT_FLEXCONNECT__FUNCTIONS", "[\"same_functions\"]");
        Server::start(command).await
    }

    async fn start(mut command: Command) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        command
            .env("GOODDATA_FLIGHT_SERVER__LISTEN_HOST", "127.0.0.1")
            .env("GOODDATA_FLIGHT_SERVER__LISTEN_PORT", port.to_string())
            .env("GOODDATA_FLIGHT_SERVER__ADVERTISE_HOST", "localhost")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let server = Server { process: command.spawn()?, port };
        let started = Instant::now();
        loop {
            let called = async { Caller::connect(port).await?.call("Tiny", 3).await };
            match called.await {
                Ok(_) => return Ok(server),
                Err(error) if started.elapsed() > PATIENCE => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// Bytes that are in memory now.
    pub(crate) fn resident(&self) -> Result<u64> {
        self.status("VmRSS:")
    }

    /// Most bytes that were in memory since [`forget_peak`](Self::forget_peak).
    pub(crate) fn peak(&self) -> Result<u64> {
        self.status("VmHWM:")
    }

    pub(crate) fn forget_peak(&self) -> Result<()> {
        Ok(std::fs::write(format!("/proc/{}/clear_refs", self.process.id()), "5")?)
    }

    fn status(&self, key: &str) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(key)).ok_or("no such line")?;
        let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kibibytes << 10)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
