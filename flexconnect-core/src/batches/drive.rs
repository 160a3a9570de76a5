//! From a feed to batches: when a batch closes, and in which order rows and errors leave.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use serde_json::Value;

use crate::error::Error;
use crate::infer::{SAMPLE_BYTES, SAMPLE_ROWS};
use crate::record::{Layout, Record, RowBuffer};
use crate::request::ReadRequest;
use crate::rows::{Feed, Fill, Filled, Limits, Marks, Rows};
use crate::timer::wake_at;
use crate::unwind::caught;

/// A batch closes at this many rows or bytes,
const ROWS: usize = ReadRequest::BATCH_ROWS;
const BYTES: usize = ReadRequest::BATCH_BYTES;
/// and when its oldest row has waited this long for a source that stalls.
const AGE: Duration = Duration::from_millis(200);
/// The sample that columns are found from.
const SAMPLE: Limits = Limits { rows: SAMPLE_ROWS, bytes: SAMPLE_BYTES };

/// Rows being read, as batches.
pub(crate) struct Source<'a, B> {
    feed: Box<dyn Feed<B> + 'a>,
    fill: Fill<B>,
    /// Rows in the batches before, to place an error.
    rows: u64,
    /// When a batch closes, where the author has not said it.
    closes: Limits,
    stalled: Option<Instant>,
    ended: bool,
    error: Option<Error>,
}

/// A batch as the connector made it, and the checkpoint that goes out with it.
#[derive(Debug)]
pub(crate) struct Produced {
    pub(crate) batch: RecordBatch,
    pub(crate) checkpoint: Option<Value>,
}

impl<'a, B: RowBuffer> Source<'a, B> {
    /// The rows of the connector at this path, in batches of at most so many rows and about so many bytes where the caller
    /// has said that. Without a layout the first batch is the sample the columns are found from.
    pub(crate) fn new<R>(
        rows: Rows<'a, R>,
        layout: Option<Layout>,
        connector: Arc<str>,
        (rows_at_once, bytes_at_once): (Option<usize>, Option<usize>),
    ) -> Result<Self, Error>
    where
        R: Record<Buffer = B> + 'a,
    {
        let closes = Limits {
            rows: rows_at_once.map_or(ROWS, |rows| rows.clamp(1, ROWS)),
            bytes: bytes_at_once.map_or(BYTES, |bytes| bytes.clamp(1, BYTES)),
        };
        let limits = if layout.is_some() { closes } else { SAMPLE };
        let (feed, marks) = rows.into_parts();
        let mut fill = Fill::new(connector, layout, limits, feed.at_most())?;
        fill.mark(marks);
        Ok(Source { feed, fill, rows: 0, closes, stalled: None, ended: false, error: None })
    }

    /// Goes on with the columns found.
    pub(crate) fn set_layout(&mut self, layout: Layout) -> Result<(), Error> {
        let connector = self.fill.connector.clone();
        let marks = std::mem::take(&mut self.fill.marks);
        self.fill = Fill::new(connector, Some(layout), self.closes, self.feed.at_most())?;
        self.fill.mark(marks);
        Ok(())
    }

    /// What the author has said of the rows, complete once there was a first answer.
    pub(crate) fn marks(&self) -> &Marks {
        &self.fill.marks
    }

    /// The next batch, of at most `wanted` rows where the source gives single rows.
    pub(crate) async fn next(&mut self, wanted: u64) -> Option<Result<Produced, Error>> {
        if self.fill.layout.is_some() {
            let most = self.fill.marks.batch_rows.unwrap_or(ROWS).min(self.closes.rows);
            self.fill.limits.rows = usize::try_from(wanted).map_or(most, |wanted| wanted.min(most));
        }
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Produced, Error>>> {
        loop {
            if let Some(error) = self.error.take() {
                return Poll::Ready(Some(Err(error)));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            match caught(|| self.feed.poll_fill(cx, &mut self.fill)) {
                Ok(Poll::Ready(Ok(Filled::More))) => {}
                Ok(Poll::Ready(Ok(Filled::End))) => self.ended = true,
                Ok(Poll::Ready(Err(error))) => self.fail(Error::from_boxed(error)),
                Err(panicked) => self.fail(panicked),
                Ok(Poll::Pending) if self.is_old(cx) => {
                    if self.fill.buffer.is_empty() {
                        self.feed.hand_over(&mut self.fill);
                    }
                }
                Ok(Poll::Pending) => return Poll::Pending,
            }
            self.stalled = None;
            if let Some(produced) = self.close() {
                return Poll::Ready(Some(Ok(produced)));
            }
        }
    }

    /// Whether rows have waited too long; else sees to it that somebody looks again. A sample is never
    /// closed by age: the columns must not depend on how fast the source happens to be.
    fn is_old(&mut self, cx: &Context<'_>) -> bool {
        if self.fill.layout.is_none() || (self.fill.buffer.is_empty() && !self.feed.holds_rows()) {
            return false;
        }
        match self.stalled {
            Some(since) => since.elapsed() >= AGE,
            None => {
                let now = Instant::now();
                self.stalled = Some(now);
                wake_at(now + AGE, cx.waker().clone());
                false
            }
        }
    }

    fn fail(&mut self, error: Error) {
        self.ended = true;
        self.error = Some(error);
    }

    fn close(&mut self) -> Option<Produced> {
        let sampling = self.fill.layout.is_none();
        if self.fill.buffer.is_empty() && !(sampling && self.ended && self.error.is_none()) {
            return None;
        }
        let finished = match caught(|| self.fill.buffer.finish()).and_then(|finished| finished) {
            Ok(finished) => finished,
            Err(error) => {
                // An earlier error is the reason why the buffers cannot be finished.
                let error = self.error.take().unwrap_or(error);
                self.fail(error);
                return None;
            }
        };
        let mut checkpoint = self.fill.checkpoint.take();
        if let Some(fault) = finished.fault {
            self.fail(fault.after_rows(self.rows));
            checkpoint = None;
        }
        self.rows += finished.batch.num_rows() as u64;
        let empty = finished.batch.num_rows() == 0 && !sampling;
        (!empty).then_some(Produced { batch: finished.batch, checkpoint })
    }
}
