//! From batches to Flight messages: the schema first, then batches cut to a size every client takes.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, OffsetSizeTrait, RecordBatch, RecordBatchOptions};
use arrow_flight::FlightData;
use arrow_ipc::writer::{
    DictionaryTracker, EncodedData, IpcDataGenerator, IpcWriteContext, IpcWriteOptions, StreamEncoder,
    write_message,
};
use arrow_schema::{ArrowError, DataType, Schema};
use bytes::Bytes;
use flexconnect_core::{Error, ErrorKind};
use futures::Stream;

/// The size a message is cut to. Go and tonic clients refuse 4 MiB if nobody tells them otherwise.
const MESSAGE: usize = 1 << 20;
/// A single row may be larger, up to this.
const LARGEST_ROW: usize = 64 << 20;

/// A schema as FlightInfo and GetSchema carry it: one encapsulated IPC message.
pub(crate) fn schema_bytes(schema: &Schema) -> Result<Bytes, Error> {
    let options = IpcWriteOptions::default();
    let mut bytes = Vec::new();
    write_message(&mut bytes, Encoder::new().schema_message(schema)?, &options).map_err(not_encoded)?;
    Ok(bytes.into())
}

/// The messages of one stream, in its state: which dictionaries have been sent.
struct Encoder {
    generator: IpcDataGenerator,
    options: IpcWriteOptions,
    dictionaries: DictionaryTracker,
    context: IpcWriteContext,
}

impl Encoder {
    fn new() -> Self {
        Encoder {
            generator: IpcDataGenerator::default(),
            options: IpcWriteOptions::default(),
            dictionaries: DictionaryTracker::new(false),
            context: IpcWriteContext::default(),
        }
    }

    /// Written here and not by arrow-flight's encoder, which announces a large list as a list.
    fn schema_message(&mut self, schema: &Schema) -> Result<EncodedData, Error> {
        // Only this constructor tells whether IPC can carry the schema at all.
        StreamEncoder::try_new(schema).map_err(not_encoded)?;
        let (dictionaries, options) = (&mut self.dictionaries, &self.options);
        Ok(self.generator.schema_to_bytes_with_dictionary_tracker(schema, dictionaries, options))
    }

    /// The batch, after those dictionaries the receiver does not have yet.
    fn batch_messages(&mut self, batch: &RecordBatch) -> Result<Vec<EncodedData>, Error> {
        let (mut messages, batch) = self
            .generator
            .encode(batch, &mut self.dictionaries, &self.options, &mut self.context)
            .map_err(not_encoded)?;
        messages.push(batch);
        Ok(messages)
    }
}

fn not_encoded(error: ArrowError) -> Error {
    Error::new(ErrorKind::Schema, format!("the table cannot be written as Arrow IPC: {error}"))
}

/// The Flight messages of a stream of batches. Nothing is read ahead: a batch is asked for when the messages of the one
/// before are taken.
pub(crate) struct Messages<S> {
    batches: S,
    encoder: Encoder,
    ready: VecDeque<FlightData>,
    /// Parts of the current batch that are still to be encoded.
    parts: VecDeque<RecordBatch>,
    /// Rows encoded so far, to place a row that is too large.
    rows: u64,
    ended: bool,
}

impl<S: Stream<Item = Result<RecordBatch, Error>> + Unpin> Messages<S> {
    /// The messages of batches of this schema; the schema's own is the first.
    pub(crate) fn new(schema: &Schema, batches: S) -> Result<Self, Error> {
        let mut encoder = Encoder::new();
        let ready = VecDeque::from([flight_data(encoder.schema_message(schema)?)]);
        Ok(Messages { batches, encoder, ready, parts: VecDeque::new(), rows: 0, ended: false })
    }

