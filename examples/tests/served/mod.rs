//! Lessons as processes, as their readers run them.
#![allow(dead_code, reason = "each test crate uses a part")]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};

use flexconnect_flight::Client;

/// The program of an example, beside this test's own.
pub(crate) fn program(example: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).expect("a test lies in target/<profile>/deps");
    let program = profile.join("examples").join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is missing; `cargo test --workspace` builds it, or `cargo build --examples -p flexconnect-examples`",
        program.display()
    );
    program
}

/// A lesson that serves, on a port of its own; stopped when it is dropped.
pub(crate) struct Served {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Served {
    pub(crate) fn start(process: &mut Process) -> Self {
        process.env("LISTEN", "127.0.0.1:0").env("RUST_LOG", "warn").stdout(Stdio::piped());
        let mut process = process.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").and_then(|address| address.parse().ok());
        Served { process, address: address.unwrap_or_else(|| panic!("said {line:?}, not where it listens")) }
    }

    /// A program that listens at an address of its own.
    pub(crate) fn at(process: Child, address: SocketAddr) -> Self {
        Served { process, address }
    }

    /// Asks the process to stop, as a terminal or a service manager does, and waits until it has.
    #[cfg(unix)]
    pub(crate) fn stop(&mut self) {
        self.signal("-TERM");
        assert!(self.process.wait().unwrap().success(), "it stops in good order when asked to");
    }

    /// Sends the process this signal.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: &str) {
        let sent = Process::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    #[cfg(not(unix))]
    pub(crate) fn stop(&mut self) {}

    pub(crate) async fn client(&self) -> Client {
        Client::connect(format!("http://{}", self.address)).await.unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
