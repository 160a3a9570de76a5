//! Rows to batches: `#[derive(Table)]` against hand-written Arrow builders, in one run.
//!
//! `cargo bench -p flexconnect-benches --bench rows [-- ROWS ROUNDS]`
//!
//! The rows are there already and are only looked at; each batch is dropped as soon as it is made. The stream makes its
//! rows one by one and drops them, which is also measured on its own. CPU time, interleaved rounds, medians.
#![expect(clippy::print_stdout, reason = "a program whose purpose is to print figures")]

use std::hint::black_box;
use std::time::Duration;

use flexconnect_benches::{
    BATCH_ROWS, Contender, Figures, Flat, Nested, Wide, Workload, by_builders, encode, measure,
    rows_and_rounds, stream,
};
use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{Result, Table};

fn main() -> Result<()> {
    let (rows, rounds) = rows_and_rounds("rows", 1_000_000, 11)?;

    println!("{rows} rows, batches of {BATCH_ROWS}, {rounds} rounds, CPU time\n");
    println!("{:<8} {:<32} {:>10} {:>10} {:>8}", "rows", "by", "ns/row", "least", "ratio");
    batches_of::<Flat>(rows, rounds)?;
    batches_of::<Nested>(rows, rounds)?;
    batches_of::<Wide>(rows / 4, rounds)?;
    stream_of_rows(rows, rounds);
    Ok(())
}

fn batches_of<W: Workload>(count: usize, rounds: usize) -> Result<()> {
    let rows = W::rows(count, 42);
    same_batches(&rows)?;
    let figures = measure(
        rounds,
        |_| (),
        vec![
            contender("derive", || encode(&rows, drop_batch).expect("they were encoded before")),
            contender("hand-written builders", || by_builders(&rows, drop_batch)),
        ],
    );
    print(W::NAME, count, &figures);
    Ok(())
}

/// A row that costs an allocation to make.
#[derive(Table)]
struct Produced {
    id: i64,
    amount: f64,
    name: String,
}

fn produced(count: usize) -> impl Iterator<Item = Produced> + Send + Sync {
    const NAMES: [&str; 4] = ["northern fulmar", "gannet-1", "atlantic puffin", "shearwater"];
    (0..count as i64).map(|id| Produced {
        id,
        amount: id as f64 * 0.5,
        name: NAMES[(id & 3) as usize].to_owned(),
    })
}

fn stream_of_rows(count: usize, rounds: usize) {
    let figures = measure(
        rounds,
        |_| (),
        vec![
            contender("Rows::iter, Dataset::read", || {
                stream::<Produced, _>(produced(count), drop_batch).expect("every value fits");
            }),
            contender("produce and drop", || {
                produced(count).for_each(|row| {
                    black_box((&row.id, &row.amount, &row.name));
                });
            }),
        ],
    );
    print("stream", count, &figures);
    let more = |time: fn(&Figures) -> Duration| {
        (time(&figures[0]).as_secs_f64() - time(&figures[1]).as_secs_f64()) * 1e9 / count as f64
    };
    let (median, least) = (more(|figure| figure.median), more(|figure| figure.least));
    println!("{:<8} {:<32} {median:>10.1} {least:>10.1}", "stream", "difference");
}

fn drop_batch(batch: RecordBatch) {
    drop(black_box(batch));
}

fn print(rows: &str, count: usize, figures: &[Figures]) {
    let per_row = |time: Duration| time.as_secs_f64() * 1e9 / count as f64;
    for figure in figures {
        let (median, least) = (per_row(figure.median), per_row(figure.least));
        println!("{rows:<8} {:<32} {median:>10.1} {least:>10.1} {:>8.2}", figure.name, figure.ratio);
    }
}

fn contender<'a>(name: &'static str, mut run: impl FnMut() + 'a) -> Contender<'a, ()> {
    Contender { name, run: Box::new(move |()| run()) }
}

/// Those who are compared must do the same work.
fn same_batches<W: Workload>(rows: &[W]) -> Result<()> {
    let (mut ours, mut built) = (Vec::new(), Vec::new());
    encode(rows, |batch| ours.push(batch))?;
    by_builders(rows, |batch| built.push(batch));
    if ours != built {
        return Err(format!("{}: the batches differ from those of the builders", W::NAME).into());
    }
    Ok(())
}
