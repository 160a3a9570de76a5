//! What a client asks for: the command, and the only place that knows the bytes of descriptors and tickets.

mod descriptor;
mod json;
mod ticket;

use std::fmt;

use flexconnect_core::{Error, WriteMode};
use serde_json::{Map, Value};

pub(crate) use descriptor::path_descriptor;
pub(crate) use json::Purpose;
pub(crate) use ticket::{Planned, ReadId, Seal, TableSchema, fingerprint};

/// A table, and what is asked of it: built by clients, read by servers.
///
/// On the wire it is the JSON command of a `CMD` descriptor, or the components of a `PATH` descriptor when nothing but
/// the path is given.
///
/// ```
/// use flexconnect_flight::Command;
/// use serde_json::json;
///
/// let command = Command::connector("numbers")
///     .with_config(json!({"rows": 1000}))
///     .with_columns(["name", "id"])
///     .with_filter(json!({"column": "id", "op": ">=", "value": 5}))
///     .with_limit(77);
/// assert_eq!(
///     command.to_json(),
///     json!({
///         "connector": "numbers",
///         "config": {"rows": 1000},
///         "columns": ["name", "id"],
///         "filters": [{"column": "id", "op": ">=", "value": 5}],
///         "limit": 77,
///     })
/// );
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Command {
    pub(crate) path: Vec<String>,
    /// As it was given: whether it is a JSON object is for the server to say.
    config: Option<Value>,
    pub(crate) columns: Option<Vec<String>>,
    pub(crate) filters: Vec<Value>,
    pub(crate) limit: Option<u64>,
    pub(crate) partition: Option<String>,
    parameters: Option<Value>,
    pub(crate) mode: Option<WriteMode>,
    pub(crate) explicit_commit: bool,
    pub(crate) rows: Option<u64>,
    pub(crate) idempotency_token: Option<String>,
    pub(crate) parameter: Option<String>,
}

impl Command {
    /// The table at this path, one component per level.
    pub fn path(path: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Command { path: path.into_iter().map(Into::into).collect(), ..Command::default() }
    }

    /// The table of this name: the path `[name]`.
    pub fn connector(name: impl Into<String>) -> Self {
        Command::path([name])
    }

    /// Reads a JSON command.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](flexconnect_core::ErrorKind::InvalidRequest) listing every key that is unknown,
    /// repeated, missing or of the wrong type.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        json::parse(text.as_bytes(), Purpose::Any)
    }

    /// The command as JSON.
    pub fn to_json(&self) -> Value {
        json::write(self)
    }

    /// Sets the parameters of the connector; anything but a JSON object is refused by the server.
    #[must_use]
    pub fn with_config(mut self, config: Value) -> Self {
        self.config = Some(config).filter(|config| !config.is_null());
        self
    }

    /// Asks for these columns, in this order; none of them still counts the rows.
    #[must_use]
    pub fn with_columns(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.columns = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Adds a filter every row must satisfy, in its JSON form:
    /// `{"column": "id", "op": ">=", "value": 5}`, `{"or": [..]}` and so on.
    #[must_use]
    pub fn with_filter(mut self, filter: Value) -> Self {
        self.filters.push(filter);
        self
    }

    /// Asks for at most this many rows.
    #[must_use]
    pub fn with_limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Asks for one partition, by its id.
    #[must_use]
    pub fn with_partition(mut self, partition: impl Into<String>) -> Self {
        self.partition = Some(partition.into());
        self
    }

    /// Sets the call's own JSON, which reaches the connector's author unread.
    #[must_use]
    pub fn with_parameters(mut self, parameters: Value) -> Self {
        self.parameters = Some(parameters).filter(|parameters| !parameters.is_null());
        self
    }

    /// How a write changes the table.
    #[must_use]
    pub fn with_mode(mut self, mode: WriteMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Keeps a write only when its last message says so. [`Client`](crate::Client) always writes this way.
    #[must_use]
    pub fn with_explicit_commit(mut self) -> Self {
        self.explicit_commit = true;
        self
    }

    /// Names the parameter whose choices are asked for, in the action `flexconnect.choices`.
    #[must_use]
    pub fn with_parameter(mut self, parameter: impl Into<String>) -> Self {
        self.parameter = Some(parameter.into());
        self
    }

    /// The client's values for the connector.
    pub(crate) fn config(&self) -> Map<String, Value> {
        members(self.config.as_ref())
    }

    /// The call's own JSON.
    pub(crate) fn parameters(&self) -> Map<String, Value> {
        members(self.parameters.as_ref())
    }

    /// Announces how many rows a write brings; another number is refused.
    #[must_use]
    pub fn with_rows(mut self, rows: u64) -> Self {
        self.rows = Some(rows);
        self
    }

    /// Names a write, so that its repetition is recognised by connectors that can.
    #[must_use]
    pub fn with_idempotency_token(mut self, token: impl Into<String>) -> Self {
        self.idempotency_token = Some(token.into());
        self
    }
}

/// The values of `config` and `parameters` may be secrets.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("path", &self.path)
            .field("config", &self.config().keys().collect::<Vec<_>>())
            .field("columns", &self.columns)
            .field("limit", &self.limit)
            .field("partition", &self.partition)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// The members of what has been read as a JSON object.
fn members(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}
