//! `ErrorInfo`: what GoodData's client reads of an error, a JSON object in its trailers.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;

/// How many characters of a message travel,
const LONGEST_MSG: usize = 256;
/// and of a detail.
const LONGEST_DETAIL: usize = 512;
/// What says that more there was.
const TRUNCATED: &str = " [truncated]";
/// How many bytes of body travel.
const LONGEST_BODY: usize = 1536;
/// How many bytes the JSON takes: trailers beyond 8 KiB are lost at random, and these bytes grow by a third.
const LONGEST_JSON: usize = 3584;

/// The same node may be asked again.
const HERE: u32 = 0x1_0000;
/// Another node may be asked.
const OTHER: u32 = 0x2_0000;
/// Any node may be asked again.
const ANY: u32 = HERE | OTHER;

/// What kind of failure it is, and whether another attempt may help, as a number GoodData's client knows.
///
/// ```
/// use flexconnect_flight::gooddata::ErrorCode;
///
/// assert_eq!(ErrorCode::POLL.value(), 65_637);
/// assert_eq!(ErrorCode::custom(1_234).map(ErrorCode::value), Some(1_234));
/// assert_eq!(ErrorCode::custom(7), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode(u32);

impl ErrorCode {
    /// Nothing is known of the failure.
    pub const UNKNOWN: Self = ErrorCode(0);
    /// An argument of the call is wrong.
    pub const BAD_ARGUMENT: Self = ErrorCode(1);
    /// The call is wrong.
    pub const BAD_REQUEST: Self = ErrorCode(2);
    /// The server has no such service.
    pub const UNSUPPORTED_SERVICE: Self = ErrorCode(3);
    /// The ticket stands for no result, or no longer.
    pub const INVALID_TICKET: Self = ErrorCode(4);
    /// The function failed.
    pub const COMMAND_FAILED: Self = ErrorCode(5);
    /// The invocation was cancelled.
    pub const COMMAND_CANCELLED: Self = ErrorCode(6);
    /// It is too late to cancel the invocation.
    pub const COMMAND_CANCEL_NOT_POSSIBLE: Self = ErrorCode(7);
    /// The result can be read once, and was.
    pub const COMMAND_RESULT_CONSUMED: Self = ErrorCode(8);
    /// The invocation took too long.
    pub const TIMEOUT: Self = ErrorCode(100);
    /// The invocation is still running: ask again.
    pub const POLL: Self = ErrorCode(101 | HERE);
    /// The server has as much to do as it takes.
    pub const BACKPRESSURE: Self = ErrorCode(102 | ANY);
    /// A fault of the server.
    pub const INTERNAL_ERROR: Self = ErrorCode(500 | OTHER);
    /// The server is starting.
    pub const NOT_READY: Self = ErrorCode(501 | ANY);
    /// The server is stopping.
    pub const SHUTTING_DOWN: Self = ErrorCode(502 | OTHER);
    /// The server has no such call.
    pub const NOT_IMPLEMENTED: Self = ErrorCode(503);

    /// A code of one's own, from 1,000 up to 65,535; `None` for a number that has a meaning already or is too large.
    pub fn custom(code: u32) -> Option<Self> {
        (1_000..HERE).contains(&code).then_some(ErrorCode(code))
    }

    /// The number that is sent: the code and what it says of other attempts.
    pub const fn value(self) -> u32 {
        self.0
    }

    /// Its name and its number, without what it says of other attempts, such as `command_failed (5)`.
    #[cfg(feature = "otel")]
    pub(crate) fn name(self) -> String {
        let number = self.0 & (HERE - 1);
        let named = |name: &&(ErrorCode, &str)| name.0.0 & (HERE - 1) == number;
        let name = NAMES.iter().find(named).map_or("custom", |(_, name)| name);
        format!("{name} ({number})")
    }
}

/// What those who read traces call the codes.
#[cfg(feature = "otel")]
const NAMES: [(ErrorCode, &str); 16] = [
    (ErrorCode::UNKNOWN, "unknown"),
    (ErrorCode::BAD_ARGUMENT, "bad_argument"),
    (ErrorCode::BAD_REQUEST, "bad_request"),
    (ErrorCode::UNSUPPORTED_SERVICE, "unsupported_service"),
    (ErrorCode::INVALID_TICKET, "invalid_ticket"),
    (ErrorCode::COMMAND_FAILED, "command_failed"),
    (ErrorCode::COMMAND_CANCELLED, "command_cancelled"),
    (ErrorCode::COMMAND_CANCEL_NOT_POSSIBLE, "command_cancel_not_possible"),
    (ErrorCode::COMMAND_RESULT_CONSUMED, "command_result_consumed"),
    (ErrorCode::TIMEOUT, "timeout"),
    (ErrorCode::POLL, "poll"),
    (ErrorCode::BACKPRESSURE, "backpressure"),
    (ErrorCode::INTERNAL_ERROR, "internal_error"),
    (ErrorCode::NOT_READY, "not_ready"),
    (ErrorCode::SHUTTING_DOWN, "shutting_down"),
    (ErrorCode::NOT_IMPLEMENTED, "not_implemented"),
];

