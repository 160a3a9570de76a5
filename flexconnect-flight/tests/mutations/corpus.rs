//! Streams that are right: every type of Arrow's, alone and together, with nulls, without, cut out and empty.

use std::sync::Arc;

use arrow_array::builder::{
    FixedSizeListBuilder, Int32Builder, LargeListBuilder, ListBuilder, MapBuilder, StringBuilder,
    StringDictionaryBuilder, StringViewBuilder,
};
use arrow_array::types::{Int8Type, Int16Type, Int32Type, Int64Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, BooleanArray, Decimal32Array, Decimal64Array,
    Decimal128Array, Decimal256Array, DictionaryArray, FixedSizeBinaryArray, FixedSizeListArray,
    Float64Array, Int32Array, Int64Array, LargeBinaryArray, LargeListArray, LargeListViewArray,
    LargeStringArray, ListArray, ListViewArray, NullArray, RecordBatch, RunArray, StringArray,
    StringViewArray, StructArray, UInt8Array, UnionArray, new_null_array,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{DictionaryHandling, IpcWriteOptions, StreamWriter};
use arrow_schema::{DataType, Field, Fields, IntervalUnit, TimeUnit, UnionFields};

/// A message: its header and its body.
pub(crate) type Message = (Vec<u8>, Vec<u8>);

/// A stream of messages, as a correct writer makes it.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) messages: Vec<Message>,
}

/// Rows of each column.
const ROWS: usize = 9;

/// All samples.
pub(crate) fn samples() -> Vec<Sample> {
    let columns = columns();
    let mut samples = Vec::new();
    for (name, column) in &columns {
        let batch =
            |column: ArrayRef| RecordBatch::try_from_iter_with_nullable([(name, column, true)]).unwrap();
        samples.push(sample(name, &[batch(column.clone())], plain()));
        samples.push(sample(&format!("{name}, cut out"), &[batch(column.slice(2, 5))], plain()));
        // Arrow's writer gives an empty cut of runs an end at 0, which its reader refuses.
        let first = match column.data_type() {
            DataType::RunEndEncoded(..) => column.clone(),
            _ => column.slice(0, 0),
        };
        let twice = [batch(first), batch(column.slice(0, 4))];
        samples.push(sample(&format!("{name}, empty first"), &twice, plain()));
        let nothing = new_null_array(column.data_type(), ROWS);
        samples.push(sample(&format!("{name}, null"), &[batch(nothing)], plain()));
    }
    let wide = |part: usize| {
        let some = columns.iter().skip(part * 12).take(12).map(|(name, column)| (name, column.clone(), true));
        RecordBatch::try_from_iter_with_nullable(some).unwrap()
    };
    for part in 0..columns.len().div_ceil(12) {
        samples.push(sample(&format!("part {part}"), &[wide(part)], plain()));
        for (codec, options) in packing() {
            samples.push(sample(&format!("part {part}, {codec}"), &[wide(part)], options));
        }
    }
    for (codec, options) in packing() {
        samples.push(sample(&format!("long, {codec}"), &[long_columns()], options));
    }
    samples.push(sample("deltas", &growing_dictionaries(), delta()));
    samples.push(sample("no columns", &[no_columns()], plain()));
    samples
}

fn plain() -> IpcWriteOptions {
    IpcWriteOptions::default()
}

/// The codecs; none where this build unpacks neither.
fn packing() -> Vec<(&'static str, IpcWriteOptions)> {
    if !cfg!(all(feature = "lz4", feature = "zstd")) {
        return Vec::new();
    }
    let codecs = [("lz4", CompressionType::LZ4_FRAME), ("zstd", CompressionType::ZSTD)];
    codecs.map(|(name, codec)| (name, plain().try_with_compression(Some(codec)).unwrap())).into()
}

fn delta() -> IpcWriteOptions {
    IpcWriteOptions::default().with_dictionary_handling(DictionaryHandling::Delta)
}

