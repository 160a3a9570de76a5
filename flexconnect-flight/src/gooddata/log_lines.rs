//! A line of the log as the Python server writes it: one JSON object, with the keys its readers look for.
//!
//! Several lines are written for every call, while somebody waits for its answer; so what a span says is made JSON once,
//! and a line is put together from parts.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde::Serialize;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The key of the span around the one a line is of.
const PARENT: &str = "parent_span_id";

/// Writes events, each with the fields of the call it happens in.
#[derive(Debug, Clone)]
pub(crate) struct LogLines<W> {
    writer: W,
    /// The key of what happened.
    event: String,
    /// Other keys for some fields.
    renamed: BTreeMap<String, String>,
}

impl<W> LogLines<W> {
    pub(crate) fn new(writer: W, event: impl Into<String>, renamed: BTreeMap<String, String>) -> Self {
        LogLines { writer, event: event.into(), renamed }
    }

    /// What the event and the spans around it say.
    fn fields<S>(&self, event: &Event<'_>, context: &Context<'_, S>) -> Fields<'_>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let (mut fields, mut around) = (Fields::new(), None);
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            let traced = ids(&span.id());
            if let Some((trace_id, span_id)) = &traced {
                fields.remove(PARENT);
                if let Some(parent) = around.replace(span_id.clone()) {
                    fields.set(PARENT, &parent);
                }
                fields.set("trace_id", trace_id);
                fields.set("span_id", span_id);
            }
            if let Some(said) = span.extensions().get::<Said>() {
                fields.extend(said, |key| match key {
                    // Whose span it is comes before what was said of it.
                    "trace_id" if traced.is_some() => None,
                    "parent_id" => Some(PARENT),
                    key => Some(key),
                });
            }
        }
        event.record(&mut fields);
        for (key, name) in &self.renamed {
            if let Some(at) = fields.remove(key) {
                fields.put(name, at);
            }
        }
        fields
    }

    fn line(&self, event: &Event<'_>, mut fields: Fields<'_>) -> Vec<u8> {
        let (metadata, time) = (event.metadata(), now());
        let mut line = Vec::with_capacity(512);
        // OpenTelemetry's own lines have a name only.
        let happened = fields.remove("message").or_else(|| fields.remove("name"));
        let happened = happened.map_or(&b"null"[..], |at| &fields.values[at]);
        let always =
            [("level", level(metadata.level())), ("logger", metadata.target()), ("timestamp", &time)];
        let member = |line: &mut Vec<u8>, key: &str, value: &[u8]| {
            line.push(if line.is_empty() { b'{' } else { b',' });
            text(line, key);
            line.push(b':');
            line.extend_from_slice(value);
        };
        member(&mut line, &self.event, happened);
        for (key, value) in always.into_iter().filter(|(key, _)| *key != self.event) {
            member(&mut line, key, b"");
            text(&mut line, value);
        }
        let is_reserved =
            |key: &str| key == self.event || always.iter().any(|(reserved, _)| *reserved == key);
        for (key, value) in fields.iter().filter(|(key, _)| !is_reserved(key)) {
            member(&mut line, key, value);
        }
        line.extend_from_slice(b"}\n");
        line
    }
}

impl<S, W> Layer<S> for LogLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut said = Said::new();
        attributes.record(&mut said);
        span.extensions_mut().replace(said);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        // Before the span is locked: to show a value may be somebody's code, which may look at the span.
        let mut news = Said::default();
        values.record(&mut news);
        if news.fields.is_empty() {
            return;
        }
        let mut extensions = span.extensions_mut();
        let mut said = Said::default();
        if let Some(before) = extensions.get_mut::<Said>() {
            said.extend(before, |key| news.find(key).is_none().then_some(key));
        }
        said.extend(&news, Some);
        extensions.replace(said);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let line = self.line(event, self.fields(event, &context));
        // A log that cannot be written is nothing a call should end with.
        let _ = self.writer.make_writer_for(event.metadata()).write_all(&line);
    }
}

