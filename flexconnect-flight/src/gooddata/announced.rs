//! Columns, and the bytes that announce them.

use arrow_schema::SchemaRef;
use bytes::Bytes;
use flexconnect_core::Error;

use crate::wire::encode::schema_bytes;

/// The columns of a function, or of a result: encoded once for the listing, the info and the stream.
#[derive(Debug, Clone)]
pub(crate) struct Announced {
    pub(crate) schema: SchemaRef,
    /// One encapsulated IPC message.
    pub(crate) bytes: Bytes,
}

impl Announced {
    pub(crate) fn new(schema: SchemaRef) -> Result<Self, Error> {
        let bytes = schema_bytes(&schema)?;
        Ok(Announced { schema, bytes })
    }
}
