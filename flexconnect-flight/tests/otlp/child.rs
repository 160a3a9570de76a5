//! A server in a process of its own: this test program, run again for its one ignored test. The environment's variables
//! say where its spans go, and that is read once for a process.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use flexconnect_core::{
    Config, Connector, Error, ErrorKind, Plugin, ReadRequest, Result, Rows, Secret, Table,
};
use flexconnect_flight::identity::Tokens;
use flexconnect_flight::logging::Logging;
use flexconnect_flight::otel::Traces;
use flexconnect_flight::{FlightService, Server};

pub(crate) const SECRET: &str = "s3cret-of-the-source";
pub(crate) const TOKEN: &str = "t0ken-of-the-caller";
pub(crate) const CELL: &str = "cell-of-a-row";

/// Tells the program that it is the child.
const CHILD: &str = "FLEXCONNECT_TEST_OTLP";
const SAYS: &str = "serving at ";

#[derive(Table)]
struct Note {
    text: String,
}

#[derive(Config)]
struct LeakyConfig {
    /// What the source wants.
    password: Secret<String>,
}

/// Tells its secret and its rows wherever it can.
struct Leaky(LeakyConfig);

impl Connector for Leaky {
    const NAME: &'static str = "leaky";
    type Config = LeakyConfig;
    type Row = Note;

    async fn init(config: LeakyConfig, _: &()) -> Result<Self> {
        Ok(Leaky(config))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Note> {
        let fault = format!("the source hung up after `login {}`", self.0.password.expose());
        let rows = (0..3).map(|_| Ok(Note { text: CELL.into() }));
        Rows::try_iter(rows.chain([Err(Error::new(ErrorKind::Unavailable, fault))]))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the server the other tests start"]
#[allow(clippy::print_stdout, reason = "the tests read it")]
async fn serve() {
    if std::env::var(CHILD).is_err() {
        return;
    }
    let traces = Traces::over_otlp("leaky-server").unwrap();
    let _level = Logging::json().with_level("info").with_tracer(traces.tracer()).init().unwrap();
    let plugin = Plugin::new("leaky", "1.0.0").connector::<Leaky>();
    let service = FlightService::new(plugin).with_authenticator(Tokens::new([("ann", TOKEN)]).unwrap());
    let bound = Server::from(service).bind("127.0.0.1:0").await.unwrap();
    println!("{SAYS}{}", bound.local_addr());
    let end = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    bound.serve_until(async { drop(end.await) }).await.unwrap();
    tokio::task::spawn_blocking(move || traces.shut_down()).await.unwrap();
}

/// The child, killed with the test.
pub(crate) struct Served {
    child: Child,
    address: String,
}

impl Served {
    /// A server whose spans go to this endpoint.
    pub(crate) fn start(endpoint: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::serve", "--ignored", "--nocapture"])
            .env(CHILD, "1")
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
            .env_remove("OTEL_SERVICE_NAME")
            .env_remove("OTEL_TRACES_SAMPLER")
            .env_remove("RUST_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut addresses =
            lines.map_while(Result::ok).filter_map(|line| Some(line.split_once(SAYS)?.1.to_owned()));
        let address = addresses.next().unwrap();
        // Whatever else it says must find a reader.
        std::thread::spawn(move || addresses.for_each(drop));
        Served { child, address }
    }

    pub(crate) fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops it in order, and waits until it has gone.
    pub(crate) fn end(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
