//! All tasks of a server, from their submission to the end of their results.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use flexconnect_core::Error;
use tokio::runtime::Handle;
use tracing::Instrument;

use super::budget::{Budget, Share};
use super::fault::Fault;
use super::figures::Figures;
use super::held::Held;
use super::options::Options;
use super::run::{Means, Work, run};
use super::spans::TaskSpans;
use super::task::{OVERHEAD, State, Task, Why};
use super::ticket::TaskId;
use super::workers::{Full, Workers};

/// Results are looked through this often for those that have expired.
const SWEEP: Duration = Duration::from_secs(1);
/// Threads that read results which are given away once; further ones are read where they are sent.
const STREAMS: usize = 256;

/// The tasks, by name.
pub(crate) struct Tasks {
    means: Means,
    workers: Workers,
    closers: Workers,
    figures: Figures,
    state: Mutex<Registry>,
}

#[derive(Default)]
struct Registry {
    tasks: HashMap<TaskId, Arc<Task>>,
    /// Those that are done and when they expire, which is in this order.
    done: VecDeque<(Instant, TaskId)>,
    /// Those whose time is over while they are being read.
    overdue: Vec<Arc<Task>>,
    swept: bool,
    stopped: bool,
}

impl Tasks {
    pub(crate) fn new(options: Options) -> Arc<Self> {
        let budget = Budget::new(options.held_total_bytes);
        Arc::new_cyclic(|tasks: &Weak<Tasks>| {
            let tasks = tasks.clone();
            let room = move |bytes| {
                budget.take(bytes).or_else(|| {
                    tasks.upgrade()?.forget_read();
                    budget.take(bytes)
                })
            };
            Tasks {
                workers: Workers::new("gooddata-task", options.task_threads, options.task_queue),
                closers: Workers::new("gooddata-close", options.task_close_threads, usize::MAX),
                means: Means {
                    options,
                    streams: Arc::new(Workers::new("gooddata-stream", STREAMS, 0)),
                    room: Box::new(room),
                },
                figures: Figures::default(),
                state: Mutex::default(),
            }
        })
    }

    pub(crate) fn options(&self) -> &Options {
        &self.means.options
    }

    /// Submits a task for a caller at this address: `work` begins its function.
    ///
    /// # Errors
    /// A fault when the server has as much to do as it takes, or stops.
    pub(crate) fn submit(
        self: &Arc<Self>,
        function: &str,
        command: Bytes,
        peer: Option<SocketAddr>,
        work: impl FnOnce(&Task) -> Work,
    ) -> Result<Arc<Task>, Error> {
        let id = TaskId::random()?;
        let full = || {
            tracing::error!(task_id = %id, fun = function, "flexconnect_fun_submit_failed");
            Fault::backpressure(FULL)
        };
        let share = self.room(OVERHEAD + command.len() as u64).ok_or_else(full)?;
        let place = self.workers.place().map_err(|Full| full())?;
        let task = Task::new(id, function.to_owned(), command, self.options().call_deadline, share);
        {
            let mut state = self.lock();
            if state.stopped {
                return Err(Fault::shutting_down().into());
            }
            state.tasks.insert(id, task.clone());
            if !std::mem::replace(&mut state.swept, true) {
                tokio::spawn(sweep(Arc::downgrade(self), self.options().result_ttl));
            }
        }
        let (tasks, runtime, work) = (Arc::downgrade(self), Handle::current(), work(&task));
        let spans = TaskSpans::begin(id, function, peer);
        let (own, submission) = (task.clone(), spans.submission());
        let job = move || {
            let Some(tasks) = tasks.upgrade() else { return };
            if own.begin() {
                let span = spans.run(own.id);
                let running = async {
                    let (waited, _) = own.times();
                    tasks.figures.began(waited);
                    tracing::info!(waited = waited.as_secs_f64(), "task_run");
                    let done = |state: &State| {
                        spans.end(Some(&span), state);
                        tasks.done(&own, state);
                    };
                    run(&own, work, &tasks.means, done).await;
                };
                runtime.block_on(running.instrument(span.clone()));
            } else {
                // It was ended while it waited, and is done since.
                let state = own.state();
                spans.end(None, &state);
                spans.in_scope(|| tasks.done(&own, &state));
            }
        };
        // Before it can be done.
        self.figures.submitted();
        submission.in_scope(|| place.submit(job));
        Ok(task)
    }

