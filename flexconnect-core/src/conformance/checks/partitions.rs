//! Partitions: disjoint, complete, readable alone, at the same time, and again.

use std::collections::{HashMap, HashSet};

use arrow_array::RecordBatch;

use crate::conformance::bench::{Baseline, Bench, not_compared, one_batch, project};
use crate::conformance::report::{Findings, Verdict};
use crate::conformance::row_bytes::{self, Row, difference};
use crate::error::Error;
use crate::partition::Partition;
use crate::request::ReadRequest;
use crate::table::metadata;

use super::limit::a_filter;
use super::schema::{facts, unique_sets};

/// A partition of the table and its rows.
pub(super) struct Part {
    pub(super) partition: Partition,
    pub(super) batch: RecordBatch,
    rows: Vec<Row>,
}

pub(in crate::conformance) async fn partitions(bench: &Bench<'_>, baseline: &Baseline) -> Verdict {
    let mut findings = Findings::default();
    let listed = match bench.ask(bench.table.partitions(&ReadRequest::new())).await {
        Ok(listed) => listed,
        Err(error) => {
            findings.add("the list", error.to_string(), "list the partitions without reading rows");
            return findings.verdict();
        }
    };
    for partition in &listed {
        bench.said.note(format!("{partition:?}"));
    }
    if !bench.capabilities.partitions {
        if listed.len() > 1 {
            let what = format!("{} partitions are listed, and none is declared", listed.len());
            findings.add("the list", what, "declare them with `Capabilities::with_partitions`");
        }
        return match findings.verdict() {
            Verdict::Passed => Verdict::NotApplicable("it declares no partitions".into()),
            failed => failed,
        };
    }
    let ids = |list: &[Partition]| list.iter().map(|one| one.id().to_owned()).collect::<Vec<_>>();
    match bench.ask(bench.table.partitions(&ReadRequest::new())).await {
        Ok(again) if bench.of_table.changing || ids(&again) == ids(&listed) => {}
        Ok(_) => {
            findings.add("the list", "asked twice, it differs", "list the same partitions in the same order")
        }
        Err(error) => findings.add("the list", format!("asked again: {error}"), "let it be asked often"),
    }
    let unknown = Partition::new("conformance: no such partition");
    if let Ok(rows) = bench.rows(ReadRequest::new().with_partition(unknown)).await
        && !rows.is_empty()
    {
        let advice = "refuse it as `not_found`: a partition may be gone by the time it is read";
        findings.add("a partition that is not there", format!("{} rows came", rows.len()), advice);
    }
    if let Some(unfit) = baseline.unfit() {
        return match findings.verdict() {
            Verdict::Passed => unfit,
            failed => failed,
        };
    }
    let parts = match parts(bench, baseline, listed).await {
        Ok(parts) => parts,
        Err(error) => {
            findings.add("a partition alone", error.to_string(), "let each partition be read alone");
            return findings.verdict();
        }
    };
    complete(bench, baseline, &parts, &mut findings);
    disjoint(bench, baseline, &parts, &mut findings);
    for part in &parts {
        stated(baseline, part, &mut findings);
    }
    together(bench, &parts, &mut findings).await;
    filtered(bench, baseline, &mut findings).await;
    findings.verdict()
}

/// Each partition, read alone.
pub(super) async fn parts(
    bench: &Bench<'_>,
    baseline: &Baseline,
    listed: Vec<Partition>,
) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::with_capacity(listed.len());
    for partition in listed {
        let batches = bench.batches(ReadRequest::new().with_partition(partition.clone())).await?;
        let batch = one_batch(&baseline.schema, &batches)?;
        let rows = row_bytes::rows([&batch]).map_err(not_compared)?;
        parts.push(Part { partition, batch, rows });
    }
    Ok(parts)
}

fn complete(bench: &Bench<'_>, baseline: &Baseline, parts: &[Part], findings: &mut Findings) {
    let all: Vec<Row> = parts.iter().flat_map(|part| part.rows.iter().cloned()).collect();
    let advice = "let the partitions be the whole table, each row in one of them";
    if let Some(difference) = difference(&baseline.rows, &all) {
        findings.add(
            "all partitions together",
            format!("held against the whole table: {difference}"),
            advice,
        );
    }
    if let Some(total) = bench.of_table.total_rows.filter(|total| *total != all.len() as u64) {
        let what = format!("they have {} rows, and the table has {total}", all.len());
        findings.add("all partitions together", what, advice);
    }
}

