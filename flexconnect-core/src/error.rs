//! One error type: a kind to match on, a message to read, a place, retry advice and a source.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Any error an author's code can raise; `?` converts into it.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// The result of author-facing methods: `?` works on every error type.
///
/// An [`Error`] that travels inside the [`BoxError`] keeps its kind and place; any other error is
/// [`ErrorKind::Internal`] unless it is classified with [`ResultExt::kind`].
pub type Result<T, E = BoxError> = std::result::Result<T, E>;

/// What class of failure this is: doors translate it to their own codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration is wrong; the message lists every fault.
    Config,
    /// No credentials, or bad ones.
    Unauthenticated,
    /// The caller is known and may not do this.
    PermissionDenied,
    /// The table, partition or file is not there.
    NotFound,
    /// The request itself is wrong: an unknown column, a filter that does not fit.
    InvalidRequest,
    /// Two schemas do not fit each other.
    Schema,
    /// A value does not fit its column.
    Data,
    /// The source asks for fewer requests.
    RateLimited,
    /// The source cannot be reached now.
    Unavailable,
    /// Something took longer than it may.
    Timeout,
    /// The reader or the writer has gone.
    Cancelled,
    /// A quota or a bound of this service is used up.
    Exhausted,
    /// The call came at the wrong time: a plan that is out of date, a write that ended without its commit.
    /// The message says what has to happen first.
    Precondition,
    /// A write to something that can only be read.
    ReadOnly,
    /// Something this connector or door does not offer.
    Unsupported,
    /// A bug, or an error its author has not classified.
    Internal,
}

impl ErrorKind {
    /// The kind in `snake_case`, as it appears in logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Unauthenticated => "unauthenticated",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::InvalidRequest => "invalid_request",
            Self::Schema => "schema",
            Self::Data => "data",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Exhausted => "exhausted",
            Self::Precondition => "precondition",
            Self::ReadOnly => "read_only",
            Self::Unsupported => "unsupported",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error of flexconnect: kind, message, place, retry advice and source.
///
/// ```
/// use flexconnect_core::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::Data, "`abc` is not a number").with_column("price").with_row(7);
/// assert_eq!(error.to_string(), "row 7, column `price`: `abc` is not a number");
/// assert_eq!(error.kind(), ErrorKind::Data);
/// ```
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

/// Boxed, so that a `Result` stays small on the row path.
#[derive(Debug, Clone)]
struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    place: Place,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    panicked: bool,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0.place, self.0.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// Where an error happened, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The connector's path, its components joined by `/`.
    pub connector: Option<String>,
    /// The partition's id.
    pub partition: Option<String>,
    /// The row, counted from 0 within the read (or the write) of one partition.
    pub row: Option<u64>,
    /// The column; parts of a nested one joined by `.`.
    pub column: Option<String>,
}

/// The known parts and a colon, as a message begins; nothing when no part is known.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::with_capacity(4);
        parts.extend(self.connector.as_ref().map(|connector| format!("connector `{connector}`")));
        parts.extend(self.partition.as_ref().map(|partition| format!("partition `{partition}`")));
        parts.extend(self.row.map(|row| format!("row {row}")));
        parts.extend(self.column.as_ref().map(|column| format!("column `{column}`")));
        if parts.is_empty() { Ok(()) } else { write!(f, "{}: ", parts.join(", ")) }
    }
}

