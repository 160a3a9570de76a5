//! Filters: every operator on every column, with values of the data, held against flexconnect's own evaluation.

use arrow_array::BooleanArray;
use arrow_schema::DataType;
use arrow_select::filter::filter_record_batch;

use crate::conformance::bench::{Baseline, Bench, not_compared};
use crate::conformance::literal::typical;
use crate::conformance::report::{Findings, Verdict};
use crate::conformance::row_bytes::{self, Row, difference};
use crate::error::{Error, ErrorKind};
use crate::predicate::{CompareOp, Predicate, Value};
use crate::request::ReadRequest;

const ADVICE: &str = "let `pushdown` say `Exact` only for what the source evaluates just as flexconnect does (nulls, \
                      case, trailing spaces, NaN), else `Inexact` or `Unsupported`";

pub(in crate::conformance) async fn filters(bench: &Bench<'_>, baseline: &Baseline) -> Verdict {
    let mut findings = Findings::default();
    refusals(bench, baseline, &mut findings).await;
    if let Some(unfit) = baseline.unfit() {
        return match findings.verdict() {
            Verdict::Passed => unfit,
            failed => failed,
        };
    }
    for predicate in predicates(baseline) {
        let expected = match expected(baseline, &predicate) {
            Ok(expected) => expected,
            // What flexconnect itself cannot evaluate is no filter of this table.
            Err(_) => continue,
        };
        match bench.rows(ReadRequest::new().with_predicate(predicate.clone())).await {
            Ok(came) => {
                if let Some(difference) = difference(&expected, &came) {
                    findings.add(format!("where {predicate}"), difference, ADVICE);
                }
            }
            Err(error) => findings.add(format!("where {predicate}"), error.to_string(), ADVICE),
        }
    }
    findings.verdict()
}

/// Every filter worth a read.
fn predicates(baseline: &Baseline) -> Vec<Predicate> {
    let mut all = Vec::new();
    let mut compared = Vec::new();
    for (field, column) in baseline.schema.fields().iter().zip(baseline.batch.columns()) {
        let name = field.name();
        for negated in [false, true] {
            all.push(Predicate::IsNull { column: name.clone(), negated });
        }
        let values = typical(column);
        for value in &values {
            all.extend(CompareOp::ALL.map(|op| Predicate::compare(name, op, value.clone())));
        }
        let (Some(first), Some(last)) = (values.first(), values.last()) else { continue };
        for negated in [false, true] {
            for list in [vec![first.clone()], vec![first.clone(), last.clone()], Vec::new()] {
                all.push(Predicate::In { column: name.clone(), values: list, negated });
            }
        }
        if let Value::Utf8(text) = &values[values.len() / 2] {
            let beginning: String = text.chars().take(1).collect();
            for (prefix, negated) in
                [(&beginning, false), (&beginning, true), (text, false), (&swapped(&beginning), false)]
            {
                all.push(Predicate::StartsWith { column: name.clone(), prefix: prefix.clone(), negated });
            }
        }
        compared.push(Predicate::compare(name, CompareOp::LtEq, values[values.len() / 2].clone()));
    }
    if let [first, .., last] = &compared[..] {
        all.push(Predicate::And(vec![first.clone(), last.clone()]));
        all.push(Predicate::Or(vec![first.clone(), last.clone()]));
    }
    if let Some(first) = compared.first() {
        let null = Predicate::IsNull { column: first.columns()[0].to_owned(), negated: false };
        all.push(Predicate::Or(vec![first.clone(), null]));
    }
    all
}

fn swapped(text: &str) -> String {
    let upper = text.to_uppercase();
    if upper == text { text.to_lowercase() } else { upper }
}

/// The rows for which it is true.
fn expected(baseline: &Baseline, predicate: &Predicate) -> Result<Vec<Row>, Error> {
    let truth: BooleanArray = predicate.evaluate(&baseline.batch)?;
    let rows = filter_record_batch(&baseline.batch, &truth).map_err(not_compared)?;
    row_bytes::rows([&rows]).map_err(not_compared)
}

/// Filters that do not fit the table are refused.
async fn refusals(bench: &Bench<'_>, baseline: &Baseline, findings: &mut Findings) {
    let unknown = "conformance no such column".to_owned();
    let mut asked =
        vec![("a filter on an unknown column", Predicate::IsNull { column: unknown, negated: false })];
    let numbers = baseline.schema.fields().iter().find(|field| field.data_type().is_integer());
    let texts = baseline.schema.fields().iter().find(|field| *field.data_type() == DataType::Utf8);
    if let Some(field) = numbers {
        asked.push(("a number compared with text", Predicate::compare(field.name(), CompareOp::Eq, "five")));
    }
    if let Some(field) = texts {
        asked.push(("text compared with a number", Predicate::compare(field.name(), CompareOp::Eq, 5)));
    }
    for (place, predicate) in asked {
        match bench.rows(ReadRequest::new().with_predicate(predicate)).await {
            Ok(rows) => {
                findings.add(place, format!("{} rows came", rows.len()), "refuse it as `invalid_request`");
            }
            Err(error) if error.kind() == ErrorKind::InvalidRequest => {}
            Err(error) => {
                let what = format!("it was refused as `{}`: {error}", error.kind());
                findings.add(place, what, "refuse it as `invalid_request`");
            }
        }
    }
}
