//! A small database with the shapes of a shop's, and the ways the tests use it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use flexconnect_core::{Dataset, Error, Plugin, ReadRequest, WriteMode, WriteRequest};
use flexconnect_examples::sqlite;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::read;

/// Artists, albums, tracks, invoices, a playlist's tracks, and a view, as shops have them.
pub(crate) const SHOP: &str = "
    CREATE TABLE Artist (ArtistId INTEGER NOT NULL, Name NVARCHAR(120), CONSTRAINT PK_Artist PRIMARY KEY (ArtistId));
    CREATE TABLE Album (AlbumId INTEGER NOT NULL PRIMARY KEY, Title NVARCHAR(160) NOT NULL,
        ArtistId INTEGER NOT NULL REFERENCES Artist (ArtistId) ON DELETE NO ACTION);
    CREATE TABLE Track (TrackId INTEGER PRIMARY KEY, Name NVARCHAR(200) NOT NULL, AlbumId INTEGER REFERENCES Album (AlbumId),
        Composer NVARCHAR(220), Milliseconds INTEGER NOT NULL, UnitPrice NUMERIC(10,2) NOT NULL);
    CREATE TABLE Invoice (InvoiceId INTEGER NOT NULL PRIMARY KEY, InvoiceDate DATETIME NOT NULL, BillingCity NVARCHAR(40),
        Total NUMERIC(10,2) NOT NULL);
    CREATE TABLE PlaylistTrack (PlaylistId INTEGER NOT NULL, TrackId INTEGER NOT NULL, PRIMARY KEY (PlaylistId, TrackId)) WITHOUT ROWID;
    CREATE INDEX IFK_AlbumArtistId ON Album (ArtistId);
    CREATE VIEW Catalogue AS SELECT Title, Name AS Artist FROM Album JOIN Artist USING (ArtistId);
    INSERT INTO Artist VALUES (1, 'AC/DC'), (2, 'Accept'), (3, NULL), (4, 'Antônio Carlos Jobim');
    INSERT INTO Album VALUES (1, 'For Those About To Rock', 1), (2, 'Balls to the Wall', 2), (3, 'Warner 25 Anos', 4);
    INSERT INTO Track VALUES (1, 'Put The Finger On You', 1, 'Angus Young', 205662, 0.99), (2, 'Desafinado', 3, NULL, 185338, 0.99),
        (3, 'Restless and Wild', NULL, NULL, 252051, 1.99);
    INSERT INTO Invoice VALUES (1, '2009-01-01 00:00:00', 'Stuttgart', 1.98), (2, '2009-01-02 00:00:00', NULL, 4);
    INSERT INTO PlaylistTrack VALUES (1, 3), (1, 1), (8, 2);
";

/// A folder with one database in it.
pub(crate) struct Shop {
    folder: TempDir,
}

impl Shop {
    /// A database these statements make.
    pub(crate) fn of(sql: &str) -> Self {
        let shop = Shop::without_a_file();
        shop.run(sql);
        shop
    }

    pub(crate) fn without_a_file() -> Self {
        Shop { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("shop.sqlite")
    }

    /// Another program's connection.
    pub(crate) fn connection(&self) -> Connection {
        Connection::open(self.file()).unwrap()
    }

    pub(crate) fn run(&self, sql: &str) {
        self.connection().execute_batch(sql).unwrap();
    }

    pub(crate) fn plugin(&self) -> Plugin {
        plugin(&self.file())
    }

    pub(crate) async fn open(&self, table: &str) -> Arc<dyn Dataset> {
        open(&self.plugin(), table, json!({})).await.unwrap()
    }

    /// One table as text, by SQLite alone: a row in each line.
    pub(crate) fn stored(&self, select: &str) -> Vec<String> {
        let connection = self.connection();
        let mut statement = connection.prepare(select).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let cells: rusqlite::Result<Vec<_>> = (0..columns)
                .map(|at| {
                    row.get_ref(at)
                        .map(|cell| format!("{:?}", rusqlite::types::Value::try_from(cell).unwrap()))
                })
                .collect();
            Ok(cells?.join(" "))
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }
}

pub(crate) fn plugin(file: &Path) -> Plugin {
    sqlite::mount(Plugin::new("test", "0"), "sqlite", file)
}

/// A table that is there.
pub(crate) async fn open(plugin: &Plugin, table: &str, config: Value) -> Result<Arc<dyn Dataset>, Error> {
    let Value::Object(config) = config else { panic!("a configuration is an object") };
    plugin.find(&["sqlite", table]).await?.open(config).await
}

pub(crate) async fn all(dataset: &Arc<dyn Dataset>) -> RecordBatch {
    read::rows(dataset, ReadRequest::new()).await.unwrap()
}

/// One write as a door makes it, of a table that need not be there.
pub(crate) async fn write(
    plugin: &Plugin,
    table: &str,
    mode: WriteMode,
    batch: &RecordBatch,
) -> Result<u64, Error> {
    let dataset = plugin.find_for_write(&["sqlite", table]).await?.open(Default::default()).await?;
    let mut writer = dataset.writer(WriteRequest::new(batch.schema()).with_mode(mode)).await?;
    match writer.write(batch.clone()).await {
        Ok(()) => Ok(writer.commit().await?.rows),
        Err(error) => {
            writer.abort().await?;
            Err(error)
        }
    }
}
