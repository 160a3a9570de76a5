//! How a program logs, as settings.

use flexconnect_core::Config;
use serde_json::Map;

use crate::insight::logging::Logging;

/// What is logged to standard error, and how. A program that keeps to it starts its logs with
/// [`to_logging`](Self::to_logging); a server's settings cannot, for they are a library's, and the logs the process's.
///
/// ```
/// use flexconnect_flight::settings::{Document, ServerSettings};
///
/// let text = "[log]\nformat = 'json'\nlevel = 'warn'";
/// let settings: ServerSettings = Document::new().with_text("server.toml", text).read()?;
/// let level = settings.log.to_logging().init()?;
/// assert_eq!(level.get(), "warn");
/// # Ok::<_, flexconnect_core::Error>(())
/// ```
#[derive(Debug, Clone, Config)]
#[non_exhaustive]
pub struct LogSettings {
    /// How much is logged, unless the environment variable `RUST_LOG` says otherwise: `error`, `warn`, `info`, `debug`, `trace` or
    /// `off`, alone or by target as in `info,flexconnect_core=debug`.
    #[config(default = "info")]
    pub level: String,
    /// A line of text for each event, for people, or a JSON object, for machines.
    #[config(default = LogFormatSetting::Text)]
    pub format: LogFormatSetting,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self::parse(&Map::new()).expect("every setting has a default")
    }
}

/// What a line of the log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Config)]
#[non_exhaustive]
pub enum LogFormatSetting {
    /// Text.
    Text,
    /// A JSON object.
    Json,
}

impl LogSettings {
    /// Logs as they say, once it is initialised.
    pub fn to_logging(&self) -> Logging {
        let logging = match self.format {
            LogFormatSetting::Text => Logging::text(),
            LogFormatSetting::Json => Logging::json(),
        };
        logging.with_level(&self.level)
    }
}
