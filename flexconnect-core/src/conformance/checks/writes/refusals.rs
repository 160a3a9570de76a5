//! What is refused before the first row: modes, tokens and columns that are not the table's.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::capabilities::WriteMode;
use crate::conformance::bench::{Baseline, Bench};
use crate::conformance::report::{Findings, Verdict};
use crate::error::{Error, ErrorKind};
use crate::request::WriteRequest;

/// No row is sent, so that this is asked of tables that are not to be written, too.
pub(super) async fn refusals(bench: &Bench<'_>, baseline: Option<&Baseline>) -> Verdict {
    let mut findings = Findings::default();
    let schema = match baseline {
        Some(baseline) => baseline.schema.clone(),
        None => match bench.ask(bench.table.schema()).await {
            Ok(schema) => schema,
            Err(error) => return Verdict::NotRun(format!("the columns are not known: {error}")),
        },
    };
    let request = |mode| WriteRequest::new(schema.clone()).with_mode(mode);
    for mode in WriteMode::ALL.into_iter().filter(|mode| !bench.capabilities.writes(*mode)) {
        let kinds = [ErrorKind::Unsupported, ErrorKind::ReadOnly];
        let place = format!("mode `{mode}`, which is not declared");
        expect(bench, place, request(mode), &kinds, &mut findings).await;
    }
    let Some(mode) = bench.capabilities.write_modes.first().copied() else {
        return findings.verdict();
    };
    let keyed = !super::key_of(&schema).is_empty();
    let mode = bench
        .capabilities
        .write_modes
        .iter()
        .copied()
        .find(|mode| keyed || !mode.needs_key())
        .unwrap_or(mode);
    if !bench.capabilities.idempotent_writes {
        let token = request(mode).with_idempotency_token("conformance");
        let place = "a token, which is not declared".to_owned();
        expect(bench, place, token, &[ErrorKind::Unsupported], &mut findings).await;
    }
    if !keyed {
        for mode in bench.capabilities.write_modes.iter().copied().filter(|mode| mode.needs_key()) {
            let place = format!("mode `{mode}` without a primary key");
            expect(bench, place, request(mode), &[ErrorKind::InvalidRequest], &mut findings).await;
        }
    }
    // A table that is made by writing it, or takes what comes, has no columns to hold a write against.
    if bench.capabilities.read && baseline.is_some() && declares(bench).await {
        for (place, wrong) in wrong_columns(&schema, mode) {
            let request = WriteRequest::new(wrong).with_mode(mode);
            expect(bench, place.into(), request, &[ErrorKind::Schema], &mut findings).await;
        }
    }
    findings.verdict()
}

async fn declares(bench: &Bench<'_>) -> bool {
    let schema = bench.ask(bench.table.schema()).await;
    schema.is_ok_and(|schema| {
        !schema.fields().is_empty() && !schema.metadata().contains_key(crate::infer::INFERRED)
    })
}

/// The table's columns but one, and with one more.
fn wrong_columns(schema: &SchemaRef, mode: WriteMode) -> Vec<(&'static str, SchemaRef)> {
    let of = |fields: Vec<Arc<Field>>| Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    let fields: Vec<_> = schema.fields().iter().cloned().collect();
    let mut wrong = Vec::new();
    if mode != WriteMode::Delete {
        let extra = Arc::new(Field::new("conformance no such column", DataType::Int64, true));
        wrong.push(("a column too many", of([fields.clone(), vec![extra]].concat())));
        wrong.push(("a column too few", of(fields[1..].to_vec())));
    }
    wrong
}

async fn expect(
    bench: &Bench<'_>,
    place: String,
    request: WriteRequest,
    kinds: &[ErrorKind],
    findings: &mut Findings,
) {
    let names: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
    let advice = format!("refuse it before the first row, as `{}`", names.join("` or `"));
    match attempt(bench, request).await {
        Ok(()) => findings.add(place, "the write began", advice),
        Err(error) if kinds.contains(&error.kind()) => {}
        Err(error) => {
            findings.add(place, format!("it was refused as `{}`: {error}", error.kind()), advice);
        }
    }
}

/// Begins a write and gives it up; some doors say only then that they refuse it.
async fn attempt(bench: &Bench<'_>, request: WriteRequest) -> Result<(), Error> {
    let writer = bench.writer(request).await?;
    bench.ask(writer.abort()).await
}
