//! x
use crate::error::Error;
use arrow_array::RecordBatch;
use arrow_schema::Schema;
pub const PRIMARY_KEY: &str = "flexconnect:primary_key";
/// x
pub trait FromBatch: Sized {
    /// x
    fn from_batch(b: &RecordBatch) -> Result<Vec<Self>, Error>;
    /// x
    fn check_schema(s: &Schema) -> Result<(), Error>;
}
