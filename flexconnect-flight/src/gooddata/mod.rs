//! GoodData FlexConnect: connectors as the functions of a `FLEXCONNECT` data source.
//!
//! A server of this dialect stands in for the Python pair `gooddata-flight-server` and `gooddata-flexconnect`: the same
//! calls, errors and polling, the same settings and command line. [`start`] is a whole program, [`Server`] one server
//! of a larger one, [`Service`] what a tonic server mounts beside others.
//!
//! - A connector is a function. Its name, its columns and the metadata of its
//!   [`about`](flexconnect_core::Connector::about) are what GoodData lists.
//! - A call's `parameters` reach it whole, in the request. Those that are parameters of its configuration, and not set by
//!   the operator, set them for this call; any other key is no error.
//! - `parameters.columns` is a hint: the result is trimmed to the columns it names, in its order. A connector with
//!   [`with_all_columns`](flexconnect_core::Capabilities::with_all_columns) has its result left as it is.
//! - What a connector can be opened with before there is a call, it is, when the server starts.
//! - A result is kept for a while, and can be read again, when it is small or when its author says
//!   [`Rows::held`](flexconnect_core::Rows::held); else, and after
//!   [`Rows::single_use`](flexconnect_core::Rows::single_use), it is read once. An error before the first batch is that of
//!   the invocation, a later one that of the read.
//! - [`Rows::with_metadata`](flexconnect_core::Rows::with_metadata) attaches messages to a result, see
//!   [`context::DataSourceMessage`]; an [`ErrorInfo`] behind an error gives it a code of one's own.

pub mod context;

mod announced;
mod bearer;
mod budget;
#[cfg(feature = "otel")]
mod console;
mod error_info;
mod log_levels;
mod log_lines;
mod log_writer;
mod machine;
mod options;
mod settings;
mod ticket;
mod traces;
mod workers;

mod fault;

mod availability;
mod command;
mod command_line;
mod dialect;
mod held;
mod logs;

mod run;
mod task;

mod spans;

mod figures;

mod function;
mod tasks;

mod verbs;

mod service;

mod pages;
mod process;

mod server;

mod start;

pub use command_line::CommandLine;
pub use error_info::{ErrorCode, ErrorInfo};
pub use options::Options;
pub use server::{Bound, Server};
pub use service::Service;
pub use settings::{Authentication, EnumeratedTokens, FlexConnectSection, ServerSection, Settings};
pub use start::{start, start_with};
