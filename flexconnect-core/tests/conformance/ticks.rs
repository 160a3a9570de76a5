//! A long table with a cursor: state, cancellation, memory, right or with one fault.

use std::time::Duration;

use flexconnect_core::conformance::{self, Options, Probe, Report, Verdict};
use flexconnect_core::{
    Capabilities, Connector, Error, ErrorKind, Page, Plugin, ReadRequest, Result, Rows, Table,
};
use futures::executor::block_on;

use crate::only_fails;

/// Enough for the check of memory, which wants four batches.
const MANY: i64 = 33_000;
/// Enough for several checkpoints.
const SOME: i64 = 18_000;
const PAGE: i64 = 500;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    CursorFalls,
    StateIgnored,
    AnyStateTaken,
    CheckpointTooEarly,
    NoCheckpoint,
    StopUnheard,
    CollectsFirst,
}

#[derive(Table)]
#[table(incremental(at))]
struct Tick {
    at: i64,
}

#[derive(Clone)]
struct World {
    fault: Fault,
    rows: i64,
    probe: Probe,
}

struct Ticks(World);

impl Ticks {
    async fn page(&self, first: i64) -> Result<Page<Vec<Tick>, i64>> {
        let World { fault, rows, .. } = self.0;
        let end = (first + PAGE).min(rows);
        self.0.probe.rows((end - first) as u64);
        let falls = |at| fault == Fault::CursorFalls && at == rows - 1;
        let ticks = (first..end).map(|at| Tick { at: if falls(at) { -1 } else { at } }).collect();
        let page = Page::new(ticks, (end < rows).then_some(end));
        Ok(match fault {
            Fault::NoCheckpoint => page,
            Fault::CheckpointTooEarly => page.with_checkpoint(&(end + 2 * PAGE)),
            _ => page.with_checkpoint(&end),
        })
    }
}

impl Connector<World> for Ticks {
    const NAME: &'static str = "ticks";
    type Config = ();
    type Row = Tick;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_state(3)
    }

    async fn init((): (), world: &World) -> Result<Self> {
        Ok(Ticks(world.clone()))
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Tick> {
        let World { fault, rows, probe } = self.0.clone();
        if fault == Fault::StopUnheard && request.state.is_none() && request.predicates.is_empty() {
            return Rows::blocking(move |out| {
                let _reading = probe.reading();
                for at in 0..rows {
                    if out.push(Tick { at }).is_err() {
                        // Longer than whoever waits has patience, and not for ever.
                        std::thread::sleep(Duration::from_secs(2));
                        return Ok(());
                    }
                    probe.rows(1);
                    if (at + 1) % PAGE == 0 {
                        out.checkpoint(&(at + 1))?;
                    }
                }
                Ok(())
            });
        }
        Rows::defer(async move {
            let reading = probe.reading();
            let since: i64 = match fault {
                Fault::StateIgnored => request.state::<i64>()?.map_or(0, |_| 0),
                Fault::AnyStateTaken => request.state().unwrap_or_default().unwrap_or_default(),
                _ => request.state()?.unwrap_or(0),
            };
            if since > rows + PAGE {
                return Err(Error::new(ErrorKind::InvalidRequest, "the state is of another table").into());
            }
            if fault == Fault::CollectsFirst {
                probe.rows((rows - since) as u64);
            }
            let collects = fault == Fault::CollectsFirst;
            if collects {
                let all: Vec<_> = (since..rows).map(|at| Tick { at }).collect();
                let mut pages = all.into_iter();
                return Ok(Rows::pages(since.min(rows), move |first| {
                    let _reading = &reading;
                    let page: Vec<_> = pages.by_ref().take(PAGE as usize).collect();
                    let end = first + page.len() as i64;
                    async move { Ok(Page::new(page, (end < rows).then_some(end)).with_checkpoint(&end)) }
                }));
            }
            if since >= rows {
                return Ok(Rows::empty());
            }
            Ok(Rows::pages(since, move |first| {
                let _reading = &reading;
                self.page(first)
            }))
        })
    }
}

fn examine(fault: Fault) -> Report {
    let probe = Probe::default();
    let rows = if matches!(fault, Fault::None | Fault::CollectsFirst) { MANY } else { SOME };
    let world = World { fault, rows, probe: probe.clone() };
    let shared = move |(): ()| {
        let world = world.clone();
        async move { Ok(world) }
    };
    let plugin = Plugin::new("ticks", "1.0.0").shared(shared).connector::<Ticks>();
    // A work that does not end is waited for.
    let patience = Duration::from_millis(if fault == Fault::StopUnheard { 400 } else { 60_000 });
    let options = Options::new()
        .with_probe("ticks", probe)
        .with_most_rows(rows as usize + 1)
        .with_total_rows("ticks", rows as u64)
        .with_patience(patience);
    block_on(conformance::check(&plugin, options))
}

#[test]
fn a_right_connector_passes_everything() {
    let report = examine(Fault::None);
    report.assert_all_run_but(&[]);
    for check in ["state", "incremental", "memory", "cancellation"] {
        assert_eq!(report.verdict("ticks", check), Some(&Verdict::Passed), "{report}");
    }
}

#[test]
fn each_fault_is_found_by_its_check_and_by_no_other() {
    for (fault, check) in [
        (Fault::CursorFalls, "incremental"),
        (Fault::StateIgnored, "state"),
        (Fault::AnyStateTaken, "state"),
        (Fault::CheckpointTooEarly, "state"),
        (Fault::NoCheckpoint, "state"),
        (Fault::StopUnheard, "cancellation"),
        (Fault::CollectsFirst, "memory"),
    ] {
        only_fails(&examine(fault), check, &format!("{fault:?}"));
    }
}
