//! Connectors as functions: their names, how they are listed, and how one begins.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_flight::FlightInfo;
use arrow_schema::{Schema, SchemaRef};
use flexconnect_core::{Dataset, Entry, Error, ErrorKind, Plugin, ReadRequest};
use serde_json::{Map, Value};

use super::announced::Announced;
use super::command::{Invocation, listed};
use super::fault::Fault;
use super::run::Started;

/// How the keys begin that tell facts of a table, such as its name and its primary key.
const OURS: &str = "flexconnect:";

/// The functions of a server, in the order they were mounted.
#[derive(Debug)]
pub(crate) struct Functions {
    all: Vec<Arc<Function>>,
    by_name: HashMap<String, Arc<Function>>,
}

/// One connector as a function.
pub(crate) struct Function {
    name: String,
    entry: Entry,
    /// The columns its connector has.
    schema: SchemaRef,
    /// The same as it is listed with them.
    columns: Announced,
    listing: FlightInfo,
    /// Opened when the server started; `None` where it needs parameters of a call.
    opened: Option<Arc<dyn Dataset>>,
}

impl Functions {
    /// All that is mounted, or those of these names; what can be opened without a call is opened.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a plugin that is not put together well and for a connector whose columns nobody has
    /// declared; what a connector raised that could not be opened.
    pub(crate) async fn load(plugin: &Plugin, names: &[String]) -> Result<Self, Error> {
        plugin.check()?;
        let entries = chosen(plugin.list().await, names);
        let mut functions = Functions { all: Vec::new(), by_name: HashMap::new() };
        for entry in entries {
            let function = Arc::new(Function::load(entry).await?);
            if functions.by_name.insert(function.name.clone(), function.clone()).is_some() {
                let message = format!("two functions have the name `{}`", function.name);
                return Err(Error::new(ErrorKind::Config, message));
            }
            functions.all.push(function);
        }
        let names: Vec<_> = functions.all.iter().map(|function| &*function.name).collect();
        tracing::info!(functions = names.join(", "), "load_flexconnect_funs_done");
        Ok(functions)
    }

    /// How each is listed.
    pub(crate) fn listing(&self) -> Vec<FlightInfo> {
        self.all.iter().map(|function| function.listing.clone()).collect()
    }

    /// The function with this name.
    pub(crate) fn find(&self, name: &str) -> Result<Arc<Function>, Fault> {
        self.by_name.get(name).cloned().ok_or_else(|| Fault::no_function(name))
    }
}

/// Those of these names; all when there is none of them.
fn chosen(entries: Vec<Entry>, names: &[String]) -> Vec<Entry> {
    let is_named = |entry: &Entry| names.contains(&name_of(entry));
    let unknown: Vec<_> =
        names.iter().filter(|name| !entries.iter().any(|entry| name_of(entry) == **name)).cloned().collect();
    if !unknown.is_empty() {
        tracing::warn!(names = unknown.join(", "), "no functions have these names; they are ignored");
    }
    if entries.iter().any(is_named) { entries.into_iter().filter(is_named).collect() } else { entries }
}

fn name_of(entry: &Entry) -> String {
    entry.path().join("/")
}

