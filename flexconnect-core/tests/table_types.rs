//! Types and attributes of `#[derive(Table)]`, written and read back, value by value.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{Saturating, Wrapping};

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, RecordBatch};
use arrow_buffer::i256;
use arrow_schema::DataType;
use flexconnect_core::record::{Accepts, Finished, RowBuffer};
use flexconnect_core::{FromBatch, Record, Table};
use serde::{Deserialize, Serialize};

fn finish<R: Accepts<R>>(rows: impl IntoIterator<Item = R>) -> Finished {
    let mut buffer = R::Buffer::new(None, 0).unwrap();
    rows.into_iter().for_each(|row| R::push(&mut buffer, row));
    buffer.finish().unwrap()
}

fn batch<R: Accepts<R>>(rows: impl IntoIterator<Item = R>) -> RecordBatch {
    let finished = finish(rows);
    assert!(finished.fault.is_none(), "{:?}", finished.fault);
    finished.batch
}

/// The rows as a batch, which reads back as the same rows, also from the middle of a longer one.
#[track_caller]
fn round_trip<R>(rows: &[R]) -> RecordBatch
where
    R: Accepts<R> + FromBatch + Clone + PartialEq + std::fmt::Debug,
{
    let written = batch(rows.iter().cloned());
    assert_eq!(R::from_batch(&written).unwrap(), rows);
    let twice = batch(rows.iter().chain(rows).cloned());
    assert_eq!(R::from_batch(&twice.slice(rows.len(), rows.len())).unwrap(), rows);
    assert_eq!(R::from_batch(&twice.slice(1, 1)).unwrap(), [rows.iter().chain(rows).nth(1).unwrap().clone()]);
    written
}

