//! What a server counts, and the page that shows it.

mod labels;
mod list;

use std::fmt;
use std::sync::Arc;

use flexconnect_core::{abandoned_threads, tally};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};

pub(crate) use labels::{OfCall, OfConnector, OfKind, OfLimit, OfOutcome, OfTable, OfVerb};
use list::{
    ABANDONED, BATCHES, BYTES, CALLS, Described, ERRORS, FIRST_BATCH, LIMITS_REFUSED, PANICS, REJECTED_ROWS,
    RETRIES, ROWS, STREAMS, TICKETS_REFUSED, WRITES,
};

/// What calls itself text in the OpenMetrics format, which Prometheus and those who read its pages take.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What a service counts: a fixed list, in the crate's `OPERATING.md`. Clones count together.
///
/// [`Server::with_http_port`](crate::Server::with_http_port) shows it at `/metrics`; a host that mounts the service shows
/// it where its own metrics are.
///
/// ```
/// # use flexconnect_core::Plugin;
/// let service = flexconnect_flight::FlightService::new(Plugin::new("samples", "1.0.0"));
/// let page = service.metrics().to_text();
/// assert!(page.contains("flexconnect_panics_total") && page.ends_with("# EOF\n"));
/// ```
#[derive(Clone)]
pub struct Metrics(Arc<Page>);

struct Page {
    counts: Counts,
    registry: Registry,
}

/// The counts themselves, for doors to count into. A dialect with names of its own registers them under those.
#[derive(Debug, Clone)]
pub(crate) struct Counts {
    pub(crate) calls: Family<OfCall, Counter>,
    pub(crate) streams: Family<OfVerb, Gauge>,
    pub(crate) rows: Family<OfTable, Counter>,
    pub(crate) bytes: Family<OfTable, Counter>,
    pub(crate) batches: Family<OfTable, Counter>,
    pub(crate) first_batch: Family<OfConnector, Histogram>,
    pub(crate) errors: Family<OfKind, Counter>,
    pub(crate) tickets_refused: Counter,
    pub(crate) writes: Family<OfOutcome, Counter>,
    pub(crate) limits_refused: Family<OfLimit, Counter>,
}

impl Default for Counts {
    fn default() -> Self {
        // A millisecond to four minutes.
        let seconds = || Histogram::new([0.001, 0.004, 0.016, 0.064, 0.25, 1.0, 4.0, 16.0, 60.0, 240.0]);
        Counts {
            calls: Family::default(),
            streams: Family::default(),
            rows: Family::default(),
            bytes: Family::default(),
            batches: Family::default(),
            first_batch: Family::new_with_constructor(seconds),
            errors: Family::default(),
            tickets_refused: Counter::default(),
            writes: Family::default(),
            limits_refused: Family::default(),
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let (counts, mut registry) = (Counts::default(), Registry::default());
        // Those with known values are there from the beginning, so that a first increase is seen as one.
        for outcome in ["committed", "aborted"] {
            drop(counts.writes.get_or_create(&OfOutcome { outcome }));
        }
        register(&mut registry, CALLS, &counts.calls);
        register(&mut registry, STREAMS, &counts.streams);
        register(&mut registry, ROWS, &counts.rows);
        register(&mut registry, BYTES, &counts.bytes);
        register(&mut registry, BATCHES, &counts.batches);
        register(&mut registry, FIRST_BATCH, &counts.first_batch);
        register(&mut registry, ERRORS, &counts.errors);
        register(&mut registry, TICKETS_REFUSED, &counts.tickets_refused);
        register(&mut registry, WRITES, &counts.writes);
        register(&mut registry, LIMITS_REFUSED, &counts.limits_refused);
        registry.register_collector(Box::new(OfProcess));
        Metrics(Arc::new(Page { counts, registry }))
    }
}

fn register(registry: &mut Registry, described: Described, metric: &(impl Metric + Clone)) {
    registry.register(described.name, described.help, metric.clone());
}

impl Metrics {
    /// All metrics as they are now, in the OpenMetrics text format.
    pub fn to_text(&self) -> String {
        let mut page = String::new();
        text::encode(&mut page, &self.0.registry).expect("writing to a string does not fail");
        page
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.0.counts
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// What is counted by core, for all servers of the process together.
#[derive(Debug)]
pub(crate) struct OfProcess;

impl Collector for OfProcess {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let tally = tally();
        let counts = [(RETRIES, tally.retries), (REJECTED_ROWS, tally.rejected_rows), (PANICS, tally.panics)];
        for (described, count) in counts {
            encode(&mut encoder, described, &ConstCounter::new(count))?;
        }
        encode(&mut encoder, ABANDONED, &ConstGauge::new(abandoned_threads() as u64))
    }
}

fn encode(
    encoder: &mut DescriptorEncoder<'_>,
    described: Described,
    metric: &impl EncodeMetric,
) -> fmt::Result {
    // The registry ends the texts of those registered with it in this way, too.
    let help = format!("{}.", described.help);
    metric.encode(encoder.encode_descriptor(described.name, &help, None, metric.metric_type())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of the table in the operator's guide: name as on the page, labels, meaning.
    fn documented() -> Vec<(String, String, String)> {
        let guide = include_str!("../../../OPERATING.md");
        let rows = guide.lines().filter(|line| line.starts_with("| `flexconnect_"));
        rows.map(|row| {
            let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
            (cells[0].replace('`', ""), cells[2].replace('`', ""), cells[3].to_owned())
        })
        .collect()
    }

    #[test]
    fn the_guide_lists_what_the_page_shows() {
        let metrics = Metrics::default();
        let counts = metrics.counts();
        // One value for each label, so that all of them are on the page.
        counts.calls.get_or_create(&OfCall { verb: "DoGet", outcome: "ok" }).inc();
        counts.streams.get_or_create(&OfVerb { verb: "DoGet" }).inc();
        let table = OfTable { direction: "read", connector: "numbers" };
        for family in [&counts.rows, &counts.bytes, &counts.batches] {
            family.get_or_create(&table).inc();
        }
        counts.first_batch.get_or_create(&OfConnector { connector: "numbers" }).observe(0.1);
        counts.errors.get_or_create(&OfKind { kind: "internal" }).inc();
        counts.limits_refused.get_or_create(&OfLimit { limit: "reads" }).inc();
        let page = metrics.to_text();

        let shown = list::ALL.map(|described| {
            let name = described.name;
            assert!(page.contains(&format!("# HELP {name} {}.\n", described.help)), "{name}: {page}");
            let counter = page.contains(&format!("# TYPE {name} counter\n"));
            let line = page.lines().find(|line| line.starts_with(name)).unwrap();
            for label in described.labels {
                assert!(line.contains(&format!("{label}=\"")), "{name} lacks {label}: {line}");
            }
            let name = if counter { format!("{name}_total") } else { name.to_owned() };
            (name, described.labels.join(", "), described.help.to_owned())
        });
        let types = page.lines().filter(|line| line.starts_with("# TYPE ")).count();
        assert_eq!(types, shown.len(), "the page shows what is not in the list: {page}");
        assert_eq!(documented(), shown);
    }
}
