//! Rows to batches: `#[derive(Table)]` against hand-written Arrow builders, in one run.
//!
//! `cargo bench -p flexconnect-benches --features peers --bench rows [-- ROWS ROUNDS]`
//!
//! Everyone consumes the same owned rows and drops each batch as soon as it is made. CPU time, interleaved rounds, medians.
//! "no encoding" only walks and drops the rows, which is in every other figure too; `net` is the ratio without it.
#![expect(clippy::print_stdout, reason = "a program whose purpose is to print figures")]

use std::hint::black_box;
use std::time::Duration;

use flexconnect_benches::{BATCH_ROWS, Contender, Figures, Flat, Nested, Path, Workload, batches, measure};
use flexconnect_core::Result;
use flexconnect_core::arrow_array::RecordBatch;

fn main() -> Result<()> {
    // Cargo passes `--bench`; what remains are our own two numbers.
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .map(|argument| argument.parse())
        .collect::<Result<_, _>>()
        .map_err(|error| format!("usage: rows [ROWS [ROUNDS]], two numbers: {error}"))?;
    let rows = numbers.first().copied().unwrap_or(1_000_000).max(1);
    let rounds = numbers.get(1).copied().unwrap_or(11).max(1);

    println!("{rows} rows, batches of {BATCH_ROWS}, {rounds} rounds, CPU time\n");
    println!("{:<8} {:<28} {:>10} {:>10} {:>8} {:>8}", "rows", "by", "ns/row", "least", "ratio", "net");
    run::<Flat>(rows, rounds)?;
    run::<Nested>(rows, rounds)
}

fn run<W: Workload>(count: usize, rounds: usize) -> Result<()> {
    let rows = W::rows(count, 42);
    same_batches(&rows)?;
    let figures = measure(
        rounds,
        || rows.clone(),
        vec![
            contender("no encoding", |rows: Vec<W>| {
                rows.into_iter().for_each(|row| drop(black_box(row)));
            }),
            contender("derive, column buffers", |rows| drive(Path::Buffers, rows)),
            contender("derive, Dataset::read", |rows| drive(Path::Dataset, rows)),
            contender("hand-written builders", |rows| W::peer_batches(rows, |batch| drop(black_box(batch)))),
        ],
    );
    let per_row = |time: Duration| time.as_secs_f64() * 1e9 / count as f64;
    let above = |figure: &Figures| per_row(figure.median) - per_row(figures[0].median);
    for figure in &figures {
        println!(
            "{:<8} {:<28} {:>10.1} {:>10.1} {:>8.2} {:>8.2}",
            W::NAME,
            figure.name,
            per_row(figure.median),
            per_row(figure.least),
            figure.ratio,
            above(figure) / above(&figures[figures.len() - 1]),
        );
    }
    Ok(())
}

fn contender<'a, W>(name: &'static str, run: impl FnMut(Vec<W>) + 'a) -> Contender<'a, Vec<W>> {
    Contender { name, run: Box::new(run) }
}

fn drive<W: Workload>(path: Path, rows: Vec<W>) {
    batches(path, rows, |batch| drop(black_box(batch)))
        .expect("the same rows were encoded before, without error");
}

/// Those who are compared must do the same work.
fn same_batches<W: Workload>(rows: &[W]) -> Result<()> {
    let mut peer: Vec<RecordBatch> = Vec::new();
    W::peer_batches(rows.to_vec(), |batch| peer.push(batch));
    for path in [Path::Buffers, Path::Dataset] {
        let mut ours = Vec::new();
        batches(path, rows.to_vec(), |batch| ours.push(batch))?;
        if ours != peer {
            return Err(format!("{}: the batches by {path:?} differ from the peer's", W::NAME).into());
        }
    }
    Ok(())
}
