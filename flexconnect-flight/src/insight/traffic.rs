//! What goes through one call, as those who do its work tell it: the table, batches, bytes, refusals.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use flexconnect_core::Entry;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use tracing::Span;

use crate::insight::metrics::{Metrics, OfConnector, OfLimit, OfOutcome, OfTable};
use crate::status::Verb;

/// One call's traffic; clones are the same call's. The default is no call's, and counts for nobody.
#[derive(Debug, Clone, Default)]
pub(crate) struct Traffic(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    verb: Verb,
    metrics: Metrics,
    span: Span,
    began: Instant,
    amount: Amounts,
    table: OnceLock<OfThisTable>,
}

#[derive(Debug, Default)]
struct Amounts {
    rows: AtomicU64,
    bytes: AtomicU64,
    batches: AtomicU64,
}

/// How much went through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) batches: u64,
}

/// Found once for a call, so that a batch costs no more than a few additions.
#[derive(Debug)]
struct OfThisTable {
    rows: Counter,
    bytes: Counter,
    batches: Counter,
    first_batch: Option<Histogram>,
}

impl Traffic {
    /// A call of this verb begins.
    pub(crate) fn begin(verb: Verb, metrics: Metrics, span: Span) -> Self {
        let (began, amount, table) = (Instant::now(), Amounts::default(), OnceLock::new());
        Traffic(Some(Arc::new(Inner { verb, metrics, span, began, amount, table })))
    }

    /// The call is about this table.
    pub(crate) fn table(&self, entry: &Entry) {
        let Some(call) = &self.0 else { return };
        let (connector, counts) = (entry.name(), call.metrics.counts());
        call.span.record("connector", connector).record("path", entry.path().join("/"));
        let direction = match call.verb {
            Verb::DoGet => "read",
            Verb::DoPut => "written",
            _ => return,
        };
        let table = OfTable { direction, connector };
        let first_batch = (call.verb == Verb::DoGet)
            .then(|| counts.first_batch.get_or_create_owned(&OfConnector { connector }));
        let counters = OfThisTable {
            rows: counts.rows.get_or_create_owned(&table),
            bytes: counts.bytes.get_or_create_owned(&table),
            batches: counts.batches.get_or_create_owned(&table),
            first_batch,
        };
        // An upload names its table in its first message.
        let Amount { rows, bytes, batches } = self.amount();
        counters.rows.inc_by(rows);
        counters.bytes.inc_by(bytes);
        counters.batches.inc_by(batches);
        // A call has one table; a second one changes nothing.
        let _ = call.table.set(counters);
    }

    /// A batch of so many rows.
    pub(crate) fn batch(&self, rows: usize) {
        let Some(call) = &self.0 else { return };
        call.amount.rows.fetch_add(rows as u64, Ordering::Relaxed);
        let before = call.amount.batches.fetch_add(1, Ordering::Relaxed);
        let Some(table) = call.table.get() else { return };
        table.rows.inc_by(rows as u64);
        table.batches.inc();
        if let (0, Some(first_batch)) = (before, &table.first_batch) {
            first_batch.observe(call.began.elapsed().as_secs_f64());
        }
    }

    /// A message of so many bytes.
    pub(crate) fn message(&self, bytes: usize) {
        let Some(call) = &self.0 else { return };
        call.amount.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        if let Some(table) = call.table.get() {
            table.bytes.inc_by(bytes as u64);
        }
    }

    /// A ticket that is not taken.
    pub(crate) fn ticket_refused(&self) {
        if let Some(call) = &self.0 {
            call.metrics.counts().tickets_refused.inc();
        }
    }

    /// The call is one too many.
    pub(crate) fn limit_refused(&self, limit: &'static str) {
        if let Some(call) = &self.0 {
            call.metrics.counts().limits_refused.get_or_create(&OfLimit { limit }).inc();
        }
    }

    /// A write begins; it counts as aborted unless it says that it was committed.
    pub(crate) fn write(&self) -> Write {
        Write { metrics: self.0.as_ref().map(|call| call.metrics.clone()), outcome: "aborted" }
    }

    /// How much has gone through so far.
    pub(crate) fn amount(&self) -> Amount {
        let Some(call) = &self.0 else { return Amount::default() };
        let now = |amount: &AtomicU64| amount.load(Ordering::Relaxed);
        Amount {
            rows: now(&call.amount.rows),
            bytes: now(&call.amount.bytes),
            batches: now(&call.amount.batches),
        }
    }

    /// How long the call has taken so far.
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.as_ref().map_or(Duration::ZERO, |call| call.began.elapsed())
    }
}

/// One write, until it is dropped.
#[derive(Debug)]
pub(crate) struct Write {
    metrics: Option<Metrics>,
    outcome: &'static str,
}

impl Write {
    pub(crate) fn committed(mut self) {
        self.outcome = "committed";
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        if let Some(metrics) = &self.metrics {
            metrics.counts().writes.get_or_create(&OfOutcome { outcome: self.outcome }).inc();
        }
    }
}
