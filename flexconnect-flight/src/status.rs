//! Where an error meets a status code: the one table of the plain dialect, and the way to bring another.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use flexconnect_core::{Error, ErrorKind};
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};

/// A message travels in HTTP/2 headers, which receivers bound.
const LONGEST_MESSAGE: usize = 1024;

/// How long a client shall wait before it tries again, as gRPC names it.
const RETRY_PUSHBACK: &str = "grpc-retry-pushback-ms";

/// The error's kind, so that a client of ours gets back the error that was raised.
const KIND: &str = "flexconnect-error-kind";

/// The call an error ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verb {
    /// Login.
    Handshake,
    /// The tables.
    ListFlights,
    /// The plan of a read.
    GetFlightInfo,
    /// The plan of a read, step by step.
    PollFlightInfo,
    /// The columns.
    GetSchema,
    /// A read.
    DoGet,
    /// A write.
    DoPut,
    /// Both at once.
    DoExchange,
    /// A control action.
    DoAction,
    /// The control actions there are.
    ListActions,
    /// A call of another service behind the same door, or of no verb there is.
    Other,
}

impl Verb {
    /// The verb a request of HTTP is for, by its path.
    pub(crate) fn of_path(path: &str) -> Self {
        match path.strip_prefix("/arrow.flight.protocol.FlightService/") {
            Some("Handshake") => Verb::Handshake,
            Some("ListFlights") => Verb::ListFlights,
            Some("GetFlightInfo") => Verb::GetFlightInfo,
            Some("PollFlightInfo") => Verb::PollFlightInfo,
            Some("GetSchema") => Verb::GetSchema,
            Some("DoGet") => Verb::DoGet,
            Some("DoPut") => Verb::DoPut,
            Some("DoExchange") => Verb::DoExchange,
            Some("DoAction") => Verb::DoAction,
            Some("ListActions") => Verb::ListActions,
            _ => Verb::Other,
        }
    }
}

impl Verb {
    /// The call's name in gRPC, as it appears in logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Handshake => "Handshake",
            Self::ListFlights => "ListFlights",
            Self::GetFlightInfo => "GetFlightInfo",
            Self::PollFlightInfo => "PollFlightInfo",
            Self::GetSchema => "GetSchema",
            Self::DoGet => "DoGet",
            Self::DoPut => "DoPut",
            Self::DoExchange => "DoExchange",
            Self::DoAction => "DoAction",
            Self::ListActions => "ListActions",
            Self::Other => "other",
        }
    }
}

/// How errors become gRPC statuses: every refusal of a server goes through its dialect.
///
/// The plain dialect, [`PlainDialect`], is the default. Replace it with
/// [`FlightService::with_dialect`](crate::FlightService::with_dialect) to speak to clients that expect other codes.
pub trait Dialect: Send + Sync + 'static {
    /// The status that ends this call. [`status_with_code`] makes one of the right form.
    fn status(&self, error: &Error, verb: Verb) -> Status;
}

impl<F: Fn(&Error, Verb) -> Status + Send + Sync + 'static> Dialect for F {
    fn status(&self, error: &Error, verb: Verb) -> Status {
        self(error, verb)
    }
}

/// The codes Arrow Flight clients expect.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainDialect;

impl Dialect for PlainDialect {
    fn status(&self, error: &Error, verb: Verb) -> Status {
        status_with_code(code_of(error.kind(), verb), error)
    }
}

/// The table of codes.
fn code_of(kind: ErrorKind, verb: Verb) -> Code {
    match kind {
        ErrorKind::Config | ErrorKind::InvalidRequest | ErrorKind::Schema => Code::InvalidArgument,
        // Whoever writes brought the value; whoever reads cannot mend it.
        ErrorKind::Data if verb == Verb::DoPut => Code::InvalidArgument,
        ErrorKind::Data | ErrorKind::Precondition => Code::FailedPrecondition,
        ErrorKind::Unauthenticated => Code::Unauthenticated,
        ErrorKind::PermissionDenied => Code::PermissionDenied,
        ErrorKind::NotFound => Code::NotFound,
        ErrorKind::RateLimited | ErrorKind::Unavailable => Code::Unavailable,
        ErrorKind::Timeout => Code::DeadlineExceeded,
        ErrorKind::Cancelled => Code::Cancelled,
        ErrorKind::Exhausted => Code::ResourceExhausted,
        ErrorKind::ReadOnly | ErrorKind::Unsupported => Code::Unimplemented,
        // A kind this door does not know yet is a fault of ours, never `UNKNOWN`.
        _ => Code::Internal,
    }
}

/// A status of this code with the error's text, its kind and its retry advice.
///
/// The text is cut to 1 KiB and made printable. The error's causes are not part of it: they may hold what must not
/// leave the process.
pub fn status_with_code(code: Code, error: &Error) -> Status {
    let mut status = Status::new(code, printable(&error.to_string()));
    let metadata = status.metadata_mut();
    metadata.insert(KIND, MetadataValue::from_static(error.kind().as_str()));
    if let Some(delay) = error.retry_after() {
        let milliseconds = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        metadata.insert(RETRY_PUSHBACK, MetadataValue::from(milliseconds));
    }
    status
}

