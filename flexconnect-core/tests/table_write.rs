//! What `#[derive(Table)]` writes, value by value.
#![allow(missing_docs, clippy::unwrap_used)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, TimeUnit};
use flexconnect_core::record::{Accepts, Finished, RowBuffer};
use flexconnect_core::{Column, ErrorKind, Record, Table};
use serde_json::{Value, json};

fn finish<R: Accepts<T>, T>(rows: impl IntoIterator<Item = T>) -> Finished {
    let mut buffer = R::Buffer::new(None, 0).unwrap();
    let mut count = 0;
    for row in rows {
        R::push(&mut buffer, row);
        count += 1;
    }
    assert_eq!(buffer.len(), count);
    let finished = buffer.finish().unwrap();
    assert!(buffer.is_empty());
    finished
}

fn batch<R: Accepts<T>, T>(rows: impl IntoIterator<Item = T>) -> RecordBatch {
    let finished = finish::<R, T>(rows);
    assert!(finished.fault.is_none(), "{:?}", finished.fault);
    finished.batch
}

fn types<T: Table>() -> Vec<(String, DataType, bool)> {
    T::schema().fields().iter().map(|f| (f.name().clone(), f.data_type().clone(), f.is_nullable())).collect()
}

fn column(name: &str, data_type: DataType) -> (String, DataType, bool) {
    (name.to_owned(), data_type, false)
}

#[derive(Table)]
struct Numbers {
    flag: bool,
    tiny: i8,
    wide: i64,
    byte: u8,
    size: usize,
    signed: isize,
    float: f32,
    double: f64,
    never_zero: NonZero<u16>,
    letter: char,
    #[column(as = "Int64")]
    widened: u32,
    #[column(as = "UInt32")]
    code: char,
    #[column(as = "Bool8")]
    byte_flag: bool,
}

#[test]
fn numbers_have_their_own_types_and_values() {
    let row = |n: i8| Numbers {
        flag: n > 0,
        tiny: n,
        wide: i64::MIN + i64::from(n.unsigned_abs()),
        byte: n as u8,
        size: usize::MAX,
        signed: isize::MIN,
        float: f32::NAN,
        double: -0.0,
        never_zero: NonZero::new(7).unwrap(),
        letter: '🦀',
        widened: u32::MAX,
        code: 'ä',
        byte_flag: true,
    };
    let batch = batch::<Numbers, _>([row(0), row(i8::MAX), row(i8::MIN)]);
    assert_eq!(
        types::<Numbers>(),
        [
            column("flag", DataType::Boolean),
            column("tiny", DataType::Int8),
            column("wide", DataType::Int64),
            column("byte", DataType::UInt8),
            column("size", DataType::UInt64),
            column("signed", DataType::Int64),
            column("float", DataType::Float32),
            column("double", DataType::Float64),
            column("never_zero", DataType::UInt16),
            column("letter", DataType::Utf8),
            column("widened", DataType::Int64),
            column("code", DataType::UInt32),
            column("byte_flag", DataType::Int8),
        ]
    );
    assert_eq!(
        batch.column(0).as_boolean().iter().collect::<Vec<_>>(),
        [Some(false), Some(true), Some(false)]
    );
    assert_eq!(batch.column(1).as_primitive::<Int8Type>().values(), &[0, 127, -128]);
    assert_eq!(batch.column(2).as_primitive::<Int64Type>().value(0), i64::MIN);
    assert_eq!(batch.column(4).as_primitive::<UInt64Type>().value(2), u64::MAX);
    assert!(batch.column(6).as_primitive::<Float32Type>().value(0).is_nan());
    assert!(batch.column(7).as_primitive::<Float64Type>().value(0).is_sign_negative());
    assert_eq!(batch.column(9).as_string::<i32>().value(1), "🦀");
    assert_eq!(batch.column(10).as_primitive::<Int64Type>().value(0), 4_294_967_295);
    assert_eq!(batch.column(11).as_primitive::<UInt32Type>().value(0), 0xe4);
    assert_eq!(batch.schema().field(12).metadata()["ARROW:extension:name"], "arrow.bool8");
}

