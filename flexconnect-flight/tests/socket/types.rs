//! Types that get lost easily on the way.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{Int32Builder, LargeListViewBuilder, ListViewBuilder, MapBuilder, StringBuilder};
use arrow_array::types::{Int8Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BinaryViewArray, Decimal256Array, DictionaryArray, FixedSizeBinaryArray,
    FixedSizeListArray, Int32Array, Int64Array, IntervalMonthDayNanoArray, LargeListArray, LargeStringArray,
    ListArray, NullArray, RecordBatch, RunArray, StringArray, StringViewArray, StructArray,
    TimestampMicrosecondArray, UnionArray,
};
use arrow_buffer::{IntervalMonthDayNano, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema, UnionFields};
use flexconnect_flight::Command;
use futures::TryStreamExt;

use crate::connectors::given;
use crate::served::serve;

fn columns() -> Vec<(&'static str, ArrayRef)> {
    let large = LargeListArray::from_iter_primitive::<Int64Type, _, _>([
        Some(vec![Some(1), None]),
        None,
        Some(vec![]),
    ]);
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([
        Some(vec![Some(1)]),
        None,
        Some(vec![Some(2), None]),
    ]);
    let dictionary: DictionaryArray<Int8Type> = [Some("a"), Some("b"), Some("a")].into_iter().collect();
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    for key in ["x", "y", "z"] {
        map.keys().append_value(key);
        map.values().append_value(1);
        map.append(true).unwrap();
    }
    let within: DictionaryArray<Int32Type> = [Some("in"), None, Some("side")].into_iter().collect();
    let parts: Vec<(Arc<Field>, ArrayRef)> = vec![
        (
            Arc::new(Field::new("number", DataType::Int64, true)),
            Arc::new(Int64Array::from(vec![Some(1), None, Some(3)])),
        ),
        (Arc::new(Field::new("word", within.data_type().clone(), true)), Arc::new(within)),
    ];
    let mut views = ListViewBuilder::new(Int32Builder::new());
    let mut large_views = LargeListViewBuilder::new(StringBuilder::new());
    for row in [Some(3), None, Some(4)] {
        views.values().append_slice(&[row.unwrap_or(0); 2]);
        views.append(row.is_some());
        large_views.values().append_value("in a list");
        large_views.append(true);
    }
    let fixed = FixedSizeListArray::from_iter_primitive::<Int32Type, _, _>(
        [Some(vec![Some(1), None]), None, Some(vec![Some(2), Some(3)])],
        2,
    );
    let runs: RunArray<Int32Type> = [Some("x"), Some("x"), None].into_iter().collect();
    let (numbers, texts): (ArrayRef, ArrayRef) =
        (Arc::new(Int32Array::from(vec![1, 2, 3])), Arc::new(StringArray::from(vec!["a", "b", "c"])));
    let fields: UnionFields = [(3, ("n", DataType::Int32)), (5, ("t", DataType::Utf8))]
        .map(|(id, (name, data_type))| (id, Arc::new(Field::new(name, data_type, true))))
        .into_iter()
        .collect();
    let types = || ScalarBuffer::from(vec![5, 3, 5]);
    let children = || vec![numbers.clone(), texts.clone()];
    let sparse = UnionArray::try_new(fields.clone(), types(), None, children()).unwrap();
    let dense = UnionArray::try_new(fields, types(), Some(vec![2, 0, 1].into()), children()).unwrap();
    vec![
        ("list_view", Arc::new(views.finish())),
        ("large_list_view", Arc::new(large_views.finish())),
        ("fixed_list", Arc::new(fixed)),
        ("runs", Arc::new(runs)),
        ("sparse", Arc::new(sparse)),
        ("dense", Arc::new(dense)),
        ("nothing", Arc::new(NullArray::new(3))),
        ("months", Arc::new(IntervalMonthDayNanoArray::from(vec![IntervalMonthDayNano::new(1, 2, 3); 3]))),
        ("decimal", Arc::new(Decimal256Array::from(vec![Some(1.into()), None, Some(3.into())]))),
        ("large_list", Arc::new(large)),
        ("list", Arc::new(list)),
        ("dictionary", Arc::new(dictionary)),
        ("map", Arc::new(map.finish())),
        ("struct", Arc::new(StructArray::from(parts))),
        ("large_text", Arc::new(LargeStringArray::from(vec!["a", "b", "c"]))),
        (
            "text_view",
            Arc::new(StringViewArray::from(vec!["a", "a text that is longer than twelve bytes", ""])),
        ),
        ("bytes_view", Arc::new(BinaryViewArray::from(vec![&b"a"[..], b"a longer one than twelve", b""]))),
        ("fixed", Arc::new(FixedSizeBinaryArray::try_from_iter([[0u8, 1], [2, 3], [4, 5]].iter()).unwrap())),
        ("instant", Arc::new(TimestampMicrosecondArray::from(vec![1, 2, 3]).with_timezone("Europe/Berlin"))),
        ("text", Arc::new(StringArray::from(vec![Some("ä"), None, Some("")]))),
    ]
}

