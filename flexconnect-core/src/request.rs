//! What a reader or a writer asks for: hints to the connector, promises to the caller.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Instant;

use arrow_schema::{Schema, SchemaRef};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::capabilities::WriteMode;
use crate::error::{Error, ErrorKind};
use crate::partition::Partition;
use crate::predicate::Predicate;
use crate::state::State;

/// Who is calling, as the door found out; anonymous by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Caller {
    /// The name the door authenticated, if it did.
    pub name: Option<String>,
}

impl Caller {
    /// An authenticated caller.
    pub fn named(name: impl Into<String>) -> Self {
        Caller { name: Some(name.into()) }
    }
}

/// One read: which columns, which rows, from where.
///
/// A connector may ignore all of it: columns are trimmed, the limit is kept and filters are applied
/// around every connector.
///
/// ```
/// use flexconnect_core::{CompareOp, Predicate, ReadRequest, Value};
///
/// let request = ReadRequest::new()
///     .with_projection(["name", "id"])
///     .with_predicate(Predicate::Compare { column: "id".into(), op: CompareOp::GtEq, value: Value::from(5) })
///     .with_limit(77);
/// assert_eq!(request.limit, Some(77));
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ReadRequest {
    /// The columns wanted, in this order; `None` is all, an empty list is none (rows still count).
    pub projection: Option<Vec<String>>,
    /// Conjuncts every row must satisfy. An author sees only those declared exact or inexact.
    pub predicates: Vec<Predicate>,
    /// At most this many rows. An author sees it only when no filter is left to be applied after.
    pub limit: Option<u64>,
    /// One part of the table; `None` is the whole.
    pub partition: Option<Partition>,
    /// Where an earlier read stood.
    pub state: Option<State>,
    /// The call's own JSON, unread by the library.
    pub parameters: Map<String, Value>,
    /// The call's headers, names in lower case, without the credentials its door took.
    pub headers: BTreeMap<String, String>,
    /// The single values of those headers that came more than once, which [`headers`](Self::headers) has joined;
    /// [`header_values`](Self::header_values) gives those of any.
    pub repeated_headers: BTreeMap<String, Vec<String>>,
    /// The call's headers of bytes, which end in `-bin`: each value as it was before it was encoded to travel.
    pub binary_headers: BTreeMap<String, Vec<Vec<u8>>>,
    /// The schema rows are encoded to when it was found earlier; never inferred twice.
    pub schema: Option<SchemaRef>,
    /// Who is calling.
    pub caller: Caller,
    /// When the caller stops waiting.
    pub deadline: Option<Instant>,
    /// How many rows a batch may have, [`BATCH_ROWS`](Self::BATCH_ROWS) if not said. Batches that a connector makes itself are
    /// not cut.
    pub batch_rows: Option<usize>,
    /// About how many bytes a batch may have, [`BATCH_BYTES`](Self::BATCH_BYTES) if not said. Batches that a connector makes
    /// itself are not cut.
    pub batch_bytes: Option<usize>,
}

impl ReadRequest {
    /// How many rows a batch has at most, unless the request asks for fewer; batches a connector makes itself are not cut.
    pub const BATCH_ROWS: usize = 8_192;
    /// About how many bytes a batch has at most, as [`BATCH_ROWS`](Self::BATCH_ROWS).
    pub const BATCH_BYTES: usize = 8 << 20;

    /// All rows, all columns.
    pub fn new() -> Self {
        ReadRequest::default()
    }

    /// Asks for these columns, in this order.
    #[must_use]
    pub fn with_projection(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.projection = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Adds one conjunct.
    #[must_use]
    pub fn with_predicate(mut self, predicate: Predicate) -> Self {
        self.predicates.push(predicate);
        self
    }

    /// Asks for at most this many rows.
    #[must_use]
    pub fn with_limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Asks for one partition.
    #[must_use]
    pub fn with_partition(mut self, partition: Partition) -> Self {
        self.partition = Some(partition);
        self
    }

    /// Has batches of at most so many rows, and of about so many bytes: whoever serves very many readers at a time holds a
    /// batch of each.
    #[must_use]
    pub fn with_batch_size(mut self, rows: usize, bytes: usize) -> Self {
        (self.batch_rows, self.batch_bytes) = (Some(rows), Some(bytes));
        self
    }

    /// Resumes from here.
    #[must_use]
    pub fn with_state(mut self, state: State) -> Self {
        self.state = Some(state);
        self
    }

    /// Sets the call's own JSON.
    #[must_use]
    pub fn with_parameters(mut self, parameters: Map<String, Value>) -> Self {
        self.parameters = parameters;
        self
    }

    /// Adds a header; the name is kept in lower case.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into().to_ascii_lowercase(), value.into());
        self
    }

