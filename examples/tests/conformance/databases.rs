//! The lessons on SQLite, read and written.

use flexconnect_core::Plugin;
use flexconnect_core::conformance::{self, Options, Verdict};
use flexconnect_examples::sqlite;
use flexconnect_examples::store::Store;
use rusqlite::Connection;
use serde_json::json;

use crate::lessons::{UNSEEN, UNWRITTEN};

#[tokio::test]
async fn store() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.sqlite");
    let plugin = Plugin::new("test", "0").mount::<Store>(["store"], json!({"file": file}));
    let entry = plugin.find(&["store"]).await.unwrap();
    entry.open(serde_json::Map::new()).await.unwrap();
    let rows: String = (0..20)
        .map(|n| {
            format!(
                "INSERT INTO items VALUES ('file {n}', {}, {}000000);",
                if n % 5 == 0 { "NULL".into() } else { n.to_string() },
                n
            )
        })
        .collect();
    Connection::open(&file).unwrap().execute_batch(&rows).unwrap();
    let options = Options::new().with_scratch("store").with_total_rows("store", 20);
    conformance::check(&plugin, options).await.assert_all_run_but(&UNSEEN);
}

/// Tables with what SQLite does otherwise than Arrow: affinities, collations, row numbers with gaps, no row number.
pub(crate) const TABLES: &str = "
    CREATE TABLE song (id INTEGER PRIMARY KEY, title TEXT NOT NULL, band TEXT COLLATE NOCASE, seconds INTEGER,
        price NUMERIC(10,2), cover BLOB, released DATE);
    INSERT INTO song VALUES (1, 'Restless and Wild', 'Accept', 252, 0.99, x'00ff', '1982-10-02'),
        (2, 'restless and wild', 'ACCEPT', NULL, 1.99, NULL, NULL), (3, 'Desafinado', NULL, 185, NULL, x'', '1962-01-01'),
        (700000, 'Desafinado ', 'antônio', -1, 0, x'00', '2024-02-29'), (700001, '', 'Ä', 9007199254740993, 12.5, NULL, '1969-12-31');
    CREATE TABLE list (list INTEGER NOT NULL, song INTEGER NOT NULL, PRIMARY KEY (list, song)) WITHOUT ROWID;
    INSERT INTO list VALUES (1, 3), (1, 1), (8, 2), (-4, 700000);
    CREATE VIEW titles AS SELECT title, seconds FROM song;
    CREATE TABLE mixed (n, t TEXT);
    INSERT INTO mixed VALUES (1, 'a'), (2.5, 'b'), (NULL, NULL);
    CREATE TABLE scratch (id INTEGER PRIMARY KEY, name TEXT, price REAL, at INTEGER, body BLOB);
    INSERT INTO scratch VALUES (100, 'before', 1.5, 7, NULL), (101, NULL, NULL, NULL, x'01');
";

#[tokio::test(flavor = "multi_thread")]
async fn sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.sqlite");
    Connection::open(&file).unwrap().execute_batch(TABLES).unwrap();
    let plugin = sqlite::mount(Plugin::new("test", "0"), "sqlite", &file);
    let options = Options::new()
        .with_scratch("sqlite/scratch")
        .with_config("sqlite/song", json!({"rows_per_partition": 100_000}))
        .with_total_rows("sqlite/song", 5);
    let report = conformance::check(&plugin, options).await;
    report.assert_all_run_but(&UNWRITTEN);
    for check in ["commit", "abort", "overwrite", "upsert", "delete"] {
        assert_eq!(report.verdict("sqlite/scratch", check), Some(&Verdict::Passed), "{report}");
    }
    // The same once more, dates as dates.
    let options = Options::new()
        .with_tables(["sqlite/song"])
        .with_config("sqlite/song", json!({"typed_dates": true, "rows_per_partition": 1}));
    conformance::check(&plugin, options).await.assert_all_run_but(&UNWRITTEN);
}
