//! `Plugin`: connectors under one name, mounted at paths, with what they share.

mod cache;
mod entry;
mod laid_over;
mod mount;
mod once;
mod shared;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::config::{Config, Provided};
use crate::connector::Connector;
use crate::error::{Error, ErrorKind, Result};

pub use entry::Entry;
use laid_over::LaidOver;
pub use mount::Mount;
use shared::Opener;
pub use shared::SharedPlugin;

/// Connectors under one name and version, each mounted at a path; what every door serves.
///
/// [`connector`](Self::connector) mounts at `[NAME]` with every parameter open to clients, [`mount`](Self::mount) at any path
/// with the operator's values fixed, [`catalogue`](Self::catalogue) whatever is found when asked,
/// [`target`](Self::target) what is only made by writing it.
/// [`shared`](Self::shared) comes first when connectors share a client or a pool.
///
/// ```
/// # use flexconnect_core::{Connector, Plugin, ReadRequest, Result, Rows, Table};
/// # #[derive(Table)]
/// # struct Number { n: u64 }
/// # struct Numbers;
/// # impl Connector for Numbers {
/// #     const NAME: &'static str = "numbers";
/// #     type Config = ();
/// #     type Row = Number;
/// #     async fn init((): (), _: &()) -> Result<Self> { Ok(Numbers) }
/// #     fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> { Rows::empty() }
/// # }
/// let plugin = Plugin::new("samples", env!("CARGO_PKG_VERSION")).connector::<Numbers>();
/// assert_eq!(plugin.name(), "samples");
/// ```
#[derive(Clone)]
pub struct Plugin {
    name: String,
    version: String,
    tables: Arc<dyn Tables>,
    /// The plain plugin, while it is still being put together.
    plain: Option<SharedPlugin<()>>,
    /// What an operator sets beside what is mounted.
    laid_over: LaidOver,
}

