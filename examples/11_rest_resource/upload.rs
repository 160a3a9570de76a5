//! One write: rows are collected, and sent as JSON arrays of a thousand.

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{Result, WriteSummary, Writer};
use flexconnect_http::{Client, json_array};

/// How many rows one request has.
const ROWS: usize = 1000;

/// The rows that wait, and where they go.
pub(super) struct Upload {
    client: Client,
    url: String,
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    sent: u64,
}

impl Upload {
    pub(super) fn new(client: Client, url: String) -> Self {
        Upload { client, url, waiting: Vec::new(), waiting_rows: 0, sent: 0 }
    }

    /// Sends what waits.
    async fn send(&mut self) -> Result<()> {
        let body = json_array(&self.waiting)?;
        // At least once is what was promised, so a request whose answer is lost may be repeated.
        self.client.post(&self.url).json_bytes(body).repeatable().send().await?;
        self.sent += self.waiting_rows as u64;
        self.waiting.clear();
        self.waiting_rows = 0;
        Ok(())
    }
}

impl Writer for Upload {
    async fn write(&mut self, batch: RecordBatch) -> Result<()> {
        let mut start = 0;
        while start < batch.num_rows() {
            let rows = (ROWS - self.waiting_rows).min(batch.num_rows() - start);
            self.waiting.push(batch.slice(start, rows));
            self.waiting_rows += rows;
            start += rows;
            if self.waiting_rows == ROWS {
                self.send().await?;
            }
        }
        Ok(())
    }

    async fn commit(mut self) -> Result<WriteSummary> {
        if self.waiting_rows > 0 {
            self.send().await?;
        }
        Ok(WriteSummary::rows(self.sent))
    }
}
