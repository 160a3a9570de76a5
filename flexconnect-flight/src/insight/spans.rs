//! How the spans of calls look to who collects traces; what a log has of them is the same everywhere.

use crate::status::Verb;

/// How the spans of a server's calls look.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "only a tracer shows spans"))]
pub(crate) struct SpanStyle {
    /// What the span of a call is called.
    pub(crate) name: fn(Verb) -> &'static str,
    /// What it says besides the fields of the log.
    pub(crate) attributes: fn(Verb) -> Vec<(&'static str, &'static str)>,
    /// Whether it goes on in the trace of the caller.
    pub(crate) continued: bool,
    /// Whether of a call that went well the span says that it did; else it says nothing.
    pub(crate) says_ok: bool,
}

impl Default for SpanStyle {
    fn default() -> Self {
        SpanStyle { name: Verb::as_str, attributes: |_| Vec::new(), continued: true, says_ok: false }
    }
}
