//! Actions: what there is to know about a table besides its rows, and to do about a read besides reading.

use std::time::Duration;

use arrow_flight::{Action, ActionType, Result as ActionResult};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use flexconnect_core::config::json_schema;
use flexconnect_core::table::metadata::PRIMARY_KEY;
use flexconnect_core::{Dataset, Entry, Error, ErrorKind, Partition, ReadRequest, nearest};
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use crate::call::Call;
use crate::command::{Command, Purpose};
use crate::verbs::control::Control;
use crate::verbs::plan::{find, open};
use crate::verbs::tables::{Tables, Want};

const DESCRIBE: &str = "flexconnect.describe";
const CHECK: &str = "flexconnect.check";
const PARTITIONS: &str = "flexconnect.partitions";
const CHOICES: &str = "flexconnect.choices";
const CANCEL: &str = "CancelFlightInfo";
const RENEW: &str = "RenewFlightEndpoint";

/// Exactly what [`act`] accepts.
const ACTIONS: [(&str, &str); 6] = [
    (
        DESCRIBE,
        "A table's title, capabilities, parameters and columns. Body: {\"connector\" or \"path\", \"config\"}.",
    ),
    (CHECK, "Proves that a table's source can be used. Body: {\"connector\" or \"path\", \"config\"}."),
    (PARTITIONS, "A table's partitions. Body: {\"connector\" or \"path\", \"config\"}."),
    (
        CHOICES,
        "What a form offers for a parameter with dynamic choices, from the values there are so far. \
         Body: {\"connector\" or \"path\", \"parameter\", \"config\"}.",
    ),
    (CANCEL, "Ends the reads and the plan of an info. Body: CancelFlightInfoRequest."),
    (RENEW, "Gives an endpoint a ticket that expires later. Body: RenewFlightEndpointRequest."),
];

/// The version of the answers: a later one adds members and changes none.
const VERSION: u64 = 1;
/// A description waits this long for columns that only the source knows.
const PATIENCE: Duration = Duration::from_secs(2);
/// Partitions per message, far below what a client's message limit allows.
const AT_ONCE: usize = 5_000;

/// The actions there are.
pub(crate) fn types() -> Vec<ActionType> {
    let action = |(name, description): (&str, &str)| ActionType {
        r#type: name.into(),
        description: description.into(),
    };
    ACTIONS.map(action).into()
}

