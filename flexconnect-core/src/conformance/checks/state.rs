//! State: a read that begins at any checkpoint gives all rows behind it.

use serde_json::json;

use crate::conformance::bench::{Baseline, Bench, not_compared};
use crate::conformance::report::{Findings, Verdict};
use crate::conformance::row_bytes::{self, Row, lacking};
use crate::error::{Error, ErrorKind};
use crate::request::ReadRequest;
use crate::state::State;

/// How many checkpoints of a read are tried: the first ones and the last ones.
const TRIED: usize = 32;

/// A checkpoint, and the rows that had come before and with its batch.
struct Checkpoint {
    state: State,
    before: usize,
    with: usize,
}

pub(in crate::conformance) async fn state(bench: &Bench<'_>, baseline: &Baseline) -> Verdict {
    if !bench.table.carries_state() {
        return Verdict::NotApplicable("nothing carries checkpoints here".into());
    }
    let mut findings = Findings::default();
    let Some(version) = bench.capabilities.state else {
        let unasked = ReadRequest::new().with_state(State::new(1, json!({})));
        if bench.count(unasked).await.is_ok() {
            let what = "a read began at a state, and no state is declared";
            findings.add(
                "a read with a state",
                what,
                "declare it with `Capabilities::with_state`, or refuse it",
            );
        }
        return match findings.verdict() {
            Verdict::Passed => Verdict::NotApplicable("it declares no state, and refuses one".into()),
            failed => failed,
        };
    };
    refusals(bench, version, &mut findings).await;
    if let Some(unfit) = baseline.unfit() {
        return match findings.verdict() {
            Verdict::Passed => unfit,
            failed => failed,
        };
    }
    let mut requests = vec![("the whole table".to_owned(), ReadRequest::new())];
    if bench.capabilities.partitions {
        // A state is one partition's.
        let listed = bench.ask(bench.table.partitions(&ReadRequest::new())).await.unwrap_or_default();
        let one = |partition: crate::partition::Partition| {
            (format!("partition `{}`", partition.id()), ReadRequest::new().with_partition(partition))
        };
        requests = listed.into_iter().take(TRIED).map(one).collect();
    }
    let mut seen = 0;
    for (place, request) in requests {
        match resumed(bench, &place, &request, version, &mut findings).await {
            Ok(checkpoints) => seen += checkpoints,
            Err(error) => {
                findings.add(place, error.to_string(), "let a read begin at each of its checkpoints")
            }
        }
    }
    if seen == 0 {
        let what = "a state is declared, and no checkpoint came with the rows";
        findings.add("all rows", what, "send checkpoints: `Page::with_checkpoint`, `Output::checkpoint`");
    }
    findings.verdict()
}

/// Reads once, then again from each checkpoint; how many there were.
async fn resumed(
    bench: &Bench<'_>,
    place: &str,
    request: &ReadRequest,
    version: u32,
    findings: &mut Findings,
) -> Result<usize, Error> {
    let (all, checkpoints) = checkpoints(bench, request.clone()).await?;
    let mut tried = checkpoints;
    let count = tried.len();
    if count > TRIED {
        tried.drain(TRIED / 2..count - TRIED / 2);
    }
    for limit in [1, all.len() as u64 / 2] {
        let (_, cut) = self::checkpoints(bench, request.clone().with_limit(limit)).await?;
        // A batch that was cut must have dropped its checkpoint, or rows would be skipped.
        tried.extend(cut);
    }
    for Checkpoint { state, before, with } in tried {
        let place = format!("{place}, resumed after {with} rows");
        if state.version != version {
            let what = format!("the checkpoint's version is {}, {version} is declared", state.version);
            findings.add(&place, what, "declare the version that is sent");
            continue;
        }
        let rest = bench.rows(request.clone().with_state(state)).await?;
        let missing = lacking(&all[with.min(all.len())..], &rest);
        let strange = lacking(&rest, &all);
        if missing > 0 {
            let advice = "send a checkpoint only when all rows before it are sent, and begin right behind it";
            findings.add(place, format!("{missing} rows behind the checkpoint do not come"), advice);
        } else if strange > 0 {
            findings.add(
                place,
                format!("{strange} rows come that a whole read has not"),
                "resume the same read",
            );
        } else if before > 0 && rest.len() >= all.len() {
            let advice = "begin at `request.state`, at most one batch before it";
            findings.add(place, "all rows come again", advice);
        }
    }
    Ok(count)
}

async fn checkpoints(bench: &Bench<'_>, request: ReadRequest) -> Result<(Vec<Row>, Vec<Checkpoint>), Error> {
    let mut read = bench.begin(request).await?;
    let (mut rows, mut checkpoints): (Vec<Row>, _) = (Vec::new(), Vec::new());
    loop {
        let batch = bench.next(&mut *read).await?;
        let before = rows.len();
        rows.extend(row_bytes::rows(&batch).map_err(not_compared)?);
        if let Some(state) = read.take_checkpoint() {
            checkpoints.push(Checkpoint { state, before, with: rows.len() });
        }
        if batch.is_none() {
            return Ok((rows, checkpoints));
        }
    }
}

/// A state that is none of its own is refused: it may be of a later version.
async fn refusals(bench: &Bench<'_>, version: u32, findings: &mut Findings) {
    let nonsense = json!({"conformance": ["no", "such", "state"]});
    for (place, state) in [
        ("a state of another shape", State::new(version, nonsense.clone())),
        ("a state of a later version", State::new(version.saturating_add(1), nonsense)),
    ] {
        let mut request = ReadRequest::new().with_state(state);
        if bench.capabilities.partitions
            && let Ok(listed) = bench.ask(bench.table.partitions(&ReadRequest::new())).await
            && let Some(first) = listed.into_iter().next()
        {
            request = request.with_partition(first);
        }
        match bench.count(request).await {
            Ok(rows) => {
                let advice = "refuse it as `invalid_request`, as `request.state()?` does: beginning anew repeats \
                              everything";
                findings.add(place, format!("{rows} rows came"), advice);
            }
            Err(error) if error.kind() == ErrorKind::Internal => {
                findings.add(place, format!("it failed: {error}"), "refuse it as `invalid_request`");
            }
            Err(_) => {}
        }
    }
}
