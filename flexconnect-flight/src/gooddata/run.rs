//! Running a task on a thread of its own: to the first rows while its caller waits, then on while the result is small
//! or meant to be held.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use arrow_array::RecordBatch;
use flexconnect_core::{Batches, Error, ErrorKind, Keeping};
use futures::future::BoxFuture;
use futures::{FutureExt, Stream, StreamExt, stream};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::announced::Announced;
use super::budget::{Share, bytes_of, overhead_of};
use super::fault::Fault;
use super::held::{Held, Rest};
use super::options::Options;
use super::task::{State, Task, Why};
use super::workers::Workers;
use crate::call::answer::guarded;

/// A function that has begun: the columns its rows have, and a stream that has its first batch, or its end.
pub(crate) struct Started {
    pub(crate) columns: Announced,
    pub(crate) batches: Batches,
}

/// What begins a function. It is polled on the task's thread.
pub(crate) type Work = BoxFuture<'static, Result<Started, Error>>;

/// What all tasks run with.
pub(crate) struct Means {
    pub(crate) options: Options,
    /// Threads that read results which are given away once.
    pub(crate) streams: Arc<Workers>,
    /// Memory for the rows of a result.
    pub(crate) room: Box<dyn Fn(u64) -> Option<Share> + Send + Sync>,
}

/// Runs a task whose turn has come, until its rows are known or given to their readers. What it has come to is told to
/// `done` as soon as those who wait for it know.
pub(crate) async fn run(task: &Task, work: Work, means: &Means, done: impl FnOnce(&State)) {
    tracing::info!("flexconnect_task_run");
    let settle = |state: State| {
        task.settle(state.clone());
        done(&state);
    };
    let (held, rows) = match begin(task, work, means).await {
        Ok(begun) => begun,
        Err(state) => return settle(state),
    };
    // Before anybody can read it: a reader that came and left while it seemed to grow would leave it to the next.
    let more = rows.unless_read_once(&held, means);
    settle(if task.has_ended() { State::Cancelled } else { State::Finished(held.clone()) });
    if let Some(rows) = more {
        rows.read(task, &held, means).await;
    }
}

async fn begin(task: &Task, work: Work, means: &Means) -> Result<(Arc<Held>, Rows), State> {
    let started = tokio::select! {
        biased;
        // Most functions give their first rows at once, and then nothing else was waited for.
        started = guarded(work) => started.map_err(State::Failed)?,
        () = task.ended() => return Err(State::Cancelled),
        () = tokio::time::sleep_until(task.deadline.into()) => {
            task.end(Why::Deadline);
            return Err(State::Cancelled);
        }
    };
    let Started { columns, mut batches } = started;
    // It is there already.
    let first = batches.next().now_or_never().flatten().transpose().map_err(State::Failed)?;
    let (rows, bytes) = first.as_ref().map_or((0, 0), |batch| (batch.num_rows() as u64, bytes_of(batch)));
    let share = (means.room)(bytes + first.as_ref().map_or(0, overhead_of)).ok_or_else(|| {
        let msg = "This server holds as many results as it can. Try again when some have been read.";
        State::Failed(Fault::backpressure(msg).into())
    })?;
    Ok((Held::new(columns, first, share), Rows { batches, rows, bytes }))
}

/// The rows after the first batch, and how many there were.
struct Rows {
    batches: Batches,
    rows: u64,
    bytes: u64,
}

impl Rows {
    /// Gives them to the first reader if it is known by now that they are read once; itself otherwise.
    fn unless_read_once(self, held: &Held, means: &Means) -> Option<Self> {
        let once = match self.batches.keeping() {
            // Even of no rows: what is read once is read once.
            Keeping::SingleUse => true,
            Keeping::Held => false,
            _ => self.is_large(&means.options),
        };
        if once {
            held.finish_once(self.rest(None, means));
            return None;
        }
        Some(self)
    }

    /// Reads on, for as long as the result is to be held.
    async fn read(mut self, task: &Task, held: &Held, means: &Means) {
        let marked = self.batches.keeping() == Keeping::Held;
        loop {
            // Looked at before each batch: a source that never lets one wait is ended, too.
            if task.has_ended() {
                return held.close();
            }
            let next = tokio::select! {
                biased;
                next = self.batches.next() => Some(next),
                () = task.ended() => return held.close(),
                // A source that takes its time is read by who waits for it.
                () = tokio::time::sleep_until(task.deadline.into()), if !marked => None,
            };
            match next {
                None => return held.finish_once(self.rest(None, means)),
                Some(None) => return held.finish(),
                Some(Some(Err(error))) => return held.finish_once(stream::iter([Err(error)]).boxed()),
                Some(Some(Ok(batch))) => {
                    let bytes = bytes_of(&batch);
                    self.rows += batch.num_rows() as u64;
                    self.bytes += bytes;
                    let fits = marked || !self.is_large(&means.options);
                    let share = if fits { (means.room)(bytes + overhead_of(&batch)) } else { None };
                    let Some(share) = share else {
                        if marked {
                            tracing::warn!(task_id = %task.id, "no memory is left to hold this result: it can be read once");
                        }
                        return held.finish_once(self.rest(Some(batch), means));
                    };
                    held.push(batch, share);
                }
            }
        }
    }

    fn is_large(&self, options: &Options) -> bool {
        self.rows > options.held_rows || self.bytes > options.held_bytes
    }

    /// What is still to come, read on a thread of its own by the time somebody asks for it.
    fn rest(self, batch: Option<RecordBatch>, means: &Means) -> Rest {
        let rest = OnThread {
            batches: Some(self.batches),
            items: None,
            threads: means.streams.clone(),
            runtime: Handle::current(),
        };
        stream::iter(batch.map(Ok)).chain(rest).boxed()
    }
}

