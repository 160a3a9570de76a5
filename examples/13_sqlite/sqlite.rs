//! Any table of an SQLite file.

mod catalogue;
mod cells;
mod column;
mod create;
mod database;
mod declared;
mod filter;
mod partition;
mod select;
mod shape;
mod spelling;
mod stored;
mod watch;
mod write;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use flexconnect_core::arrow_schema::SchemaRef;
use flexconnect_core::predicate::sql::SqlDialect;
use flexconnect_core::{
    About, BoxWriter, Capabilities, Config, Connector, Error, ErrorKind, Partition, Predicate, Pushdown,
    ReadRequest, Result, Rows, Values, WriteMode, WriteRequest,
};

pub use catalogue::mount;

use crate::store::transaction::Transaction;
use database::Database;
use select::Select;
use shape::Shape;
use watch::Watch;

/// How many milliseconds to wait for a file that somebody holds, unless the configuration says otherwise.
const PATIENCE: u64 = 5_000;

/// What can be configured.
#[derive(Debug, Config)]
pub struct SqliteConfig {
    /// The SQLite file. Fixed by the operator.
    file: PathBuf,
    /// The table or view. Fixed by the catalogue that finds it.
    table: String,
    /// Read columns declared as DATE, DATETIME or TIMESTAMP as dates and times, not as the text SQLite keeps.
    #[config(default = false)]
    typed_dates: bool,
    /// How many row numbers a part of the table covers at least.
    #[config(default = 262_144, min = 1)]
    rows_per_partition: u64,
    /// How many milliseconds to wait for another program, or another write, that holds the file.
    #[config(default = PATIENCE, max = 10_000)]
    busy_timeout_ms: u64,
}

/// A table of an SQLite file, or a view; one that is not there yet can be written.
#[derive(Debug)]
pub struct Sqlite {
    watch: Watch,
    rows_per_partition: u64,
}

impl Connector for Sqlite {
    const NAME: &'static str = "sqlite";
    type Config = SqliteConfig;
    type Row = Values;

    fn about() -> About {
        About::new("SQLite").with_description("A table of an SQLite file")
    }

    fn capabilities() -> Capabilities {
        Capabilities::read().with_write(WriteMode::ALL).with_partitions().with_count()
    }

    async fn init(config: SqliteConfig, _shared: &()) -> Result<Self> {
        let database = Database::new(config.file, Duration::from_millis(config.busy_timeout_ms));
        let watch = Watch::new(database, config.table, config.typed_dates);
        Ok(Sqlite { watch, rows_per_partition: config.rows_per_partition })
    }

    async fn check(&self) -> Result<()> {
        self.shape().await?;
        Ok(())
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(self.watch.shape().await?.map(|shape| shape.schema.clone()))
    }

    fn pushdown(&self, predicate: &Predicate) -> Pushdown {
        // Whoever asks has asked for the columns before, and the read is refused should they change until then.
        let shape = self.watch.latest();
        shape.map_or(Pushdown::Unsupported, |shape| filter::pushdown(&shape, predicate))
    }

    async fn list_partitions(&self, _request: &ReadRequest) -> Result<Vec<Partition>> {
        let shape = self.shape().await?;
        let rows_each = self.rows_per_partition;
        let list = move |connection: &_| partition::list(connection, &shape, rows_each);
        Ok(self.watch.database().ask(list).await?)
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Values> {
        Rows::defer(async move {
            let shape = self.shape().await?;
            let select = Select::rows(&shape, &request)?;
            let watch = self.watch.clone();
            Ok(Rows::blocking(move |out| select::run(&watch, &shape, &select, out)))
        })
    }

    async fn count_rows(&self, request: &ReadRequest) -> Result<Option<u64>> {
        let shape = self.shape().await?;
        let select = Select::count(&shape, request)?;
        let count = move |connection: &_| select.number(connection);
        Ok(Some(self.watch.database().ask(count).await?))
    }

    async fn get_writer(&self, request: WriteRequest) -> Result<BoxWriter> {
        if request.partition.is_some() {
            let message = "rows go where their row number says; leave `partition` out";
            return Err(Error::new(ErrorKind::Unsupported, message).into());
        }
        let shape = self.watch.shape().await?;
        let change = write::change(self.watch.table(), shape.as_deref(), request.mode, &request.schema)?;
        let database = self.watch.database().clone();
        Ok(BoxWriter::rows(Transaction::begin(move || database.writer(), change).await?))
    }
}

impl Sqlite {
    /// The table as it is now.
    async fn shape(&self) -> Result<Arc<Shape>, Error> {
        self.watch.shape().await?.ok_or_else(|| {
            let message = format!("there is no table `{}` in the file", self.watch.table());
            Error::new(ErrorKind::NotFound, message)
        })
    }
}

/// A name in quotes, so that it is a name whatever is in it.
fn identifier(name: &str) -> String {
    SqlDialect::new().quoted(name)
}
