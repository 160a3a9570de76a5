//! A server in a process of its own: this test program, run again for its one ignored test.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use flexconnect_core::{Config, Connector, Plugin, ReadRequest, Result, Rows, Table};
use flexconnect_flight::Server;

/// Tells the program that it is the child, and how many seconds of grace to give.
const GRACE: &str = "FLEXCONNECT_TEST_GRACE";
const SAYS: &str = "serving at ";

/// Far more than any machine needs; what does not end by then never does.
const WATCHDOG: Duration = Duration::from_secs(60);

#[derive(Table)]
struct Chunk {
    n: i64,
    filling: String,
}

#[derive(Config)]
struct EndlessConfig {
    /// How the rows come: now and then (`calm`), as fast as they are taken (`flood`), or only one (`silent`).
    how: String,
}

/// Rows without an end.
struct Endless(EndlessConfig);

impl Connector for Endless {
    const NAME: &'static str = "endless";
    type Config = EndlessConfig;
    type Row = Chunk;

    async fn init(config: EndlessConfig, _: &()) -> Result<Self> {
        Ok(Endless(config))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Chunk> {
        let how = self.0.how.as_str();
        Rows::produce(move |output| async move {
            for n in 0.. {
                output.push(Chunk { n, filling: "x".repeat(1_000) }).await;
                match how {
                    "flood" => {}
                    "silent" => std::future::pending::<()>().await,
                    _ => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
            Ok(())
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the server the other tests start"]
#[allow(clippy::print_stdout, reason = "the tests read it")]
async fn serve() {
    let Ok(grace) = std::env::var(GRACE) else { return };
    let grace = Duration::from_secs(grace.parse().unwrap());
    let plugin = Plugin::new("child", "1.0.0").connector::<Endless>();
    let bound = Server::new(plugin).with_grace(grace).bind("127.0.0.1:0").await.unwrap();
    println!("{SAYS}{}", bound.local_addr());
    bound.serve().await.unwrap();
}

/// The child, killed with the test.
pub(crate) struct Served {
    child: Child,
    pub(crate) address: String,
}

impl Served {
    pub(crate) fn start(grace: Duration) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::serve", "--ignored", "--nocapture"])
            .env(GRACE, grace.as_secs().to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut addresses =
            lines.map_while(Result::ok).filter_map(|line| Some(line.split_once(SAYS)?.1.to_owned()));
        let address = addresses.next().unwrap();
        // Whatever else it says must find a reader.
        std::thread::spawn(move || addresses.for_each(drop));
        Served { child, address: format!("http://{address}") }
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let kill = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
    }

    /// Waits for its end.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < WATCHDOG, "the server does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