fn batch() -> RecordBatch {
    let (fields, columns): (Vec<_>, Vec<_>) = columns()
        .into_iter()
        .map(|(name, column)| {
            let metadata = HashMap::from([("note".to_owned(), format!("about {name}"))]);
            (Field::new(name, column.data_type().clone(), true).with_metadata(metadata), column)
        })
        .unzip();
    let metadata = HashMap::from([("b".to_owned(), "2".to_owned()), ("a".to_owned(), "1".to_owned())]);
    RecordBatch::try_new(Arc::new(Schema::new_with_metadata(fields, metadata)), columns).unwrap()
}

#[tokio::test]
async fn every_type_arrives_as_it_left() {
    let batch = batch();
    let other: DictionaryArray<Int8Type> = [Some("c"), Some("a"), None].into_iter().collect();
    let mut columns = batch.columns().to_vec();
    let dictionary = batch.schema().index_of("dictionary").unwrap();
    columns[dictionary] = Arc::new(other);
    let second = RecordBatch::try_new(batch.schema(), columns).unwrap();
    // The rows of one that begins within another are as good as any.
    let third = batch.slice(1, 2);
    let sent = vec![batch.clone(), second, third];
    let served = serve(given(batch.schema(), sent.clone())).await;
    let command = Command::connector("given");
    let reading = served.client.read(&command).await.unwrap();
    assert_eq!(reading.schema(), batch.schema());
    assert_eq!(served.client.schema(&command).await.unwrap(), batch.schema());
    let batches: Vec<RecordBatch> = reading.try_collect().await.unwrap();
    let (came, sent) = (rows(&batches), rows(&sent));
    assert_eq!(came.len(), sent.len());
    for (row, (came, sent)) in came.iter().zip(&sent).enumerate() {
        assert_eq!(came, sent, "row {row}");
    }
}

/// Row by row, so that it does not matter how batches are cut or dictionaries are numbered.
fn rows(batches: &[RecordBatch]) -> Vec<Vec<ArrayRef>> {
    let row = |batch: &RecordBatch, row| batch.columns().iter().map(|column| column.slice(row, 1)).collect();
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |at| row(batch, at))).collect()
}

#[tokio::test]
async fn large_batches_are_cut_below_what_clients_take() {
    let long = "x".repeat(1000);
    let texts = StringArray::from_iter_values((0..20_000).map(|row| format!("{row:05}{long}")));
    let schema = Arc::new(Schema::new(vec![Field::new("text", DataType::Utf8, false)]));
    let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(texts)]).unwrap();
    let served = serve(given(schema, vec![batch.clone()])).await;
    // This client takes 4 MiB, as tonic's do.
    let info = served.info(arrow_flight::FlightDescriptor::new_path(vec!["given".into()])).await.unwrap();
    let messages = served.get(crate::served::ticket(&info, 0)).await.unwrap();
    assert!(messages.iter().all(|message| message.as_ref().unwrap().data_body.len() < 2 << 20));
    let batches = served.read(&Command::connector("given")).await.unwrap();
    let rows = batches.iter().flat_map(|batch| {
        let texts = batch.column(0).as_any().downcast_ref::<StringArray>().unwrap();
        texts.iter().map(|text| text.unwrap()[..5].parse::<usize>().unwrap()).collect::<Vec<_>>()
    });
    assert!(rows.eq(0..20_000));
}
