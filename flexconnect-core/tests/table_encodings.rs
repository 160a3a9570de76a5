//! Encodings of the standard library's types, written and read back value by value.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{
    Array, ArrayRef, DictionaryArray, Int64Array, RecordBatch, RunArray, TimestampNanosecondArray,
};
use arrow_buffer::{IntervalDayTime, IntervalMonthDayNano, i256};
use arrow_schema::{DataType, Field, IntervalUnit, Schema, TimeUnit};
use flexconnect_core::column::FromColumn;
use flexconnect_core::{Column, FromBatch, Table};
use support::rows::{batch, fault, round_trip, type_of};

#[derive(Table, Clone, Debug, PartialEq)]
struct Decimals {
    #[column(decimal32(9, 2))]
    small: i32,
    #[column(decimal64(18, 0))]
    middle: Option<u64>,
    #[column(decimal128(38, -3))]
    thousands: i128,
    #[column(decimal256(76, 76))]
    huge: i256,
    #[column(decimal(39, 1))]
    wide: i256,
    #[column(decimal256(50, 2))]
    exact: Option<i64>,
    #[column(decimal(38, 38))]
    biggest: u128,
    #[column(decimal(5, 1))]
    list: Vec<Option<i64>>,
}

fn decimals(sign: i8) -> Decimals {
    let most = i256::from_i128(10).checked_pow(76).unwrap().checked_sub(i256::ONE).unwrap();
    Decimals {
        small: i32::from(sign) * 999_999_999,
        middle: (sign > 0).then_some(10_u64.pow(18) - 1),
        thousands: i128::from(sign) * (10_i128.pow(38) - 1),
        huge: if sign < 0 { -most } else { most },
        wide: i256::from_i128(i128::from(sign)),
        exact: (sign != 0).then_some(if sign < 0 { i64::MIN } else { i64::MAX }),
        biggest: if sign > 0 { 10_u128.pow(38) - 1 } else { 0 },
        list: vec![None, Some(-99_999), Some(0)],
    }
}

#[test]
fn decimals_of_every_width() {
    let written = round_trip(&[decimals(1), decimals(0), decimals(-1)]);
    let types: Vec<_> = written.columns().iter().map(|column| column.data_type().to_string()).collect();
    assert_eq!(
        types[..7],
        [
            "Decimal32(9, 2)",
            "Decimal64(18, 0)",
            "Decimal128(38, -3)",
            "Decimal256(76, 76)",
            "Decimal256(39, 1)",
            "Decimal256(50, 2)",
            "Decimal128(38, 38)"
        ]
    );
    assert_eq!(written.column(0).as_primitive::<Decimal32Type>().value(2), -999_999_999);
    let small = fault([Decimals { small: 1_000_000_000, ..decimals(1) }]);
    assert!(
        small.contains("1000000000 has more than 9 digits, which is all that `decimal(9, 2)` holds"),
        "{small}"
    );
    let biggest = fault([decimals(0), Decimals { biggest: u128::MAX, ..decimals(1) }]);
    assert!(biggest.starts_with("row 1, column `biggest`: 3402"), "{biggest}");
    let list = fault([Decimals { list: vec![Some(100_000)], ..decimals(1) }]);
    assert!(list.contains("column `list.item`"), "{list}");
}

