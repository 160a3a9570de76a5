//! Tables in this process, as the checks see them.

use std::sync::{Arc, OnceLock};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::subject::{OpenTable, Subject, TableRead};
use crate::batches::Batches;
use crate::capabilities::Capabilities;
use crate::config::Parameter;
use crate::dataset::Dataset;
use crate::error::Error;
use crate::infer::INFERRED;
use crate::partition::Partition;
use crate::plugin::{Entry, Plugin, SharedPlugin};
use crate::request::{ReadRequest, WriteRequest};
use crate::rows;
use crate::state::State;
use crate::writer::BoxWriter;

/// What can be examined in this process: a [`Plugin`] with all its tables, one [`Entry`] of it, or a [`Dataset`] that
/// is open already.
#[async_trait]
pub trait Examined: Sync {
    /// The tables.
    async fn subjects(&self) -> Vec<Box<dyn Subject>>;
}

#[async_trait]
impl Examined for Plugin {
    async fn subjects(&self) -> Vec<Box<dyn Subject>> {
        self.list().await.into_iter().map(|entry| Box::new(Listed(entry)) as _).collect()
    }
}

#[async_trait]
impl<S: Send + Sync + 'static> Examined for SharedPlugin<S> {
    async fn subjects(&self) -> Vec<Box<dyn Subject>> {
        Plugin::from(self).subjects().await
    }
}

#[async_trait]
impl Examined for Entry {
    async fn subjects(&self) -> Vec<Box<dyn Subject>> {
        vec![Box::new(Listed(self.clone()))]
    }
}

#[async_trait]
impl Examined for Arc<dyn Dataset> {
    async fn subjects(&self) -> Vec<Box<dyn Subject>> {
        vec![Box::new(OpenAlready(self.clone()))]
    }
}

struct Listed(Entry);

#[async_trait]
impl Subject for Listed {
    fn path(&self) -> &[String] {
        self.0.path()
    }

    fn parameters(&self) -> Option<Vec<Parameter>> {
        Some(self.0.parameters().cloned().collect())
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities().clone()
    }

    async fn described(&self) -> Result<String, Error> {
        let parameters: Vec<_> = self.0.parameters().collect();
        let said = json!({
            "path": self.0.path(),
            "about": self.0.about(),
            "capabilities": self.0.capabilities(),
            "parameters": parameters,
        });
        Ok(format!("{said} {:?} {:?}", self.0, self.0.schema()))
    }

    async fn open(&self, values: Map<String, Value>) -> Result<Box<dyn OpenTable>, Error> {
        Ok(Box::new(InProcess::new(self.0.open(values).await?)))
    }
}

struct OpenAlready(Arc<dyn Dataset>);

#[async_trait]
impl Subject for OpenAlready {
    fn path(&self) -> &[String] {
        self.0.path()
    }

    fn parameters(&self) -> Option<Vec<Parameter>> {
        None
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities().clone()
    }

    async fn described(&self) -> Result<String, Error> {
        Ok(json!({"path": self.0.path(), "capabilities": self.0.capabilities()}).to_string())
    }

    async fn open(&self, _values: Map<String, Value>) -> Result<Box<dyn OpenTable>, Error> {
        Ok(Box::new(InProcess::new(self.0.clone())))
    }
}

/// A dataset, with the schema that was found from a sample passed on, as every door does.
struct InProcess {
    dataset: Arc<dyn Dataset>,
    inferred: OnceLock<SchemaRef>,
}

impl InProcess {
    fn new(dataset: Arc<dyn Dataset>) -> Self {
        InProcess { dataset, inferred: OnceLock::new() }
    }
}

#[async_trait]
impl OpenTable for InProcess {
    async fn check(&self) -> Result<(), Error> {
        self.dataset.check().await
    }

    async fn schema(&self) -> Result<SchemaRef, Error> {
        let schema = self.dataset.clone().schema().await?;
        if schema.metadata().contains_key(INFERRED) {
            return Ok(self.inferred.get_or_init(|| schema).clone());
        }
        Ok(schema)
    }

    async fn partitions(&self, request: &ReadRequest) -> Result<Vec<Partition>, Error> {
        self.dataset.partitions(request).await
    }

    async fn count_rows(&self, request: &ReadRequest) -> Result<Option<u64>, Error> {
        self.dataset.count_rows(request).await
    }

    async fn read(&self, mut request: ReadRequest) -> Result<Box<dyn TableRead>, Error> {
        if request.schema.is_none() {
            request.schema = self.inferred.get().cloned();
        }
        Ok(Box::new(self.dataset.clone().read(request).await?))
    }

    async fn writer(&self, request: WriteRequest) -> Result<BoxWriter, Error> {
        self.dataset.writer(request).await
    }

    fn abandoned_threads(&self) -> Option<usize> {
        Some(rows::abandoned_threads())
    }

    fn carries_state(&self) -> bool {
        true
    }
}

#[async_trait]
impl TableRead for Batches {
    fn schema(&self) -> SchemaRef {
        Batches::schema(self)
    }

    async fn next_batch(&mut self) -> Option<Result<RecordBatch, Error>> {
        use futures_core::Stream;
        use std::pin::Pin;
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    fn take_checkpoint(&mut self) -> Option<State> {
        Batches::take_checkpoint(self)
    }
}
