//! Make any data source an Arrow table everyone can read.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod config;
pub mod error;

pub use config::{ByteSize, Config, Parameter, Secret};
pub use error::{BoxError, Error, ErrorKind, Result, ResultExt};
pub use flexconnect_macros::Config;