/// The text without control characters, cut at the longest a message may be.
fn printable(text: &str) -> String {
    let clean = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
    if text.len() <= LONGEST_MESSAGE {
        return text.chars().map(clean).collect();
    }
    let mut end = LONGEST_MESSAGE - '…'.len_utf8();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].chars().map(clean).chain(['…']).collect()
}

/// The error a status stands for, as a client sees it.
pub(crate) fn error_of(status: &Status) -> Error {
    let metadata = status.metadata();
    let named = metadata.get(KIND).and_then(|kind| kind.to_str().ok()).and_then(kind_of_name);
    let kind = named.unwrap_or_else(|| kind_of_code(status.code()));
    let message = match status.message() {
        "" => format!("the server answered {}", status.code()),
        message => message.to_owned(),
    };
    let mut error = Error::new(kind, message);
    let delay = metadata.get(RETRY_PUSHBACK).and_then(|delay| delay.to_str().ok()?.parse().ok());
    if let Some(milliseconds) = delay {
        error = error.with_retry_after(Duration::from_millis(milliseconds));
    }
    error
}

fn kind_of_name(name: &str) -> Option<ErrorKind> {
    const KINDS: [ErrorKind; 16] = [
        ErrorKind::Config,
        ErrorKind::Unauthenticated,
        ErrorKind::PermissionDenied,
        ErrorKind::NotFound,
        ErrorKind::InvalidRequest,
        ErrorKind::Schema,
        ErrorKind::Data,
        ErrorKind::RateLimited,
        ErrorKind::Unavailable,
        ErrorKind::Timeout,
        ErrorKind::Cancelled,
        ErrorKind::Exhausted,
        ErrorKind::Precondition,
        ErrorKind::ReadOnly,
        ErrorKind::Unsupported,
        ErrorKind::Internal,
    ];
    KINDS.into_iter().find(|kind| kind.as_str() == name)
}

/// The nearest kind for a server that is not one of ours.
fn kind_of_code(code: Code) -> ErrorKind {
    match code {
        Code::Cancelled => ErrorKind::Cancelled,
        Code::InvalidArgument | Code::OutOfRange | Code::AlreadyExists => ErrorKind::InvalidRequest,
        Code::DeadlineExceeded => ErrorKind::Timeout,
        Code::NotFound => ErrorKind::NotFound,
        Code::PermissionDenied => ErrorKind::PermissionDenied,
        Code::Unauthenticated => ErrorKind::Unauthenticated,
        Code::ResourceExhausted => ErrorKind::Exhausted,
        Code::FailedPrecondition | Code::Aborted => ErrorKind::Precondition,
        Code::Unimplemented => ErrorKind::Unsupported,
        Code::Unavailable => ErrorKind::Unavailable,
        Code::Ok | Code::Unknown | Code::Internal | Code::DataLoss => ErrorKind::Internal,
    }
}

/// A dialect, shared by all calls of a server.
#[derive(Clone)]
pub(crate) struct Speaker(Arc<dyn Dialect>);

impl Speaker {
    pub(crate) fn new(dialect: impl Dialect) -> Self {
        Speaker(Arc::new(dialect))
    }

    /// What the client may know of the error.
    pub(crate) fn say(&self, error: &Error, verb: Verb) -> Status {
        self.0.status(error, verb)
    }
}

impl fmt::Debug for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Speaker").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_does_not_fit_is_the_writers_fault_or_the_sources() {
        let error = Error::new(ErrorKind::Data, "too long");
        assert_eq!(PlainDialect.status(&error, Verb::DoPut).code(), Code::InvalidArgument);
        assert_eq!(PlainDialect.status(&error, Verb::DoGet).code(), Code::FailedPrecondition);
    }

    #[test]
    fn no_kind_is_unknown_and_each_comes_back_as_it_was() {
        for kind in ["config", "not_found", "rate_limited", "precondition", "read_only", "internal"] {
            let kind = kind_of_name(kind).unwrap();
            let status = PlainDialect.status(&Error::new(kind, "x"), Verb::DoGet);
            assert_ne!(status.code(), Code::Unknown);
            assert_eq!(error_of(&status).kind(), kind);
        }
    }

    #[test]
    fn a_message_is_cut_and_printable() {
        let status =
            status_with_code(Code::Internal, &Error::new(ErrorKind::Internal, "é\u{7}".repeat(2000)));
        assert!(status.message().len() <= LONGEST_MESSAGE);
        assert!(status.message().starts_with("é é ") && status.message().ends_with('…'));
    }

    #[test]
    fn retry_advice_travels_and_causes_do_not() {
        let error = Error::new(ErrorKind::RateLimited, "slow down")
            .with_retry_after(Duration::from_millis(1500))
            .with_source("token=secret");
        let status = PlainDialect.status(&error, Verb::GetFlightInfo);
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(error_of(&status).retry_after(), Some(Duration::from_millis(1500)));
        assert!(!format!("{status:?}").contains("secret"));
    }
}
