//! From Flight messages to batches. The bytes come from outside: whatever they are, the answer is an error at worst.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::reader::{RecordBatchDecoder, read_dictionary};
use arrow_ipc::{Message, MessageHeader, root_as_message};
use arrow_schema::{Schema, SchemaRef};
use bytes::Bytes;
use flexconnect_core::{Error, ErrorKind};

use crate::framing::Message as Received;

/// The alignment Arrow wants of its buffers; a message's body comes as it lay in the network's buffer.
const ALIGNMENT: usize = 64;

/// One stream of messages: its schema, and the dictionaries that came so far.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    schema: Option<SchemaRef>,
    dictionaries: HashMap<i64, ArrayRef>,
}

/// What a message brought.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    /// Rows; none in a message of the schema, of a dictionary or of metadata.
    pub(crate) batch: Option<RecordBatch>,
    /// What the sender added.
    pub(crate) app_metadata: Bytes,
}

impl Decoder {
    /// The schema, once it came.
    pub(crate) fn schema(&self) -> Option<&SchemaRef> {
        self.schema.as_ref()
    }

    /// Takes the next message.
    pub(crate) fn decode(&mut self, message: Received) -> Result<Decoded, Error> {
        let (header, app_metadata) = (message.fields.data_header, message.fields.app_metadata);
        if header.is_empty() {
            return Ok(Decoded { batch: None, app_metadata });
        }
        // arrow-ipc trusts offsets and lengths in places, and panics on wrong ones.
        let decoded = catch_unwind(AssertUnwindSafe(|| self.decode_ipc(&header, message.body)));
        let batch = decoded.unwrap_or_else(|_| Err(malformed("its parts do not fit together")))?;
        Ok(Decoded { batch, app_metadata })
    }

    fn decode_ipc(&mut self, header: &[u8], body: Vec<Buffer>) -> Result<Option<RecordBatch>, Error> {
        let message = root_as_message(header).map_err(malformed)?;
        match message.header_type() {
            MessageHeader::NONE => Ok(None),
            MessageHeader::Schema => {
                if self.schema.is_some() {
                    return Err(malformed("the schema comes a second time"));
                }
                self.schema = Some(Arc::new(schema_of(&message)?));
                Ok(None)
            }
            MessageHeader::DictionaryBatch => {
                let schema =
                    self.schema.clone().ok_or_else(|| malformed("a dictionary comes before the schema"))?;
                let batch =
                    message.header_as_dictionary_batch().ok_or_else(|| malformed("it has no dictionary"))?;
                let body = aligned(body);
                read_dictionary(&body, batch, &schema, &mut self.dictionaries, &message.version())
                    .map_err(malformed)?;
                Ok(None)
            }
            MessageHeader::RecordBatch => {
                let schema =
                    self.schema.clone().ok_or_else(|| malformed("a batch comes before the schema"))?;
                let batch = message.header_as_record_batch().ok_or_else(|| malformed("it has no batch"))?;
                let (body, version) = (aligned(body), message.version());
                let decoder = RecordBatchDecoder::try_new(&body, batch, schema, &self.dictionaries, &version)
                    .map_err(malformed)?;
                decoder.read_record_batch().map_err(malformed).map(Some)
            }
            other => {
                let kind = other.variant_name().unwrap_or("unknown");
                Err(malformed(format!("messages of type {kind} are not taken")))
            }
        }
    }
}

/// Reads a schema as FlightInfo, GetSchema and tickets carry it.
pub(crate) fn schema_from_bytes(bytes: &[u8]) -> Result<Schema, Error> {
    let read = || {
        // An encapsulated message: a mark, the header's length, the header. Old writers leave the mark out.
        let rest = bytes.strip_prefix(&[0xFF; 4]).unwrap_or(bytes);
        let (length, rest) = rest.split_first_chunk().ok_or_else(|| malformed("the schema is empty"))?;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let header = rest.get(..length).ok_or_else(|| malformed("the schema is cut short"))?;
        schema_of(&root_as_message(header).map_err(malformed)?)
    };
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(malformed("the schema's parts do not fit together")))
}

