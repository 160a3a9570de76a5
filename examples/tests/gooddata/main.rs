//! The example `gooddata_functions` as GoodData's client calls it, alone and beside the Python server it stands in for.
//!
//! The scripts run with pinned packages in environments made once under `target`. Where Python, its `venv` or one of the
//! packages is missing they are skipped, loudly; with `CI=true` that is a failure.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test's support fails, and speaks, as a test does"
)]

#[path = "../pyarrow/certificates.rs"]
mod certificates;
#[cfg(unix)]
mod collector;
#[path = "../pyarrow/environment.rs"]
mod environment;
#[path = "../pyarrow/finished.rs"]
mod finished;
mod guarded;
mod server;
mod starting;
#[cfg(unix)]
mod traces;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use environment::{Environment, PYARROW};
use finished::Finished;
use server::Server;

/// The Python server and its client.
static REFERENCE: Environment = Environment::new("gooddata-venv", "tests/gooddata/requirements.txt");

/// Enough for every script on a busy machine, many times over.
const AT_MOST: Duration = Duration::from_secs(300);

#[test]
fn the_server_says_what_the_contract_says() {
    let Some(python) = PYARROW.python() else { return };
    let ours = Server::ours();
    run(python, "alone.py", &[("OURS", &ours)], &[ours.location()]);
    #[cfg(unix)]
    starting::whole_log(ours);
}

#[test]
fn the_same_calls_have_the_same_answers_as_of_the_python_server() {
    let Some(python) = REFERENCE.python() else { return };
    let (ours, reference) = (Server::ours(), Server::reference(python));
    run(python, "side_by_side.py", &[("OURS", &ours), ("REFERENCE", &reference)], &[]);
}

fn run(python: &Path, script: &str, servers: &[(&str, &Server)], settings: &[(&str, String)]) {
    let mut command = Command::new(python);
    command.arg(scripts().join(script)).env("PYTHONDONTWRITEBYTECODE", "1");
    command.envs(settings.iter().map(|(name, value)| (*name, value.as_str())));
    for (name, server) in servers {
        command.env(name, server.address());
    }
    let finished = Finished::of(command, AT_MOST);
    let said: Vec<_> =
        servers.iter().map(|(name, server)| format!("{name} said:\n{}", server.said())).collect();
    assert!(finished.success, "{script} {}\n{}\n{}", finished.how, finished.output, said.join("\n"));
    println!("{}", finished.output);
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gooddata")
}
