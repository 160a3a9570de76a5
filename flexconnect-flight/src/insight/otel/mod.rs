//! Traces for OpenTelemetry: each call is a span, continued from its caller's by the header `traceparent`.
//!
//! Spans are sent over OTLP to where the standard environment variables say: `OTEL_EXPORTER_OTLP_ENDPOINT`
//! (`http://localhost:4317` if never said, by HTTP `http://localhost:4318`), `OTEL_EXPORTER_OTLP_HEADERS`,
//! `OTEL_EXPORTER_OTLP_CERTIFICATE`, `OTEL_TRACES_SAMPLER`, `OTEL_SERVICE_NAME` and the like.
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

mod http;

use flexconnect_core::{Error, ErrorKind};
use opentelemetry::trace::{
    SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider,
};
use opentelemetry::{Context, Value};
use opentelemetry_otlp::{ExporterBuildError, Protocol, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::ResourceBuilder;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, SpanExporter};
use tokio::runtime::Handle;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::insight::spans::SpanStyle;
use crate::insight::trace_context::TraceContext;
use crate::insight::traffic::Amount;
use crate::status::Verb;

/// What the environment calls the service.
const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";

/// Where the environment says which authority the collector has: for spans, else for all.
#[cfg(feature = "tls")]
const AUTHORITY: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"];

/// Spans on their way out. They are sent in batches by a thread of their own.
#[derive(Debug, Clone)]
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Sends spans over OTLP by gRPC, as a service of this name unless the environment says another. Call it inside a
    /// tokio runtime.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the environment's variables make no sense.
    pub fn over_otlp(service: &str) -> Result<Self, Error> {
        Ok(Traces::exported(grpc()?, resource(service).build()))
    }

    /// As [`over_otlp`](Self::over_otlp), by HTTP.
    ///
    /// # Errors
    /// As [`over_otlp`](Self::over_otlp).
    pub fn over_otlp_http(service: &str) -> Result<Self, Error> {
        Ok(Traces::exported(http()?, resource(service).build()))
    }

    /// Gives spans to this exporter, as those of this resource.
    pub(crate) fn exported(exporter: impl SpanExporter + 'static, resource: Resource) -> Self {
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter);
        Traces::from(provider.with_resource(resource).build())
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

/// Sends over OTLP by gRPC.
pub(crate) fn grpc() -> Result<impl SpanExporter + 'static, Error> {
    let builder = opentelemetry_otlp::SpanExporter::builder().with_tonic();
    #[cfg(feature = "tls")]
    let builder = match authority() {
        None => builder,
        Some(file) => {
            use opentelemetry_otlp::WithTonicConfig;
            use opentelemetry_otlp::tonic_types::transport::{Certificate, ClientTlsConfig};

            let text = std::fs::read(&file).map_err(|error| {
                let message = format!("the collector's authority (file `{file}`) cannot be read");
                Error::new(ErrorKind::Config, message).with_source(error)
            })?;
            builder.with_tls_config(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(text)))
        }
    };
    builder.build().map_err(unsound)
}

/// Sends over OTLP by HTTP.
pub(crate) fn http() -> Result<impl SpanExporter + 'static, Error> {
    let runtime = Handle::try_current().map_err(|error| {
        Error::new(ErrorKind::Internal, "spans are sent over HTTP inside a tokio runtime only")
            .with_source(error)
    })?;
    let builder = opentelemetry_otlp::SpanExporter::builder().with_http();
    let builder = builder.with_protocol(Protocol::HttpBinary).with_http_client(http::Http::on(runtime));
    builder.build().map_err(unsound)
}

fn unsound(error: ExporterBuildError) -> Error {
    let message = "spans cannot be exported; look at the environment variables `OTEL_EXPORTER_OTLP_*`";
    Error::new(ErrorKind::Config, message).with_source(error)
}

/// A service of this name, unless the environment says another.
pub(crate) fn resource(service: &str) -> ResourceBuilder {
    let resource = Resource::builder();
    match std::env::var_os(SERVICE_NAME) {
        Some(_) => resource,
        None => resource.with_service_name(service.to_owned()),
    }
}

/// The file with the collector's authority, when it is none the system knows.
#[cfg(feature = "tls")]
fn authority() -> Option<String> {
    let set = |name| std::env::var(name).ok().filter(|file| !file.is_empty());
    AUTHORITY.into_iter().find_map(set)
}

/// The call belongs to its caller's trace.
fn continue_trace(span: &Span, trace: &TraceContext) {
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

/// The call's span has begun: what it says besides the fields of the log.
pub(crate) fn begin(span: &Span, verb: Verb, style: &SpanStyle, trace: Option<&TraceContext>) {
    span.record("otel.name", (style.name)(verb)).record("otel.kind", "server");
    for (name, value) in (style.attributes)(verb) {
        span.set_attribute(name, value);
    }
    if let Some(trace) = trace {
        continue_trace(span, trace);
    }
}

/// How the call ended, on its span.
pub(crate) fn end(
    span: &Span,
    style: &SpanStyle,
    outcome: &'static str,
    error_kind: Option<&'static str>,
    amount: Amount,
) {
    let Amount { rows, bytes, batches } = amount;
    span.set_attribute("outcome", outcome);
    for (name, count) in [("rows", rows), ("bytes", bytes), ("batches", batches)] {
        span.set_attribute(name, Value::I64(i64::try_from(count).unwrap_or(i64::MAX)));
    }
    match (error_kind, outcome) {
        (Some(kind), "error") => {
            span.set_attribute("error_kind", kind);
            span.set_status(Status::error(kind));
        }
        (_, "ok") if style.says_ok => span.set_status(Status::Ok),
        _ => {}
    }
}
