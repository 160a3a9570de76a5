//! From an error to the trailers of this dialect: the only place that knows their names.

use flexconnect_core::{Error, ErrorKind};
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};

use super::error_info::{ErrorCode, ErrorInfo};
use super::fault::Fault;
use crate::call::life::Stopping;
use crate::status::{Dialect, Verb};

/// Without it the client ignores the rest and polling cannot work.
const ARROW_STATUS: &str = "x-arrow-status";
/// What Arrow calls the status of every Flight error: an I/O error.
const IO_ERROR: &str = "5";
/// The message as it is, where `grpc-message` may be cut.
const ARROW_MESSAGE: &str = "x-arrow-status-message-bin";
/// The kind of Flight error.
const ARROW_DETAIL: &str = "x-arrow-status-detail-bin";
/// How many bytes `grpc-message` takes, encoded: it is for clients that know nothing of Arrow.
const LONGEST_MESSAGE: usize = 1024;

/// How a GoodData server tells errors: in the few codes its client understands, with an [`ErrorInfo`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct GoodData;

impl Dialect for GoodData {
    fn status(&self, error: &Error, verb: Verb) -> Status {
        let (code, info) = told(error);
        macro_rules! tell {
            ($level:ident, $event:literal) => {
                tracing::$level!(code = info.code().value(), reason = error.for_log(), $event)
            };
        }
        match (code, verb) {
            (Code::Unauthenticated, _) => tell!(info, "authentication_failed"),
            (Code::PermissionDenied, _) => tell!(info, "authorization_failed"),
            // What a client that cancels is told is no failure.
            (Code::Cancelled, _) => {}
            // The levels are those of the Python server, whose alerts go by them.
            (_, Verb::GetFlightInfo) => tell!(error, "get_flight_info_failed"),
            (_, Verb::DoGet) => tell!(error, "do_get_failed"),
            _ => {}
        }
        status(code, &info)
    }
}

/// What callers are told of an error.
pub(crate) fn told(error: &Error) -> (Code, ErrorInfo) {
    if let Some(fault) = error.cause::<Fault>() {
        return (fault.status, fault.info.clone());
    }
    if error.cause::<Stopping>().is_some() {
        let fault = Fault::shutting_down();
        return (fault.status, fault.info);
    }
    let (code, info) = of_kind(error);
    (code, error.cause::<ErrorInfo>().cloned().unwrap_or(info))
}

/// What a function's error is to its caller.
fn of_kind(error: &Error) -> (Code, ErrorInfo) {
    let text = text(error);
    let (status, code) = match error.kind() {
        _ if error.is_panic() => (Code::Internal, ErrorCode::INTERNAL_ERROR),
        ErrorKind::Config | ErrorKind::InvalidRequest | ErrorKind::Data | ErrorKind::NotFound => {
            (Code::Unknown, ErrorCode::BAD_ARGUMENT)
        }
        ErrorKind::Unauthenticated => (Code::Unauthenticated, ErrorCode::UNKNOWN),
        ErrorKind::PermissionDenied => (Code::PermissionDenied, ErrorCode::UNKNOWN),
        ErrorKind::Timeout => (Code::DeadlineExceeded, ErrorCode::TIMEOUT),
        ErrorKind::Cancelled => (Code::Unknown, ErrorCode::COMMAND_CANCELLED),
        ErrorKind::Exhausted => (Code::Unavailable, ErrorCode::BACKPRESSURE),
        _ if text.is_empty() => {
            let info = ErrorInfo::new(ErrorCode::COMMAND_FAILED, "There was an error while running task.");
            return (Code::Unknown, info);
        }
        _ => {
            let msg = format!("There was an error while running task: {text}");
            return (Code::Unknown, ErrorInfo::new(ErrorCode::COMMAND_FAILED, msg));
        }
    };
    (status, ErrorInfo::new(code, text))
}

/// What the author said, and where in the rows; the function's name is the caller's own.
fn text(error: &Error) -> String {
    let mut place = error.place().clone();
    place.connector = None;
    format!("{place}{}", error.message())
}

/// The status that carries this info to GoodData's client.
pub(crate) fn status(code: Code, info: &ErrorInfo) -> Status {
    let mut metadata = MetadataMap::new();
    if code != Code::Unimplemented {
        // With it a call the server does not have would be an internal error to clients, and nothing else would be gained.
        metadata.insert(ARROW_STATUS, MetadataValue::from_static(IO_ERROR));
    }
    metadata.insert_bin(ARROW_MESSAGE, MetadataValue::from_bytes(info.msg().as_bytes()));
    metadata.insert_bin(ARROW_DETAIL, MetadataValue::from_bytes(flight_kind(code).as_bytes()));
    Status::with_details_and_metadata(code, short(info.msg()), info.to_json().into(), metadata)
}

/// A status that was made by the transport as one GoodData's client understands; its own are left as they are.
pub(crate) fn dressed(bare: Status) -> Status {
    if bare.metadata().contains_key(ARROW_MESSAGE) {
        return bare;
    }
    let (code, error) = match bare.code() {
        code @ (Code::Unauthenticated | Code::PermissionDenied) => (code, ErrorCode::UNKNOWN),
        Code::DeadlineExceeded => (Code::DeadlineExceeded, ErrorCode::TIMEOUT),
        Code::Cancelled => (Code::Cancelled, ErrorCode::COMMAND_CANCELLED),
        Code::Unavailable => (Code::Unavailable, ErrorCode::BACKPRESSURE),
        Code::Unimplemented => (Code::Unimplemented, ErrorCode::NOT_IMPLEMENTED),
        // A message that is too large, or is none: clients have no info of the codes made for that.
        _ => (Code::Unknown, ErrorCode::BAD_REQUEST),
    };
    status(code, &ErrorInfo::new(error, bare.message()))
}

