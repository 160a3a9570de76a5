//! Dictionaries larger than a message: what is new of them goes ahead in pieces, each adding to the one before.

use arrow_array::{Array, RecordBatch, make_array};
use arrow_data::ArrayData;
use arrow_schema::{ArrowError, DataType, Schema};
use flexconnect_core::{Error, ErrorKind};

use super::{MESSAGE, PART};

/// The dictionaries of a stream as its receiver has them, in the order of the schema.
#[derive(Debug, Default)]
pub(super) struct Dictionaries {
    sent: Vec<ArrayData>,
}

impl Dictionaries {
    /// Batches without rows that bring their dictionaries nearer, step by step, to those of this batch. Nearly always
    /// there is none.
    pub(super) fn steps(&mut self, batch: &RecordBatch) -> Result<Vec<RecordBatch>, Error> {
        let mut wanted = Vec::new();
        for column in batch.columns() {
            collect(&column.to_data(), &mut wanted);
        }
        let known = self.sent.iter().map(Some).chain(std::iter::repeat(None));
        let additions: Vec<Addition> =
            wanted.iter().zip(known).map(|(wanted, sent)| Addition::new(wanted, sent)).collect();
        let steps = additions.iter().map(|addition| addition.steps).max().unwrap_or(1);
        let step = |step: usize| {
            let mut lengths = additions.iter().map(|addition| addition.length(step, steps));
            let columns =
                batch.columns().iter().map(|column| Ok(make_array(head(&column.to_data(), &mut lengths)?)));
            RecordBatch::try_new(batch.schema(), columns.collect::<Result<_, ArrowError>>()?)
        };
        // The last step is the batch itself.
        let batches = (1..steps).map(step).collect::<Result<_, _>>().map_err(|error| {
            Error::new(ErrorKind::Internal, "a dictionary could not be sent in pieces").with_source(error)
        })?;
        self.sent = wanted;
        Ok(batches)
    }
}

/// Whether these columns have dictionaries.
pub(super) fn are_there(schema: &Schema) -> bool {
    schema.fields().iter().any(|field| has_dictionary(field.data_type()))
}

/// Whether these columns have dictionaries that can be sent in pieces.
pub(super) fn are_many_messages(schema: &Schema) -> bool {
    are_there(schema) && !are_nested(schema)
}

/// Whether a dictionary's values have a dictionary again. Receivers take such ones only as a whole.
pub(super) fn are_nested(schema: &Schema) -> bool {
    fn nested(data_type: &DataType) -> bool {
        match data_type {
            DataType::Dictionary(_, values) => has_dictionary(values),
            other => children(other).into_iter().any(nested),
        }
    }
    schema.fields().iter().any(|field| nested(field.data_type()))
}

fn has_dictionary(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Dictionary(_, _)) || children(data_type).into_iter().any(has_dictionary)
}

fn children(data_type: &DataType) -> Vec<&DataType> {
    match data_type {
        DataType::Struct(fields) => fields.iter().map(|field| field.data_type()).collect(),
        DataType::Union(fields, _) => fields.iter().map(|(_, field)| field.data_type()).collect(),
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _)
        | DataType::Map(field, _)
        | DataType::RunEndEncoded(_, field) => vec![field.data_type()],
        _ => Vec::new(),
    }
}

/// The dictionaries within, from left to right.
fn collect(data: &ArrayData, dictionaries: &mut Vec<ArrayData>) {
    match data.data_type() {
        DataType::Dictionary(_, _) => dictionaries.extend(data.child_data().first().cloned()),
        _ => data.child_data().iter().for_each(|child| collect(child, dictionaries)),
    }
}

/// What has to be added to a dictionary that was sent.
struct Addition {
    from: usize,
    to: usize,
    steps: usize,
}

impl Addition {
    fn new(wanted: &ArrayData, sent: Option<&ArrayData>) -> Self {
        let to = wanted.len();
        let whole = Addition { from: to, to, steps: 1 };
        if sent.is_some_and(|sent| ArrayData::ptr_eq(sent, wanted)) || size(wanted) <= MESSAGE {
            return whole;
        }
        let kept = sent.filter(|sent| sent.len() <= to && wanted.slice(0, sent.len()) == **sent);
        let from = kept.map_or(0, ArrayData::len);
        let added = size(&wanted.slice(from, to - from));
        if added <= MESSAGE { whole } else { Addition { from, to, steps: added.div_ceil(PART) } }
    }

    /// How long the dictionary is after this step of so many.
    fn length(&self, step: usize, steps: usize) -> usize {
        self.from + (self.to - self.from) * step / steps
    }
}

fn size(values: &ArrayData) -> usize {
    values.get_slice_memory_size().unwrap_or_else(|_| values.get_buffer_memory_size())
}

/// No rows of this type, its dictionaries cut to these lengths.
fn head(data: &ArrayData, lengths: &mut impl Iterator<Item = usize>) -> Result<ArrayData, ArrowError> {
    let empty = ArrayData::new_empty(data.data_type());
    let children: Vec<ArrayData> = match data.data_type() {
        DataType::Dictionary(_, _) => {
            let values = data.child_data().first().into_iter();
            values.map(|values| values.slice(0, lengths.next().unwrap_or(values.len()))).collect()
        }
        _ => data.child_data().iter().map(|child| head(child, lengths)).collect::<Result<_, _>>()?,
    };
    empty.into_builder().child_data(children).build()
}
