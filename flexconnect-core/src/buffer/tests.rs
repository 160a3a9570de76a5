//! Random rows against a safe twin: vectors of values, made into arrays by Arrow's own checked constructors.
//!
//! Few rows, so that they can run under valgrind too:
//! `valgrind --error-exitcode=1 target/debug/deps/flexconnect_core-* buffer::tests`.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::types::{BinaryType, Int32Type, Int64Type, LargeUtf8Type, Utf8Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, FixedSizeBinaryArray, Int32Array, Int64Array,
    LargeStringArray, ListArray, StringArray,
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field};

use super::*;

/// What one row of the test holds.
#[derive(Clone, Debug)]
struct Row {
    number: i64,
    maybe: Option<i32>,
    flag: Option<bool>,
    text: Option<String>,
    long: String,
    bytes: Vec<u8>,
    fixed: [u8; 3],
    items: Option<Vec<Option<i32>>>,
    numbers: Vec<i64>,
    pair: [i32; 2],
}

type Columns10 = (
    PrimitiveBuffer<Int64Type>,
    Nullable<PrimitiveBuffer<Int32Type>>,
    Nullable<BooleanBuffer>,
    Nullable<BytesBuffer<Utf8Type>>,
    BytesBuffer<LargeUtf8Type>,
    BytesBuffer<BinaryType>,
    FixedBytesBuffer<3>,
    Nullable<ListBuffer<Nullable<PrimitiveBuffer<Int32Type>>>>,
    ListBuffer<PrimitiveBuffer<Int64Type>>,
    FixedListBuffer<PrimitiveBuffer<Int32Type>, 2>,
);

fn random_text(random: &mut fastrand::Rng, longest: usize) -> String {
    let letters = ['a', 'ß', '日', '🦀', '\0', ' '];
    (0..random.usize(0..=longest)).map(|_| letters[random.usize(..letters.len())]).collect()
}

fn random_row(random: &mut fastrand::Rng) -> Row {
    let maybe = |random: &mut fastrand::Rng| (random.u8(..) > 80).then(|| random.i32(..));
    Row {
        number: random.i64(..),
        maybe: maybe(random),
        flag: (random.u8(..) > 60).then(|| random.bool()),
        text: (random.u8(..) > 60).then(|| random_text(random, 12)),
        long: random_text(random, 60),
        bytes: (0..random.usize(0..70)).map(|_| random.u8(..)).collect(),
        fixed: [random.u8(..), 0, 255],
        items: (random.u8(..) > 60).then(|| (0..random.usize(0..5)).map(|_| maybe(random)).collect()),
        numbers: (0..random.usize(0..40)).map(|_| random.i64(..)).collect(),
        pair: [random.i32(..), random.i32(..)],
    }
}

fn push(slot: Slot<'_, Columns10>, row: &Row) {
    let (number, maybe, flag, text, long, bytes, fixed, items, numbers, pair) = slot.split();
    number.push(row.number);
    maybe.push_option(row.maybe);
    flag.push_option(row.flag);
    match &row.text {
        Some(value) if value.len() % 2 == 0 => text.some().push(value),
        Some(value) => text.some().write(|text| write!(text, "{value}")),
        None => text.none(),
    }
    long.push(&row.long);
    bytes.push(&row.bytes);
    fixed.push(&row.fixed);
    match &row.items {
        Some(values) => items.some().push_items(values.len(), |slots| {
            slots.fill(values, |value, slot| slot.push_option(*value));
        }),
        None => items.none(),
    }
    numbers.push_items(row.numbers.len(), |slots| slots.extend(&row.numbers));
    pair.push_items(|slots| slots.extend(&row.pair));
}

fn fields() -> Vec<arrow_schema::FieldRef> {
    let item = |data_type, nullable| Arc::new(Field::new("item", data_type, nullable));
    let types = [
        (DataType::Int64, false),
        (DataType::Int32, true),
        (DataType::Boolean, true),
        (DataType::Utf8, true),
        (DataType::LargeUtf8, false),
        (DataType::Binary, false),
        (DataType::FixedSizeBinary(3), false),
        (DataType::List(item(DataType::Int32, true)), true),
        (DataType::List(item(DataType::Int64, false)), false),
        (DataType::FixedSizeList(item(DataType::Int32, false), 2), false),
    ];
    types.map(|(data_type, nullable)| Arc::new(Field::new("c", data_type, nullable))).to_vec()
}

/// The same arrays from the rows themselves.
fn twin(rows: &[Row]) -> Vec<ArrayRef> {
    let lists = |lengths: Vec<usize>, item: DataType, nullable, items: ArrayRef, valid: Option<Vec<bool>>| {
        let field = Arc::new(Field::new("item", item, nullable));
        Arc::new(ListArray::new(field, OffsetBuffer::from_lengths(lengths), items, valid.map(Into::into)))
    };
    let items: Int32Array = rows.iter().flat_map(|row| row.items.clone().unwrap_or_default()).collect();
    let lengths = rows.iter().map(|row| row.items.as_ref().map_or(0, Vec::len)).collect();
    let valid: Vec<bool> = rows.iter().map(|row| row.items.is_some()).collect();
    let valid = valid.contains(&false).then_some(valid);
    let numbers: Int64Array = rows.iter().flat_map(|row| row.numbers.iter().map(|n| Some(*n))).collect();
    let number_lengths = rows.iter().map(|row| row.numbers.len()).collect();
    let pairs: Int32Array = rows.iter().flat_map(|row| row.pair.map(Some)).collect();
    let pair_item = Arc::new(Field::new("item", DataType::Int32, false));
    vec![
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.number))),
        Arc::new(rows.iter().map(|row| row.maybe).collect::<Int32Array>()),
        Arc::new(rows.iter().map(|row| row.flag).collect::<BooleanArray>()),
        Arc::new(rows.iter().map(|row| row.text.as_deref()).collect::<StringArray>()),
        Arc::new(LargeStringArray::from_iter_values(rows.iter().map(|row| &row.long))),
        Arc::new(BinaryArray::from_iter_values(rows.iter().map(|row| &row.bytes))),
        Arc::new(FixedSizeBinaryArray::try_from_iter(rows.iter().map(|row| row.fixed)).unwrap()),
        lists(lengths, DataType::Int32, true, Arc::new(items), valid),
        lists(number_lengths, DataType::Int64, false, Arc::new(numbers), None),
        Arc::new(arrow_array::FixedSizeListArray::new(pair_item, 2, Arc::new(pairs), None)),
    ]
}

