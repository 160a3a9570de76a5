//! A table on the other side of a connection, as the checks see it.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use flexconnect_core::config::Parameter;
use flexconnect_core::conformance::{OpenTable, Subject, TableRead};
use flexconnect_core::{
    BoxWriter, Capabilities, Error, ErrorKind, Partition, Predicate, ReadRequest, WriteRequest,
};
use futures::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::command;
use super::writing::Writing;
use crate::client::{Client, Reading};
use crate::command::Command;

/// A table a server lists.
#[derive(Debug, Clone)]
pub(super) struct Remote {
    client: Client,
    path: Vec<String>,
    pub(super) capabilities: Capabilities,
    parameters: Vec<Parameter>,
    described: String,
}

impl Remote {
    /// Asks the server what the table is.
    pub(super) async fn new(client: Client, path: Vec<String>) -> Result<Self, Error> {
        let described = client.describe(&Command::path(&path)).await?;
        Ok(Remote {
            capabilities: member(&described, "capabilities")?,
            parameters: member(&described, "parameters")?,
            described: described.to_string(),
            client,
            path,
        })
    }
}

/// A part of a table's description.
fn member<T: DeserializeOwned>(described: &Value, name: &str) -> Result<T, Error> {
    T::deserialize(&described[name]).map_err(|error| {
        let message = format!("the description of a table has no `{name}` that can be read: {error}");
        Error::new(ErrorKind::Internal, message)
    })
}

#[async_trait]
impl Subject for Remote {
    fn path(&self) -> &[String] {
        &self.path
    }

    fn parameters(&self) -> Option<Vec<Parameter>> {
        Some(self.parameters.clone())
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities.clone()
    }

    async fn described(&self) -> Result<String, Error> {
        Ok(self.described.clone())
    }

    async fn open(&self, values: Map<String, Value>) -> Result<Box<dyn OpenTable>, Error> {
        let command = command(&self.path, &values);
        if values.is_empty() {
            // A description without values opens nothing. Whether the source can be used is asked later again.
            match self.client.check(&command).await {
                Err(error) if error.kind() == ErrorKind::Config => return Err(error),
                _ => {}
            }
        } else {
            self.client.describe(&command).await?;
        }
        let Remote { client, capabilities, .. } = self.clone();
        Ok(Box::new(OpenRemote { client, command, partitioned: capabilities.partitions }))
    }
}

/// A table with the values of a client.
struct OpenRemote {
    client: Client,
    command: Command,
    partitioned: bool,
}

impl OpenRemote {
    fn command(&self, request: &ReadRequest) -> Command {
        let mut command = self.command.clone();
        if let Some(columns) = &request.projection {
            command = command.with_columns(columns);
        }
        for filter in request.predicates.iter().map(Predicate::to_json) {
            command = command.with_filter(filter);
        }
        if let Some(limit) = request.limit {
            command = command.with_limit(limit);
        }
        if let Some(partition) = &request.partition {
            command = command.with_partition(partition.id());
        }
        command
    }
}

#[async_trait]
impl OpenTable for OpenRemote {
    async fn check(&self) -> Result<(), Error> {
        self.client.check(&self.command).await
    }

    async fn schema(&self) -> Result<SchemaRef, Error> {
        self.client.schema(&self.command).await
    }

    async fn partitions(&self, _request: &ReadRequest) -> Result<Vec<Partition>, Error> {
        if !self.partitioned {
            return Ok(vec![Partition::new("")]);
        }
        let listed = self.client.partitions(&self.command).await?;
        listed.iter().map(partition).collect()
    }

    async fn count_rows(&self, request: &ReadRequest) -> Result<Option<u64>, Error> {
        Ok(self.client.info(&self.command(request)).await?.rows)
    }

    async fn read(&self, request: ReadRequest) -> Result<Box<dyn TableRead>, Error> {
        Ok(Box::new(self.client.read(&self.command(&request)).await?))
    }

    async fn writer(&self, request: WriteRequest) -> Result<BoxWriter, Error> {
        let mut command = self.command.clone().with_mode(request.mode);
        if let Some(partition) = &request.partition {
            command = command.with_partition(partition.id());
        }
        if let Some(token) = request.idempotency_token {
            command = command.with_idempotency_token(token);
        }
        Ok(BoxWriter::new(Writing::begin(self.client.clone(), command, request.schema)))
    }
}

/// A partition as the server lists it.
fn partition(listed: &Value) -> Result<Partition, Error> {
    let id = listed["id"].as_str();
    let id = id.ok_or_else(|| Error::new(ErrorKind::Internal, "a listed partition has no `id`"))?;
    let mut partition = Partition::new(id);
    partition.rows = listed["rows"].as_u64();
    partition.bytes = listed["bytes"].as_u64();
    Ok(partition)
}

#[async_trait]
impl TableRead for Reading {
    fn schema(&self) -> SchemaRef {
        Reading::schema(self)
    }

    async fn next_batch(&mut self) -> Option<Result<RecordBatch, Error>> {
        self.next().await
    }
}
