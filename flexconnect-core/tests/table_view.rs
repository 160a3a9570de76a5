//! Borrowed rows: `struct Row<'a>`, and the view `#[table(view)]` makes.
#![allow(missing_docs, clippy::unwrap_used)]

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::{DictionaryArray, Int64Array, RecordBatch, StringArray, StringViewArray, types::Int8Type};
use arrow_schema::{DataType, Field, Schema};
use flexconnect_core::record::{Accepts, RowBuffer};
use flexconnect_core::table::BorrowColumns;
use flexconnect_core::{Column, Table};

fn batch<R: Accepts<T>, T>(rows: impl IntoIterator<Item = T>) -> RecordBatch {
    let mut buffer = R::Buffer::new(None, 0).unwrap();
    rows.into_iter().for_each(|row| R::push(&mut buffer, row));
    let finished = buffer.finish().unwrap();
    assert!(finished.fault.is_none(), "{:?}", finished.fault);
    finished.batch
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Spot<'s> {
    name: &'s str,
    height: Option<f64>,
}

#[derive(Table, Clone, Debug, PartialEq)]
struct Line<'a> {
    id: i64,
    text: &'a str,
    maybe: Option<&'a str>,
    cow: Cow<'a, str>,
    bytes: &'a [u8],
    fixed: &'a [u8; 2],
    numbers: &'a [i32],
    lists: Option<&'a [f64]>,
    spot: Spot<'a>,
    #[column(default)]
    later: Option<&'a str>,
    #[column(skip)]
    memo: u8,
}

#[test]
fn a_row_that_borrows_is_its_own_view() {
    let line = |text: &'static str, id: i64| Line {
        id,
        text,
        maybe: (id > 0).then_some(text),
        cow: Cow::Borrowed(text),
        bytes: text.as_bytes(),
        fixed: &[7, 8],
        numbers: &[i32::MIN, 0, i32::MAX][..(id as usize).min(3)],
        lists: (id != 1).then_some(&[-0.0, f64::MAX]),
        spot: Spot { name: text, height: (id > 1).then_some(3.5) },
        later: Some("now"),
        memo: 0,
    };
    let lines = [line("", 0), line("ä 🦀", 1), line("a text longer than twelve bytes", 2), line("x", 3)];
    let batch = batch::<Line<'static>, _>(lines.clone());
    let view = Line::view(&batch).unwrap();
    assert_eq!(view.len(), 4);
    let read: Vec<Line<'_>> = view.rows().collect::<Result<_, _>>().unwrap();
    assert_eq!(read, lines);
    // What is read lies in the batch itself.
    let bytes = batch.column(1).to_data().buffers()[1].as_slice().as_ptr_range();
    assert!(bytes.contains(&read[2].text.as_ptr()));
    assert!(matches!(read[2].cow, Cow::Borrowed(_)));

    let middle = batch.slice(1, 2);
    let view = Line::view(&middle).unwrap();
    assert_eq!(view.rows::<Line<'_>>().collect::<Result<Vec<_>, _>>().unwrap(), lines[1..3]);

    let mut names: Vec<usize> = (0..10).collect();
    names.remove(9);
    let older = batch.project(&names).unwrap();
    let view = Line::view(&older).unwrap();
    assert!(view.rows::<Line<'_>>().all(|line| line.unwrap().later.is_none()));
}

#[derive(Column, Clone, Debug, PartialEq)]
enum Side {
    Buy,
    Sell,
}

mod market {
    use flexconnect_core::Table;

    use super::Side;

    /// A public table of private columns.
    #[derive(Table, Clone, Debug, PartialEq)]
    #[table(view = "TradeRef", name = "trades")]
    pub(crate) struct Trade {
        pub(crate) id: u64,
        pub(crate) symbol: String,
        pub(crate) note: Option<String>,
        pub(crate) raw: Vec<u8>,
        pub(crate) prices: Vec<f64>,
        pub(crate) tags: Vec<String>,
        pub(crate) notes: Option<Vec<Vec<Option<String>>>>,
        pub(crate) shared: std::sync::Arc<str>,
        pub(crate) side: Side,
        #[column(rename = "the json", json)]
        pub(crate) json: Vec<u8>,
    }
}

#[test]
fn a_view_borrows_what_the_struct_owns() {
    use market::{Trade, TradeRef};

    let trade = |id: u64| Trade {
        id,
        symbol: format!("S{id}"),
        note: (id > 1).then(|| "noted".to_owned()),
        raw: vec![id as u8; 3],
        prices: vec![id as f64; id as usize],
        tags: vec!["t".to_owned(), "größer 🦀".to_owned()],
        notes: (id > 1).then(|| vec![vec![], vec![None, Some("inner".to_owned())]]),
        shared: "shared".into(),
        side: if id == 1 { Side::Buy } else { Side::Sell },
        json: vec![1, 2],
    };
    let batch = batch::<Trade, _>([trade(1), trade(2)]);
    let view = TradeRef::view(&batch).unwrap();
    let rows: Vec<TradeRef<'_>> = view.rows().collect::<Result<_, _>>().unwrap();
    let (symbol, note, shared): (&str, Option<&str>, &str) = (rows[1].symbol, rows[1].note, rows[1].shared);
    assert_eq!((rows[1].id, symbol, note, shared), (2, "S2", Some("noted"), "shared"));
    assert_eq!((rows[0].raw, rows[1].prices), (&[1_u8, 1, 1][..], &[2.0, 2.0][..]));
    assert_eq!((&rows[0].side, &rows[0].json[..]), (&Side::Buy, &[1, 2][..]));
    assert_eq!(rows[0].tags.clone().collect::<Vec<&str>>(), ["t", "größer 🦀"]);
    assert!(rows[0].notes.is_none());
    let notes: Vec<Vec<_>> = rows[1].notes.clone().unwrap().map(Iterator::collect).collect();
    assert_eq!(notes, [vec![], vec![None, Some("inner")]]);
    assert_eq!(
        format!("{:?} {:?}", rows[1].notes, rows[1].tags),
        "Some([[], [None, Some(\"inner\")]]) [\"t\", \"größer 🦀\"]"
    );
    fn goes_anywhere<T: Send + Sync>(_: &T) {}
    goes_anywhere(&rows);
    // A borrowed row can be written again, with all its lists.
    let again = crate::batch::<TradeRef<'static>, _>(rows);
    assert_eq!(again, batch);
    assert_eq!(<TradeRef<'_> as BorrowColumns<'_>>::NAME, "trades");
    assert_eq!(<TradeRef<'static> as Table>::schema(), <Trade as Table>::schema());
}

#[test]
fn a_view_reads_every_layout_and_lists_what_does_not_fit() {
    let dictionary: DictionaryArray<Int8Type> = ["b", "a", "b"].into_iter().collect();
    let schema = Schema::new(vec![
        Field::new("name", dictionary.data_type().clone(), false),
        Field::new("height", DataType::Null, true),
    ]);
    use arrow_array::Array;
    let nulls = Arc::new(arrow_array::NullArray::new(3));
    let batch = RecordBatch::try_new(schema.into(), vec![Arc::new(dictionary), nulls]).unwrap();
    let view = Spot::view(&batch).unwrap();
    let names: Vec<&str> = view.rows::<Spot<'_>>().map(|spot| spot.unwrap().name).collect();
    assert_eq!(names, ["b", "a", "b"]);

    let schema = Schema::new(vec![
        Field::new("name", DataType::Utf8View, true),
        Field::new("height", DataType::Utf8, true),
    ]);
    let names = StringViewArray::from(vec![Some("x"), None]);
    let batch = RecordBatch::try_new(
        Arc::new(schema),
        vec![Arc::new(names.clone()), Arc::new(StringArray::from(vec!["1", "2"]))],
    )
    .unwrap();
    let error = Spot::view(&batch).unwrap_err().to_string();
    assert!(error.contains("column `height` is Utf8, it should be Float64"), "{error}");

    let schema = Schema::new(vec![Field::new("name", DataType::Utf8View, true)]);
    let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(names)]).unwrap();
    let view = Spot::view(&batch).unwrap();
    let rows: Vec<_> = view.rows::<Spot<'_>>().collect();
    assert_eq!(rows[0].as_ref().unwrap(), &Spot { name: "x", height: None });
    assert!(rows[1].as_ref().unwrap_err().to_string().starts_with("row 1, column `name`: is null"));

    let numbers = Schema::new(vec![Field::new("id", DataType::Int64, false)]);
    let batch = RecordBatch::try_new(Arc::new(numbers), vec![Arc::new(Int64Array::from(vec![1]))]).unwrap();
    let error = Line::view(&batch).unwrap_err().to_string();
    assert!(error.contains("column `text` is missing") && error.contains("there are `id` Int64"), "{error}");
}

