//! The one implementation of `Dataset`: any connector, its contract enforced around it.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Instant;

use arrow_schema::SchemaRef;
use async_trait::async_trait;

use super::read::Reading;
use super::{Dataset, write};
use crate::batches::Batches;
use crate::capabilities::Capabilities;
use crate::config::{Config, Provided, Secrets};
use crate::connector::Connector;
use crate::error::{Error, ErrorKind};
use crate::partition::Partition;
use crate::predicate::{Predicate, Pushdown};
use crate::record::Record;
use crate::request::{ReadRequest, WriteRequest};
use crate::unwind::{caught, caught_async};
use crate::writer::BoxWriter;

/// Opens a connector outside any plugin, as a dataset at this path.
///
/// ```
/// # use flexconnect_core::{Connector, ReadRequest, Result, Rows, Table};
/// # #[derive(Table)]
/// # struct Number { n: u64 }
/// # struct Numbers;
/// # impl Connector for Numbers {
/// #     const NAME: &'static str = "numbers";
/// #     type Config = ();
/// #     type Row = Number;
/// #     async fn init((): (), _: &()) -> Result<Self> { Ok(Numbers) }
/// #     fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> { Rows::iter((0..3).map(|n| Number { n })) }
/// # }
/// # async fn example() -> Result<()> {
/// let dataset = flexconnect_core::open::<Numbers, ()>(["numbers"], (), &()).await?;
/// let batches = dataset.read(ReadRequest::new().with_limit(2)).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// What the author's `init` raised.
pub async fn open<C, S>(
    path: impl IntoIterator<Item = impl Into<String>>,
    config: C::Config,
    shared: &S,
) -> Result<Arc<dyn Dataset>, Error>
where
    C: Connector<S>,
    S: Send + Sync + 'static,
{
    let path = path.into_iter().map(Into::into).collect();
    open_at::<C, S>(path, config, shared, Secrets::default()).await
}

async fn open_at<C, S>(
    path: Vec<String>,
    config: C::Config,
    shared: &S,
    secrets: Secrets,
) -> Result<Arc<dyn Dataset>, Error>
where
    C: Connector<S>,
    S: Send + Sync + 'static,
{
    let started = Instant::now();
    let (connector, joined) = (C::NAME, path.join("/"));
    tracing::info!(connector, path = joined, "init started");
    let result = caught_async(|| C::init(config, shared)).await;
    let milliseconds = started.elapsed().as_millis() as u64;
    let outcome = result.as_ref().map_or_else(|error| error.kind().as_str(), |_| "ok");
    tracing::info!(connector, path = joined, milliseconds, outcome, "init ended");
    let connector = result.map_err(|error| secrets.clear(error).with_connector(joined))?;
    Ok(Arc::new(Opened::<C, S>::new(path, connector, secrets)))
}

/// A connector that is open already, as a dataset at this path.
pub fn dataset_of<C, S>(path: impl IntoIterator<Item = impl Into<String>>, connector: C) -> Arc<dyn Dataset>
where
    C: Connector<S>,
    S: Send + Sync + 'static,
{
    let path = path.into_iter().map(Into::into).collect();
    Arc::new(Opened::<C, S>::new(path, connector, Secrets::default()))
}

/// Opens a connector from untyped configuration values. Its errors hold none of their secrets, and none of those given.
pub(crate) async fn open_values<C, S>(
    path: Vec<String>,
    values: &serde_json::Map<String, serde_json::Value>,
    provided: &Provided,
    shared: &S,
    secrets: &Secrets,
) -> Result<Arc<dyn Dataset>, Error>
where
    C: Connector<S>,
    S: Send + Sync + 'static,
{
    let secrets = secrets.and(&provided.secrets(values, &C::Config::parameters()));
    let config =
        C::Config::parse_with(values, provided).map_err(|error| error.with_connector(path.join("/")))?;
    open_at::<C, S>(path, config, shared, secrets).await
}

pub(super) struct Opened<C, S> {
    pub(super) connector: C,
    pub(super) path: Vec<String>,
    pub(super) capabilities: Capabilities,
    pub(super) secrets: Secrets,
    shared: PhantomData<fn() -> S>,
}