/// Writes the batches and takes the stream apart again.
pub(crate) fn sample(name: &str, batches: &[RecordBatch], options: IpcWriteOptions) -> Sample {
    let schema = batches[0].schema();
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &schema, options).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    let bytes = writer.into_inner().unwrap();
    let mut rest = &bytes[..];
    let mut messages = Vec::new();
    while let [255, 255, 255, 255, length @ ..] = rest {
        let (length, after) = length.split_first_chunk().unwrap();
        let (header, after) = after.split_at(u32::from_le_bytes(*length) as usize);
        if header.is_empty() {
            break;
        }
        let body = arrow_ipc::root_as_message(header).unwrap().bodyLength();
        let (body, after) = after.split_at(usize::try_from(body).unwrap());
        messages.push((header.to_vec(), body.to_vec()));
        rest = after;
    }
    Sample { name: name.into(), messages }
}

/// One column of each type, and of those that nest some that nest deeper.
fn columns() -> Vec<(String, ArrayRef)> {
    let mut columns: Vec<(String, ArrayRef)> = fixed();
    let mut add = |name: &str, column: ArrayRef| columns.push((name.into(), column));
    let texts = [
        "a",
        "",
        "a text of more than twelve bytes",
        "é",
        "日本語",
        "x",
        "y",
        "another long text, longer",
        "z",
    ];
    let some = |position: usize, text: &'static str| (position % 4 != 1).then_some(text);
    let texts = || texts.into_iter().enumerate().map(|(position, text)| some(position, text));
    add("utf8", Arc::new(texts().collect::<StringArray>()));
    add("large utf8", Arc::new(texts().collect::<LargeStringArray>()));
    add("utf8 view", Arc::new(texts().collect::<StringViewArray>()));
    add("binary", Arc::new(texts().map(|text| text.map(str::as_bytes)).collect::<BinaryArray>()));
    add("large binary", Arc::new(texts().map(|text| text.map(str::as_bytes)).collect::<LargeBinaryArray>()));
    add("binary view", Arc::new(texts().map(|text| text.map(str::as_bytes)).collect::<BinaryViewArray>()));
    let sixteen = (0..ROWS).map(|row| (row != 3).then_some([row as u8; 16]));
    add("uuid", Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(sixteen, 16).unwrap()));
    let empty = (0..ROWS).map(|_| Some([0_u8; 0]));
    add("nothing", Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(empty, 0).unwrap()));
    add("dictionary", Arc::new(texts().collect::<DictionaryArray<Int8Type>>()));
    add("wide dictionary", Arc::new(texts().collect::<DictionaryArray<UInt64Type>>()));
    add("list", Arc::new(list()));
    add("large list", Arc::new(large_list()));
    add("pairs", Arc::new(pairs()));
    add("list view", Arc::new(ListViewArray::from(list())));
    add("large list view", Arc::new(LargeListViewArray::from(large_list())));
    add("struct", Arc::new(structs()));
    add("empty struct", Arc::new(StructArray::new_empty_fields(ROWS, None)));
    add("map", Arc::new(map()));
    add("sparse union", Arc::new(union(false)));
    add("dense union", Arc::new(union(true)));
    add(
        "runs",
        Arc::new(["a", "a", "b", "b", "b", "c", "d", "d", "d"].into_iter().collect::<RunArray<Int32Type>>()),
    );
    let ends = arrow_array::PrimitiveArray::<Int64Type>::from(vec![4, 9]);
    add("runs of lists", Arc::new(RunArray::try_new(&ends, &list().slice(0, 2)).unwrap()));
    let ends = arrow_array::PrimitiveArray::<Int16Type>::from(vec![1, 9]);
    add("short runs", Arc::new(RunArray::try_new(&ends, &Int32Array::from(vec![Some(1), None])).unwrap()));
    add("list of dictionary", Arc::new(list_of_dictionary()));
    add("dictionary of lists", Arc::new(dictionary_of_lists()));
    add("list of views", Arc::new(list_of_views()));
    add("deep", deep(8));
    columns
}

