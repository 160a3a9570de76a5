//! The client is killed while it writes: this test program, run again for its one ignored test.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command as Process, Stdio};
use std::time::Duration;

use fastrand::Rng;
use flexconnect_core::Error;
use flexconnect_flight::Client;
use futures::stream;

use crate::generations::{BATCHES, batch, file, generations, schema, table, whole};
use crate::served::{Served, program};

/// Tells the program that it is the child, and where and what it writes.
const CHILD: &str = "FLEXCONNECT_TEST_WRITES";
const SENDS: &str = "sends batch ";
const KEPT: &str = "the write is kept";

#[tokio::test]
#[ignore = "the client the other tests start and kill"]
#[allow(clippy::print_stdout, reason = "the tests read it")]
async fn write() {
    let Ok(what) = std::env::var(CHILD) else { return };
    let (address, generation) = what.split_once(' ').unwrap();
    let generation = generation.parse().unwrap();
    let say = |words: String| {
        println!("{words}");
        std::io::stdout().flush().unwrap();
    };
    let client = Client::connect(address).await.unwrap();
    let batches = stream::iter((0..BATCHES).map(move |number| {
        say(format!("{SENDS}{number}"));
        Ok::<_, Error>(batch(generation, number))
    }));
    client.write_stream(&table(), schema(), batches).await.unwrap();
    println!("{KEPT}");
}

fn start(served: &Served, generation: i64) -> Child {
    Process::new(std::env::current_exe().unwrap())
        .args(["--exact", "client::write", "--ignored", "--nocapture"])
        .env(CHILD, format!("http://{} {generation}", served.address))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Kills the client when it sends this batch. A client that was faster than its killer has been told that its rows are
/// kept, or they are kept all the same: a whole generation, or none of it.
async fn killed_at_every_point(seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    let file = file(folder.path());
    let served = Served::start(Process::new(program("sqlite")).arg(&file));
    let client = served.client().await;
    let mut random = Rng::with_seed(seed);
    let mut acknowledged = BTreeSet::new();
    let mut given_up = 0;
    for point in 0..BATCHES as i64 {
        let generation = 2 * point;
        let mut child = start(&served, generation);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let point_comes = format!("{SENDS}{point}");
        assert!(lines.by_ref().any(|line| line.ends_with(&point_comes)), "the client writes");
        std::thread::sleep(Duration::from_micros(random.u64(0..2_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let told = lines.any(|line| line.contains(KEPT));
        // Whatever the killed write held, it holds no longer: the next one waits for the file and gets it.
        client.write(&table(), schema(), whole(generation + 1)).await.unwrap();
        acknowledged.insert(generation + 1);
        let found = generations(&file);
        if told {
            acknowledged.insert(generation);
        }
        assert!(
            found.is_superset(&acknowledged),
            "seed {seed}, point {point}: {acknowledged:?} in {found:?}"
        );
        given_up += usize::from(!found.contains(&generation));
        acknowledged = found;
    }
    assert!(given_up > 0, "no client was killed in time");
}

#[tokio::test]
async fn a_client_that_is_killed_leaves_nothing_half_done() {
    killed_at_every_point(1).await;
}

/// `cargo test -p flexconnect-examples --test killed -- --ignored twenty_seeds`
#[tokio::test]
#[ignore = "kills five hundred clients"]
async fn a_client_that_is_killed_leaves_nothing_half_done_with_twenty_seeds() {
    for seed in 0..20 {
        killed_at_every_point(seed).await;
    }
}
