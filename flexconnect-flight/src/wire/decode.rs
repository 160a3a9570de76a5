//! From Flight messages to batches. The bytes come from outside: whatever they are, the answer is an error at worst.

use arrow_array::RecordBatch;
use arrow_buffer::{Buffer, MutableBuffer};
use arrow_schema::{Schema, SchemaRef};
use bytes::Bytes;
use flexconnect_core::Error;

use crate::guard::{self, Limits};
use crate::wire::framing::Message;

/// One stream of messages: its schema, and the dictionaries that came so far.
#[derive(Debug, Default)]
pub(crate) struct Decoder(guard::Decoder);

/// What a message brought.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    /// Rows; none in a message of the schema, of a dictionary or of metadata.
    pub(crate) batch: Option<RecordBatch>,
    /// What the sender added.
    pub(crate) app_metadata: Bytes,
}

impl Decoder {
    /// For messages within these limits.
    pub(crate) fn within(limits: Limits) -> Self {
        Decoder(guard::Decoder::new(limits))
    }

    /// For messages of up to so many bytes.
    pub(crate) fn for_messages_of(bytes: usize) -> Self {
        Decoder::within(Limits::for_messages_of(bytes))
    }

    /// The schema, once it came.
    pub(crate) fn schema(&self) -> Option<&SchemaRef> {
        self.0.schema()
    }

    /// Takes the next message.
    pub(crate) fn decode(&mut self, message: Message) -> Result<Decoded, Error> {
        let (header, app_metadata) = (message.fields.data_header, message.fields.app_metadata);
        let batch = match header.is_empty() {
            true => None,
            false => self.0.decode(&header, one_piece(message.body))?,
        };
        Ok(Decoded { batch, app_metadata })
    }
}

/// Reads a schema as FlightInfo, GetSchema and tickets carry it.
pub(crate) fn schema_from_bytes(bytes: &[u8]) -> Result<Schema, Error> {
    guard::schema_from_bytes(bytes, &Limits::default())
}

/// What comes from the network is in one piece already.
fn one_piece(mut body: Vec<Buffer>) -> Buffer {
    if body.len() == 1 {
        return body.swap_remove(0);
    }
    let mut whole = MutableBuffer::new(body.iter().map(Buffer::len).sum());
    body.iter().for_each(|part| whole.extend_from_slice(part));
    whole.into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, StringArray};
    use arrow_flight::FlightData;
    use arrow_schema::{DataType, Field};
    use flexconnect_core::ErrorKind;
    use futures::{FutureExt, TryStreamExt};

    use super::*;
    use crate::wire::encode::{Encoding, Messages, schema_bytes};

    fn messages() -> (SchemaRef, Vec<Message>) {
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