/// The columns whose values are all of one width.
fn fixed() -> Vec<(String, ArrayRef)> {
    let numbers = Int64Array::from_iter((0..ROWS as i64).map(|number| (number % 3 != 1).then_some(number)));
    let as_type = |kind: &DataType, name: &str| {
        // The same bytes under another name, where the width fits; else the type's own nulls and zeros.
        let data = numbers.to_data().into_builder().data_type(kind.clone()).build().unwrap();
        (name.to_owned(), arrow_array::make_array(data))
    };
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    for kind in [
        DataType::Int64,
        DataType::UInt64,
        DataType::Float64,
        DataType::Date64,
        DataType::Time64(TimeUnit::Microsecond),
        DataType::Time64(TimeUnit::Nanosecond),
        DataType::Timestamp(TimeUnit::Second, None),
        DataType::Timestamp(TimeUnit::Nanosecond, Some("Europe/Berlin".into())),
        DataType::Duration(TimeUnit::Millisecond),
        DataType::Interval(IntervalUnit::DayTime),
        DataType::Int32,
        DataType::UInt32,
        DataType::Int16,
        DataType::UInt16,
        DataType::Int8,
        DataType::Float16,
        DataType::Float32,
        DataType::Date32,
        DataType::Time32(TimeUnit::Second),
        DataType::Time32(TimeUnit::Millisecond),
        DataType::Interval(IntervalUnit::YearMonth),
    ] {
        columns.push(as_type(&kind, &kind.to_string()));
    }
    let months = new_null_array(&DataType::Interval(IntervalUnit::MonthDayNano), ROWS);
    columns.push(("months".into(), months));
    columns.push(("uint8".into(), Arc::new(UInt8Array::from_iter_values(0..ROWS as u8))));
    columns.push((
        "bool".into(),
        Arc::new(BooleanArray::from_iter((0..ROWS).map(|row| (row != 4).then_some(row % 2 == 0)))),
    ));
    columns.push(("null".into(), Arc::new(NullArray::new(ROWS))));
    let decimal = |row: usize| (row != 2).then_some(row as i32);
    columns.push(("decimal32".into(), Arc::new(Decimal32Array::from_iter((0..ROWS).map(decimal)))));
    let wide = (0..ROWS).map(|row| decimal(row).map(i64::from));
    columns.push(("decimal64".into(), Arc::new(Decimal64Array::from_iter(wide))));
    let wider = (0..ROWS).map(|row| decimal(row).map(i128::from));
    columns.push(("decimal128".into(), Arc::new(Decimal128Array::from_iter(wider))));
    let widest = (0..ROWS).map(|row| decimal(row).map(|value| arrow_buffer::i256::from_i128(value.into())));
    columns.push(("decimal256".into(), Arc::new(Decimal256Array::from_iter(widest))));
    columns
}

fn list() -> ListArray {
    let mut builder = ListBuilder::new(Int32Builder::new());
    for row in 0..ROWS as i32 {
        for value in 0..row % 4 {
            builder.values().append_option((value != 1).then_some(value));
        }
        builder.append(row != 5);
    }
    builder.finish()
}

fn large_list() -> LargeListArray {
    let mut builder = LargeListBuilder::new(StringBuilder::new());
    for row in 0..ROWS {
        for value in 0..row % 3 {
            builder.values().append_value(format!("{row} {value}"));
        }
        builder.append(row != 5);
    }
    builder.finish()
}

fn pairs() -> FixedSizeListArray {
    let mut builder = FixedSizeListBuilder::new(Int32Builder::new(), 2);
    for row in 0..ROWS as i32 {
        builder.values().append_slice(&[row, -row]);
        builder.append(row != 5);
    }
    builder.finish()
}

fn structs() -> StructArray {
    let fields = Fields::from(vec![
        Field::new("number", DataType::Float64, false),
        Field::new(
            "inner",
            DataType::Struct(vec![Field::new("list", list().data_type().clone(), true)].into()),
            true,
        ),
    ]);
    let numbers = Float64Array::from_iter_values((0..ROWS).map(|row| row as f64));
    let DataType::Struct(inner) = fields[1].data_type() else { unreachable!("it is said above") };
    let inner = StructArray::new(inner.clone(), vec![Arc::new(list())], None);
    let nulls = (0..ROWS).map(|row| row != 6).collect::<Vec<_>>();
    StructArray::new(fields, vec![Arc::new(numbers), Arc::new(inner)], Some(nulls.into()))
}

