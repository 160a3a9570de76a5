//! Make any data source an Arrow table everyone can read.

pub mod error;

pub use error::{BoxError, Error, ErrorKind, Result, ResultExt};
