//! Enums as columns: dictionaries, discriminants, and structs of what their variants hold.
#![allow(missing_docs, clippy::unwrap_used)]

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use flexconnect_core::record::{Accepts, RowBuffer};
use flexconnect_core::{Column, FromBatch, Record, Table};

#[derive(Column, Clone, Debug, PartialEq)]
#[column(repr)]
#[repr(i16)]
enum Level {
    Low = -1,
    High = 500,
}

#[derive(Column, Clone, Debug, PartialEq)]
#[column(tagged, tag = "kind", rename_all = "snake_case")]
enum Shape {
    Empty,
    Circle {
        radius: f64,
        name_of: Option<String>,
    },
    FreeForm(Vec<(i32, i32)>),
    #[column(rename = "at")]
    At(#[column(as = "Timestamp", unit = "s")] i64),
    Pair(String, Level),
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Row {
    level: Level,
    maybe: Option<Level>,
    shape: Shape,
    option: Option<Shape>,
    list: Vec<Shape>,
}

fn batch(rows: &[Row]) -> RecordBatch {
    let mut buffer = <Row as Record>::Buffer::new(None, 0).unwrap();
    rows.iter().for_each(|row| <Row as Accepts<Row>>::push(&mut buffer, row.clone()));
    let finished = buffer.finish().unwrap();
    assert!(finished.fault.is_none(), "{:?}", finished.fault);
    finished.batch
}

#[test]
fn enums_come_back_as_they_were() {
    let shapes = [
        Shape::Empty,
        Shape::Circle { radius: -0.0, name_of: None },
        Shape::Circle { radius: f64::MAX, name_of: Some("größer 🦀".to_owned()) },
        Shape::FreeForm(vec![]),
        Shape::FreeForm(vec![(1, i32::MIN), (0, 0)]),
        Shape::At(-86_400),
        Shape::Pair(String::new(), Level::High),
    ];
    let rows: Vec<Row> = shapes
        .iter()
        .enumerate()
        .map(|(at, shape)| Row {
            level: if at % 2 == 0 { Level::Low } else { Level::High },
            maybe: (at % 3 == 0).then_some(Level::High),
            shape: shape.clone(),
            option: (at % 2 == 0).then(|| shape.clone()),
            list: shapes[..at].to_vec(),
        })
        .collect();
    let written = batch(&rows);
    assert_eq!(Row::from_batch(&written).unwrap(), rows);
    assert_eq!(Row::from_batch(&written.slice(2, 3)).unwrap(), rows[2..5]);

    assert_eq!(written.column(0).as_primitive::<Int16Type>().values()[..2], [-1, 500]);
    let shape = written.column(2).as_struct();
    assert_eq!(shape.column_names(), ["kind", "circle", "free_form", "at", "pair"]);
    assert!(matches!(shape.column(0).data_type(), DataType::Dictionary(..)));
    assert_eq!(shape.column(1).null_count(), 5);
    assert_eq!(shape.column(1).as_struct().column_names(), ["radius", "name_of"]);
    assert!(matches!(shape.column(3).data_type(), DataType::Timestamp(..)));
    assert_eq!(written.column(3).null_count(), 3);
}

#[test]
fn a_discriminant_of_no_variant_is_a_fault() {
    #[derive(Table)]
    struct Plain {
        #[column(rename = "level")]
        number: i16,
    }
    #[derive(Table, Debug)]
    struct Levels {
        #[allow(dead_code, reason = "read, not looked at")]
        level: Level,
    }
    let mut buffer = <Plain as Record>::Buffer::new(None, 0).unwrap();
    for number in [500, 7] {
        <Plain as Accepts<Plain>>::push(&mut buffer, Plain { number });
    }
    let error = Levels::from_batch(&buffer.finish().unwrap().batch).unwrap_err().to_string();
    assert_eq!(error, "row 1, column `level`: 7 is the discriminant of no variant");
}

#[test]
fn lists_of_numbers_inside_variants_lie_end_to_end() {
    let shape = Shape::FreeForm(vec![(1, 2), (3, 4)]);
    let row = Row { level: Level::Low, maybe: None, shape: shape.clone(), option: None, list: vec![shape] };
    let written = batch(&[row.clone(), row]);
    let forms = written.column(2).as_struct().column(2).as_list::<i32>();
    let pairs = forms.values().as_struct();
    assert_eq!(pairs.column(1).as_primitive::<Int32Type>().values(), &[2, 4, 2, 4]);
}