#[derive(Table)]
struct Texts<'a> {
    owned: String,
    borrowed: &'a str,
    boxed: Box<str>,
    shared: Arc<str>,
    local: Rc<str>,
    cow: Cow<'a, str>,
    maybe: Option<&'a str>,
    #[column(as = "LargeUtf8")]
    large: &'a str,
    #[column(as = "Utf8View")]
    view: Option<&'a str>,
    bytes: Vec<u8>,
    slice: &'a [u8],
    fixed: [u8; 3],
    fixed_ref: &'a [u8; 2],
    #[column(as = "FixedSizeBinary(2)")]
    exact: Vec<u8>,
    #[column(as = "BinaryView")]
    binary_view: Cow<'a, [u8]>,
    #[column(list)]
    numbers: Vec<u8>,
}

#[test]
fn text_and_bytes_keep_every_byte_of_borrowed_rows() {
    let texts = ["", "plain", "späß 🦀", "a text that is longer than twelve bytes"];
    let line = texts.map(str::to_owned);
    // The rows borrow from `line`, which is not `'static`; the table is.
    let batch = batch::<Texts<'static>, _>(line.iter().map(|text| Texts {
        owned: text.clone(),
        borrowed: text,
        boxed: text.as_str().into(),
        shared: text.as_str().into(),
        local: text.as_str().into(),
        cow: Cow::Borrowed(text),
        maybe: (!text.is_empty()).then_some(text),
        large: text,
        view: (text != "plain").then_some(text),
        bytes: text.as_bytes().to_vec(),
        slice: text.as_bytes(),
        fixed: [0, 255, text.len() as u8],
        fixed_ref: &[1, 2],
        exact: vec![9, 8],
        binary_view: Cow::Borrowed(text.as_bytes()),
        numbers: text.as_bytes().to_vec(),
    }));
    for at in 0..6 {
        let column = batch.column(at).as_string::<i32>();
        assert_eq!(column.iter().flatten().collect::<Vec<_>>(), texts);
    }
    assert_eq!(
        batch.column(6).as_string::<i32>().iter().collect::<Vec<_>>(),
        [None, Some(texts[1]), Some(texts[2]), Some(texts[3])]
    );
    assert_eq!(batch.column(7).as_string::<i64>().value(3), texts[3]);
    assert_eq!(
        batch.column(8).as_string_view().iter().collect::<Vec<_>>(),
        [Some(texts[0]), None, Some(texts[2]), Some(texts[3])]
    );
    assert_eq!(batch.column(9).as_binary::<i32>().value(2), texts[2].as_bytes());
    assert_eq!(batch.column(10).as_binary::<i32>().value(3), texts[3].as_bytes());
    assert_eq!(batch.column(11).as_fixed_size_binary().value(1), [0, 255, 5]);
    assert_eq!(batch.column(12).data_type(), &DataType::FixedSizeBinary(2));
    assert_eq!(batch.column(13).as_fixed_size_binary().value(3), [9, 8]);
    assert_eq!(batch.column(14).as_binary_view().value(3), texts[3].as_bytes());
    assert_eq!(batch.column(15).as_list::<i32>().value(1).as_primitive::<UInt8Type>().values(), b"plain");
}

#[derive(Table, Clone)]
struct Place {
    city: String,
    zip: Option<u32>,
}

#[derive(Column, Clone, Copy, PartialEq, Debug)]
#[column(rename_all = "kebab-case")]
enum Mood {
    VeryGood,
    #[column(rename = "so so")]
    SoSo,
    Bad,
}

#[derive(Column, Clone)]
struct Id(u64);

#[derive(Table)]
struct Nested {
    id: Id,
    place: Place,
    maybe_place: Option<Place>,
    places: Vec<Place>,
    tags: Option<Vec<Option<String>>>,
    matrix: Vec<Vec<i32>>,
    pair: [i16; 2],
    maybe_pair: Option<[i16; 2]>,
    blobs: Vec<Vec<u8>>,
    mood: Mood,
    maybe_mood: Option<Mood>,
    #[column(as = "Utf8")]
    mood_text: Mood,
    document: Value,
    maybe_document: Option<Value>,
    properties: BTreeMap<String, Option<i64>>,
    ids: Box<[Id]>,
}