/// How many batches may be ready before their reader takes them.
const AHEAD: usize = 2;

/// Batches whose source runs on a thread of its own, at most two of them ahead of their reader.
struct OnThread {
    /// Until the first is asked for; for ever, when there is no thread left.
    batches: Option<Batches>,
    items: Option<mpsc::Receiver<Item>>,
    threads: Arc<Workers>,
    runtime: Handle,
}

/// A batch, an error, or the end: a channel that is closed without has lost its thread.
type Item = Option<Result<RecordBatch, Error>>;

impl OnThread {
    fn begin(&mut self) {
        let Some(batches) = self.batches.take() else { return };
        let (sender, items) = mpsc::channel(AHEAD);
        let (batches, runtime) = (Arc::new(Mutex::new(Some(batches))), self.runtime.clone());
        let taken = batches.clone();
        let take =
            |batches: &Mutex<Option<Batches>>| batches.lock().unwrap_or_else(PoisonError::into_inner).take();
        let read = move || {
            if let Some(batches) = take(&taken) {
                runtime.block_on(send(batches, sender));
            }
        };
        match self.threads.submit(read) {
            Ok(()) => self.items = Some(items),
            // Read where it is asked for: slower for others, but it is read.
            Err(_) => self.batches = take(&batches),
        }
    }
}

async fn send(mut batches: Batches, sender: mpsc::Sender<Item>) {
    // Room for all of them at once, so that this thread is woken once for as many.
    while let Ok(room) = sender.reserve_many(AHEAD).await {
        for place in room {
            let item = tokio::select! {
                biased;
                () = sender.closed() => return,
                item = batches.next() => item,
            };
            if !matches!(item, Some(Ok(_))) {
                // What the source held is let go before the reader hears of the end.
                drop(batches);
                place.send(item);
                return;
            }
            place.send(item);
        }
    }
}

impl Stream for OnThread {
    type Item = Result<RecordBatch, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.items.is_none() {
            self.begin();
        }
        if let Some(items) = &mut self.items {
            return items.poll_recv(cx).map(|item| item.unwrap_or_else(|| Some(Err(lost()))));
        }
        match &mut self.batches {
            Some(batches) => batches.poll_next_unpin(cx),
            None => Poll::Ready(None),
        }
    }
}

fn lost() -> Error {
    Error::new(ErrorKind::Internal, "the thread that read these rows has gone; the log says more")
        .with_panic()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use arrow_array::Int64Array;
    use arrow_schema::{DataType, Field, Schema, SchemaRef};
    use bytes::Bytes;
    use flexconnect_core::{Connector, Plugin, ReadRequest, Result};
    use serde_json::Map;

    use super::super::budget::Budget;
    use super::super::task::OVERHEAD;
    use super::super::ticket::TaskId;
    use super::*;

    /// Of the one test that looks at it.
    static MADE: AtomicUsize = AtomicUsize::new(0);
    /// So many that no two batches become one.
    const ROWS: usize = ReadRequest::BATCH_ROWS;

    fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]))
    }

    /// Counts the batches it makes.
    struct Counted;

    impl Connector for Counted {
        const NAME: &'static str = "counted";
        type Config = ();
        type Row = RecordBatch;

        async fn init((): (), _: &()) -> Result<Self> {
            Ok(Counted)
        }

        async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
            Ok(Some(schema()))
        }

        fn generate_rows(&self, _: ReadRequest) -> flexconnect_core::Rows<'_, RecordBatch> {
            flexconnect_core::Rows::iter((0..100).map(|n| {
                MADE.fetch_add(1, Ordering::SeqCst);
                RecordBatch::try_new(schema(), vec![Arc::new(Int64Array::from(vec![n; ROWS]))]).unwrap()
            }))
        }
    }

    async fn counted() -> Batches {
        let plugin = Plugin::new("counted", "1.0.0").connector::<Counted>();
        let table = plugin.find(&["counted"]).await.unwrap().open(Map::new()).await.unwrap();
        table.read(ReadRequest::new()).await.unwrap()
    }

    #[tokio::test]
    async fn a_source_that_never_waits_is_read_no_further_once_its_task_is_ended() {
        let budget = Budget::new(1 << 30);
        let share = || budget.take(OVERHEAD).unwrap();
        let task = Task::new(TaskId::random().unwrap(), "F".into(), Bytes::new(), Duration::MAX, share());
        assert!(task.begin());
        let held = Held::new(Announced::new(schema()).unwrap(), None, share());
        let budget = budget.clone();
        let means = Means {
            options: Options::default(),
            streams: Arc::new(Workers::new("test", 1, 0)),
            room: Box::new(move |bytes| budget.take(bytes)),
        };
        task.end(Why::Asked);
        Rows { batches: counted().await, rows: 0, bytes: 0 }.read(&task, &held, &means).await;
        assert_eq!(held.read().map(drop), Err(Fault::consumed()));
    }

    #[tokio::test]
    async fn a_source_is_two_batches_ahead_of_its_reader_at_most() {
        let batches = counted().await;
        let threads = Arc::new(Workers::new("test", 1, 0));
        let mut read = OnThread { batches: Some(batches), items: None, threads, runtime: Handle::current() };
        for taken in 1..=10 {
            assert!(read.next().await.unwrap().is_ok());
            // Time in which it would go on.
            tokio::time::sleep(Duration::from_millis(20)).await;
            let made = MADE.load(Ordering::SeqCst);
            assert!(made <= taken + 2, "{made} were made and {taken} taken");
        }
        // What is ahead is given before the end.
        assert_eq!(read.count().await, 90);
    }
}
