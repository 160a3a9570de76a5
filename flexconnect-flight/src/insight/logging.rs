//! Logs for programs: text or JSON on standard error, with a level that can be changed while they run.
//!
//! A program calls [`Logging::init`] once, before it serves. A program with a `tracing` subscriber of its own needs nothing
//! of this: all that is logged goes to whatever subscriber there is. Which names the fields have is in the crate's
//! `OPERATING.md`.
//!
//! ```no_run
//! # async fn example(plugin: flexconnect_core::Plugin) -> flexconnect_core::Result<()> {
//! use flexconnect_flight::{Server, logging::Logging};
//!
//! let level = Logging::json().init()?;
//! level.set("info,flexconnect_core=debug")?;
//! Server::new(plugin).serve("127.0.0.1:8815").await
//! # }
//! ```

use std::fmt;
use std::io;

use flexconnect_core::{Error, ErrorKind};
use tracing::Subscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, reload};

use crate::insight::panics::log_panics;

/// The environment variable that says how much is logged.
const VARIABLE: &str = "RUST_LOG";

/// How a program logs.
#[derive(Debug, Clone)]
pub struct Logging {
    json: bool,
    level: Option<String>,
    #[cfg(feature = "otel")]
    tracer: Option<opentelemetry_sdk::trace::SdkTracer>,
}

impl Logging {
    /// A line of text for each event, for people.
    pub fn text() -> Self {
        Logging {
            json: false,
            level: None,
            #[cfg(feature = "otel")]
            tracer: None,
        }
    }

    /// A JSON object for each event, on a line of its own, for machines: `timestamp`, `level`, `target`, `message`, the event's
    /// fields, and the call's in `span`.
    pub fn json() -> Self {
        Logging { json: true, ..Self::text() }
    }

    /// Logs this much, unless the environment variable `RUST_LOG` says otherwise: a level such as `warn`, or levels by
    /// target such as `info,flexconnect_core=debug`; `info` if never said.
    #[must_use]
    pub fn with_level(mut self, level: impl Into<String>) -> Self {
        self.level = Some(level.into());
        self
    }

    /// Hands the spans of calls to this tracer, too: one of [`Traces::tracer`](crate::insight::otel::Traces::tracer).
    #[cfg(feature = "otel")]
    #[must_use]
    pub fn with_tracer(mut self, tracer: opentelemetry_sdk::trace::SdkTracer) -> Self {
        self.tracer = Some(tracer);
        self
    }

    /// Logs to standard error from now on, for the whole process, panics too: each is an event `panicked` with its `reason`,
    /// `location` and `thread`, and with a `backtrace` where `RUST_BACKTRACE` asks for one.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the level cannot be read; [`ErrorKind::Precondition`] when the process has a subscriber
    /// already.
    pub fn init(self) -> Result<LogLevel, Error> {
        let (subscriber, level) = self.subscriber(io::stderr)?;
        subscriber.try_init().map_err(|error| {
            let message = "the process logs already; set it up once, before anything is served";
            Error::new(ErrorKind::Precondition, message).with_source(error)
        })?;
        log_panics();
        Ok(level)
    }

    /// A subscriber that logs to this writer, for programs that combine it with others.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the level cannot be read.
    pub fn subscriber<W>(self, writer: W) -> Result<(impl Subscriber + Send + Sync, LogLevel), Error>
    where
        W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
    {
        let from_environment = std::env::var(VARIABLE).ok().filter(|level| !level.is_empty());
        self.build(from_environment, writer)
    }

    fn build<W>(
        self,
        from_environment: Option<String>,
        writer: W,
    ) -> Result<(impl Subscriber + Send + Sync, LogLevel), Error>
    where
        W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
    {
        let level = from_environment.or(self.level).unwrap_or_else(|| "info".into());
        let (filter, handle) = reload::Layer::new(parse(&level)?);
        let lines = tracing_subscriber::fmt::layer().with_writer(writer);
        let lines = if self.json {
            lines.json().flatten_event(true).with_span_list(false).boxed()
        } else {
            lines.with_ansi(false).boxed()
        };
        let subscriber = Registry::default().with(filter).with(lines);
        #[cfg(feature = "otel")]
        let subscriber =
            subscriber.with(self.tracer.map(|tracer| tracing_opentelemetry::layer().with_tracer(tracer)));
        Ok((subscriber, LogLevel { handle }))
    }
}