#[test]
fn nested_values_stay_together() {
    let berlin = Place { city: "Berlin".into(), zip: Some(10115) };
    let nowhere = Place { city: String::new(), zip: None };
    let rows = [
        Nested {
            id: Id(1),
            place: berlin.clone(),
            maybe_place: Some(nowhere.clone()),
            places: vec![],
            tags: Some(vec![Some("a".into()), None, Some("b".into())]),
            matrix: vec![vec![1, 2], vec![], vec![3]],
            pair: [1, -1],
            maybe_pair: Some([5, 6]),
            blobs: vec![vec![1], vec![]],
            mood: Mood::Bad,
            maybe_mood: Some(Mood::SoSo),
            mood_text: Mood::VeryGood,
            document: json!({"a": [1, null, "ä"]}),
            maybe_document: Some(Value::Null),
            properties: BTreeMap::from([("x".to_owned(), Some(1)), ("y".to_owned(), None)]),
            ids: Box::new([Id(4), Id(5)]),
        },
        Nested {
            id: Id(2),
            place: nowhere.clone(),
            maybe_place: None,
            places: vec![berlin, nowhere],
            tags: None,
            matrix: vec![],
            pair: [i16::MAX, i16::MIN],
            maybe_pair: None,
            blobs: vec![],
            mood: Mood::VeryGood,
            maybe_mood: None,
            mood_text: Mood::SoSo,
            document: json!("text"),
            maybe_document: None,
            properties: BTreeMap::new(),
            ids: Box::new([]),
        },
    ];
    let batch = batch::<Nested, _>(rows);
    let column = |name: &str| batch.column_by_name(name).unwrap();

    let place = column("place").as_struct();
    assert_eq!(place.column(0).as_string::<i32>().value(0), "Berlin");
    assert!(place.column(1).is_null(1));
    let maybe = column("maybe_place");
    assert!(maybe.is_valid(0) && maybe.is_null(1));
    let places = column("places").as_list::<i32>();
    assert_eq!((places.value_length(0), places.value_length(1)), (0, 2));
    assert_eq!(places.value(1).as_struct().column(0).as_string::<i32>().value(0), "Berlin");

    let tags = column("tags").as_list::<i32>();
    assert!(tags.is_null(1));
    assert_eq!(tags.value(0).as_string::<i32>().iter().collect::<Vec<_>>(), [Some("a"), None, Some("b")]);
    let matrix = column("matrix").as_list::<i32>();
    let inner = matrix.value(0);
    assert_eq!(inner.as_list::<i32>().value(2).as_primitive::<Int32Type>().values(), &[3]);
    assert_eq!(
        column("pair").as_fixed_size_list().value(1).as_primitive::<Int16Type>().values(),
        &[i16::MAX, i16::MIN]
    );
    assert!(column("maybe_pair").is_null(1));
    assert_eq!(column("blobs").as_list::<i32>().value(0).as_binary::<i32>().value(0), [1]);

    let mood = column("mood").as_dictionary::<Int8Type>();
    assert_eq!(mood.keys().values(), &[2, 0]);
    let names: Vec<_> = mood.values().as_string::<i32>().iter().flatten().collect();
    assert_eq!(names, ["very-good", "so so", "bad"]);
    assert!(column("maybe_mood").is_null(1));
    assert_eq!(column("mood_text").as_string::<i32>().value(1), "so so");

    assert_eq!(column("document").as_string::<i32>().value(0), r#"{"a":[1,null,"ä"]}"#);
    assert_eq!(column("document").as_string::<i32>().value(1), r#""text""#);
    let documents = column("maybe_document");
    assert!(documents.is_valid(0) && documents.is_null(1));
    let schema = batch.schema();
    assert_eq!(schema.field_with_name("document").unwrap().metadata()["ARROW:extension:name"], "arrow.json");

    let properties = column("properties").as_map();
    assert_eq!(properties.value(0).len(), 2);
    assert_eq!(properties.keys().as_string::<i32>().value(1), "y");
    assert!(properties.values().is_null(1));
    assert_eq!(column("ids").as_list::<i32>().value(0).as_primitive::<UInt64Type>().values(), &[4, 5]);
    assert_eq!(column("id").data_type(), &DataType::UInt64);

    let item = |data_type, nullable| Arc::new(Field::new("item", data_type, nullable));
    assert_eq!(types::<Nested>()[4], ("tags".to_owned(), DataType::List(item(DataType::Utf8, true)), true));
    assert_eq!(
        types::<Nested>()[15],
        ("ids".to_owned(), DataType::List(item(DataType::UInt64, false)), false)
    );
}

#[derive(Table)]
struct Times {
    at: SystemTime,
    #[column(unit = "ns", tz = "Europe/Berlin")]
    fine: Option<SystemTime>,
    #[column(unit = "ms")]
    took: Duration,
    #[column(as = "Date32")]
    day: i32,
    #[column(as = "Timestamp", unit = "s", tz = "+02:00")]
    seconds: Vec<i64>,
    #[column(as = "Time64", unit = "ns")]
    clock: i64,
    #[column(decimal(5, 2))]
    price: i128,
}

fn times(at: SystemTime) -> Times {
    Times {
        at,
        fine: Some(at),
        took: Duration::from_millis(1500),
        day: -1,
        seconds: vec![0, -1],
        clock: 86_399_999_999_999,
        price: -99_999,
    }
}

#[test]
fn times_have_their_unit_and_zone() {
    let before_1970 = SystemTime::UNIX_EPOCH - Duration::new(1, 500);
    let batch = batch::<Times, _>([times(SystemTime::UNIX_EPOCH), times(before_1970)]);
    let micros = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    assert_eq!(batch.column(0).data_type(), &micros);
    assert_eq!(batch.column(0).as_primitive::<TimestampMicrosecondType>().values(), &[0, -1_000_001]);
    let nanos = DataType::Timestamp(TimeUnit::Nanosecond, Some("Europe/Berlin".into()));
    assert_eq!(batch.column(1).data_type(), &nanos);
    assert_eq!(batch.column(1).as_primitive::<TimestampNanosecondType>().values(), &[0, -1_000_000_500]);
    assert_eq!(batch.column(2).as_primitive::<DurationMillisecondType>().value(0), 1500);
    assert_eq!(batch.column(3).as_primitive::<Date32Type>().value(0), -1);
    let seconds = batch.column(4).as_list::<i32>();
    assert_eq!(seconds.value_type(), DataType::Timestamp(TimeUnit::Second, Some("+02:00".into())));
    assert_eq!(batch.column(6).data_type(), &DataType::Decimal128(5, 2));
    assert_eq!(batch.column(6).as_primitive::<Decimal128Type>().value(1), -99_999);
}

#[test]
fn a_value_that_does_not_fit_ends_the_batch_before_its_row() {
    let far = SystemTime::UNIX_EPOCH + Duration::from_secs(10_000_000_000);
    let rows = [times(SystemTime::UNIX_EPOCH), times(far), Times { price: 100_000, ..times(far) }];
    let finished = finish::<Times, _>(rows);
    assert_eq!(finished.batch.num_rows(), 1);
    let fault = finished.fault.unwrap();
    assert_eq!(fault.kind(), ErrorKind::Data);
    assert_eq!(
        fault.to_string(),
        "row 1, column `fine`: lies outside the range of a timestamp in nanoseconds: a coarser `unit` reaches further"
    );

    let finished = finish::<Times, _>([Times { price: -100_000, ..times(SystemTime::UNIX_EPOCH) }]);
    assert_eq!(finished.batch.num_rows(), 0);
    assert_eq!(
        finished.fault.unwrap().to_string(),
        "row 0, column `price`: -100000 has more than 5 digits, which is all that `decimal(5, 2)` holds"
    );
}

#[derive(Table)]
struct Inner {
    #[column(as = "FixedSizeBinary(2)")]
    code: Vec<u8>,
}

#[derive(Table)]
struct Outer {
    inners: Vec<Option<Inner>>,
}

#[test]
fn a_fault_deep_inside_is_told_by_its_outer_row_and_path() {
    let row = |codes: &[&[u8]]| Outer {
        inners: codes.iter().map(|code| Some(Inner { code: code.to_vec() })).chain([None]).collect(),
    };
    let finished = finish::<Outer, _>([row(&[b"ab"]), row(&[]), row(&[b"cd", b"e"]), row(&[b"f"])]);
    assert_eq!(finished.batch.num_rows(), 2);
    assert_eq!(
        finished.fault.unwrap().to_string(),
        "row 2, column `inners.item.code`: is 1 bytes long, and the column takes exactly 2"
    );
}

/// What was sold.
/// Once per item.
#[derive(Table)]
#[table(
    name = "sales",
    title = "Sales",
    comments,
    rename_all = "camelCase",
    primary_key(order_id, "line"),
    metadata(owner = "data", "x:y" = "z")
)]
struct SalesLine {
    /// The order.
    order_id: u64,
    #[column(rename = "line")]
    line_number: u32,
    #[column(metadata(unit = "EUR"), nullable)]
    net_price: f64,
    #[column(skip)]
    #[allow(dead_code)]
    internal: Option<Rc<()>>,
    r#type: String,
}