mod shop {
    use flexconnect_core::{Column, Table};

    #[derive(Column, Clone, Debug, PartialEq)]
    enum Size {
        Small,
        Large,
    }

    #[derive(Column, Clone, Debug, PartialEq)]
    struct Grams(u32);

    /// Public, of columns whose types are not.
    #[derive(Table, Clone, Debug, PartialEq)]
    pub(crate) struct Parcel<'p> {
        pub(crate) to: &'p str,
        size: Size,
        weights: Vec<Option<Grams>>,
        #[column(flatten(prefix = "at_"))]
        pub(crate) spot: super::Spot<'p>,
    }

    impl<'p> Parcel<'p> {
        pub(crate) fn new(to: &'p str, weight: u32) -> Self {
            let size = if weight < 1000 { Size::Small } else { Size::Large };
            let spot = super::Spot { name: to, height: (weight > 7).then_some(0.5) };
            Parcel { to, size, weights: vec![Some(Grams(weight)), None], spot }
        }
    }
}

#[test]
fn a_public_row_keeps_the_types_of_its_columns_to_itself() {
    use shop::Parcel;

    let parcels = [Parcel::new("Graz", 7), Parcel::new("", 4000), Parcel::new("größer 🦀", 0)];
    let batch = batch::<Parcel<'static>, _>(parcels.clone());
    let names: Vec<_> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, ["to", "size", "weights", "at_name", "at_height"]);
    let view = Parcel::view(&batch).unwrap();
    let read: Vec<Parcel<'_>> = view.rows().collect::<Result<_, _>>().unwrap();
    assert_eq!(read, parcels);
    let bytes = batch.column(3).to_data().buffers()[1].as_slice().as_ptr_range();
    assert!(bytes.contains(&read[2].spot.name.as_ptr()), "a flattened struct borrows too");

    let error = Parcel::view(&batch.project(&[0, 1, 2, 4]).unwrap()).unwrap_err().to_string();
    assert!(error.contains("column `at_name` is missing"), "{error}");
}
