//! From batches to Flight messages: the schema first, then batches cut to a size every client takes.

mod dictionaries;
mod ipc;
mod slim;

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use arrow_array::RecordBatch;
use arrow_ipc::CompressionType;
use arrow_schema::Schema;
use bytes::Bytes;
use flexconnect_core::{Error, ErrorKind};
use futures::Stream;

use self::dictionaries::{Dictionaries, are_many_messages};
pub(crate) use self::ipc::schema_bytes;
use self::ipc::{Encoded, Encoder, schema_message};
use self::slim::{is_bulky, slim};
use crate::wire::framing::{LARGEST, Message};

/// Go and tonic clients refuse more than this if nobody tells them otherwise.
const MESSAGE: usize = 4 << 20;
/// What parts of larger batches and dictionaries are meant to have at most; rows differ in size.
const PART: usize = 2 << 20;

/// How a stream is encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encoding {
    /// How bodies are compressed.
    pub(crate) compression: Option<CompressionType>,
    /// How large the message of a single row may be.
    pub(crate) largest: usize,
    /// Whether a batch is cut that would make a large message.
    pub(crate) cuts: bool,
}

impl Default for Encoding {
    fn default() -> Self {
        Encoding { compression: None, largest: 64 << 20, cuts: true }
    }
}

impl Encoding {
    /// Every batch one message, however large it is: for clients that take any.
    #[cfg(feature = "gooddata")]
    pub(crate) fn uncut() -> Self {
        Encoding { largest: LARGEST, cuts: false, ..Encoding::default() }
    }
}

/// The Flight messages of a stream of batches. Nothing is read ahead: a batch is asked for when the messages of the one
/// before are taken.
pub(crate) struct Messages<S> {
    batches: S,
    encoder: Encoder,
    encoding: Encoding,
    /// Whether a slice of these columns holds on to more than its own rows.
    bulky: bool,
    /// `None` when none of these columns can have a dictionary larger than a message.
    dictionaries: Option<Dictionaries>,
    ready: VecDeque<Message>,
    /// Parts of the current batch that are still to be encoded.
    parts: VecDeque<Part>,
    /// Rows encoded so far, to place a row that is too large.
    rows: u64,
    ended: bool,
}

/// Rows on their way into a message.
enum Part {
    /// A batch as it came.
    Whole(RecordBatch),
    /// Some rows of a larger batch.
    Slice(RecordBatch),
    /// Rows that hold on to nothing else.
    Slim(RecordBatch),
}

impl<S: Stream<Item = Result<RecordBatch, Error>> + Unpin> Messages<S> {
    /// The messages of batches of this schema; the schema's own is the first.
    pub(crate) fn new(schema: &Schema, batches: S, encoding: Encoding) -> Result<Self, Error> {
        Messages::announced(schema, schema_bytes(schema)?, batches, encoding)
    }

    /// The same, where [`schema_bytes`] were made of the schema before.
    pub(crate) fn announced(
        schema: &Schema,
        encapsulated: Bytes,
        batches: S,
        encoding: Encoding,
    ) -> Result<Self, Error> {
        Ok(Messages {
            batches,
            encoder: Encoder::new(schema, encoding.compression)?,
            encoding: Encoding { largest: encoding.largest.min(LARGEST), ..encoding },
            bulky: schema.fields().iter().any(|field| is_bulky(field.data_type())),
            dictionaries: (encoding.cuts && are_many_messages(schema)).then(Dictionaries::default),
            ready: VecDeque::from([schema_message(encapsulated)]),
            parts: VecDeque::new(),
            rows: 0,
            ended: false,
        })
    }

    /// Encodes a part of the current batch, or cuts it when it is too large for a message.
    fn encode(&mut self, part: Part) -> Result<(), Error> {
        let whole = matches!(part, Part::Whole(_));
        let batch = match part {
            Part::Slice(batch) if self.bulky => slim(&batch)?,
            Part::Whole(batch) | Part::Slice(batch) | Part::Slim(batch) => batch,
        };
        let steps = self.dictionaries.as_mut().map(|dictionaries| dictionaries.steps(&batch));
        for step in steps.transpose()?.unwrap_or_default() {
            self.encode_dictionaries(&step)?;
        }
        let message = self.encode_dictionaries(&batch)?;
        let (size, rows) = (message.len(), batch.num_rows());
        if size > MESSAGE && whole && self.bulky {
            self.parts.push_front(Part::Slim(slim(&batch)?));
        } else if self.encoding.cuts && size > MESSAGE && rows > 1 {
            // Two divides most numbers of rows again and again, and parts of one size are received into the same memory in
            // turn, others ever into new memory. A part whose rows are larger than the others' is cut again.
            let step = rows.div_ceil(size.div_ceil(PART).next_power_of_two());
            let starts = (0..rows).step_by(step).rev();
            let slices = starts.map(|start| batch.slice(start, step.min(rows - start)));
            slices.for_each(|slice| self.parts.push_front(Part::Slice(slice)));
        } else {
            self.check(size, "the row")?;
            self.rows += rows as u64;
            self.ready.push_back(message);
        }
        Ok(())
    }

