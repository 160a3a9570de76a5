//! Bytes from outside that are not what they should be, by chance: nothing panics, nothing forged is taken, and what is
//! taken can be said again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use fastrand::Rng;
use flexconnect_flight::fuzz;

/// Bytes near to those that are right, and now and then bytes that are near to nothing.
fn near(seeds: &[&[u8]], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = match rng.u8(..8) {
        0 => (0..rng.usize(..200)).map(|_| rng.u8(..)).collect(),
        _ => rng.choice(seeds).unwrap().to_vec(),
    };
    for _ in 0..rng.usize(..4) {
        let length = bytes.len();
        let at = rng.usize(..=length);
        match rng.u8(..6) {
            0 if at < length => bytes[at] ^= 1 << rng.u8(..8),
            1 if at < length => bytes[at] = *rng.choice(b"{}[]\",:0-.e\\\0\xff\n n").unwrap(),
            2 => bytes.truncate(at),
            3 => bytes.insert(at, rng.u8(..)),
            4 if at < length => drop(bytes.remove(at)),
            // A piece of another, or of itself.
            _ => {
                let other = rng.choice(seeds).unwrap();
                let from = rng.usize(..=other.len());
                let piece = &other[from..(from + rng.usize(..40)).min(other.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
    bytes
}

/// Calls the body with so many cases; some of them must be taken, and most must not.
fn run(body: fn(&[u8]) -> bool, seeds: &[&[u8]], cases: u64) {
    for seed in seeds {
        assert!(body(seed), "{:?}", String::from_utf8_lossy(seed));
    }
    let taken = (0..cases).filter(|case| body(&near(seeds, &mut Rng::with_seed(*case)))).count() as u64;
    assert!(taken > 0 && taken < cases, "{taken} of {cases} were taken");
}

const COMMANDS: [&[u8]; 4] = [
    br#"{"connector": "numbers", "config": {"rows": 1000}, "columns": ["name", "id"], "limit": 77}"#,
    br#"{"path": ["a", "b"], "filters": [{"column": "id", "op": ">=", "value": 5}, {"or": [{"column": "x", "op": "in", "values": [1, 2.5, "\u00e9"]}]}]}"#,
    br#"{"connector": "n", "partition": "p", "parameters": {"deep": [[[[[{"a": null}]]]]]}}"#,
    br#"{"connector": "store", "mode": "upsert", "commit": "explicit", "rows": 3, "idempotency_token": "t"}"#,
];

#[test]
fn commands() {
    run(fuzz::command, &COMMANDS, 10_000);
}

#[test]
fn actions() {
    let seeds = [&br#"{"connector": "numbers", "config": {"rows": 1000}}"#[..], br#"{"path": ["a", "b"]}"#];
    run(fuzz::action, &seeds, 10_000);
}

#[test]
fn descriptors() {
    let encoded = |kind: u8, tag: u8, content: &[u8]| {
        [&[0x08, kind, tag, u8::try_from(content.len()).unwrap()][..], content].concat()
    };
    let path = encoded(1, 0x1A, b"numbers");
    let command = encoded(2, 0x12, COMMANDS[0]);
    run(fuzz::descriptor, &[&path, &command], 10_000);
}

#[test]
fn messages() {
    run(fuzz::message, &[&stream()], 10_000);
}

#[test]
fn tickets() {
    forge_tickets(10_000);
}

/// `cargo test --release -p flexconnect-flight --test outside -- --ignored`
#[test]
#[ignore = "a million tickets: seconds in a release build, minutes without"]
fn a_million_tickets() {
    forge_tickets(1_000_000);
}

/// Forged, flipped and foreign.
fn forge_tickets(cases: u64) {
    let foreign = fuzz::foreign_ticket();
    // Another server's, under this server's key id.
    let mut disguised = foreign.clone();
    disguised[..5].copy_from_slice(&fuzz::sealed_ticket()[..5]);
    assert!(!fuzz::ticket(&foreign) && !fuzz::ticket(&disguised));
    let whole = fuzz::sealed_ticket();
    for position in 0..whole.len() {
        for bit in 0..8 {
            let mut flipped = whole.to_vec();
            flipped[position] ^= 1 << bit;
            assert!(!fuzz::ticket(&flipped));
        }
    }
    run(fuzz::ticket, &[whole], cases / 2);
    let refused = [&foreign[..], &disguised];
    assert!((0..cases / 2).all(|case| !fuzz::ticket(&near(&refused, &mut Rng::with_seed(case)))));
}

/// Two columns in Arrow's stream format.
fn stream() -> Vec<u8> {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};

    let columns: [(&str, ArrayRef); 2] = [
        ("id", Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]))),
        ("name", Arc::new(StringArray::from(vec!["a", "", "text"]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}
