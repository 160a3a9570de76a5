//! PollFlightInfo: a plan that takes longer than a call should, made meanwhile and asked for again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arrow_flight::{CancelStatus, FlightDescriptor, FlightInfo, PollInfo};
use bytes::Bytes;
use chacha20poly1305::aead::Generate;
use flexconnect_core::{Caller, Error, ErrorKind};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{sleep_until, timeout};
use tracing::Instrument;

use crate::call::Call;
use crate::call::answer::guarded;
use crate::call::slots::Slots;
use crate::limits::ServiceLimits;

/// How long a cancelling waits for the plan's work to be gone.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many plans of all callers are made at a time.
const PLANS: usize = 1_024;

/// Thirty years, which every clock can add.
const FOR_EVER: Duration = Duration::from_secs(30 * 365 * 86_400);

/// How the descriptor of a poll begins. Neither a JSON command (`{`) nor a protobuf `Any` (0x0A) does.
const POLL: u8 = 2;
const HANDLE: usize = 1 + 16;
type Handle = [u8; HANDLE];

/// The plans being made. Each ends with its last poll, its lease or its cancelling.
#[derive(Debug)]
pub(crate) struct Polls {
    slots: Arc<Slots>,
    times: Times,
    plans: Mutex<HashMap<Handle, Arc<Plan>>>,
}

/// How long polls take, and plans are kept.
#[derive(Debug, Clone, Copy)]
struct Times {
    first: Duration,
    long: Duration,
    lease: Duration,
}

/// One plan; its work ends when this is dropped.
#[derive(Debug)]
struct Plan {
    caller: Caller,
    known: watch::Receiver<Known>,
    /// Until when the plan is kept.
    lease: watch::Sender<Instant>,
    /// How far the plan was when its caller was told last.
    told: Mutex<f64>,
    work: AbortHandle,
}

/// What is known of a plan so far.
#[derive(Debug, Clone, Default)]
struct Known {
    progress: f64,
    info: FlightInfo,
    outcome: Option<Result<FlightInfo, Error>>,
}

impl Polls {
    pub(crate) fn new(limits: &ServiceLimits) -> Arc<Self> {
        let slots = Slots::new("plans", PLANS, limits.plans_per_caller);
        let ServiceLimits { first_poll: first, long_poll: long, poll_lease: lease, .. } = *limits;
        Arc::new(Polls { slots, times: Times { first, long, lease }, plans: Mutex::default() })
    }

    /// Makes a plan: told at once when it is quick, else how to ask for it again. `plan` gets what hears of its steps.
    pub(crate) async fn begin<W>(
        self: &Arc<Self>,
        call: &Call,
        descriptor: FlightDescriptor,
        plan: impl FnOnce(FlightDescriptor, Steps) -> W,
    ) -> Result<PollInfo, Error>
    where
        W: Future<Output = Result<FlightInfo, Error>> + Send + 'static,
    {
        let slot = call.take(&self.slots)?;
        let random = <[u8; HANDLE - 1]>::try_generate();
        let random = random.map_err(|_| {
            Error::new(ErrorKind::Internal, "no plan can be told later: the system gives no random numbers")
        })?;
        let mut handle = [POLL; HANDLE];
        handle[1..].copy_from_slice(&random);
        let info = FlightInfo {
            flight_descriptor: Some(descriptor.clone()),
            total_records: -1,
            total_bytes: -1,
            ..FlightInfo::default()
        };
        let (steps, known) = watch::channel(Known { info, ..Known::default() });
        let (lease, kept) = watch::channel(after(self.times.first.saturating_add(self.times.lease)));
        let steps = Steps(Arc::new(steps));
        // What it logs is said of the call that began it.
        let work = plan(descriptor, steps.clone()).in_current_span();
        let polls = Arc::downgrade(self);
        let work = tokio::spawn(async move {
            let _slot = slot;
            let made = async {
                let outcome = guarded(work).await;
                steps.0.send_modify(|known| known.outcome = Some(outcome));
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = made => {}
                () = expired(kept) => Polls::forget(&polls, &handle),
            }
        });
        // From here on dropping it, with this call or later, ends the work.
        let plan = Arc::new(Plan {
            caller: call.caller.clone(),
            known,
            lease,
            told: Mutex::new(0.0),
            work: work.abort_handle(),
        });
        let known = plan.wait(call, self.times.first, |known| known.outcome.is_some()).await?;
        if known.outcome.is_none() {
            self.lock().insert(handle, plan.clone());
        }
        self.told(&handle, &plan, known)
    }

