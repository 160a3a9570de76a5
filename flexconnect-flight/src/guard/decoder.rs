//! A stream of messages, each checked and then decoded.

use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::{Buffer, MutableBuffer};
use arrow_ipc::reader::{RecordBatchDecoder, read_dictionary};
use arrow_ipc::{DictionaryBatch, Message, MessageHeader, root_as_message};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef};
use flexconnect_core::Error;

use super::compression::Codec;
use super::fault::{excerpt, malformed, too_much};
use super::layout::{self, Against};
use super::{Limits, message, schema};

/// The alignment Arrow wants of its buffers; a message's body comes as it lay in the network's buffer.
const ALIGNMENT: usize = 64;

/// One stream of Arrow IPC messages: its schema, and the dictionaries that came so far.
///
/// ```
/// use arrow_array::RecordBatch;
/// use flexconnect_core::Error;
/// use flexconnect_flight::guard::{Decoder, Limits};
///
/// /// The batches of messages that came in an envelope of one's own.
/// fn batches(messages: Vec<(Vec<u8>, Vec<u8>)>) -> Result<Vec<RecordBatch>, Error> {
///     let mut decoder = Decoder::new(Limits::default());
///     let mut batches = Vec::new();
///     for (header, body) in messages {
///         batches.extend(decoder.decode(&header, body.into())?);
///     }
///     Ok(batches)
/// }
/// # assert!(batches(vec![(vec![1, 2, 3], vec![])]).is_err());
/// ```
#[derive(Default)]
pub struct Decoder {
    limits: Limits,
    schema: Option<SchemaRef>,
    dictionaries: HashMap<i64, ArrayRef>,
    /// The bytes each dictionary holds.
    held: HashMap<i64, usize>,
}

impl Decoder {
    /// A stream that begins, held to these limits.
    pub fn new(limits: Limits) -> Self {
        Decoder { limits, ..Decoder::default() }
    }

    /// The schema, once it came.
    pub fn schema(&self) -> Option<&SchemaRef> {
        self.schema.as_ref()
    }

    /// Takes the next message: its header, a flatbuffer without a prefix, and its body. Gives a batch when it brought
    /// one; a schema and a dictionary are kept for the batches to come.
    ///
    /// `Bytes` and `Vec<u8>` turn into a body without being copied. The batch shares its memory where it lies on a
    /// boundary of 64 bytes; else it is copied there, once.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](flexconnect_core::ErrorKind::InvalidRequest) when the message is not what it says,
    /// with the column and the buffer; [`ErrorKind::Exhausted`](flexconnect_core::ErrorKind::Exhausted) above a limit;
    /// [`ErrorKind::Unsupported`](flexconnect_core::ErrorKind::Unsupported) when it is compressed in a way this build
    /// cannot unpack. The stream is of no use after an error.
    pub fn decode(&mut self, header: &[u8], body: Buffer) -> Result<Option<RecordBatch>, Error> {
        unwound(|| self.decode_message(header, body))
    }

    fn decode_message(&mut self, header: &[u8], body: Buffer) -> Result<Option<RecordBatch>, Error> {
        let message = message::verified(header, &self.limits)?;
        let body = message::body(&message, body, &self.limits)?;
        match message.header_type() {
            MessageHeader::NONE => Ok(None),
            MessageHeader::Schema => {
                if self.schema.is_some() {
                    return Err(malformed("the schema comes a second time"));
                }
                self.schema = Some(Arc::new(schema_of(&message, &self.limits)?));
                Ok(None)
            }
            MessageHeader::DictionaryBatch => {
                let schema =
                    self.schema.clone().ok_or_else(|| malformed("a dictionary comes before the schema"))?;
                let dictionary =
                    message.header_as_dictionary_batch().ok_or_else(|| malformed("it has no dictionary"))?;
                let batch = dictionary.data().ok_or_else(|| malformed("its dictionary has no values"))?;
                let values = [values_of(&schema, dictionary.id())?];
                match self.unpacked(&message, batch, &body, &values)? {
                    None => self.read_dictionary(&message, &aligned(body), &schema)?,
                    Some((header, body)) => self.read_dictionary(&rebuilt(&header)?, &body, &schema)?,
                }
                Ok(None)
            }
            MessageHeader::RecordBatch => {
                let schema =
                    self.schema.clone().ok_or_else(|| malformed("a batch comes before the schema"))?;
                let batch = message.header_as_record_batch().ok_or_else(|| malformed("it has no batch"))?;
                match self.unpacked(&message, batch, &body, schema.fields())? {
                    None => self.read_batch(&message, &aligned(body), schema.clone()),
                    Some((header, body)) => self.read_batch(&rebuilt(&header)?, &body, schema.clone()),
                }
                .map(Some)
            }
            other => {
                let kind = other.variant_name().unwrap_or("unknown");
                Err(malformed(format!("messages of type {kind} are not taken")))
            }
        }
    }

