//! The virtual call beneath `Rows`: once per batch, never per row.

use std::sync::Arc;
use std::task::{Context, Poll};

use serde_json::Value;

use super::Marks;
use crate::error::{Error, Result};
use crate::record::{Accepts, Layout, Record, RowBuffer};

/// A source of rows that fills a buffer it is given.
///
/// `Pending` and `Err` may leave rows in the buffer; they are delivered first.
pub(crate) trait Feed<B: RowBuffer>: Send {
    fn poll_fill(&mut self, cx: &mut Context<'_>, fill: &mut Fill<B>) -> Poll<Result<Filled>>;

    /// How many rows there are at most, where that is known: room is made for no more.
    fn at_most(&self) -> Option<usize> {
        None
    }

    /// Whether rows wait outside the buffer, on their way from another thread.
    fn holds_rows(&self) -> bool {
        false
    }

    /// Moves such rows into the buffer, which is empty: the batch closes by age.
    fn hand_over(&mut self, fill: &mut Fill<B>) {
        let _ = fill;
    }
}

/// What a call to `poll_fill` came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filled {
    /// The buffer is full; there may be more rows.
    More,
    /// There are no more rows.
    End,
}

/// When a batch closes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) rows: usize,
    pub(crate) bytes: usize,
}

/// The buffer of the batch being filled, its room, and the newest checkpoint.
#[derive(Debug)]
pub(crate) struct Fill<B> {
    /// Where the connector is whose rows these are, for the log.
    pub(crate) connector: Arc<str>,
    pub(crate) buffer: B,
    pub(crate) limits: Limits,
    /// For further buffers of the same table; `None` while the columns are still to be found.
    pub(crate) layout: Option<Layout>,
    pub(crate) checkpoint: Option<Value>,
    pub(crate) marks: Marks,
}

impl<B: RowBuffer> Fill<B> {
    /// Empty, with room for as many rows as a batch may have, or as there are at most.
    pub(crate) fn new(
        connector: Arc<str>,
        layout: Option<Layout>,
        limits: Limits,
        at_most: Option<usize>,
    ) -> Result<Self, Error> {
        let room = at_most.map_or(limits.rows, |rows| rows.min(limits.rows));
        let buffer = match &layout {
            Some(Layout { table, wanted }) => B::for_read(table, wanted, room)?,
            None => B::new(None, room)?,
        };
        Ok(Fill { connector, buffer, limits, layout, checkpoint: None, marks: Marks::default() })
    }

    /// Whether one more row may be pushed; like [`is_full`](Self::is_full), but bytes are looked at
    /// every few rows only.
    pub(crate) fn has_room(&self) -> bool {
        let rows = self.buffer.len();
        rows < self.limits.rows
            && (!rows.is_multiple_of(B::STRIDE) || self.buffer.bytes() < self.limits.bytes)
    }

    /// An empty one for the same table.
    pub(crate) fn fresh(&self) -> Result<Self, Error> {
        let fill = Fill::new(self.connector.clone(), self.layout.clone(), self.limits, None)?;
        Ok(Fill { marks: self.marks.clone(), ..fill })
    }

    /// Takes in what is said of the rows to come.
    pub(crate) fn mark(&mut self, marks: Marks) {
        self.marks.add(marks);
        if self.layout.is_some() {
            self.limits.rows = self.limits.rows.min(self.marks.batch_rows.unwrap_or(usize::MAX));
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.buffer.len() >= self.limits.rows || self.buffer.bytes() >= self.limits.bytes
    }

    /// How many rows may be pushed before asking again: bytes are looked at every few rows only.
    pub(crate) fn stride(&self) -> usize {
        if self.buffer.bytes() >= self.limits.bytes {
            return 0;
        }
        self.limits.rows.saturating_sub(self.buffer.len()).min(B::STRIDE)
    }

    /// Pushes rows until the buffer is full or there are no more; a row is taken only when there is room.
    #[inline]
    pub(crate) fn extend<R, I>(&mut self, rows: &mut I) -> Filled
    where
        R: Record<Buffer = B> + Accepts<I::Item>,
        I: Iterator,
    {
        loop {
            let stride = self.stride();
            if stride == 0 {
                return Filled::More;
            }
            for _ in 0..stride {
                match rows.next() {
                    Some(row) => R::push(&mut self.buffer, row),
                    None => return Filled::End,
                }
            }
        }
    }
}
