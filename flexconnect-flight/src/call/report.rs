//! What is told of one call: a span around its work, its counts, and one event at its end.

use std::sync::OnceLock;

use flexconnect_core::{Error, ErrorKind};
use tracing::Span;
use tracing::field::Empty;

use crate::call::Call;
use crate::insight::metrics::{Metrics, OfCall, OfKind, OfVerb};
use crate::insight::spans::SpanStyle;
use crate::insight::trace_context::TraceContext;
use crate::insight::traffic::{Amount, Traffic};
use crate::status::Verb;

/// The report of a call that is under way; told when it is dropped. The names of its fields are those of the
/// crate's `OPERATING.md`.
#[derive(Debug)]
pub(crate) struct Report {
    verb: Verb,
    metrics: Metrics,
    span: Span,
    /// How the span looks to who collects traces.
    #[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "only a tracer shows spans"))]
    style: SpanStyle,
    traffic: Traffic,
    /// How it ended; a call that does not say was left by its client.
    end: OnceLock<Result<(), Error>>,
}

impl Report {
    /// A call begins, and those who do its work tell of it from now on.
    pub(crate) fn begin(verb: Verb, metrics: Metrics, style: SpanStyle, call: &mut Call) -> Self {
        call.begun.set();
        // Whose trace a call does not go on in is nothing to it.
        let trace = call.trace.as_ref().filter(|_| style.continued);
        let span = span(verb, call, trace);
        #[cfg(feature = "otel")]
        crate::insight::otel::begin(&span, verb, &style, trace);
        call.traffic = Traffic::begin(verb, metrics.clone(), span.clone());
        metrics.counts().streams.get_or_create(&OfVerb { verb: verb.as_str() }).inc();
        Report { verb, metrics, span, style, traffic: call.traffic.clone(), end: OnceLock::new() }
    }

    /// What the call's work is done in.
    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// The call has its answer. What was said first stays.
    pub(crate) fn done(&self) {
        let _ = self.end.set(Ok(()));
    }

    /// The call ends with this error. What was said first stays.
    pub(crate) fn failed(&self, error: Error) {
        let _ = self.end.set(Err(error));
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        let Report { verb, metrics, span, traffic, end, .. } = self;
        let verb = verb.as_str();
        let error = end.get().and_then(|end| end.as_ref().err());
        let kind = error.map(Error::kind);
        let outcome = match (end.get(), kind) {
            (None, _) | (_, Some(ErrorKind::Cancelled)) => "cancelled",
            (_, Some(_)) => "error",
            (_, None) => "ok",
        };
        let counts = metrics.counts();
        counts.streams.get_or_create(&OfVerb { verb }).dec();
        counts.calls.get_or_create(&OfCall { verb, outcome }).inc();
        let error_kind = kind.map(ErrorKind::as_str);
        if let ("error", Some(kind)) = (outcome, error_kind) {
            counts.errors.get_or_create(&OfKind { kind }).inc();
        }
        let amount = traffic.amount();
        let Amount { rows, bytes, batches } = amount;
        #[cfg(feature = "otel")]
        crate::insight::otel::end(span, &self.style, outcome, error_kind, amount);
        let milliseconds = traffic.elapsed().as_millis() as u64;
        let text = error.map(Error::for_log);
        macro_rules! tell {
            ($level:ident) => {
                tracing::$level!(
                    parent: &*span, verb, outcome, rows, bytes, batches, milliseconds, error_kind, error = text,
                    "call ended"
                )
            };
        }
        // A fault of ours, or of an author who has not classified it, is for the operator to look at.
        if kind == Some(ErrorKind::Internal) {
            tell!(error)
        } else {
            tell!(info)
        }
        if let (Some(error), Some(ErrorKind::Data)) = (error, kind) {
            tracing::debug!(parent: &*span, %error, causes = error.causes(), "why the call failed");
        }
    }
}

fn span(verb: Verb, call: &Call, trace: Option<&TraceContext>) -> Span {
    let peer = call.peer.map(tracing::field::display);
    let (trace_id, parent_id) = match trace {
        Some(trace) => (Some(&*trace.trace_id), Some(&*trace.parent_id)),
        None => (None, None),
    };
    tracing::info_span!(
        "call",
        otel.name = Empty,
        otel.kind = Empty,
        verb = verb.as_str(),
        connector = Empty,
        path = Empty,
        caller = call.caller.name,
        peer,
        request_id = call.request_id,
        trace_id,
        parent_id,
    )
}
