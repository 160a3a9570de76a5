//! The start and the end of every read, for the log.

use std::time::Instant;

use crate::error::{Error, ErrorKind};

/// Says at the start that a read began, and, when it is dropped, how it ended.
#[derive(Debug)]
pub(crate) struct ReadLog {
    connector: &'static str,
    path: String,
    partition: Option<String>,
    started: Instant,
    rows: u64,
    bytes: u64,
    outcome: &'static str,
}

impl ReadLog {
    pub(crate) fn start(connector: &'static str, path: &[String], partition: Option<&str>) -> Self {
        let path = path.join("/");
        tracing::info!(connector, path, partition, "read started");
        let (started, partition) = (Instant::now(), partition.map(str::to_owned));
        // A read that is dropped before it says otherwise was cancelled by its reader.
        ReadLog { connector, path, partition, started, rows: 0, bytes: 0, outcome: "cancelled" }
    }

    pub(crate) fn batch(&mut self, rows: usize, bytes: usize) {
        self.rows += rows as u64;
        self.bytes += bytes as u64;
    }

    pub(crate) fn end(&mut self, result: Result<(), &Error>) {
        self.outcome = match result {
            Ok(()) => "ok",
            Err(error) => error.kind().as_str(),
        };
        if let Err(error) = result {
            let (connector, path, error_kind) = (self.connector, &self.path, error.kind().as_str());
            tracing::warn!(connector, path, error_kind, error = error.for_log(), "read failed");
            if error.kind() == ErrorKind::Data {
                tracing::debug!(connector, path, %error, causes = error.causes(), "why the read failed");
            }
        }
    }
}

impl Drop for ReadLog {
    fn drop(&mut self) {
        let ReadLog { connector, path, partition, rows, bytes, outcome, .. } = self;
        let milliseconds = self.started.elapsed().as_millis() as u64;
        tracing::info!(connector, path, partition, rows, bytes, milliseconds, outcome, "read ended");
    }
}
