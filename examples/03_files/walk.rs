//! Reads a tree as it goes: one folder is open at a time, and nothing is collected but the folders still to
//! be read.

use std::ffi::OsStr;
use std::fs::{self, DirEntry, Metadata, ReadDir};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, TimeDelta, Utc};

use super::{FileKind, FileRow};

/// The partition of all that is in no top-level folder. No file can have this name.
pub(super) const REST: &str = ".";

/// The entries of a tree, or of one folder, as rows.
pub(super) struct Walk {
    root: PathBuf,
    hidden: bool,
    /// Whether the folders found are read too.
    deep: bool,
    /// What is still to be read.
    folders: Vec<PathBuf>,
    open: Option<ReadDir>,
}

impl Walk {
    /// A folder, itself first.
    pub(super) fn folder(folder: &DirEntry, root: &Path, hidden: bool) -> Self {
        Walk { root: root.to_owned(), hidden, deep: true, folders: vec![folder.path()], open: None }
    }

    /// What is directly in this folder and is no folder.
    ///
    /// # Errors
    /// When this folder cannot be read.
    pub(super) fn rest(folder: &Path, root: &Path, hidden: bool) -> io::Result<Self> {
        let open = Some(fs::read_dir(folder)?);
        Ok(Walk { root: root.to_owned(), hidden, deep: false, folders: Vec::new(), open })
    }

    /// Opens the next folder, and gives its own row, which says so when that fails.
    fn enter(&mut self, folder: &Path) -> FileRow {
        let mut row = self.row(folder, fs::symlink_metadata(folder));
        // It was a folder when it was found, and may be a link by now.
        if row.kind == FileKind::Dir {
            match fs::read_dir(folder) {
                Ok(open) => self.open = Some(open),
                Err(error) => row.error = Some(error.to_string()),
            }
        }
        row
    }

    fn row(&self, path: &Path, metadata: io::Result<Metadata>) -> FileRow {
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        let parts: Vec<_> = relative.iter().map(OsStr::to_string_lossy).collect();
        let mut row = FileRow {
            path: parts.join("/"),
            kind: FileKind::Other,
            size: None,
            modified: None,
            extension: None,
            lossy: relative.to_str().is_none(),
            error: None,
        };
        match metadata {
            Ok(metadata) => {
                row.kind = kind_of(metadata.file_type());
                row.modified = metadata.modified().ok().and_then(instant);
                if row.kind == FileKind::File {
                    row.size = i64::try_from(metadata.len()).ok();
                    row.extension =
                        path.extension().map(|extension| extension.to_string_lossy().into_owned());
                }
            }
            Err(error) => row.error = Some(error.to_string()),
        }
        row
    }
}

impl Iterator for Walk {
    type Item = io::Result<FileRow>;

    fn next(&mut self) -> Option<io::Result<FileRow>> {
        loop {
            let Some(open) = &mut self.open else {
                let folder = self.folders.pop()?;
                return Some(Ok(self.enter(&folder)));
            };
            let entry = match open.next() {
                Some(Ok(entry)) => entry,
                Some(Err(error)) => return Some(Err(error)),
                None => {
                    self.open = None;
                    continue;
                }
            };
            // `file_type` and `metadata` of an entry look at a link itself, not at what it points to.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if self.deep && is_listed(&entry.file_name(), self.hidden) {
                    self.folders.push(entry.path());
                }
                continue;
            }
            let metadata = entry.metadata();
            // What was removed between two looks is simply no longer there.
            if metadata.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
                continue;
            }
            return Some(Ok(self.row(&entry.path(), metadata)));
        }
    }
}

/// The folders directly in this one, those that are to be listed.
///
/// # Errors
/// When this folder cannot be read.
pub(super) fn folders(folder: &Path, hidden: bool) -> io::Result<Vec<DirEntry>> {
    let is_wanted = |entry: &DirEntry| {
        entry.file_type().is_ok_and(|kind| kind.is_dir()) && is_listed(&entry.file_name(), hidden)
    };
    fs::read_dir(folder)?.filter(|entry| entry.as_ref().map_or(true, is_wanted)).collect()
}

/// A top-level folder's name as text, different for every folder: names that are not UTF-8 have their bytes
/// behind them.
pub(super) fn id_of(name: &OsStr) -> String {
    match name.to_str() {
        Some(name) => name.to_owned(),
        None => {
            let bytes: String = name.as_encoded_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{}#{bytes}", name.to_string_lossy())
        }
    }
}

fn is_listed(folder: &OsStr, hidden: bool) -> bool {
    hidden || !(folder == "target" || folder.as_encoded_bytes().starts_with(b"."))
}

fn kind_of(kind: fs::FileType) -> FileKind {
    if kind.is_file() {
        FileKind::File
    } else if kind.is_dir() {
        FileKind::Dir
    } else if kind.is_symlink() {
        FileKind::Link
    } else {
        FileKind::Other
    }
}

/// Nothing for an instant outside the calendar: file systems can hold such.
fn instant(time: SystemTime) -> Option<DateTime<Utc>> {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => DateTime::UNIX_EPOCH.checked_add_signed(TimeDelta::from_std(after).ok()?),
        Err(before) => DateTime::UNIX_EPOCH.checked_sub_signed(TimeDelta::from_std(before.duration()).ok()?),
    }
}