fn schema_of(message: &Message<'_>) -> Result<Schema, Error> {
    let schema = message.header_as_schema().ok_or_else(|| malformed("it has no schema"))?;
    Ok(arrow_ipc::convert::fb_to_schema(schema))
}

/// The body in one piece, where Arrow can use it; copied when it does not lie right.
fn aligned(mut body: Vec<Buffer>) -> Buffer {
    match &body[..] {
        [whole] if whole.as_ptr().align_offset(ALIGNMENT) == 0 => body.swap_remove(0),
        parts => Buffer::from_vec(parts.iter().map(Buffer::as_slice).collect::<Vec<_>>().concat()),
    }
}

fn malformed(reason: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidRequest, format!("a message of the stream is not Arrow IPC: {reason}"))
}

#[cfg(test)]
mod tests {
    use arrow_array::{Int64Array, StringArray};
    use arrow_flight::FlightData;
    use arrow_schema::{DataType, Field};
    use futures::{FutureExt, TryStreamExt};

    use super::*;
    use crate::encode::{Encoding, Messages, schema_bytes};

    fn messages() -> (SchemaRef, Vec<Received>) {
        let fields = vec![Field::new("id", DataType::Int64, false), Field::new("name", DataType::Utf8, true)];
        let schema = Arc::new(Schema::new(fields));
        let columns: Vec<ArrayRef> =
            vec![Arc::new(Int64Array::from(vec![1, 2])), Arc::new(StringArray::from(vec![Some("a"), None]))];
        let batch = RecordBatch::try_new(schema.clone(), columns).unwrap();
        let stream = Messages::new(&schema, futures::stream::iter([Ok(batch)]), Encoding::default()).unwrap();
        (schema, stream.try_collect().now_or_never().unwrap().unwrap())
    }

    #[test]
    fn a_schema_comes_back_from_its_bytes() {
        let (schema, _) = messages();
        let bytes = schema_bytes(&schema).unwrap();
        assert_eq!(schema_from_bytes(&bytes).unwrap(), *schema);
        for end in 0..bytes.len() {
            // The padding at the end says nothing.
            let _ = schema_from_bytes(&bytes[..end]);
        }
        assert!(schema_from_bytes(&[]).is_err());
    }

    #[test]
    fn metadata_alone_is_a_message() {
        let message = FlightData { app_metadata: Bytes::from_static(b"{}"), ..FlightData::default() };
        let decoded = Decoder::default().decode(message.into()).unwrap();
        assert!(decoded.batch.is_none() && &decoded.app_metadata[..] == b"{}");
    }

    #[test]
    fn the_order_of_messages_is_checked() {
        let (_, messages) = messages();
        let mut decoder = Decoder::default();
        assert_eq!(decoder.decode(messages[1].clone()).unwrap_err().kind(), ErrorKind::InvalidRequest);
        decoder.decode(messages[0].clone()).unwrap();
        assert!(decoder.decode(messages[0].clone()).unwrap_err().to_string().contains("second time"));
        assert_eq!(decoder.decode(messages[1].clone()).unwrap().batch.unwrap().num_rows(), 2);
    }

    #[test]
    fn cut_messages_are_errors() {
        let (_, messages) = messages();
        let fields = messages[1].fields.clone();
        let data_body =
            Bytes::from(messages[1].body.iter().flat_map(|buffer| buffer.to_vec()).collect::<Vec<_>>());
        let mut cut = Vec::new();
        for end in 1..fields.data_header.len() {
            let data_header = fields.data_header.slice(..end);
            cut.push(FlightData { data_header, data_body: data_body.clone(), ..FlightData::default() });
        }
        for end in 0..data_body.len() {
            cut.push(FlightData { data_body: data_body.slice(..end), ..fields.clone() });
        }
        for message in cut {
            let mut decoder = Decoder::default();
            decoder.decode(messages[0].clone()).unwrap();
            let _ = decoder.decode(message.into());
        }
    }
}
