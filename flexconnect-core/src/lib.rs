//! Make any data source an Arrow table everyone can read.

pub mod error;

pub mod column;

pub mod table;

pub mod record;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use error::{BoxError, Error, ErrorKind, Result, ResultExt};

pub use column::Column;
pub use flexconnect_macros::{Column, Table};
pub use record::Record;
pub use table::{FromBatch, Table};
