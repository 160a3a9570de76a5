//! The GoodData dialect: a plugin's connectors as the functions of a FlexConnect server.

mod budget;
mod error_info;
mod options;
mod ticket;
mod workers;

mod fault;

mod command;
mod dialect;
mod held;

mod run;
mod task;

mod function;
mod gate;
mod tasks;

mod verbs;

mod service;

mod server;

pub use error_info::{ErrorCode, ErrorInfo};
pub use options::Options;
pub use server::{Bound, Server};
pub use service::Service;
