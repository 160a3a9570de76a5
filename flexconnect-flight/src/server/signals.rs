//! The signals that ask a process to end.

use std::io;

use flexconnect_core::{Error, ErrorKind};

/// What ends with the first signal, and what ends with the second. The first is heard only while the second is waited
/// for as well, so that none is missed.
pub(crate) fn first_and_second() -> Result<(impl Future<Output = ()>, impl Future<Output = ()>), Error> {
    let mut signals = Signals::listen().map_err(|error| {
        Error::new(ErrorKind::Internal, "the process cannot listen to signals").with_source(error)
    })?;
    let (came, coming) = tokio::sync::oneshot::channel::<()>();
    let second = async move {
        signals.next().await;
        drop(came);
        signals.next().await;
    };
    let first = async {
        let _ = coming.await;
    };
    Ok((first, second))
}

/// SIGINT and SIGTERM, or what stands for SIGINT where there are no signals. None is missed while this is there.
#[derive(Debug)]
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Takes the place of what the signals do by themselves, which is to kill the process.
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Signals {})
    }

    async fn next(&mut self) {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "Ctrl-C cannot be awaited");
            std::future::pending::<()>().await;
        }
    }
}
