//! What went wrong with a request, in words for the one who configured it.

use std::time::Duration;

use flexconnect_core::{Error, ErrorKind};
use reqwest::StatusCode;

/// A request as errors and logs show it, and what must not be quoted of its answer.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// Method and URL, without the values of secret parameters.
    pub(crate) line: String,
    pub(crate) secrets: Secrets,
}

impl Shown {
    /// An error that begins with the request.
    pub(crate) fn error(&self, kind: ErrorKind, what: impl std::fmt::Display) -> Error {
        Error::new(kind, self.secrets.clear(&format!("{}: {what}", self.line)))
    }
}

/// Texts that no error may hold, whoever wrote it: a server may repeat a token in its answer.
#[derive(Clone, Default)]
pub(crate) struct Secrets(pub(crate) Vec<String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(***)")
    }
}

impl Secrets {
    /// The text without them.
    pub(crate) fn clear(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.0.iter().filter(|secret| !secret.is_empty()) {
            text = text.replace(secret, "***");
        }
        text
    }
}

/// One attempt that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) cause: Cause,
    /// What the server said of when to come back.
    pub(crate) retry_after: Option<Duration>,
}

/// Why an attempt failed, as far as it decides whether another may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The request never reached the server.
    NotSent,
    /// The server has refused to look at it.
    Throttled,
    /// The server may have acted on it, or not: it is slow, ill, or gone in the middle of its answer.
    Unknown,
    /// It would fail again.
    Final,
}

impl Failure {
    pub(crate) fn lasting(error: Error) -> Self {
        Failure { error, cause: Cause::Final, retry_after: None }
    }

    /// What the client library reports, while sending or while the answer is read.
    pub(crate) fn of(error: reqwest::Error, shown: &Shown) -> Self {
        // The library's text has the whole URL.
        let error = error.without_url();
        let (kind, cause, what) = if error.is_connect() && error.is_timeout() {
            (ErrorKind::Timeout, Cause::NotSent, "connecting took longer than `connect_timeout`")
        } else if error.is_connect() {
            (
                ErrorKind::Unavailable,
                Cause::NotSent,
                "no connection to the server; check the URL and the network",
            )
        } else if error.is_timeout() {
            (ErrorKind::Timeout, Cause::Unknown, "no complete answer within `timeout`")
        } else if error.is_builder() {
            (ErrorKind::Config, Cause::Final, "this cannot be sent; check the URL and the headers")
        } else {
            (ErrorKind::Unavailable, Cause::Unknown, "the connection ended before the answer was complete")
        };
        let reason = innermost(&error);
        let error = shown
            .error(kind, format_args!("{what} ({reason})"))
            .with_source(Cleared(shown.secrets.clear(&reason)));
        Failure { error, cause, retry_after: None }
    }

    /// An answer that is none of success.
    pub(crate) fn answered(
        status: StatusCode,
        retry_after: Option<Duration>,
        excerpt: &str,
        shown: &Shown,
    ) -> Self {
        let (kind, advice) = meaning(status);
        let cause = match status.as_u16() {
            429 => Cause::Throttled,
            408 => Cause::Unknown,
            501 | 505 => Cause::Final,
            500.. => Cause::Unknown,
            _ => Cause::Final,
        };
        let excerpt =
            if excerpt.is_empty() { String::new() } else { format!("; the server says: {excerpt}") };
        let mut error = shown.error(kind, format_args!("{status}{advice}{excerpt}"));
        if let Some(delay) = retry_after {
            error = error.with_retry_after(delay);
        }
        Failure { error, cause, retry_after }
    }
}

/// The deepest reason, which is the one that says something: the operating system's, or the parser's.
fn innermost(error: &reqwest::Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

/// The client library's reason, cleared of secrets: its own error is not kept, for what it may print.
#[derive(Debug)]
struct Cleared(String);

impl std::fmt::Display for Cleared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Cleared {}

/// The kind of error a status is, and what to do about it.
fn meaning(status: StatusCode) -> (ErrorKind, &'static str) {
    match status.as_u16() {
        300..=399 => (
            ErrorKind::Config,
            " leads to another server, which gets no credentials; configure the URL it leads to",
        ),
        401 => (ErrorKind::Unauthenticated, "; check how requests authenticate"),
        403 => (ErrorKind::PermissionDenied, "; these credentials may not do this"),
        404 | 410 => (ErrorKind::NotFound, "; check the URL"),
        408 => (ErrorKind::Timeout, ""),
        429 => (ErrorKind::RateLimited, "; lower `requests_per_second`, or come back later"),
        501 | 505 => (ErrorKind::Unsupported, ""),
        500.. => (ErrorKind::Unavailable, ""),
        _ => (ErrorKind::InvalidRequest, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_kind() {
        let shown = Shown { line: "GET http://x/".into(), secrets: Secrets::default() };
        for (status, kind, cause) in [
            (302, ErrorKind::Config, Cause::Final),
            (400, ErrorKind::InvalidRequest, Cause::Final),
            (401, ErrorKind::Unauthenticated, Cause::Final),
            (403, ErrorKind::PermissionDenied, Cause::Final),
            (404, ErrorKind::NotFound, Cause::Final),
            (408, ErrorKind::Timeout, Cause::Unknown),
            (429, ErrorKind::RateLimited, Cause::Throttled),
            (500, ErrorKind::Unavailable, Cause::Unknown),
            (501, ErrorKind::Unsupported, Cause::Final),
            (503, ErrorKind::Unavailable, Cause::Unknown),
        ] {
            let failure = Failure::answered(StatusCode::from_u16(status).unwrap(), None, "", &shown);
            assert_eq!((failure.error.kind(), failure.cause), (kind, cause), "{status}");
        }
    }

    #[test]
    fn secrets_are_not_quoted_whoever_says_them() {
        let secrets = Secrets(vec!["hunter2".into(), String::new()]);
        let shown = Shown { line: "GET http://x/".into(), secrets };
        let failure = Failure::answered(StatusCode::FORBIDDEN, None, "no entry for hunter2!", &shown);
        assert!(
            failure.error.to_string().ends_with("the server says: no entry for ***!"),
            "{}",
            failure.error
        );
        assert!(!format!("{shown:?}").contains("hunter2"));
    }
}