/// No key is in two partitions; without a key no row, unless the author says that rows repeat.
fn disjoint(bench: &Bench<'_>, baseline: &Baseline, parts: &[Part], findings: &mut Findings) {
    let key = facts(&baseline.schema, metadata::PRIMARY_KEY);
    let key = if key.is_empty() { unique_sets(&baseline.schema).into_iter().next() } else { Some(key) };
    if key.is_none() && bench.of_table.repeated_rows {
        return;
    }
    let what = if key.is_some() { "key" } else { "row" };
    let mut seen: HashMap<Row, usize> = HashMap::new();
    for (number, part) in parts.iter().enumerate() {
        let keys = match &key {
            Some(key) => project(&part.batch, key).unwrap_or_default(),
            None => part.rows.clone(),
        };
        if key.is_none() && keys.iter().collect::<HashSet<_>>().len() < keys.len() {
            // The table repeats its rows within a partition: then it may do so across them.
            return;
        }
        for found in keys {
            let first = *seen.entry(found).or_insert(number);
            if first != number {
                let (one, other) = (parts[first].partition.id(), part.partition.id());
                let advice = "let each row be in one partition; a table without a key that holds a row twice says so \
                              with `Options::with_repeated_rows`";
                findings.add(
                    format!("partitions `{one}` and `{other}`"),
                    format!("they share a {what}"),
                    advice,
                );
                return;
            }
        }
    }
}

/// What is said of a partition holds for its rows.
fn stated(baseline: &Baseline, part: &Part, findings: &mut Findings) {
    let place = format!("partition `{}`", part.partition.id());
    if let Some(rows) = part.partition.rows.filter(|rows| *rows != part.rows.len() as u64) {
        let what = format!("it says {rows} rows, and has {}", part.rows.len());
        findings.add(&place, what, "say how many rows only where that is exact");
    }
    for column in facts(&baseline.schema, metadata::PARTITIONED_BY) {
        let values = project(&part.batch, std::slice::from_ref(&column)).unwrap_or_default();
        if values.iter().collect::<HashSet<_>>().len() > 1 {
            let what = format!("its rows differ in `{column}`, by which the table says it is partitioned");
            findings.add(&place, what, "give rows with different values partitions of their own");
        }
    }
}

/// All partitions at the same time, a batch of each in turn; which is also each of them again.
async fn together(bench: &Bench<'_>, parts: &[Part], findings: &mut Findings) {
    const AT_ONCE: usize = 16;
    for parts in parts.chunks(AT_ONCE) {
        let mut reads = Vec::new();
        for part in parts {
            match bench.begin(ReadRequest::new().with_partition(part.partition.clone())).await {
                Ok(read) => reads.push((part, Some(read), Vec::new())),
                Err(error) => {
                    let place = format!("partition `{}` beside others", part.partition.id());
                    findings.add(place, error.to_string(), "let partitions be read at the same time");
                    return;
                }
            }
        }
        while reads.iter().any(|(_, read, _)| read.is_some()) {
            for (part, read, batches) in &mut reads {
                let Some(open) = read else { continue };
                match bench.next(&mut **open).await {
                    Ok(Some(batch)) => batches.push(batch),
                    Ok(None) => *read = None,
                    Err(error) => {
                        *read = None;
                        let place = format!("partition `{}` beside others", part.partition.id());
                        findings.add(place, error.to_string(), "let partitions be read at the same time");
                    }
                }
            }
        }
        for (part, _, batches) in reads {
            let again = row_bytes::rows(&batches).unwrap_or_default();
            if let Some(difference) = difference(&part.rows, &again) {
                let place = format!("partition `{}` again, beside others", part.partition.id());
                findings.add(place, difference, "let a partition be read often, and beside others");
            }
        }
    }
}

/// With a filter the partitions still are the whole result, held against a read of the whole.
async fn filtered(bench: &Bench<'_>, baseline: &Baseline, findings: &mut Findings) {
    let Some(filter) = a_filter(baseline) else { return };
    let request = ReadRequest::new().with_predicate(filter.clone());
    let place = format!("all partitions together where {filter}");
    let advice = "leave out only partitions that have no row for the filters";
    let rows = async {
        let whole = bench.rows(request.clone()).await?;
        let mut all = Vec::new();
        for partition in bench.ask(bench.table.partitions(&request)).await? {
            all.extend(bench.rows(request.clone().with_partition(partition)).await?);
        }
        Ok::<_, Error>((whole, all))
    };
    match rows.await {
        Ok((whole, all)) => {
            if let Some(difference) = difference(&whole, &all) {
                findings.add(place, difference, advice);
            }
        }
        Err(error) => findings.add(place, error.to_string(), advice),
    }
}
