//! Spans on standard output: a JSON object for each, with the keys OpenTelemetry's own console exporters have.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use jiff::Timestamp;
use opentelemetry::trace::{SpanId, SpanKind, Status, TraceState};
use opentelemetry::{Array, KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use serde_json::{Map, Value as Json, json};

/// Writes each span on a line of its own.
pub(crate) struct Console<W> {
    out: Mutex<W>,
    resource: Resource,
}

impl Console<io::Stdout> {
    /// To standard output.
    pub(crate) fn stdout() -> Self {
        Console { out: Mutex::new(io::stdout()), resource: Resource::builder_empty().build() }
    }
}

impl<W> fmt::Debug for Console<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}

impl<W: Write + Send> SpanExporter for Console<W> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = batch.iter().try_for_each(|span| writeln!(out, "{}", line(span, &self.resource)));
        lines.and_then(|()| out.flush()).map_err(|error| OTelSdkError::InternalFailure(error.to_string()))
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.clone();
    }
}

fn line(span: &SpanData, resource: &Resource) -> Json {
    let context = &span.span_context;
    let resource: Map<String, Json> =
        resource.iter().map(|(key, value)| (key.to_string(), of_value(value))).collect();
    let events: Vec<Json> = span
        .events
        .iter()
        .map(|event| {
            let (timestamp, attributes) = (time(event.timestamp), of_attributes(&event.attributes));
            json!({ "name": event.name, "timestamp": timestamp, "attributes": attributes })
        })
        .collect();
    let links: Vec<Json> = span
        .links
        .iter()
        .map(|link| {
            let context = &link.span_context;
            let context =
                of_context(&context.trace_id().to_string(), context.span_id(), context.trace_state());
            json!({ "context": context, "attributes": of_attributes(&link.attributes) })
        })
        .collect();
    let parent = span.parent_span_id;
    json!({
        "name": span.name,
        "context": of_context(&context.trace_id().to_string(), context.span_id(), context.trace_state()),
        "kind": of_kind(&span.span_kind),
        "parent_id": (parent != SpanId::INVALID).then(|| format!("0x{parent}")),
        "start_time": time(span.start_time),
        "end_time": time(span.end_time),
        "status": of_status(&span.status),
        "attributes": of_attributes(&span.attributes),
        "events": events,
        "links": links,
        "resource": { "attributes": resource },
    })
}

fn of_context(trace_id: &str, span_id: SpanId, state: &TraceState) -> Json {
    json!({ "trace_id": format!("0x{trace_id}"), "span_id": format!("0x{span_id}"), "trace_state": state.header() })
}

fn of_kind(kind: &SpanKind) -> &'static str {
    match kind {
        SpanKind::Client => "SpanKind.CLIENT",
        SpanKind::Server => "SpanKind.SERVER",
        SpanKind::Producer => "SpanKind.PRODUCER",
        SpanKind::Consumer => "SpanKind.CONSUMER",
        SpanKind::Internal => "SpanKind.INTERNAL",
    }
}

fn of_status(status: &Status) -> Json {
    match status {
        Status::Unset => json!({ "status_code": "UNSET" }),
        Status::Ok => json!({ "status_code": "OK" }),
        Status::Error { description } if description.is_empty() => json!({ "status_code": "ERROR" }),
        Status::Error { description } => json!({ "status_code": "ERROR", "description": description }),
    }
}

fn of_attributes(attributes: &[KeyValue]) -> Map<String, Json> {
    attributes.iter().map(|pair| (pair.key.to_string(), of_value(&pair.value))).collect()
}

fn of_value(value: &Value) -> Json {
    match value {
        Value::Bool(value) => json!(value),
        Value::I64(value) => json!(value),
        Value::F64(value) => json!(value),
        Value::String(value) => json!(value.as_str()),
        Value::Array(Array::Bool(values)) => json!(values),
        Value::Array(Array::I64(values)) => json!(values),
        Value::Array(Array::F64(values)) => json!(values),
        Value::Array(Array::String(values)) => values.iter().map(|value| value.as_str()).collect(),
        other => json!(other.to_string()),
    }
}

/// The time in UTC, to the microsecond.
fn time(time: SystemTime) -> String {
    Timestamp::try_from(time).map(|time| format!("{time:.6}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use opentelemetry::trace::{Span, SpanBuilder, TraceContextExt, Tracer, TracerProvider};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_span_is_a_line_with_the_keys_its_readers_know() {
        let written = Written::default();
        let console =
            Console { out: Mutex::new(written.clone()), resource: Resource::builder_empty().build() };
        let resource = Resource::builder_empty().with_attribute(KeyValue::new("service.name", "s")).build();
        let provider =
            SdkTracerProvider::builder().with_resource(resource).with_simple_exporter(console).build();
        let tracer = provider.tracer("test");
        let builder = SpanBuilder::from_name("outer").with_kind(SpanKind::Server);
        let outer = opentelemetry::Context::new().with_span(builder.start(&tracer));
        let mut inner = tracer.start_with_context("inner", &outer);
        inner.add_event("happened", vec![KeyValue::new("n", 7)]);
        inner.set_attribute(KeyValue::new("names", Value::Array(Array::String(vec!["a".into()]))));
        inner.set_status(Status::error("why"));
        inner.end();
        outer.span().set_status(Status::Ok);
        outer.span().end();

        let lines = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let spans: Vec<Json> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let [inner, outer] = &spans[..] else { panic!("{lines}") };
        assert_eq!((&inner["name"], &outer["kind"]), (&json!("inner"), &json!("SpanKind.SERVER")));
        assert_eq!((&inner["parent_id"], &outer["parent_id"]), (&outer["context"]["span_id"], &Json::Null));
        assert_eq!(inner["context"]["trace_id"], outer["context"]["trace_id"]);
        assert_eq!(inner["context"]["trace_id"].as_str().unwrap().len(), 34);
        assert_eq!(inner["status"], json!({ "status_code": "ERROR", "description": "why" }));
        assert_eq!(outer["status"], json!({ "status_code": "OK" }));
        assert_eq!(
            (&inner["events"][0]["attributes"]["n"], &inner["attributes"]["names"]),
            (&json!(7), &json!(["a"]))
        );
        assert_eq!(inner["resource"]["attributes"]["service.name"], "s");
        let time = inner["start_time"].as_str().unwrap();
        assert!(time.len() == 27 && time.ends_with('Z'), "{time}");
    }
}
