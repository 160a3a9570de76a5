//! Make any data source an Arrow table everyone can read.

mod error;
mod nearest;
mod scalar;
mod unwind;

mod about;
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
pub use record::{Accepts, Finished, JsonRow, Record, RowBuffer};
pub use request::{Caller, ReadRequest, WriteRequest};
pub use rows::{BlockingOutput, Output, Page, Pushed, Rows, Stopped};
pub use state::State;
pub use table::{FromBatch, Table};
pub use writer::{BoxWriter, RowWriter, WriteSummary, Writer};

pub use flexconnect_macros::{Column, Config, Table};

pub use arrow_array;
pub use arrow_schema;
