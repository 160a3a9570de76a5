//! The GoodData dialect: a plugin's connectors as the functions of a FlexConnect server.

mod error_info;
mod ticket;

mod fault;

mod command;
mod dialect;

pub use error_info::{ErrorCode, ErrorInfo};