#[test]
fn attributes_name_and_describe() {
    let schema = <SalesLine as Table>::schema();
    assert_eq!(SalesLine::NAME, "sales");
    let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["orderId", "line", "netPrice", "type"]);
    let metadata = schema.metadata();
    assert_eq!(metadata["flexconnect:name"], "sales");
    assert_eq!(metadata["flexconnect:title"], "Sales");
    assert_eq!(metadata["flexconnect:primary_key"], r#"["orderId","line"]"#);
    assert_eq!(metadata["comment"], "What was sold.\nOnce per item.");
    assert_eq!((metadata["owner"].as_str(), metadata["x:y"].as_str()), ("data", "z"));
    assert_eq!(schema.field(0).metadata()["comment"], "The order.");
    assert_eq!(schema.field(2).metadata()["unit"], "EUR");
    assert!(schema.field(2).is_nullable());
    assert!(Arc::ptr_eq(&schema, &<SalesLine as Table>::schema()), "the schema is built once");
    assert!(Arc::ptr_eq(&schema, &<SalesLine as Record>::schema().unwrap()));
}

#[derive(Table)]
struct Generic<T, const N: usize> {
    value: T,
    many: Vec<T>,
    array: [f32; N],
}

#[test]
fn generic_structs_are_tables_of_each_type() {
    let row = Generic::<Option<String>, 2> { value: None, many: vec![Some("x".into())], array: [1.0, 2.0] };
    let batch = batch::<Generic<Option<String>, 2>, _>([row]);
    assert!(batch.column(0).is_null(0));
    let row = Generic::<u8, 1> { value: 1, many: vec![1, 2], array: [0.5] };
    let finished = finish::<Generic<u8, 1>, _>([row]);
    assert_eq!(finished.batch.column(1).as_binary::<i32>().value(0), [1, 2]);
}

