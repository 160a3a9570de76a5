//! A connector at a path, with the values its operator has fixed.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::about::About;
use crate::capabilities::Capabilities;
use crate::config::{Choice, Config, Parameter, Provided, Secrets};
use crate::connector::Connector;
use crate::dataset::{Dataset, open_values};
use crate::error::{Error, ErrorKind};
use crate::record::Record;
use crate::unwind::caught_async;

/// A connector to be mounted, as a catalogue lists it.
pub struct Mount<S = ()> {
    pub(super) path: Vec<String>,
    pub(super) values: Map<String, Value>,
    pub(super) open: Vec<String>,
    pub(super) kind: Arc<dyn ConnectorKind<S>>,
    pub(super) fault: Option<Error>,
}

impl<S: Send + Sync + 'static> Mount<S> {
    /// This connector at this path, with these values (a JSON object) fixed.
    pub fn of<C: Connector<S>>(path: impl IntoIterator<Item = impl Into<String>>, values: Value) -> Self {
        let path: Vec<String> = path.into_iter().map(Into::into).collect();
        let (values, fault) = match values {
            Value::Object(values) => (values, None),
            Value::Null => (Map::new(), None),
            _ => (Map::new(), Some("its values must be a JSON object")),
        };
        let fault = fault
            .or_else(|| path.is_empty().then_some("its path has no component"))
            .map(|fault| Error::new(ErrorKind::Config, fault).with_connector(path.join("/")));
        Mount { path, values, open: Vec::new(), kind: Arc::new(Kind(PhantomData::<fn() -> C>)), fault }
    }

    /// Leaves these parameters to clients although they have a value, which then is their default.
    #[must_use]
    pub fn open(mut self, parameters: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.open.extend(parameters.into_iter().map(Into::into));
        self
    }
}

impl<S> Clone for Mount<S> {
    fn clone(&self) -> Self {
        Mount {
            path: self.path.clone(),
            values: self.values.clone(),
            open: self.open.clone(),
            kind: self.kind.clone(),
            fault: self.fault.clone(),
        }
    }
}

impl<S> fmt::Debug for Mount<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values may hold secrets.
        f.debug_struct("Mount").field("path", &self.path).field("open", &self.open).finish_non_exhaustive()
    }
}

/// A connector type, behind its types.
#[async_trait]
pub(super) trait ConnectorKind<S>: Send + Sync {
    fn name(&self) -> &'static str;
    fn about(&self) -> About;
    fn capabilities(&self) -> Capabilities;
    fn parameters(&self) -> Vec<Parameter>;
    fn schema(&self) -> Option<SchemaRef>;
    async fn open(
        &self,
        path: Vec<String>,
        values: &Map<String, Value>,
        provided: &Provided,
        shared: &S,
        secrets: &Secrets,
    ) -> Result<Arc<dyn Dataset>, Error>;
    async fn choices(
        &self,
        parameter: &str,
        so_far: &Map<String, Value>,
        shared: &S,
    ) -> Result<Vec<Choice>, Error>;
}

struct Kind<C>(PhantomData<fn() -> C>);

#[async_trait]
impl<C: Connector<S>, S: Send + Sync + 'static> ConnectorKind<S> for Kind<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn about(&self) -> About {
        C::about()
    }

    fn capabilities(&self) -> Capabilities {
        C::capabilities()
    }

    fn parameters(&self) -> Vec<Parameter> {
        C::Config::parameters()
    }

    fn schema(&self) -> Option<SchemaRef> {
        C::Row::schema()
    }

    async fn open(
        &self,
        path: Vec<String>,
        values: &Map<String, Value>,
        provided: &Provided,
        shared: &S,
        secrets: &Secrets,
    ) -> Result<Arc<dyn Dataset>, Error> {
        open_values::<C, S>(path, values, provided, shared, secrets).await
    }

    async fn choices(
        &self,
        parameter: &str,
        so_far: &Map<String, Value>,
        shared: &S,
    ) -> Result<Vec<Choice>, Error> {
        caught_async(|| C::choices(parameter, so_far, shared)).await
    }
}