    /// Pins the schema, found by an earlier read of the same table.
    #[must_use]
    pub fn with_schema(mut self, schema: SchemaRef) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Says who is calling.
    #[must_use]
    pub fn with_caller(mut self, caller: Caller) -> Self {
        self.caller = caller;
        self
    }

    /// Says when the caller stops waiting.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The state to resume from as the author's own type; `None` for a first read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when the stored value is not of that type.
    pub fn state<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        self.state.as_ref().map(State::decode).transpose()
    }

    /// The columns this read looks at: those of [`schema`](Self::schema) that [`projection`](Self::projection)
    /// names, in the table's order. `None` while the columns are still to be found from the rows.
    ///
    /// A connector with [`Values`](crate::Values) rows that honours the projection gives its cells in this order.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use flexconnect_core::ReadRequest;
    /// use flexconnect_core::arrow_schema::{DataType, Field, Schema};
    ///
    /// let field = |name| Field::new(name, DataType::Int64, true);
    /// let table = Arc::new(Schema::new(vec![field("a"), field("b"), field("c")]));
    /// let request = ReadRequest::new().with_schema(table).with_projection(["c", "a"]);
    /// let columns = request.read_schema().expect("the schema is pinned");
    /// assert_eq!(columns.as_ref(), &Schema::new(vec![field("a"), field("c")]));
    /// ```
    pub fn read_schema(&self) -> Option<SchemaRef> {
        let table = self.schema.as_ref()?;
        let Some(projection) = &self.projection else { return Some(table.clone()) };
        let fields: Vec<_> =
            table.fields().iter().filter(|field| projection.contains(field.name())).cloned().collect();
        Some(Schema::new_with_metadata(fields, table.metadata().clone()).into())
    }

    /// The values of a header, one for each time it came; none when it did not.
    ///
    /// ```
    /// use flexconnect_core::ReadRequest;
    ///
    /// let request = ReadRequest::new().with_header("X-Trace", "7");
    /// assert_eq!(request.header_values("x-trace"), ["7"]);
    /// assert!(request.header_values("x-other").is_empty());
    /// ```
    pub fn header_values(&self, name: &str) -> Vec<&str> {
        match self.repeated_headers.get(name) {
            Some(values) => values.iter().map(String::as_str).collect(),
            None => self.headers.get(name).map(String::as_str).into_iter().collect(),
        }
    }

    /// One of the call's own parameters as a type; `None` when it is absent or null.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] with the parameter's name when it is not of that type.
    pub fn parameter<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        match self.parameters.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => T::deserialize(value).map(Some).map_err(|error| {
                Error::new(ErrorKind::InvalidRequest, format!("parameter `{name}`: {error}"))
            }),
        }
    }
}

/// Of headers and parameters only the names: there may be secrets among their values.
impl fmt::Debug for ReadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ReadRequest {
            projection,
            predicates,
            limit,
            partition,
            state,
            parameters,
            headers,
            // Their names are among the headers.
            repeated_headers: _,
            binary_headers,
            schema,
            caller,
            deadline,
            batch_rows,
            batch_bytes,
        } = self;
        f.debug_struct("ReadRequest")
            .field("projection", projection)
            .field("predicates", predicates)
            .field("limit", limit)
            .field("partition", partition)
            .field("state", state)
            .field("parameters", &Names(parameters.keys()))
            .field("headers", &Names(headers.keys()))
            .field("binary_headers", &Names(binary_headers.keys()))
            .field("schema", schema)
            .field("caller", caller)
            .field("deadline", deadline)
            .field("batch_rows", batch_rows)
            .field("batch_bytes", batch_bytes)
            .finish()
    }
}

