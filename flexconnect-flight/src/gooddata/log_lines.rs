//! A line of the log as the Python server writes it: one JSON object, with the keys its readers look for.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::Id;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// The key of the span around the one a line is of.
const PARENT: &str = "parent_span_id";

/// Writes events, each with the fields of the call it happens in.
#[derive(Debug, Clone)]
pub(crate) struct LogLines {
    /// The key of what happened.
    event: String,
    /// Other keys for some fields.
    renamed: BTreeMap<String, String>,
}

impl LogLines {
    pub(crate) fn new(event: impl Into<String>, renamed: BTreeMap<String, String>) -> Self {
        LogLines { event: event.into(), renamed }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> FormatEvent<S, JsonFields> for LogLines {
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (mut line, mut around) = (Map::new(), None);
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            let mut fields = {
                let extensions = span.extensions();
                let fields = extensions.get::<FormattedFields<JsonFields>>();
                let fields = fields.map_or("", |fields| fields.as_str());
                serde_json::from_str::<Map<String, Value>>(fields).unwrap_or_default()
            };
            if let Some(parent) = fields.remove("parent_id") {
                fields.insert(PARENT.into(), parent);
            }
            if let Some((trace_id, span_id)) = ids(&span.id()) {
                line.remove(PARENT);
                line.extend(around.map(|parent: String| (PARENT.to_owned(), parent.into())));
                line.extend([
                    ("trace_id".to_owned(), trace_id.into()),
                    ("span_id".to_owned(), span_id.clone().into()),
                ]);
                // Whose span it is comes before what was said of it.
                fields.remove("trace_id");
                around = Some(span_id);
            }
            line.extend(fields);
        }
        event.record(&mut Fields(&mut line));
        if let Some(Value::String(peer)) = line.get_mut("peer")
            && let Ok(address) = peer.parse::<SocketAddr>()
        {
            *peer = format!("{}:{address}", if address.is_ipv4() { "ipv4" } else { "ipv6" });
        }
        // What a tracer was told.
        line.retain(|key, _| !key.starts_with("otel."));
        for (key, name) in &self.renamed {
            if let Some(value) = line.remove(key) {
                line.insert(name.clone(), value);
            }
        }
        // OpenTelemetry's own lines have a name only.
        let happened = line.remove("message").or_else(|| line.remove("name")).unwrap_or_default();
        let metadata = event.metadata();
        line.insert("logger".into(), metadata.target().into());
        line.insert("level".into(), level(metadata.level()).into());
        line.insert("timestamp".into(), now().into());
        line.insert(self.event.clone(), happened);
        let line = serde_json::to_string(&line).map_err(|_| fmt::Error)?;
        writeln!(writer, "{line}")
    }
}

/// The trace a span is part of and its own name in it, when it is traced.
#[cfg(feature = "otel")]
fn ids(span: &Id) -> Option<(String, String)> {
    use opentelemetry::trace::TraceContextExt;

    let context = tracing::dispatcher::get_default(|all| tracing_opentelemetry::get_otel_context(span, all))?;
    let span = context.span().span_context().clone();
    span.is_valid().then(|| (span.trace_id().to_string(), span.span_id().to_string()))
}

#[cfg(not(feature = "otel"))]
fn ids(_: &Id) -> Option<(String, String)> {
    None
}

/// Python's word for a level.
fn level(level: &tracing::Level) -> &'static str {
    match *level {
        tracing::Level::ERROR => "error",
        tracing::Level::WARN => "warning",
        tracing::Level::INFO => "info",
        _ => "debug",
    }
}

/// The time in UTC, to the microsecond.
fn now() -> String {
    let microseconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    let now = i64::try_from(microseconds).ok().and_then(|now| Timestamp::from_microsecond(now).ok());
    now.map(|now| format!("{now:.6}")).unwrap_or_default()
}

struct Fields<'a>(&'a mut Map<String, Value>);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().into(), format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use tracing::subscriber::with_default;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_has_the_keys_its_readers_look_for() {
        let (written, renamed) = (Written::default(), BTreeMap::from([("trace_id".into(), "dd".into())]));
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .fmt_fields(JsonFields::new())
            .event_format(LogLines::new("what", renamed))
            .with_writer(move || writer.clone())
            .finish();
        with_default(subscriber, || {
            let _call =
                tracing::info_span!("call", peer = "127.0.0.1:5", trace_id = "7", parent_id = "9").entered();
            tracing::warn!(task_id = "t", duration = 0.5, "task_failed");
        });
        let line: Value = serde_json::from_slice(&written.0.lock().unwrap()).unwrap();
        for (key, value) in [
            ("what", "task_failed"),
            ("level", "warning"),
            ("peer", "ipv4:127.0.0.1:5"),
            ("dd", "7"),
            ("parent_span_id", "9"),
        ] {
            assert_eq!(line[key], value, "{line}");
        }
        assert_eq!((&line["duration"], &line["task_id"]), (&Value::from(0.5), &Value::from("t")));
        assert!(line["logger"].as_str().unwrap().contains("log_lines") && line["trace_id"].is_null());
        let time = line["timestamp"].as_str().unwrap();
        assert!(time.len() == 27 && time.ends_with('Z'), "{time}");
    }
}
