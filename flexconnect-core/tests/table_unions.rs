//! Enums with data as unions, dense and sparse, written and read back value by value.
#![allow(missing_docs, clippy::unwrap_used)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, UnionArray};
use arrow_schema::{DataType, Field, Schema, UnionFields, UnionMode};
use flexconnect_core::record::{Accepts, Finished, RowBuffer};
use flexconnect_core::table::BorrowColumns;
use flexconnect_core::{Column, FromBatch, Table};

fn finish<R: Accepts<T>, T>(rows: impl IntoIterator<Item = T>) -> Finished {
    let mut buffer = R::Buffer::new(None, 0).unwrap();
    rows.into_iter().for_each(|row| R::push(&mut buffer, row));
    buffer.finish().unwrap()
}

fn batch<R: Accepts<T>, T>(rows: impl IntoIterator<Item = T>) -> RecordBatch {
    let finished = finish::<R, T>(rows);
    assert!(finished.fault.is_none(), "{:?}", finished.fault);
    finished.batch
}

#[derive(Column, Clone, Debug, PartialEq)]
enum Inner {
    Low,
    #[column(tag = 7, alias = "old")]
    Number(i64),
    Text(String),
}

#[derive(Column, Clone, Debug, PartialEq)]
#[column(rename_all = "snake_case")]
enum Event {
    #[column(null)]
    Nothing,
    Started {
        #[column(unit = "ms", rename = "the time")]
        at: std::time::Duration,
        by: Option<String>,
    },
    Moved(f64, Vec<Option<i32>>),
    #[column(rename = "in ner")]
    Inner(Inner),
    Many(Vec<Inner>),
    Maybe(Option<bool>),
    Parsed {
        #[column(display)]
        address: std::net::SocketAddr,
        #[column(skip)]
        memo: u8,
        #[column(json)]
        json: BTreeMap<String, i32>,
    },
}