    /// Encodes the next part of the current batch; `false` when there is none.
    fn encode_part(&mut self) -> Result<bool, Error> {
        let Some(part) = self.parts.pop_front() else { return Ok(false) };
        let size = size_of_slice(&part);
        if size > MESSAGE && part.num_rows() > 1 {
            // Rows differ in size, so a part may have to be cut again.
            let rows = (part.num_rows() / size.div_ceil(MESSAGE)).clamp(1, part.num_rows() / 2);
            let starts = (0..part.num_rows()).step_by(rows);
            let cut = starts.map(|start| compacted(part.slice(start, rows.min(part.num_rows() - start))));
            for part in cut.rev() {
                self.parts.push_front(part);
            }
            return Ok(true);
        }
        let messages = self.encoder.batch_messages(&part)?;
        if let Some(large) =
            messages.iter().map(|message| message.arrow_data.len()).find(|len| *len > LARGEST_ROW)
        {
            let message = format!("the row takes {large} bytes, at most {LARGEST_ROW} can be sent");
            return Err(Error::new(ErrorKind::Exhausted, message).with_row(self.rows));
        }
        self.rows += part.num_rows() as u64;
        self.ready.extend(messages.into_iter().map(flight_data));
        Ok(true)
    }
}

impl<S: Stream<Item = Result<RecordBatch, Error>> + Unpin> Stream for Messages<S> {
    type Item = Result<FlightData, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(message) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(message)));
            }
            if this.ended {
                return Poll::Ready(None);
            }
            let encoded = this.encode_part();
            let failed = match encoded {
                Ok(true) => continue,
                Ok(false) => match ready!(Pin::new(&mut this.batches).poll_next(cx)) {
                    Some(Ok(batch)) => {
                        this.parts.push_back(batch);
                        continue;
                    }
                    Some(Err(error)) => Some(error),
                    None => None,
                },
                Err(error) => Some(error),
            };
            this.ended = true;
            return Poll::Ready(failed.map(Err));
        }
    }
}

fn flight_data(encoded: EncodedData) -> FlightData {
    FlightData {
        flight_descriptor: None,
        data_header: encoded.ipc_message.into(),
        app_metadata: Bytes::new(),
        data_body: encoded.arrow_data.into(),
    }
}

/// About how many bytes the batch takes when it is encoded: of a slice, not of the memory behind it.
fn size_of_slice(batch: &RecordBatch) -> usize {
    batch.columns().iter().map(|column| size_of_column(column)).sum()
}

fn size_of_column(column: &dyn Array) -> usize {
    let of_list = |width: usize, first: usize, last: usize, values: &dyn Array| {
        (column.len() + 1) * width + size_of_column(&values.slice(first, last - first))
    };
    let validity = column.nulls().map_or(0, |nulls| nulls.len().div_ceil(8));
    let values = match column.data_type() {
        DataType::List(_) => {
            let list = column.as_list::<i32>();
            let (first, last) = ends(list.value_offsets());
            of_list(4, first, last, list.values())
        }
        DataType::LargeList(_) => {
            let list = column.as_list::<i64>();
            let (first, last) = ends(list.value_offsets());
            of_list(8, first, last, list.values())
        }
        DataType::Map(_, _) => {
            let map = column.as_map();
            let (first, last) = ends(map.value_offsets());
            of_list(4, first, last, map.entries())
        }
        DataType::FixedSizeList(_, _) => {
            let list = column.as_fixed_size_list();
            let (first, length) = (list.value_offset(0) as usize, list.len() * list.value_length() as usize);
            size_of_column(&list.values().slice(first, length))
        }
        DataType::Struct(_) => column.as_struct().columns().iter().map(|column| size_of_column(column)).sum(),
        _ => {
            let data = column.to_data();
            data.get_slice_memory_size().unwrap_or_else(|_| data.get_buffer_memory_size())
        }
    };
    validity + values
}

/// The first and the last offset of a list's values.
fn ends<O: OffsetSizeTrait>(offsets: &[O]) -> (usize, usize) {
    match offsets {
        [first, .., last] => (first.as_usize(), last.as_usize()),
        _ => (0, 0),
    }
}