impl Function {
    async fn load(entry: Entry) -> Result<Self, Error> {
        let name = name_of(&entry);
        let needs_call =
            entry.parameters().any(|parameter| parameter.required && parameter.visible_when.is_empty());
        let opened = if needs_call { None } else { Some(entry.open(Map::new()).await?) };
        let known = match &opened {
            Some(opened) => opened.known_schema().await?,
            None => entry.schema().cloned(),
        };
        let schema = known.ok_or_else(|| {
            let message = "a function's columns are listed before it is ever invoked, and nobody has declared these: \
                           derive `Table` for its rows, or say them in `get_read_schema` of a connector that needs no \
                           parameters of a call";
            Error::new(ErrorKind::Config, message).with_connector(&name)
        })?;
        let columns = Announced::new(with_metadata(&schema, schema.metadata().clone()).into())?;
        let listing = FlightInfo {
            schema: columns.bytes.clone(),
            flight_descriptor: Some(listed(&name, &entry.about().metadata)),
            total_records: -1,
            total_bytes: -1,
            ..FlightInfo::default()
        };
        Ok(Function { name, entry, schema, columns, listing, opened })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The bytes of the columns it is listed with.
    pub(crate) fn schema_bytes(&self) -> bytes::Bytes {
        self.columns.bytes.clone()
    }

    /// Begins it, and waits for its first rows. `request` is the call's: its headers, its caller, its deadline.
    pub(crate) async fn begin(&self, invocation: Invocation, request: ReadRequest) -> Result<Started, Error> {
        let place = |error: Error| error.with_connector(&self.name);
        let dataset = self.open(&invocation.parameters).await?;
        let table = match dataset.known_schema().await.map_err(place)? {
            Some(table) => table,
            None => self.schema.clone(),
        };
        if table != self.schema {
            tracing::debug!(fun = self.name, "the columns of this call are not those of the listing");
        }
        let mut request = request.with_schema(table.clone());
        if !self.entry.capabilities().all_columns {
            request.projection = invocation.columns().and_then(|columns| known_columns(&table, &columns));
        }
        request.parameters = invocation.parameters;
        let mut batches = dataset.read(request).await?;
        batches.start().await?;
        let mut metadata = batches.schema().metadata().clone();
        metadata.extend(batches.metadata().iter().map(|(key, value)| (key.clone(), value.clone())));
        let schema = with_metadata(&batches.schema(), metadata);
        let columns = if schema == *self.columns.schema {
            self.columns.clone()
        } else {
            Announced::new(schema.into())?
        };
        Ok(Started { columns, batches })
    }

    /// The connector with what the call says of its open parameters.
    async fn open(&self, parameters: &Map<String, Value>) -> Result<Arc<dyn Dataset>, Error> {
        let values = self.values(parameters);
        match &self.opened {
            Some(opened) if values.is_empty() => Ok(opened.clone()),
            _ => self.entry.open(values).await.map_err(|error| refused(error.with_connector(&self.name))),
        }
    }

    /// Those of a call's parameters that are open parameters of the connector; what the operator has set stays.
    fn values(&self, parameters: &Map<String, Value>) -> Map<String, Value> {
        let is_open = |key: &str| {
            self.entry
                .parameters()
                .any(|parameter| parameter.name == key || parameter.aliases.iter().any(|alias| alias == key))
        };
        let open = parameters.iter().filter(|(key, _)| is_open(key));
        open.map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

/// A connector that could not be opened with what a call says: the call's fault, as far as nobody has said otherwise.
fn refused(error: Error) -> Error {
    match error.kind() {
        _ if error.is_panic() => error,
        ErrorKind::Unauthenticated
        | ErrorKind::PermissionDenied
        | ErrorKind::Timeout
        | ErrorKind::Cancelled
        | ErrorKind::Exhausted => error,
        _ => error.with_kind(ErrorKind::Config),
    }
}

/// The columns with this metadata, but for what other doors and their planners are told of a table.
fn with_metadata(schema: &Schema, mut metadata: HashMap<String, String>) -> Schema {
    metadata.retain(|key, _| !key.starts_with(OURS));
    schema.clone().with_metadata(metadata)
}

/// Those columns the table has, each once, in the order asked; `None`, which is all, when that is none.
fn known_columns(table: &Schema, columns: &[&str]) -> Option<Vec<String>> {
    let mut known: Vec<String> = Vec::new();
    for column in columns {
        if table.field_with_name(column).is_ok() && !known.iter().any(|other| other == column) {
            known.push((*column).to_owned());
        }
    }
    (!known.is_empty()).then_some(known)
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Function").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use arrow_schema::{DataType, Field};

    use super::*;

    #[test]
    fn unknown_columns_are_ignored_and_none_is_all() {
        let table = Schema::new(["a", "b", "c"].map(|name| Field::new(name, DataType::Int64, true)).to_vec());
        let known = |columns: &[&str]| known_columns(&table, columns);
        assert_eq!(known(&["c", "x", "a", "c"]), Some(vec!["c".into(), "a".into()]));
        assert_eq!((known(&[]), known(&["x"])), (None, None));
    }
}
