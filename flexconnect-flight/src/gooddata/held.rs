//! The result of a task: the rows read so far, and whether they can be read once or again.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use arrow_array::RecordBatch;
use flexconnect_core::Error;
use futures::Stream;

use super::announced::Announced;
use super::budget::Share;
use super::fault::Fault;

/// The rest of a result, as its source gives it.
pub(crate) type Rest = Pin<Box<dyn Stream<Item = Result<RecordBatch, Error>> + Send>>;

/// A result that grows until it is known whole, or known to be read once. Readers may come at any time: they follow.
pub(crate) struct Held {
    columns: Announced,
    state: Mutex<State>,
}

struct State {
    batches: Vec<RecordBatch>,
    phase: Phase,
    /// The first of the readers there are: who gets a result that can be read once.
    first: Option<u64>,
    next_reader: u64,
    readers: usize,
    /// Whether a reader has come to the end.
    was_read: bool,
    /// What it takes of the memory there is.
    share: Vec<Share>,
    /// Readers that wait for a change.
    waiting: Vec<Waker>,
}

enum Phase {
    /// More is to come.
    Growing,
    /// This is all; it can be read any number of times.
    Whole,
    /// What there is, then the rest, can be read once.
    Once(Rest),
    /// Nothing is left to be read.
    Consumed,
}

impl Held {
    /// A result of these columns that starts with this batch, for which there is this share of memory.
    pub(crate) fn new(columns: Announced, first: Option<RecordBatch>, share: Share) -> Arc<Self> {
        let state = State {
            batches: first.into_iter().collect(),
            phase: Phase::Growing,
            first: None,
            next_reader: 0,
            readers: 0,
            was_read: false,
            share: vec![share],
            waiting: Vec::new(),
        };
        Arc::new(Held { columns, state: Mutex::new(state) })
    }

    /// The columns that are announced, and that the stream has.
    pub(crate) fn columns(&self) -> &Announced {
        &self.columns
    }

    /// Adds a batch for which there is this share of memory.
    pub(crate) fn push(&self, batch: RecordBatch, share: Share) {
        let mut state = self.lock();
        if matches!(state.phase, Phase::Growing) {
            state.batches.push(batch);
            match state.share.first_mut() {
                Some(taken) => taken.absorb(share),
                None => state.share.push(share),
            }
            state.wake();
        }
    }

    /// That was all.
    pub(crate) fn finish(&self) {
        let mut state = self.lock();
        if matches!(state.phase, Phase::Growing) {
            state.phase = Phase::Whole;
            state.wake();
        }
    }

    /// What there is and this rest can be read once.
    pub(crate) fn finish_once(&self, rest: Rest) {
        let mut state = self.lock();
        if matches!(state.phase, Phase::Growing) {
            state.phase = Phase::Once(rest);
            state.wake();
        }
    }

    /// Nobody may read it any more.
    pub(crate) fn close(&self) {
        let (batches, phase, share) = {
            let mut state = self.lock();
            let phase = std::mem::replace(&mut state.phase, Phase::Consumed);
            state.wake();
            (std::mem::take(&mut state.batches), phase, std::mem::take(&mut state.share))
        };
        // An author's code may run here; not under the lock.
        drop((batches, phase, share));
    }

    /// Whether it is known to be whole, and then how many rows that is.
    pub(crate) fn rows(&self) -> Option<usize> {
        let state = self.lock();
        let rows = || state.batches.iter().map(RecordBatch::num_rows).sum();
        matches!(state.phase, Phase::Whole).then(rows)
    }

    /// Whether somebody reads it.
    pub(crate) fn is_being_read(&self) -> bool {
        self.lock().readers > 0
    }

    /// Whether it was read to its end, or can never be.
    pub(crate) fn was_read(&self) -> bool {
        let state = self.lock();
        state.was_read || matches!(state.phase, Phase::Consumed)
    }

