//! Rows pushed from a thread, for code that blocks.

use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use serde::Serialize;

use super::stop::{OnStop, StopSignal, Stopped};
use super::thread::Thread;
use super::{Feed, Fill, Filled};
use crate::error::{Error, ErrorKind, Result};
use crate::predicate::Value;
use crate::record::{Accepts, Record, RowBuffer, Values, ValuesBuffer};

/// Takes the rows of [`Rows::blocking`](super::Rows::blocking), on its thread.
pub struct BlockingOutput<R: Record> {
    shared: Arc<Shared<R::Buffer>>,
    table: PhantomData<fn() -> R>,
}

impl<R: Record> BlockingOutput<R> {
    /// Appends a row; blocks while the reader is two batches behind.
    ///
    /// # Errors
    /// [`Stopped`] when the reader has gone.
    pub fn push<T>(&mut self, row: T) -> Result<(), Stopped>
    where
        R: Accepts<T>,
    {
        self.extend(Some(row))
    }

    /// Appends all rows of an iterator; cheaper than pushing each, and the same otherwise.
    ///
    /// # Errors
    /// [`Stopped`] when the reader has gone.
    pub fn extend<I>(&mut self, rows: I) -> Result<(), Stopped>
    where
        I: IntoIterator,
        R: Accepts<I::Item>,
    {
        let mut rows = rows.into_iter();
        loop {
            // The row is produced outside the lock: the author's code may be slow.
            let Some(row) = rows.next() else { return Ok(()) };
            let mut state = self.shared.room()?;
            state.push(|buffer| R::push(buffer, row))?;
        }
    }

    /// Says where a later read may resume: all rows pushed so far are before it.
    ///
    /// # Errors
    /// When the state is not JSON, or [`Stopped`].
    pub fn checkpoint(&mut self, state: &impl Serialize) -> Result<()> {
        let value = serde_json::to_value(state)?;
        let mut state = self.shared.room()?;
        if let Some(fill) = &mut state.current {
            fill.checkpoint = Some(value);
        }
        Ok(())
    }

    /// Whether the reader has gone, for work between two rows that takes long.
    pub fn is_stopped(&self) -> bool {
        self.shared.stop.is_stopped()
    }

    /// Calls this as soon as the reader has gone, at once if it has, and no longer once the guard is dropped; see
    /// [`StopSignal::on_stop`].
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use flexconnect_core::{Rows, Table};
    /// # struct Query;
    /// # impl Query {
    /// #     fn cancel(&self) {}
    /// #     fn rows(&self) -> std::ops::Range<u64> { 0..3 }
    /// # }
    /// #[derive(Table)]
    /// struct Number { n: u64 }
    ///
    /// let query = Arc::new(Query);
    /// let rows: Rows<'_, Number> = Rows::blocking(move |out| {
    ///     let cancelled = query.clone();
    ///     let _interrupt = out.on_stop(move || cancelled.cancel());
    ///     for n in query.rows() {
    ///         out.push(Number { n })?;
    ///     }
    ///     Ok(())
    /// });
    /// ```
    pub fn on_stop(&self, call: impl FnOnce() + Send + 'static) -> OnStop {
        self.shared.stop.on_stop(call)
    }

    /// The same news as [`is_stopped`](Self::is_stopped), to be handed to what asks it elsewhere: a database's
    /// progress handler, a thread.
    pub fn stop_signal(&self) -> StopSignal {
        self.shared.stop.clone()
    }
}

impl BlockingOutput<Values> {
    /// Appends a row of these cells, which the caller keeps: a cursor fills one row again and again, and no row
    /// takes memory of its own.
    ///
    /// ```
    /// use flexconnect_core::{Rows, Value, Values};
    ///
    /// let rows: Rows<'_, Values> = Rows::blocking(|out| {
    ///     let mut cells = vec![None; 2];
    ///     for n in 0..3 {
    ///         cells[0] = Some(Value::from(n));
    ///         out.push_cells(&cells)?;
    ///     }
    ///     Ok(())
    /// });
    /// ```
    ///
    /// # Errors
    /// [`Stopped`] when the reader has gone.
    pub fn push_cells(&mut self, cells: &[Option<Value>]) -> Result<(), Stopped> {
        self.shared.room()?.push(|buffer: &mut ValuesBuffer| buffer.push(cells))
    }
}

impl<R: Record> fmt::Debug for BlockingOutput<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingOutput").finish_non_exhaustive()
    }
}

/// What the reader and the thread share. The thread fills `current`; a full batch waits in `ready`,
/// at most one, so the thread is never more than two batches ahead.
struct Shared<B> {
    state: Mutex<State<B>>,
    room: Condvar,
    stop: StopSignal,
}

struct State<B> {
    current: Option<Fill<B>>,
    ready: Option<Fill<B>>,
    /// An empty buffer, given back by the reader.
    spare: Option<Fill<B>>,
    done: Option<Result<()>>,
    waker: Option<Waker>,
}