#[derive(Column, Clone, Debug, PartialEq)]
#[column(sparse)]
enum Sparse {
    Whole(i64),
    Part {
        of: String,
        size: Option<u8>,
    },
    #[column(null, tag = 100)]
    None,
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Row {
    event: Event,
    maybe: Option<Event>,
    list: Vec<Event>,
    options: Vec<Option<Sparse>>,
    sparse: Sparse,
    boxed: Box<Inner>,
    keyed: BTreeMap<String, Inner>,
    pair: (Inner, Option<Sparse>),
}

fn events() -> Vec<Event> {
    vec![
        Event::Nothing,
        Event::Started { at: std::time::Duration::from_millis(u64::MAX >> 12), by: None },
        Event::Started { at: std::time::Duration::ZERO, by: Some("größer 🦀".to_owned()) },
        Event::Moved(-0.0, vec![]),
        Event::Moved(f64::NEG_INFINITY, vec![None, Some(i32::MIN)]),
        Event::Inner(Inner::Low),
        Event::Inner(Inner::Number(i64::MIN)),
        Event::Inner(Inner::Text(String::new())),
        Event::Many(vec![]),
        Event::Many(vec![Inner::Text("x".to_owned()), Inner::Low, Inner::Number(0)]),
        Event::Maybe(None),
        Event::Maybe(Some(true)),
        Event::Parsed {
            address: "[::1]:80".parse().unwrap(),
            memo: 0,
            json: BTreeMap::from([("a \"b\"".to_owned(), -1)]),
        },
    ]
}

fn rows() -> Vec<Row> {
    let sparse = [
        Sparse::Whole(i64::MAX),
        Sparse::Part { of: String::new(), size: None },
        Sparse::Part { of: "日本".to_owned(), size: Some(255) },
        Sparse::None,
    ];
    let inner = [Inner::Low, Inner::Number(-1), Inner::Text("\0".to_owned())];
    let events = events();
    let row = |(at, event): (usize, &Event)| Row {
        event: event.clone(),
        maybe: (at > 0).then(|| event.clone()),
        list: events[..at].to_vec(),
        options: (0..at % 5)
            .map(|place| Some(sparse[place % 4].clone()).filter(|value| *value != Sparse::None))
            .collect(),
        sparse: sparse[at % 4].clone(),
        boxed: Box::new(inner[at % 3].clone()),
        keyed: (0..at % 4).map(|key| (key.to_string(), inner[key % 3].clone())).collect(),
        pair: (inner[(at + 1) % 3].clone(), (at % 2 == 0).then(|| sparse[at % 3].clone())),
    };
    events.iter().enumerate().map(row).collect()
}

#[test]
fn unions_come_back_as_they_were() {
    let rows = rows();
    let written = batch::<Row, _>(rows.clone());
    assert_eq!(Row::from_batch(&written).unwrap(), rows);
    for (from, count) in [(0, 0), (1, 1), (5, 4), (12, 1)] {
        assert_eq!(Row::from_batch(&written.slice(from, count)).unwrap(), rows[from..from + count]);
    }
    Row::check_schema(&written.schema()).unwrap();
    let twice = batch::<Row, _>(rows.iter().chain(&rows).cloned());
    assert_eq!(Row::from_batch(&twice.slice(rows.len(), rows.len())).unwrap(), rows);
}

#[test]
fn a_union_has_a_child_for_each_variant() {
    let written = batch::<Row, _>(rows());
    let DataType::Union(fields, UnionMode::Dense) = written.column(0).data_type() else { panic!("dense") };
    let names: Vec<_> = fields.iter().map(|(id, field)| (id, field.name().as_str())).collect();
    let expected = ["nothing", "started", "moved", "in ner", "many", "maybe", "parsed"];
    assert_eq!(names, (0..).zip(expected).collect::<Vec<_>>());
    let union = written.column(0).as_any().downcast_ref::<UnionArray>().unwrap();
    assert_eq!(union.child(0).data_type(), &DataType::Null);
    assert_eq!(union.child(1).as_struct().column_names(), ["the time", "by"]);
    assert_eq!(union.child(2).as_struct().column_names(), ["0", "1"]);
    assert_eq!(union.child(2).len(), 2, "a dense union holds the values there are");
    assert_eq!(union.child(6).as_struct().column_names(), ["address", "json"]);

    let DataType::Union(fields, UnionMode::Sparse) = written.column(4).data_type() else { panic!("sparse") };
    assert_eq!(fields.iter().map(|(id, _)| id).collect::<Vec<_>>(), [0, 1, 100]);
    let DataType::Union(fields, _) = written.column(5).data_type() else { panic!("a box is what it holds") };
    let ids: Vec<_> = fields.iter().map(|(id, field)| (id, field.name().as_str())).collect();
    assert_eq!(ids, [(0, "Low"), (7, "Number"), (1, "Text")]);
    assert!(written.schema().field(1).is_nullable());
}

#[test]
fn unions_are_read_by_the_names_of_their_variants() {
    #[derive(Table, Debug, PartialEq)]
    struct Inners {
        inner: Inner,
    }
    let ids = vec![3_i8, 9, 3].into();
    let fields = UnionFields::try_new(
        [9, 3, 5],
        [
            Field::new("Text", DataType::Utf8, true),
            Field::new("old", DataType::Int64, false),
            Field::new("Later", DataType::Float64, false),
        ],
    )
    .unwrap();
    let sparse = |ids| {
        let children: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec![None, Some("t"), None])),
            Arc::new(Int64Array::from(vec![1, 2, 3])),
            Arc::new(arrow_array::Float64Array::from(vec![0.0; 3])),
        ];
        let union = UnionArray::try_new(fields.clone(), ids, None, children).unwrap();
        let schema = Schema::new(vec![Field::new("inner", union.data_type().clone(), false)]);
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(union)]).unwrap()
    };
    let read = Inners::from_batch(&sparse(ids)).unwrap();
    let expected = [Inner::Number(1), Inner::Text("t".to_owned()), Inner::Number(3)];
    assert_eq!(read.into_iter().map(|row| row.inner).collect::<Vec<_>>(), expected);

    let error = Inners::from_batch(&sparse(vec![3, 5, 3].into())).unwrap_err().to_string();
    assert_eq!(error, "row 1, column `inner`: is `Later`, which is none of the variants of the field's type");
    let error = Inners::from_batch(&sparse(vec![9, 3, 3].into())).unwrap_err().to_string();
    assert!(error.starts_with("row 0, column `inner.Text`: is null"), "{error}");

    let numbers = Schema::new(vec![Field::new("inner", DataType::Int64, false)]);
    let error = Inners::check_schema(&numbers).unwrap_err().to_string();
    assert!(error.contains("column `inner` is Int64, it should be Union(Dense"), "{error}");
}

