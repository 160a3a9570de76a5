//! Types of other crates, each behind a feature.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(all(feature = "half", feature = "rust_decimal", feature = "url", feature = "uuid"))]

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_schema::DataType;
use flexconnect_core::record::{Accepts, RowBuffer};
use flexconnect_core::{FromBatch, Record, Table};
use half::f16;
use rust_decimal::Decimal;
use url::Url;
use uuid::Uuid;

#[derive(Table, Clone, Debug, PartialEq)]
struct Row {
    id: Uuid,
    #[column(as = "Utf8")]
    text_id: Option<Uuid>,
    #[column(decimal(20, 4))]
    price: Decimal,
    half: f16,
    #[column(as = "Float64")]
    wide: Option<f16>,
    url: Url,
    #[column(dictionary)]
    host: Option<Url>,
}

fn row(price: &str) -> Row {
    Row {
        id: Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef),
        text_id: Some(Uuid::max()),
        price: price.parse().unwrap(),
        half: f16::MIN,
        wide: Some(f16::from_f32(0.5)),
        url: "https://example.org/a%20b?q=1".parse().unwrap(),
        host: Some("ftp://host/".parse().unwrap()),
    }
}

#[test]
fn values_of_other_crates_come_back() {
    let rows = [
        row("-1.5"),
        row("0.0001"),
        Row { text_id: None, wide: None, host: None, ..row("9999999999999999") },
    ];
    let mut buffer = <Row as Record>::Buffer::new(None, 0).unwrap();
    rows.iter().for_each(|row| <Row as Accepts<Row>>::push(&mut buffer, row.clone()));
    let batch = buffer.finish().unwrap().batch;
    assert_eq!(Row::from_batch(&batch).unwrap(), rows);
    assert_eq!(batch.schema().field(0).metadata()["ARROW:extension:name"], "arrow.uuid");
    assert_eq!(batch.column(0).data_type(), &DataType::FixedSizeBinary(16));
    assert_eq!(batch.column(1).as_string::<i32>().value(0), "ffffffff-ffff-ffff-ffff-ffffffffffff");
    assert_eq!(batch.column(2).as_primitive::<Decimal128Type>().value(0), -15_000);
    assert_eq!(batch.column(3).data_type(), &DataType::Float16);
}

#[test]
fn a_decimal_is_never_rounded() {
    for price in ["0.00001", "99999999999999999"] {
        let mut buffer = <Row as Record>::Buffer::new(None, 0).unwrap();
        <Row as Accepts<Row>>::push(&mut buffer, row(price));
        let fault = buffer.finish().unwrap().fault.unwrap().to_string();
        assert!(fault.contains("does not fit `decimal(20, 4)`"), "{fault}");
    }
    let mut buffer = <Row as Record>::Buffer::new(None, 0).unwrap();
    <Row as Accepts<Row>>::push(&mut buffer, row("1.500000"));
    assert!(buffer.finish().unwrap().fault.is_none());
}
