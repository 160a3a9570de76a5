//! GoodData FlexConnect: connectors as the functions of a `FLEXCONNECT` data source.

pub mod context;

mod budget;
mod error_info;
mod log_levels;
mod log_lines;
mod machine;
mod options;
mod settings;
mod ticket;
mod workers;

mod fault;

mod availability;
mod command;
mod command_line;
mod dialect;
mod held;

mod run;
mod task;

mod figures;

mod function;
mod tasks;

mod verbs;

mod service;

mod pages;

mod server;

mod start;

pub use command_line::CommandLine;
pub use error_info::{ErrorCode, ErrorInfo};
pub use options::Options;
pub use server::{Bound, Server};
pub use service::Service;
pub use settings::{Authentication, EnumeratedTokens, FlexConnectSection, ServerSection, Settings};
pub use start::{start, start_with};