    /// The rows, for one more reader.
    ///
    /// # Errors
    /// The fault of a result that could be read once.
    pub(crate) fn read(self: &Arc<Self>) -> Result<Reader, Fault> {
        let mut state = self.lock();
        if matches!(state.phase, Phase::Consumed) {
            return Err(Fault::consumed());
        }
        let number = state.next_reader;
        state.next_reader += 1;
        state.readers += 1;
        state.first.get_or_insert(number);
        let mut reader = Reader { held: self.clone(), number, next: 0, own: None };
        // Taken at once, so that the next one hears it at once.
        let claimed = reader.claim(&mut state);
        // A reader that is dropped locks it again.
        drop(state);
        claimed.transpose()?;
        Ok(reader)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wait(&mut self, cx: &Context<'_>) {
        if !self.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            self.waiting.push(cx.waker().clone());
        }
    }

    fn wake(&mut self) {
        self.waiting.drain(..).for_each(Waker::wake);
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").finish_non_exhaustive()
    }
}

/// One reading of a result.
pub(crate) struct Reader {
    held: Arc<Held>,
    number: u64,
    /// Which batch comes next.
    next: usize,
    /// What this reader alone has.
    own: Option<Own>,
}

struct Own {
    batches: VecDeque<RecordBatch>,
    /// `None` once it has ended: what it held is let go before the client hears of the end.
    rest: Option<Rest>,
    /// What the batches take, until the last of them is given away.
    share: Vec<Share>,
}

impl Reader {
    /// Makes a result that can be read once this reader's own; a fault when it is another's.
    fn claim(&mut self, state: &mut State) -> Option<Result<(), Fault>> {
        if !matches!(state.phase, Phase::Once(_)) {
            return matches!(state.phase, Phase::Consumed).then(|| Err(Fault::consumed()));
        }
        if state.first != Some(self.number) {
            return Some(Err(Fault::consumed()));
        }
        let Phase::Once(rest) = std::mem::replace(&mut state.phase, Phase::Consumed) else { return None };
        let batches = std::mem::take(&mut state.batches).into_iter().skip(self.next).collect();
        self.own = Some(Own { batches, rest: Some(rest), share: std::mem::take(&mut state.share) });
        Some(Ok(()))
    }
}

