//! Whether the server answers: not before its functions are loaded, and nothing new once it stops.

use std::sync::atomic::{AtomicU8, Ordering};

use super::fault::Fault;

const STARTING: u8 = 0;
const OPEN: u8 = 1;
const STOPPING: u8 = 2;

/// Stands before every verb.
#[derive(Debug, Default)]
pub(crate) struct Availability(AtomicU8);

impl Availability {
    /// Lets calls in, unless the server stops already.
    pub(crate) fn open(&self) {
        let _ = self.0.compare_exchange(STARTING, OPEN, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Lets nothing new in, for good.
    pub(crate) fn close(&self) {
        self.0.store(STOPPING, Ordering::Release);
    }

    /// Whether calls are let in.
    pub(crate) fn is_open(&self) -> bool {
        self.0.load(Ordering::Acquire) == OPEN
    }

    /// Lets a call in that begins something.
    pub(crate) fn pass(&self) -> Result<(), Fault> {
        match self.0.load(Ordering::Acquire) {
            STARTING => Err(Fault::not_ready()),
            OPEN => Ok(()),
            _ => Err(Fault::shutting_down()),
        }
    }

    /// Lets a call in that goes on with what has begun, also while the server stops.
    pub(crate) fn pass_again(&self) -> Result<(), Fault> {
        match self.0.load(Ordering::Acquire) {
            STARTING => Err(Fault::not_ready()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_once_and_closes_for_good() {
        let availability = Availability::default();
        assert_eq!(
            (availability.pass(), availability.pass_again()),
            (Err(Fault::not_ready()), Err(Fault::not_ready()))
        );
        availability.open();
        assert!(availability.is_open() && availability.pass().is_ok());
        availability.close();
        availability.open();
        assert_eq!((availability.pass(), availability.pass_again()), (Err(Fault::shutting_down()), Ok(())));
    }
}