/// Fields of different names in the order in which they were first said, each with its value as JSON.
#[derive(Debug, Default)]
struct Fields<'k> {
    fields: Vec<(&'k str, Range<usize>)>,
    /// The values, and those that were replaced.
    values: Vec<u8>,
}

/// What a span says.
type Said = Fields<'static>;

impl<'k> Fields<'k> {
    /// None yet, and room for as many as there usually are.
    fn new() -> Self {
        Fields { fields: Vec::with_capacity(12), values: Vec::with_capacity(256) }
    }

    fn iter(&self) -> impl Iterator<Item = (&'k str, &[u8])> {
        self.fields.iter().map(|(key, at)| (*key, &self.values[at.clone()]))
    }

    fn find(&self, key: &str) -> Option<usize> {
        self.fields.iter().position(|(name, _)| *name == key)
    }

    /// Sets the value of a field to one that lies here.
    fn put(&mut self, key: &'k str, value: Range<usize>) {
        match self.find(key) {
            Some(at) => self.fields[at].1 = value,
            None => self.fields.push((key, value)),
        }
    }

    fn set(&mut self, key: &'k str, value: &(impl Serialize + ?Sized)) {
        let start = self.values.len();
        json(&mut self.values, value);
        self.put(key, start..self.values.len());
    }

    /// Takes a field away, and says where its value lies.
    fn remove(&mut self, key: &str) -> Option<Range<usize>> {
        self.find(key).map(|at| self.fields.remove(at).1)
    }

    /// Takes over what is said, each under the key this gives, or not.
    fn extend(&mut self, said: &Fields<'k>, key_of: impl Fn(&'k str) -> Option<&'k str>) {
        for (key, value) in said.iter() {
            let Some(key) = key_of(key) else { continue };
            let start = self.values.len();
            self.values.extend_from_slice(value);
            self.put(key, start..self.values.len());
        }
    }

    fn record(&mut self, field: &Field, value: &(impl Serialize + ?Sized)) {
        if is_told(field) {
            self.set(field.name(), value);
        }
    }

    /// Sets the value of a field to the text that is written.
    fn record_text(&mut self, field: &Field, write: impl FnOnce(&mut Escaped<'_>) -> fmt::Result) {
        if !is_told(field) {
            return;
        }
        let start = self.values.len();
        self.values.push(b'"');
        // What cannot be shown is left out.
        if write(&mut Escaped(&mut self.values)).is_err() {
            return self.values.truncate(start);
        }
        if field.name() == "peer" {
            name_family(&mut self.values, start + 1);
        }
        self.values.push(b'"');
        self.put(field.name(), start..self.values.len());
    }
}

/// Whether a field is for the log: the others are what a tracer is told.
fn is_told(field: &Field) -> bool {
    !field.name().starts_with("otel.")
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_text(field, |into| into.write_str(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.record(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record(field, &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.record(field, &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.record(field, &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_text(field, |into| write!(into, "{value:?}"));
    }
}

/// Begins an address that starts here and ends with the values by its family, as gRPC does.
fn name_family(values: &mut Vec<u8>, start: usize) {
    let address = std::str::from_utf8(&values[start..]).ok().and_then(|text| text.parse().ok());
    let family: &[u8] = match address {
        Some(SocketAddr::V4(_)) => b"ipv4:",
        Some(SocketAddr::V6(_)) => b"ipv6:",
        None => return,
    };
    values.splice(start..start, family.iter().copied());
}

/// Text on its way into a string of JSON.
struct Escaped<'v>(&'v mut Vec<u8>);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if is_plain(part) {
            self.0.extend_from_slice(part.as_bytes());
            return Ok(());
        }
        let quote = self.0.len();
        json(self.0, part);
        self.0.remove(quote);
        self.0.pop();
        Ok(())
    }
}

/// Appends a text as JSON.
fn text(line: &mut Vec<u8>, text: &str) {
    line.push(b'"');
    // Memory takes all that is written.
    let _ = Escaped(line).write_str(text);
    line.push(b'"');
}

/// Whether a text is itself in JSON. Each of its bytes is looked at, which is quicker than to stop at one.
fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, byte| plain & (byte >= b' ') & (byte != b'"') & (byte != b'\\'))
}