#[test]
fn decimals_are_read_from_every_width_of_a_smaller_scale() {
    #[derive(Table, Debug, PartialEq)]
    struct Wide {
        #[column(decimal256(60, 4))]
        small: i256,
        #[column(decimal(38, 4), rename = "middle")]
        number: Option<i64>,
    }
    let read = Wide::from_batch(&batch([Decimals { middle: Some(7), ..decimals(1) }, decimals(0)])).unwrap();
    assert_eq!(read[0], Wide { small: i256::from_i128(99_999_999_900), number: Some(70_000) });
    assert_eq!(read[1], Wide { small: i256::ZERO, number: None });
    let error = Wide::from_batch(&batch([decimals(1)])).map(|_| ()).unwrap_err().to_string();
    assert_eq!(error, "row 0, column `middle`: does not fit the field's type `i64` at scale 4");
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Cut {
    #[column(as = "Timestamp", unit = "s", tz = "UTC", truncate)]
    at: i64,
    #[column(as = "Timestamp", unit = "ms", truncate)]
    local: Option<i64>,
    #[column(as = "Time32", unit = "s", truncate)]
    time: i32,
    #[column(as = "Time64", truncate)]
    fine: i64,
    #[column(as = "Duration", unit = "s", truncate)]
    length: Vec<i64>,
    #[column(unit = "s", truncate)]
    system: SystemTime,
    #[column(truncate)]
    span: Duration,
}

#[test]
fn what_is_finer_than_the_unit_may_be_cut_off() {
    let row = |at: i64| Cut {
        at,
        local: (at > 0).then_some(at),
        time: 86_399,
        fine: 86_399_999_999,
        length: vec![at, -at],
        system: if at < 0 { UNIX_EPOCH - Duration::from_secs(1) } else { UNIX_EPOCH },
        span: Duration::from_micros(1),
    };
    let written = round_trip(&[row(0), row(-1), row(i64::MAX), row(i64::MIN + 1)]);
    assert_eq!(written.column(0).data_type(), &DataType::Timestamp(TimeUnit::Second, Some("UTC".into())));

    #[derive(Table, Debug, PartialEq)]
    struct Exact {
        #[column(as = "Timestamp", unit = "s")]
        at: i64,
    }
    #[derive(Table, Debug, PartialEq)]
    struct Seconds {
        #[column(as = "Timestamp", unit = "s", truncate)]
        at: i64,
    }
    let nanos = TimestampNanosecondArray::from(vec![1_999_999_999, 0, -1, i64::MIN]);
    let schema = Schema::new(vec![Field::new("at", nanos.data_type().clone(), false)]);
    let fine = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(nanos)]).unwrap();
    let read: Vec<i64> = Seconds::from_batch(&fine).unwrap().into_iter().map(|row| row.at).collect();
    assert_eq!(read, [1, 0, -1, -9_223_372_037]);
    let error = Exact::from_batch(&fine).unwrap_err().to_string();
    assert!(error.starts_with("row 0, column `at`: cannot be told exactly in seconds"), "{error}");
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Spans {
    #[column(as = "Interval(YearMonth)")]
    months: i32,
    days: IntervalDayTime,
    all: Option<IntervalMonthDayNano>,
    list: Vec<IntervalMonthDayNano>,
}

#[test]
fn intervals_are_three_numbers_of_which_none_is_the_other() {
    let row = |n: i32| Spans {
        months: n,
        days: IntervalDayTime::new(n, -5),
        all: (n != 0).then(|| IntervalMonthDayNano::new(n, -7, i64::MIN)),
        list: vec![IntervalMonthDayNano::new(0, 0, i64::MAX); n.unsigned_abs() as usize % 3],
    };
    let written = round_trip(&[row(0), row(i32::MAX), row(i32::MIN), row(-1)]);
    assert_eq!(written.column(2).data_type(), &DataType::Interval(IntervalUnit::MonthDayNano));

    #[derive(Table, Debug, PartialEq)]
    struct Other {
        #[column(rename = "days")]
        all: IntervalMonthDayNano,
        #[column(rename = "all")]
        days: Option<IntervalDayTime>,
    }
    let read = Other::from_batch(&batch([row(0)])).unwrap();
    assert_eq!(read[0], Other { all: IntervalMonthDayNano::new(0, 0, -5_000_000), days: None });
    let error = Other::from_batch(&batch([row(1)])).unwrap_err().to_string();
    assert_eq!(error, "row 0, column `all`: has parts that Interval(DayTime) cannot say");
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Interned {
    #[column(dictionary)]
    word: String,
    #[column(dictionary = "UInt8")]
    code: Option<i64>,
    #[column(dictionary = "Int16")]
    byte: u8,
    #[column(dictionary)]
    many: Vec<Option<u32>>,
}

#[test]
fn integers_in_dictionaries() {
    let row = |n: i64| Interned {
        word: format!("w{}", n % 2),
        code: (n % 3 != 0).then_some(if n % 2 == 0 { i64::MIN } else { i64::MAX }),
        byte: (n % 2) as u8 * 255,
        many: vec![None, Some(u32::MAX), Some(0), Some(u32::MAX)],
    };
    let rows: Vec<_> = (0..9).map(row).collect();
    let written = round_trip(&rows);
    assert_eq!(type_of::<Interned>("code"), "Dictionary(UInt8, Int64)");
    assert_eq!(written.column(2).as_any_dictionary().values().len(), 2);
    assert!(written.column(1).as_any_dictionary().values().len() <= 3);

    // Numbers are read from dictionaries and runs of every kind, whatever they are written as.
    #[derive(Table, Debug, PartialEq)]
    struct Plain {
        code: Option<i64>,
        byte: u16,
    }
    let read = Plain::from_batch(&written.slice(3, 4)).unwrap();
    let expected: Vec<_> =
        rows[3..7].iter().map(|row| Plain { code: row.code, byte: row.byte.into() }).collect();
    assert_eq!(read, expected);
    let read = Interned::from_batch(&{
        let words = DictionaryArray::<Int8Type>::from_iter(["x", "y"]);
        let codes: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None]));
        let bytes: ArrayRef = Arc::new(arrow_array::UInt8Array::from(vec![1, 2]));
        let many = written.column(3).slice(0, 2);
        let columns =
            [("word", Arc::new(words) as ArrayRef), ("code", codes), ("byte", bytes), ("many", many)];
        RecordBatch::try_from_iter(columns).unwrap()
    })
    .unwrap();
    assert_eq!((read[0].code, read[1].code, read[1].byte), (Some(1), None, 2));
}

