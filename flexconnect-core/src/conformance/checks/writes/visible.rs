//! When written rows are there: after the commit, all of them, once; and never else.

use arrow_array::RecordBatch;

use super::{Scratch, with};
use crate::capabilities::WriteMode;
use crate::conformance::patience::pause;
use crate::conformance::report::{Findings, Verdict};
use crate::error::Error;
use std::time::Duration;

const AT_COMMIT: &str = "make rows visible and durable in `commit`, all of them, and say how many they were";
const NOT_BEFORE: &str = "make nothing visible before `commit`, or declare `with_at_least_once`";
const NOTHING_LEFT: &str = "leave nothing of a write that is aborted or dropped";

/// A mode that adds rows.
fn adding(scratch: &Scratch<'_>) -> Option<WriteMode> {
    let modes = [WriteMode::Append, WriteMode::Upsert, WriteMode::Overwrite];
    modes.into_iter().find(|mode| scratch.bench.capabilities.writes(*mode) && fits(scratch, *mode))
}

fn fits(scratch: &Scratch<'_>, mode: WriteMode) -> bool {
    !mode.needs_key() || !scratch.sample.key.is_empty()
}

/// Rows are there after the commit, and not before.
pub(super) async fn commit(scratch: &Scratch<'_>) -> Verdict {
    let Some(mode) = adding(scratch) else {
        return Verdict::NotApplicable("no mode adds rows".into());
    };
    let mut findings = Findings::default();
    if let Err(error) = committed(scratch, mode, &mut findings).await {
        findings.add(format!("a write in mode `{mode}`"), error.to_string(), AT_COMMIT);
    }
    findings.verdict()
}

async fn committed(scratch: &Scratch<'_>, mode: WriteMode, findings: &mut Findings) -> Result<(), Error> {
    let before = cleared(scratch).await?;
    let batch = &scratch.sample.first;
    let half = batch.num_rows() / 2;
    let (one, two) = (batch.slice(0, half), batch.slice(half, batch.num_rows() - half));
    let bench = scratch.bench;
    let mut writer = bench.writer(scratch.request(batch, mode)).await?;
    for part in [one, two] {
        bench.ask(writer.write(part)).await?;
    }
    if scratch.atomic() && !scratch.changing {
        scratch.expect("before the commit", &before, NOT_BEFORE, findings).await;
    }
    let summary = bench.ask(writer.commit()).await?;
    if summary.rows != batch.num_rows() as u64 {
        let what = format!("{} rows were written, the summary says {}", batch.num_rows(), summary.rows);
        findings.add("the summary", what, "count the rows accepted in `WriteSummary::rows`");
    }
    if !scratch.changing {
        let before = if mode == WriteMode::Overwrite { Vec::new() } else { before };
        let expected = with(before, batch)?;
        scratch.expect("after the commit", &expected, AT_COMMIT, findings).await;
        if mode == WriteMode::Append {
            let nothing = scratch.write(scratch.request(batch, mode), &[]).await?;
            if nothing.rows != 0 {
                let what = format!("nothing was written, the summary says {} rows", nothing.rows);
                findings.add("an empty write", what, "count the rows accepted in `WriteSummary::rows`");
            }
            scratch.expect("after an empty write", &expected, AT_COMMIT, findings).await;
        }
    }
    Ok(())
}

/// The rows there are before a write whose rows must not be there yet: where rows have keys, those of the first lot
/// may be, from a run before.
async fn cleared(scratch: &Scratch<'_>) -> Result<Vec<Vec<u8>>, Error> {
    let (capabilities, sample) = (scratch.bench.capabilities, &scratch.sample);
    if capabilities.writes(WriteMode::Overwrite) {
        return scratch.begin_with(&sample.second).await;
    }
    if capabilities.writes(WriteMode::Delete) && !sample.key.is_empty() {
        for lot in [&sample.first, &sample.third] {
            scratch.write(scratch.request(lot, WriteMode::Delete), std::slice::from_ref(lot)).await?;
        }
    }
    scratch.rows().await
}

