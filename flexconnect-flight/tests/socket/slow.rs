//! Readers of a kibibyte at a time: what is held for each has a bound, and others do not wait for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use arrow_array::{Int64Array, RecordBatch};
use arrow_flight::Ticket;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use flexconnect_core::{Config, Connector, Plugin, ReadRequest, Result, Rows};
use flexconnect_flight::Command;
use futures::TryStreamExt;
use futures::future::join_all;
use serde_json::json;
use tonic::transport::Endpoint;

use crate::relay::Trickle;
use crate::served::{cmd, eventually, serve, ticket};

/// Rows of a batch, 64 KiB.
const ROWS: usize = 8192;
const BATCH: usize = 8 * ROWS;
/// What the client lets the server send ahead.
const WINDOW: usize = 64 << 10;
const SLOW: usize = 64;

/// Batches that were produced, by read.
type Produced = Arc<Mutex<HashMap<u32, usize>>>;

#[derive(Config)]
struct ChunksConfig {
    /// Which read it is.
    read: u32,
    /// How many batches.
    batches: usize,
}

struct Chunks(ChunksConfig, Produced);

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]))
}

impl Connector<Produced> for Chunks {
    const NAME: &'static str = "chunks";
    type Config = ChunksConfig;
    type Row = RecordBatch;

    async fn init(config: ChunksConfig, produced: &Produced) -> Result<Self> {
        Ok(Chunks(config, produced.clone()))
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(Some(schema()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, RecordBatch> {
        Rows::iter((0..self.0.batches).map(|number| {
            *self.1.lock().unwrap().entry(self.0.read).or_default() += 1;
            let numbers = (0..ROWS).map(|row| (number * ROWS + row) as i64);
            RecordBatch::try_new(schema(), vec![Arc::new(Int64Array::from_iter_values(numbers))]).unwrap()
        }))
    }
}

#[tokio::test]
async fn slow_readers_hold_two_batches_and_their_window_each_and_the_others_finish() {
    let produced = Produced::default();
    let shared = produced.clone();
    let plugin = Plugin::new("chunks", "1.0.0").shared(move |(): ()| {
        let shared = shared.clone();
        async move { Ok(shared) }
    });
    let served = serve(plugin.connector::<Chunks>()).await;
    let mut slow = Vec::new();
    for read in 0..SLOW {
        let command = json!({"connector": "chunks", "config": {"read": read, "batches": 1_000_000}});
        let Ticket { ticket } = ticket(&served.info(cmd(command)).await.unwrap(), 0);
        let trickle = Trickle::before(served.address).await;
        // What HTTP/2 says before the rows.
        trickle.allow(1024);
        let endpoint = Endpoint::from_shared(format!("http://{}", trickle.address)).unwrap();
        let endpoint =
            endpoint.initial_stream_window_size(WINDOW as u32).initial_connection_window_size(WINDOW as u32);
        let reading = tokio::spawn(async move {
            let mut flight = FlightServiceClient::new(endpoint.connect().await?);
            let mut reading = flight.do_get(Ticket { ticket }).await?.into_inner();
            while reading.try_next().await?.is_some() {}
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        });
        slow.push((read as u32, trickle, reading));
    }
    let ahead = |read| produced.lock().unwrap().get(&read).copied().unwrap_or_default();
    for (read, trickle, _) in &slow {
        trickle.allow(4096);
        eventually("a slow read begins", || ahead(*read) > 0).await;
    }
    // A kibibyte for each slow reader, whole reads for the others, again and again.
    let mut largest = 0;
    for _ in 0..10 {
        slow.iter().for_each(|(_, trickle, _)| trickle.allow(1024));
        let others = (0..4u32).map(async |other| {
            let config = json!({"read": 1000 + other, "batches": 20});
            let command = Command::connector("chunks").with_config(config);
            let batches = served.read(&command).await.unwrap();
            batches.iter().map(RecordBatch::num_rows).sum::<usize>()
        });
        assert_eq!(join_all(others).await, [20 * ROWS; 4]);
        for (read, trickle, reading) in &slow {
            assert!(!reading.is_finished(), "a slow read goes on");
            let passed = trickle.passed.load(std::sync::atomic::Ordering::SeqCst);
            // What has passed, the window, and two batches; the sockets' buffers take less than a window.
            let most = (passed + WINDOW).div_ceil(BATCH) + 2;
            largest = largest.max(ahead(*read));
            assert!(ahead(*read) <= most, "{} batches for {passed} bytes", ahead(*read));
        }
    }
    println!("{SLOW} slow readers: at most {largest} batches of {BATCH} bytes produced for one");
    slow.iter().for_each(|(_, _, reading)| reading.abort());
}