/// The slice with text views of its own: IPC would send the memory of the whole batch with each slice of it.
fn compacted(part: RecordBatch) -> RecordBatch {
    let columns = part.columns().iter().map(|column| match column.data_type() {
        DataType::Utf8View => Arc::new(column.as_string_view().gc()) as ArrayRef,
        DataType::BinaryView => Arc::new(column.as_binary_view().gc()) as ArrayRef,
        _ => column.clone(),
    });
    let options = RecordBatchOptions::new().with_row_count(Some(part.num_rows()));
    RecordBatch::try_new_with_options(part.schema(), columns.collect(), &options).unwrap_or(part)
}

#[cfg(test)]
mod tests {
    use arrow_array::types::Int32Type;
    use arrow_array::{ListArray, StringArray, StringViewArray};
    use arrow_schema::Field;
    use futures::{FutureExt, StreamExt, TryStreamExt};

    use super::*;
    use crate::decode::Decoder;

    fn round_trip(batch: RecordBatch) -> Result<(Vec<usize>, Vec<RecordBatch>), Error> {
        let schema = batch.schema();
        let stream = futures::stream::iter([Ok(batch)]);
        let messages: Vec<FlightData> =
            Messages::new(&schema, stream)?.try_collect().now_or_never().unwrap()?;
        let sizes =
            messages.iter().map(|message| message.data_header.len() + message.data_body.len()).collect();
        let mut decoder = Decoder::default();
        let batches =
            messages.into_iter().filter_map(|message| decoder.decode(message).unwrap().batch).collect();
        Ok((sizes, batches))
    }

    fn batch_of(column: ArrayRef) -> RecordBatch {
        let field = Field::new("c", column.data_type().clone(), true);
        RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![column]).unwrap()
    }

    #[test]
    fn large_batches_are_cut_by_what_their_rows_take() {
        let skewed = (0..2000).map(|row| "x".repeat(if row < 100 { 50_000 } else { 10 }));
        let batch = batch_of(Arc::new(StringArray::from_iter_values(skewed)));
        let (sizes, batches) = round_trip(batch.clone()).unwrap();
        assert!(sizes.iter().all(|size| *size < 2 << 20), "{sizes:?}");
        assert!(batches.len() < 20, "{}", batches.len());
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(rows, 2000);
        assert_eq!(batches[0].column(0).as_string::<i32>().value(0).len(), 50_000);
    }

    #[test]
    fn views_are_sent_once() {
        let views = StringViewArray::from_iter_values((0..4000).map(|row| format!("{row:01000}")));
        let (sizes, batches) = round_trip(batch_of(Arc::new(views))).unwrap();
        assert!(sizes.iter().sum::<usize>() < 5 << 20, "{sizes:?}");
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 4000);
    }

    #[test]
    fn a_slice_of_lists_counts_its_own_values() {
        let lists =
            ListArray::from_iter_primitive::<Int32Type, _, _>((0..1000).map(|_| Some(vec![Some(1); 100])));
        let whole = size_of_column(&lists);
        let tenth = size_of_column(&lists.slice(100, 100));
        assert!(whole > 400_000 && tenth < whole / 9, "{tenth} of {whole}");
    }

    #[test]
    fn a_row_larger_than_any_message_is_refused_by_number() {
        let columns = ["a".to_owned(), "x".repeat(LARGEST_ROW + 1)];
        let error = round_trip(batch_of(Arc::new(StringArray::from_iter_values(columns)))).unwrap_err();
        assert_eq!((error.kind(), error.place().row), (ErrorKind::Exhausted, Some(1)));
    }

    #[test]
    fn rows_before_an_error_are_sent() {
        let batch = batch_of(Arc::new(StringArray::from(vec!["a"])));
        let failed = Err(Error::new(ErrorKind::Unavailable, "gone"));
        let messages = Messages::new(&batch.schema(), futures::stream::iter([Ok(batch), failed])).unwrap();
        let messages: Vec<_> = messages.collect().now_or_never().unwrap();
        assert_eq!(messages.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false]);
    }
}
