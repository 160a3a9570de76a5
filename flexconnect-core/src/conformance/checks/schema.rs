//! The schema against the rows, and the source's own check.

use crate::conformance::bench::{Baseline, Bench};
use crate::conformance::report::{Findings, Verdict};
use crate::error::ErrorKind;
use crate::request::ReadRequest;
use crate::table::metadata;
use arrow_array::Array;

/// Whether the source can be used is told rightly, without reading.
pub(in crate::conformance) async fn check(bench: &Bench<'_>) -> Verdict {
    let mut findings = Findings::default();
    if let Err(error) = bench.ask(bench.table.check()).await {
        let advice =
            "mend the source, or let `check` say why it cannot be used; a right configuration passes";
        findings.add("check", format!("it failed: {error}"), advice);
    }
    findings.verdict()
}

/// Reads the whole table, and holds every batch against what was announced.
pub(in crate::conformance) async fn schema(bench: &Bench<'_>) -> (Verdict, Option<Baseline>) {
    let mut findings = Findings::default();
    let schema = match bench.ask(bench.table.schema()).await {
        Ok(schema) => schema,
        Err(error) if !bench.capabilities.read => {
            return (Verdict::NotApplicable(format!("it cannot be read, and says so: {error}")), None);
        }
        Err(error) => {
            findings.add("schema", format!("it is not known: {error}"), "let `get_read_schema` give it");
            return (findings.verdict(), None);
        }
    };
    bench.said.note(format!("{schema:?}"));
    if !bench.capabilities.read {
        match bench.begin(ReadRequest::new()).await {
            Ok(_) => {
                findings.add("a read", "it began", "declare that the table can be read, or refuse it");
            }
            Err(error) if error.kind() == ErrorKind::Unsupported => {}
            Err(error) => findings.add(
                "a read",
                format!("it was refused as `{}`: {error}", error.kind()),
                "refuse it as `unsupported`",
            ),
        }
        let verdict = match findings.verdict() {
            Verdict::Passed => Verdict::NotApplicable("it can only be written, and refuses reads".into()),
            failed => failed,
        };
        return (verdict, None);
    }
    match bench.ask(bench.table.schema()).await {
        Ok(again) if again == schema => {}
        Ok(_) => {
            let advice = "give the same columns and metadata for the same configuration";
            findings.add("schema", "asked twice, it differs", advice);
        }
        Err(error) => {
            findings.add("schema", format!("asked again, it fails: {error}"), "let it be asked often")
        }
    }
    for column in named(&schema) {
        if schema.field_with_name(&column).is_err() {
            let advice = "name columns of the table in its facts";
            findings.add(
                format!("column `{column}`"),
                "the table's metadata names it, and it is not there",
                advice,
            );
        }
    }
    let baseline = match bench.baseline(schema.clone()).await {
        Ok(baseline) => baseline,
        Err(error) => {
            let advice = "produce what the schema says, or let the schema say what is produced";
            findings.add("all rows", format!("{error}"), advice);
            return (findings.verdict(), None);
        }
    };
    for (field, column) in schema.fields().iter().zip(baseline.batch.columns()) {
        if !field.is_nullable() && column.logical_null_count() > 0 {
            let what =
                format!("{} values are null, and the schema says none is", column.logical_null_count());
            findings.add(format!("column `{}`", field.name()), what, "declare it nullable, or fill it");
        }
    }
    if let (Some(total), true) = (bench.of_table.total_rows, baseline.complete)
        && !bench.capabilities.partitions
        && total != baseline.len()
    {
        let what = format!("{} rows came, and the table has {total}", baseline.len());
        findings.add("all rows", what, "deliver every row, once");
    }
    (findings.verdict(), Some(baseline))
}

/// Whether the same rows come again.
pub(in crate::conformance) async fn repeatability(bench: &Bench<'_>, baseline: &mut Baseline) -> Verdict {
    if bench.of_table.changing {
        baseline.repeatable = false;
        return Verdict::NotRun("its rows may change between two reads, says its author".into());
    }
    if !baseline.complete || baseline.rows.is_empty() {
        return baseline.unfit().unwrap_or(Verdict::Passed);
    }
    let mut findings = Findings::default();
    let advice = "give the same rows for the same request; for a source that changes meanwhile, say \
                  `Options::with_changing_rows`";
    match bench.rows(ReadRequest::new()).await {
        Ok(again) => {
            if let Some(difference) = crate::conformance::row_bytes::difference(&baseline.rows, &again) {
                findings.add("the second read", difference, advice);
            }
        }
        Err(error) => findings.add("the second read", error.to_string(), "let the table be read often"),
    }
    let verdict = findings.verdict();
    baseline.repeatable = verdict == Verdict::Passed;
    verdict
}

/// The columns that the table's facts name.
fn named(schema: &arrow_schema::Schema) -> Vec<String> {
    let list = |key| facts(schema, key).into_iter();
    let sorted = list(metadata::SORTED_BY).map(|column| column.trim_end_matches(" desc").to_owned());
    let plain = [metadata::PRIMARY_KEY, metadata::PARTITIONED_BY, metadata::INCREMENTAL];
    let unique = unique_sets(schema).into_iter().flatten();
    plain.into_iter().flat_map(list).chain(sorted).chain(unique).collect()
}

/// A fact of the schema that is a list of columns; empty when it is not stated.
pub(super) fn facts(schema: &arrow_schema::Schema, key: &str) -> Vec<String> {
    let stated = schema.metadata().get(key);
    stated.and_then(|list| serde_json::from_str(list).ok()).unwrap_or_default()
}

/// The sets of columns no two rows share.
pub(super) fn unique_sets(schema: &arrow_schema::Schema) -> Vec<Vec<String>> {
    let stated = schema.metadata().get(metadata::UNIQUE);
    stated.and_then(|list| serde_json::from_str(list).ok()).unwrap_or_default()
}