    /// Checks a batch against its columns; gives it anew when it was compressed.
    fn unpacked(
        &self,
        message: &Message<'_>,
        batch: arrow_ipc::RecordBatch<'_>,
        body: &[u8],
        columns: &[FieldRef],
    ) -> Result<Option<(Vec<u8>, Buffer)>, Error> {
        let codec = Codec::of(batch)?;
        let against = Against {
            columns,
            dictionaries: &self.dictionaries,
            version: message.version(),
            compressed: codec.is_some(),
            limits: &self.limits,
        };
        let parts = layout::checked(batch, body, against)?;
        codec.map(|codec| codec.unpack(message, batch, body, &parts)).transpose()
    }

    fn read_batch(
        &self,
        message: &Message<'_>,
        body: &Buffer,
        schema: SchemaRef,
    ) -> Result<RecordBatch, Error> {
        let batch = message.header_as_record_batch().ok_or_else(|| malformed("it has no batch"))?;
        RecordBatchDecoder::try_new(body, batch, schema, &self.dictionaries, &message.version())
            .and_then(RecordBatchDecoder::read_record_batch)
            .map_err(by_arrow)
    }

    fn read_dictionary(
        &mut self,
        message: &Message<'_>,
        body: &Buffer,
        schema: &Schema,
    ) -> Result<(), Error> {
        let batch = message.header_as_dictionary_batch().ok_or_else(|| malformed("it has no dictionary"))?;
        let held = self.room_for(batch, body.len())?;
        read_dictionary(body, batch, schema, &mut self.dictionaries, &message.version()).map_err(by_arrow)?;
        self.held.insert(batch.id(), held);
        Ok(())
    }

    /// How many bytes a dictionary will hold with this message.
    fn room_for(&self, batch: DictionaryBatch<'_>, bytes: usize) -> Result<usize, Error> {
        let id = batch.id();
        let before = self.held.get(&id).copied().unwrap_or_default();
        let after = if batch.isDelta() { before.saturating_add(bytes) } else { bytes };
        let others = self.held.values().sum::<usize>() - before;
        let most = self.limits.dictionary_bytes;
        if others.saturating_add(after) > most {
            return Err(too_much(format!("its dictionaries hold more than the {most} bytes that are taken")));
        }
        let grown =
            self.dictionaries.get(&id).filter(|_| batch.isDelta()).map_or(0, |values| values.len() as u64);
        let added = batch.data().map_or(0, |batch| batch.length().unsigned_abs());
        if grown.saturating_add(added) > self.limits.values {
            let most = self.limits.values;
            return Err(too_much(format!("dictionary {id} has more than the {most} values that are taken")));
        }
        Ok(after)
    }
}

impl fmt::Debug for Decoder {
    /// Without the dictionaries' values, which are the sender's data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("limits", &self.limits)
            .field("schema", &self.schema)
            .field("dictionaries", &self.dictionaries.len())
            .finish()
    }
}

/// Reads a schema alone: an encapsulated message, as FlightInfo, GetSchema and tickets carry it.
///
/// # Errors
/// As [`Decoder::decode`].
pub fn schema_from_bytes(bytes: &[u8], limits: &Limits) -> Result<Schema, Error> {
    // An encapsulated message: a mark, the header's length, the header. Old writers leave the mark out.
    let rest = bytes.strip_prefix(&[0xFF; 4]).unwrap_or(bytes);
    let (length, rest) = rest.split_first_chunk().ok_or_else(|| malformed("the schema is empty"))?;
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    let header = rest.get(..length).ok_or_else(|| malformed("the schema is cut short"))?;
    unwound(|| schema_of(&message::verified(header, limits)?, limits))
}

fn schema_of(message: &Message<'_>, limits: &Limits) -> Result<Schema, Error> {
    schema::checked(message.header_as_schema().ok_or_else(|| malformed("it has no schema"))?, limits)
}

/// The column a dictionary's values are, as Arrow finds it.
fn values_of(schema: &Schema, id: i64) -> Result<FieldRef, Error> {
    #[expect(deprecated, reason = "arrow-ipc finds dictionaries by these ids")]
    let fields = schema.fields_with_dict_id(id);
    match fields.first().map(|field| (field.name(), field.data_type())) {
        Some((name, DataType::Dictionary(_, values))) => {
            Ok(Arc::new(Field::new(excerpt(name), values.as_ref().clone(), true)))
        }
        _ => Err(malformed(format!("no column of the schema has the dictionary {id}"))),
    }
}

/// The header this crate made itself.
fn rebuilt(header: &[u8]) -> Result<Message<'_>, Error> {
    root_as_message(header).map_err(malformed)
}

/// What Arrow found itself.
fn by_arrow(error: ArrowError) -> Error {
    malformed(&error).with_source(error)
}

/// The body where Arrow can use it; copied once when it does not lie right.
fn aligned(body: Buffer) -> Buffer {
    if body.as_ptr().align_offset(ALIGNMENT) == 0 {
        return body;
    }
    let mut moved = MutableBuffer::new(body.len());
    moved.extend_from_slice(&body);
    moved.into()
}

/// What was not foreseen ends the message, not the process.
fn unwound<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(malformed("its parts do not fit together")))
}
