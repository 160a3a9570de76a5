//! Calls as spans of OpenTelemetry.

use std::io;
use std::sync::{Arc, Mutex};

use flexconnect_flight::logging::Logging;
use flexconnect_flight::otel::Traces;
use opentelemetry::Value;
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use serde_json::json;
use tonic::Request;

use crate::connectors::samples;
use crate::served::{cmd, eventually, serve};

/// Spans that were exported.
#[derive(Debug, Clone, Default)]
struct Exported(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Exported {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

#[tokio::test]
async fn a_call_is_a_span_of_its_callers_trace() {
    let exported = Exported::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exported.clone()).build();
    let traces = Traces::from(provider);
    let logging = Logging::text().with_tracer(traces.tracer());
    let (subscriber, level) = logging.subscriber(io::sink).unwrap();
    level.set("info").unwrap();
    let _listening = tracing::subscriber::set_default(subscriber);
    let served = serve(samples()).await;
    for (table, sampled) in [("numbers", "01"), ("nowhere", "01"), ("numbers", "00")] {
        let mut request = Request::new(cmd(json!({ "connector": table })));
        let traceparent = format!("00-{TRACE}-{PARENT}-{sampled}");
        request.metadata_mut().insert("traceparent", traceparent.parse().unwrap());
        let _ = served.raw.clone().get_flight_info(request).await.map(|info| info.into_inner());
    }
    eventually("the calls end", || exported.0.lock().unwrap().len() >= 2).await;
    traces.shut_down();

    let spans = exported.0.lock().unwrap();
    assert_eq!(spans.len(), 2, "a caller that keeps nothing is followed: {spans:?}");
    for span in spans.iter() {
        assert_eq!(span.name, "GetFlightInfo");
        assert_eq!(span.span_kind, SpanKind::Server);
        assert_eq!(span.span_context.trace_id().to_string(), TRACE);
        assert_eq!(span.parent_span_id.to_string(), PARENT);
    }
    let attribute = |span: &SpanData, name: &str| {
        span.attributes.iter().find(|pair| pair.key.as_str() == name).map(|pair| pair.value.clone())
    };
    assert_eq!(attribute(&spans[0], "connector"), Some(Value::from("numbers")));
    assert_eq!(attribute(&spans[0], "outcome"), Some(Value::from("ok")));
    assert_eq!(attribute(&spans[1], "error_kind"), Some(Value::from("not_found")));
    assert_eq!((&spans[0].status, &spans[1].status), (&Status::Unset, &Status::error("not_found")));
}
