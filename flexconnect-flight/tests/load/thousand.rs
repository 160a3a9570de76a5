//! A thousand reads at once, with the limits as they are by default.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_flight::FlightDescriptor;
use arrow_flight::decode::FlightRecordBatchStream;
use arrow_flight::error::FlightError;
use arrow_flight::flight_service_client::FlightServiceClient;
use futures::{StreamExt, TryStreamExt};
use serde_json::json;
use tokio::sync::Barrier;
use tonic::transport::{Channel, Endpoint};

use crate::child::Served;
use crate::tables::SEED;

const READS: i64 = 1000;
const BATCHES: i64 = 100;
/// A connection carries 256 calls at a time.
const CONNECTIONS: usize = 5;

/// Reads the whole table of this seed and checks every row; all reads are under way before one goes on.
async fn read(
    mut flight: FlightServiceClient<Channel>,
    seed: i64,
    (columns, rows): (usize, i64),
    all: Arc<Barrier>,
) {
    let config = json!({"seed": seed, "batches": BATCHES, "rows": rows, "columns": columns});
    let command = json!({"connector": "many", "config": config});
    let info = flight.get_flight_info(FlightDescriptor::new_cmd(command.to_string())).await.unwrap();
    let ticket = info.into_inner().endpoint[0].ticket.clone().unwrap();
    // Rows that nobody takes yet hold up plans on the same connection.
    all.wait().await;
    let messages = flight.do_get(ticket).await.unwrap().into_inner();
    all.wait().await;
    let mut reading = FlightRecordBatchStream::new_from_flight_data(messages.map_err(FlightError::from));
    let mut number = 0;
    while let Some(batch) = reading.next().await {
        let batch = batch.unwrap();
        assert_eq!(batch.num_columns(), columns);
        for column in batch.columns() {
            let found = column.as_primitive::<Int64Type>().values().iter();
            let expected = seed * SEED + number..;
            assert!(
                found.copied().eq(expected.take(batch.num_rows())),
                "this reader's rows, in order, each once"
            );
        }
        number += batch.num_rows() as i64;
    }
    assert_eq!(number, BATCHES * rows);
}

#[allow(clippy::print_stdout, reason = "the figure is worth knowing")]
async fn thousand(columns: usize, rows: i64) {
    let served = Served::start();
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        let endpoint = Endpoint::from_shared(served.address.clone()).unwrap();
        clients.push(FlightServiceClient::new(endpoint.connect().await.unwrap()));
    }
    let all = Arc::new(Barrier::new(READS as usize + 1));
    let reads: Vec<_> = (0..READS)
        .map(|seed| {
            let client = clients[seed as usize % CONNECTIONS].clone();
            tokio::spawn(read(client, seed, (columns, rows), all.clone()))
        })
        .collect();
    let idle = served.kibibytes("VmRSS") / 1024;
    all.wait().await;
    all.wait().await;
    let begun = served.kibibytes("VmRSS") / 1024;
    for read in reads {
        read.await.unwrap();
    }
    let most = served.kibibytes("VmHWM") / 1024;
    println!(
        "{READS} reads of {BATCHES} batches of {rows} rows, {columns} columns: the server had {idle} MiB before, {begun} MiB when all had begun, \
         and {most} MiB at most"
    );
    assert!(most <= 300, "the server had {most} MiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_reads_are_all_right_in_300_mib() {
    thousand(1, 256).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_reads_of_four_columns_are_all_right_in_300_mib() {
    thousand(4, 256).await;
}

/// `cargo test --release -p flexconnect-flight --test load -- --ignored --nocapture large_batches`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "moves 13 GB"]
async fn a_thousand_reads_of_large_batches_are_all_right_in_300_mib() {
    thousand(1, 8192).await;
}
