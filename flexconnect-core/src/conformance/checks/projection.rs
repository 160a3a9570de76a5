//! Projections: the columns asked for, in the order asked, with the values they have in a whole row.

use crate::conformance::bench::{Baseline, Bench, project};
use crate::conformance::report::{Findings, Verdict};
use crate::conformance::row_bytes::{Row, difference};
use crate::error::{Error, ErrorKind};
use crate::request::ReadRequest;

use super::limit::a_filter;

const ADVICE: &str = "give each column the values of its own name, in `ReadRequest::read_schema`'s order where cells \
                      go by position, or leave the projection to flexconnect";

pub(in crate::conformance) async fn projection(bench: &Bench<'_>, baseline: &Baseline) -> Verdict {
    let mut findings = Findings::default();
    refusals(bench, baseline, &mut findings).await;
    if baseline.unfit().is_some() {
        return match findings.verdict() {
            Verdict::Passed => baseline.unfit().unwrap_or(Verdict::Passed),
            failed => failed,
        };
    }
    let all: Vec<String> = baseline.schema.fields().iter().map(|field| field.name().clone()).collect();
    let mut asked: Vec<Vec<String>> = all.iter().map(|column| vec![column.clone()]).collect();
    asked.push(all.iter().rev().cloned().collect());
    asked.extend(all.windows(2).map(|pair| vec![pair[1].clone(), pair[0].clone()]));
    asked.push(Vec::new());
    for columns in asked {
        let expected = baseline.projected(&columns);
        let came = read(bench, ReadRequest::new(), &columns).await;
        compare(format!("columns {columns:?}"), expected, came, &mut findings);
    }
    // A filter on a column that is not asked for, held against what it gives with all columns.
    if let (Some(filter), Some(column)) = (a_filter(baseline), all.last()) {
        let request = ReadRequest::new().with_predicate(filter.clone());
        let columns = vec![column.clone()];
        let expected = bench.batches(request.clone()).await.and_then(|batches| {
            let rows = batches.iter().map(|batch| project(batch, &columns));
            Ok(rows.collect::<Result<Vec<_>, _>>()?.concat())
        });
        let came = read(bench, request, &columns).await;
        compare(format!("columns {columns:?} where {filter}"), expected, came, &mut findings);
    }
    findings.verdict()
}

async fn read(bench: &Bench<'_>, request: ReadRequest, columns: &[String]) -> Result<Vec<Row>, Error> {
    let batches = bench.batches(request.with_projection(columns)).await?;
    for batch in &batches {
        let schema = batch.schema();
        let names: Vec<_> = schema.fields().iter().map(|field| field.name()).collect();
        if names.iter().copied().ne(columns) {
            return Err(Error::new(ErrorKind::Schema, format!("the columns that came are {names:?}")));
        }
    }
    crate::conformance::row_bytes::rows(&batches).map_err(crate::conformance::bench::not_compared)
}

fn compare(
    place: String,
    expected: Result<Vec<Row>, Error>,
    came: Result<Vec<Row>, Error>,
    findings: &mut Findings,
) {
    match (expected, came) {
        (Ok(expected), Ok(came)) => {
            if let Some(difference) = difference(&expected, &came) {
                findings.add(place, difference, ADVICE);
            }
        }
        (Err(error), _) | (_, Err(error)) => findings.add(place, error.to_string(), ADVICE),
    }
}

/// Unknown and repeated columns are refused, before a row.
async fn refusals(bench: &Bench<'_>, baseline: &Baseline, findings: &mut Findings) {
    let mut asked = vec![("an unknown column", vec!["conformance no such column".to_owned()])];
    if let Some(field) = baseline.schema.fields().first() {
        asked.push(("a column twice", vec![field.name().clone(), field.name().clone()]));
    }
    for (place, columns) in asked {
        match bench.rows(ReadRequest::new().with_projection(&columns)).await {
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
