//! The server under test: the `gallery` example, or another, as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

/// A running gallery; stopped when dropped.
pub(crate) struct Gallery {
    process: Child,
    address: String,
    said: Option<JoinHandle<String>>,
}

impl Gallery {
    /// Starts one on a free port, and waits until it listens.
    pub(crate) fn start(root: &Path, sqlite: Option<&Path>) -> Self {
        let mut command = Command::new(binary("gallery"));
        command
            .args(["--listen", "127.0.0.1:0", "--root"])
            .arg(root)
            .arg("--arrow")
            .arg(root.join("table.arrows"))
            .args(sqlite.iter().flat_map(|file| [Path::new("--sqlite"), file]));
        Gallery::run(command)
    }

    /// Starts this server, and waits until it says where it listens.
    pub(crate) fn run(mut command: Command) -> Self {
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let (sender, line) = mpsc::channel();
        let stdout = process.stdout.take().unwrap();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(stdout).lines();
            let _ = sender.send(lines.next());
            // Read on, so that a gallery that says more is never stopped by a full pipe.
            lines.for_each(drop);
        });
        let mut stderr = process.stderr.take().unwrap();
        let said = std::thread::spawn(move || {
            let mut said = Vec::new();
            let _ = stderr.read_to_end(&mut said);
            String::from_utf8_lossy(&said).into_owned()
        });
        let mut gallery = Gallery { process, address: String::new(), said: Some(said) };
        match line.recv_timeout(Duration::from_secs(30)) {
            Ok(Some(Ok(line))) if line.starts_with("listening on ") => {
                gallery.address = line["listening on ".len()..].trim().to_owned();
                gallery
            }
            other => {
                panic!("the gallery's first line should be `listening on …`: {other:?}\n{}", gallery.stop())
            }
        }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// Ends it; gives what it wrote to its stderr.
    pub(crate) fn stop(mut self) -> String {
        self.end();
        self.said.take().and_then(|said| said.join().ok()).unwrap_or_default()
    }

    fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Gallery {
    fn drop(&mut self) {
        self.end();
    }
}

/// Cargo builds the examples of a package beside its tests: `target/<profile>/examples`.
pub(crate) fn binary(example: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).expect("a test lies in target/<profile>/deps");
    let binary = profile.join("examples").join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        binary.exists(),
        "{} is not built: run `cargo test --workspace`, or `cargo build --example {example}` first (with the same profile)",
        binary.display()
    );
    binary
}
