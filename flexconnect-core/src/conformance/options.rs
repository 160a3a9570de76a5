//! What an author tells the checks of a table.

use std::collections::BTreeMap;
use std::time::Duration;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::probe::Probe;

/// What the checks may do, and what only the author knows. Tables are named by their path, its components joined by
/// `/`.
///
/// ```
/// use flexconnect_core::conformance::Options;
/// use serde_json::json;
///
/// let options = Options::new()
///     .with_config("random_data", json!({"num_rows": 100, "seed": 7}))
///     .with_scratch("sink")
///     .with_total_rows("random_data", 100);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// How many rows of a table are looked at; what compares whole tables is not run on larger ones. 20,000 by
    /// default.
    pub most_rows: usize,
    /// How long one step may take, one read for instance; a minute by default.
    pub patience: Duration,
    only: Option<Vec<String>>,
    tables: BTreeMap<String, TableOptions>,
    none: TableOptions,
}

/// What is known of one table.
#[derive(Clone, Default)]
pub(crate) struct TableOptions {
    pub(crate) config: Map<String, Value>,
    pub(crate) config_is_no_object: bool,
    pub(crate) scratch: bool,
    pub(crate) rows: Option<RecordBatch>,
    pub(crate) total_rows: Option<u64>,
    pub(crate) changing: bool,
    pub(crate) repeated_rows: bool,
    pub(crate) probe: Option<Probe>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            most_rows: 20_000,
            patience: Duration::from_secs(60),
            only: None,
            tables: BTreeMap::new(),
            none: TableOptions::default(),
        }
    }
}

impl Options {
    /// Reads only, with the operator's values and the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens this table with these values, a JSON object, as a client would.
    #[must_use]
    pub fn with_config(self, table: impl Into<String>, config: Value) -> Self {
        self.change(table, |options| match config {
            Value::Object(config) => options.config = config,
            _ => options.config_is_no_object = true,
        })
    }

    /// Says that the checks may write this table, and empty it. Without it no write is tried.
    #[must_use]
    pub fn with_scratch(self, table: impl Into<String>) -> Self {
        self.change(table, |options| options.scratch = true)
    }

    /// Writes these rows to this table, at least six with different keys, where rows made up from its columns would
    /// break its rules.
    #[must_use]
    pub fn with_rows(self, table: impl Into<String>, rows: RecordBatch) -> Self {
        self.change(table, |options| options.rows = Some(rows))
    }

    /// Says exactly how many rows this table has, so that rows that never come are missed.
    #[must_use]
    pub fn with_total_rows(self, table: impl Into<String>, rows: u64) -> Self {
        self.change(table, |options| options.total_rows = Some(rows))
    }

    /// Says that this table's rows may change between two reads: nothing is compared with an earlier read.
    #[must_use]
    pub fn with_changing_rows(self, table: impl Into<String>) -> Self {
        self.change(table, |options| options.changing = true)
    }

    /// Says that this table may hold the same row twice, in two partitions too.
    #[must_use]
    pub fn with_repeated_rows(self, table: impl Into<String>) -> Self {
        self.change(table, |options| options.repeated_rows = true)
    }

    /// Watches this table's source through a [`Probe`], for what cannot be seen from outside: how far the source is
    /// ahead of its reader, and whether work ends with it.
    #[must_use]
    pub fn with_probe(self, table: impl Into<String>, probe: Probe) -> Self {
        self.change(table, |options| options.probe = Some(probe))
    }

    /// Examines these tables only.
    #[must_use]
    pub fn with_tables(mut self, tables: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.only = Some(tables.into_iter().map(Into::into).collect());
        self
    }

    /// Looks at this many rows of a table.
    #[must_use]
    pub fn with_most_rows(mut self, rows: usize) -> Self {
        self.most_rows = rows;
        self
    }

    /// Lets one step take this long.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Whether this table is to be examined.
    pub(crate) fn wants(&self, table: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|one| one == table))
    }

    /// Tables that are named and not there.
    pub(crate) fn unknown<'a>(&'a self, there: &'a [String]) -> impl Iterator<Item = &'a String> {
        let named = self.tables.keys().chain(self.only.iter().flatten());
        named.filter(|name| !there.contains(name))
    }

    pub(crate) fn of(&self, table: &str) -> &TableOptions {
        self.tables.get(table).unwrap_or(&self.none)
    }

    /// The values this table is opened with, for a door that opens it itself.
    pub fn config(&self, table: &str) -> &Map<String, Value> {
        &self.of(table).config
    }

    fn change(mut self, table: impl Into<String>, change: impl FnOnce(&mut TableOptions)) -> Self {
        change(self.tables.entry(table.into()).or_default());
        self
    }
}

/// The values may be secrets.
impl std::fmt::Debug for TableOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableOptions")
            .field("config", &self.config.keys().collect::<Vec<_>>())
            .field("scratch", &self.scratch)
            .field("total_rows", &self.total_rows)
            .field("changing", &self.changing)
            .finish_non_exhaustive()
    }
}
