//! A plugin whose connectors share something, opened once.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::cache::Cache;
use super::entry::Entry;
use super::laid_over::LaidOver;
use super::mount::Mount;
use super::once::Once;
use super::{Plugin, Tables};
use crate::config::{Choice, Config, Parameter, Provided, Secrets};
use crate::connector::Connector;
use crate::dataset::Dataset;
use crate::error::{Error, ErrorKind, Result};
use crate::unwind::caught_async;

type Opening<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;
type Finder<S> = Arc<dyn Fn(Arc<S>) -> Opening<Vec<Mount<S>>> + Send + Sync>;
type Target<S> = Arc<dyn Fn(Arc<S>, Vec<String>) -> Opening<Option<Mount<S>>> + Send + Sync>;

/// A [`Plugin`] whose connectors share an `S`; made by [`Plugin::shared`], turned back by `into`.
pub struct SharedPlugin<S> {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) before: Option<Arc<dyn Tables>>,
    /// What an operator sets beside what is mounted; kept for the plugin this becomes.
    pub(super) laid_over: LaidOver,
    common: Arc<Common<S>>,
    mounts: Vec<Mount<S>>,
    finders: Vec<Finder<S>>,
    targets: Vec<Target<S>>,
    faults: Vec<String>,
}

/// What all that is mounted has in common, and holds.
pub(super) struct Common<S> {
    values: Map<String, Value>,
    provided: Provided,
    opener: Opener<S>,
    state: Arc<State<S>>,
}

/// What lives as long as the plugin: what is shared, and the connectors opened.
struct State<S> {
    shared: Once<Arc<S>>,
    cache: Cache,
}

impl<S: Send + Sync + 'static> Common<S> {
    /// What is shared, opened by the first who asks.
    async fn shared(&self) -> Result<Arc<S>, Error> {
        let open = || (self.opener.open)(self.values.clone());
        self.state.shared.get_or_open(open).await.map_err(|error| self.secrets().clear(error))
    }

    /// The secrets among the plugin's values.
    fn secrets(&self) -> Secrets {
        self.provided.secrets(&self.values, &(self.opener.parameters)())
    }

    pub(super) fn provided(&self) -> &Provided {
        &self.provided
    }
}

impl<S> Clone for Common<S> {
    fn clone(&self) -> Self {
        Common {
            values: self.values.clone(),
            provided: self.provided.clone(),
            opener: Opener { open: self.opener.open.clone(), parameters: self.opener.parameters },
            state: self.state.clone(),
        }
    }
}

