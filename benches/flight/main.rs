//! DoGet over loopback: flexconnect beside stock arrow-flight, the C++ server of pyarrow and a plain TCP copy.
//!
//! `cargo bench -p flexconnect-benches --features peers --bench flight [-- ROWS ROUNDS]`
//!
//! Every server is a process of its own, and so is who reads a table of it: what another server's messages leave in a client's
//! allocator changes what the next cost it. Each round asks all pairs, in an order that moves on by one, so that a busy
//! machine troubles all alike, and the first round after a start does not count. Some rounds later all processes are
//! started anew, because where their memory happens to lie decides for as long as they live. The Rust client keeps what it
//! frees; all others are as they come. What is compared is taken within a round, then the median over all rounds. pyarrow is
//! used when `PYTHON` or `target/interop-venv` has it.
#![expect(clippy::print_stdout, reason = "a program whose purpose is to print figures")]

mod child;
mod client;
mod data;
mod ours;
mod process;
mod rounds;
mod small;
mod stock;
mod tcp;

use std::path::PathBuf;

use flexconnect_core::Result;

use child::Child;
use rounds::Pairs;
use small::Small;

/// 440 MB of rows.
const ROWS: usize = 10_000_000;
/// Rounds after each start.
const ROUNDS: usize = 3;
/// How often all processes are started.
const STARTS: usize = 8;
const PEER: &str = "flight/peer.py";
/// The client that is not of this program.
const PYARROW: &str = "pyarrow";

fn main() -> Result<()> {
    // Cargo passes `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve", "ours", rows] => ours::serve(rows.parse()?),
        ["serve", "stock", rows] => stock::serve(rows.parse()?),
        ["serve", "tcp", rows] => tcp::serve(rows.parse()?),
        ["client"] => client::run(),
        [] => compare(ROWS, ROUNDS),
        [rows] => compare(rows.parse()?, ROUNDS),
        [rows, rounds] => compare(rows.parse()?, rounds.parse()?),
        _ => Err("usage: flight [ROWS [ROUNDS]], two numbers".into()),
    }
}

fn compare(rows: usize, rounds: usize) -> Result<()> {
    let count = rows.to_string();
    let python = python();
    println!("{rows} rows of 44 bytes in batches of {}, {STARTS} times {rounds} rounds", data::BATCH_ROWS);
    if python.is_none() {
        println!("no pyarrow: set PYTHON to an interpreter that has it");
    }
    let client = |name: &str| match &python {
        Some(python) if name == PYARROW => Child::python(python, PEER, &["client"]),
        _ => Child::own(&["client"]),
    };
    let clients = ["rust"].into_iter().chain(python.is_some().then_some(PYARROW));
    let (mut pairs, mut small) = (Pairs::default(), Small::default());
    for _ in 0..STARTS {
        let mut servers = vec![
            ("ours", Child::own(&["serve", "ours", &count])?),
            ("stock", Child::own(&["serve", "stock", &count])?),
        ];
        let mut copy = Child::own(&["serve", "tcp", &count])?;
        if let Some(python) = &python {
            servers.push(("c++", Child::python(python, PEER, &["serve", &count])?));
        }
        pairs.measure(&mut servers, clients.clone(), client, &mut copy, rows, rounds)?;
        small.measure(&mut servers, &mut client("rust")?, rounds)?;
    }
    pairs.print();
    small.print();
    Ok(())
}

/// An interpreter that has pyarrow.
fn python() -> Option<PathBuf> {
    let made_by_tests =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/interop-venv/bin/python"));
    let python = std::env::var_os("PYTHON").map_or(made_by_tests, PathBuf::from);
    let asked = std::process::Command::new(&python).args(["-c", "import pyarrow.flight"]).output();
    asked.is_ok_and(|answer| answer.status.success()).then_some(python)
}
