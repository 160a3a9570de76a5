//! What a program of this dialect writes and sends of what it does, from its beginning on.

use std::io::IsTerminal as _;
use std::sync::OnceLock;

use flexconnect_core::{Error, ErrorKind};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Registry, fmt};

use super::command_line::CommandLine;
use super::log_levels;
use super::log_lines::LogLines;
use super::log_writer::LogWriter;
use super::settings::ServerSection;
use super::traces::Traces;
use crate::insight::panics::log_panics;

/// What is logged if nobody says. The events of a task say of a read what core would say again.
const USUAL: &str = "info,flexconnect_core=warn";
/// The variable that says otherwise.
const LEVEL: &str = "RUST_LOG";

/// What the process logs to, once it does.
static WRITER: OnceLock<LogWriter> = OnceLock::new();

/// Logs to standard error from now on, and hands spans to these traces.
///
/// # Errors
/// [`ErrorKind::Config`] for a level that is none; [`ErrorKind::Precondition`] when the process logs already.
pub(crate) fn begin(
    command_line: &CommandLine,
    server: &ServerSection,
    traces: Option<&Traces>,
) -> Result<(), Error> {
    let (level, ignored) = match &command_line.logging_config {
        Some(file) => log_levels::read(file)?,
        None => {
            let level = std::env::var(LEVEL).ok().filter(|level| !level.is_empty());
            (level.unwrap_or_else(|| USUAL.into()), Vec::new())
        }
    };
    let filter = EnvFilter::try_new(&level).map_err(|error| {
        Error::new(ErrorKind::Config, format!("the log level `{level}` (from `{LEVEL}`) cannot be read"))
            .with_source(error)
    })?;
    let writer = WRITER.get_or_init(|| LogWriter::new(std::io::stderr())).clone();
    let begun = match traces {
        None => Registry::default().with(filter).with(lines(command_line, server, writer)).try_init(),
        Some(traces) => with_traces(traces, filter, lines(command_line, server, writer)),
    };
    begun.map_err(|error| {
        Error::new(ErrorKind::Precondition, "the process logs already").with_source(error)
    })?;
    log_panics();
    if let (Some(file), false) = (&command_line.logging_config, ignored.is_empty()) {
        let (file, ignored) = (file.display(), ignored.join(", "));
        tracing::warn!(%file, ignored, "only the levels of loggers are taken from a logging configuration");
    }
    Ok(())
}

/// Writes what was said and still waits, before the process ends.
pub(crate) fn flush() {
    if let Some(writer) = WRITER.get() {
        writer.flush();
    }
}

fn lines<S>(
    command_line: &CommandLine,
    server: &ServerSection,
    writer: LogWriter,
) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    if command_line.dev_log {
        // Coloured for people, and not for the files it may go to.
        return fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(writer).boxed();
    }
    LogLines::new(writer, &server.log_event_key_name, server.log_trace_keys.clone()).boxed()
}

#[cfg(not(feature = "otel"))]
fn with_traces(
    traces: &Traces,
    _: EnvFilter,
    _: Box<dyn Layer<Registry> + Send + Sync>,
) -> Result<(), TryInitError> {
    match *traces {}
}

/// How much is logged says nothing of what is traced: spans, and not what is logged in them.
#[cfg(feature = "otel")]
fn with_traces(
    traces: &Traces,
    filter: EnvFilter,
    lines: Box<dyn Layer<Registry> + Send + Sync>,
) -> Result<(), TryInitError> {
    let wanted =
        |metadata: &tracing::Metadata<'_>| metadata.is_span() && *metadata.level() <= tracing::Level::INFO;
    let spans = tracing_opentelemetry::layer()
        .with_tracer(traces.tracer())
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
        .with_filter(tracing_subscriber::filter::filter_fn(wanted));
    Registry::default().with(lines.with_filter(filter)).with(spans).try_init()
}
