//! From a command to a read: the table opened, its columns known, the request checked, nothing read yet.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use bytes::Bytes;
use flexconnect_core::{Dataset, Entry, Error, ErrorKind, Partition, Predicate, ReadRequest, nearest};
use serde_json::Value;

use crate::call::Call;
use crate::command::{Command, Planned, TableSchema, fingerprint};
use crate::verbs::tables::{Tables, Want};
use crate::wire::decode::schema_from_bytes;
use crate::wire::encode::schema_bytes;

/// A read that could start now.
pub(crate) struct Plan {
    pub(crate) dataset: Arc<dyn Dataset>,
    pub(crate) request: ReadRequest,
    /// The columns of the result.
    pub(crate) result: SchemaRef,
    /// How a ticket knows the table's columns.
    pub(crate) table: TableSchema,
}

impl Plan {
    /// Plans what a client asks. Columns that are known in no other way are found from a sample of the rows.
    pub(crate) async fn of_command(
        tables: &Tables,
        command: &Command,
        call: &Call,
        want: Want,
    ) -> Result<Self, Error> {
        let dataset = open(tables, call, command, want).await?;
        let (schema, table) = match dataset.known_schema().await? {
            Some(schema) => {
                let known = TableSchema::Known(fingerprint(&schema_bytes(&schema)?));
                (schema, known)
            }
            None => {
                let sample = call.read(ReadRequest::new().with_parameters(command.parameters()));
                let schema = dataset.clone().read(sample).await?.schema();
                let bytes = schema_bytes(&schema)?;
                (schema, TableSchema::Inferred(bytes))
            }
        };
        let mut plan = Plan::new(dataset, schema, table, command, call)?;
        if let Some(id) = &command.partition {
            let partition = find_partition(&*plan.dataset, &plan.request, id).await?;
            plan.request.partition = Some(partition);
        }
        Ok(plan)
    }

    /// The read a ticket stands for; refused when the table's columns have changed since.
    pub(crate) async fn of_ticket(tables: &Tables, planned: Planned, call: &Call) -> Result<Self, Error> {
        let Planned { command, partition, table, .. } = planned;
        let dataset = open(tables, call, &command, Want::Read).await?;
        let schema = match &table {
            TableSchema::Inferred(bytes) => Arc::new(schema_from_bytes(bytes)?),
            TableSchema::Known(planned) => {
                let schema = dataset.known_schema().await?;
                let unchanged = |schema: &Bytes| fingerprint(schema) == *planned;
                let current = schema.as_ref().map(|schema| schema_bytes(schema)).transpose()?;
                match schema {
                    Some(schema) if current.as_ref().is_some_and(unchanged) => schema,
                    _ => {
                        let message = "the table's columns have changed since the read was planned; \
                                       call GetFlightInfo again";
                        call.traffic.ticket_refused();
                        let error = Error::new(ErrorKind::Precondition, message);
                        return Err(error.with_connector(command.path.join("/")));
                    }
                }
            }
        };
        let mut plan = Plan::new(dataset, schema, table, &command, call)?;
        plan.request.partition = partition;
        Ok(plan)
    }

    fn new(
        dataset: Arc<dyn Dataset>,
        schema: SchemaRef,
        table: TableSchema,
        command: &Command,
        call: &Call,
    ) -> Result<Self, Error> {
        let mut request = call.read(ReadRequest::new().with_parameters(command.parameters()));
        request.projection = command.columns.clone();
        request.limit = command.limit;
        request.predicates = Predicate::list_from_json(&Value::Array(command.filters.clone()), &schema)
            .map_err(|error| error.with_connector(command.path.join("/")))?;
        let result = dataset
            .result_schema(&schema, &request)
            .map_err(|error| error.with_connector(command.path.join("/")))?;
        // Pinned, so that the read has the very columns that are announced.
        request.schema = Some(schema);
        Ok(Plan { dataset, request, result, table })
    }
}

/// Opens the table a command names, with the client's values, for what its caller wants of it.
pub(crate) async fn open(
    tables: &Tables,
    call: &Call,
    command: &Command,
    want: Want,
) -> Result<Arc<dyn Dataset>, Error> {
    find(tables, call, command, want).await?.open(command.config()).await
}

/// The table a command names, for what its caller wants of it.
pub(crate) async fn find(
    tables: &Tables,
    call: &Call,
    command: &Command,
    want: Want,
) -> Result<Entry, Error> {
    let entry = tables.find(&call.caller, &command.path, want).await?;
    call.traffic.table(&entry);
    Ok(entry)
}

async fn find_partition(dataset: &dyn Dataset, request: &ReadRequest, id: &str) -> Result<Partition, Error> {
    let place = || dataset.path().join("/");
    if !dataset.capabilities().partitions {
        let message = "this table has no partitions; leave `partition` out";
        return Err(Error::new(ErrorKind::InvalidRequest, message).with_connector(place()));
    }
    let partitions = dataset.partitions(request).await?;
    if let Some(partition) = partitions.iter().find(|partition| partition.id() == id) {
        return Ok(partition.clone());
    }
    let asked: String = id.chars().take(120).collect();
    let hint = match nearest(id, partitions.iter().map(Partition::id)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{} are listed by the action `flexconnect.partitions`", partitions.len()),
    };
    let message = format!("there is no partition `{asked}`; {hint}");
    Err(Error::new(ErrorKind::NotFound, message).with_connector(place()))
}
