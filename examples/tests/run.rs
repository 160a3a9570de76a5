//! Every lesson is run as its reader runs it.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Output, Stdio};
use std::time::{Duration, Instant};

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{ErrorKind, Record as _, WriteMode};
use flexconnect_examples::store::Item;
use flexconnect_flight::{Client, Command};
use futures::{TryStreamExt, stream};
use serde_json::json;

/// The program of an example, beside this test's own.
fn program(example: &str) -> PathBuf {
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

fn run(example: &str) -> Output {
    let folder = env!("CARGO_MANIFEST_DIR");
    Process::new(program(example)).current_dir(folder).env_remove("RUST_LOG").output().unwrap()
}

/// A lesson that serves, on a port of its own; stopped when it is dropped.
struct Served {
    process: Child,
    address: SocketAddr,
}

impl Served {
    fn start(process: &mut Process) -> Self {
        process.env("LISTEN", "127.0.0.1:0").env("RUST_LOG", "warn").stdout(Stdio::piped());
        let mut process = process.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").and_then(|address| address.parse().ok());
        Served { process, address: address.unwrap_or_else(|| panic!("said {line:?}, not where it listens")) }
    }

    async fn client(&self) -> Client {
        Client::connect(format!("http://{}", self.address)).await.unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

async fn rows(client: &mut Client, command: Command) -> usize {
    let batches: Vec<RecordBatch> = client.read(&command).await.unwrap().try_collect().await.unwrap();
    batches.iter().map(RecordBatch::num_rows).sum()
}
