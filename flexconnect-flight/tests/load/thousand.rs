//! A thousand reads at once, with the limits as they are by default.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use flexconnect_flight::{Client, Command, Reading};
use futures::StreamExt;
use serde_json::json;
use tokio::sync::Barrier;

use crate::child::Served;

const READS: i64 = 1000;
const BATCHES: i64 = 100;
/// A connection carries 256 calls at a time.
const CONNECTIONS: usize = 5;

/// Reads the whole table of this seed and checks every row; all reads are under way before one goes on.
async fn read(client: Client, seed: i64, rows: i64, all_begun: Arc<Barrier>) {
    let config = json!({"seed": seed, "batches": BATCHES, "rows": rows});
    let command = Command::connector("many").with_config(config);
    let mut reading: Reading = client.read(&command).await.unwrap();
    let mut number = 0;
    while let Some(batch) = reading.next().await {
        let batch = batch.unwrap();
        if number == 0 {
            all_begun.wait().await;
        }
        let columns = [0, 1].map(|column| batch.column(column).as_primitive::<Int64Type>().values().clone());
        assert!(columns[0].iter().all(|found| *found == seed), "rows of another reader");
        for found in columns[1].iter() {
            assert_eq!(*found, number, "in order, and each once");
            number += 1;
        }
    }
    assert_eq!(number, BATCHES * rows);
}

async fn thousand(rows: i64) {
    let served = Served::start();
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(served.client().await);
    }
    let all_begun = Arc::new(Barrier::new(READS as usize));
    let reads: Vec<_> = (0..READS)
        .map(|seed| {
            let client = clients[seed as usize % CONNECTIONS].clone();
            tokio::spawn(read(client, seed, rows, all_begun.clone()))
        })
        .collect();
    for read in reads {
        read.await.unwrap();
    }
    let most = served.kibibytes("VmHWM") / 1024;
    println!("{READS} reads of {BATCHES} batches of {rows} rows: the server had at most {most} MiB");
    assert!(most <= 300, "the server had {most} MiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_reads_are_all_right_in_300_mib() {
    thousand(256).await;
}

/// `cargo test --release -p flexconnect-flight --test load -- --ignored --nocapture large_batches`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "moves 13 GB"]
async fn a_thousand_reads_of_large_batches_are_all_right_in_300_mib() {
    thousand(8192).await;
}