    /// The task with this name.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Task>> {
        self.lock().tasks.get(&TaskId::parse(name)?).cloned()
    }

    /// Cancels the task with this name, if there is one that can be; a result it has is dropped.
    pub(crate) fn cancel(&self, name: &str) {
        let Some(task) = self.get(name) else { return };
        tracing::info!(task_id = %task.id, fun = task.function, "flexconnect_task_cancel");
        self.end(&task, Why::Asked);
    }

    /// Ends a task.
    pub(crate) fn end(&self, task: &Task, why: Why) {
        if matches!(task.state(), State::Failed(_) | State::Cancelled) {
            return;
        }
        task.end(why);
        // Whether it was finished before or has just become so.
        if let State::Finished(held) = task.state() {
            let kept = self.lock().tasks.remove(&task.id);
            self.close(kept, held);
        }
    }

    /// Takes no task from now on, and ends those there are.
    pub(crate) fn stop(&self) {
        let tasks: Vec<_> = {
            let mut state = self.lock();
            state.stopped = true;
            state.tasks.values().cloned().collect()
        };
        for task in tasks {
            task.end(Why::Stopped);
        }
    }

    /// What is counted, as a page.
    pub(crate) fn figures(&self, prefix: &str) -> String {
        self.figures.to_text(prefix, self.closers.waiting())
    }

    /// Whether some task is not done, or has a result that is being read or was never read.
    pub(crate) fn are_outstanding(&self) -> bool {
        // One that is done and not told of yet would be missing from the log.
        if self.figures.queue() > 0 {
            return true;
        }
        let state = self.lock();
        let is_outstanding = |task: &Arc<Task>| match task.state() {
            State::Queued | State::Running => true,
            State::Finished(held) => held.is_being_read() || !held.was_read(),
            State::Failed(_) | State::Cancelled => false,
        };
        state.tasks.values().any(is_outstanding)
    }

    /// The task is done: its time begins.
    fn done(&self, task: &Task, state: &State) {
        let (waited, ran) = task.times();
        let (run_waited_duration, run_duration) =
            (waited.as_secs_f64(), ran.unwrap_or_default().as_secs_f64());
        let duration = run_waited_duration + run_duration;
        let (task_id, fun) = (task.id, &task.function);
        macro_rules! tell {
            ($level:ident, $event:literal) => {
                tracing::$level!(%task_id, fun, run_waited_duration, run_duration, duration, $event)
            };
        }
        match state {
            // The levels are those of the Python server, whose alerts go by them.
            State::Failed(_) => tell!(error, "task_failed"),
            State::Cancelled => tell!(info, "task_cancelled"),
            _ => tell!(info, "task_finished"),
        }
        self.figures.done(state, waited, ran);
        let now = Instant::now();
        let expires = now.checked_add(self.options().result_ttl).unwrap_or(now);
        self.lock().done.push_back((expires, task.id));
    }

    /// Forgets the tasks whose time is over, but for those whose result is being read.
    fn forget_expired(&self) {
        let now = Instant::now();
        let mut expired = Vec::new();
        {
            let mut state = self.lock();
            let mut overdue = std::mem::take(&mut state.overdue);
            while let Some((_, id)) = state.done.front().copied().filter(|(expires, _)| *expires <= now) {
                state.done.pop_front();
                overdue.extend(state.tasks.get(&id).cloned());
            }
            for task in overdue {
                if matches!(task.state(), State::Finished(held) if held.is_being_read()) {
                    state.overdue.push(task);
                } else {
                    expired.extend(state.tasks.remove(&task.id));
                }
            }
        }
        self.forget(expired);
    }

    /// Forgets results that were read, before their time: others need the memory.
    fn forget_read(&self) {
        let read: Vec<_> = {
            let mut state = self.lock();
            let is_read = |_: &TaskId, task: &mut Arc<Task>| match task.state() {
                State::Finished(held) => held.was_read() && !held.is_being_read(),
                _ => false,
            };
            state.tasks.extract_if(is_read).map(|(_, task)| task).collect()
        };
        for task in read {
            tracing::debug!(task_id = %task.id, fun = task.function, "result_evicted");
            if let State::Finished(held) = task.state() {
                // At once, and here: nothing of an author's is left of a result that was read.
                held.close();
            }
        }
    }

    fn forget(&self, tasks: Vec<Arc<Task>>) {
        for task in tasks {
            tracing::debug!(task_id = %task.id, fun = task.function, "result_evicted");
            task.end(Why::Asked);
            if let State::Finished(held) = task.state() {
                self.close(Some(task), held);
            }
        }
    }

    /// Lets go of a result on a thread of its own, because an author's code may run by that.
    fn close(&self, task: Option<Arc<Task>>, held: Arc<Held>) {
        let close = move || {
            held.close();
            drop(task);
        };
        // Only when no thread at all can be had, and then the result goes with its last reader.
        let _ = self.closers.submit(close);
    }

    fn room(&self, bytes: u64) -> Option<Share> {
        (self.means.room)(bytes)
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a client is told that may come back.
const FULL: &str = "This server has as much to do as it takes. Try again later.";

impl std::fmt::Debug for Tasks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tasks").field("options", self.options()).finish_non_exhaustive()
    }
}

/// Forgets what has expired, for as long as there are tasks at all.
async fn sweep(tasks: Weak<Tasks>, ttl: Duration) {
    let pause = ttl.clamp(Duration::from_millis(10), SWEEP);
    loop {
        tokio::time::sleep(pause).await;
        let Some(tasks) = tasks.upgrade() else { return };
        tasks.forget_expired();
    }
}
