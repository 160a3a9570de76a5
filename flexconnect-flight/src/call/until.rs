//! What ends a call from outside: its deadline, its cancelling, the end of the server.

use std::time::Instant;

use flexconnect_core::{Error, ErrorKind};
use tokio::sync::watch;

use crate::call::life::{Life, Phase, Stopping};

/// What ends a call besides the server's own end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Until {
    pub(crate) deadline: Option<Instant>,
    /// Somebody may say that the call is to end.
    pub(crate) cancelled: Option<watch::Receiver<bool>>,
    /// What the caller is told then, where that is not what CancelFlightInfo does.
    pub(crate) when_cancelled: Option<Error>,
}

impl Until {
    /// Waits for what ends a call from outside, and says what it was.
    pub(crate) async fn ended(&self, life: &Life) -> Error {
        let late = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        let cancelled = async {
            match self.cancelled.clone() {
                Some(cancelled) => told(cancelled).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = life.reached(Phase::Stopped) => {
                Error::new(ErrorKind::Unavailable, "the server is stopping; try again").with_source(Stopping)
            }
            () = late => Error::new(ErrorKind::Timeout, "the call took longer than its caller would wait"),
            () = cancelled => self.when_cancelled.clone().unwrap_or_else(|| {
                Error::new(ErrorKind::Cancelled, "the read was cancelled by CancelFlightInfo")
            }),
        }
    }
}

/// Waits for the word; for ever, when whoever could say it is gone.
async fn told(mut word: watch::Receiver<bool>) {
    if word.wait_for(|said| *said).await.is_err() {
        std::future::pending::<()>().await;
    }
}
