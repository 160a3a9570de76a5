//! SQLite's errors, in words and kinds that speak to whoever reads or writes a table.

use std::time::Duration;

use flexconnect_core::{Error, ErrorKind};
use rusqlite::ErrorCode;
use rusqlite::ffi::{
    SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID,
    SQLITE_CONSTRAINT_UNIQUE, SQLITE_IOERR_WRITE,
};

/// When a file that is busy is worth another try.
const SOON: Duration = Duration::from_secs(1);

/// What an error of SQLite means. What SQLite says itself stays the source, for the log.
pub(crate) fn explain(error: rusqlite::Error) -> Error {
    let Some(said) = error.sqlite_error().copied() else {
        return Error::new(ErrorKind::Internal, error.to_string()).with_source(error);
    };
    let (kind, message) = match said.code {
        ErrorCode::ConstraintViolation => (ErrorKind::Data, constraint(said.extended_code, &error)),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            let message = "another program or another write holds the file; try again when it has ended";
            return Error::new(ErrorKind::Unavailable, message).with_retry_after(SOON).with_source(error);
        }
        ErrorCode::OperationInterrupted => (ErrorKind::Cancelled, "the reader has gone".into()),
        ErrorCode::NotADatabase => (ErrorKind::Data, "the file is not an SQLite database".into()),
        ErrorCode::DatabaseCorrupt => {
            (ErrorKind::Data, "the file is damaged; restore it, or `.recover` it".into())
        }
        ErrorCode::CannotOpen => (ErrorKind::Unavailable, "the file cannot be opened".into()),
        ErrorCode::PermissionDenied => (ErrorKind::PermissionDenied, "the file may not be opened".into()),
        ErrorCode::ReadOnly => (ErrorKind::ReadOnly, "the file, or its folder, can only be read".into()),
        ErrorCode::DiskFull => (ErrorKind::Exhausted, "the disk is full".into()),
        ErrorCode::SystemIoFailure if said.extended_code == SQLITE_IOERR_WRITE => {
            let message =
                "the file could not be written: is the disk full, or the file as large as it may be?";
            (ErrorKind::Exhausted, message.into())
        }
        ErrorCode::TooBig => (ErrorKind::Data, "a value is larger than SQLite keeps (1 GB)".into()),
        ErrorCode::SystemIoFailure => (ErrorKind::Unavailable, "the file cannot be read or written".into()),
        ErrorCode::TypeMismatch => (ErrorKind::Data, "a value is of another type than its column".into()),
        ErrorCode::Unknown => (about_statement(&error.to_string()), error.to_string()),
        _ => (ErrorKind::Internal, error.to_string()),
    };
    Error::new(kind, message).with_source(error)
}

/// What it means that a statement cannot be run. Statements are made for the table as it was a moment ago, so that
/// a name that does not fit is one that others have made or taken away since.
fn about_statement(said: &str) -> ErrorKind {
    let changed = ["already exists", "there is already", "no such", "has no column"];
    if changed.iter().any(|words| said.contains(words)) { ErrorKind::Precondition } else { ErrorKind::Data }
}

/// Which rule of the table a row breaks: SQLite names its columns.
fn constraint(code: i32, error: &rusqlite::Error) -> String {
    match code {
        SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_ROWID => {
            format!("there is a row with this key already ({error}); mode `upsert` replaces it")
        }
        SQLITE_CONSTRAINT_FOREIGNKEY => {
            format!(
                "a row refers to one of another table that is not there ({error}); write that table first"
            )
        }
        _ => format!("the table does not take this row ({error})"),
    }
}