fn map() -> arrow_array::MapArray {
    let mut builder = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    for row in 0..ROWS as i32 {
        for value in 0..row % 3 {
            builder.keys().append_value(format!("key {value}"));
            builder.values().append_option((value != 1).then_some(value));
        }
        builder.append(row != 4).unwrap();
    }
    builder.finish()
}

fn union(dense: bool) -> UnionArray {
    let fields = [
        (3, Arc::new(Field::new("number", DataType::Int32, true))),
        (7, Arc::new(Field::new("text", DataType::Utf8, true))),
    ];
    let fields: UnionFields = fields.into_iter().collect();
    let ids: Vec<i8> = (0..ROWS).map(|row| if row % 3 == 0 { 7 } else { 3 }).collect();
    let numbers = Int32Array::from_iter_values(0..ROWS as i32);
    let texts = StringArray::from_iter_values((0..ROWS).map(|row| format!("text {row}")));
    let offsets = dense.then(|| (0..ROWS as i32).rev().collect::<Vec<_>>().into());
    UnionArray::try_new(fields, ids.into(), offsets, vec![Arc::new(numbers), Arc::new(texts)]).unwrap()
}

fn list_of_dictionary() -> ListArray {
    let mut builder = ListBuilder::new(StringDictionaryBuilder::<Int16Type>::new());
    for row in 0..ROWS {
        for value in 0..row % 4 {
            builder.values().append_value(["red", "green", "blue"][value % 3]);
        }
        builder.append(row != 5);
    }
    builder.finish()
}

fn dictionary_of_lists() -> DictionaryArray<Int32Type> {
    let keys = Int32Array::from_iter((0..ROWS as i32).map(|row| (row != 2).then_some(row % 4)));
    DictionaryArray::try_new(keys, Arc::new(list_of_dictionary())).unwrap()
}

fn list_of_views() -> ListArray {
    let mut builder = ListBuilder::new(StringViewBuilder::new());
    for row in 0..ROWS {
        for value in 0..row % 3 {
            builder.values().append_value(format!("a text of some length, {row} {value}"));
        }
        builder.append(true);
    }
    builder.finish()
}

/// Lists in structs in lists.
fn deep(levels: usize) -> ArrayRef {
    let mut column: ArrayRef = Arc::new(Int32Array::from_iter_values(0..ROWS as i32));
    for level in 0..levels {
        let field = Arc::new(Field::new(format!("level {level}"), column.data_type().clone(), true));
        column = match level % 2 {
            0 => Arc::new(StructArray::new(vec![field].into(), vec![column], None)),
            _ => {
                let offsets = arrow_buffer::OffsetBuffer::from_lengths([1; ROWS]);
                Arc::new(ListArray::new(field, offsets, column, None))
            }
        };
    }
    column
}

/// Enough rows for compression to be worth it.
fn long_columns() -> RecordBatch {
    let numbers = Int64Array::from_iter_values((0..3000).map(|row| row / 7));
    let texts = StringArray::from_iter_values((0..3000).map(|row| format!("text {}", row % 10)));
    let columns: [(&str, ArrayRef); 2] = [("numbers", Arc::new(numbers)), ("texts", Arc::new(texts))];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn growing_dictionaries() -> Vec<RecordBatch> {
    let values = ["red", "green", "blue", "a long name of a colour"];
    let batch = |count: usize| {
        let dictionary = StringArray::from_iter_values(&values[..count]);
        let keys = Int32Array::from_iter_values((0..ROWS as i32).map(|row| row % count as i32));
        let column: ArrayRef = Arc::new(DictionaryArray::try_new(keys, Arc::new(dictionary)).unwrap());
        RecordBatch::try_from_iter([("colour", column)]).unwrap()
    };
    vec![batch(2), batch(3), batch(4)]
}

fn no_columns() -> RecordBatch {
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(5));
    RecordBatch::try_new_with_options(Arc::new(arrow_schema::Schema::empty()), vec![], &options).unwrap()
}