impl Plugin {
    /// A plugin without connectors.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        let (name, version) = (name.into(), version.into());
        let plain = SharedPlugin::new(name.clone(), version.clone(), Map::new(), Opener::ready(()));
        plain.into()
    }

    /// Plugin-level configuration, a JSON object, for [`shared`](Self::shared).
    #[must_use]
    pub fn values(self, values: Value) -> Self {
        self.change(|plain| plain.values(values))
    }

    /// Provides a preset: the values (a JSON object) of a `#[config(preset = "set")]` struct, under a name that
    /// stands for them in a configuration. Whoever names it sees its name only.
    ///
    /// Connectors mounted before [`shared`](Self::shared) know the presets given before it, those after it all.
    ///
    /// ```
    /// # use flexconnect_core::{Config, Connector, Plugin, ReadRequest, Result, Rows, Secret, Table};
    /// # use serde_json::json;
    /// # #[derive(Table)]
    /// # struct Number { n: u64 }
    /// #[derive(Config)]
    /// #[config(preset = "crm_server")]
    /// struct Server { host: String, token: Secret<String> }
    ///
    /// #[derive(Config)]
    /// struct ContactsConfig { server: Server }
    /// # struct Contacts;
    /// # impl Connector for Contacts {
    /// #     const NAME: &'static str = "contacts";
    /// #     type Config = ContactsConfig;
    /// #     type Row = Number;
    /// #     async fn init(config: ContactsConfig, _: &()) -> Result<Self> {
    /// #         assert_eq!(config.server.token.expose(), "t0k3n");
    /// #         Ok(Contacts)
    /// #     }
    /// #     fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> { Rows::empty() }
    /// # }
    ///
    /// let plugin = Plugin::new("crm", "1.0.0")
    ///     .preset("crm_server", "production", json!({ "host": "crm.example.com", "token": "t0k3n" }))
    ///     .connector::<Contacts>();
    /// plugin.check().unwrap();
    /// # futures::executor::block_on(async {
    /// let values = serde_json::Map::from_iter([("server".to_owned(), "production".into())]);
    /// let contacts = plugin.find(&["contacts"]).await?.open(values).await?;
    /// # Ok::<(), flexconnect_core::Error>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn preset(self, set: impl Into<String>, name: impl Into<String>, values: Value) -> Self {
        self.change(|plain| plain.preset(set, name, values))
    }

    /// Opens what all connectors share, once and when it is first needed, from the plugin-level
    /// configuration. `C` is a `#[derive(Config)]` struct, or `()`.
    ///
    /// Mount connectors that share nothing before this call or use `Connector<S>` after it; the compiler checks.
    pub fn shared<S, C, F>(self, open: impl Fn(C) -> F + Send + Sync + 'static) -> SharedPlugin<S>
    where
        S: Send + Sync + 'static,
        C: Config,
        F: Future<Output = Result<S>> + Send + 'static,
    {
        let (before, laid_over) = (self.plain.clone(), self.laid_over);
        let mut plugin = SharedPlugin::new(
            self.name,
            self.version,
            before.as_ref().map(|plain| plain.plugin_values().clone()).unwrap_or_default(),
            Opener::from_config(open),
        );
        if let Some(before) = &before {
            plugin = plugin.with_provided(before.provided().clone());
        }
        plugin.before = before.map(|plain| Arc::new(plain) as Arc<dyn Tables>);
        plugin.laid_over = laid_over;
        plugin
    }

    /// Mounts a connector at `[C::NAME]`, every parameter open to clients.
    #[must_use]
    pub fn connector<C: Connector<()>>(self) -> Self {
        self.change(SharedPlugin::connector::<C>)
    }

    /// Mounts a connector at a path, with the operator's values (a JSON object): a client can neither read nor set
    /// those, unless [`open`](Self::open) says so.
    #[must_use]
    pub fn mount<C: Connector<()>>(
        self,
        path: impl IntoIterator<Item = impl Into<String>>,
        values: Value,
    ) -> Self {
        self.change(|plain| plain.mount::<C>(path, values))
    }

    /// Leaves parameters of the last mount to clients although they have a value.
    #[must_use]
    pub fn open(self, parameters: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.change(|plain| plain.open(parameters))
    }

    /// Mounts whatever this finds when it is asked: one mount per table of a database, say.
    #[must_use]
    pub fn catalogue<F>(self, find: impl Fn(Arc<()>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Vec<Mount>>> + Send + 'static,
    {
        self.change(|plain| plain.catalogue(find))
    }

    /// Mounts for one write what is written to a path where nothing is: a table of a database that is made by
    /// writing it.
    ///
    /// Asked for a path that is neither mounted nor found by a catalogue, and only for a write
    /// ([`find_for_write`](Self::find_for_write)): reading such a path stays
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) until a catalogue finds it. `None` says that the path is
    /// none of its own; of several targets the first that gives a mount is taken, whose path must be the one asked
    /// for. The connector is opened for that write and not kept.
    ///
    /// Such a connector's `get_read_schema` gives `None`. Its `get_writer` then gets the stream's own columns, with
    /// their metadata; a write by key goes by the key that the stream's metadata `flexconnect:primary_key` names.
    ///
    /// ```
    /// # use flexconnect_core::{Connector, JsonRow, ReadRequest, Result, Rows};
    /// # struct File;
    /// # impl Connector for File {
    /// #     const NAME: &'static str = "file";
    /// #     type Config = ();
    /// #     type Row = JsonRow;
    /// #     async fn init((): (), _: &()) -> Result<Self> { Ok(File) }
    /// #     fn generate_rows(&self, _: ReadRequest) -> Rows<'_, JsonRow> { Rows::empty() }
    /// # }
    /// use flexconnect_core::{Mount, Plugin};
    /// use serde_json::json;
    ///
    /// let plugin = Plugin::new("files", "1.0.0").target(|_shared, path| async move {
    ///     let ours = path.len() == 2 && path[0] == "files";
    ///     Ok(ours.then(|| Mount::of::<File>(&path, json!({}))))
    /// });
    /// ```
    #[must_use]
    pub fn target<F>(self, find: impl Fn(Arc<()>, Vec<String>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Option<Mount>>> + Send + 'static,
    {
        self.change(|plain| plain.target(find))
    }

    /// Lays an operator's values (a JSON object), as they come from a file, over those a connector was mounted with at
    /// this path, and closes these parameters to clients, but for those of `open`. The table may be one of a catalogue.
    #[must_use]
    pub fn values_at(
        mut self,
        path: impl IntoIterator<Item = impl Into<String>>,
        values: Value,
        open: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.laid_over.add(
            path.into_iter().map(Into::into).collect(),
            values,
            open.into_iter().map(Into::into).collect(),
        );
        self
    }

    /// Lays an operator's values, as they come from a file, over the plugin-level configuration.
    #[must_use]
    pub fn shared_values(mut self, values: Map<String, Value>) -> Self {
        self.tables = self.tables.with_values(&values);
        self.plain = self.plain.map(|plain| plain.with_values_over(&values));
        self
    }

    fn change(self, change: impl FnOnce(SharedPlugin<()>) -> SharedPlugin<()>) -> Self {
        match self.plain {
            Some(mut plain) => {
                plain.laid_over = self.laid_over;
                change(plain).into()
            }
            None => self,
        }
    }

    /// The plugin's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The plugin's version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether it was put together well: doors ask before they serve.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] listing every mount whose path is taken, whose values are no object, or whose fixed values
    /// or open parameters the connector does not know; every preset that fits no mounted connector.
    pub fn check(&self) -> Result<(), Error> {
        let mut faults = Vec::new();
        self.tables.faults(&mut faults);
        let mut paths: Vec<_> = self.tables.mounted().iter().map(|entry| entry.path().to_vec()).collect();
        paths.sort();
        for twice in paths.windows(2).filter(|pair| pair[0] == pair[1]) {
            faults.push(format!("two connectors are mounted at `{}`", twice[0].join("/")));
        }
        let entries = self.tables.mounted();
        let parameters = entries.iter().flat_map(Entry::all_parameters);
        self.tables.provided().check(parameters, self.tables.has_catalogues(), &mut faults);
        self.laid_over.check(&entries, self.tables.has_catalogues(), &mut faults);
        if faults.is_empty() { Ok(()) } else { Err(Error::new(ErrorKind::Config, faults.join("\n"))) }
    }

    /// What is mounted at fixed paths; catalogues are not asked.
    pub fn mounted(&self) -> Vec<Entry> {
        self.laid_over.over(self.tables.mounted())
    }

    /// Everything mounted, catalogues asked. A catalogue that fails is left out and logged, so that one
    /// source that is down does not hide the others.
    pub async fn list(&self) -> Vec<Entry> {
        let mut entries = self.mounted();
        match self.tables.found().await {
            Ok(found) => entries.extend(self.laid_over.over(found)),
            Err(error) => tracing::warn!(error = error.for_log(), "a catalogue could not be listed"),
        }
        entries
    }

    /// What is mounted at this path; paths are compared exactly.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], with the nearest path when one is near; what a catalogue raised.
    pub async fn find<P: AsRef<str> + Sync>(&self, path: &[P]) -> Result<Entry, Error> {
        self.look_up(path).await?
    }

    /// What is mounted at this path, or what a [`target`](Self::target) mounts there to be written.
    ///
    /// # Errors
    /// As [`find`](Self::find); what a target raised.
    pub async fn find_for_write<P: AsRef<str> + Sync>(&self, path: &[P]) -> Result<Entry, Error> {
        let not_found = match self.look_up(path).await? {
            Ok(entry) => return Ok(entry),
            Err(not_found) => not_found,
        };
        let path: Vec<_> = path.iter().map(|component| component.as_ref().to_owned()).collect();
        let target = self.tables.target(&path).await?.ok_or(not_found)?;
        Ok(self.laid_over.over_one(target))
    }

    /// What is mounted or found at this path, or the error that says there is nothing; what a catalogue raised is the
    /// outer error.
    async fn look_up<P: AsRef<str> + Sync>(&self, path: &[P]) -> Result<Result<Entry, Error>, Error> {
        let path: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
        if let Some(entry) = self.tables.mounted_at(&path) {
            return Ok(Ok(self.laid_over.over_one(entry)));
        }
        let mut found = self.tables.found().await?;
        if let Some(at) = found.iter().position(|entry| entry.path() == path) {
            return Ok(Ok(self.laid_over.over_one(found.swap_remove(at))));
        }
        Ok(Err(not_found(&path.join("/"), self.tables.mounted().iter().chain(&found))))
    }
}

fn not_found<'a>(asked: &str, entries: impl Iterator<Item = &'a Entry>) -> Error {
    let asked: String = asked.chars().take(120).collect();
    let paths: Vec<String> = entries.map(|entry| entry.path().join("/")).collect();
    let hint = match crate::nearest::nearest(&asked, paths.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if paths.is_empty() => "nothing is mounted".into(),
        None if paths.len() <= 20 => format!("there is {}", paths.join(", ")),
        None => format!("{} tables are listed by ListFlights or `Plugin::list`", paths.len()),
    };
    Error::new(ErrorKind::NotFound, format!("there is no table `{asked}`; {hint}"))
}

impl<S: Send + Sync + 'static> From<SharedPlugin<S>> for Plugin {
    fn from(plugin: SharedPlugin<S>) -> Self {
        let (name, version) = (plugin.name.clone(), plugin.version.clone());
        let plain = (&plugin as &dyn std::any::Any).downcast_ref::<SharedPlugin<()>>().cloned();
        let laid_over = plugin.laid_over.clone();
        Plugin { name, version, tables: Arc::new(plugin), plain, laid_over }
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin")
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// A plugin without the type of what its connectors share.
#[async_trait]
pub(crate) trait Tables: Send + Sync {
    /// What is mounted at fixed paths.
    fn mounted(&self) -> Vec<Entry>;
    /// What is mounted at this fixed path: none of the others is looked into, of which there may be many.
    fn mounted_at(&self, path: &[&str]) -> Option<Entry>;
    /// What catalogues find now.
    async fn found(&self) -> Result<Vec<Entry>, Error>;
    /// What a target mounts at this path, to be written once.
    async fn target(&self, path: &[String]) -> Result<Option<Entry>, Error>;
    /// The same, with these values laid over the plugin's own.
    fn with_values(&self, values: &Map<String, Value>) -> Arc<dyn Tables>;
    /// What is wrong with the mounts.
    fn faults(&self, faults: &mut Vec<String>);
    /// What the operator provides.
    fn provided(&self) -> &Provided;
    /// Whether connectors are mounted that nobody knows before asking.
    fn has_catalogues(&self) -> bool;
}
