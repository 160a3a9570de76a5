//! How much may be under way at once, in all and for each caller; what is above is refused, not queued.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flexconnect_core::{Error, ErrorKind};

/// When a refused caller may try again.
const AGAIN: Duration = Duration::from_secs(1);

/// Whom a call counts for: the caller's name, or where the connection comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    Named(String),
    At(Option<IpAddr>),
}

impl Default for Who {
    fn default() -> Self {
        Who::At(None)
    }
}

/// The places there are for one kind of work.
#[derive(Debug)]
pub(crate) struct Slots {
    what: &'static str,
    most: usize,
    most_per_caller: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    /// Nobody without a place is in here, so it is never larger than `all`.
    by: HashMap<Who, usize>,
}

/// One place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Arc<Slots>,
    who: Who,
    number: usize,
}

impl Slot {
    /// How many places were taken when this was, itself among them.
    pub(crate) fn number(&self) -> usize {
        self.number
    }
}

impl Slots {
    /// Places for this many, as in "1,024 reads of yours are under way".
    pub(crate) fn new(what: &'static str, most: usize, most_per_caller: usize) -> Arc<Self> {
        Arc::new(Slots { what, most, most_per_caller, taken: Mutex::default() })
    }

    /// What the places are for.
    pub(crate) fn what(&self) -> &'static str {
        self.what
    }

    /// A place for this caller, or the refusal that says when to try again.
    pub(crate) fn take(self: &Arc<Self>, who: &Who) -> Result<Slot, Error> {
        let mut taken = self.lock();
        let of_caller = taken.by.get(who).copied().unwrap_or_default();
        let what = self.what;
        let refusal = if of_caller >= self.most_per_caller {
            Some(format!(
                "{of_caller} {what} of yours are under way, and this server takes no more of one caller"
            ))
        } else if taken.all >= self.most {
            Some(format!("{} {what} are under way, and this server takes no more at a time", taken.all))
        } else {
            None
        };
        if let Some(refusal) = refusal {
            let message = format!("{refusal}; let some end, then try again");
            return Err(Error::new(ErrorKind::Exhausted, message).with_retry_after(AGAIN));
        }
        taken.all += 1;
        taken.by.insert(who.clone(), of_caller + 1);
        Ok(Slot { slots: self.clone(), who: who.clone(), number: taken.all })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.lock();
        taken.all = taken.all.saturating_sub(1);
        if let Some(count) = taken.by.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                taken.by.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_a_share_of_what_there_is() {
        let slots = Slots::new("reads", 3, 2);
        let (ann, bob) = (Who::Named("ann".into()), Who::At(None));
        let held = [slots.take(&ann).unwrap(), slots.take(&ann).unwrap()];
        let error = slots.take(&ann).unwrap_err();
        assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Exhausted, Some(AGAIN)));
        assert!(error.to_string().starts_with("2 reads of yours are under way"), "{error}");
        let other = slots.take(&bob).unwrap();
        let error = slots.take(&bob).unwrap_err();
        assert!(error.to_string().starts_with("3 reads are under way"), "{error}");
        drop(held);
        assert!(slots.take(&ann).is_ok());
        drop(other);
        let taken = slots.lock();
        assert_eq!((taken.all, taken.by.len()), (0, 0));
    }
}