    /// Readies what the receiver lacks of the batch's dictionaries; gives its rows.
    fn encode_dictionaries(&mut self, batch: &RecordBatch) -> Result<Message, Error> {
        let Encoded { dictionaries, rows } = self.encoder.encode(batch)?;
        for dictionary in dictionaries {
            self.check(dictionary.len(), "a dictionary of the row")?;
            self.ready.push_back(dictionary);
        }
        Ok(rows)
    }

    fn check(&self, size: usize, what: &str) -> Result<(), Error> {
        let largest = self.encoding.largest.max(MESSAGE);
        if size <= largest {
            return Ok(());
        }
        let message = format!(
            "{what} takes {size} bytes and a message at most {largest}; leave columns out, or have \
             `with_max_message_bytes` of the server raised"
        );
        Err(Error::new(ErrorKind::Exhausted, message).with_row(self.rows))
    }
}

impl<S: Stream<Item = Result<RecordBatch, Error>> + Unpin> Stream for Messages<S> {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(message) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(message)));
            }
            if this.ended {
                return Poll::Ready(None);
            }
            let part = match this.parts.pop_front() {
                Some(part) => Ok(Some(part)),
                None => ready!(Pin::new(&mut this.batches).poll_next(cx))
                    .map(|batch| batch.map(Part::Whole))
                    .transpose(),
            };
            match part.and_then(|part| part.map(|part| this.encode(part)).transpose()) {
                Ok(Some(())) => {}
                Ok(None) => this.ended = true,
                Err(error) => {
                    this.ended = true;
                    // What is ready came before the error.
                    this.ready.clear();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::Array as _;
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int32Type;
    use arrow_array::{
        ArrayRef, DictionaryArray, FixedSizeListArray, Int32Array, ListArray, RunArray, StringArray,
        StringViewArray, StructArray,
    };
    use arrow_buffer::OffsetBuffer;
    use arrow_schema::Field;
    use futures::{FutureExt, StreamExt, TryStreamExt};

    use super::*;
    use crate::wire::decode::Decoder;

    fn round_trip(batches: Vec<RecordBatch>) -> Result<(Vec<usize>, Vec<RecordBatch>), Error> {
        let schema = batches[0].schema();
        let stream = futures::stream::iter(batches.into_iter().map(Ok));
        let messages = Messages::new(&schema, stream, Encoding::default())?;
        let messages: Vec<Message> = messages.try_collect().now_or_never().unwrap()?;
        let sizes = messages.iter().map(Message::len).collect();
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
        let skewed = (0..2000).map(|row| "x".repeat(if row < 100 { 150_000 } else { 10 }));
        let batch = batch_of(Arc::new(StringArray::from_iter_values(skewed)));
        let (sizes, batches) = round_trip(vec![batch.clone()]).unwrap();
        assert!(sizes.iter().all(|size| *size < MESSAGE), "{sizes:?}");
        assert!(batches.len() < 35, "{}", batches.len());
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(rows, 2000);
        assert_eq!(batches[0].column(0).as_string::<i32>().value(0).len(), 150_000);
    }

    #[test]
    fn a_batch_that_fits_stays_whole() {
        let numbers = batch_of(Arc::new(Int32Array::from_iter_values(0..1_000_000)));
        let views = StringViewArray::from_iter_values((0..3000).map(|row| format!("{row:01000}")));
        for batch in [numbers, batch_of(Arc::new(views))] {
            let (sizes, batches) = round_trip(vec![batch.clone()]).unwrap();
            assert_eq!((sizes.len(), &batches[..]), (2, &[batch][..]));
        }
    }

    #[test]
    fn a_larger_one_is_cut_into_equal_parts() {
        // Five parts would be enough, and not equal.
        let batch = batch_of(Arc::new(Int32Array::from_iter_values(0..1 << 21)));
        let (sizes, batches) = round_trip(vec![batch.clone()]).unwrap();
        assert!(sizes[1..].iter().all(|size| *size == sizes[1] && *size < PART), "{sizes:?}");
        let rows: Vec<usize> = batches.iter().map(RecordBatch::num_rows).collect();
        assert_eq!(rows, [1 << 18; 8]);
        assert_eq!(batches[3], batch.slice(3 << 18, 1 << 18));
    }

    #[test]
    #[cfg(feature = "gooddata")]
    fn nothing_is_cut_for_clients_that_take_any_message() {
        let batch = batch_of(Arc::new(StringArray::from_iter_values(vec!["x".repeat(1 << 20); 10])));
        let stream = futures::stream::iter([Ok(batch.clone())]);
        let messages = Messages::new(&batch.schema(), stream, Encoding::uncut()).unwrap();
        let messages: Vec<_> = messages.collect().now_or_never().unwrap();
        assert_eq!(messages.len(), 2);
    }

    #[test]
    fn a_cut_sends_nothing_twice() {
        const ROWS: i32 = 1_100_000;
        let numbers = || Arc::new(Int32Array::from_iter_values(0..ROWS));
        let words: ArrayRef =
            Arc::new(StringArray::from_iter_values((0..1000).map(|word| format!("{word:0100}"))));
        let keys = || Int32Array::from_iter_values((0..ROWS).map(|row| row % 1000));
        let dictionary = |values: &ArrayRef| -> ArrayRef {
            Arc::new(DictionaryArray::<Int32Type>::try_new(keys(), values.clone()).unwrap())
        };
        let once = Int32Array::from_iter_values(0..1000);
        let inner: ArrayRef = Arc::new(DictionaryArray::<Int32Type>::try_new(once, words.clone()).unwrap());
        let fields = vec![Field::new("d", inner.data_type().clone(), true)];
        let nested: ArrayRef = Arc::new(StructArray::new(fields.into(), vec![inner], None));
        let item = |array: &ArrayRef| Arc::new(Field::new_list_field(array.data_type().clone(), true));
        let pairs = || OffsetBuffer::from_lengths(std::iter::repeat_n(2, ROWS as usize / 2));
        let flat: ArrayRef = numbers();
        let nullable = Int32Array::from_iter((0..ROWS).map(|row| (row % 3 > 0).then_some(row)));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(nullable),
            Arc::new(StringArray::from_iter_values((0..ROWS).map(|row| row.to_string()))),
            Arc::new(ListArray::new(item(&flat), pairs(), flat.clone(), None)),
            Arc::new(ListArray::new(item(&dictionary(&words)), pairs(), dictionary(&words), None)),
            Arc::new(FixedSizeListArray::new(item(&flat), 2, flat.clone(), None)),
            Arc::new(
                RunArray::<Int32Type>::try_new(&Int32Array::from_iter_values(1..=ROWS), &*flat).unwrap(),
            ),
            dictionary(&words),
            dictionary(&nested),
        ];
        for column in columns {
            let batch = batch_of(column);
            let mut whole = Encoder::new(&batch.schema(), None).unwrap();
            let Encoded { dictionaries, rows } = whole.encode(&batch).unwrap();
            let whole: usize = dictionaries.iter().chain([&rows]).map(Message::len).sum();
            let (sizes, batches) = round_trip(vec![batch.clone()]).unwrap();
            let name = batch.schema().field(0).data_type().to_string();
            assert!(batches.len() > 1, "{name}: {sizes:?}");
            assert!(sizes.iter().sum::<usize>() < whole + whole / 20, "{name}: {whole} as one, {sizes:?}");
            let mut row = 0;
            for part in batches {
                assert_eq!(part, batch.slice(row, part.num_rows()), "{name}");
                row += part.num_rows();
            }
            assert_eq!(row, batch.num_rows());
        }
    }

    #[test]
    fn views_are_sent_once() {
        let views = StringViewArray::from_iter_values((0..9000).map(|row| format!("{row:01000}")));
        let (sizes, batches) = round_trip(vec![batch_of(Arc::new(views))]).unwrap();
        assert!(sizes.iter().sum::<usize>() < 10 << 20, "{sizes:?}");
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 9000);
    }

    #[test]
    fn a_few_views_of_much_memory_are_sent_alone() {
        let views = StringViewArray::from_iter_values((0..9000).map(|row| format!("{row:01000}")));
        let (sizes, _) = round_trip(vec![batch_of(Arc::new(views.slice(4000, 10)))]).unwrap();
        assert!(sizes.len() == 2 && sizes[1] < 20_000, "{sizes:?}");
    }

    #[test]
    fn a_dictionary_is_sent_once_and_then_what_is_new_of_it() {
        let values = |count: usize| -> ArrayRef {
            Arc::new(StringArray::from_iter_values((0..count).map(|value| format!("{value:0100}"))))
        };
        let of = |count: usize| {
            let keys = Int32Array::from_iter_values([0, count as i32 - 1]);
            batch_of(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values(count)).unwrap()))
        };
        let (sizes, batches) = round_trip(vec![of(1000), of(1000), of(1001), of(10)]).unwrap();
        // Schema, dictionary, rows, rows, one more value, rows, another dictionary, rows.
        assert_eq!(sizes.len(), 8, "{sizes:?}");
        assert!(sizes[1] > 100_000 && sizes[4] < 1000 && sizes[6] > 1000 && sizes[6] < 3000, "{sizes:?}");
        let last = |batch: &RecordBatch| {
            let column = batch.column(0).as_dictionary::<Int32Type>();
            let values = column.downcast_dict::<StringArray>().unwrap();
            values.into_iter().last().unwrap().map(|text| text.trim_start_matches('0').to_owned())
        };
        let lasts: Vec<_> = batches.iter().map(|batch| last(batch).unwrap()).collect();
        assert_eq!(lasts, ["999", "999", "1000", "9"]);
    }

    #[test]
    fn a_dictionary_larger_than_a_message_comes_in_pieces() {
        let of = |count: usize| {
            let values = StringArray::from_iter_values((0..count).map(|value| format!("{value:01000}")));
            let keys = Int32Array::from_iter_values([0, count as i32 - 1]);
            let column = DictionaryArray::<Int32Type>::try_new(keys, Arc::new(values)).unwrap();
            let fields = vec![Field::new("d", column.data_type().clone(), true)];
            batch_of(Arc::new(StructArray::new(fields.into(), vec![Arc::new(column)], None)))
        };
        let (sizes, batches) = round_trip(vec![of(12_000), of(12_000), of(12_001), of(6000)]).unwrap();
        assert!(sizes.iter().all(|size| *size < MESSAGE), "{sizes:?}");
        // Twelve megabytes, then nothing, then one value, then six megabytes in place of the twelve.
        assert!(sizes.iter().sum::<usize>() < 19_000_000, "{sizes:?}");
        for (batch, count) in batches.iter().zip([12_000, 12_000, 12_001, 6000]) {
            let column = batch.column(0).as_struct().column(0).as_dictionary::<Int32Type>().clone();
            let values = column.downcast_dict::<StringArray>().unwrap();
            assert!(
                values
                    .into_iter()
                    .eq([Some(&*format!("{:01000}", 0)), Some(&*format!("{:01000}", count - 1))])
            );
        }
    }

    #[test]
    fn a_dictionary_of_dictionaries_comes_whole() {
        let of = |words: &[&str]| -> ArrayRef {
            let values: ArrayRef = Arc::new(StringArray::from_iter_values(words));
            let keys = Int32Array::from_iter_values(0..words.len() as i32);
            let inner: ArrayRef =
                Arc::new(DictionaryArray::<Int32Type>::try_new(keys.clone(), values).unwrap());
            let fields = vec![Field::new("d", inner.data_type().clone(), true)];
            let values = Arc::new(StructArray::new(fields.into(), vec![inner], None));
            Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values).unwrap())
        };
        let sent = [batch_of(of(&["a"])), batch_of(of(&["a", "b"])), batch_of(of(&["c"]))];
        let (_, came) = round_trip(sent.to_vec()).unwrap();
        assert_eq!(came, sent);
    }

    #[test]
    fn a_row_larger_than_any_message_is_refused_by_number() {
        let columns = ["a".to_owned(), "x".repeat(Encoding::default().largest + 1)];
        let error = round_trip(vec![batch_of(Arc::new(StringArray::from_iter_values(columns)))]).unwrap_err();
        assert_eq!((error.kind(), error.place().row), (ErrorKind::Exhausted, Some(1)));
        assert!(error.to_string().contains("67108"), "{error}");
    }

    #[test]
    fn rows_before_an_error_are_sent() {
        let batch = batch_of(Arc::new(StringArray::from(vec!["a"])));
        let failed = Err(Error::new(ErrorKind::Unavailable, "gone"));
        let stream = futures::stream::iter([Ok(batch.clone()), failed]);
        let messages = Messages::new(&batch.schema(), stream, Encoding::default()).unwrap();
        let messages: Vec<_> = messages.collect().now_or_never().unwrap();
        assert_eq!(messages.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false]);
    }
}