fn type_of<T: Table>(name: &str) -> String {
    T::schema().field_with_name(name).unwrap().data_type().to_string()
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Numbers {
    big: u128,
    #[column(decimal(38, 0))]
    exact: u128,
    #[column(decimal(76, 3))]
    huge: i256,
    wrapping: Wrapping<i32>,
    saturating: Option<Saturating<u8>>,
    nothing: (),
    address: IpAddr,
    #[column(as = "UInt32")]
    v4: Ipv4Addr,
    #[column(as = "FixedSizeBinary(16)")]
    v6: Option<Ipv6Addr>,
}

#[test]
fn numbers_and_addresses() {
    let row = |big: u128| Numbers {
        big,
        exact: 10_u128.pow(38) - 1,
        huge: i256::from_i128(i128::MIN),
        wrapping: Wrapping(i32::MIN),
        saturating: (big > 0).then_some(Saturating(255)),
        nothing: (),
        address: if big > 0 { "::1".parse().unwrap() } else { "127.0.0.1".parse().unwrap() },
        v4: Ipv4Addr::new(192, 0, 2, 1),
        v6: (big > 0).then_some("2001:db8::1".parse().unwrap()),
    };
    let batch = round_trip(&[row(0), row(1), row(u128::MAX)]);
    assert_eq!(batch.column(0).as_fixed_size_binary().value(1)[15], 1);
    assert_eq!(batch.column(2).data_type(), &DataType::Decimal256(76, 3));
    assert_eq!(batch.column(5).data_type(), &DataType::Null);
    assert_eq!(batch.column(6).as_string::<i32>().value(1), "::1");
    assert_eq!(batch.column(7).as_primitive::<UInt32Type>().value(0), 0xc000_0201);
    let fault = finish([Numbers { exact: 10_u128.pow(38), ..row(1) }]).fault.unwrap();
    assert!(fault.to_string().contains("has more than 38 digits"), "{fault}");
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Lists {
    deque: VecDeque<i64>,
    set: BTreeSet<String>,
    hashed: HashSet<u32>,
    #[column(as = "LargeList")]
    large: Vec<Option<String>>,
    #[column(as = "ListView", item = "element")]
    view: Option<Vec<i32>>,
    #[column(as = "LargeListView")]
    large_view: Vec<Vec<bool>>,
    #[column(as = "FixedSizeList(2)")]
    pair: Vec<f64>,
    #[column(item = "element")]
    named: Vec<i8>,
    deep: Vec<Vec<Vec<Option<i16>>>>,
    array: [[f32; 2]; 2],
}

#[test]
fn lists_in_every_layout() {
    let empty = Lists {
        deque: VecDeque::new(),
        set: BTreeSet::new(),
        hashed: HashSet::new(),
        large: vec![],
        view: None,
        large_view: vec![],
        pair: vec![0.0, -0.0],
        named: vec![],
        deep: vec![],
        array: [[f32::INFINITY, f32::MIN], [0.0, f32::MAX]],
    };
    let full = Lists {
        deque: VecDeque::from([i64::MIN, 0, i64::MAX]),
        set: BTreeSet::from(["\u{1f980}".to_owned(), String::new()]),
        hashed: HashSet::from([u32::MAX]),
        large: vec![None, Some("größer".to_owned()), Some(String::new())],
        view: Some(vec![]),
        large_view: vec![vec![], vec![true, false], vec![]],
        pair: vec![f64::MIN_POSITIVE, f64::EPSILON],
        named: vec![i8::MIN, i8::MAX],
        deep: vec![vec![], vec![vec![None, Some(1)], vec![]], vec![vec![]]],
        array: [[1.0, 2.0], [3.0, 4.0]],
    };
    let some = Lists { view: Some(vec![1, 2, 3]), ..empty.clone() };
    let batch = round_trip(&[empty.clone(), full.clone(), some, empty, full]);
    assert!(matches!(batch.column(3).data_type(), DataType::LargeList(_)));
    assert!(matches!(batch.column(4).data_type(), DataType::ListView(item) if item.name() == "element"));
    assert!(matches!(batch.column(5).data_type(), DataType::LargeListView(_)));
    assert!(matches!(batch.column(6).data_type(), DataType::FixedSizeList(_, 2)));
    assert!(matches!(batch.column(7).data_type(), DataType::List(item) if item.name() == "element"));
    assert_eq!(
        batch.column(4).as_list_view::<i32>().value(2).as_primitive::<Int32Type>().values(),
        &[1, 2, 3]
    );
}

#[test]
fn a_list_of_another_length_is_a_fault() {
    let lists = Lists {
        deque: VecDeque::new(),
        set: BTreeSet::new(),
        hashed: HashSet::new(),
        large: vec![],
        view: None,
        large_view: vec![],
        pair: vec![1.0],
        named: vec![],
        deep: vec![],
        array: Default::default(),
    };
    let fault = finish([lists]).fault.unwrap();
    assert!(fault.to_string().contains("is a list of 1 items, and the column takes exactly 2"), "{fault}");
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Maps {
    ordered: BTreeMap<String, Option<i64>>,
    hashed: HashMap<u8, Vec<String>>,
    #[column(keys_sorted)]
    sorted: BTreeMap<i32, f64>,
    #[column(map)]
    pairs: Vec<(String, i32)>,
    listed: Vec<(String, Option<i32>)>,
    #[column(names("lat", "lon"))]
    point: Option<(f64, f64)>,
    #[column(names("a", "b"))]
    points: Vec<(i8, String)>,
    triple: (bool, (u8, String), Option<char>),
}

#[test]
fn maps_and_tuples() {
    let empty = Maps {
        ordered: BTreeMap::new(),
        hashed: HashMap::new(),
        sorted: BTreeMap::new(),
        pairs: vec![],
        listed: vec![],
        point: None,
        points: vec![],
        triple: (false, (0, String::new()), None),
    };
    let full = Maps {
        ordered: BTreeMap::from([(String::new(), None), ("k".to_owned(), Some(i64::MIN))]),
        hashed: HashMap::from([(7, vec!["x".to_owned(), String::new()])]),
        sorted: BTreeMap::from([(-1, 0.5), (i32::MAX, -0.0)]),
        pairs: vec![("b".to_owned(), 2), ("a".to_owned(), 1)],
        listed: vec![("z".to_owned(), None)],
        point: Some((48.2, 16.4)),
        points: vec![(1, "one".to_owned()), (-1, "minus".to_owned())],
        triple: (true, (255, "inner".to_owned()), Some('\u{1f980}')),
    };
    let batch = round_trip(&[empty.clone(), full.clone(), empty, full]);
    assert!(matches!(batch.column(2).data_type(), DataType::Map(_, true)));
    assert!(matches!(batch.column(3).data_type(), DataType::Map(_, false)));
    assert_eq!(type_of::<Maps>("point"), "Struct(\"lat\": non-null Float64, \"lon\": non-null Float64)");
    assert!(type_of::<Maps>("triple").starts_with("Struct(\"0\": non-null Boolean, \"1\": non-null Struct("));
    // Pairs in a list of structs are read as a map.
    #[derive(Table, Debug, PartialEq)]
    struct Read {
        listed: BTreeMap<String, Option<i32>>,
    }
    let read = Read::from_batch(&batch).unwrap();
    assert_eq!(read[1].listed, BTreeMap::from([("z".to_owned(), None)]));
}

mod cents {
    pub(super) type Column = Option<i64>;

    pub(super) fn to(euros: &f64) -> Column {
        (!euros.is_nan()).then_some((euros * 100.0).round() as i64)
    }

    pub(super) fn from(cents: Column) -> Result<f64, String> {
        match cents {
            Some(13) => Err("unlucky".to_owned()),
            Some(cents) => Ok(cents as f64 / 100.0),
            None => Ok(0.0),
        }
    }
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
enum Shape {
    Dot,
    Circle { radius: f64 },
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Converted {
    #[column(json)]
    shape: Shape,
    #[column(json)]
    maybe: Option<Vec<Shape>>,
    #[column(json, as = "LargeUtf8")]
    document: serde_json::Value,
    #[column(display)]
    version: std::num::NonZeroU8,
    #[column(display, as = "Utf8View")]
    address: Option<std::net::SocketAddr>,
    #[column(with = "cents")]
    price: f64,
    #[column(dictionary)]
    word: String,
    #[column(dictionary = "UInt8")]
    code: Option<Box<str>>,
    #[column(dictionary)]
    blob: Vec<u8>,
    #[column(extension = "test.unit", metadata(unit = "m"))]
    length: f32,
}

#[test]
fn converted_values() {
    let row = |n: u8| Converted {
        shape: if n == 1 { Shape::Dot } else { Shape::Circle { radius: 0.5 } },
        maybe: (n > 1).then(|| vec![Shape::Dot; n.into()]),
        document: serde_json::json!({"n": n, "text": "q\"uo\\te\n"}),
        version: n.try_into().unwrap(),
        address: (n > 1).then(|| "127.0.0.1:80".parse().unwrap()),
        price: f64::from(n) + 0.25,
        word: ["", "a", "bb"][usize::from(n) % 3].to_owned(),
        code: (n != 2).then(|| "x".into()),
        blob: vec![n % 2],
        length: 1.5,
    };
    let batch = round_trip(&[row(1), row(2), row(3), row(4), row(1)]);
    assert_eq!(batch.column(0).as_string::<i32>().value(1), r#"{"Circle":{"radius":0.5}}"#);
    assert_eq!(batch.schema().field(0).metadata()["ARROW:extension:name"], "arrow.json");
    assert!(batch.column(1).is_null(0));
    assert_eq!(batch.column(4).as_string_view().value(1), "127.0.0.1:80");
    assert_eq!(batch.column(5).as_primitive::<Int64Type>().value(0), 125);
    assert_eq!(batch.column(6).as_any_dictionary().values().len(), 3);
    assert_eq!(type_of::<Converted>("code"), "Dictionary(UInt8, Utf8)");
    assert_eq!(type_of::<Converted>("blob"), "Dictionary(Int32, Binary)");
    assert_eq!(batch.schema().field(9).metadata()["ARROW:extension:name"], "test.unit");
    let unlucky = crate::batch([row(1), Converted { price: 0.13, ..row(1) }]);
    let error = Converted::from_batch(&unlucky).unwrap_err().to_string();
    assert_eq!(error, "row 1, column `price`: cannot be converted: unlucky");
}

#[test]
fn a_batch_closes_before_its_dictionary_is_full() {
    #[derive(Table)]
    struct Narrow {
        #[column(dictionary = "Int8")]
        word: String,
    }
    let mut buffer = <Narrow as Record>::Buffer::new(None, 0).unwrap();
    let mut pushed = 0;
    while buffer.bytes() < 1 << 30 {
        for _ in 0..<Narrow as Record>::Buffer::STRIDE {
            <Narrow as Accepts<Narrow>>::push(&mut buffer, Narrow { word: pushed.to_string() });
            pushed += 1;
        }
    }
    let finished = buffer.finish().unwrap();
    assert!(finished.fault.is_none());
    assert_eq!(finished.batch.num_rows(), 128);
}

#[derive(Table, Clone, Debug, PartialEq, Default)]
struct Address {
    city: String,
    zip: Option<u32>,
}

#[derive(Table, Clone, Debug, PartialEq)]
#[table(
    primary_key(id),
    unique(name, day),
    sorted_by(at desc, id),
    incremental(at),
    strings = "LargeUtf8",
    lists = "LargeList"
)]
struct Facts {
    id: u64,
    #[column(unique)]
    name: String,
    at: i64,
    #[column(partition)]
    #[column(rename = "the day")]
    day: i32,
    tags: Vec<String>,
    #[column(as = "Utf8")]
    short: String,
    #[column(flatten(prefix = "home_"))]
    home: Address,
    #[column(flatten)]
    work: Address,
    last: bool,
}

#[test]
fn flattened_columns_and_declared_facts() {
    let row = |id| Facts {
        id,
        name: format!("n{id}"),
        at: -5,
        day: 3,
        tags: vec!["t".to_owned(); id as usize],
        short: "s".to_owned(),
        home: Address { city: "Graz".to_owned(), zip: Some(8010) },
        work: Address { city: String::new(), zip: None },
        last: true,
    };
    let batch = round_trip(&[row(0), row(1), row(2)]);
    let names: Vec<_> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
    let expected =
        ["id", "name", "at", "the day", "tags", "short", "home_city", "home_zip", "city", "zip", "last"];
    assert_eq!(names, expected);
    assert_eq!(type_of::<Facts>("name"), "LargeUtf8");
    assert_eq!(type_of::<Facts>("short"), "Utf8");
    assert!(type_of::<Facts>("tags").starts_with("LargeList("), "{}", type_of::<Facts>("tags"));
    let schema = <Facts as Table>::schema();
    let fact = |key: &str| schema.metadata()[&format!("flexconnect:{key}")].clone();
    assert_eq!(fact("primary_key"), r#"["id"]"#);
    assert_eq!(fact("unique"), r#"[["name","the day"],["name"]]"#);
    assert_eq!(fact("sorted_by"), r#"["at desc","id"]"#);
    assert_eq!(fact("partitioned_by"), r#"["the day"]"#);
    assert_eq!(fact("incremental"), r#"["at"]"#);

    let missing = batch.project(&[0, 1, 2, 3, 4, 5, 7, 8, 10]).unwrap();
    let error = Facts::from_batch(&missing).unwrap_err().to_string();
    assert!(error.contains("column `home_city` is missing, it should be Utf8"), "{error}");
}

#[test]
fn unknown_columns_are_refused_where_the_struct_says_so() {
    #[derive(Table, Debug)]
    #[table(deny_unknown)]
    struct Strict {
        #[column(alias = "identity")]
        id: u64,
    }
    let facts = batch([Address::default()]);
    let error = Strict::from_batch(&facts).unwrap_err().to_string();
    assert!(error.contains("column `id` is missing"), "{error}");
    assert!(
        error.contains("column `city` is Utf8, it should be left out: the table has no such column"),
        "{error}"
    );
}

#[test]
fn names_with_anything_in_them() {
    #[derive(Table, Clone, Debug, PartialEq)]
    struct Odd {
        #[column(rename = "with space")]
        a: i64,
        #[column(rename = "dotted.name")]
        b: i64,
        #[column(rename = "quo\"ted\\")]
        c: i64,
        #[column(rename = "Ελληνικά 日本語 🦀")]
        d: Option<String>,
        r#type: i8,
    }
    let row = Odd { a: 1, b: 2, c: 3, d: Some("naïve".to_owned()), r#type: 4 };
    let batch = round_trip(&[row.clone(), Odd { d: None, ..row }]);
    assert_eq!(batch.schema().field(4).name(), "type");
    assert_eq!(batch.schema().field(2).name(), "quo\"ted\\");
}

#[test]
fn many_columns_are_as_fast_to_declare_as_few() {
    macro_rules! many {
        ($($name:ident)*) => {
            #[derive(Table, Clone, Debug, PartialEq)]
            struct Many { $($name: i64,)* }
            fn row(from: i64) -> Many {
                let mut next = from;
                $(next += 1; let $name = next;)*
                let _ = next;
                Many { $($name,)* }
            }
        };
    }
    many!(a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 c0 c1 c2 c3 c4 c5 c6 c7 c8 c9
        d0 d1 d2 d3 d4 d5 d6 d7 d8 d9 e0 e1 e2 e3 e4 e5 e6 e7 e8 e9 f0 f1 f2 f3 f4 f5 f6 f7 f8 f9
        g0 g1 g2 g3 g4 g5 g6 g7 g8 g9 h0 h1 h2 h3 h4 h5 h6 h7 h8 h9 i0 i1 i2 i3 i4 i5 i6 i7 i8 i9
        j0 j1 j2 j3 j4 j5 j6 j7 j8 j9 k0 k1 k2 k3 k4 k5 k6 k7 k8 k9 l0 l1 l2 l3 l4 l5 l6 l7 l8 l9
        m0 m1 m2 m3 m4 m5 m6 m7 m8 m9 n0 n1 n2 n3 n4 n5 n6 n7 n8 n9 o0 o1 o2 o3 o4 o5 o6 o7 o8 o9);
    let batch = round_trip(&[row(0), row(1000)]);
    for (at, column) in batch.columns().iter().enumerate() {
        assert_eq!(column.as_primitive::<Int64Type>().values(), &[at as i64 + 1, at as i64 + 1001]);
    }
}
