//! The servers under test, each a process of its own with the same short times.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::ExitStatus;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::scripts;

/// Starting Python and loading Arrow takes seconds on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// When who forgot a signal is sent another one.
#[cfg(unix)]
const AGAIN: Duration = Duration::from_secs(3);

/// A running server; stopped when dropped.
pub(crate) struct Server {
    process: Child,
    port: u16,
    said: Said,
    printed: Said,
    /// Whether a signal that comes just when it has started is lost on it, as it is on the Python server.
    #[cfg_attr(not(unix), allow(dead_code, reason = "only there it is asked to end"))]
    forgets: bool,
}

/// What a process writes, for as long as it does.
struct Said {
    text: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Said {
    fn of(pipe: Option<impl Read + Send + 'static>) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let (mut pipe, saying) = (pipe.unwrap(), text.clone());
        let reader = std::thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(length @ 1..) = pipe.read(&mut part) {
                saying.lock().unwrap().extend_from_slice(&part[..length]);
            }
        });
        Said { text, reader: Some(reader) }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap()).into_owned()
    }

    /// All of it, once the process has ended.
    #[cfg(unix)]
    fn whole(&mut self) -> String {
        let _ = self.reader.take().map(JoinHandle::join);
        self.text()
    }
}

impl Server {
    /// The example.
    pub(crate) fn ours() -> Self {
        Server::ours_with(&[])
    }

    /// The example with these variables.
    pub(crate) fn ours_with(variables: &[(&str, &str)]) -> Self {
        Server::start(Command::new(binary()), variables)
    }

    /// The Python server with the same functions.
    pub(crate) fn reference(python: &Path) -> Self {
        Server::reference_with(python, &[])
    }

    /// The Python server with the same functions, and these variables.
    pub(crate) fn reference_with(python: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(python);
        command
            .arg(python.with_file_name("gooddata-flight-server"))
            .args(["start", "--methods-provider", "gooddata_flexconnect"])
            .env("PYTHONPATH", scripts().join("reference"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("GOODDATA_FLIGHT_FLEXCONNECT__FUNCTIONS", "[\"same_functions\"]");
        let mut server = Server::start(command, variables);
        server.forgets = true;
        server
    }

    fn start(mut command: Command, variables: &[(&str, &str)]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut process = command
            .env("GOODDATA_FLIGHT_SERVER__LISTEN_PORT", port.to_string())
            .env("GOODDATA_FLIGHT_SERVER__ADVERTISE_HOST", "localhost")
            .env("GOODDATA_FLIGHT_SERVER__TASK_RESULT_TTL_SEC", "4")
            .env("GOODDATA_FLIGHT_FLEXCONNECT__POLLING_INTERVAL_MS", "500")
            .env("GOODDATA_FLIGHT_FLEXCONNECT__CALL_DEADLINE_MS", "3000")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let (said, printed) = (Said::of(process.stderr.take()), Said::of(process.stdout.take()));
        let server = Server { process, port, said, printed, forgets: false };
        let started = Instant::now();
        while TcpStream::connect(server.address()).is_err() {
            assert!(started.elapsed() < PATIENCE, "the server does not listen:\n{}", server.said());
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where it tells clients to come.
    pub(crate) fn location(&self) -> (&'static str, String) {
        ("LOCATION", format!("grpc://localhost:{}", self.port))
    }

    /// Asks it to end; gives its exit, all it said, and all it wrote to its stdout.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) -> (Option<i32>, String, String) {
        let started = Instant::now();
        let mut code = None;
        while code.is_none() {
            assert!(started.elapsed() < PATIENCE, "the server does not end:\n{}", self.said());
            let killed = Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
            assert!(killed.success());
            code = self.ended(if self.forgets { AGAIN } else { PATIENCE });
        }
        let code = code.and_then(|status| status.code());
        (code, self.said.whole(), self.printed.whole())
    }

    /// How it ended, if it does in this time.
    #[cfg(unix)]
    fn ended(&mut self, patience: Duration) -> Option<ExitStatus> {
        let started = Instant::now();
        while started.elapsed() < patience {
            if let Some(status) = self.process.try_wait().unwrap() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }

    /// Waits until it has said this.
    #[cfg(unix)]
    pub(crate) fn says(&self, event: &str) {
        let started = Instant::now();
        while !self.said().contains(event) {
            assert!(started.elapsed() < PATIENCE, "the server does not say `{event}`:\n{}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it wrote to its stderr so far.
    pub(crate) fn said(&self) -> String {
        self.said.text()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Cargo builds the examples of a package beside its tests: `target/<profile>/examples`.
pub(crate) fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).expect("a test lies in target/<profile>/deps");
    let binary = profile.join("examples").join(format!("gooddata_functions{}", std::env::consts::EXE_SUFFIX));
    assert!(
        binary.exists(),
        "{} is not built: run `cargo test --workspace`, or build the example `gooddata_functions` with the same profile",
        binary.display()
    );
    binary
}