impl Error {
    /// An error of this kind, with a message that says what is wrong and what to do.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            place: Place::default(),
            retry_after: None,
            source: None,
            panicked: false,
        }))
    }

    /// The error behind any boxed error: an [`Error`] inside keeps its kind, place and advice, any other
    /// becomes [`ErrorKind::Internal`] with that error's text as message and the error as source.
    pub fn from_boxed(error: BoxError) -> Self {
        match error.downcast::<Error>() {
            Ok(error) => *error,
            Err(foreign) => {
                let message = foreign.to_string();
                let mut error = Error::new(ErrorKind::Internal, message);
                error.0.source = Some(Arc::from(foreign));
                error
            }
        }
    }

    /// What the reader is told when an author's code panics: the panic's own text may hold data.
    pub(crate) fn panicked() -> Self {
        Error::new(ErrorKind::Internal, "the connector panicked; this call ended, others go on (see the log)")
            .with_panic()
    }

    /// Says that it comes from a panic, for doors that tell a fault of the code from a failure of the work.
    #[must_use]
    pub fn with_panic(mut self) -> Self {
        self.0.panicked = true;
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// Changes every text that is part of it. Causes are texts after that: what they were before cannot be asked.
    pub(crate) fn with_texts(mut self, change: impl Fn(&str) -> String) -> Self {
        let causes = self.causes();
        let Inner { message, place, source, .. } = &mut *self.0;
        *message = change(message).into();
        for part in [&mut place.connector, &mut place.partition, &mut place.column].into_iter().flatten() {
            *part = change(part);
        }
        if source.is_some() {
            let causes: BoxError = change(&causes).into();
            *source = Some(Arc::from(causes));
        }
        self
    }

    /// Replaces the kind.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Names the connector, unless a place nearer to the fault did so already.
    #[must_use]
    pub fn with_connector(mut self, connector: impl Into<String>) -> Self {
        self.0.place.connector.get_or_insert_with(|| connector.into());
        self
    }

    /// Names the partition, unless a place nearer to the fault did so already.
    #[must_use]
    pub fn with_partition(mut self, partition: impl Into<String>) -> Self {
        self.0.place.partition.get_or_insert_with(|| partition.into());
        self
    }

    /// Counts the row from further back: these many rows came before the batch it was counted in.
    #[must_use]
    pub(crate) fn after_rows(mut self, before: u64) -> Self {
        if let Some(row) = &mut self.0.place.row {
            *row += before;
        }
        self
    }

    /// Says which row, counted from 0, unless it is known already.
    #[must_use]
    pub fn with_row(mut self, row: u64) -> Self {
        self.0.place.row.get_or_insert(row);
        self
    }

    /// Names the column, unless it is known already.
    #[must_use]
    pub fn with_column(mut self, column: impl Into<String>) -> Self {
        self.0.place.column.get_or_insert_with(|| column.into());
        self
    }

    /// Says that the same call may succeed after this time.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// The class of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether it comes from a panic.
    pub fn is_panic(&self) -> bool {
        self.0.panicked
    }

    /// The error an author put behind this one, where it is of this type: what a door can say that core has no words
    /// for.
    ///
    /// ```
    /// use flexconnect_core::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::Data, "not a number").with_source("x".parse::<u8>().unwrap_err());
    /// assert!(error.cause::<std::num::ParseIntError>().is_some());
    /// assert!(error.cause::<std::fmt::Error>().is_none());
    /// ```
    pub fn cause<T: StdError + 'static>(&self) -> Option<&T> {
        let mut next = self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static));
        while let Some(cause) = next {
            if let Some(found) = cause.downcast_ref::<T>() {
                return Some(found);
            }
            next = cause.source();
        }
        None
    }

    /// The message without the place.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where it happened.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// After how long the same call may succeed, when that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The error as a log may have it above the level of debugging: its text and its [causes](Self::causes), but of
    /// [`ErrorKind::Data`] and [`ErrorKind::Config`] only the place, because their texts quote values of rows and of
    /// configurations.
    pub fn for_log(&self) -> String {
        match self.0.kind {
            ErrorKind::Data | ErrorKind::Config => {
                format!("{}the text is logged at debug level only", self.0.place)
            }
            _ => match self.causes() {
                causes if causes.is_empty() => self.to_string(),
                causes => format!("{self}: {causes}"),
            },
        }
    }

    /// The cause and the causes behind it, joined by `: `, for a log. Empty when there is none.
    ///
    /// A cause may carry what must not leave the process: it is not sent to clients.
    pub fn causes(&self) -> String {
        let mut text = String::new();
        let mut next = self.source();
        while let Some(cause) = next {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        text
    }
}

/// Classifies foreign errors where it matters: `client.get(url).await.kind(ErrorKind::Unavailable)?`.
///
/// ```
/// use flexconnect_core::{ErrorKind, Result, ResultExt};
///
/// fn parse(text: &str) -> Result<u16> {
///     Ok(text.parse::<u16>().kind(ErrorKind::Data)?)
/// }
/// assert!(parse("70000").is_err());
/// ```
pub trait ResultExt<T> {
    /// Gives the error this kind; its text stays the message and it stays the source.
    fn kind(self, kind: ErrorKind) -> std::result::Result<T, Error>;
}

impl<T, E: Into<BoxError>> ResultExt<T> for std::result::Result<T, E> {
    fn kind(self, kind: ErrorKind) -> std::result::Result<T, Error> {
        self.map_err(|error| Error::from_boxed(error.into()).with_kind(kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boxed_error_keeps_its_kind_and_place() {
        let boxed: BoxError = Error::new(ErrorKind::RateLimited, "slow down").with_row(3).into();
        let error = Error::from_boxed(boxed).with_row(9).with_connector("items");
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert_eq!(error.to_string(), "connector `items`, row 3: slow down");
    }

    #[test]
    fn a_log_has_causes_and_no_values_of_rows() {
        let error = |kind| Error::new(kind, "`4711` is odd").with_row(3).with_source("cause");
        assert_eq!(error(ErrorKind::Internal).for_log(), "row 3: `4711` is odd: cause");
        for kind in [ErrorKind::Data, ErrorKind::Config] {
            let text = error(kind).for_log();
            assert!(
                text.starts_with("row 3: ") && !text.contains("4711") && !text.contains("cause"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_foreign_error_is_internal_and_stays_the_cause() {
        let boxed: BoxError = "x".parse::<i32>().unwrap_err().into();
        let error = Error::from_boxed(boxed);
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert_eq!(error.causes(), "invalid digit found in string");
    }
}
