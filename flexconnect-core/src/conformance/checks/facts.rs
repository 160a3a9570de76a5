//! What a table says of its rows: how many there are, which columns tell them apart, in which order they come.

use std::cmp::Ordering;
use std::collections::HashMap;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_ord::ord::{DynComparator, make_comparator};
use arrow_schema::SortOptions;

use crate::conformance::bench::{Baseline, Bench, project};
use crate::conformance::report::{Findings, Verdict};
use crate::conformance::row_bytes::Row;
use crate::request::ReadRequest;
use crate::table::metadata;

use super::limit::a_filter;
use super::partitions::parts;
use super::schema::{facts, unique_sets};

/// Counts are exact where they are given.
pub(in crate::conformance) async fn count(bench: &Bench<'_>, baseline: &Baseline) -> Verdict {
    let mut findings = Findings::default();
    let advice = "count exactly what the read gives, filters and partition applied, or give `None`";
    let declared = bench.capabilities.count;
    let whole = bench.ask(bench.table.count_rows(&ReadRequest::new())).await;
    match &whole {
        Ok(None) if declared => {
            let what = "`with_count` is declared, and the number of all rows is not known";
            findings.add("all rows", what, "count them, or do not declare it");
        }
        Ok(None) => return Verdict::NotApplicable("it does not count its rows".into()),
        Ok(Some(_)) => {}
        Err(error) => findings.add("all rows", error.to_string(), advice),
    }
    if !baseline.complete || !baseline.repeatable {
        return match findings.verdict() {
            Verdict::Passed => baseline.unfit().unwrap_or(Verdict::Passed),
            failed => failed,
        };
    }
    // What a limited read gives is another check's business.
    let half = baseline.len() / 2;
    match bench.ask(bench.table.count_rows(&ReadRequest::new().with_limit(half))).await {
        Ok(Some(counted)) if counted != half => {
            findings.add(format!("limit {half}"), format!("{counted} are counted"), advice);
        }
        Ok(_) => {}
        Err(error) => findings.add(format!("limit {half}"), error.to_string(), advice),
    }
    let mut asked = vec![("all rows".to_owned(), ReadRequest::new())];
    if let Some(filter) = a_filter(baseline) {
        asked.push((format!("where {filter}"), ReadRequest::new().with_predicate(filter)));
    }
    if bench.capabilities.partitions
        && let Ok(listed) = bench.ask(bench.table.partitions(&ReadRequest::new())).await
    {
        for partition in listed.into_iter().take(3) {
            let place = format!("partition `{}`", partition.id());
            asked.push((place, ReadRequest::new().with_partition(partition)));
        }
    }
    for (place, request) in asked {
        let counted = bench.ask(bench.table.count_rows(&request)).await;
        let read = bench.count(request).await;
        match (counted, read) {
            (Ok(Some(counted)), Ok(read)) if counted != read => {
                findings.add(place, format!("{counted} are counted, {read} came"), advice);
            }
            (Ok(_), Ok(_)) => {}
            (Err(error), _) | (_, Err(error)) => findings.add(place, error.to_string(), advice),
        }
    }
    findings.verdict()
}

/// The rows as a reader of one endpoint sees them: of each partition, or of the whole.
pub(in crate::conformance) async fn endpoints(
    bench: &Bench<'_>,
    baseline: &Baseline,
) -> Result<Vec<RecordBatch>, crate::error::Error> {
    if !bench.capabilities.partitions {
        return Ok(vec![baseline.batch.clone()]);
    }
    let listed = bench.ask(bench.table.partitions(&ReadRequest::new())).await?;
    Ok(parts(bench, baseline, listed).await?.into_iter().map(|part| part.batch).collect())
}

/// The primary key has no null and no two rows share it.
pub(in crate::conformance) fn primary_key(baseline: &Baseline, endpoints: &[RecordBatch]) -> Verdict {
    let key = facts(&baseline.schema, metadata::PRIMARY_KEY);
    if key.is_empty() {
        return Verdict::NotApplicable("it declares no primary key".into());
    }
    if baseline.rows.is_empty() {
        return baseline.unfit().unwrap_or(Verdict::Passed);
    }
    let mut findings = Findings::default();
    for column in &key {
        let nulls = baseline.column(column).map_or(0, Array::logical_null_count);
        if nulls > 0 {
            let advice = "fill the key, or declare another";
            findings.add(format!("column `{column}`"), format!("{nulls} keys are null"), advice);
        }
    }
    apart(&key, endpoints, "declare a key that tells all rows apart, or none", &mut findings);
    findings.verdict()
}

