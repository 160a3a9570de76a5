//! What checking a message costs: batches decoded behind the guard, and by Arrow alone.
//!
//! `cargo bench -p flexconnect-benches --features peers --bench guard`

#![allow(clippy::print_stdout, reason = "the figures are what this is for")]
#![allow(clippy::unwrap_used, reason = "a measurement that fails says so by panicking")]

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::buffer::Buffer;
use arrow_ipc::reader::RecordBatchDecoder;
use arrow_ipc::root_as_message;
use arrow_ipc::writer::StreamWriter;
use bytes::Bytes;
use flexconnect_benches::{Contender, measure};
use flexconnect_flight::guard::{Decoder, Limits};

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
    for figures in measure(ROUNDS, || (), contenders) {
        println!(
            "{:12} median {:?}, least {:?}, {:.2} GB/s, {:.3} x",
            figures.name,
            figures.median,
            figures.least,
            gigabytes / figures.median.as_secs_f64(),
            figures.ratio
        );
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