impl Stream for Reader {
    type Item = Result<RecordBatch, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(own) = &mut this.own {
                if let Some(batch) = own.batches.pop_front() {
                    return Poll::Ready(Some(Ok(batch)));
                }
                own.share.clear();
                let Some(rest) = &mut own.rest else { return Poll::Ready(None) };
                let item = ready!(rest.as_mut().poll_next(cx));
                if !matches!(item, Some(Ok(_))) {
                    own.rest = None;
                }
                return Poll::Ready(item);
            }
            let held = this.held.clone();
            let mut state = held.lock();
            match this.claim(&mut state) {
                Some(Ok(())) => continue,
                Some(Err(fault)) => return Poll::Ready(Some(Err(fault.into()))),
                None => {}
            }
            if let Some(batch) = state.batches.get(this.next) {
                this.next += 1;
                return Poll::Ready(Some(Ok(batch.clone())));
            }
            if matches!(state.phase, Phase::Whole) {
                state.was_read = true;
                return Poll::Ready(None);
            }
            state.wait(cx);
            return Poll::Pending;
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.held.lock();
        state.readers -= 1;
        if state.first == Some(self.number) {
            // While it grows nothing is lost with a reader that goes.
            state.first = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{ArrayRef, Int64Array};
    use flexconnect_core::ErrorKind;
    use futures::{FutureExt, StreamExt, stream};

    use super::super::budget::Budget;
    use super::*;

    fn batch(value: i64) -> RecordBatch {
        RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![value])) as ArrayRef)]).unwrap()
    }

    fn columns() -> Announced {
        Announced::new(batch(0).schema()).unwrap()
    }

    fn held() -> Arc<Held> {
        Held::new(columns(), Some(batch(0)), share(&Budget::new(100)))
    }

    fn share(budget: &Arc<Budget>) -> Share {
        budget.take(8).unwrap()
    }

    fn next(reader: &mut Reader) -> Option<Option<Result<RecordBatch, Error>>> {
        reader.next().now_or_never()
    }

    fn value(reader: &mut Reader) -> i64 {
        let batch = next(reader).unwrap().unwrap().unwrap();
        batch.column(0).to_data().buffers()[0].typed_data::<i64>()[0]
    }

    fn is_consumed(error: &Error) -> bool {
        error.cause::<Fault>() == Some(&Fault::consumed())
    }

    #[test]
    fn a_result_that_is_whole_is_read_by_all_who_come_before_and_after() {
        let held = held();
        let mut early = held.read().unwrap();
        assert_eq!(value(&mut early), 0);
        assert!(next(&mut early).is_none(), "more is to come");
        held.push(batch(1), share(&Budget::new(8)));
        assert_eq!(value(&mut early), 1);
        held.finish();
        assert!(next(&mut early).unwrap().is_none());
        assert!(held.was_read() && held.is_being_read());
        drop(early);
        let mut late = held.read().unwrap();
        assert_eq!((value(&mut late), value(&mut late)), (0, 1));
        assert!(next(&mut late).unwrap().is_none());
    }

    #[test]
    fn a_result_read_once_goes_to_the_first_with_its_error() {
        let held = held();
        let (mut first, mut second) = (held.read().unwrap(), held.read().unwrap());
        assert_eq!((value(&mut first), value(&mut second)), (0, 0));
        let failed = Err(Error::new(ErrorKind::Unavailable, "gone"));
        held.finish_once(stream::iter([Ok(batch(1)), failed]).boxed());
        assert_eq!(value(&mut first), 1);
        assert!(is_consumed(&next(&mut second).unwrap().unwrap().unwrap_err()));
        assert_eq!(next(&mut first).unwrap().unwrap().unwrap_err().kind(), ErrorKind::Unavailable);
        assert!(next(&mut first).unwrap().is_none());
        drop((first, second));
        assert_eq!(held.read().map(drop), Err(Fault::consumed()));
        assert!(held.was_read() && !held.is_being_read());
    }

    #[test]
    fn a_reader_that_leaves_early_takes_nothing_and_one_that_has_it_takes_all() {
        let held = held();
        drop(held.read().unwrap());
        held.finish_once(stream::iter([Ok(batch(1))]).boxed());
        let mut reader = held.read().unwrap();
        assert_eq!(held.read().map(drop), Err(Fault::consumed()));
        assert_eq!(value(&mut reader), 0);
        drop(reader);
        assert_eq!(held.read().map(drop), Err(Fault::consumed()));
    }

    #[test]
    fn what_is_read_once_takes_no_room_once_its_batches_are_given_away() {
        let budget = Budget::new(8);
        let held = Held::new(columns(), Some(batch(0)), share(&budget));
        held.finish_once(stream::pending().boxed());
        let mut reader = held.read().unwrap();
        assert_eq!(value(&mut reader), 0);
        assert!(budget.take(8).is_none(), "it may still be on its way");
        assert!(next(&mut reader).is_none());
        assert!(budget.take(8).is_some());
    }

    #[test]
    fn memory_is_given_back_when_it_is_closed() {
        let budget = Budget::new(20);
        let held = Held::new(columns(), Some(batch(0)), share(&budget));
        held.push(batch(1), share(&budget));
        assert!(budget.take(8).is_none());
        let mut reader = held.read().unwrap();
        assert_eq!(value(&mut reader), 0);
        held.close();
        assert!(is_consumed(&next(&mut reader).unwrap().unwrap().unwrap_err()));
        assert!(budget.take(20).is_some());
    }
}
