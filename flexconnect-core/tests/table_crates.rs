//! Types of other crates that are numbers, text, bytes or containers, each behind a feature of its crate's name.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(all(
    feature = "arrayvec",
    feature = "bigdecimal",
    feature = "bytes",
    feature = "compact_str",
    feature = "ecow",
    feature = "indexmap",
    feature = "json",
    feature = "ordered-float",
    feature = "rust_decimal",
    feature = "smallvec",
    feature = "smol_str",
    feature = "tinystr"
))]

mod support;

use arrayvec::ArrayVec;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_schema::DataType;
use bigdecimal::BigDecimal;
use bytes::Bytes;
use compact_str::CompactString;
use ecow::EcoString;
use flexconnect_core::table::BorrowColumns;
use flexconnect_core::{FromBatch, Table};
use indexmap::IndexMap;
use ordered_float::OrderedFloat;
use rust_decimal::Decimal;
use serde_json::value::RawValue;
use smallvec::{SmallVec, smallvec};
use smol_str::SmolStr;
use support::rows::{batch, fault, round_trip, type_of};
use tinystr::TinyAsciiStr;

#[derive(Table, Clone, Debug, PartialEq)]
#[table(strings = "LargeUtf8")]
struct Texts {
    smol: SmolStr,
    #[column(as = "Utf8View")]
    compact: Option<CompactString>,
    #[column(dictionary)]
    eco: EcoString,
    tiny: TinyAsciiStr<4>,
    many: Vec<SmolStr>,
    raw: Bytes,
    #[column(as = "BinaryView")]
    view: Option<Bytes>,
    blobs: Vec<Bytes>,
}

