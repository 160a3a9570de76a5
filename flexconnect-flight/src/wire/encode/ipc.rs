//! From batches to the messages of one Arrow IPC stream, without copying their buffers.

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_flight::FlightData;
use arrow_ipc::writer::{DictionaryHandling, IpcWriteOptions, StreamEncoder};
use arrow_ipc::{CompressionType, MessageHeader, root_as_message};
use arrow_schema::{ArrowError, Schema};
use bytes::Bytes;
use flexconnect_core::{Error, ErrorKind};

use super::dictionaries::{are_nested, are_there};
use crate::wire::framing::Message;

/// How an encapsulated message begins: a mark and the length of its header.
const MARK: usize = 8;

/// A schema as FlightInfo and GetSchema carry it: one encapsulated IPC message.
pub(crate) fn schema_bytes(schema: &Schema) -> Result<Bytes, Error> {
    let mut buffers = StreamEncoder::try_new(schema).and_then(StreamEncoder::finish).map_err(not_encoded)?;
    // The mark of the stream's end.
    buffers.pop();
    Ok(buffers.iter().map(Buffer::as_slice).collect::<Vec<_>>().concat().into())
}

/// A schema that was encoded, as the first message of a stream: the same bytes.
pub(crate) fn schema_message(mut encapsulated: Bytes) -> Message {
    let header = encapsulated.split_off(MARK.min(encapsulated.len()));
    Message { fields: FlightData { data_header: header, ..FlightData::default() }, body: Vec::new() }
}

/// The messages after the schema's, in the state of their stream: which dictionaries were sent.
pub(crate) struct Encoder {
    stream: StreamEncoder,
    /// Whether the stream's own schema is still to come, which was sent before there was a batch.
    begins: bool,
    /// Whether a batch may be more than one message.
    has_dictionaries: bool,
}

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
        let has_dictionaries = are_there(schema);
        // The schema has been encoded before, and here it would be once more with the first batch, for nothing. Only what is
        // known of dictionaries is known by it.
        let none = Schema::empty();
        let begun = if has_dictionaries { schema } else { &none };
        let stream = StreamEncoder::try_new_with_options(begun, options).map_err(not_encoded)?;
        Ok(Encoder { stream, begins: true, has_dictionaries })
    }

    pub(crate) fn encode(&mut self, batch: &RecordBatch) -> Result<Encoded, Error> {
        let buffers = self.stream.encode(batch).map_err(not_encoded)?;
        let mut buffers = buffers.into_iter().filter(|buffer| !buffer.is_empty());
        if std::mem::take(&mut self.begins) {
            header(&mut buffers)?;
        }
        let mut dictionaries = Vec::new();
        loop {
            let header = header(&mut buffers)?;
            if !self.has_dictionaries {
                // One message: what follows its header is its body.
                return Ok(Encoded { dictionaries, rows: message(&header, buffers.collect()) });
            }
            let said = root_as_message(&header).map_err(|_| broken("a header"))?;
            let length = usize::try_from(said.bodyLength()).map_err(|_| broken("a length"))?;
            let kind = said.header_type();
            let message = message(&header, take(&mut buffers, length)?);
            if kind != MessageHeader::DictionaryBatch {
                return Ok(Encoded { dictionaries, rows: message });
            }
            dictionaries.push(message);
        }
    }
}

/// The header of the next message among the buffers the encoder gives, a piece of an IPC stream.
fn header(buffers: &mut impl Iterator<Item = Buffer>) -> Result<Buffer, Error> {
    let mark = buffers.next().ok_or_else(|| broken("rows"))?;
    let length: Option<[u8; 4]> = mark.get(4..MARK).and_then(|length| length.try_into().ok());
    let length = length.map(u32::from_le_bytes).ok_or_else(|| broken("a mark"))? as usize;
    // The header is one buffer, and its padding says nothing.
    take(buffers, length)?.into_iter().next().ok_or_else(|| broken("a header"))
}

fn message(header: &Buffer, body: Vec<Buffer>) -> Message {
    Message {
        fields: FlightData { data_header: Bytes::copy_from_slice(header), ..FlightData::default() },
        body,
    }
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
