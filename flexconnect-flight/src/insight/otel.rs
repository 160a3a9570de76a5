//! Traces for OpenTelemetry: each call is a span, continued from its caller's by the header `traceparent`.
//!
//! Spans are sent over OTLP to where the standard environment variables say: `OTEL_EXPORTER_OTLP_ENDPOINT` (gRPC,
//! `http://localhost:4317` if never said), `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER`, `OTEL_SERVICE_NAME` and the like.
//!
//! ```no_run
//! # async fn example(plugin: flexconnect_core::Plugin) -> flexconnect_core::Result<()> {
//! use flexconnect_flight::{Server, logging::Logging, otel::Traces};
//!
//! let traces = Traces::over_otlp("warehouse")?;
//! Logging::json().with_tracer(traces.tracer()).init()?;
//! let served = Server::new(plugin).serve("127.0.0.1:8815").await;
//! // What is not sent yet would be lost with the process.
//! traces.shut_down();
//! served
//! # }
//! ```

use flexconnect_core::{Error, ErrorKind};
use opentelemetry::trace::{
    SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider,
};
use opentelemetry::{Context, Value};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::insight::trace_context::TraceContext;
use crate::insight::traffic::Amount;

/// What the environment calls the service.
const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";

/// Spans on their way out. They are sent in batches by a thread of their own.
#[derive(Debug, Clone)]
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Sends spans over OTLP, as a service of this name unless the environment says another. Call it inside a tokio runtime.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the environment's variables make no sense.
    pub fn over_otlp(service: &str) -> Result<Self, Error> {
        let exporter = SpanExporter::builder().with_tonic().build().map_err(|error| {
            let message =
                "spans cannot be exported; look at the environment variables `OTEL_EXPORTER_OTLP_*`";
            Error::new(ErrorKind::Config, message).with_source(error)
        })?;
        let mut resource = Resource::builder();
        if std::env::var_os(SERVICE_NAME).is_none() {
            resource = resource.with_service_name(service.to_owned());
        }
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter);
        Ok(Traces::from(provider.with_resource(resource.build()).build()))
    }

    /// What [`Logging::with_tracer`](crate::insight::logging::Logging::with_tracer) takes.
    pub fn tracer(&self) -> SdkTracer {
        self.provider.tracer(env!("CARGO_PKG_NAME"))
    }

    /// Sends what is left, for five seconds at most.
    pub fn shut_down(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "spans may be lost");
        }
    }
}

impl From<SdkTracerProvider> for Traces {
    /// Spans go where this provider sends them.
    fn from(provider: SdkTracerProvider) -> Self {
        Traces { provider }
    }
}

/// The call belongs to its caller's trace.
pub(crate) fn continue_trace(span: &Span, trace: &TraceContext) {
    let (Ok(trace_id), Ok(span_id)) =
        (TraceId::from_hex(&trace.trace_id), SpanId::from_hex(&trace.parent_id))
    else {
        return;
    };
    let flags = if trace.sampled { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
    let caller = SpanContext::new(trace_id, span_id, flags, true, TraceState::NONE);
    // Without a tracer there is no trace to continue.
    let _ = span.set_parent(Context::new().with_remote_span_context(caller));
}

/// How the call ended, on its span.
pub(crate) fn end(span: &Span, outcome: &'static str, error_kind: Option<&'static str>, amount: Amount) {
    let Amount { rows, bytes, batches } = amount;
    span.set_attribute("outcome", outcome);
    for (name, count) in [("rows", rows), ("bytes", bytes), ("batches", batches)] {
        span.set_attribute(name, Value::I64(i64::try_from(count).unwrap_or(i64::MAX)));
    }
    if let (Some(kind), "error") = (error_kind, outcome) {
        span.set_attribute("error_kind", kind);
        span.set_status(Status::error(kind));
    }
}
