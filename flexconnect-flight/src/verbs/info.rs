//! Plans for clients: GetFlightInfo, GetSchema and the listing.

use std::time::Duration;

use arrow_flight::{FlightDescriptor, FlightEndpoint, FlightInfo, SchemaResult, Ticket};
use arrow_schema::{Schema, SchemaRef};
use flexconnect_core::{Entry, Error, ErrorKind, Partition};
use futures::{Stream, StreamExt};
use serde_json::Map;
use tokio::time::timeout;

use crate::call::Call;
use crate::command::{Command, Planned, Purpose, ReadId, Seal, path_descriptor};
use crate::locations::Locations;
use crate::verbs::plan::Plan;
use crate::verbs::tables::{Tables, Want};
use crate::wire::encode::schema_bytes;

/// A listing waits this long for one source.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many tables of a listing are opened at a time.
const AT_ONCE: usize = 16;

/// The plan of a read: one endpoint for each partition; a single one for a read with a limit, so that all
/// endpoints together keep it, and for a table without partitions at the moment, so that a client that reads the first
/// endpoint gets its columns and no rows. A table that can only be written has a schema and no endpoint.
///
/// `told` hears how far it is, and what is known by then: later it is only added to.
pub(crate) async fn info(
    tables: &Tables,
    seal: &Seal,
    locations: &Locations,
    call: &Call,
    descriptor: FlightDescriptor,
    told: &(impl Fn(f64, &FlightInfo) + Sync),
) -> Result<FlightInfo, Error> {
    let command = Command::from_descriptor(&descriptor, Purpose::Read)?;
    let plan = Plan::of_command(tables, &command, call, Want::Read).await?;
    let capabilities = plan.dataset.capabilities();
    let mut info = FlightInfo {
        schema: schema_bytes(&plan.result)?,
        flight_descriptor: Some(descriptor),
        total_records: -1,
        total_bytes: -1,
        ..FlightInfo::default()
    };
    if !capabilities.read {
        return Ok(info);
    }
    told(0.4, &info);
    let partitions = match &plan.request.partition {
        Some(partition) => vec![partition.clone()],
        None if capabilities.partitions => plan.dataset.partitions(&plan.request).await?,
        None => Vec::new(),
    };
    let whole = (plan.request.partition.is_none() && plan.request.limit.is_some()) || partitions.is_empty();
    let parts = if whole { vec![None] } else { partitions.iter().cloned().map(Some).collect() };
    let expires = seal.expiry();
    for partition in parts {
        let (command, table) = (command.clone(), plan.table.clone());
        let planned = Planned { command, partition, table, read: ReadId::new(), expires };
        info.endpoint
            .push(FlightEndpoint { location: locations.to_vec(), ..endpoint(seal, call, &planned)? });
    }
    told(0.8, &info);
    // Partitions may be read in any order; within an endpoint order is kept.
    info.ordered = info.endpoint.len() == 1;
    let split = capabilities.partitions;
    info.total_records = total_records(&plan, split.then_some(&partitions)).await?.unwrap_or(-1);
    info.total_bytes = total_bytes(&plan, &partitions).unwrap_or(-1);
    Ok(info)
}

/// How a client gets this part on the connection it has, until its ticket expires.
pub(crate) fn endpoint(seal: &Seal, call: &Call, planned: &Planned) -> Result<FlightEndpoint, Error> {
    let ticket = seal.seal(planned, &call.caller)?;
    let mut endpoint = FlightEndpoint { ticket: Some(Ticket { ticket }), ..FlightEndpoint::default() };
    endpoint.expiration_time.get_or_insert_default().seconds =
        i64::try_from(planned.expires).unwrap_or(i64::MAX);
    Ok(endpoint)
}

/// Exactly how many rows the read has, when that is known.
async fn total_records(plan: &Plan, partitions: Option<&Vec<Partition>>) -> Result<Option<i64>, Error> {
    let limit = plan.request.limit.unwrap_or(u64::MAX);
    if limit == 0 {
        return Ok(Some(0));
    }
    let mut rows = plan.dataset.count_rows(&plan.request).await?;
    if let (None, true, Some(partitions)) = (rows, plan.request.predicates.is_empty(), partitions) {
        rows = partitions.iter().try_fold(0u64, |sum, partition| sum.checked_add(partition.rows?));
    }
    Ok(rows.and_then(|rows| i64::try_from(rows.min(limit)).ok()))
}

/// Exactly how many bytes of Arrow buffers the read has, when all of the table is read and its partitions know.
fn total_bytes(plan: &Plan, partitions: &[Partition]) -> Option<i64> {
    let request = &plan.request;
    if partitions.is_empty()
        || request.projection.is_some()
        || request.limit.is_some()
        || !request.predicates.is_empty()
    {
        return None;
    }
    let bytes = partitions.iter().try_fold(0u64, |sum, partition| sum.checked_add(partition.bytes?))?;
    i64::try_from(bytes).ok()
}

/// The columns of a read: the bytes GetFlightInfo gives too.
pub(crate) async fn schema(
    tables: &Tables,
    call: &Call,
    descriptor: &FlightDescriptor,
) -> Result<SchemaResult, Error> {
    let command = Command::from_descriptor(descriptor, Purpose::Any)?;
    let plan = Plan::of_command(tables, &command, call, Want::Either).await?;
    Ok(SchemaResult { schema: schema_bytes(&plan.result)? })
}

/// Every table mounted that the caller may read or write. One that cannot be opened with the operator's values and the defaults, or does not
/// answer in time, is listed with a schema of no fields.
pub(crate) async fn list(
    tables: &Tables,
    call: &Call,
    expression: &[u8],
) -> Result<impl Stream<Item = Result<FlightInfo, Error>> + Send + use<>, Error> {
    if !expression.is_empty() {
        let message = "listings are not filtered here: leave the criteria's expression empty";
        return Err(Error::new(ErrorKind::InvalidRequest, message));
    }
    let entries = match timeout(PATIENCE, tables.plugin().list()).await {
        Ok(entries) => entries,
        Err(_) => {
            tracing::warn!("a catalogue does not answer; what is mounted without it is listed");
            tables.plugin().mounted()
        }
    };
    let entries = tables.visible(&call.caller, entries).await?;
    Ok(futures::stream::iter(entries).map(|entry| async move { listed(&entry).await }).buffered(AT_ONCE))
}

async fn listed(entry: &Entry) -> Result<FlightInfo, Error> {
    let schema = match entry.schema() {
        Some(schema) => Some(schema.clone()),
        None => timeout(PATIENCE, opened_schema(entry)).await.unwrap_or_else(|_| {
            tracing::warn!(
                path = entry.path().join("/"),
                "the source does not answer; listed without columns"
            );
            None
        }),
    };
    let schema = schema.unwrap_or_else(|| Schema::empty().into());
    Ok(FlightInfo {
        schema: schema_bytes(&schema)?,
        flight_descriptor: Some(path_descriptor(entry.path())),
        total_records: -1,
        total_bytes: -1,
        ..FlightInfo::default()
    })
}

/// The columns of the connector opened without a client's values, when that works and reads no rows.
async fn opened_schema(entry: &Entry) -> Option<SchemaRef> {
    let schema = async { entry.open(Map::new()).await?.known_schema().await };
    schema.await.unwrap_or_else(|error: Error| {
        tracing::debug!(
            path = entry.path().join("/"),
            kind = error.kind().as_str(),
            "listed without columns"
        );
        None
    })
}
