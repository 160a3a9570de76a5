//! The file: how it is opened, and how it is asked without holding up a thread that serves others.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flexconnect_core::{Error, ErrorKind, Result};
use rusqlite::types::FromSql;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::store::fault::explain;

/// How often a statement that runs asks whether it still should, in steps of SQLite's machine: about a
/// millisecond.
const STEPS: i32 = 10_000;

/// An SQLite file, opened anew for each piece of work: SQLite's connections are cheap, and each belongs to one
/// thread at a time.
#[derive(Debug, Clone)]
pub(super) struct Database {
    file: PathBuf,
    patience: Duration,
}

impl Database {
    /// A file that need not be there; `patience` is how long to wait for others who hold it.
    pub(super) fn new(file: PathBuf, patience: Duration) -> Self {
        Database { file, patience }
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// A connection for reading, which neither makes a file nor changes one.
    ///
    /// It is not opened read-only: SQLite must be able to take back what a writer that was killed left half
    /// done. Where the file itself may only be read SQLite falls back to that.
    ///
    /// # Errors
    /// Not found when there is no file.
    pub(super) fn reader(&self) -> Result<Connection, Error> {
        let connection = self.open(OpenFlags::empty()).map_err(|error| {
            if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) && !self.file.exists() {
                return Error::new(ErrorKind::NotFound, "there is no such SQLite file").with_source(error);
            }
            explain(error)
        })?;
        connection.pragma_update(None, "query_only", true).map_err(explain)?;
        Ok(connection)
    }

    /// A connection for writing, which makes the file when it is not there.
    ///
    /// # Errors
    /// When the file, or its folder, cannot be written.
    pub(super) fn writer(&self) -> Result<Connection, Error> {
        let connection = self.open(OpenFlags::SQLITE_OPEN_CREATE).map_err(explain)?;
        let pages: i64 = pragma(&connection, "page_count")?;
        if pages == 0 {
            // In a file of our own making readers see the tables as they were when they began, and hold up no
            // write. How a file that was there is kept is its owner's choice.
            connection.pragma_update(None, "journal_mode", "wal").map_err(explain)?;
        }
        Ok(connection)
    }

    fn open(&self, more: OpenFlags) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
        let connection = Connection::open_with_flags(&self.file, flags)?;
        connection.busy_timeout(self.patience)?;
        // A file may come from anywhere: what its views and triggers call must be harmless.
        connection.pragma_update(None, "trusted_schema", false)?;
        Ok(connection)
    }

    /// One question on a reading connection, off the threads that serve others; given up when whoever asks
    /// has gone.
    ///
    /// # Errors
    /// What the question raises.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let database = self.clone();
        interruptible(move |gone| {
            let mut connection = database.reader()?;
            stop_when(&mut connection, move || gone.load(Ordering::Relaxed))?;
            question(&connection)
        })
        .await
    }
}

/// A value that SQLite keeps of the file.
pub(super) fn pragma<T: FromSql>(connection: &Connection, name: &str) -> Result<T, Error> {
    connection.pragma_query_value(None, name, |row| row.get(0)).map_err(explain)
}

/// Makes statements that run on this connection end once `stopped` says so.
pub(super) fn stop_when(
    connection: &mut Connection,
    stopped: impl FnMut() -> bool + Send + 'static,
) -> Result<(), Error> {
    connection.progress_handler(STEPS, Some(stopped)).map_err(explain)
}

/// Runs work that blocks on a thread of its own, and tells it when nobody waits for it any longer.
pub(super) async fn interruptible<T: Send + 'static>(
    work: impl FnOnce(Arc<AtomicBool>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let gone = Arc::new(AtomicBool::new(false));
    let _told = Told(gone.clone());
    tokio::task::spawn_blocking(move || work(gone))
        .await
        .map_err(|error| Error::new(ErrorKind::Internal, "a question to SQLite failed").with_source(error))?
}

/// Dropped with the future of whoever asked.
struct Told(Arc<AtomicBool>);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