/// Does what is asked. Of the actions that are ours each message of the answer is a JSON object, of Flight's own it is
/// the bare message.
pub(crate) async fn act(
    tables: &Tables,
    control: &Control,
    call: &Call,
    action: Action,
) -> Result<Vec<ActionResult>, Error> {
    let Action { r#type: name, body } = action;
    if !ACTIONS.iter().any(|(known, _)| *known == name) {
        let hint = match nearest(&name, ACTIONS.map(|(known, _)| known)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "ListActions names those there are".into(),
        };
        let asked: String = name.chars().take(80).collect();
        return Err(Error::new(ErrorKind::Unsupported, format!("there is no action `{asked}`; {hint}")));
    }
    match name.as_str() {
        CANCEL => return Ok(vec![ActionResult { body: control.cancel(call, body).await? }]),
        RENEW => return Ok(vec![ActionResult { body: control.renew(tables, call, body).await? }]),
        _ => {}
    }
    let purpose = if name == CHOICES { Purpose::Choices } else { Purpose::Action };
    let command = Command::from_bytes(&body, purpose)?;
    let answers = match name.as_str() {
        DESCRIBE => vec![describe(&find(tables, call, &command, Want::Either).await?, &command).await?],
        CHECK => {
            open(tables, call, &command, Want::Either).await?.check().await?;
            vec![json!({"version": VERSION, "ok": true})]
        }
        CHOICES => vec![choices(&find(tables, call, &command, Want::Either).await?, &command).await?],
        _ => partitions(&*open(tables, call, &command, Want::Read).await?, call).await?,
    };
    Ok(answers.into_iter().map(|answer| ActionResult { body: answer.to_string().into() }).collect())
}

async fn describe(entry: &Entry, command: &Command) -> Result<Value, Error> {
    let parameters: Vec<_> = entry.parameters().cloned().collect();
    let schema = described_schema(entry, command).await?;
    Ok(json!({
        "version": VERSION,
        "path": entry.path(),
        "connector": entry.name(),
        "about": entry.about(),
        "capabilities": entry.capabilities(),
        "config_schema": json_schema(&parameters),
        "parameters": parameters,
        "schema": schema.as_deref().map(schema_json),
    }))
}

/// The columns, `None` when they are known only from rows. Without a client's values a source that fails is described
/// without columns; with them the failure is the client's answer.
async fn described_schema(entry: &Entry, command: &Command) -> Result<Option<SchemaRef>, Error> {
    let opened = async { entry.open(command.config()).await?.known_schema().await };
    match (entry.schema(), command.config().is_empty()) {
        (Some(schema), true) => Ok(Some(schema.clone())),
        (None, true) => Ok(timeout(PATIENCE, opened).await.ok().and_then(Result::ok).flatten()),
        (_, false) => opened.await,
    }
}

async fn choices(entry: &Entry, command: &Command) -> Result<Value, Error> {
    let Some(parameter) = &command.parameter else {
        let message = "`parameter` is missing: the name of the one whose choices are asked for";
        return Err(Error::new(ErrorKind::InvalidRequest, message));
    };
    let choices = entry.choices(parameter, command.config()).await?;
    Ok(json!({"version": VERSION, "choices": choices}))
}

async fn partitions(dataset: &dyn Dataset, call: &Call) -> Result<Vec<Value>, Error> {
    let partitioned = dataset.capabilities().partitions;
    let listed =
        if partitioned { dataset.partitions(&call.read(ReadRequest::new())).await? } else { Vec::new() };
    let answer = |partitions: &[Partition]| {
        let partitions: Vec<_> = partitions.iter().map(partition_json).collect();
        json!({"version": VERSION, "partitioned": partitioned, "partitions": partitions})
    };
    if listed.is_empty() {
        return Ok(vec![answer(&[])]);
    }
    Ok(listed.chunks(AT_ONCE).map(answer).collect())
}

fn partition_json(partition: &Partition) -> Value {
    let mut members = Map::from_iter([("id".to_owned(), Value::from(partition.id()))]);
    if !partition.dimensions.is_empty() {
        members.insert("dimensions".into(), json!(partition.dimensions));
    }
    for (name, known) in [("rows", partition.rows), ("bytes", partition.bytes)] {
        if let Some(number) = known {
            members.insert(name.into(), number.into());
        }
    }
    Value::Object(members)
}

fn schema_json(schema: &Schema) -> Value {
    let key =
        schema.metadata().get(PRIMARY_KEY).and_then(|key| serde_json::from_str::<Vec<String>>(key).ok());
    let fields: Vec<_> = schema.fields().iter().map(|field| field_json(field)).collect();
    json!({"fields": fields, "primary_key": key.unwrap_or_default()})
}

fn field_json(field: &Field) -> Value {
    let mut members = Map::new();
    members.insert("name".into(), field.name().as_str().into());
    members.insert("type".into(), type_name(field.data_type()).into());
    members.insert("nullable".into(), field.is_nullable().into());
    let children: Vec<_> = children(field.data_type()).iter().map(|child| field_json(child)).collect();
    if !children.is_empty() {
        members.insert("children".into(), children.into());
    }
    if !field.metadata().is_empty() {
        // Sorted: a hash map's order differs from run to run.
        let sorted: std::collections::BTreeMap<_, _> = field.metadata().iter().collect();
        members.insert("metadata".into(), json!(sorted));
    }
    Value::Object(members)
}

/// The type without what its children say already.
fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Struct(_) => "Struct".into(),
        DataType::List(_) => "List".into(),
        DataType::LargeList(_) => "LargeList".into(),
        DataType::FixedSizeList(_, size) => format!("FixedSizeList({size})"),
        DataType::Map(_, _) => "Map".into(),
        other => other.to_string(),
    }
}

fn children(data_type: &DataType) -> &[FieldRef] {
    match data_type {
        DataType::Struct(fields) => fields,
        DataType::List(child)
        | DataType::LargeList(child)
        | DataType::FixedSizeList(child, _)
        | DataType::Map(child, _) => std::slice::from_ref(child),
        _ => &[],
    }
}
