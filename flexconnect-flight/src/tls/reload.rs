//! A server's certificates while it serves: replaced when their files change.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use flexconnect_core::Error;
use rustls::ServerConfig;

use super::server::Tls;

/// The certificates of a server that serves; cheap to clone.
///
/// They are replaced when their files change, and by [`reload`](Self::reload). Connections under way keep those they
/// began with.
#[derive(Debug, Clone)]
pub struct Certificates(Arc<State>);

#[derive(Debug)]
struct State {
    tls: Tls,
    current: RwLock<Arc<ServerConfig>>,
    seen: Mutex<Vec<Stamp>>,
}

/// By which a changed file is known: when it was changed, and how long it is; `None` while it cannot be looked at.
type Stamp = Option<(SystemTime, u64)>;

impl Certificates {
    pub(crate) fn load(tls: Tls) -> Result<Self, Error> {
        let seen = Mutex::new(stamps(&tls));
        let current = RwLock::new(tls.load()?);
        Ok(Certificates(Arc::new(State { tls, current, seen })))
    }

    /// Reads all files again, for connections from now on. It blocks for as long as that takes.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](flexconnect_core::ErrorKind::Config) when they cannot be used; those before stay then.
    pub fn reload(&self) -> Result<(), Error> {
        let State { tls, current, seen } = &*self.0;
        // Before they are read: what changes meanwhile is seen next time.
        let stamps = stamps(tls);
        let loaded = tls.load()?;
        *current.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = stamps;
        Ok(())
    }

    /// What the next connection gets.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        self.0.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces them whenever a file has changed, for as long as it is polled.
    pub(crate) async fn watch(self) {
        if self.0.tls.files().next().is_none() {
            return std::future::pending().await;
        }
        let mut refused = None;
        let mut ticks = tokio::time::interval(self.0.tls.check_every());
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let certificates = self.clone();
            // Files may lie on a disk that hangs.
            let looked = tokio::task::spawn_blocking(move || certificates.look()).await;
            let Ok(Some((stamps, outcome))) = looked else { continue };
            match outcome {
                Ok(()) => tracing::info!("the certificates have changed, and are used from now on"),
                // Told once for each state of the files.
                Err(_) if refused.as_ref() == Some(&stamps) => {}
                Err(error) => {
                    let causes = error.causes();
                    tracing::error!(%error, causes, "the certificates have changed and cannot be used; those before are");
                    refused = Some(stamps);
                }
            }
        }
    }

    /// Reloads if a file has changed; gives what was seen and how it went.
    fn look(&self) -> Option<(Vec<Stamp>, Result<(), Error>)> {
        let stamps = stamps(&self.0.tls);
        let changed = *self.0.seen.lock().unwrap_or_else(PoisonError::into_inner) != stamps;
        changed.then(|| (stamps, self.reload()))
    }
}

fn stamps(tls: &Tls) -> Vec<Stamp> {
    let stamp = |path| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    tls.files().map(stamp).collect()
}