/// Appends the value as JSON.
fn json(line: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    serde_json::to_writer(line, value).expect("texts and numbers can be written to memory");
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

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use tracing::subscriber::with_default;
    use tracing_subscriber::Registry;
    use tracing_subscriber::layer::SubscriberExt;

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

    struct Unshown;

    impl fmt::Debug for Unshown {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }

    /// The lines that are written meanwhile.
    fn lines(event: &str, renamed: &[(&str, &str)], work: impl FnOnce()) -> Vec<Value> {
        let written = Written::default();
        let writer = written.clone();
        let renamed = renamed.iter().map(|(key, name)| ((*key).into(), (*name).into())).collect();
        let lines = LogLines::new(move || writer.clone(), event, renamed);
        with_default(Registry::default().with(lines), work);
        let written = String::from_utf8(std::mem::take(&mut *written.0.lock().unwrap())).unwrap();
        written.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_has_the_keys_its_readers_look_for() {
        let lines = lines("what", &[("trace_id", "dd")], || {
            let _call =
                tracing::info_span!("call", peer = "127.0.0.1:5", trace_id = "7", parent_id = "9").entered();
            tracing::warn!(task_id = "t", duration = 0.5, "task_failed");
        });
        let line = &lines[0];
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

    #[test]
    fn what_is_said_last_counts_and_every_key_comes_once() {
        let written = lines("event", &[("a", "b")], || {
            let outer =
                tracing::info_span!("outer", a = 1, b = 2, c = tracing::field::Empty, otel.name = "n");
            let _outer = outer.clone().entered();
            let _inner = tracing::info_span!("inner", c = 3, peer = %"[::1]:7").entered();
            tracing::info!(c = true, level = "mine", event = "mine", parent_id = 5, "first");
            outer.record("b", 4).record("c", "say \"it\"\n");
            tracing::info!(unshown = ?Unshown, nan = f64::NAN, large = u64::MAX, many = ?[1, 2], name = "second");
        });
        let objects: Vec<_> = written.iter().map(|line| line.as_object().unwrap().clone()).collect();
        let told = |at: usize| {
            let mut told = objects[at].clone();
            told.retain(|key, _| !["timestamp", "logger"].contains(&key.as_str()));
            Value::from(told)
        };
        let first = serde_json::json!({"event": "first", "level": "info", "b": 1, "c": true, "peer": "ipv6:[::1]:7", "parent_id": 5});
        assert_eq!(told(0), first);
        let second = serde_json::json!({
            "event": "second", "level": "info", "b": 1, "c": 3, "peer": "ipv6:[::1]:7",
            "nan": null, "large": u64::MAX, "many": "[1, 2]",
        });
        assert_eq!(told(1), second);
    }

    #[test]
    fn what_happened_may_have_any_key() {
        let lines = lines("level", &[], || tracing::info!("begun"));
        assert_eq!(lines[0]["level"], "begun");
    }

    #[test]
    fn a_span_that_says_the_same_again_holds_no_more_for_it() {
        let held = |times: usize| {
            let mut held = 0;
            lines("event", &[], || {
                let span = tracing::info_span!("span", at = 0);
                (0..times).for_each(|_| {
                    span.record("at", 7);
                });
                held = span
                    .with_subscriber(|(id, all)| {
                        let registry = all.downcast_ref::<Registry>().unwrap();
                        registry.span(id).unwrap().extensions().get::<Said>().unwrap().values.len()
                    })
                    .unwrap();
            });
            held
        };
        assert_eq!(held(1_000), held(1));
    }
}