/// A write that is aborted, or dropped, leaves the table as it was and holds nothing.
pub(super) async fn abort(scratch: &Scratch<'_>) -> Verdict {
    if !scratch.atomic() {
        return Verdict::NotApplicable("it declares that rows may be visible before the commit".into());
    }
    if !scratch.bench.capabilities.read {
        return Verdict::NotApplicable("what was written cannot be read".into());
    }
    if scratch.changing {
        return Verdict::NotRun("its rows differ from read to read".into());
    }
    let mut findings = Findings::default();
    for mode in WriteMode::ALL {
        if !scratch.bench.capabilities.writes(mode) || !fits(scratch, mode) {
            continue;
        }
        for end in [End::Abort, End::Drop] {
            let place = match end {
                End::Abort => format!("a write in mode `{mode}` that is aborted"),
                End::Drop => format!("a write in mode `{mode}` that is dropped"),
            };
            if let Err(error) = given_up(scratch, mode, end, &place, &mut findings).await {
                findings.add(place, error.to_string(), NOTHING_LEFT);
            }
        }
    }
    findings.verdict()
}

#[derive(Clone, Copy)]
enum End {
    Abort,
    Drop,
}

async fn given_up(
    scratch: &Scratch<'_>,
    mode: WriteMode,
    end: End,
    place: &str,
    findings: &mut Findings,
) -> Result<(), Error> {
    let bench = scratch.bench;
    let before = scratch.rows().await?;
    let batch: &RecordBatch =
        if mode == WriteMode::Delete { &scratch.sample.first } else { &scratch.sample.third };
    let mut writer = bench.writer(scratch.request(batch, mode)).await?;
    bench.ask(writer.write(batch.clone())).await?;
    match end {
        End::Abort => bench.ask(writer.abort()).await?,
        End::Drop => {
            drop(writer);
            // What it began is taken back meanwhile; a reader sees the same before and after.
            pause(Duration::from_millis(5)).await;
        }
    }
    scratch.expect(place, &before, NOTHING_LEFT, findings).await;
    Ok(())
}

/// A repeated token writes nothing, and gives the first result.
pub(super) async fn idempotency(scratch: &Scratch<'_>) -> Verdict {
    if !scratch.bench.capabilities.idempotent_writes {
        return Verdict::NotApplicable("it does not declare that it recognises repeated writes".into());
    }
    let Some(mode) = adding(scratch) else {
        return Verdict::NotApplicable("no mode adds rows".into());
    };
    let mut findings = Findings::default();
    let advice =
        "remember the token with the rows, in one step, and answer its repetition with the first summary";
    if let Err(error) = repeated(scratch, mode, advice, &mut findings).await {
        findings.add("a repeated token", error.to_string(), advice);
    }
    findings.verdict()
}

async fn repeated(
    scratch: &Scratch<'_>,
    mode: WriteMode,
    advice: &str,
    findings: &mut Findings,
) -> Result<(), Error> {
    let before = cleared(scratch).await?;
    let batch = &scratch.sample.first;
    // A token nobody has used before, in an earlier run either.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let token = format!("conformance-{}-{}", now.as_nanos(), std::process::id());
    let request = || scratch.request(batch, mode).with_idempotency_token(&token);
    let first = scratch.write(request(), std::slice::from_ref(batch)).await?;
    let second = scratch.write(request(), std::slice::from_ref(batch)).await?;
    if first.rows != second.rows {
        let what = format!("the first summary says {} rows, the second {}", first.rows, second.rows);
        findings.add("a repeated token", what, advice);
    }
    if !scratch.changing {
        let before = if mode == WriteMode::Overwrite { Vec::new() } else { before };
        scratch.expect("after a repeated token", &with(before, batch)?, advice, findings).await;
    }
    // Another token is another write.
    if mode == WriteMode::Append && scratch.sample.key.is_empty() {
        let request = scratch.request(batch, mode).with_idempotency_token(format!("{token}-other"));
        let rows = scratch.rows().await?;
        scratch.write(request, std::slice::from_ref(batch)).await?;
        scratch.expect("after another token", &with(rows, batch)?, advice, findings).await;
    }
    Ok(())
}
