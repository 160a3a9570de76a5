//! Writes that can be told apart: each is a generation of the same number of rows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::SchemaRef;
use flexconnect_flight::Command;
use rusqlite::Connection;

/// Batches of a generation, and rows of each.
pub(crate) const BATCHES: usize = 25;
pub(crate) const ROWS: usize = 40;

/// The table that is written.
pub(crate) fn table() -> Command {
    Command::path(["sqlite", "log"])
}

pub(crate) fn schema() -> SchemaRef {
    batch(0, 0).schema()
}

/// A part of a generation, wide enough that a write is more than a page of the file.
pub(crate) fn batch(generation: i64, number: usize) -> RecordBatch {
    let first = (number * ROWS) as i64;
    let generations: ArrayRef = Arc::new(Int64Array::from(vec![generation; ROWS]));
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(first..first + ROWS as i64));
    let filling: ArrayRef = Arc::new(StringArray::from(vec!["x".repeat(200); ROWS]));
    RecordBatch::try_from_iter([("generation", generations), ("number", numbers), ("filling", filling)])
        .unwrap()
}

pub(crate) fn whole(generation: i64) -> Vec<RecordBatch> {
    (0..BATCHES).map(|number| batch(generation, number)).collect()
}

/// A file with an empty table of generations.
pub(crate) fn file(folder: &Path) -> PathBuf {
    let file = folder.join("log.sqlite");
    let connection = Connection::open(&file).unwrap();
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
    connection.execute_batch("CREATE TABLE log (generation INTEGER, number INTEGER, filling TEXT)").unwrap();
    file
}

/// The generations in the file, as another program finds it: the file is sound, and none is there in part.
pub(crate) fn generations(file: &Path) -> BTreeSet<i64> {
    let connection = Connection::open(file).unwrap();
    let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let mut statement = connection
        .prepare(
            "SELECT generation, count(*), count(DISTINCT number), max(number) FROM log GROUP BY generation",
        )
        .unwrap();
    let rows =
        statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?)))).unwrap();
    let found: BTreeMap<i64, (i64, i64, i64)> = rows.map(Result::unwrap).collect();
    let all = (BATCHES * ROWS) as i64;
    for (generation, counts) in &found {
        assert_eq!(*counts, (all, all, all - 1), "generation {generation} is torn");
    }
    found.into_keys().collect()
}
