//! The trait an author implements.

use arrow_schema::SchemaRef;
use serde_json::{Map, Value};

use crate::about::About;
use crate::capabilities::Capabilities;
use crate::config::{Choice, Config};
use crate::error::{Error, ErrorKind, Result};
use crate::partition::Partition;
use crate::predicate::{Predicate, Pushdown};
use crate::record::Record;
use crate::request::{ReadRequest, WriteRequest};
use crate::rows::Rows;
use crate::writer::BoxWriter;

/// A data source as a table: what can be configured, what a row is, and how rows are produced.
///
/// Required are the name, two types, [`init`](Self::init) and [`generate_rows`](Self::generate_rows).
/// Write plain `async fn`s. Everything a [`ReadRequest`] asks for is a hint: limit, projection and
/// filters are enforced around every connector.
///
/// `S` is what all connectors of one [`Plugin`](crate::Plugin) share, an API client or a pool. A connector that
/// keeps it clones it, so make it a cheap handle: `#[derive(Clone)] struct Api(Arc<..>)`.
///
/// ```
/// use flexconnect_core::{Config, Connector, ReadRequest, Result, Rows, Table};
///
/// /// A greeting for one person.
/// #[derive(Table)]
/// struct Greeting { text: String, letters: u64 }
///
/// #[derive(Config)]
/// struct HelloConfig {
///     /// Whom to greet.
///     #[config(default = ["world"])]
///     names: Vec<String>,
/// }
///
/// struct Hello(HelloConfig);
///
/// impl Connector for Hello {
///     const NAME: &'static str = "hello";
///     type Config = HelloConfig;
///     type Row = Greeting;
///
///     async fn init(config: HelloConfig, _shared: &()) -> Result<Self> { Ok(Hello(config)) }
///
///     fn generate_rows(&self, _request: ReadRequest) -> Rows<'_, Greeting> {
///         Rows::iter(self.0.names.iter().map(|name| Greeting {
///             letters: name.chars().count() as u64,
///             text: format!("Hello, {name}!"),
///         }))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a connector for this plugin",
    label = "no `Connector<{S}>`",
    note = "`connector` before `shared` takes a `Connector`, after it a `Connector<S>` of the shared type"
)]
pub trait Connector<S: Send + Sync + 'static = ()>: Sized + Send + Sync + 'static {
    /// The name under which it is mounted and listed, `snake_case`.
    const NAME: &'static str;

    /// What can be configured: a `#[derive(Config)]` struct, or `()`.
    type Config: Config;

    /// What a row is: a `#[derive(Table)]` struct (`Line<'static>` when it borrows), `JsonRow`,
    /// [`Values`](crate::Values) or [`RecordBatch`](arrow_array::RecordBatch).
    type Row: Record + 'static;

    /// Title, description and the like, for listings, forms and documentation.
    fn about() -> About {
        About::default()
    }

    /// What it can do beyond reading: declared here, refused where undeclared.
    fn capabilities() -> Capabilities {
        Capabilities::read()
    }

    /// What a form offers for a parameter with `#[config(dynamic_choices)]`, asked of the source itself: its
    /// tables, its projects. `parameter` is the name (`columns.type` inside a list of objects); `so_far` the values there are, the operator's and presets
    /// among them, unchecked and in part missing.
    ///
    /// ```
    /// # use flexconnect_core::{BoxError, Config, Connector, ReadRequest, Result, Rows, Table};
    /// # use flexconnect_core::config::Choice;
    /// # use serde_json::{Map, Value};
    /// # #[derive(Table)]
    /// # struct Issue { id: u64 }
    /// #[derive(Config)]
    /// struct IssuesConfig {
    ///     server: String,
    ///     /// The project whose issues are read.
    ///     #[config(dynamic_choices(server))]
    ///     project: String,
    /// }
    /// # async fn projects(server: &str) -> Result<Vec<(String, String)>> { Ok(Vec::new()) }
    /// # struct Issues(IssuesConfig);
    /// impl Connector for Issues {
    /// #   const NAME: &'static str = "issues";
    /// #   type Config = IssuesConfig;
    /// #   type Row = Issue;
    /// #   async fn init(config: IssuesConfig, _: &()) -> Result<Self> { Ok(Issues(config)) }
    /// #   fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Issue> { Rows::empty() }
    ///     async fn choices(_: &str, so_far: &Map<String, Value>, _: &()) -> Result<Vec<Choice>> {
    ///         let Some(server) = so_far.get("server").and_then(Value::as_str) else {
    ///             return Err("enter the server first".into());
    ///         };
    ///         let projects = projects(server).await?.into_iter();
    ///         Ok(projects.map(|(key, title)| Choice::new(key, title)).collect())
    ///     }
    ///     // ...
    /// }
    /// ```
    fn choices(
        parameter: &str,
        so_far: &Map<String, Value>,
        shared: &S,
    ) -> impl Future<Output = Result<Vec<Choice>>> + Send {
        let _ = (parameter, so_far, shared);
        async { Ok(Vec::new()) }
    }

    /// Opens the connector. It is kept and shared by calls of equal configuration.
    fn init(config: Self::Config, shared: &S) -> impl Future<Output = Result<Self>> + Send;

    /// Proves that the source can be used, without reading data.
    fn check(&self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// The columns; `None` to find them from a sample of the rows (1,000 rows or 1 MiB).
    ///
    /// The default is the row type's own schema.
    fn get_read_schema(&self) -> impl Future<Output = Result<Option<SchemaRef>>> + Send {
        async { Ok(Self::Row::schema()) }
    }

    /// The rows. Called once for each partition when partitions are declared (`request.partition` is
    /// then always set), else once.
    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Self::Row>;

    /// A writer for this request; called only for a declared mode and a schema that fits.
    fn get_writer(&self, request: WriteRequest) -> impl Future<Output = Result<BoxWriter>> + Send {
        let _ = request;
        async {
            let message = format!("`{}` can only be read", Self::NAME);
            Err(Error::new(ErrorKind::ReadOnly, message).into())
        }
    }

    /// The parts of the table, cheaply: disjoint, complete, in the order a whole read walks them.
    /// Called only when [`Capabilities::with_partitions`] says so; no partition is an empty table.
    fn list_partitions(&self, request: &ReadRequest) -> impl Future<Output = Result<Vec<Partition>>> + Send {
        let _ = request;
        async { Ok(Vec::new()) }
    }

    /// Exactly how many rows this read has, filters and partition applied and the limit not; `None`
    /// when that is not known without reading. Called only when [`Capabilities::with_count`] says so.
    fn count_rows(&self, request: &ReadRequest) -> impl Future<Output = Result<Option<u64>>> + Send {
        let _ = request;
        async { Ok(None) }
    }

    /// Whether the rows of a read with this predicate satisfy it already.
    fn pushdown(&self, predicate: &Predicate) -> Pushdown {
        let _ = predicate;
        Pushdown::Unsupported
    }
}