#[derive(Table)]
struct Both<'a, T: Clone> {
    name: &'a str,
    value: T,
}

#[test]
fn a_struct_can_borrow_and_be_generic_in_different_fields() {
    let name = String::from("n");
    let batch = batch::<Both<'static, i64>, _>([Both { name: &name, value: 3 }]);
    assert_eq!(batch.num_rows(), 1);
}

#[derive(Table)]
struct Nothing {}

#[test]
fn a_table_without_columns_counts_its_rows() {
    let batch = batch::<Nothing, _>([Nothing {}, Nothing {}]);
    assert_eq!((batch.num_rows(), batch.num_columns()), (2, 0));
}

#[test]
fn bytes_grow_with_the_rows_and_start_again_after_a_batch() {
    let mut buffer = <Place as Record>::Buffer::new(None, 0).unwrap();
    let empty = buffer.bytes();
    for _ in 0..100 {
        <Place as Accepts<Place>>::push(&mut buffer, Place { city: "x".repeat(100), zip: None });
    }
    assert!(buffer.bytes() > empty + 10_000);
    buffer.finish().unwrap();
    assert_eq!(buffer.bytes(), empty);
    <Place as Accepts<Place>>::push(&mut buffer, Place { city: "again".into(), zip: Some(1) });
    let batch = buffer.finish().unwrap().batch;
    assert_eq!(batch.column(0).as_string::<i32>().value(0), "again");
    assert_eq!(batch.column(1).null_count(), 0);
}
