//! Make any data source an Arrow table everyone can read.

mod nearest;
mod scalar;

pub mod error;
pub mod infer;
pub mod predicate;
pub mod record;

pub use arrow_array;
pub use arrow_schema;

pub use error::{BoxError, Error, ErrorKind, Result, ResultExt};
pub use predicate::{CompareOp, Filter, Predicate, Pushdown, Value};
pub use record::JsonRow;
