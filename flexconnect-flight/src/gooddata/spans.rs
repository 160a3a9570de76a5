//! The spans of calls and of tasks, with the names those who read the Python server's traces look for.

use std::net::SocketAddr;

use tracing::Span;
use tracing::field::Empty;

use super::task::State;
use super::ticket::TaskId;
use crate::insight::spans::SpanStyle;
use crate::status::Verb;

/// How the spans of calls look; they go on in the trace of the caller if that is wanted.
pub(crate) fn of_calls(continued: bool) -> SpanStyle {
    let attributes =
        |verb| vec![("rpc.system", "grpc"), ("rpc.service", "FlightRPC"), ("rpc.method", name(verb))];
    SpanStyle { name, attributes, continued, says_ok: true }
}

fn name(verb: Verb) -> &'static str {
    match verb {
        Verb::Handshake => "HANDSHAKE",
        Verb::ListFlights => "LIST_FLIGHTS",
        Verb::GetFlightInfo => "GET_FLIGHT_INFO",
        Verb::PollFlightInfo => "POLL_FLIGHT_INFO",
        Verb::GetSchema => "GET_SCHEMA",
        Verb::DoGet => "DO_GET",
        Verb::DoPut => "DO_PUT",
        Verb::DoExchange => "DO_EXCHANGE",
        Verb::DoAction => "DO_ACTION",
        Verb::ListActions => "LIST_ACTIONS",
        Verb::Other => "OTHER",
    }
}

/// The spans of one task: all of it, and the run of its function.
///
/// They outlive the span of the call that began the task, which would not end before them if it were around them; so
/// it is the parent of `task_execution` in traces only.
#[derive(Debug, Clone)]
pub(crate) struct TaskSpans {
    execution: Span,
    /// Whether somebody collects traces: who only reads the log needs no more than one span.
    traced: bool,
}

impl TaskSpans {
    /// A task begins, in the span of its call.
    pub(crate) fn begin(task_id: TaskId, fun: &str, peer: Option<SocketAddr>) -> Self {
        let execution = tracing::info_span!(
            parent: None,
            "task_execution",
            %task_id,
            fun,
            peer = peer.map(tracing::field::display),
            parent_span_id = Empty
        );
        #[cfg(feature = "otel")]
        let traced = traced::begin(&execution, task_id);
        #[cfg(not(feature = "otel"))]
        let traced = false;
        TaskSpans { execution, traced }
    }

    /// It is handed to a thread.
    pub(crate) fn submission(&self) -> Span {
        if !self.traced {
            return Span::none();
        }
        tracing::info_span!(parent: &self.execution, "task_run_submit")
    }

    /// Its function runs.
    pub(crate) fn run(&self, task_id: TaskId) -> Span {
        if !self.traced {
            return self.execution.clone();
        }
        let run = tracing::info_span!(parent: &self.execution, "task_run");
        #[cfg(feature = "otel")]
        traced::name(&run, task_id);
        #[cfg(not(feature = "otel"))]
        let _ = task_id;
        run
    }

    /// What is told of it besides.
    pub(crate) fn in_scope<T>(&self, tell: impl FnOnce() -> T) -> T {
        self.execution.in_scope(tell)
    }

    /// It has come to this. What its function does afterwards, for a result that is held, is after the end of its spans.
    pub(crate) fn end(&self, run: Option<&Span>, state: &State) {
        #[cfg(feature = "otel")]
        if self.traced {
            traced::end(&self.execution, run, state);
        }
        #[cfg(not(feature = "otel"))]
        let _ = (run, state);
    }
}

#[cfg(feature = "otel")]
mod traced {
    use opentelemetry::KeyValue;
    use opentelemetry::trace::{Status, TraceContextExt};
    use tracing::Span;
    use tracing_opentelemetry::OpenTelemetrySpanExt;

    use super::{State, TaskId};
    use crate::gooddata::dialect::told;

    const ID: &str = "gooddata_flight_server.task_id";
    const CANCELLED: &str = "gooddata_flight_server.task_cancelled";
    const ERROR: &str = "gooddata_flight_server.task_error";

    /// Begins it, as a part of its call's trace; `false` where there is none, and so nobody to collect it.
    pub(super) fn begin(execution: &Span, id: TaskId) -> bool {
        let call = Span::current().context();
        let parent = call.span().span_context().clone();
        if !parent.is_valid() || execution.set_parent(call).is_err() {
            return false;
        }
        name(execution, id);
        execution.record("parent_span_id", tracing::field::display(parent.span_id()));
        true
    }

    pub(super) fn name(span: &Span, id: TaskId) {
        span.set_attribute(ID, id.to_string());
    }

    pub(super) fn end(execution: &Span, run: Option<&Span>, state: &State) {
        match state {
            State::Failed(error) => {
                let (_, info) = told(error);
                let attributes = vec![
                    KeyValue::new("gooddata_flight_server.task_error.code", info.code().name()),
                    KeyValue::new("gooddata_flight_server.task_error.msg", info.msg().to_owned()),
                    KeyValue::new(
                        "gooddata_flight_server.task_error.detail",
                        info.detail().unwrap_or_default().to_owned(),
                    ),
                ];
                execution.add_event(ERROR, attributes);
                execution.set_status(Status::error(""));
                if let Some(run) = run {
                    run.set_status(Status::error(info.msg().to_owned()));
                }
            }
            State::Cancelled => {
                execution.add_event(CANCELLED, Vec::new());
                execution.set_status(Status::Ok);
            }
            _ => execution.set_status(Status::Ok),
        }
        for span in run.into_iter().chain([execution]) {
            span.context().span().end();
        }
    }
}
