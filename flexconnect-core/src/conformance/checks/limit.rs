//! Limits: exactly as many rows as are asked for.

use crate::conformance::bench::{Baseline, Bench};
use crate::conformance::report::{Findings, Verdict};
use crate::conformance::row_bytes::{self, lacking};
use crate::predicate::Predicate;
use crate::request::ReadRequest;

const ADVICE: &str = "stop at `request.limit`, not before it, or leave the limit to flexconnect";

pub(in crate::conformance) async fn limit(bench: &Bench<'_>, baseline: &Baseline) -> Verdict {
    if baseline.rows.is_empty() {
        return baseline.unfit().unwrap_or(Verdict::Passed);
    }
    let mut findings = Findings::default();
    let total = if baseline.complete { baseline.len() } else { bench.options.most_rows as u64 };
    for limit in around(total) {
        let expected = if baseline.complete { limit.min(total) } else { limit };
        one(bench, baseline, ReadRequest::new().with_limit(limit), expected, &mut findings).await;
    }
    let none: [&str; 0] = [];
    let request = ReadRequest::new().with_limit(1).with_projection(none);
    one(bench, baseline, request, total.min(1), &mut findings).await;
    if baseline.complete
        && let Some(filter) = a_filter(baseline)
    {
        // Held against what the filter gives without a limit: whether that is right is another check's business.
        match bench.count(ReadRequest::new().with_predicate(filter.clone())).await {
            Ok(filtered) => {
                for limit in around(filtered) {
                    let request = ReadRequest::new().with_predicate(filter.clone()).with_limit(limit);
                    one(bench, baseline, request, limit.min(filtered), &mut findings).await;
                }
            }
            Err(error) => findings.add(filter.to_string(), error.to_string(), ADVICE),
        }
    }
    findings.verdict()
}

/// None, one, and the numbers about this one, each once.
fn around(total: u64) -> Vec<u64> {
    let mut limits = vec![0, 1, total.saturating_sub(1), total, total.saturating_add(1)];
    limits.sort_unstable();
    limits.dedup();
    limits
}

async fn one(
    bench: &Bench<'_>,
    baseline: &Baseline,
    request: ReadRequest,
    expected: u64,
    findings: &mut Findings,
) {
    let filters: Vec<_> = request.predicates.iter().map(ToString::to_string).collect();
    let limit = request.limit.unwrap_or_default();
    let place = match filters.first() {
        Some(filter) => format!("limit {limit} where {filter}"),
        None => format!("limit {limit}"),
    };
    let whole_rows = request.projection.is_none();
    let batches = match bench.batches(request).await {
        Ok(batches) => batches,
        Err(error) => return findings.add(place, error.to_string(), ADVICE),
    };
    let came: u64 = batches.iter().map(|batch| batch.num_rows() as u64).sum();
    if came != expected {
        return findings.add(place, format!("{came} rows came, {expected} were expected"), ADVICE);
    }
    if !whole_rows || baseline.unfit().is_some() {
        return;
    }
    match row_bytes::rows(&batches) {
        Ok(rows) => match lacking(&rows, &baseline.rows) {
            0 => {}
            strange => findings.add(place, format!("{strange} of the rows are not in the table"), ADVICE),
        },
        Err(error) => findings.add(place, error.to_string(), ADVICE),
    }
}

/// A filter that some rows satisfy and others may not.
pub(super) fn a_filter(baseline: &Baseline) -> Option<Predicate> {
    let columns = baseline.schema.fields().iter().zip(baseline.batch.columns());
    columns.into_iter().find_map(|(field, column)| {
        let values = crate::conformance::literal::typical(column);
        let middle = values.get(values.len() / 2)?.clone();
        let filter = Predicate::compare(field.name(), crate::predicate::CompareOp::GtEq, middle);
        filter.check(&baseline.schema).ok().map(|()| filter)
    })
}