#[test]
fn a_column_of_nothing_is_every_none() {
    #[derive(Table, Debug)]
    struct Options {
        event: Option<Sparse>,
    }
    let schema = Schema::new(vec![Field::new("event", DataType::Null, true)]);
    let nulls = Arc::new(arrow_array::NullArray::new(2));
    let batch = RecordBatch::try_new(Arc::new(schema), vec![nulls]).unwrap();
    assert!(Options::from_batch(&batch).unwrap().iter().all(|row| row.event.is_none()));
}

#[test]
fn a_value_that_does_not_fit_names_its_variant_and_row() {
    let long = Event::Started { at: std::time::Duration::MAX, by: None };
    let row = |event: &Event| Row { event: event.clone(), ..rows()[0].clone() };
    let finished = finish::<Row, _>([row(&Event::Nothing), row(&Event::Maybe(None)), row(&long)]);
    let fault = finished.fault.unwrap().to_string();
    assert!(fault.starts_with("row 2, column `event.started.the time`: is longer than"), "{fault}");
    assert_eq!(finished.batch.num_rows(), 2, "the rows before it are delivered");
}

#[derive(Column, Clone, Debug, PartialEq)]
enum Seen<'s> {
    Text(&'s str),
    Both {
        name: Cow<'s, str>,
        raw: Option<&'s [u8]>,
        count: i64,
    },
    #[column(null)]
    Nothing,
    Owned(Inner),
}

#[derive(Column, Clone, Debug, PartialEq)]
#[column(tagged)]
enum Told<'s> {
    Text(&'s str),
    Pair(Option<&'s str>, i64),
    Nothing,
}

#[derive(Table, Clone, Debug, PartialEq)]
pub struct Line<'l> {
    id: i64,
    seen: Seen<'l>,
    maybe: Option<Seen<'l>>,
    told: Option<Told<'l>>,
}

#[test]
fn an_enum_that_borrows_is_its_own_view() {
    let text = |text: &'static str| Seen::Text(text);
    let both = Seen::Both { name: "n".into(), raw: Some(&[1, 2]), count: -1 };
    let lines = [
        Line { id: 0, seen: text("ä 🦀"), maybe: None, told: None },
        Line { id: 1, seen: both.clone(), maybe: Some(text("")), told: Some(Told::Pair(None, 3)) },
        Line { id: 2, seen: Seen::Nothing, maybe: Some(both), told: Some(Told::Text("told")) },
        Line { id: 3, seen: Seen::Owned(Inner::Low), maybe: None, told: Some(Told::Nothing) },
    ];
    let batch = batch::<Line<'static>, _>(lines.clone());
    let view = Line::view(&batch).unwrap();
    let read: Vec<Line<'_>> = view.rows().collect::<Result<_, _>>().unwrap();
    assert_eq!(read, lines);
    let union = batch.column(1).as_any().downcast_ref::<UnionArray>().unwrap();
    let bytes = union.child(0).to_data().buffers()[1].as_slice().as_ptr_range();
    assert!(
        matches!(read[0].seen, Seen::Text(text) if bytes.contains(&text.as_ptr())),
        "it lies in the batch"
    );
    let middle = batch.slice(1, 2);
    let view = Line::view(&middle).unwrap();
    assert_eq!(view.rows::<Line<'_>>().collect::<Result<Vec<_>, _>>().unwrap(), lines[1..3]);
}

#[test]
fn numbers_of_a_variant_lie_end_to_end() {
    let written = batch::<Row, _>(rows());
    let union = written.column(0).as_any().downcast_ref::<UnionArray>().unwrap();
    let inner = union.child(3).as_any().downcast_ref::<UnionArray>().unwrap();
    assert_eq!(inner.child(7).as_primitive::<Int64Type>().values(), &[i64::MIN]);
}