#[test]
fn random_rows_are_those_of_the_safe_twin() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut room = Room::<Columns10>::new(0);
    for rows in [1, 2, 15, 16, 17, 63, 64, 65, 100, 3, 300] {
        let rows: Vec<Row> = (0..rows).map(|_| random_row(&mut random)).collect();
        for row in &rows {
            push(room.slot(), row);
        }
        assert_eq!(room.get().len(), rows.len());
        let mut arrays = Vec::new();
        room.finish(|columns| columns.finish_into(&mut fields().iter(), &mut arrays));
        for array in &arrays {
            array.to_data().validate_full().unwrap();
            assert_eq!(array.nulls().is_some(), array.null_count() > 0, "no null buffer without nulls");
        }
        assert_eq!(arrays, twin(&rows));
        assert!(room.get().is_empty());
    }
}

#[test]
fn defaults_lie_under_nulls_in_every_buffer() {
    let mut room = Room::<Columns10>::new(4);
    for _ in 0..70 {
        Buffers::push_default(room.slot());
    }
    let mut arrays = Vec::new();
    room.finish(|columns| columns.finish_into(&mut fields().iter(), &mut arrays));
    for array in arrays {
        array.to_data().validate_full().unwrap();
        assert_eq!(array.len(), 70);
    }
}

#[test]
fn slots_that_are_dropped_leave_nothing_behind() {
    let mut room = Room::<(PrimitiveBuffer<Int64Type>, BytesBuffer<Utf8Type>)>::new(1);
    for number in 0..100 {
        let (numbers, _) = room.slot().split();
        if number % 3 == 0 {
            numbers.push(number);
        }
        let _ = room.slots(5);
    }
    let fields = [Field::new("a", DataType::Int64, false), Field::new("b", DataType::Utf8, false)];
    let mut arrays = Vec::new();
    room.finish(|columns| columns.finish_into(&mut fields.map(Arc::new).iter(), &mut arrays));
    assert_eq!((arrays[0].len(), arrays[1].len()), (34, 0));
}

#[test]
fn more_items_than_slots_are_left_out() {
    let mut room = Room::<ListBuffer<PrimitiveBuffer<Int64Type>>>::new(1);
    room.slot().push_items(2, |slots| slots.extend(&[1, 2, 3]));
    room.slot().push_items(2, |slots| slots.fill([4, 5, 6], |item, slot| slot.push(item)));
    room.slot().push_items(3, |mut slots| {
        while let Some(slot) = slots.next_slot() {
            slot.push(9);
        }
        assert_eq!(slots.left(), 0);
    });
    let item = Arc::new(Field::new("item", DataType::Int64, false));
    let array = room.finish_array(&DataType::List(item));
    array.to_data().validate_full().unwrap();
    let expected = "[[1, 2], [4, 5], [9, 9, 9]]";
    let lists = array.as_any().downcast_ref::<ListArray>().unwrap();
    let found: Vec<Vec<i64>> = lists
        .iter()
        .flatten()
        .map(|list| list.as_any().downcast_ref::<Int64Array>().unwrap().values().to_vec())
        .collect();
    assert_eq!(format!("{found:?}"), expected);
}

#[test]
fn a_text_that_breaks_off_is_forgotten() {
    let mut room = Room::<BytesBuffer<Utf8Type>>::new(1);
    room.slot().push("before");
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        room.slot().write(|text| {
            text.write_str("half").unwrap();
            panic!("in the middle");
        });
    }));
    assert!(broken.is_err());
    room.slot().write(|text| {
        text.write_str("half").unwrap();
        Err(std::fmt::Error)
    });
    room.slot().push("after");
    assert_eq!(room.take_fault().unwrap().row, 1);
    let array = room.finish_array(&DataType::Utf8);
    let texts = array.as_any().downcast_ref::<StringArray>().unwrap();
    assert_eq!(texts.iter().flatten().collect::<Vec<_>>(), ["before", "", "after"]);
}

#[test]
fn the_first_number_without_a_value_is_the_fault() {
    let mut room = Room::<PrimitiveBuffer<Int64Type>>::new(0);
    room.slot().push(1);
    room.slot().push_or_fault(None, || "second".to_owned());
    room.slot().push_or_fault(None, || "third".to_owned());
    let fault = room.take_fault().unwrap();
    assert_eq!((fault.row, fault.message.as_str()), (1, "second"));
    assert_eq!(room.finish_array(&DataType::Int64).len(), 3);
}

#[test]
fn every_length_of_text_is_copied_whole() {
    let long: String = ('a'..='z').cycle().take(200).collect();
    let mut room = Room::<BytesBuffer<Utf8Type>>::new(0);
    for end in 0..=long.len() {
        room.slot().push(&long[..end]);
    }
    let array = room.finish_array(&DataType::Utf8);
    let texts = array.as_any().downcast_ref::<StringArray>().unwrap();
    for (end, text) in texts.iter().enumerate() {
        assert_eq!(text, Some(&long[..end]));
    }
}