/// What GoodData's client is told of a failure.
///
/// An author who wants to say it with a code or a body of the connector's own puts one behind the error, as its source:
///
/// ```
/// use flexconnect_core::{Error, ErrorKind};
/// use flexconnect_flight::gooddata::{ErrorCode, ErrorInfo};
///
/// let code = ErrorCode::custom(1_001).expect("a code of our own");
/// let info = ErrorInfo::new(code, "The fiscal year is closed.");
/// let error = Error::new(ErrorKind::InvalidRequest, "the fiscal year is closed").with_source(info);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorInfo {
    msg: String,
    detail: Option<String>,
    code: ErrorCode,
    body: Option<Bytes>,
}

impl ErrorInfo {
    /// A failure of this kind with a message for people, of which 256 characters travel.
    pub fn new(code: ErrorCode, msg: impl AsRef<str>) -> Self {
        ErrorInfo { msg: cut(msg.as_ref(), LONGEST_MSG), detail: None, code, body: None }
    }

    /// Adds a detail, of which 512 characters travel, fewer when they take many bytes.
    #[must_use]
    pub fn with_detail(mut self, detail: impl AsRef<str>) -> Self {
        self.detail = Some(cut(detail.as_ref(), LONGEST_DETAIL));
        self
    }

    /// Adds bytes for programs. More than 1,536 of them are left out: they would not arrive.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into()).filter(|body| body.len() <= LONGEST_BODY);
        self
    }

    /// The message.
    pub fn msg(&self) -> &str {
        &self.msg
    }

    /// The detail, if there is one.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The kind of failure.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The JSON that travels. A detail is cut until it fits, and left out when nothing of it does.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let body = self.body.as_ref().map(|body| STANDARD.encode(body));
        let mut detail = self.detail.clone();
        loop {
            let (msg, code) = (self.msg.as_str(), self.code.value());
            let json = Json { msg, detail: detail.as_deref(), code, body: body.as_deref() };
            let json = serde_json::to_vec(&json).unwrap_or_default();
            let Some(text) = detail.filter(|_| json.len() > LONGEST_JSON) else { return json };
            let length = text.trim_end_matches(TRUNCATED).chars().count() / 2;
            detail = (length > 0).then(|| cut(&text, length));
        }
    }
}

#[derive(Serialize)]
struct Json<'a> {
    msg: &'a str,
    detail: Option<&'a str>,
    code: u32,
    body: Option<&'a str>,
}

impl fmt::Display for ErrorInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (code {})", self.msg, self.code.value())
    }
}

impl std::error::Error for ErrorInfo {}

/// The text, or so many characters of it and a word that there was more.
fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}{TRUNCATED}", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parsed(info: &ErrorInfo) -> Value {
        serde_json::from_slice(&info.to_json()).unwrap()
    }

    #[test]
    fn the_bytes_are_those_of_the_contract() {
        let info =
            ErrorInfo::new(ErrorCode::BAD_ARGUMENT, "Unsupported FlexConnect function 'NoSuchFunction'.");
        let expected = r#"{"msg":"Unsupported FlexConnect function 'NoSuchFunction'.","detail":null,"code":1,"body":null}"#;
        assert_eq!(String::from_utf8(info.to_json()).unwrap(), expected);
        let info = info.with_body(&b"why"[..]).with_detail("é");
        assert_eq!((&parsed(&info)["body"], &parsed(&info)["detail"]), (&json!("d2h5"), &json!("é")));
    }

    #[test]
    fn every_code_has_the_number_clients_know() {
        let codes = [
            (ErrorCode::POLL, 65_637),
            (ErrorCode::BACKPRESSURE, 196_710),
            (ErrorCode::INTERNAL_ERROR, 131_572),
            (ErrorCode::NOT_READY, 197_109),
            (ErrorCode::SHUTTING_DOWN, 131_574),
            (ErrorCode::NOT_IMPLEMENTED, 503),
        ];
        for (code, value) in codes {
            assert_eq!(code.value(), value);
        }
        assert_eq!(ErrorCode::custom(HERE), None);
    }

    #[test]
    #[cfg(feature = "otel")]
    fn every_code_has_a_name_for_traces() {
        assert_eq!(ErrorCode::COMMAND_FAILED.name(), "command_failed (5)");
        assert_eq!(ErrorCode::BACKPRESSURE.name(), "backpressure (102)");
        assert_eq!(ErrorCode::custom(1_001).map(ErrorCode::name).as_deref(), Some("custom (1001)"));
    }

    #[test]
    fn long_texts_are_cut_by_characters() {
        let info = ErrorInfo::new(ErrorCode::UNKNOWN, "é".repeat(257)).with_detail("d".repeat(512));
        assert_eq!(info.msg(), format!("{} [truncated]", "é".repeat(256)));
        assert_eq!(info.detail().map(str::len), Some(512));
        let short = ErrorInfo::new(ErrorCode::UNKNOWN, "é".repeat(256));
        assert!(!short.msg().contains("truncated"));
    }

    #[test]
    fn whatever_is_said_fits_the_trailers() {
        for text in ["\0", "€", "𝄞", "\"", "x"] {
            let (msg, detail) = (text.repeat(5_000), text.repeat(5_000));
            let info =
                ErrorInfo::new(ErrorCode::POLL, &msg).with_detail(detail).with_body(vec![0; LONGEST_BODY]);
            assert!(info.to_json().len() <= LONGEST_JSON + LONGEST_BODY, "{}", info.to_json().len());
            assert!(parsed(&info)["msg"].as_str().unwrap().starts_with(text));
            let info = info.with_body(vec![0; LONGEST_BODY + 1]);
            assert!(parsed(&info)["body"].is_null() && info.to_json().len() <= LONGEST_JSON);
        }
    }
}
