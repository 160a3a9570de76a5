//! A table in an SQLite file, to be read and written.

pub(crate) mod fault;
pub(crate) mod transaction;

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use flexconnect_core::{
    About, BoxWriter, Capabilities, Config, Connector, Error, ErrorKind, FromBatch, ReadRequest, Result,
    Rows, Table, WriteMode, WriteRequest,
};
use rusqlite::{Connection, OptionalExtension, params};

use fault::explain;
use transaction::{Apply, Change, Transaction};

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "store")]
pub struct Item {
    /// Where it is.
    #[column(primary_key)]
    pub path: String,
    /// Its bytes.
    pub size: Option<i64>,
    /// When it was last changed.
    pub modified: Option<DateTime<Utc>>,
}

/// What a delete goes by; other columns are left out before they come here.
#[derive(Debug, Table)]
pub struct Key {
    /// The item's path.
    #[column(primary_key)]
    path: String,
}

/// What can be configured.
#[derive(Debug, Config)]
pub struct StoreConfig {
    /// The SQLite file; made when it is not there. Fixed by the operator.
    file: PathBuf,
}

/// The stored table.
#[derive(Debug)]
pub struct Store {
    file: PathBuf,
}

const CREATE: &str = "CREATE TABLE IF NOT EXISTS items (path TEXT PRIMARY KEY NOT NULL, size INTEGER, modified INTEGER) STRICT, WITHOUT ROWID";
const SELECT: &str = "SELECT path, size, modified FROM items ORDER BY path";
const COUNT: &str = "SELECT count(*) FROM items";
const INSERT: &str = "INSERT INTO items (path, size, modified) VALUES (?1, ?2, ?3)";
const UPSERT: &str = "INSERT INTO items (path, size, modified) VALUES (?1, ?2, ?3) \
                      ON CONFLICT (path) DO UPDATE SET size = excluded.size, modified = excluded.modified";
const DELETE: &str = "DELETE FROM items WHERE path = ?1";
const DELETE_ALL: &str = "DELETE FROM items";

impl Connector for Store {
    const NAME: &'static str = "store";
    type Config = StoreConfig;
    type Row = Item;

    fn about() -> About {
        About::new("Store").with_description("Files and their sizes, kept in an SQLite file")
    }

    fn capabilities() -> Capabilities {
        Capabilities::read().with_write(WriteMode::ALL).with_count()
    }

    async fn init(config: StoreConfig, _shared: &()) -> Result<Self> {
        let store = Store { file: config.file };
        store
            .ask(|connection| {
                // With the write-ahead log a reader sees the table as it was when its read began, and holds up no write.
                connection.pragma_update(None, "journal_mode", "wal")?;
                connection.execute(CREATE, [])
            })
            .await?;
        Ok(store)
    }

    async fn check(&self) -> Result<()> {
        self.ask(|connection| connection.query_row(SELECT, [], |_| Ok(())).optional()).await?;
        Ok(())
    }

    fn generate_rows(&self, _request: ReadRequest) -> Rows<'_, Item> {
        let file = self.file.clone();
        Rows::blocking(move |out| {
            let connection = open(&file)?;
            let mut statement = connection.prepare(SELECT)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let modified = row.get::<_, Option<i64>>(2)?.and_then(DateTime::from_timestamp_micros);
                out.push(Item { path: row.get(0)?, size: row.get(1)?, modified })?;
            }
            Ok(())
        })
    }

    async fn count_rows(&self, _request: &ReadRequest) -> Result<Option<u64>> {
        let count: i64 = self.ask(|connection| connection.query_row(COUNT, [], |row| row.get(0))).await?;
        Ok(u64::try_from(count).ok())
    }

    async fn get_writer(&self, request: WriteRequest) -> Result<BoxWriter> {
        let (before, each) = match request.mode {
            WriteMode::Append => (Vec::new(), INSERT),
            WriteMode::Overwrite => (vec![DELETE_ALL.to_owned()], INSERT),
            WriteMode::Upsert => (Vec::new(), UPSERT),
            WriteMode::Delete => {
                let apply: Apply<Key> = Box::new(|statement, key| {
                    statement.execute([&key.path]).map_err(explain)?;
                    Ok(())
                });
                return self.begin(Change { before: Vec::new(), each: DELETE.to_owned(), apply }).await;
            }
            other => {
                return Err(
                    Error::new(ErrorKind::Unsupported, format!("mode `{other}` is not offered")).into()
                );
            }
        };
        let apply: Apply<Item> = Box::new(|statement, item| {
            let modified = item.modified.map(|modified| modified.timestamp_micros());
            statement.execute(params![item.path, item.size, modified]).map_err(explain)?;
            Ok(())
        });
        self.begin(Change { before, each: each.to_owned(), apply }).await
    }
}

impl Store {
    async fn begin<R: FromBatch + Send + 'static>(&self, change: Change<R>) -> Result<BoxWriter> {
        let file = self.file.clone();
        Ok(BoxWriter::rows(Transaction::begin(move || open(&file), change).await?))
    }

    /// One short question to SQLite. It blocks, so it must not be asked on a thread that serves others.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let file = self.file.clone();
        let asked = tokio::task::spawn_blocking(move || question(&open(&file)?).map_err(explain));
        Ok(asked.await??)
    }
}

/// A connection that waits for others to finish rather than fail at once.
fn open(file: &Path) -> Result<Connection, Error> {
    let connection = Connection::open(file).map_err(explain)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(explain)?;
    Ok(connection)
}