/// Arrow's word for the kind of Flight error.
fn flight_kind(code: Code) -> &'static str {
    match code {
        Code::DeadlineExceeded => "TimedOut",
        Code::Cancelled => "Cancelled",
        Code::Unavailable => "Unavailable",
        Code::Unauthenticated => "Unauthenticated",
        Code::PermissionDenied => "Unauthorized",
        Code::Internal => "Internal",
        _ => "Failed",
    }
}

/// So much of the text as fits when every byte that is not plain ASCII takes three.
fn short(text: &str) -> &str {
    let (mut room, mut end) = (LONGEST_MESSAGE, 0);
    for (start, c) in text.char_indices() {
        let bytes = if matches!(c, '!'..='~') { 1 } else { 3 * c.len_utf8() };
        let Some(left) = room.checked_sub(bytes) else { break };
        (room, end) = (left, start + c.len_utf8());
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn trailers(status: &Status) -> HeaderMap {
        let mut headers = HeaderMap::new();
        status.add_header(&mut headers).unwrap();
        headers
    }

    fn said(error: Error) -> (Code, u32, String) {
        let status = GoodData.status(&error, Verb::GetFlightInfo);
        let info: serde_json::Value = serde_json::from_slice(status.details()).unwrap();
        assert_eq!(status.metadata().get(ARROW_STATUS).unwrap(), "5");
        (status.code(), info["code"].as_u64().unwrap() as u32, info["msg"].as_str().unwrap().to_owned())
    }

    #[test]
    fn every_kind_has_the_code_and_the_words_clients_know() {
        let error = |kind, text: &'static str| Error::new(kind, text).with_connector("Fail");
        for kind in [ErrorKind::Config, ErrorKind::InvalidRequest, ErrorKind::Data, ErrorKind::NotFound] {
            assert_eq!(said(error(kind, "no such year")), (Code::Unknown, 1, "no such year".into()));
        }
        let failed = "There was an error while running task: gone".to_owned();
        for kind in [ErrorKind::Internal, ErrorKind::Unavailable, ErrorKind::RateLimited, ErrorKind::Schema] {
            assert_eq!(said(error(kind, "gone")), (Code::Unknown, 5, failed.clone()));
        }
        let mute = "There was an error while running task.".to_owned();
        assert_eq!(said(error(ErrorKind::Internal, "")), (Code::Unknown, 5, mute));
        assert_eq!(
            said(error(ErrorKind::Unauthenticated, "who?")),
            (Code::Unauthenticated, 0, "who?".into())
        );
        assert_eq!(said(error(ErrorKind::PermissionDenied, "no")), (Code::PermissionDenied, 0, "no".into()));
        assert_eq!(said(error(ErrorKind::Timeout, "late")), (Code::DeadlineExceeded, 100, "late".into()));
        assert_eq!(said(error(ErrorKind::Cancelled, "off")), (Code::Unknown, 6, "off".into()));
        assert_eq!(said(error(ErrorKind::Exhausted, "full")), (Code::Unavailable, 196_710, "full".into()));
        let panic = error(ErrorKind::Internal, "it panicked").with_panic();
        assert_eq!(said(panic), (Code::Internal, 131_572, "it panicked".into()));
        let placed = error(ErrorKind::Data, "too long").with_row(3).with_column("name");
        assert_eq!(said(placed).2, "row 3, column `name`: too long");
    }

    #[test]
    fn an_authors_own_info_goes_out_as_it_is() {
        let info = ErrorInfo::new(ErrorCode::custom(1_001).unwrap(), "closed");
        let error = Error::new(ErrorKind::InvalidRequest, "the year is closed").with_source(info);
        assert_eq!(said(error), (Code::Unknown, 1_001, "closed".into()));
    }

    #[test]
    fn all_trailers_together_stay_below_what_travels() {
        for text in ["x", "\0", "€", "𝄞", " "] {
            let info = ErrorInfo::new(ErrorCode::POLL, text.repeat(5_000)).with_detail(text.repeat(5_000));
            let trailers = trailers(&status(Code::DeadlineExceeded, &info));
            // As HTTP/2 counts them.
            let size: usize =
                trailers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum();
            assert!(size < 8 << 10, "{text:?}: {size}");
            assert!(trailers["grpc-message"].len() <= LONGEST_MESSAGE + 4);
        }
    }

    #[test]
    fn whatever_the_transport_says_is_a_code_clients_understand() {
        let understood = [
            Code::Unknown,
            Code::DeadlineExceeded,
            Code::Cancelled,
            Code::Unavailable,
            Code::Unauthenticated,
            Code::PermissionDenied,
            Code::Internal,
        ];
        for code in (1..=16).map(Code::from_i32) {
            let dressed = dressed(Status::new(code, "why"));
            let trailers = trailers(&dressed);
            let is_there = trailers.contains_key(ARROW_STATUS);
            if code == Code::Unimplemented {
                assert!(dressed.code() == code && !is_there);
            } else {
                assert!(understood.contains(&dressed.code()) && is_there, "{code:?}: {dressed:?}");
            }
            assert!(trailers.contains_key(ARROW_MESSAGE) && trailers.contains_key(ARROW_DETAIL));
        }
    }

    #[test]
    fn what_the_transport_refuses_is_dressed_and_what_is_dressed_stays() {
        let bare = dressed(Status::out_of_range("the message is too large"));
        assert_eq!((bare.code(), trailers(&bare)[ARROW_STATUS].to_str().unwrap()), (Code::Unknown, "5"));
        let own = status(Code::Unavailable, &Fault::not_ready().info);
        assert_eq!(dressed(own.clone()).details(), own.details());
    }
}
