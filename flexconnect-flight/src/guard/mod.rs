//! Arrow IPC messages from outside, checked before anything decodes them.
//!
//! A message is a header, a flatbuffer, and a body, the buffers of the columns. Arrow's decoder believes the header: a
//! length that lies makes it panic, and two of them end the process. So every message passes here first: what the
//! header says is held against the schema, against the bytes that are there and against [`Limits`]. What Arrow checks
//! itself without panicking, such as UTF-8 and the offsets inside a column, is left to Arrow.
//!
//! Nothing here knows of Flight: a door with other envelopes uses [`Decoder`] where its messages come one at a time,
//! [`StreamReader`] where they lie one after another, and [`schema_from_bytes`] for a schema alone.
//!
//! ```
//! use std::sync::Arc;
//!
//! use arrow_array::{Int64Array, RecordBatch};
//! use arrow_ipc::writer::StreamWriter;
//! use flexconnect_flight::guard::{Limits, StreamReader};
//!
//! let batch = RecordBatch::try_from_iter([("id", Arc::new(Int64Array::from(vec![1, 2])) as _)])?;
//! let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema())?;
//! writer.write(&batch)?;
//! let bytes = writer.into_inner()?;
//!
//! let limits = Limits::default().with_fields(100);
//! let reader = StreamReader::new(bytes.clone().into(), limits.clone())?;
//! assert_eq!(reader.schema(), batch.schema());
//! assert_eq!(reader.collect::<Result<Vec<_>, _>>()?, [batch]);
//!
//! // Cut short, it is an error, not a panic.
//! let cut = bytes[..bytes.len() - 20].to_vec();
//! assert!(StreamReader::new(cut.into(), limits)?.any(|batch| batch.is_err()));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod fault;
mod limits;

mod message;
mod part;
mod schema;

mod compression;
mod layout;

mod decoder;
mod stream;

pub use decoder::{Decoder, schema_from_bytes};
pub use limits::Limits;
pub use stream::StreamReader;
