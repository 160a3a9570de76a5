//! What is mounted at a path, as doors see it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use serde_json::{Map, Value};

use super::mount::Mount;
use super::shared::{Common, Mounted, Openable};
use crate::about::About;
use crate::capabilities::Capabilities;
use crate::config::{Choice, Parameter};
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
    pub(super) fn kept<S: Send + Sync + 'static>(common: &Arc<Common<S>>, mount: Mount<S>) -> Self {
        Self::new(common, mount, true)
    }

    /// An entry whose connector is opened anew each time.
    pub(super) fn once<S: Send + Sync + 'static>(common: &Arc<Common<S>>, mount: Mount<S>) -> Self {
        Self::new(common, mount, false)
    }

    fn new<S: Send + Sync + 'static>(common: &Arc<Common<S>>, mount: Mount<S>, kept: bool) -> Self {
        let mut parameters = mount.kind.parameters();
        common.provided().name_presets(&mut parameters);
        Entry {
            path: mount.path.clone(),
            name: mount.kind.name(),
            about: mount.kind.about(),
            capabilities: mount.kind.capabilities(),
            schema: mount.kind.schema(),
            values: mount
                .values
                .clone()
                .into_iter()
                .map(|(key, value)| (named(&parameters, key), value))
                .collect(),
            open: mount.open.iter().map(|key| named(&parameters, key.clone())).collect(),
            parameters,
            fault: mount.fault.clone(),
            mounted: Arc::new(Mounted { common: common.clone(), mount, kept }),
        }
    }

    /// Lays an operator's further values over those it was mounted with. They are his unless they are `open`.
    pub(super) fn with_values(mut self, values: &Map<String, Value>, open: &[String]) -> Self {
        for (key, value) in values {
            let name = named(&self.parameters, key.clone());
            self.open.retain(|open| *open != name);
            self.values.insert(name, value.clone());
        }
        self.open.extend(open.iter().map(|key| named(&self.parameters, key.clone())));
        self
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

    /// The parameters a client may set. Those the operator has fixed are not among them; those that take a preset
    /// say which there are.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| self.is_open(&parameter.name))
    }

    /// Every parameter, those the operator has fixed too.
    pub(super) fn all_parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn is_open(&self, parameter: &str) -> bool {
        !self.values.contains_key(parameter) || self.open.iter().any(|open| open == parameter)
    }

    /// Opens the connector with a client's values laid over the operator's, or gives the one that is open already
    /// with equal values. A parameter that takes a preset may have the name of one as its value.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] listing every fault, a parameter set by the operator among them; what `init` raised.
    pub async fn open(&self, values: Map<String, Value>) -> Result<Arc<dyn Dataset>, Error> {
        let hidden: Vec<_> = self.values.keys().filter(|name| !values.contains_key(*name)).cloned().collect();
        self.mounted.open(&self.merged(values)?, &hidden).await
    }

    /// What a form offers for a parameter whose choices the connector computes, from the values it has so far.
    /// The operator's values are used, and presets are put in the place of their names. A parameter of an object,
    /// or of the objects of a list, is named after them: `columns.type`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] for a parameter that has no such choices or is not a client's to set,
    /// [`ErrorKind::Config`] for a value that is set by the operator; what the author raised.
    pub async fn choices(&self, parameter: &str, so_far: Map<String, Value>) -> Result<Vec<Choice>, Error> {
        let (outer, inner) = parameter.split_once('.').unwrap_or((parameter, ""));
        let asked = self.parameters().find(|one| one.name == outer).and_then(|one| one.inside(inner));
        if !asked.is_some_and(|asked| asked.dynamic_choices) {
            let asked: String = parameter.chars().take(80).collect();
            let dynamic = self.parameters().filter(|one| one.dynamic_choices);
            let names: Vec<_> = dynamic.map(|one| one.name.as_str()).collect();
            let hint = match crate::nearest::nearest(&asked, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if names.is_empty() => "there is none".into(),
                None => format!("there is {}", names.join(", ")),
            };
            let message = format!("`{asked}` is no parameter whose choices are computed; {hint}");
            return Err(Error::new(ErrorKind::InvalidRequest, message).with_connector(self.path.join("/")));
        }
        let choices = self.mounted.choices(parameter, self.merged(so_far)?, &self.parameters).await;
        choices.map_err(|error| error.with_connector(self.path.join("/")))
    }

    /// A client's values laid over the operator's.
    fn merged(&self, values: Map<String, Value>) -> Result<Map<String, Value>, Error> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        // By whatever name: a parameter is the operator's under its former names, too.
        let is_closed = |key: &&String| !self.is_open(&named(&self.parameters, (*key).clone()));
        let closed: Vec<_> = values.keys().filter(is_closed).collect();
        if !closed.is_empty() {
            let faults: Vec<_> =
                closed.iter().map(|name| format!("`{name}` is set by the operator")).collect();
            let message = format!("{}; leave it out of `config`", faults.join("; "));
            return Err(Error::new(ErrorKind::Config, message).with_connector(self.path.join("/")));
        }
        // Sorted, so that equal configurations are equal whatever the order they were written in.
        let merged: BTreeMap<_, _> = self.values.clone().into_iter().chain(values).collect();
        Ok(merged.into_iter().collect())
    }
}

/// The name of the parameter this key sets, which may be a former name of it.
fn named(parameters: &[Parameter], key: String) -> String {
    if parameters.iter().any(|parameter| parameter.name == key) {
        return key;
    }
    let meant = parameters.iter().find(|parameter| parameter.aliases.contains(&key));
    meant.map_or(key, |parameter| parameter.name.clone())
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("path", &self.path).field("name", &self.name).finish_non_exhaustive()
    }
}
