//! When a server calls itself ready: at once, or when its connectors have been opened, or checked.

use std::time::Duration;

use flexconnect_core::{Entry, Error, ErrorKind, Plugin};
use serde_json::Map;
use tokio::time::timeout;

use crate::call::life::{Life, Phase};
use crate::server::health::Health;

/// How long one connector may take to open, or to check itself.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long until those that could not be used are tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// When a server calls itself ready, on `/ready` and in `grpc.health.v1`. Calls are answered before that, too.
///
/// Connectors that need a client's values, and those a catalogue finds, are not waited for: nothing can be said of them
/// before somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ReadyWhen {
    /// As soon as it listens.
    #[default]
    Listening,
    /// When every connector mounted has been opened with the operator's values; they stay open.
    Opened,
    /// When each has been opened and its `check` has passed. Those that failed are tried again every five seconds.
    Checked,
}

/// Calls the server ready as soon as it is, and each table as soon as that is.
pub(crate) async fn await_ready(plugin: &Plugin, when: ReadyWhen, life: &Life, health: &Health) {
    let mut waited_for = plugin.mounted();
    while !waited_for.is_empty() && life.phase() <= Phase::Serving {
        let mut missing = Vec::new();
        for entry in waited_for {
            let ready = proved(&entry, when).await;
            health.set_table(entry.path(), ready.is_ok()).await;
            if let Err(error) = ready {
                let (path, error_kind) = (entry.path().join("/"), error.kind().as_str());
                let error = error.for_log();
                tracing::warn!(path, error_kind, error, "not ready: the connector cannot be used yet");
                missing.push(entry);
            }
        }
        waited_for = missing;
        if !waited_for.is_empty() {
            tokio::time::sleep(AGAIN).await;
        }
    }
    life.enter(Phase::Serving);
    health.set_server(life.phase() == Phase::Serving).await;
    tracing::info!("ready");
}

/// Whether this connector can be used, as far as that is to be known.
async fn proved(entry: &Entry, when: ReadyWhen) -> Result<(), Error> {
    let needs_client = entry.parameters().any(|parameter| parameter.required);
    if when == ReadyWhen::Listening || needs_client {
        return Ok(());
    }
    let proof = async {
        let dataset = entry.open(Map::new()).await?;
        if when == ReadyWhen::Checked { dataset.check().await } else { Ok(()) }
    };
    timeout(PATIENCE, proof)
        .await
        .unwrap_or_else(|_| Err(Error::new(ErrorKind::Timeout, "the connector does not answer")))
}
