//! Opened connectors, kept by path and configuration so that a pooled client lives across calls.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::once::Once;
use crate::dataset::Dataset;
use crate::error::Error;

/// Configurations come from clients, so the number kept is bounded,
const MOST: usize = 64;
/// and one nobody has used for this long is closed at the next opening.
const IDLE: Duration = Duration::from_secs(15 * 60);

type Opened = Arc<Once<Arc<dyn Dataset>>>;

#[derive(Default)]
pub(super) struct Cache(Mutex<HashMap<String, (Opened, Instant)>>);

impl Cache {
    /// The dataset kept under this key, or the one opened now. Errors are not kept.
    pub(super) async fn get_or_open<F>(
        &self,
        key: String,
        open: impl FnOnce() -> F,
    ) -> Result<Arc<dyn Dataset>, Error>
    where
        F: Future<Output = Result<Arc<dyn Dataset>, Error>>,
    {
        let slot = self.slot(&key);
        let opened = slot.get_or_open(open).await;
        if opened.is_err() {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.get(&key).is_some_and(|(kept, _)| Arc::ptr_eq(kept, &slot)) {
                kept.remove(&key);
            }
        }
        opened
    }

    fn slot(&self, key: &str) -> Opened {
        let now = Instant::now();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((slot, used)) = kept.get_mut(key) {
            *used = now;
            return slot.clone();
        }
        kept.retain(|_, (_, used)| now.duration_since(*used) < IDLE);
        if kept.len() >= MOST {
            let oldest = kept.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| key.clone());
            oldest.and_then(|key| kept.remove(&key));
        }
        let slot = Opened::new(Once::new());
        kept.insert(key.to_owned(), (slot.clone(), now));
        slot
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The keys hold configuration, secrets too.
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}
