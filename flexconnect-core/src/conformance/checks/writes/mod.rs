//! Writes: what becomes visible and when, what each mode does, what is refused.

mod modes;
mod refusals;
mod sample;
mod visible;

use arrow_array::RecordBatch;

use crate::capabilities::{Delivery, WriteMode};
use crate::conformance::bench::{Baseline, Bench, not_compared};
use crate::conformance::report::{Findings, Outcome, Verdict};
use crate::conformance::row_bytes::{self, Row, difference};
use crate::error::Error;
use crate::request::{ReadRequest, WriteRequest};
use crate::table::metadata;
use crate::writer::WriteSummary;

use sample::Sample;

/// The checks that write, in their order.
const CHECKS: [&str; 6] = ["commit", "abort", "overwrite", "upsert", "delete", "idempotency"];

/// All checks of writes.
pub(in crate::conformance) async fn writes(
    bench: &Bench<'_>,
    baseline: Option<&Baseline>,
    table: &str,
) -> Vec<Outcome> {
    let mut outcomes = vec![Outcome::new(table, "write refusals", refusals::refusals(bench, baseline).await)];
    let all = |verdict: Verdict| CHECKS.map(|check| Outcome::new(table, check, verdict.clone()));
    if bench.capabilities.write_modes.is_empty() {
        outcomes.extend(all(Verdict::NotApplicable("it declares no write mode".into())));
        return outcomes;
    }
    if !bench.of_table.scratch {
        let why = "it is not to be written; say that it may be with `Options::with_scratch`";
        outcomes.extend(all(Verdict::NotRun(why.into())));
        return outcomes;
    }
    let sample = match Sample::new(bench, baseline).await {
        Ok(sample) => sample,
        Err(why) => {
            outcomes.extend(all(Verdict::NotRun(why)));
            return outcomes;
        }
    };
    let repeats = baseline.is_none_or(|baseline| baseline.rows.is_empty() || baseline.repeatable);
    let scratch = Scratch { bench, sample, changing: bench.of_table.changing || !repeats };
    outcomes.push(Outcome::new(table, "commit", visible::commit(&scratch).await));
    outcomes.push(Outcome::new(table, "abort", visible::abort(&scratch).await));
    outcomes.push(Outcome::new(table, "overwrite", modes::overwrite(&scratch).await));
    outcomes.push(Outcome::new(table, "upsert", modes::upsert(&scratch).await));
    outcomes.push(Outcome::new(table, "delete", modes::delete(&scratch).await));
    outcomes.push(Outcome::new(table, "idempotency", visible::idempotency(&scratch).await));
    outcomes
}

/// A table that may be written, and rows for it.
struct Scratch<'a> {
    bench: &'a Bench<'a>,
    sample: Sample,
    /// Whether rows change by themselves between two reads.
    changing: bool,
}

impl Scratch<'_> {
    fn atomic(&self) -> bool {
        self.bench.capabilities.delivery == Delivery::Atomic
    }

    /// The rows there are; none where they cannot be read.
    async fn rows(&self) -> Result<Vec<Row>, Error> {
        if !self.bench.capabilities.read {
            return Ok(Vec::new());
        }
        self.bench.rows(ReadRequest::new()).await
    }

    fn request(&self, batch: &RecordBatch, mode: WriteMode) -> WriteRequest {
        WriteRequest::new(batch.schema()).with_mode(mode)
    }

    /// Writes these batches as one, in this mode.
    async fn write(&self, request: WriteRequest, batches: &[RecordBatch]) -> Result<WriteSummary, Error> {
        let mut writer = self.bench.writer(request).await?;
        for batch in batches {
            self.bench.ask(writer.write(batch.clone())).await?;
        }
        self.bench.ask(writer.commit()).await
    }

    /// Brings the table to these rows, as far as its modes allow; the rows it has then.
    async fn begin_with(&self, batch: &RecordBatch) -> Result<Vec<Row>, Error> {
        let modes = [WriteMode::Overwrite, WriteMode::Append, WriteMode::Upsert];
        let mode = modes.into_iter().find(|mode| self.bench.capabilities.writes(*mode));
        if let Some(mode) = mode {
            self.write(self.request(batch, mode), std::slice::from_ref(batch)).await?;
        }
        self.rows().await
    }

    /// Adds a finding when the table has other rows than these.
    async fn expect(&self, place: &str, expected: &[Row], advice: &str, findings: &mut Findings) {
        if !self.bench.capabilities.read {
            return;
        }
        match self.rows().await {
            Ok(rows) => {
                if let Some(difference) = difference(expected, &rows) {
                    findings.add(place, difference, advice);
                }
            }
            Err(error) => findings.add(place, error.to_string(), advice),
        }
    }

    /// Why a mode is not checked, if it is not.
    fn unfit(&self, mode: WriteMode) -> Option<Verdict> {
        if !self.bench.capabilities.writes(mode) {
            return Some(Verdict::NotApplicable(format!("mode `{mode}` is not declared, and refused")));
        }
        if mode.needs_key() && self.sample.key.is_empty() {
            return Some(Verdict::NotApplicable("the table has no primary key to go by".into()));
        }
        if !self.bench.capabilities.read {
            return Some(Verdict::NotApplicable("what was written cannot be read".into()));
        }
        if self.changing {
            return Some(Verdict::NotRun("its rows differ from read to read".into()));
        }
        None
    }
}

fn bytes(batch: &RecordBatch) -> Result<Vec<Row>, Error> {
    row_bytes::rows([batch]).map_err(not_compared)
}

/// The rows before and these.
fn with(mut before: Vec<Row>, batch: &RecordBatch) -> Result<Vec<Row>, Error> {
    before.extend(bytes(batch)?);
    Ok(before)
}

/// The columns of the table's primary key.
fn key_of(schema: &arrow_schema::Schema) -> Vec<String> {
    super::schema::facts(schema, metadata::PRIMARY_KEY)
}