/// Shows them as a list.
struct Names<I>(I);

impl<I: Iterator<Item: fmt::Debug> + Clone> fmt::Debug for Names<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.clone()).finish()
    }
}

/// One write: how, with which columns, into which part.
#[derive(Clone)]
#[non_exhaustive]
pub struct WriteRequest {
    /// How the table changes.
    pub mode: WriteMode,
    /// The columns of the batches to come, in the table's order.
    pub schema: SchemaRef,
    /// One part of the table; `None` is the whole.
    pub partition: Option<Partition>,
    /// A token under which a repeated write gives the first result; only for connectors that declare it.
    pub idempotency_token: Option<String>,
    /// The call's own JSON, unread by the library.
    pub parameters: Map<String, Value>,
    /// The call's headers, names in lower case, without the credentials its door took.
    pub headers: BTreeMap<String, String>,
    /// The call's headers of bytes, which end in `-bin`: each value as it was before it was encoded to travel.
    pub binary_headers: BTreeMap<String, Vec<Vec<u8>>>,
    /// Who is calling.
    pub caller: Caller,
}

/// Of headers and parameters only the names: there may be secrets among their values.
impl fmt::Debug for WriteRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WriteRequest {
            mode,
            schema,
            partition,
            idempotency_token,
            parameters,
            headers,
            binary_headers,
            caller,
        } = self;
        f.debug_struct("WriteRequest")
            .field("mode", mode)
            .field("schema", schema)
            .field("partition", partition)
            .field("idempotency_token", idempotency_token)
            .field("parameters", &Names(parameters.keys()))
            .field("headers", &Names(headers.keys()))
            .field("binary_headers", &Names(binary_headers.keys()))
            .field("caller", caller)
            .finish()
    }
}

impl WriteRequest {
    /// Appends batches of this schema.
    pub fn new(schema: SchemaRef) -> Self {
        WriteRequest {
            mode: WriteMode::Append,
            schema,
            partition: None,
            idempotency_token: None,
            parameters: Map::new(),
            headers: BTreeMap::new(),
            binary_headers: BTreeMap::new(),
            caller: Caller::default(),
        }
    }

    /// Sets the mode.
    #[must_use]
    pub fn with_mode(mut self, mode: WriteMode) -> Self {
        self.mode = mode;
        self
    }

    /// Writes into one partition.
    #[must_use]
    pub fn with_partition(mut self, partition: Partition) -> Self {
        self.partition = Some(partition);
        self
    }

    /// Names the write, so that a repetition is recognised.
    #[must_use]
    pub fn with_idempotency_token(mut self, token: impl Into<String>) -> Self {
        self.idempotency_token = Some(token.into());
        self
    }

    /// Sets the call's own JSON.
    #[must_use]
    pub fn with_parameters(mut self, parameters: Map<String, Value>) -> Self {
        self.parameters = parameters;
        self
    }

    /// Adds a header; the name is kept in lower case.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into().to_ascii_lowercase(), value.into());
        self
    }

    /// Says who is calling.
    #[must_use]
    pub fn with_caller(mut self, caller: Caller) -> Self {
        self.caller = caller;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_of_a_header_or_a_parameter_is_shown() {
        let parameters: Map<String, Value> = [("key".to_owned(), Value::from("hush"))].into_iter().collect();
        let mut read = ReadRequest::new().with_header("x-token", "hush").with_parameters(parameters.clone());
        read.repeated_headers.insert("x-token".into(), vec!["hush".into()]);
        read.binary_headers.insert("x-raw-bin".into(), vec![b"hush".to_vec()]);
        let write = WriteRequest::new(SchemaRef::new(Schema::empty()))
            .with_header("x-token", "hush")
            .with_parameters(parameters);
        for shown in [format!("{read:?}"), format!("{write:?}")] {
            let named = ["x-token", "key"].iter().all(|name| shown.contains(name));
            assert!(named && !shown.contains("hush") && !shown.contains("104, 117"), "{shown}");
        }
    }
}