    /// Asks for a plan again; waits until there is news. `None` when this is no descriptor of a poll.
    pub(crate) async fn go_on(
        &self,
        call: &Call,
        descriptor: &FlightDescriptor,
    ) -> Option<Result<PollInfo, Error>> {
        if descriptor.cmd.first() != Some(&POLL) {
            return None;
        }
        let found = Handle::try_from(&descriptor.cmd[..]).ok();
        let found = found.and_then(|handle| Some((handle, self.find(&handle, &call.caller)?)));
        let Some((handle, plan)) = found else {
            let message = "there is no plan under way for this descriptor: it was told, cancelled, given up \
                           because nobody asked for it, or is of another server; poll the table's own \
                           descriptor again";
            return Some(Err(Error::new(ErrorKind::NotFound, message)));
        };
        let told = *plan.told.lock().unwrap_or_else(PoisonError::into_inner);
        plan.keep(self.times.long.saturating_add(self.times.lease));
        let known =
            plan.wait(call, self.times.long, |known| known.outcome.is_some() || known.progress > told).await;
        plan.keep(self.times.lease);
        Some(known.and_then(|known| self.told(&handle, &plan, known)))
    }

    /// Ends the plan this is the handle of, if it is the caller's.
    pub(crate) async fn cancel(&self, handle: &[u8], caller: &Caller) -> Option<CancelStatus> {
        let handle = Handle::try_from(handle).ok()?;
        let plan = self.find(&handle, caller)?;
        self.lock().remove(&handle);
        plan.work.abort();
        let mut known = plan.known.clone();
        // Its end closes the channel.
        let gone = async { while known.changed().await.is_ok() {} };
        let ended = timeout(PATIENCE, gone).await;
        Some(if ended.is_ok() { CancelStatus::Cancelled } else { CancelStatus::Cancelling })
    }

    /// Ends all plans.
    pub(crate) fn stop(&self) {
        let plans = std::mem::take(&mut *self.lock());
        plans.values().for_each(|plan| plan.work.abort());
    }

    /// The answer of a poll; a plan that is made is told once.
    fn told(&self, handle: &Handle, plan: &Plan, known: Known) -> Result<PollInfo, Error> {
        let Known { progress, info, outcome } = known;
        if let Some(outcome) = outcome {
            self.lock().remove(handle);
            let info = Some(outcome?);
            return Ok(PollInfo { info, progress: Some(1.0), ..PollInfo::default() });
        }
        *plan.told.lock().unwrap_or_else(PoisonError::into_inner) = progress;
        let handle = Bytes::copy_from_slice(handle);
        // In the info, too, so that CancelFlightInfo finds the plan.
        let info = FlightInfo { app_metadata: handle.clone(), ..info };
        let mut poll = PollInfo {
            info: Some(info),
            flight_descriptor: Some(FlightDescriptor::new_cmd(handle)),
            progress: Some(progress),
            ..PollInfo::default()
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let expires = now.saturating_add(self.times.lease).as_secs();
        poll.expiration_time.get_or_insert_default().seconds = i64::try_from(expires).unwrap_or(i64::MAX);
        Ok(poll)
    }

    fn find(&self, handle: &Handle, caller: &Caller) -> Option<Arc<Plan>> {
        self.lock().get(handle).filter(|plan| plan.caller == *caller).cloned()
    }

    fn forget(polls: &Weak<Self>, handle: &Handle) {
        let forgotten = polls.upgrade().and_then(|polls| polls.lock().remove(handle));
        drop(forgotten);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Handle, Arc<Plan>>> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plan {
    /// What is known once there is news, or once the caller should hear that there is none.
    async fn wait(
        &self,
        call: &Call,
        longest: Duration,
        is_news: impl Fn(&Known) -> bool + Send,
    ) -> Result<Known, Error> {
        let left = call.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        // Some of the caller's time is for the way back.
        let patience = left.map_or(longest, |left| longest.min(left * 3 / 4));
        let mut known = self.known.clone();
        let news = async { known.wait_for(|known| is_news(known)).await.map(|known| known.clone()) };
        match timeout(patience, news).await {
            Ok(news) => news.map_err(|_| Error::new(ErrorKind::Cancelled, "the plan was cancelled")),
            Err(_) => Ok(self.known.borrow().clone()),
        }
    }

    fn keep(&self, time: Duration) {
        self.lease.send_replace(after(time));
    }
}

impl Drop for Plan {
    fn drop(&mut self) {
        self.work.abort();
    }
}

/// Hears how far a plan is.
#[derive(Debug, Clone)]
pub(crate) struct Steps(Arc<watch::Sender<Known>>);

impl Steps {
    pub(crate) fn told(&self, progress: f64, info: &FlightInfo) {
        self.0.send_modify(|known| {
            known.progress = progress;
            known.info = info.clone();
        });
    }
}

/// So much later; for a time that no clock shows, as late as makes no difference.
fn after(time: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(time).unwrap_or(now + FOR_EVER)
}

/// Waits until the lease, which may be prolonged, has ended.
async fn expired(mut lease: watch::Receiver<Instant>) {
    loop {
        let until = *lease.borrow_and_update();
        tokio::select! {
            () = sleep_until(until.into()) => return,
            changed = lease.changed() => if changed.is_err() {
                return;
            },
        }
    }
}
