//! From Flight messages to batches. The bytes come from outside: whatever they are, the answer is an error at worst.

use arrow_array::RecordBatch;
use arrow_flight::FlightData;
use arrow_schema::{Schema, SchemaRef};
use bytes::Bytes;
use flexconnect_core::Error;

use crate::guard::{self, Limits};

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
    /// For messages of up to so many bytes.
    pub(crate) fn for_messages_of(bytes: usize) -> Self {
        Decoder(guard::Decoder::new(Limits::for_messages_of(bytes)))
    }

    /// The schema, once it came.
    pub(crate) fn schema(&self) -> Option<&SchemaRef> {
        self.0.schema()
    }

    /// Takes the next message.
    pub(crate) fn decode(&mut self, message: FlightData) -> Result<Decoded, Error> {
        let FlightData { data_header, data_body, app_metadata, .. } = message;
        let batch = match data_header.is_empty() {
            true => None,
            false => self.0.decode(&data_header, data_body)?,
        };
        Ok(Decoded { batch, app_metadata })
    }
}

/// Reads a schema as FlightInfo, GetSchema and tickets carry it.
pub(crate) fn schema_from_bytes(bytes: &[u8]) -> Result<Schema, Error> {
    guard::schema_from_bytes(bytes, &Limits::default())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Int64Array, StringArray};
    use arrow_schema::{DataType, Field};
    use flexconnect_core::ErrorKind;
    use futures::{FutureExt, TryStreamExt};

    use super::*;
    use crate::encode::{Messages, schema_bytes};

    fn messages() -> (SchemaRef, Vec<FlightData>) {
        let fields = vec![Field::new("id", DataType::Int64, false), Field::new("name", DataType::Utf8, true)];
        let schema = Arc::new(Schema::new(fields));
        let columns: Vec<ArrayRef> =
            vec![Arc::new(Int64Array::from(vec![1, 2])), Arc::new(StringArray::from(vec![Some("a"), None]))];
        let batch = RecordBatch::try_new(schema.clone(), columns).unwrap();
        let stream = Messages::new(&schema, futures::stream::iter([Ok(batch)])).unwrap();
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
        let decoded = Decoder::default().decode(message).unwrap();
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
        for end in 1..messages[1].data_header.len() {
            let mut decoder = Decoder::default();
            decoder.decode(messages[0].clone()).unwrap();
            let header = messages[1].data_header.slice(..end);
            let _ = decoder.decode(FlightData { data_header: header, ..messages[1].clone() });
        }
        for end in 0..messages[1].data_body.len() {
            let mut decoder = Decoder::default();
            decoder.decode(messages[0].clone()).unwrap();
            let body = messages[1].data_body.slice(..end);
            let _ = decoder.decode(FlightData { data_body: body, ..messages[1].clone() });
        }
    }
}
