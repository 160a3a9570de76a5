//! The server is killed while a client writes.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command as Process;
use std::time::Duration;

use arrow::array::RecordBatch;
use fastrand::Rng;
use flexconnect_core::Error;
use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};

use crate::generations::{BATCHES, batch, file, generations, schema, table, whole};
use crate::served::{Served, program};

fn serve(file: &Path) -> Served {
    Served::start(Process::new(program("sqlite")).arg(file))
}

/// Kills the server after so many batches of a write, or, after the last, somewhere in its commit. What was acknowledged
/// before is there after, and of the write that was not, all or nothing.
async fn killed_at_every_point(seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    let file = file(folder.path());
    let mut random = Rng::with_seed(seed);
    let mut acknowledged = BTreeSet::new();
    let mut generation = 0;
    for point in 0..BATCHES {
        let served = serve(&file);
        let client = served.client().await;
        generation += 1;
        let summary = client.write(&table(), schema(), whole(generation)).await.unwrap();
        assert_eq!(summary.rows, whole(generation).iter().map(|batch| batch.num_rows() as u64).sum::<u64>());
        acknowledged.insert(generation);

        generation += 1;
        let (mut sender, batches) = mpsc::channel::<Result<RecordBatch, Error>>(0);
        let write =
            tokio::spawn(async move { client.write_stream(&table(), schema(), batches.boxed()).await });
        let last = point + 1 == BATCHES;
        let sent = if last { BATCHES } else { point };
        for number in 0..sent {
            sender.send(Ok(batch(generation, number))).await.unwrap();
        }
        if last {
            drop(sender);
        }
        // Somewhere in what the server makes of it.
        tokio::time::sleep(Duration::from_micros(random.u64(0..4_000))).await;
        drop(served);
        if write.await.unwrap().is_ok() {
            acknowledged.insert(generation);
        }
        let found = generations(&file);
        assert!(
            found.is_superset(&acknowledged),
            "seed {seed}, point {point}: {acknowledged:?} in {found:?}"
        );
        assert!(found.iter().all(|one| acknowledged.contains(one) || *one == generation && last));
        acknowledged = found;
    }
    // What is there can be read, and written, by whoever comes next.
    let served = serve(&file);
    let client = served.client().await;
    client.write(&table(), schema(), whole(generation + 1)).await.unwrap();
    acknowledged.insert(generation + 1);
    assert_eq!(generations(&file), acknowledged);
}

#[tokio::test]
async fn a_server_that_is_killed_tears_nothing_and_loses_nothing() {
    killed_at_every_point(1).await;
}

/// `cargo test -p flexconnect-examples --test killed -- --ignored twenty_seeds`
#[tokio::test]
#[ignore = "kills five hundred servers"]
async fn a_server_that_is_killed_tears_nothing_and_loses_nothing_with_twenty_seeds() {
    for seed in 0..20 {
        killed_at_every_point(seed).await;
    }
}
