//! Rows pushed by an async closure.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use serde::Serialize;

use super::{Feed, Fill, Filled, Limits};
use crate::error::{BoxError, Error, ErrorKind, Result};
use crate::record::{Accepts, Record, RowBuffer};

/// Where the buffer is lent while the author's future runs, and where a misuse is remembered.
type Slot<B> = Arc<Mutex<Lent<B>>>;

struct Lent<B> {
    fill: Option<Fill<B>>,
    failed: Option<BoxError>,
    /// Pushes that wait for room, perhaps beneath a combinator that polls only what was woken.
    waiting: Vec<Waker>,
}

/// Takes the rows of [`Rows::produce`](super::Rows::produce).
///
/// It works inside the future given to `produce` only; a row pushed from another task ends the read
/// with an error.
pub struct Output<R: Record> {
    slot: Slot<R::Buffer>,
    table: PhantomData<fn() -> R>,
}

impl<R: Record> Output<R> {
    /// Appends a row at once; the returned future waits until there is room for another.
    pub fn push<T>(&self, row: T) -> Pushed<R>
    where
        R: Accepts<T>,
    {
        self.with(|fill| {
            R::push(&mut fill.buffer, row);
            Ok(())
        });
        Pushed { slot: self.slot.clone(), table: PhantomData }
    }

    /// Appends all rows of an iterator, waiting for room between them.
    pub async fn extend<I>(&self, rows: I)
    where
        I: IntoIterator,
        R: Accepts<I::Item>,
    {
        let mut rows = rows.into_iter();
        loop {
            let mut filled = Filled::End;
            self.with(|fill| {
                filled = fill.extend::<R, _>(&mut rows);
                Ok(())
            });
            Pushed::<R> { slot: self.slot.clone(), table: PhantomData }.await;
            if filled == Filled::End {
                return;
            }
        }
    }

    /// Says where a later read may resume: all rows pushed so far are before it.
    pub fn checkpoint(&self, state: &impl Serialize) {
        self.with(|fill| {
            fill.checkpoint = Some(serde_json::to_value(state)?);
            Ok(())
        });
    }

    fn with(&self, act: impl FnOnce(&mut Fill<R::Buffer>) -> Result<()>) {
        let mut lent = lock(&self.slot);
        match &mut lent.fill {
            Some(fill) => {
                if let Err(error) = act(fill) {
                    lent.failed = Some(error);
                }
            }
            None => {
                let message = "`Output` was used outside the future given to `Rows::produce`; \
                               to push from other tasks send the rows through a channel and use `Rows::stream`";
                lent.failed = Some(Error::new(ErrorKind::Internal, message).into());
            }
        }
    }
}

impl<R: Record> fmt::Debug for Output<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").finish_non_exhaustive()
    }
}

/// Waits until there is room for the next row.
#[must_use = "await the push, or rows pile up"]
pub struct Pushed<R: Record> {
    slot: Slot<R::Buffer>,
    table: PhantomData<fn() -> R>,
}

impl<R: Record> Future for Pushed<R> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut lent = lock(&self.slot);
        if lent.fill.as_ref().is_none_or(Fill::has_room) {
            return Poll::Ready(());
        }
        lent.waiting.push(cx.waker().clone());
        Poll::Pending
    }
}

impl<R: Record> fmt::Debug for Pushed<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pushed").finish_non_exhaustive()
    }
}

/// A feed that still lacks its future, and the output that future gets.
pub(super) fn channel<R: Record>() -> (Unstarted<R>, Output<R>) {
    let slot = Arc::new(Mutex::new(Lent { fill: None, failed: None, waiting: Vec::new() }));
    (Unstarted(slot.clone()), Output { slot, table: PhantomData })
}

pub(super) struct Unstarted<R: Record>(Slot<R::Buffer>);

impl<R: Record> Unstarted<R> {
    pub(super) fn with<Fut>(self, future: Fut) -> Produce<R::Buffer, Fut> {
        Produce { slot: self.0, future: Some(Box::pin(future)), stand_in: None }
    }
}

pub(super) struct Produce<B, Fut> {
    slot: Slot<B>,
    future: Option<Pin<Box<Fut>>>,
    /// Takes the place of the reader's buffer while that is lent.
    stand_in: Option<Fill<B>>,
}

impl<B, Fut> Feed<B> for Produce<B, Fut>
where
    B: RowBuffer,
    Fut: Future<Output = Result<()>> + Send,
{
    fn poll_fill(&mut self, cx: &mut Context<'_>, fill: &mut Fill<B>) -> Poll<Result<Filled>> {
        let Some(future) = &mut self.future else { return Poll::Ready(Ok(Filled::End)) };
        let stand_in = match self.stand_in.take() {
            Some(stand_in) => stand_in,
            None => {
                Fill::new(fill.connector.clone(), fill.layout.clone(), Limits { rows: 0, bytes: 0 }, None)?
            }
        };
        let lease = Lease::new(&self.slot, fill, stand_in);
        let done = future.as_mut().poll(cx);
        let slot = lease.slot;
        self.stand_in = lease.end();
        let failed = lock(slot).failed.take();
        match (done, failed) {
            (_, Some(error)) | (Poll::Ready(Err(error)), None) => {
                self.future = None;
                Poll::Ready(Err(error))
            }
            (Poll::Ready(Ok(())), None) => {
                self.future = None;
                Poll::Ready(Ok(Filled::End))
            }
            (Poll::Pending, None) if fill.is_full() => Poll::Ready(Ok(Filled::More)),
            (Poll::Pending, None) => Poll::Pending,
        }
    }
}

/// The reader's buffer, lent to the author for one poll; it comes back even when that poll panics, so
/// that the rows before the panic are delivered.
struct Lease<'a, B> {
    slot: &'a Slot<B>,
    place: &'a mut Fill<B>,
    stand_in: Option<Fill<B>>,
}

impl<'a, B> Lease<'a, B> {
    fn new(slot: &'a Slot<B>, place: &'a mut Fill<B>, stand_in: Fill<B>) -> Self {
        let mut lent = lock(slot);
        lent.fill = Some(std::mem::replace(place, stand_in));
        let waiting = std::mem::take(&mut lent.waiting);
        drop(lent);
        waiting.into_iter().for_each(Waker::wake);
        Lease { slot, place, stand_in: None }
    }

    /// Gives the buffer back and returns what stood in for it.
    fn end(mut self) -> Option<Fill<B>> {
        self.give_back();
        self.stand_in.take()
    }

    fn give_back(&mut self) {
        if let Some(fill) = lock(self.slot).fill.take() {
            self.stand_in = Some(std::mem::replace(self.place, fill));
        }
    }
}

impl<B> Drop for Lease<'_, B> {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// A panic in the author's future leaves the buffer as it was between two pushes.
fn lock<B>(slot: &Slot<B>) -> MutexGuard<'_, Lent<B>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
