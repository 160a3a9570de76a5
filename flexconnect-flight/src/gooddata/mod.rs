//! GoodData FlexConnect: connectors as the functions of a `FLEXCONNECT` data source.

pub mod context;

mod budget;
mod error_info;
mod options;
mod ticket;
mod workers;

mod fault;

mod availability;
mod command;
mod dialect;
mod held;

mod run;
mod task;

mod function;
mod tasks;

mod verbs;

mod service;

mod server;

pub use error_info::{ErrorCode, ErrorInfo};
pub use options::Options;
pub use server::{Bound, Server};
pub use service::Service;