#[test]
fn text_and_bytes() {
    let row = |text: &str| Texts {
        smol: text.into(),
        compact: (!text.is_empty()).then(|| text.into()),
        eco: text.into(),
        tiny: "abcd".parse().unwrap(),
        many: vec![text.into(), "".into()],
        raw: Bytes::copy_from_slice(text.as_bytes()),
        view: text.is_empty().then(|| Bytes::from_static(&[0, 255])),
        blobs: vec![Bytes::new(), Bytes::copy_from_slice(text.as_bytes())],
    };
    let written =
        round_trip(&[row(""), row("größer 🦀, longer than any of them keeps inline"), row("\0\"'.")]);
    let types: Vec<_> = (0..4).map(|at| written.column(at).data_type().clone()).collect();
    assert_eq!(types[..2], [DataType::LargeUtf8, DataType::Utf8View]);
    assert_eq!(types[3], DataType::Utf8, "the struct's default is for types that are known to be text");
    assert_eq!(type_of::<Texts>("blobs"), "List(non-null Binary)");

    #[derive(Table, Debug)]
    #[allow(dead_code, reason = "read, not looked at")]
    struct Short {
        #[column(rename = "smol")]
        tiny: TinyAsciiStr<4>,
    }
    let error = Short::from_batch(&written).unwrap_err().to_string();
    assert!(error.starts_with("row 1, column `smol`: \"größer"), "{error}");
    assert!(error.ends_with("is not ASCII of at most 4 characters"), "{error}");
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Numbers {
    float: OrderedFloat<f64>,
    maybe: Option<OrderedFloat<f32>>,
    #[column(decimal(20, 2))]
    exact: BigDecimal,
    #[column(decimal(76, 38))]
    wide: Option<BigDecimal>,
    #[column(decimal32(9, 1), round)]
    rounded: BigDecimal,
    #[column(decimal64(18, 2), round)]
    money: Option<Decimal>,
    #[column(decimal256(76, 0))]
    large: Decimal,
    #[column(decimal(38, -2), round)]
    hundreds: Vec<Decimal>,
}

fn numbers(exact: &str) -> Numbers {
    Numbers {
        float: OrderedFloat(-0.0),
        maybe: None,
        exact: exact.parse().unwrap(),
        wide: Some("0.00000000000000000000000000000000000001".parse().unwrap()),
        rounded: "0".parse().unwrap(),
        money: Some("-1.25".parse().unwrap()),
        large: Decimal::MAX,
        hundreds: vec![Decimal::from(-1200), Decimal::ZERO],
    }
}

#[test]
fn decimals_and_floats() {
    let nines = "9".repeat(38);
    let wide = format!("-{nines}.{nines}");
    let rows = [
        numbers("-1.5"),
        numbers("999999999999999999.99"),
        Numbers { wide: Some(wide.parse().unwrap()), maybe: Some(OrderedFloat(f32::NAN)), ..numbers("0") },
        Numbers {
            wide: None,
            money: None,
            large: Decimal::MIN,
            float: OrderedFloat(f64::NAN),
            ..numbers("1e3")
        },
    ];
    let written = round_trip(&rows);
    assert_eq!(written.column(2).as_primitive::<Decimal128Type>().value(0), -150);
    assert_eq!(written.column(3).data_type(), &DataType::Decimal256(76, 38));
    assert_eq!(written.column(5).as_primitive::<Decimal64Type>().value(0), -125);
    assert_eq!(written.column(6).data_type(), &DataType::Decimal256(76, 0));
    for (exact, message) in [
        (
            "0.001",
            "0.001 does not fit `decimal(20, 2)`: it has more than 2 digits after the point, or more than 18 before",
        ),
        ("1000000000000000000", "does not fit `decimal(20, 2)`"),
        ("1e1000000", "1e+1000000 does not fit"),
        ("-1e-1000000", "-1E-1000000 does not fit"),
    ] {
        let fault = fault([numbers(exact)]);
        assert!(fault.contains(message), "{fault}");
    }
    batch([numbers("0e1000000"), numbers("0e-1000000"), numbers("1.500000")]);
    let long = fault([numbers(&"9".repeat(1000))]);
    assert!(long.contains("a number of many digits does not fit"), "{long}");
}

#[test]
fn digits_that_have_no_room_are_rounded_where_the_field_says_so() {
    let rounded = |number: &str| Numbers { rounded: number.parse().unwrap(), ..numbers("0") };
    let halves = ["0.05", "-0.05", "0.0499999999", "-0.15", "99999999.94", "1e-900", "-0.25"];
    let written = batch(halves.map(rounded));
    let values = written.column(4).as_primitive::<Decimal32Type>();
    assert_eq!(values.values(), &[1, -1, 0, -2, 999_999_999, 0, -3]);
    let over = fault([rounded("99999999.95")]);
    assert!(
        over.contains("does not fit `decimal(9, 1)`: it has more than 8 digits before the point"),
        "{over}"
    );

    let money = |text: &str| Numbers { money: Some(text.parse().unwrap()), ..numbers("0") };
    let halves = ["0.005", "-0.005", "0.00499999999999999999", "-1.995", "0.0000000000000000000000000001"];
    let written = batch(halves.map(money));
    let values = written.column(5).as_primitive::<Decimal64Type>();
    assert_eq!(values.values(), &[1, -1, 0, -200, 0]);
    let hundreds = Numbers { hundreds: vec![Decimal::from(149), Decimal::from(-150)], ..numbers("0") };
    let read = Numbers::from_batch(&batch([hundreds])).unwrap();
    assert_eq!(read[0].hundreds, [Decimal::from(100), Decimal::from(-200)]);
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Containers {
    small: SmallVec<[i64; 2]>,
    #[column(as = "LargeList", item = "element")]
    texts: Option<SmallVec<[String; 4]>>,
    array: ArrayVec<Option<u8>, 3>,
    #[column(as = "FixedSizeList(2)")]
    two: ArrayVec<i32, 8>,
    map: IndexMap<String, Option<f64>>,
    #[column(list)]
    listed: IndexMap<u8, Vec<i64>>,
}

#[test]
fn containers() {
    let empty = Containers {
        small: smallvec![],
        texts: None,
        array: ArrayVec::new(),
        two: [1, 2].into_iter().collect(),
        map: IndexMap::new(),
        listed: IndexMap::new(),
    };
    let full = Containers {
        small: smallvec![i64::MIN, 0, i64::MAX],
        texts: Some(smallvec![String::new(), "日本".to_owned()]),
        array: [None, Some(255), None].into_iter().collect(),
        map: IndexMap::from([("z".to_owned(), None), (String::new(), Some(-0.0))]),
        listed: IndexMap::from([(9, vec![]), (1, vec![1, 2])]),
        ..empty.clone()
    };
    let written = round_trip(&[empty.clone(), full.clone(), empty, full.clone()]);
    assert!(matches!(written.column(1).data_type(), DataType::LargeList(item) if item.name() == "element"));
    assert!(matches!(written.column(3).data_type(), DataType::FixedSizeList(_, 2)));
    assert!(matches!(written.column(4).data_type(), DataType::Map(_, false)));
    let short = fault([Containers { two: ArrayVec::new(), ..full }]);
    assert!(short.contains("is a list of 0 items, and the column takes exactly 2"), "{short}");

    #[derive(Table, Debug)]
    #[allow(dead_code, reason = "read, not looked at")]
    struct Narrow {
        array: ArrayVec<Option<u8>, 2>,
    }
    let error = Narrow::from_batch(&written).unwrap_err().to_string();
    assert_eq!(error, "row 1, column `array`: is a list of 3 items, and the field has room for 2");
}

#[derive(Table, Debug)]
struct Documents {
    raw: Box<RawValue>,
    maybe: Option<Box<RawValue>>,
}

#[derive(Table, Debug)]
struct Seen<'s> {
    raw: &'s RawValue,
    maybe: Option<&'s RawValue>,
}

#[test]
fn raw_documents_keep_their_text() {
    let text = r#"{"a" : [1.50, null],  "ü":"🦀"}"#;
    let raw = || RawValue::from_string(text.to_owned()).unwrap();
    let written =
        batch([Documents { raw: raw(), maybe: None }, Documents { raw: raw(), maybe: Some(raw()) }]);
    assert_eq!(written.column(0).as_string::<i32>().value(0), text);
    assert_eq!(written.schema().field(0).metadata()["ARROW:extension:name"], "arrow.json");
    let read = Documents::from_batch(&written.slice(1, 1)).unwrap();
    assert_eq!((read[0].raw.get(), read[0].maybe.as_ref().map(|raw| raw.get())), (text, Some(text)));
    let view = Seen::view(&written).unwrap();
    let rows: Vec<Seen<'_>> = view.rows().collect::<Result<_, _>>().unwrap();
    assert_eq!(
        (rows[1].raw.get(), rows[0].maybe.is_none(), rows[1].maybe.unwrap().get()),
        (text, true, text)
    );
    assert!(
        written.column(0).to_data().buffers()[1]
            .as_slice()
            .as_ptr_range()
            .contains(&rows[0].raw.get().as_ptr())
    );

    #[derive(Table)]
    struct Broken {
        raw: String,
    }
    let error = Documents::from_batch(&batch([Broken { raw: "{".to_owned() }])).unwrap_err().to_string();
    assert!(error.starts_with("row 0, column `raw`: is not the JSON of the field's type"), "{error}");
}