impl<S: Send + Sync + 'static> SharedPlugin<S> {
    pub(super) fn new(name: String, version: String, values: Map<String, Value>, opener: Opener<S>) -> Self {
        let state = Arc::new(State { shared: Once::new(), cache: Cache::default() });
        SharedPlugin {
            name,
            version,
            before: None,
            laid_over: LaidOver::default(),
            common: Arc::new(Common { values, provided: Provided::new(), opener, state }),
            mounts: Vec::new(),
            finders: Vec::new(),
            targets: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Plugin-level configuration, a JSON object; what the door was given is laid over it.
    #[must_use]
    pub fn values(mut self, values: Value) -> Self {
        match values {
            Value::Object(values) => self.common_mut().values = values,
            _ => self.faults.push("the plugin's values must be a JSON object".into()),
        }
        self
    }

    /// Provides a preset: values (a JSON object) for every parameter that takes one of this set, under a name.
    #[must_use]
    pub fn preset(mut self, set: impl Into<String>, name: impl Into<String>, values: Value) -> Self {
        let (set, name) = (set.into(), name.into());
        match values {
            Value::Object(values) => {
                let common = self.common_mut();
                common.provided = std::mem::take(&mut common.provided).with_preset(set, name, values);
            }
            _ => self
                .faults
                .push(format!("the values of the preset `{name}` of `{set}` must be a JSON object")),
        }
        self
    }

    /// Takes over what was provided before something was shared.
    pub(super) fn with_provided(mut self, provided: Provided) -> Self {
        self.common_mut().provided = provided;
        self
    }

    /// Lays further values over the plugin's own.
    pub(super) fn with_values_over(mut self, values: &Map<String, Value>) -> Self {
        self.common_mut().values.extend(values.clone());
        self
    }

    pub(super) fn plugin_values(&self) -> &Map<String, Value> {
        &self.common.values
    }

    fn common_mut(&mut self) -> &mut Common<S> {
        Arc::make_mut(&mut self.common)
    }

    /// Mounts a connector at `[C::NAME]`, every parameter open to clients.
    #[must_use]
    pub fn connector<C: Connector<S>>(mut self) -> Self {
        self.mounts.push(Mount::of::<C>([C::NAME], Value::Null));
        self
    }

    /// Mounts a connector at a path, with the operator's values (a JSON object) fixed.
    #[must_use]
    pub fn mount<C: Connector<S>>(
        mut self,
        path: impl IntoIterator<Item = impl Into<String>>,
        values: Value,
    ) -> Self {
        self.mounts.push(Mount::of::<C>(path, values));
        self
    }

    /// Leaves parameters of the last mount to clients although they have a value.
    #[must_use]
    pub fn open(mut self, parameters: impl IntoIterator<Item = impl Into<String>>) -> Self {
        match self.mounts.pop() {
            Some(mount) => self.mounts.push(mount.open(parameters)),
            None => self.faults.push("`open` needs a mount before it".into()),
        }
        self
    }

    /// Mounts whatever this finds when it is asked, from what is shared.
    #[must_use]
    pub fn catalogue<F>(mut self, find: impl Fn(Arc<S>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Vec<Mount<S>>>> + Send + 'static,
    {
        let find = Arc::new(find);
        self.finders.push(Arc::new(move |shared| {
            let find = find.clone();
            Box::pin(async move { caught_async(|| find(shared)).await })
        }));
        self
    }

    /// Mounts for one write what is written to a path where nothing is: a table of a database that is made by
    /// writing it. See [`Plugin::target`].
    #[must_use]
    pub fn target<F>(mut self, find: impl Fn(Arc<S>, Vec<String>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Option<Mount<S>>>> + Send + 'static,
    {
        let find = Arc::new(find);
        self.targets.push(Arc::new(move |shared, path| {
            let find = find.clone();
            Box::pin(async move { caught_async(|| find(shared, path)).await })
        }));
        self
    }
}

/// How what is shared is opened.
pub(super) struct Opener<S> {
    open: Arc<OpenShared<S>>,
    /// Those of the plugin-level configuration.
    parameters: fn() -> Vec<Parameter>,
}

type OpenShared<S> = dyn Fn(Map<String, Value>) -> Opening<Arc<S>> + Send + Sync;

impl<S: Send + Sync + 'static> Opener<S> {
    pub(super) fn from_config<C, F>(open: impl Fn(C) -> F + Send + Sync + 'static) -> Self
    where
        C: Config,
        F: Future<Output = Result<S>> + Send + 'static,
    {
        let open = Arc::new(open);
        let open: Arc<OpenShared<S>> = Arc::new(move |values| {
            let open = open.clone();
            Box::pin(async move {
                let config = C::parse(&values)?;
                Ok(Arc::new(caught_async(|| open(config)).await?))
            })
        });
        Opener { open, parameters: C::parameters }
    }
}

impl Opener<()> {
    pub(super) fn ready(unit: ()) -> Self {
        Opener { open: Arc::new(move |_| Box::pin(async move { Ok(Arc::new(unit)) })), parameters: Vec::new }
    }
}

#[async_trait]
impl<S: Send + Sync + 'static> Tables for SharedPlugin<S> {
    fn mounted(&self) -> Vec<Entry> {
        let before = self.before.iter().flat_map(|before| before.mounted());
        before.chain(self.mounts.iter().map(|mount| Entry::kept(&self.common, mount.clone()))).collect()
    }

    fn mounted_at(&self, path: &[&str]) -> Option<Entry> {
        let before = self.before.as_ref().and_then(|before| before.mounted_at(path));
        before.or_else(|| {
            let mount = self.mounts.iter().find(|mount| mount.path == path)?;
            Some(Entry::kept(&self.common, mount.clone()))
        })
    }

    async fn found(&self) -> Result<Vec<Entry>, Error> {
        let mut found = match &self.before {
            Some(before) => before.found().await?,
            None => Vec::new(),
        };
        if !self.finders.is_empty() {
            let shared = self.common.shared().await?;
            for find in &self.finders {
                for mount in find(shared.clone()).await.map_err(|error| self.common.secrets().clear(error))? {
                    found.push(Entry::kept(&self.common, mount));
                }
            }
        }
        Ok(found)
    }

    async fn target(&self, path: &[String]) -> Result<Option<Entry>, Error> {
        if let Some(before) = &self.before
            && let Some(entry) = before.target(path).await?
        {
            return Ok(Some(entry));
        }
        if self.targets.is_empty() {
            return Ok(None);
        }
        let shared = self.common.shared().await?;
        for find in &self.targets {
            let found = find(shared.clone(), path.to_vec()).await;
            let Some(mount) = found.map_err(|error| self.common.secrets().clear(error))? else { continue };
            if mount.path != path {
                let message =
                    format!("the target was asked for this path and mounted `{}`", mount.path.join("/"));
                return Err(Error::new(ErrorKind::Internal, message).with_connector(path.join("/")));
            }
            return Ok(Some(Entry::once(&self.common, mount)));
        }
        Ok(None)
    }

    fn with_values(&self, values: &Map<String, Value>) -> Arc<dyn Tables> {
        Arc::new(self.clone().with_values_over(values))
    }

    fn faults(&self, faults: &mut Vec<String>) {
        if let Some(before) = &self.before {
            before.faults(faults);
        }
        faults.extend(self.faults.iter().cloned());
        for mount in &self.mounts {
            faults.extend(mount.fault.iter().map(ToString::to_string));
            let known = mount.kind.parameters();
            for name in mount.values.keys().chain(&mount.open) {
                if !known.iter().any(|parameter| parameter.name == *name) {
                    let near =
                        crate::nearest::nearest(name, known.iter().map(|parameter| parameter.name.as_str()));
                    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                    faults.push(format!("`{}` has no parameter `{name}`{hint}", mount.path.join("/")));
                }
            }
        }
    }

    fn provided(&self) -> &Provided {
        &self.common.provided
    }

    fn has_catalogues(&self) -> bool {
        !self.finders.is_empty()
            || !self.targets.is_empty()
            || self.before.as_ref().is_some_and(|before| before.has_catalogues())
    }
}

impl<S> Clone for SharedPlugin<S> {
    fn clone(&self) -> Self {
        SharedPlugin {
            name: self.name.clone(),
            version: self.version.clone(),
            before: self.before.clone(),
            laid_over: self.laid_over.clone(),
            common: self.common.clone(),
            mounts: self.mounts.clone(),
            finders: self.finders.clone(),
            targets: self.targets.clone(),
            faults: self.faults.clone(),
        }
    }
}

impl<S> fmt::Debug for SharedPlugin<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedPlugin")
            .field("name", &self.name)
            .field("mounts", &self.mounts)
            .finish_non_exhaustive()
    }
}

/// Something mounted, behind the type of what is shared.
#[async_trait]
pub(super) trait Openable: Send + Sync {
    /// Opens it; the values of `hidden` parameters are the operator's.
    async fn open(&self, values: &Map<String, Value>, hidden: &[String]) -> Result<Arc<dyn Dataset>, Error>;

    /// What the connector offers for a parameter.
    async fn choices(
        &self,
        parameter: &str,
        so_far: Map<String, Value>,
        parameters: &[Parameter],
    ) -> Result<Vec<Choice>, Error>;
}

pub(super) struct Mounted<S> {
    pub(super) common: Arc<Common<S>>,
    pub(super) mount: Mount<S>,
    /// Whether the connector is kept for later calls of equal configuration. One that was made for a single write
    /// is not: what it found, that there is no such table, is no longer true then.
    pub(super) kept: bool,
}

#[async_trait]
impl<S: Send + Sync + 'static> Openable for Mounted<S> {
    async fn open(&self, values: &Map<String, Value>, hidden: &[String]) -> Result<Arc<dyn Dataset>, Error> {
        let Mount { path, kind, .. } = &self.mount;
        let open = || async {
            let shared = self.common.shared().await?;
            let provided = self.common.provided.clone().with_hidden(hidden);
            kind.open(path.clone(), values, &provided, &shared, &self.common.secrets()).await
        };
        if !self.kept {
            return open().await;
        }
        let key = serde_json::to_string(&(path, values)).map_err(|error| {
            Error::new(ErrorKind::Config, "the configuration is not JSON").with_source(error)
        })?;
        self.common.state.cache.get_or_open(key, open).await
    }

    async fn choices(
        &self,
        parameter: &str,
        mut so_far: Map<String, Value>,
        parameters: &[Parameter],
    ) -> Result<Vec<Choice>, Error> {
        let shared = self.common.shared().await?;
        self.common.provided.put_into_members(&mut so_far, parameters);
        let choices = self.mount.kind.choices(parameter, &so_far, &shared).await;
        choices.map_err(|error| {
            let secrets = self.common.secrets().and(&self.common.provided.secrets(&so_far, parameters));
            secrets.clear(error)
        })
    }
}

impl<S: Send + Sync + 'static> From<&SharedPlugin<S>> for Plugin {
    fn from(plugin: &SharedPlugin<S>) -> Self {
        plugin.clone().into()
    }
}
