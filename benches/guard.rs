//! What checking a message costs: batches decoded behind the guard and by Arrow alone, and what that is of a whole DoPut.
//!
//! `cargo bench -p flexconnect-benches --features peers --bench guard`

#![allow(clippy::print_stdout, reason = "the figures are what this is for")]
#![allow(clippy::unwrap_used, reason = "a measurement that fails says so by panicking")]

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow_ipc::reader::RecordBatchDecoder;
use arrow_ipc::root_as_message;
use arrow_ipc::writer::StreamWriter;
use bytes::Bytes;
use flexconnect_benches::{Contender, measure};
use flexconnect_core::{
    BoxWriter, Capabilities, Connector, Plugin, ReadRequest, Result, Rows, WriteMode, WriteRequest,
    WriteSummary, Writer,
};
use flexconnect_flight::guard::{Decoder, Limits};
use flexconnect_flight::{Client, Command, Server};

const ROWS: usize = 64 << 10;
/// Batches of one round.
const BATCHES: usize = 20;
const ROUNDS: usize = 51;

fn main() {
    let rows = batch();
    let [(schema, _), (header, body)] = messages(&rows);
    let bytes = body.len();
    let body = aligned(&body);

    let shared = body.clone();
    let guarded = || {
        let body = &shared;
        let mut decoder = Decoder::new(Limits::default());
        decoder.decode(&schema, Buffer::default()).unwrap();
        for _ in 0..BATCHES {
            black_box(decoder.decode(&header, body.clone().into()).unwrap().unwrap());
        }
    };
    let alone = || {
        let schema = root_as_message(&schema).unwrap();
        let schema = Arc::new(arrow_ipc::convert::fb_to_schema(schema.header_as_schema().unwrap()));
        for _ in 0..BATCHES {
            let message = root_as_message(&header).unwrap();
            let batch = message.header_as_record_batch().unwrap();
            let body = Buffer::from(body.clone());
            let (dictionaries, version) = (HashMap::new(), message.version());
            let decoder = RecordBatchDecoder::try_new(&body, batch, schema.clone(), &dictionaries, &version);
            black_box(decoder.unwrap().read_record_batch().unwrap());
        }
    };
    let contenders = vec![
        Contender { name: "guarded", run: Box::new(move |()| guarded()) },
        Contender { name: "Arrow alone", run: Box::new(move |()| alone()) },
    ];
    let gigabytes = (bytes * BATCHES) as f64 / 1e9;
    println!("{BATCHES} batches of {ROWS} rows, {bytes} bytes each, {ROUNDS} rounds");
    let figures = measure(ROUNDS, |_| (), contenders);
    for figures in &figures {
        println!(
            "{:12} median {:?}, least {:?}, {:.2} GB/s, {:.3} x",
            figures.name,
            figures.median,
            figures.least,
            gigabytes / figures.median.as_secs_f64(),
            figures.ratio
        );
    }
    let guard = figures[0].least.saturating_sub(figures[1].least).as_secs_f64() / BATCHES as f64;
    let uploaded = uploads(&rows);
    println!(
        "DoPut        least {:?} a batch, {:.2} GB/s; the guard is {:.2} % of it",
        uploaded,
        bytes as f64 / 1e9 / uploaded.as_secs_f64(),
        100.0 * guard / uploaded.as_secs_f64()
    );
}

/// What a batch takes of an upload over loopback, from our own client to a writer that keeps nothing: the least of all rounds.
#[tokio::main]
async fn uploads(batch: &RecordBatch) -> Duration {
    const UPLOADS: usize = 11;
    let plugin = Plugin::new("bench", "1.0.0").connector::<Sink>();
    let bound = Server::new(plugin).bind("127.0.0.1:0").await.unwrap();
    let address = bound.local_addr();
    let serving = tokio::spawn(bound.serve_until(std::future::pending()));
    let client = Client::connect(format!("http://{address}")).await.unwrap();
    let mut least = Duration::MAX;
    for _ in 0..UPLOADS {
        let started = Instant::now();
        let batches = vec![batch.clone(); BATCHES];
        let summary = client.write(&Command::connector("sink"), batch.schema(), batches).await.unwrap();
        assert_eq!(summary.rows, (ROWS * BATCHES) as u64);
        least = least.min(started.elapsed() / BATCHES as u32);
    }
    serving.abort();
    least
}

/// A table that takes everything and keeps nothing.
struct Sink;

impl Connector for Sink {
    const NAME: &'static str = "sink";
    type Config = ();
    type Row = RecordBatch;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_write([WriteMode::Append])
    }

    async fn init((): (), (): &()) -> Result<Self> {
        Ok(Sink)
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(Some(batch().schema()))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, RecordBatch> {
        Rows::empty()
    }

    async fn get_writer(&self, _: WriteRequest) -> Result<BoxWriter> {
        Ok(BoxWriter::new(Counted(0)))
    }
}

struct Counted(u64);

impl Writer for Counted {
    async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        self.0 += black_box(batch).num_rows() as u64;
        Ok(())
    }

    async fn commit(self) -> Result<WriteSummary> {
        Ok(WriteSummary::rows(self.0))
    }
}

/// The columns of a usual table.
fn batch() -> RecordBatch {
    let rows = 0..ROWS as i64;
    let texts = rows.clone().map(|row| format!("text {row:07}"));
    let columns: [(&str, ArrayRef); 5] = [
        ("id", Arc::new(Int64Array::from_iter_values(rows.clone()))),
        ("other", Arc::new(Int64Array::from_iter_values(rows.clone().map(|row| row * 31)))),
        ("share", Arc::new(Float64Array::from_iter_values(rows.clone().map(|row| row as f64 / 7.0)))),
        ("name", Arc::new(StringArray::from_iter_values(texts))),
        ("day", Arc::new(Date32Array::from_iter_values(rows.map(|row| row as i32)))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// The schema's message and the batch's: header and body.
fn messages(batch: &RecordBatch) -> [(Vec<u8>, Vec<u8>); 2] {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    let mut rest = writer.into_inner().unwrap();
    [(); 2].map(|()| {
        let length = u32::from_le_bytes(rest[4..8].try_into().unwrap()) as usize;
        let header: Vec<u8> = rest.drain(..8 + length).skip(8).collect();
        let body = root_as_message(&header).unwrap().bodyLength() as usize;
        (header, rest.drain(..body).collect())
    })
}

/// The body where Arrow can use it, so that nobody copies.
fn aligned(body: &[u8]) -> Bytes {
    let mut room = vec![0; body.len() + 64];
    let start = room.as_ptr().align_offset(64);
    room[start..start + body.len()].copy_from_slice(body);
    Bytes::from(room).slice(start..start + body.len())
}
