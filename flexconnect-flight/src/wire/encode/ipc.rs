//! From batches to the messages of one Arrow IPC stream, without copying their buffers.

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_flight::FlightData;
use arrow_ipc::writer::{DictionaryHandling, IpcWriteOptions, StreamEncoder};
use arrow_ipc::{CompressionType, MessageHeader, root_as_message};
use arrow_schema::{ArrowError, Schema};
use bytes::Bytes;
use flexconnect_core::{Error, ErrorKind};

use super::dictionaries::are_nested;
use crate::wire::framing::Message;

/// How an encapsulated message begins: a mark and the length of its header.
const MARK: usize = 8;

/// A schema as FlightInfo and GetSchema carry it: one encapsulated IPC message.
pub(crate) fn schema_bytes(schema: &Schema) -> Result<Bytes, Error> {
    let mut buffers = empty_stream(schema)?;
    // The mark of the stream's end.
    buffers.pop();
    Ok(buffers.iter().map(Buffer::as_slice).collect::<Vec<_>>().concat().into())
}

/// The schema as the first message of a stream.
pub(crate) fn schema_message(schema: &Schema) -> Result<Message, Error> {
    let mut messages = messages(empty_stream(schema)?)?;
    messages.truncate(1);
    messages.pop().map(|(message, _)| message).ok_or_else(|| broken("a schema"))
}

fn empty_stream(schema: &Schema) -> Result<Vec<Buffer>, Error> {
    StreamEncoder::try_new(schema).and_then(StreamEncoder::finish).map_err(not_encoded)
}

/// The messages after the schema's, in the state of their stream: which dictionaries were sent.
pub(crate) struct Encoder(StreamEncoder);

/// What a batch becomes.
pub(crate) struct Encoded {
    /// Dictionaries, or what is new of them, that the receiver does not have yet.
    pub(crate) dictionaries: Vec<Message>,
    /// The rows.
    pub(crate) rows: Message,
}

impl Encoder {
    pub(crate) fn new(schema: &Schema, compression: Option<CompressionType>) -> Result<Self, Error> {
        let handling =
            if are_nested(schema) { DictionaryHandling::Resend } else { DictionaryHandling::Delta };
        let options = IpcWriteOptions::default()
            .with_dictionary_handling(handling)
            .try_with_compression(compression)
            .map_err(not_encoded)?;
        Ok(Encoder(StreamEncoder::try_new_with_options(schema, options).map_err(not_encoded)?))
    }

    pub(crate) fn encode(&mut self, batch: &RecordBatch) -> Result<Encoded, Error> {
        let mut messages = messages(self.0.encode(batch).map_err(not_encoded)?)?;
        let (rows, _) = messages.pop().ok_or_else(|| broken("rows"))?;
        // The schema has been sent before there was a batch.
        let dictionaries = messages.into_iter().filter(|(_, kind)| *kind == MessageHeader::DictionaryBatch);
        Ok(Encoded { dictionaries: dictionaries.map(|(message, _)| message).collect(), rows })
    }
}

/// Cuts what the encoder gives, a piece of an IPC stream, into its messages and their kinds.
fn messages(buffers: Vec<Buffer>) -> Result<Vec<(Message, MessageHeader)>, Error> {
    let mut buffers = buffers.into_iter().filter(|buffer| !buffer.is_empty());
    let mut messages = Vec::new();
    while let Some(mark) = buffers.next() {
        let length: Option<[u8; 4]> = mark.get(4..MARK).and_then(|length| length.try_into().ok());
        let length = length.map(u32::from_le_bytes).ok_or_else(|| broken("a mark"))? as usize;
        if length == 0 {
            break;
        }
        // The header is one buffer, and its padding says nothing.
        let header = take(&mut buffers, length)?.swap_remove(0);
        let message = root_as_message(&header).map_err(|_| broken("a header"))?;
        let body_length = usize::try_from(message.bodyLength()).map_err(|_| broken("a length"))?;
        let kind = message.header_type();
        let body = take(&mut buffers, body_length)?;
        let fields = FlightData { data_header: Bytes::copy_from_slice(&header), ..FlightData::default() };
        messages.push((Message { fields, body }, kind));
    }
    Ok(messages)
}

/// The next buffers, as many as these bytes are.
fn take(buffers: &mut impl Iterator<Item = Buffer>, mut length: usize) -> Result<Vec<Buffer>, Error> {
    let mut taken = Vec::new();
    while length > 0 {
        let buffer = buffers.next().ok_or_else(|| broken("its end"))?;
        length = length.checked_sub(buffer.len()).ok_or_else(|| broken("a border"))?;
        taken.push(buffer);
    }
    Ok(taken)
}

fn not_encoded(error: ArrowError) -> Error {
    Error::new(ErrorKind::Schema, format!("the table cannot be written as Arrow IPC: {error}"))
}

/// Cannot be: arrow-ipc writes whole messages.
fn broken(what: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("the Arrow IPC encoder wrote messages without {what}"))
}
