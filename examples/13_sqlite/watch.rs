//! A table's shape, found out again only when the file has changed.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flexconnect_core::{Error, Result};
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::database::{Database, interruptible, pragma, stop_when};
use super::shape::Shape;
use crate::store::fault::explain;

/// Watches one name of one file.
///
/// To look at every value of a column takes as long as to read it, so it is done once for each state of the
/// file: a connection is kept, and SQLite tells it whether another one has committed since.
#[derive(Clone)]
pub(super) struct Watch {
    database: Database,
    table: String,
    typed_dates: bool,
    /// Whoever finds it taken waits without a thread, since the look at a large table may take long.
    kept: Arc<tokio::sync::Mutex<Option<Kept>>>,
    latest: Arc<Mutex<Option<Arc<Shape>>>>,
}

struct Kept {
    attached: Attached,
    /// SQLite's counter of other connections' commits, when the shape was found.
    version: i64,
    shape: Option<Arc<Shape>>,
}

impl Watch {
    pub(super) fn new(database: Database, table: String, typed_dates: bool) -> Self {
        Watch { database, table, typed_dates, kept: Arc::default(), latest: Arc::default() }
    }

    pub(super) fn table(&self) -> &str {
        &self.table
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    pub(super) fn typed_dates(&self) -> bool {
        self.typed_dates
    }

    /// The table as it is now; `None` when there is no such table, or no file.
    ///
    /// # Errors
    /// What SQLite raises.
    pub(super) async fn shape(&self) -> Result<Option<Arc<Shape>>, Error> {
        let watch = self.clone();
        let mut slot = self.kept.clone().lock_owned().await;
        interruptible(move |gone| {
            // Taken out: what fails below, or is given up, is not kept.
            let kept = slot.take().filter(|kept| kept.attached.is_to_the_file());
            let (mut attached, known) = match kept {
                Some(kept) => (kept.attached, Some((kept.version, kept.shape))),
                None => match Attached::to(&watch.database)? {
                    Some(attached) => (attached, None),
                    None => return Ok(None),
                },
            };
            stop_when(&mut attached.connection, move || gone.load(Ordering::Relaxed))?;
            let (version, shape) = watch.look(&attached.connection, known)?;
            stop_when(&mut attached.connection, || false)?;
            *slot = Some(Kept { attached, version, shape: shape.clone() });
            lock(&watch.latest).clone_from(&shape);
            Ok(shape)
        })
        .await
    }

    /// The shape that was found last, without asking.
    pub(super) fn latest(&self) -> Option<Arc<Shape>> {
        lock(&self.latest).clone()
    }

    fn look(
        &self,
        connection: &Connection,
        known: Option<(i64, Option<Arc<Shape>>)>,
    ) -> Result<(i64, Option<Arc<Shape>>), Error> {
        let moment = connection.unchecked_transaction().map_err(explain)?;
        let version = pragma(&moment, "data_version")?;
        let shape = match known {
            Some((then, shape)) if then == version => shape,
            _ => Shape::find(&moment, &self.table, self.typed_dates)?.map(Arc::new),
        };
        moment.commit().map_err(explain)?;
        Ok((version, shape))
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("table", &self.table).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection that stays, and the file it is to: another one may be put in its place.
struct Attached {
    connection: Connection,
    path: PathBuf,
    file: FileId,
}

impl Attached {
    /// `None` when there is no file.
    fn to(database: &Database) -> Result<Option<Self>, Error> {
        let path = database.file().to_owned();
        let Some(file) = FileId::of(&path) else { return Ok(None) };
        Ok(Some(Attached { connection: database.reader()?, path, file }))
    }

    fn is_to_the_file(&self) -> bool {
        FileId::of(&self.path) == Some(self.file)
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        if !self.is_to_the_file() {
            // The last to leave removes the write-ahead log, by its name: it is another file's now.
            let kept = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
            if let Err(error) = kept {
                tracing::warn!(%error, "a file that was replaced may lose its newest writes");
            }
        }
    }
}

/// Which file a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileId {
    #[cfg(unix)]
    device_and_inode: (u64, u64),
}

impl FileId {
    /// `None` when there is no file.
    fn of(path: &Path) -> Option<Self> {
        let metadata = path.metadata().ok()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Some(FileId { device_and_inode: (metadata.dev(), metadata.ino()) })
        }
        // Elsewhere a file that is open cannot be replaced.
        #[cfg(not(unix))]
        metadata.is_file().then_some(FileId {})
    }
}
