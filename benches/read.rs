//! Batches to rows: what `#[derive(Table)]` reads against columns downcast by hand, in one run.
//!
//! `cargo bench -p flexconnect-benches --bench read [-- ROWS ROUNDS]`
//!
//! CPU time, interleaved rounds, medians; each ratio is to the same work by hand.
#![expect(clippy::print_stdout, reason = "a program whose purpose is to print figures")]

use std::hint::black_box;

use flexconnect_benches::{
    BATCH_ROWS, Contender, Flat, FlatArrays, FlatRef, Workload, encode, measure, rows_and_rounds,
};
use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::table::BorrowColumns;
use flexconnect_core::{FromBatch, Result};

fn main() -> Result<()> {
    let (count, rounds) = rows_and_rounds("read", 1_000_000, 11)?;

    let rows = Flat::rows(count, 42);
    let mut batches: Vec<RecordBatch> = Vec::new();
    encode(&rows, |batch| batches.push(batch))?;
    for (batch, rows) in batches.iter().zip(rows.chunks(BATCH_ROWS)) {
        let arrays = FlatArrays::new(batch);
        let by_hand: Vec<Flat> = (0..batch.num_rows()).map(|row| arrays.owned(row)).collect();
        if Flat::from_batch(batch)? != rows || by_hand != rows {
            return Err("what is read is not what was written".into());
        }
    }

    println!("{count} flat rows, batches of {BATCH_ROWS}, {rounds} rounds, CPU time\n");
    println!("{:<10} {:<26} {:>10} {:>10} {:>8}", "rows", "by", "ns/row", "least", "ratio");
    let borrowed = vec![
        contender("derive", || {
            for batch in &batches {
                let view = FlatRef::view(batch).expect("the schema is that of the table");
                for row in view.rows::<FlatRef<'_>>() {
                    black_box(row.expect("every value fits"));
                }
            }
        }),
        contender("columns downcast by hand", || {
            for batch in &batches {
                let arrays = FlatArrays::new(batch);
                for row in 0..batch.num_rows() {
                    black_box(arrays.borrowed(row));
                }
            }
        }),
    ];
    print("borrowed", count, rounds, borrowed);
    let owned = vec![
        contender("derive", || {
            for batch in &batches {
                black_box(Flat::from_batch(batch).expect("every value fits"));
            }
        }),
        contender("columns downcast by hand", || {
            for batch in &batches {
                let arrays = FlatArrays::new(batch);
                black_box((0..batch.num_rows()).map(|row| arrays.owned(row)).collect::<Vec<_>>());
            }
        }),
    ];
    print("owned", count, rounds, owned);
    Ok(())
}

fn contender<'a>(name: &'static str, mut run: impl FnMut() + 'a) -> Contender<'a, ()> {
    Contender { name, run: Box::new(move |()| run()) }
}

fn print(rows: &str, count: usize, rounds: usize, contenders: Vec<Contender<'_, ()>>) {
    for figure in measure(rounds, |_| (), contenders) {
        let per_row = |time: std::time::Duration| time.as_secs_f64() * 1e9 / count as f64;
        let (median, least) = (per_row(figure.median), per_row(figure.least));
        println!("{rows:<10} {:<26} {median:>10.1} {least:>10.1} {:>8.2}", figure.name, figure.ratio);
    }
}