#[derive(Column, Clone, Copy, Debug, PartialEq)]
enum Side {
    Buy,
    Sell,
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Constant {
    #[column(as = "RunEndEncoded")]
    word: String,
    #[column(as = "RunEndEncoded")]
    number: Option<i64>,
    #[column(as = "RunEndEncoded", unit = "ms")]
    at: Option<SystemTime>,
    #[column(as = "RunEndEncoded")]
    flag: bool,
    #[column(as = "RunEndEncoded")]
    side: Side,
    #[column(as = "RunEndEncoded", decimal(9, 2))]
    price: i64,
    #[column(as = "RunEndEncoded")]
    list: Vec<i32>,
}

#[test]
fn rows_in_a_row_share_a_value() {
    let row = |n: i64| Constant {
        word: ["", "größer 🦀"][n as usize / 4 % 2].to_owned(),
        number: [None, Some(i64::MIN), Some(0)][n as usize / 2 % 3],
        at: (n < 5).then_some(UNIX_EPOCH + Duration::from_millis(7)),
        flag: n == 3,
        side: if n < 6 { Side::Buy } else { Side::Sell },
        price: 5,
        list: vec![1; n as usize % 2],
    };
    let rows: Vec<_> = (0..10).map(row).collect();
    let written = round_trip(&rows);
    let words = written.column(0).as_any().downcast_ref::<RunArray<Int32Type>>().unwrap();
    assert_eq!(words.run_ends().values(), &[4, 8, 10]);
    let prices = written.column(5).as_any().downcast_ref::<RunArray<Int32Type>>().unwrap();
    assert_eq!(prices.values().len(), 1);
    let numbers = written.column(1).as_any().downcast_ref::<RunArray<Int32Type>>().unwrap();
    assert_eq!((numbers.values().len(), numbers.values().null_count()), (5, 2));
    assert!(written.schema().field(1).is_nullable() && !written.schema().field(0).is_nullable());
    assert_eq!(batch(Vec::<Constant>::new()).num_rows(), 0);
    #[derive(Table, Debug, PartialEq)]
    struct Plain {
        word: Box<str>,
        number: Option<i64>,
    }
    let read = Plain::from_batch(&written.slice(3, 3)).unwrap();
    let expected: Vec<_> =
        rows[3..6].iter().map(|row| Plain { word: row.word.as_str().into(), number: row.number }).collect();
    assert_eq!(read, expected);
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Tensors {
    #[column(tensor)]
    flat: [f32; 3],
    #[column(tensor)]
    grid: [[f64; 2]; 3],
    #[column(tensor)]
    cube: Option<[[[i16; 2]; 1]; 2]>,
    #[column(tensor)]
    deep: [[[[u32; 1]; 2]; 1]; 2],
    #[column(tensor(2, 2))]
    list: Vec<f32>,
}

#[test]
fn tensors_are_numbers_end_to_end() {
    let row = |x: f32| Tensors {
        flat: [x, -0.0, f32::INFINITY],
        grid: [[1.0, 2.0], [3.0, f64::MIN], [f64::MAX, 6.0]],
        cube: (x > 0.0).then_some([[[1, i16::MIN]], [[3, 4]]]),
        deep: [[[[1], [2]]], [[[3], [u32::MAX]]]],
        list: vec![x, x + 1.0, x + 2.0, x + 3.0],
    };
    let written = round_trip(&[row(0.0), row(1.5), row(-2.0)]);
    let schema = written.schema();
    let metadata = schema.field(1).metadata();
    assert_eq!(metadata["ARROW:extension:name"], "arrow.fixed_shape_tensor");
    assert_eq!(metadata["ARROW:extension:metadata"], r#"{"shape":[3,2]}"#);
    assert_eq!(schema.field(4).metadata()["ARROW:extension:metadata"], r#"{"shape":[2,2]}"#);
    let grid = written.column(1).as_fixed_size_list();
    assert_eq!(grid.value_length(), 6);
    assert_eq!(grid.value(1).as_primitive::<Float64Type>().values()[3..], [f64::MIN, f64::MAX, 6.0]);
    let short = fault([Tensors { list: vec![1.0], ..row(0.0) }]);
    assert!(short.contains("is a list of 1 items, and the column takes exactly 4"), "{short}");

    #[derive(Table, Debug)]
    #[allow(dead_code, reason = "read, not looked at")]
    struct Other {
        #[column(tensor)]
        grid: [[f64; 2]; 2],
    }
    let error = Other::from_batch(&written).unwrap_err().to_string();
    assert_eq!(error, "row 0, column `grid`: is a list of 6 items, and the tensor has 4");
}

type Many = (i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, bool, Option<char>);

#[derive(Table, Clone, Debug, PartialEq)]
struct Layouts {
    #[column(list)]
    pairs: BTreeMap<String, Option<i64>>,
    #[column(as = "LargeList", item = "pair")]
    hashed: Option<HashMap<u8, String>>,
    #[column(list)]
    bytes: [u8; 3],
    #[column(list)]
    any: Vec<u8>,
    #[column(item = "element")]
    array: [i32; 2],
    #[column(as = "LargeList")]
    deque: VecDeque<i64>,
    #[column(as = "ListView", item = "word")]
    words: BTreeSet<String>,
    #[column(as = "FixedSizeList(2)")]
    two: VecDeque<Option<bool>>,
    #[column(item = "one")]
    set: Option<HashSet<i8>>,
    never_zero: NonZero<u128>,
    #[column(decimal(20, 0))]
    never: Option<NonZero<i128>>,
    many: Many,
}

#[test]
fn containers_in_every_layout() {
    let empty = Layouts {
        pairs: BTreeMap::new(),
        hashed: None,
        bytes: [0, 255, 1],
        any: vec![],
        array: [i32::MIN, i32::MAX],
        deque: VecDeque::new(),
        words: BTreeSet::new(),
        two: VecDeque::from([None, Some(true)]),
        set: None,
        never_zero: NonZero::<u128>::MAX,
        never: None,
        many: (-1, -2, -3, -4, 5, 6, 7, 8, -0.0, f64::MIN, true, None),
    };
    let full = Layouts {
        pairs: BTreeMap::from([(String::new(), None), ("k \"q\"".to_owned(), Some(i64::MIN))]),
        hashed: Some(HashMap::from([(0, "zero".to_owned())])),
        any: vec![0, 128, 255],
        deque: VecDeque::from([1, 2, 3]),
        words: BTreeSet::from(["日本".to_owned(), String::new()]),
        set: Some(HashSet::from([i8::MIN])),
        never: NonZero::new(-1),
        many: (1, 2, 3, 4, 5, 6, 7, 8, 9.0, f64::MAX, false, Some('🦀')),
        ..empty.clone()
    };
    let written =
        round_trip(&[empty.clone(), full.clone(), Layouts { hashed: Some(HashMap::new()), ..empty }, full]);
    let pairs = type_of::<Layouts>("pairs");
    assert_eq!(pairs, r#"List(non-null Struct("key": non-null Utf8, "value": Int64))"#);
    assert!(
        type_of::<Layouts>("hashed").starts_with("LargeList(non-null Struct("),
        "{}",
        type_of::<Layouts>("hashed")
    );
    assert!(type_of::<Layouts>("hashed").ends_with(", field: 'pair')"), "{}", type_of::<Layouts>("hashed"));
    assert!(
        matches!(written.column(2).data_type(), DataType::FixedSizeList(item, 3) if item.data_type() == &DataType::UInt8)
    );
    assert!(
        matches!(written.column(4).data_type(), DataType::FixedSizeList(item, 2) if item.name() == "element")
    );
    assert!(matches!(written.column(6).data_type(), DataType::ListView(item) if item.name() == "word"));

    #[derive(Table, Debug, PartialEq)]
    struct AsMap {
        pairs: HashMap<String, Option<i64>>,
    }
    assert_eq!(AsMap::from_batch(&written).unwrap()[1].pairs.len(), 2);
}

#[derive(Table, Clone, Debug, PartialEq)]
#[table(bound = "T: Column + FromColumn + Clone")]
struct Bound<T> {
    one: T,
    maybe: Option<String>,
}

#[derive(Table, Clone, Debug, PartialEq)]
#[table(bound(write = "T: Column", read = "T: FromColumn"))]
struct Both<T> {
    one: T,
    list: Vec<i64>,
}

#[test]
fn bounds_can_be_chosen() {
    round_trip(&[Bound { one: 1_i64, maybe: None }, Bound { one: -1, maybe: Some(String::new()) }]);
    round_trip(&[Both { one: "x".to_owned(), list: vec![1] }, Both { one: String::new(), list: vec![] }]);
}

#[test]
fn a_generic_struct_is_flattened_where_it_is_used() {
    #[derive(Table, Clone, Debug, PartialEq)]
    #[table(primary_key(inner_id))]
    struct Around<T> {
        #[column(flatten(prefix = "inner_"))]
        inner: T,
        id: i64,
    }
    #[derive(Table, Clone, Debug, PartialEq)]
    struct Inner {
        id: i64,
    }
    let written =
        round_trip(&[Around { inner: Inner { id: 1 }, id: 2 }, Around { inner: Inner { id: 3 }, id: 4 }]);
    assert_eq!(written.schema().metadata()["flexconnect:primary_key"], r#"["inner_id"]"#);
}
