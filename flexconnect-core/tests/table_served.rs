//! Rows of every kind of column through the whole contract: limits, projections and filters cut them as they cut any.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{
    Column, CompareOp, Connector, FromBatch, Predicate, ReadRequest, Result, Rows, Table, Value,
};
use support::read;

#[derive(Column, Clone, Debug, PartialEq)]
enum Event {
    #[column(null)]
    Nothing,
    Number(i64),
    Text {
        text: String,
        size: Option<u8>,
    },
}

#[derive(Column, Clone, Debug, PartialEq)]
#[column(sparse)]
enum Sparse {
    One(f64),
    Many(Vec<Option<i32>>),
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Row {
    id: i64,
    event: Event,
    maybe: Option<Event>,
    events: Vec<Event>,
    sparse: Sparse,
    #[column(as = "RunEndEncoded")]
    run: Option<String>,
    #[column(as = "RunEndEncoded")]
    number: i32,
    #[column(dictionary = "Int8")]
    code: Option<i64>,
    #[column(decimal32(9, 2))]
    price: i64,
    #[column(tensor)]
    grid: [[f32; 2]; 2],
    #[column(list)]
    map: BTreeMap<String, i64>,
}

/// More than two batches of them.
const ROWS: i64 = 20_000;

fn row(id: i64) -> Row {
    let event = match id % 3 {
        0 => Event::Nothing,
        1 => Event::Number(-id),
        _ => Event::Text { text: format!("größer {id}"), size: (id % 2 == 0).then_some(7) },
    };
    Row {
        id,
        maybe: (id % 3 != 0).then(|| event.clone()),
        events: vec![event.clone(); (id % 4) as usize],
        event,
        sparse: if id % 2 == 0 { Sparse::One(id as f64) } else { Sparse::Many(vec![None, Some(id as i32)]) },
        run: (id / 1000 % 2 == 0).then(|| format!("run {}", id / 500)),
        number: (id / 100) as i32,
        code: (id % 5 != 0).then_some(id % 50),
        price: id,
        grid: [[id as f32, 0.0], [-0.0, 1.0]],
        map: BTreeMap::from([("k".to_owned(), id)]),
    }
}

struct Everything;

impl Connector for Everything {
    const NAME: &'static str = "everything";
    type Config = ();
    type Row = Row;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Everything)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Row> {
        Rows::iter((0..ROWS).map(row))
    }
}

fn rows(batches: &[RecordBatch]) -> Vec<Row> {
    batches.iter().flat_map(|batch| Row::from_batch(batch).unwrap()).collect()
}

#[test]
fn all_of_it_comes_through() {
    let batches = read::<Everything>(ReadRequest::new()).unwrap();
    assert!(batches.len() > 2);
    assert_eq!(rows(&batches), (0..ROWS).map(row).collect::<Vec<_>>());
}

#[test]
fn a_limit_and_a_filter_cut_every_column() {
    let limited = read::<Everything>(ReadRequest::new().with_limit(8200)).unwrap();
    assert_eq!(rows(&limited), (0..8200).map(row).collect::<Vec<_>>());
    let odd: Vec<i64> = (0..ROWS).filter(|id| id % 7 == 3).collect();
    let predicate = Predicate::In {
        column: "id".to_owned(),
        values: odd.iter().map(|id| Value::from(*id)).collect(),
        negated: false,
    };
    let filtered = read::<Everything>(ReadRequest::new().with_predicate(predicate)).unwrap();
    assert_eq!(rows(&filtered), odd.into_iter().map(row).collect::<Vec<_>>());
}

#[test]
fn filters_hold_on_runs_dictionaries_and_decimals() {
    let kept = |column: &str, op, value: Value| {
        let predicate = Predicate::compare(column, op, value);
        let request = ReadRequest::new().with_predicate(predicate).with_projection(["id", "event", "sparse"]);
        let batches = read::<Everything>(request).unwrap();
        #[derive(Table, Debug, PartialEq)]
        struct Kept {
            id: i64,
            event: Event,
            sparse: Sparse,
        }
        let kept: Vec<Kept> = batches.iter().flat_map(|batch| Kept::from_batch(batch).unwrap()).collect();
        for kept in &kept {
            let whole = row(kept.id);
            assert_eq!((&kept.event, &kept.sparse), (&whole.event, &whole.sparse));
        }
        kept.into_iter().map(|kept| kept.id).collect::<Vec<_>>()
    };
    let ids = |keep: fn(&i64) -> bool| (0..ROWS).filter(keep).collect::<Vec<_>>();
    assert_eq!(kept("run", CompareOp::Eq, "run 4".into()), ids(|id| id / 500 == 4));
    assert_eq!(kept("number", CompareOp::GtEq, 198_i64.into()), ids(|id| id / 100 >= 198));
    assert_eq!(kept("code", CompareOp::Eq, 49_i64.into()), ids(|id| id % 50 == 49));
    assert_eq!(kept("price", CompareOp::Lt, Value::from(0.05)), [0, 1, 2, 3, 4]);
}
