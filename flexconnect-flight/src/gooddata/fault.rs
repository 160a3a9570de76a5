//! What can go wrong with a call besides its function, each with its status, code and words.

use std::fmt;

use flexconnect_core::{Error, ErrorKind};
use tonic::Code;

use super::error_info::{ErrorCode, ErrorInfo};
use super::ticket::TaskId;

/// A failure with the status it ends a call with. It travels to the dialect as the source of an [`Error`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: Code,
    pub(crate) info: ErrorInfo,
}

impl Fault {
    fn new(status: Code, code: ErrorCode, msg: impl AsRef<str>) -> Self {
        Fault { status, info: ErrorInfo::new(code, msg) }
    }

    /// The caller's mistake. It is told as `UNKNOWN`: clients give no info of the codes made for that.
    fn mistake(code: ErrorCode, msg: impl AsRef<str>) -> Self {
        Fault::new(Code::Unknown, code, msg)
    }

    /// A descriptor that is no invocation: `why` goes on with "the invocation payload" or the like.
    pub(crate) fn invocation(why: &str) -> Self {
        let msg = format!("Incorrect FlexConnect function invocation. {why}");
        Fault::mistake(ErrorCode::BAD_ARGUMENT, msg)
    }

    pub(crate) fn no_function(name: &str) -> Self {
        Fault::mistake(ErrorCode::BAD_ARGUMENT, format!("Unsupported FlexConnect function '{name}'."))
    }

    /// A ticket that is none of ours: `why` goes on with "the ticket payload".
    pub(crate) fn ticket(why: &str) -> Self {
        Fault::mistake(ErrorCode::BAD_ARGUMENT, format!("Incorrect ticket payload. {why}"))
    }

    pub(crate) fn no_task(task: impl fmt::Display) -> Self {
        Fault::mistake(ErrorCode::BAD_ARGUMENT, format!("Task with id '{task}' does not exist."))
    }

    pub(crate) fn no_result(task: impl fmt::Display) -> Self {
        let msg = format!("Unable to serve data for task '{task}'. The task result is not present.");
        Fault::mistake(ErrorCode::INVALID_TICKET, msg)
    }

    pub(crate) fn consumed() -> Self {
        let msg = "Result data was already consumed or closed.";
        Fault::mistake(ErrorCode::COMMAND_RESULT_CONSUMED, msg)
    }

    /// What a cancelled task is to those who still ask for it.
    pub(crate) fn was_cancelled(task: TaskId) -> Self {
        let msg = format!("FlexConnect function invocation was cancelled. Invocation task was: '{task}'.");
        Fault::mistake(ErrorCode::COMMAND_CANCELLED, msg)
    }

    /// The answer to a cancelling that did what it should.
    pub(crate) fn cancelled() -> Self {
        let msg = "FlexConnect function invocation was cancelled.";
        Fault::new(Code::Cancelled, ErrorCode::COMMAND_CANCELLED, msg)
    }

    pub(crate) fn timeout(task: TaskId) -> Self {
        let msg = format!("GetFlightInfo timed out while waiting for task {task}.");
        Fault::new(Code::DeadlineExceeded, ErrorCode::TIMEOUT, msg)
    }

    /// Still running; `body` says how to go on.
    pub(crate) fn poll(body: Vec<u8>) -> Self {
        let info = ErrorInfo::new(ErrorCode::POLL, "Work in progress. Retry.").with_body(body);
        Fault { status: Code::DeadlineExceeded, info }
    }

    pub(crate) fn backpressure(msg: impl AsRef<str>) -> Self {
        Fault::new(Code::Unavailable, ErrorCode::BACKPRESSURE, msg)
    }

    pub(crate) fn not_ready() -> Self {
        Fault::new(Code::Unavailable, ErrorCode::NOT_READY, "Try again later.")
    }

    pub(crate) fn shutting_down() -> Self {
        Fault::new(Code::Unavailable, ErrorCode::SHUTTING_DOWN, "Server is shutting down.")
    }

    /// A call no GoodData server answers.
    pub(crate) fn not_implemented(verb: &str) -> Self {
        let msg = format!("{verb} is not implemented: this server has functions to list and to invoke.");
        Fault::new(Code::Unimplemented, ErrorCode::NOT_IMPLEMENTED, msg)
    }

    /// The kind of error nearest to it, for the log.
    fn kind(&self) -> ErrorKind {
        match self.status {
            Code::DeadlineExceeded => ErrorKind::Timeout,
            Code::Cancelled => ErrorKind::Cancelled,
            Code::Unavailable if self.info.code() == ErrorCode::BACKPRESSURE => ErrorKind::Exhausted,
            Code::Unavailable => ErrorKind::Unavailable,
            Code::Unimplemented => ErrorKind::Unsupported,
            _ => ErrorKind::InvalidRequest,
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Error::new(fault.kind(), fault.info.msg().to_owned()).with_source(fault)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The error it is behind has its text.
        write!(f, "code {}", self.info.code().value())
    }
}

impl std::error::Error for Fault {}
