//! What is mounted at a path, as doors see it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use serde_json::{Map, Value};

use super::mount::Mount;
use super::shared::{Mounted, Openable, SharedPlugin};
use crate::about::About;
use crate::capabilities::Capabilities;
use crate::config::Parameter;
use crate::dataset::Dataset;
use crate::error::{Error, ErrorKind};

/// A connector at a path: what can be known of it without opening it, and the way to open it.
#[derive(Clone)]
pub struct Entry {
    path: Vec<String>,
    name: &'static str,
    about: About,
    capabilities: Capabilities,
    schema: Option<SchemaRef>,
    /// Every parameter of the connector, those closed to clients too.
    parameters: Vec<Parameter>,
    values: Map<String, Value>,
    open: Vec<String>,
    fault: Option<Error>,
    mounted: Arc<dyn Openable>,
}

impl Entry {
    /// An entry whose connector, once opened, is kept.
    pub(super) fn kept<S: Send + Sync + 'static>(plugin: &SharedPlugin<S>, mount: Mount<S>) -> Self {
        Self::new(plugin, mount, true)
    }

    /// An entry whose connector is opened anew each time.
    pub(super) fn once<S: Send + Sync + 'static>(plugin: &SharedPlugin<S>, mount: Mount<S>) -> Self {
        Self::new(plugin, mount, false)
    }

    fn new<S: Send + Sync + 'static>(plugin: &SharedPlugin<S>, mount: Mount<S>, kept: bool) -> Self {
        Entry {
            path: mount.path.clone(),
            name: mount.kind.name(),
            about: mount.kind.about(),
            capabilities: mount.kind.capabilities(),
            schema: mount.kind.schema(),
            parameters: mount.kind.parameters(),
            values: mount.values.clone(),
            open: mount.open.clone(),
            fault: mount.fault.clone(),
            mounted: Arc::new(Mounted { plugin: plugin.clone(), mount, kept }),
        }
    }

    /// Where it is mounted, one component per level.
    pub fn path(&self) -> &[String] {
        &self.path
    }

    /// The connector's own name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Title, description and the like.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// What it can do.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// The row type's own schema; `None` when it is known only once the connector is opened.
    pub fn schema(&self) -> Option<&SchemaRef> {
        self.schema.as_ref()
    }

    /// The parameters a client may set. Those the operator has fixed are not among them.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| self.is_open(&parameter.name))
    }

    fn is_open(&self, parameter: &str) -> bool {
        !self.values.contains_key(parameter) || self.open.iter().any(|open| open == parameter)
    }

    /// Opens the connector with a client's values laid over the operator's, or gives the one that is open already
    /// with equal values.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] listing every fault, a parameter set by the operator among them; what `init` raised.
    pub async fn open(&self, values: Map<String, Value>) -> Result<Arc<dyn Dataset>, Error> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let closed: Vec<_> = values.keys().filter(|name| !self.is_open(name)).collect();
        if !closed.is_empty() {
            let faults: Vec<_> =
                closed.iter().map(|name| format!("`{name}` is set by the operator")).collect();
            let message = format!("{}; leave it out of `config`", faults.join("; "));
            return Err(Error::new(ErrorKind::Config, message).with_connector(self.path.join("/")));
        }
        // Sorted, so that equal configurations are equal whatever the order they were written in.
        let merged: BTreeMap<_, _> = self.values.clone().into_iter().chain(values).collect();
        self.mounted.open(&merged.into_iter().collect()).await
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("path", &self.path).field("name", &self.name).finish_non_exhaustive()
    }
}
