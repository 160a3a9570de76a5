//! Make any data source an Arrow table everyone can read.

// Derives emit `::flexconnect_core::…`; this crate's own docs and tests use them too.
extern crate self as flexconnect_core;

mod error;
mod nearest;
mod unwind;

mod about;
mod capabilities;
pub mod column;

pub mod config;
mod partition;
mod state;
mod table;

mod infer;
mod predicate;
mod record;
mod request;

mod batches;
mod rows;
mod writer;

mod connector;

mod dataset;

mod plugin;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use about::About;
pub use batches::Batches;
pub use capabilities::{Capabilities, Delivery, WriteMode};
pub use config::{Config, Parameter, Secret};
pub use connector::Connector;
pub use dataset::{Dataset, open};
pub use error::{BoxError, Error, ErrorKind, Place, Result, ResultExt};
pub use nearest::nearest;
pub use partition::Partition;
pub use plugin::{Entry, Mount, Plugin, SharedPlugin};
pub use predicate::{CompareOp, Predicate, Pushdown, Value};
pub use record::{Accepts, Finished, JsonRow, Record, RowBuffer};
pub use request::{Caller, ReadRequest, WriteRequest};
pub use rows::{BlockingOutput, Output, Page, Pushed, Rows, Stopped};
pub use state::State;
pub use writer::{BoxWriter, RowWriter, WriteSummary, Writer};

pub use arrow_array;
pub use arrow_schema;