impl<C: Connector<S>, S: Send + Sync + 'static> Opened<C, S> {
    fn new(path: Vec<String>, connector: C, secrets: Secrets) -> Self {
        Opened { connector, path, capabilities: C::capabilities(), secrets, shared: PhantomData }
    }

    /// The author's columns, or `None` when they are to be found from the rows.
    pub(super) async fn declared_schema(&self) -> Result<Option<SchemaRef>, Error> {
        let schema =
            caught_async(|| self.connector.get_read_schema()).await.map_err(|error| self.place(error))?;
        if let Some(schema) = &schema {
            let mut names = HashSet::new();
            if let Some(twice) = schema.fields().iter().find(|field| !names.insert(field.name())) {
                let message = "the connector's schema has two columns of this name";
                return Err(self.place(Error::new(ErrorKind::Schema, message).with_column(twice.name())));
            }
        }
        Ok(schema)
    }

    /// An author's error, with its place and without a secret.
    pub(super) fn place(&self, error: Error) -> Error {
        self.secrets.clear(error).with_connector(self.path.join("/"))
    }

    /// Those predicates the connector does not apply exactly, and those it has a use for.
    pub(super) fn split(&self, predicates: &[Predicate]) -> Result<(Vec<Predicate>, Vec<Predicate>), Error> {
        let (mut residual, mut pushed) = (Vec::new(), Vec::new());
        for predicate in predicates {
            let pushdown =
                caught(|| self.connector.pushdown(predicate)).map_err(|error| self.place(error))?;
            if pushdown != Pushdown::Exact {
                residual.push(predicate.clone());
            }
            if pushdown != Pushdown::Unsupported {
                pushed.push(predicate.clone());
            }
        }
        Ok((residual, pushed))
    }
}

#[async_trait]
impl<C: Connector<S>, S: Send + Sync + 'static> Dataset for Opened<C, S> {
    fn path(&self) -> &[String] {
        &self.path
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn check(&self) -> Result<(), Error> {
        caught_async(|| self.connector.check()).await.map_err(|error| self.place(error))
    }

    fn declared(&self) -> Option<SchemaRef> {
        C::Row::schema()
    }

    async fn known_schema(&self) -> Result<Option<SchemaRef>, Error> {
        self.declared_schema().await
    }

    async fn schema(self: Arc<Self>) -> Result<SchemaRef, Error> {
        if let Some(schema) = self.declared_schema().await? {
            return Ok(schema);
        }
        let batches = self.read(ReadRequest::new()).await?;
        Ok(batches.schema())
    }

    async fn partitions(&self, request: &ReadRequest) -> Result<Vec<Partition>, Error> {
        if !self.capabilities.partitions {
            return Ok(vec![Partition::new("")]);
        }
        let partitions = caught_async(|| self.connector.list_partitions(request)).await;
        let partitions = partitions.map_err(|error| self.place(error))?;
        let mut ids = HashSet::new();
        if let Some(twice) = partitions.iter().find(|partition| !ids.insert(partition.id())) {
            let message = format!("the connector listed two partitions with the id `{}`", twice.id());
            return Err(self.place(Error::new(ErrorKind::Internal, message)));
        }
        Ok(partitions)
    }

    async fn count_rows(&self, request: &ReadRequest) -> Result<Option<u64>, Error> {
        let (residual, pushed) = self.split(&request.predicates)?;
        if !residual.is_empty() || !self.capabilities.count {
            return Ok(None);
        }
        let mut asked = request.clone();
        asked.predicates = pushed;
        asked.limit = None;
        let rows =
            caught_async(|| self.connector.count_rows(&asked)).await.map_err(|error| self.place(error))?;
        Ok(rows.map(|rows| rows.min(request.limit.unwrap_or(u64::MAX))))
    }

    async fn read(self: Arc<Self>, request: ReadRequest) -> Result<Batches, Error> {
        Reading::prepare(self, request).await
    }

    async fn writer(&self, request: WriteRequest) -> Result<BoxWriter, Error> {
        write::open(self, request).await.map_err(|error| self.place(error))
    }
}