impl<B: RowBuffer> Shared<B> {
    fn lock(&self) -> MutexGuard<'_, State<B>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `current` has room.
    fn room(&self) -> Result<MutexGuard<'_, State<B>>, Stopped> {
        let mut state = self.lock();
        loop {
            if self.stop.is_stopped() {
                return Err(Stopped);
            }
            state.close_full_batch();
            if state.current.as_ref().is_some_and(Fill::has_room) {
                return Ok(state);
            }
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<B: RowBuffer> State<B> {
    fn push(&mut self, row: impl FnOnce(&mut B)) -> Result<(), Stopped> {
        let Some(fill) = &mut self.current else { return Err(Stopped) };
        let first = fill.buffer.is_empty();
        row(&mut fill.buffer);
        if first {
            // The reader learns that a row waits, so that the batch can close by age.
            self.wake();
        }
        self.close_full_batch();
        Ok(())
    }

    fn close_full_batch(&mut self) {
        if self.ready.is_none() && self.current.as_ref().is_some_and(|fill| !fill.has_room()) {
            self.ready = self.current.take();
            self.wake();
        }
        if self.current.is_none() {
            self.current = self.spare.take();
        }
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

type Work<R> = Box<dyn FnOnce(&mut BlockingOutput<R>) -> Result<()> + Send>;

pub(super) struct Blocking<R: Record> {
    shared: Arc<Shared<R::Buffer>>,
    work: Option<Work<R>>,
    /// The thread, once it has started.
    thread: Option<Arc<Thread>>,
    /// Whether the thread has the buffers of its own it needs to run ahead. Not while the columns are
    /// still to be found: then it waits, so that no row is encoded to columns of its own.
    runs_ahead: bool,
}

impl<R: Record + 'static> Blocking<R> {
    pub(super) fn new(work: impl FnOnce(&mut BlockingOutput<R>) -> Result<()> + Send + 'static) -> Self {
        let state = State { current: None, ready: None, spare: None, done: None, waker: None };
        let stop = StopSignal::default();
        let shared = Arc::new(Shared { state: Mutex::new(state), room: Condvar::new(), stop });
        Blocking { shared, work: Some(Box::new(work)), thread: None, runs_ahead: false }
    }

    fn start(&mut self, work: Work<R>, connector: Arc<str>) -> Result<()> {
        let thread = Thread::begin(connector)?;
        let own = thread.clone();
        let mut output = BlockingOutput::<R> { shared: self.shared.clone(), table: PhantomData };
        let run = move || {
            let result = catch_unwind(AssertUnwindSafe(|| work(&mut output)))
                .unwrap_or_else(|_| Err(Error::panicked().into()));
            output.shared.stop.forget();
            own.end();
            let mut state = output.shared.lock();
            state.done = Some(result);
            state.wake();
        };
        std::thread::Builder::new().name("flexconnect-rows".into()).spawn(run).map_err(|error| {
            Error::new(ErrorKind::Exhausted, "no thread could be started for these rows").with_source(error)
        })?;
        self.thread = Some(thread);
        Ok(())
    }
}

impl<R: Record + 'static> Feed<R::Buffer> for Blocking<R> {
    fn poll_fill(&mut self, cx: &mut Context<'_>, fill: &mut Fill<R::Buffer>) -> Poll<Result<Filled>> {
        if !self.runs_ahead {
            let mut buffers = (Some(fill.fresh()?), None);
            if fill.layout.is_some() {
                buffers.1 = Some(fill.fresh()?);
                self.runs_ahead = true;
            }
            let mut state = self.shared.lock();
            if state.current.is_none() && (self.work.is_some() || self.runs_ahead) {
                (state.current, state.spare) = buffers;
            }
        }
        if let Some(work) = self.work.take() {
            self.start(work, fill.connector.clone())?;
        }
        self.shared.room.notify_one();

        let mut state = self.shared.lock();
        let ended = state.ready.is_none() && state.done.is_some();
        let waiting = if ended { &mut state.current } else { &mut state.ready };
        if let Some(filled) = waiting.take_if(|filled| !filled.buffer.is_empty()) {
            if !fill.buffer.is_empty() {
                // Rows of another feed are in the buffer: they leave first.
                *waiting = Some(filled);
                return Poll::Ready(Ok(Filled::More));
            }
            let empty = std::mem::replace(fill, filled);
            if self.runs_ahead {
                state.spare = Some(empty);
            }
            drop(state);
            self.shared.room.notify_one();
            return Poll::Ready(Ok(Filled::More));
        }
        if ended {
            // Whoever asks again is told that this was the end.
            let done = state.done.replace(Ok(())).unwrap_or(Ok(()));
            return Poll::Ready(done.map(|()| Filled::End));
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn holds_rows(&self) -> bool {
        self.shared.lock().current.as_ref().is_some_and(|fill| !fill.buffer.is_empty())
    }

    fn hand_over(&mut self, fill: &mut Fill<R::Buffer>) {
        let mut state = self.shared.lock();
        if self.runs_ahead
            && state.ready.is_none()
            && let Some(current) = &mut state.current
        {
            std::mem::swap(fill, current);
        }
    }
}

impl<R: Record> Drop for Blocking<R> {
    fn drop(&mut self) {
        {
            // Under the lock, so that a thread that is about to wait hears it.
            let _state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
            self.shared.stop.mark();
        }
        self.shared.room.notify_one();
        self.shared.stop.call();
        if let Some(thread) = &self.thread {
            thread.abandon();
        }
    }
}