/// How much is logged, to be changed at any time. Clones are the same.
#[derive(Clone)]
pub struct LogLevel {
    handle: reload::Handle<EnvFilter, Registry>,
}

impl LogLevel {
    /// Logs this much from now on; see [`Logging::with_level`].
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when it cannot be read; then all stays as it was.
    pub fn set(&self, level: &str) -> Result<(), Error> {
        let filter = parse(level)?;
        self.handle.reload(filter).map_err(|error| {
            Error::new(ErrorKind::Precondition, "what was logged to is gone").with_source(error)
        })
    }

    /// What is logged now.
    pub fn get(&self) -> String {
        self.handle.with_current(EnvFilter::to_string).unwrap_or_default()
    }
}

impl fmt::Debug for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LogLevel").field(&self.get()).finish()
    }
}

/// Whether it can be read.
#[cfg(feature = "settings")]
pub(crate) fn check_level(level: &str) -> Result<(), Error> {
    parse(level).map(drop)
}

fn parse(level: &str) -> Result<EnvFilter, Error> {
    EnvFilter::builder().parse(level).map_err(|error| {
        let message = "the log level cannot be read; write `error`, `warn`, `info`, `debug`, `trace` or `off`, alone or \
                       by target as in `info,flexconnect_core=debug`";
        Error::new(ErrorKind::Config, message).with_source(error)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use tracing::subscriber::with_default;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        fn take(&self) -> String {
            String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
        }
    }

    fn set_up(logging: Logging) -> (impl Subscriber + Send + Sync, LogLevel, Written) {
        let written = Written::default();
        let writer = written.clone();
        let (subscriber, level) = logging.build(None, move || writer.clone()).unwrap();
        (subscriber, level, written)
    }

    #[test]
    fn an_event_is_a_line_with_its_call() {
        for logging in [Logging::text(), Logging::json()] {
            let json = logging.json;
            let (subscriber, _, written) = set_up(logging.with_level("info"));
            with_default(subscriber, || {
                let _call = tracing::info_span!("call", verb = "DoGet").entered();
                tracing::info!(rows = 3, "call ended");
                tracing::debug!("not this");
            });
            let line = written.take();
            assert_eq!(line.lines().count(), 1, "{line}");
            if json {
                let event: Value = serde_json::from_str(&line).unwrap();
                assert_eq!((&event["message"], &event["rows"]), (&"call ended".into(), &3.into()));
                assert_eq!((&event["level"], &event["span"]["verb"]), (&"INFO".into(), &"DoGet".into()));
                assert!(event["timestamp"].as_str().unwrap().ends_with('Z'));
            } else {
                assert!(line.contains("call{verb=\"DoGet\"}") && line.contains("rows=3"), "{line}");
            }
        }
    }

    #[test]
    fn the_environment_has_the_last_word() {
        let logging = Logging::text().with_level("warn");
        // What is logged is known for as long as its subscriber is there.
        let (_subscriber, level) = logging.clone().build(Some("debug".into()), io::stderr).unwrap();
        assert_eq!(level.get(), "debug");
        let (_subscriber, level) = logging.build(None, io::stderr).unwrap();
        assert_eq!(level.get(), "warn");
    }

    #[test]
    fn the_level_changes_while_it_runs() {
        let (subscriber, level, written) = set_up(Logging::text().with_level("warn"));
        with_default(subscriber, || {
            tracing::info!("one");
            level.set("info").unwrap();
            tracing::info!("two");
            assert_eq!(level.set("info,=x=").unwrap_err().kind(), ErrorKind::Config);
            assert_eq!(level.get(), "info");
            level.set("off").unwrap();
            tracing::error!("three");
        });
        let lines = written.take();
        assert!(lines.contains("two") && lines.lines().count() == 1, "{lines}");
    }
}
