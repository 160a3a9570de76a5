//! The metrics there are: names and meanings, once.

/// One metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Described {
    /// As it is written on the page, without the `_total` that counters get there.
    pub(crate) name: &'static str,
    pub(crate) labels: &'static [&'static str],
    pub(crate) help: &'static str,
}

const fn described(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Described {
    Described { name, labels, help }
}

pub(crate) const CALLS: Described =
    described("flexconnect_calls", &["verb", "outcome"], "Calls that have ended");
pub(crate) const STREAMS: Described = described("flexconnect_streams_open", &["verb"], "Calls under way");
pub(crate) const ROWS: Described =
    described("flexconnect_rows", &["direction", "connector"], "Rows read by clients and written by them");
pub(crate) const BYTES: Described = described(
    "flexconnect_bytes",
    &["direction", "connector"],
    "Bytes of the messages of rows, as they travel",
);
pub(crate) const BATCHES: Described =
    described("flexconnect_batches", &["direction", "connector"], "Batches of rows");
pub(crate) const FIRST_BATCH: Described = described(
    "flexconnect_first_batch_seconds",
    &["connector"],
    "Time from the beginning of a DoGet to its first batch",
);
pub(crate) const ERRORS: Described =
    described("flexconnect_errors", &["kind"], "Calls that ended with an error, by its kind");
pub(crate) const TICKETS_REFUSED: Described = described(
    "flexconnect_tickets_refused",
    &[],
    "Tickets that were forged, foreign, expired or out of date",
);
pub(crate) const WRITES: Described =
    described("flexconnect_writes", &["outcome"], "Writes that were committed, and that were not");
pub(crate) const LIMITS_REFUSED: Described =
    described("flexconnect_limits_refused", &["limit"], "Calls refused because enough are under way");
pub(crate) const RETRIES: Described =
    described("flexconnect_retries", &[], "Requests to sources that were repeated, of this process");
pub(crate) const REJECTED_ROWS: Described =
    described("flexconnect_rejected_rows", &[], "Rows left out because they did not fit, of this process");
pub(crate) const PANICS: Described =
    described("flexconnect_panics", &[], "Panics that were caught, of this process");
pub(crate) const ABANDONED: Described = described(
    "flexconnect_abandoned_threads",
    &[],
    "Threads that go on although their readers have gone, of this process",
);

/// All of them.
#[cfg(test)]
pub(crate) const ALL: [Described; 14] = [
    CALLS,
    STREAMS,
    ROWS,
    BYTES,
    BATCHES,
    FIRST_BATCH,
    ERRORS,
    TICKETS_REFUSED,
    WRITES,
    LIMITS_REFUSED,
    RETRIES,
    REJECTED_ROWS,
    PANICS,
    ABANDONED,
];
