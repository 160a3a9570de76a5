//! What a reader that leaves ends, and how far ahead of it the source runs.

use std::time::Duration;

use crate::conformance::bench::{Baseline, Bench};
use crate::conformance::patience::{eventually, pause};
use crate::conformance::report::{Findings, Verdict};
use crate::error::Error;
use crate::request::ReadRequest;

/// How many batches of this many rows the source may be ahead.
const BATCHES_AHEAD: u64 = 2;
const BATCH_ROWS: u64 = 8192;
/// Rows a source is asked for at a time within a batch.
const STRIDE: u64 = 64;

/// A read that is dropped ends its work: at once, in its middle, and again and again.
pub(in crate::conformance) async fn cancellation(bench: &Bench<'_>) -> Verdict {
    const TIMES: usize = 8;
    let mut findings = Findings::default();
    let threads = bench.table.abandoned_threads();
    let probe = bench.of_table.probe.as_ref();
    let reads = probe.map(|probe| probe.reads());
    for time in 0..TIMES {
        if let Err(error) = begin_and_leave(bench, time % 2 == 1).await {
            findings.add("a read", error.to_string(), "let the table be read often");
            return findings.verdict();
        }
    }
    let patience = bench.options.patience;
    if let Some(before) = threads {
        let ended = eventually(patience, || bench.table.abandoned_threads().is_none_or(|now| now <= before));
        if !ended.await {
            let what = "threads of `Rows::blocking` go on after their readers have gone";
            let advice =
                "return when a push says `Stopped`; look at `is_stopped`, or use `on_stop`, in between";
            findings.add("a dropped read", what, advice);
        }
    }
    if let (Some(probe), Some(before)) = (probe, reads)
        && !eventually(patience, || probe.reads() <= before).await
    {
        let what = format!("the source still works for {} reads that nobody reads", probe.reads() - before);
        let advice =
            "let the work hang on the `Rows`: a task or thread of its own must hear that they are dropped";
        findings.add("a dropped read", what, advice);
    }
    if let Err(error) = begin_and_leave(bench, true).await {
        findings.add("a read after those", error.to_string(), "let go of what a dropped read holds");
    }
    findings.verdict()
}

async fn begin_and_leave(bench: &Bench<'_>, in_the_middle: bool) -> Result<(), Error> {
    let mut read = bench.begin(ReadRequest::new()).await?;
    if in_the_middle {
        bench.next(&mut *read).await?;
    }
    Ok(())
}

/// The source is at most two batches ahead of its reader.
pub(in crate::conformance) async fn memory(bench: &Bench<'_>, baseline: &Baseline) -> Verdict {
    let Some(probe) = &bench.of_table.probe else {
        let why =
            "nobody sees from outside how far the source is ahead; count its rows with `Options::with_probe`";
        return Verdict::NotRun(why.into());
    };
    let needed = (BATCHES_AHEAD + 2) * BATCH_ROWS;
    if baseline.complete && baseline.len() < needed {
        return Verdict::NotRun(format!("to tell, the table must have at least {needed} rows"));
    }
    let mut findings = Findings::default();
    let advice = "produce rows when they are asked for: no queue without a bound, no list of all rows first";
    let before = probe.rows_given();
    let mut read = match bench.begin(ReadRequest::new()).await {
        Ok(read) => read,
        Err(error) => {
            findings.add("a read", error.to_string(), advice);
            return findings.verdict();
        }
    };
    let mut taken = 0;
    for batch in 1..=2 {
        match bench.next(&mut *read).await {
            Ok(Some(rows)) => taken += rows.num_rows() as u64,
            Ok(None) => break,
            Err(error) => {
                findings.add("a read", error.to_string(), advice);
                return findings.verdict();
            }
        }
        let most = taken + BATCHES_AHEAD * BATCH_ROWS + STRIDE;
        let given = settled(|| probe.rows_given() - before).await;
        if given > most {
            let what = format!("the reader has taken {taken} rows, and the source has given {given}");
            findings.add(format!("after batch {batch}"), what, advice);
            break;
        }
    }
    findings.verdict()
}

/// The count once it has stopped to grow, or has grown for long.
async fn settled(count: impl Fn() -> u64) -> u64 {
    let (mut last, mut still) = (count(), 0);
    for _ in 0..200 {
        pause(Duration::from_millis(5)).await;
        let now = count();
        still = if now == last { still + 1 } else { 0 };
        last = now;
        if still == 5 {
            break;
        }
    }
    last
}
