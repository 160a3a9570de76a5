//! Make any data source an Arrow table everyone can read.
//!
//! ```
//! use flexconnect_core::{Config, Connector, Dataset, Plugin, ReadRequest, Result, Rows, Table};
//! use futures::TryStreamExt;
//!
//! #[derive(Table)]
//! struct Square {
//!     root: i64,
//!     square: i64,
//! }
//!
//! #[derive(Config)]
//! struct SquaresConfig {
//!     /// How many squares.
//!     #[config(default = 10, min = 0)]
//!     count: i64,
//! }
//!
//! struct Squares(SquaresConfig);
//!
//! impl Connector for Squares {
//!     const NAME: &'static str = "squares";
//!     type Config = SquaresConfig;
//!     type Row = Square;
//!
//!     async fn init(config: SquaresConfig, _shared: &()) -> Result<Self> {
//!         Ok(Squares(config))
//!     }
//!
//!     fn generate_rows(&self, _request: ReadRequest) -> Rows<'_, Square> {
//!         Rows::iter((0..self.0.count).map(|root| Square { root, square: root * root }))
//!     }
//! }
//!
//! # futures::executor::block_on(async {
//! // What a door does with it: open the table by its path, and read it.
//! let plugin = Plugin::new("squares", "1.0.0").connector::<Squares>();
//! let values = serde_json::Map::from_iter([("count".to_owned(), 1000.into())]);
//! let table = plugin.find(&["squares"]).await?.open(values).await?;
//! let request = ReadRequest::new().with_limit(20).with_projection(["square"]);
//! let batches: Vec<_> = table.read(request).await?.try_collect().await?;
//! assert_eq!(batches[0].num_rows(), 20);
//! assert_eq!(batches[0].num_columns(), 1);
//! # Ok::<(), flexconnect_core::Error>(())
//! # }).unwrap();
//! ```
//!
//! - An author implements [`Connector`]: rows that derive [`Table`](macro@Table), parameters that derive
//!   [`Config`](macro@Config), and [`Rows`] made from an iterator, a stream, pages or a loop. Rows whose columns are
//!   known only at run time are [`JsonRow`]s or, with types JSON lacks, [`Values`]; whole batches are rows too.
//! - A host collects connectors in a [`Plugin`], under paths, with the operator's values fixed.
//! - A *door*, such as `flexconnect-flight`, serves the plugin. It sees [`Dataset`]s, requests and [`Error`]s only.
//!
//! A [`ReadRequest`] is a hint to the connector and a promise to its caller: whatever the connector makes of it, the
//! caller gets exactly the rows, columns and filters asked for, in batches of the schema announced. Rows are encoded as
//! they are produced, at most two batches ahead of the reader, so memory is bounded whatever the size of the table.
//!
//! The feature `conformance` brings the module of that name: one line in a connector's tests proves what it declares.
//!
//! Nothing here opens a socket or needs an async runtime. Further features, each the types of the crate of its name as columns:
//! `chrono`, `chrono-tz`, `jiff`, `time`; `bigdecimal`, `half`, `ordered-float`, `rust_decimal`; `compact_str`, `ecow`,
//! `smol_str`, `tinystr`, `bytes`, `url`, `uuid`; `arrayvec`, `indexmap`, `smallvec`. `json` is `serde_json::value::RawValue`;
//! `pattern` is for regular expressions in configurations.

mod error;
mod kernels;
mod nearest;
mod same;
mod scalar;
mod tally;
mod timer;
mod unwind;

mod about;
pub mod buffer;
mod capabilities;
pub mod column;

pub mod config;
mod partition;
mod state;
pub mod table;

pub mod infer;
pub mod predicate;
pub mod record;
mod request;

mod batches;
mod rows;
mod writer;

mod connector;

mod dataset;

mod plugin;

#[cfg(feature = "conformance")]
pub mod conformance;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use about::About;
pub use batches::Batches;
pub use capabilities::{Capabilities, Delivery, WriteMode};
pub use column::Column;
pub use config::{ByteSize, Config, Parameter, Secret};
pub use connector::Connector;
pub use dataset::{Dataset, dataset_of, open};
pub use error::{BoxError, Error, ErrorKind, Place, Result, ResultExt};
pub use nearest::nearest;
pub use partition::Partition;
pub use plugin::{Entry, Mount, Plugin, SharedPlugin};
pub use predicate::{CompareOp, Filter, Predicate, Pushdown, Value};
pub use record::{Accepts, Finished, JsonRow, Record, RowBuffer, Values};
pub use request::{Caller, ReadRequest, WriteRequest};
pub use rows::{
    BlockingOutput, Keeping, OnStop, Output, Page, Pushed, Rows, StopSignal, Stopped, abandoned_threads,
};
pub use state::State;
pub use table::{FromBatch, Table};
pub use tally::{Tally, count_panic, count_rejected_rows, count_retry, tally};
pub use writer::{BoxWriter, RowWriter, WriteSummary, Writer};

pub use flexconnect_macros::{Column, Config, Table};

pub use arrow_array;
pub use arrow_schema;
