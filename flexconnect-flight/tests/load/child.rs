//! A server in a process of its own: this test program, run again for its one ignored test.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use flexconnect_flight::{Client, Server};

use crate::tables::plugin;

/// Tells the program that it is the child.
const CHILD: &str = "FLEXCONNECT_TEST_LOAD";
const SAYS: &str = "serving at ";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the server the other tests start"]
#[allow(clippy::print_stdout, reason = "the tests read it")]
async fn serve() {
    if std::env::var(CHILD).is_err() {
        return;
    }
    // A panic is what one of the tables is for; its text would fill the output.
    std::panic::set_hook(Box::new(|_| {}));
    let bound = Server::new(plugin()).bind("127.0.0.1:0").await.unwrap();
    println!("{SAYS}{}", bound.local_addr());
    bound.serve().await.unwrap();
}

/// The child, killed with the test.
pub(crate) struct Served {
    child: Child,
    pub(crate) address: String,
}

impl Served {
    pub(crate) fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::serve", "--ignored", "--nocapture"])
            .env(CHILD, "1")
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

    pub(crate) async fn client(&self) -> Client {
        Client::connect(&self.address).await.unwrap()
    }

    /// A line of `/proc/<pid>/status` in KiB: `VmHWM`, the most memory it ever had, or `VmRSS`.
    pub(crate) fn kibibytes(&self, line: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|one| one.strip_prefix(line)?.strip_prefix(':')).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// How many descriptors it has open.
    pub(crate) fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