/// No two rows share a unique set of columns; rows with a null in it share it with nobody.
pub(in crate::conformance) fn unique(baseline: &Baseline, endpoints: &[RecordBatch]) -> Verdict {
    let sets = unique_sets(&baseline.schema);
    if sets.is_empty() {
        return Verdict::NotApplicable("it declares no unique columns".into());
    }
    if baseline.rows.is_empty() {
        return baseline.unfit().unwrap_or(Verdict::Passed);
    }
    let mut findings = Findings::default();
    for set in &sets {
        apart(set, endpoints, "do not declare these columns unique", &mut findings);
    }
    findings.verdict()
}

/// Within each endpoint: what two of them share is the partitions' fault.
fn apart(columns: &[String], endpoints: &[RecordBatch], advice: &str, findings: &mut Findings) {
    for batch in endpoints {
        let Ok(keys) = project(batch, columns) else { continue };
        let columns_of_key: Vec<_> = columns.iter().filter_map(|name| batch.column_by_name(name)).collect();
        let has_null = |row: usize| {
            columns_of_key.iter().any(|column| column.logical_nulls().is_some_and(|nulls| nulls.is_null(row)))
        };
        let mut seen: HashMap<&Row, usize> = HashMap::new();
        for (number, key) in keys.iter().enumerate() {
            if let Some(first) = seen.insert(key, number)
                && !has_null(number)
            {
                let what = format!("rows {first} and {number} share it");
                findings.add(format!("columns {columns:?}"), what, advice);
                break;
            }
        }
    }
}

/// Rows come in the order the table says, within each endpoint.
pub(in crate::conformance) fn sorted_by(baseline: &Baseline, endpoints: &[RecordBatch]) -> Verdict {
    let sorted = facts(&baseline.schema, metadata::SORTED_BY);
    let advice = "produce the rows in this order, or do not declare it";
    ordered(baseline, endpoints, &sorted, "it declares no order", advice)
}

/// The cursor never falls, within each endpoint.
pub(in crate::conformance) fn incremental(baseline: &Baseline, endpoints: &[RecordBatch]) -> Verdict {
    let cursor = facts(&baseline.schema, metadata::INCREMENTAL);
    let advice = "produce the rows by the cursor, or do not declare one";
    ordered(baseline, endpoints, &cursor, "it declares no cursor", advice)
}

fn ordered(
    baseline: &Baseline,
    endpoints: &[RecordBatch],
    columns: &[String],
    undeclared: &str,
    advice: &str,
) -> Verdict {
    if columns.is_empty() {
        return Verdict::NotApplicable(undeclared.into());
    }
    if baseline.rows.len() < 2 {
        return Verdict::NotRun("the table has fewer than two rows to compare".into());
    }
    let mut findings = Findings::default();
    for batch in endpoints {
        let mut compared = Vec::new();
        for column in columns {
            let (name, descending) = match column.strip_suffix(" desc") {
                Some(name) if batch.column_by_name(column).is_none() => (name, true),
                _ => (column.as_str(), false),
            };
            let Some(values) = batch.column_by_name(name) else { continue };
            let options = SortOptions { descending, nulls_first: false };
            match make_comparator(values, values, options) {
                Ok(compare) => compared.push((values.clone(), compare)),
                Err(error) => return Verdict::NotRun(format!("`{name}` cannot be compared: {error}")),
            }
        }
        let falls = (1..batch.num_rows()).find(|row| order(&compared, row - 1, *row) == Ordering::Greater);
        if let Some(row) = falls {
            findings.add(format!("columns {columns:?}"), format!("row {row} comes too late"), advice);
        }
    }
    findings.verdict()
}

/// How two rows are ordered; a null has no place that is promised.
fn order(columns: &[(ArrayRef, DynComparator)], one: usize, other: usize) -> Ordering {
    for (values, compare) in columns {
        let nulls = values.logical_nulls();
        if nulls.is_some_and(|nulls| nulls.is_null(one) || nulls.is_null(other)) {
            return Ordering::Equal;
        }
        match compare(one, other) {
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
    Ordering::Equal
}
