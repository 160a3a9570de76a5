//! Rows to batches: `#[derive(Table)]` against the other crates that do it, in one run.
//!
//! `cargo bench -p flexconnect-benches --features peers --bench derives [-- ROWS ROUNDS]`
//!
//! Everyone is given the same rows, each in the type its derive wants, made before the clock runs; turns them into batches
//! of the same size, and drops both. CPU time, interleaved rounds, medians; each ratio is to `derive`.
#![expect(clippy::print_stdout, reason = "a program whose purpose is to print figures")]

mod by_convert;
mod by_serde;
mod by_typed;
mod same;

use std::hint::black_box;

use flexconnect_benches::{BATCH_ROWS, Contender, Flat, Nested, Workload, encode, measure, rows_and_rounds};
use flexconnect_core::Result;
use flexconnect_core::arrow_array::RecordBatch;

/// What a contender is given, and does with it.
pub(crate) enum Work<W: by_typed::Typed> {
    /// Rows in the derive's own type, and who turns them into batches.
    Own(Vec<W>),
    /// The same in the type typed-arrow wants.
    Typed(Vec<W::Row>),
}

/// A way from rows to batches: each batch is handed on as soon as it is there.
type Way<W> = fn(Vec<W>, &mut dyn FnMut(RecordBatch)) -> Result<()>;

fn main() -> Result<()> {
    let (rows, rounds) = rows_and_rounds("derives", 500_000, 11)?;

    println!("{rows} rows, batches of {BATCH_ROWS}, {rounds} rounds, CPU time, rows and batches dropped\n");
    println!("{:<8} {:<16} {:>10} {:>10} {:>8}", "rows", "by", "ns/row", "least", "ratio");
    compare::<Flat>(rows, rounds)?;
    compare::<Nested>(rows, rounds)
}

fn compare<W>(count: usize, rounds: usize) -> Result<()>
where
    W: Workload + by_typed::Typed + by_convert::Convert + serde::Serialize,
{
    let rows = W::rows(count, 42);
    let ways: [(&str, Way<W>); 4] = [
        ("serde_arrow", by_serde::serde_arrow),
        ("arrow-json", by_serde::arrow_json),
        ("arrow_convert", by_convert::arrow_convert),
        // The last is the measure of the others.
        ("derive", by_derive),
    ];
    let expected = batches(|take| by_derive(rows.clone(), take))?;
    for (name, way) in &ways {
        same::check(name, &expected, &batches(|take| way(rows.clone(), take))?)?;
    }
    same::check("typed-arrow", &expected, &batches(|take| by_typed::typed_arrow::<W>(typed(&rows), take))?)?;
    drop(expected);

    let contender = |name, run: Box<dyn FnMut(Work<W>)>| Contender { name, run };
    let mut contenders = vec![contender(
        "typed-arrow",
        Box::new(|work| {
            if let Work::Typed(rows) = work {
                by_typed::typed_arrow::<W>(rows, &mut drop_batch).expect("they were encoded before");
            }
        }),
    )];
    contenders.extend(ways.map(|(name, way)| {
        contender(
            name,
            Box::new(move |work| {
                if let Work::Own(rows) = work {
                    way(rows, &mut drop_batch).expect("they were encoded before");
                }
            }),
        )
    }));
    let input = |which| if which == 0 { Work::Typed(typed(&rows)) } else { Work::Own(rows.clone()) };
    for figure in measure(rounds, input, contenders) {
        let per_row = |time: std::time::Duration| time.as_secs_f64() * 1e9 / count as f64;
        let (median, least) = (per_row(figure.median), per_row(figure.least));
        println!("{:<8} {:<16} {median:>10.1} {least:>10.1} {:>8.2}", W::NAME, figure.name, figure.ratio);
    }
    Ok(())
}

fn by_derive<W: Workload>(rows: Vec<W>, take: &mut dyn FnMut(RecordBatch)) -> Result<()> {
    Ok(encode(&rows, take)?)
}

fn typed<W: by_typed::Typed + Clone>(rows: &[W]) -> Vec<W::Row> {
    rows.iter().cloned().map(W::typed).collect()
}

fn batches(way: impl FnOnce(&mut dyn FnMut(RecordBatch)) -> Result<()>) -> Result<Vec<RecordBatch>> {
    let mut batches = Vec::new();
    way(&mut |batch| batches.push(batch))?;
    Ok(batches)
}

fn drop_batch(batch: RecordBatch) {
    drop(black_box(batch));
}
