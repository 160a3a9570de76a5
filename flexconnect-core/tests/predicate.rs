//! Predicates on batches: the law (column kernels give what a row-by-row reading gives), and single cases.

// The helpers of a test are tests too, which the lint does not see.
#![allow(clippy::unwrap_used)]

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::types::*;
use arrow_array::*;
use arrow_buffer::i256;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use flexconnect_core::{CompareOp, ErrorKind, Filter, Predicate, Value};
use serde_json::json;

/// A cell as the row-by-row reading sees it: numbers in millionths, times in nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Count(i128),
    Text(String),
    Bytes(Vec<u8>),
    Boolean(bool),
}

const MILLION: i128 = 1_000_000;
const INFINITY: i128 = i128::MAX / 2;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }

    /// Mostly small and so often equal, sometimes at the edges of the integer types.
    fn integer(&mut self) -> i128 {
        let edges = [
            i128::from(i8::MIN),
            i128::from(i8::MAX),
            i128::from(u8::MAX),
            i128::from(i32::MIN),
            i128::from(i64::MIN),
            i128::from(i64::MAX),
            i128::from(u64::MAX),
            1 << 24,
            1 << 53,
        ];
        match self.below(4) {
            0 => edges[self.below(edges.len() as u64) as usize] + i128::from(self.below(3)) - 1,
            _ => i128::from(self.below(9)) - 4,
        }
    }

    /// Text of few characters: prefixes of each other, beside the surrogates, and the last of all.
    fn text(&mut self) -> String {
        let letters = ['a', 'b', 'ü', '\u{d7ff}', '\u{e000}', char::MAX];
        (0..self.below(4)).map(|_| letters[self.below(6) as usize]).collect()
    }

    fn bytes(&mut self, longest: u64) -> Vec<u8> {
        (0..self.below(longest + 1)).map(|_| [0, 1, 255][self.below(3) as usize]).collect()
    }
}

fn float_key(value: f64) -> Key {
    Key::Count(if value.is_nan() {
        INFINITY + 1
    } else if value.is_infinite() {
        if value > 0.0 { INFINITY } else { -INFINITY }
    } else {
        // All finite floats here are multiples of 1/64 or whole, so that this is exact.
        value.trunc() as i128 * MILLION + (value.fract() * 1e6) as i128
    })
}

fn types() -> Vec<DataType> {
    use DataType::*;
    let utc: Option<Arc<str>> = Some("UTC".into());
    vec![
        Boolean,
        Int8,
        Int16,
        Int32,
        Int64,
        UInt8,
        UInt16,
        UInt32,
        UInt64,
        Float16,
        Float32,
        Float64,
        Decimal32(9, 2),
        Decimal64(18, -1),
        Decimal128(38, 4),
        Decimal256(76, 6),
        Utf8,
        LargeUtf8,
        Utf8View,
        Dictionary(Int8.into(), Utf8.into()),
        Binary,
        LargeBinary,
        BinaryView,
        FixedSizeBinary(2),
        Date32,
        Date64,
        Time32(TimeUnit::Second),
        Time32(TimeUnit::Millisecond),
        Time64(TimeUnit::Microsecond),
        Time64(TimeUnit::Nanosecond),
        Timestamp(TimeUnit::Second, None),
        Timestamp(TimeUnit::Millisecond, utc.clone()),
        Timestamp(TimeUnit::Microsecond, None),
        Timestamp(TimeUnit::Nanosecond, utc),
        Duration(TimeUnit::Second),
        Duration(TimeUnit::Nanosecond),
    ]
}

fn nanos(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

/// Random cells of a primitive type; `step` is what one of its units is worth.
fn primitive<T: ArrowPrimitiveType>(
    random: &mut Random,
    data_type: &DataType,
    rows: usize,
    step: impl Fn(i128) -> i128,
) -> (ArrayRef, Vec<Option<Key>>)
where
    T::Native: TryFrom<i128> + Into<i128>,
{
    let cells: Vec<Option<T::Native>> =
        (0..rows).map(|_| T::Native::try_from(random.integer()).ok().filter(|_| !random.chance(5))).collect();
    let keys = cells.iter().map(|cell| cell.map(|cell| Key::Count(step(cell.into())))).collect();
    (Arc::new(PrimitiveArray::<T>::from_iter(cells).with_data_type(data_type.clone())), keys)
}

fn floats(random: &mut Random, rows: usize) -> Vec<Option<f64>> {
    let special = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, 65_504.0, f64::from(1 << 24)];
    let cell = |random: &mut Random| match random.below(6) {
        0 => None,
        1 => Some(special[random.below(7) as usize]),
        _ => Some((random.below(200) as f64 - 100.0) / 64.0),
    };
    (0..rows).map(|_| cell(random)).collect()
}

fn column(random: &mut Random, data_type: &DataType, rows: usize) -> (ArrayRef, Vec<Option<Key>>) {
    use DataType::*;
    let whole = |value| value * MILLION;
    let day = |value| value * 86_400_000_000_000;
    match data_type {
        Boolean => {
            let cells: Vec<_> =
                (0..rows).map(|_| [None, Some(true), Some(false)][random.below(3) as usize]).collect();
            (
                Arc::new(BooleanArray::from(cells.clone())),
                cells.into_iter().map(|c| c.map(Key::Boolean)).collect(),
            )
        }
        Int8 => primitive::<Int8Type>(random, data_type, rows, whole),
        Int16 => primitive::<Int16Type>(random, data_type, rows, whole),
        Int32 => primitive::<Int32Type>(random, data_type, rows, whole),
        Int64 => primitive::<Int64Type>(random, data_type, rows, whole),
        UInt8 => primitive::<UInt8Type>(random, data_type, rows, whole),
        UInt16 => primitive::<UInt16Type>(random, data_type, rows, whole),
        UInt32 => primitive::<UInt32Type>(random, data_type, rows, whole),
        UInt64 => primitive::<UInt64Type>(random, data_type, rows, whole),
        Decimal32(..) => primitive::<Decimal32Type>(random, data_type, rows, |value| value * 10_000),
        Decimal64(..) => primitive::<Decimal64Type>(random, data_type, rows, |value| value * 10 * MILLION),
        Decimal128(..) => primitive::<Decimal128Type>(random, data_type, rows, |value| value * 100),
        Decimal256(..) => {
            let cells: Vec<_> = (0..rows).map(|_| (!random.chance(5)).then(|| random.integer())).collect();
            let array = Decimal256Array::from_iter(cells.iter().map(|cell| cell.map(i256::from_i128)));
            let keys = cells.into_iter().map(|cell| cell.map(Key::Count)).collect();
            (Arc::new(array.with_data_type(data_type.clone())), keys)
        }
        Float16 | Float32 | Float64 => {
            let cells = floats(random, rows);
            type Half = <Float16Type as ArrowPrimitiveType>::Native;
            let cells: Vec<Option<f64>> = match data_type {
                Float16 => cells.into_iter().map(|c| c.map(|c| Half::from_f64(c).to_f64())).collect(),
                _ => cells,
            };
            let keys = cells.iter().map(|cell| cell.map(float_key)).collect();
            let array: ArrayRef = match data_type {
                Float16 => {
                    Arc::new(Float16Array::from_iter(cells.into_iter().map(|c| c.map(Half::from_f64))))
                }
                Float32 => Arc::new(Float32Array::from_iter(cells.into_iter().map(|c| c.map(|c| c as f32)))),
                _ => Arc::new(Float64Array::from(cells)),
            };
            (array, keys)
        }
        Utf8 | LargeUtf8 | Utf8View | Dictionary(..) => {
            let cells: Vec<_> = (0..rows).map(|_| (!random.chance(5)).then(|| random.text())).collect();
            let array: ArrayRef = match data_type {
                Utf8 => Arc::new(StringArray::from_iter(&cells)),
                LargeUtf8 => Arc::new(LargeStringArray::from_iter(&cells)),
                Utf8View => Arc::new(StringViewArray::from_iter(&cells)),
                _ => {
                    let mut builder = StringDictionaryBuilder::<Int8Type>::new();
                    cells.iter().for_each(|cell| builder.append_option(cell.as_deref()));
                    Arc::new(builder.finish())
                }
            };
            (array, cells.into_iter().map(|cell| cell.map(Key::Text)).collect())
        }
        Binary | LargeBinary | BinaryView => {
            let cells: Vec<_> = (0..rows).map(|_| (!random.chance(5)).then(|| random.bytes(3))).collect();
            let array: ArrayRef = match data_type {
                Binary => Arc::new(BinaryArray::from_iter(&cells)),
                LargeBinary => Arc::new(LargeBinaryArray::from_iter(&cells)),
                _ => Arc::new(BinaryViewArray::from_iter(&cells)),
            };
            (array, cells.into_iter().map(|cell| cell.map(Key::Bytes)).collect())
        }
        FixedSizeBinary(size) => {
            let mut fixed = || {
                let mut bytes = random.bytes(2);
                bytes.resize(2, 7);
                (!random.chance(5)).then_some(bytes)
            };
            let cells: Vec<_> = (0..rows).map(|_| fixed()).collect();
            let array =
                FixedSizeBinaryArray::try_from_sparse_iter_with_size(cells.iter().cloned(), *size).unwrap();
            (Arc::new(array), cells.into_iter().map(|cell| cell.map(Key::Bytes)).collect())
        }
        Date32 => primitive::<Date32Type>(random, data_type, rows, day),
        Date64 => primitive::<Date64Type>(random, data_type, rows, |value| value * MILLION),
        Time32(TimeUnit::Second) => {
            primitive::<Time32SecondType>(random, data_type, rows, |v| v * 1_000_000_000)
        }
        Time32(unit) => primitive::<Time32MillisecondType>(random, data_type, rows, |v| v * nanos(*unit)),
        Time64(TimeUnit::Microsecond) => {
            primitive::<Time64MicrosecondType>(random, data_type, rows, |v| v * 1_000)
        }
        Time64(_) => primitive::<Time64NanosecondType>(random, data_type, rows, |v| v),
        Timestamp(unit, _) | Duration(unit) => {
            let step = |value| value * nanos(*unit);
            match (data_type, unit) {
                (Timestamp(..), TimeUnit::Second) => {
                    primitive::<TimestampSecondType>(random, data_type, rows, step)
                }
                (Timestamp(..), TimeUnit::Millisecond) => {
                    primitive::<TimestampMillisecondType>(random, data_type, rows, step)
                }
                (Timestamp(..), TimeUnit::Microsecond) => {
                    primitive::<TimestampMicrosecondType>(random, data_type, rows, step)
                }
                (Timestamp(..), TimeUnit::Nanosecond) => {
                    primitive::<TimestampNanosecondType>(random, data_type, rows, step)
                }
                (_, TimeUnit::Second) => primitive::<DurationSecondType>(random, data_type, rows, step),
                _ => primitive::<DurationNanosecondType>(random, data_type, rows, step),
            }
        }
        other => panic!("no column of type {other}"),
    }
}

/// A value that can be compared with a column of this type, whether the column can hold it or not.
fn literal(random: &mut Random, data_type: &DataType) -> (Value, Key) {
    use DataType::*;
    let units = [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond];
    let unit = units[random.below(4) as usize];
    let long = |random: &mut Random| i64::try_from(random.integer()).unwrap_or(0);
    match data_type {
        Boolean => {
            let value = random.chance(2);
            (value.into(), Key::Boolean(value))
        }
        Utf8 | LargeUtf8 | Utf8View | Dictionary(..) => {
            let text = random.text();
            (text.clone().into(), Key::Text(text))
        }
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => {
            let bytes = random.bytes(3);
            (bytes.clone().into(), Key::Bytes(bytes))
        }
        Date32 | Date64 => {
            let days = i32::try_from(random.integer()).unwrap_or(0);
            (Value::Date32(days), Key::Count(i128::from(days) * 86_400_000_000_000))
        }
        Time32(_) | Time64(_) => {
            let value = long(random);
            (Value::Time64(value), Key::Count(value.into()))
        }
        Timestamp(_, timezone) => {
            let value = long(random);
            let key = Key::Count(i128::from(value) * nanos(unit));
            (Value::Timestamp { value, unit, timezone: timezone.clone() }, key)
        }
        Duration(_) => {
            let value = long(random);
            (Value::Duration { value, unit }, Key::Count(i128::from(value) * nanos(unit)))
        }
        _ => match random.below(5) {
            0 => {
                let value = long(random);
                (value.into(), Key::Count(i128::from(value) * MILLION))
            }
            1 => {
                let value = u64::try_from(random.integer()).unwrap_or(0);
                (value.into(), Key::Count(i128::from(value) * MILLION))
            }
            2 => {
                let value = floats(random, 1)[0].filter(|value| !value.is_nan()).unwrap_or(0.5);
                (value.into(), float_key(value))
            }
            3 => {
                let sixty_fourths = i128::from(random.below(200)) - 100;
                let value = sixty_fourths * 15_625;
                (Value::Decimal128 { value, scale: 6 }, Key::Count(value))
            }
            _ => {
                let value = random.below(9) as i128 - 4;
                (
                    Value::Decimal256 { value: i256::from_i128(value), scale: -3 },
                    Key::Count(value * 1_000 * MILLION),
                )
            }
        },
    }
}

/// A predicate on one column, and its meaning for one cell.
type Meaning = Box<dyn Fn(usize) -> Option<bool>>;

fn leaf(
    random: &mut Random,
    name: &str,
    data_type: &DataType,
    keys: Arc<[Option<Key>]>,
) -> (Predicate, Meaning) {
    let column = name.to_owned();
    let text = matches!(
        data_type,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..)
    );
    let negated = random.chance(2);
    match random.below(if text { 4 } else { 3 }) {
        0 => {
            (Predicate::IsNull { column, negated }, Box::new(move |row| Some(keys[row].is_none() != negated)))
        }
        1 => {
            let count = [0, 1, 3, 20][random.below(4) as usize];
            let (values, literals): (Vec<_>, Vec<_>) = (0..count).map(|_| literal(random, data_type)).unzip();
            let meaning = move |row: usize| keys[row].as_ref().map(|key| literals.contains(key) != negated);
            (Predicate::In { column, values, negated }, Box::new(meaning))
        }
        2 => {
            let op = CompareOp::ALL[random.below(6) as usize];
            let (value, literal) = literal(random, data_type);
            let meaning = move |row: usize| {
                let order = keys[row].as_ref()?.cmp(&literal);
                Some(match op {
                    CompareOp::Eq => order == Ordering::Equal,
                    CompareOp::NotEq => order != Ordering::Equal,
                    CompareOp::Lt => order == Ordering::Less,
                    CompareOp::LtEq => order != Ordering::Greater,
                    CompareOp::Gt => order == Ordering::Greater,
                    CompareOp::GtEq => order != Ordering::Less,
                })
            };
            (Predicate::Compare { column, op, value }, Box::new(meaning))
        }
        _ => {
            let prefix = random.text();
            let start = prefix.clone();
            let meaning = move |row: usize| match keys[row].as_ref()? {
                Key::Text(text) => Some(text.starts_with(&start) != negated),
                other => panic!("{other:?} is no text"),
            };
            (Predicate::StartsWith { column, prefix, negated }, Box::new(meaning))
        }
    }
}

fn tree(
    random: &mut Random,
    depth: u64,
    leaves: &mut dyn FnMut(&mut Random) -> (Predicate, Meaning),
) -> (Predicate, Meaning) {
    if depth == 0 || random.chance(3) {
        return leaves(random);
    }
    let count = random.below(4);
    let (parts, meanings): (Vec<_>, Vec<_>) = (0..count).map(|_| tree(random, depth - 1, leaves)).unzip();
    let all = random.chance(2);
    // True if all are; false if one is; else unknown. `or` is the same with true and false exchanged.
    let meaning: Meaning = Box::new(move |row| {
        let answers: Vec<_> = meanings.iter().map(|meaning| meaning(row)).collect();
        if answers.contains(&Some(!all)) {
            Some(!all)
        } else if answers.contains(&None) {
            None
        } else {
            Some(all)
        }
    });
    (if all { Predicate::And(parts) } else { Predicate::Or(parts) }, meaning)
}

#[test]
fn kernels_and_rows_agree() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..150 {
        let types = types();
        let rows = random.below(40) as usize;
        let mut fields = Vec::new();
        let mut arrays = Vec::new();
        let mut cells: Vec<Arc<[Option<Key>]>> = Vec::new();
        for (index, data_type) in types.iter().enumerate() {
            let (array, keys) = column(&mut random, data_type, rows);
            fields.push(Field::new(format!("c{index}"), data_type.clone(), true));
            arrays.push(array);
            cells.push(keys.into());
        }
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(schema.clone(), arrays).unwrap();
        for _ in 0..30 {
            let (predicate, meaning) = tree(&mut random, 3, &mut |random| {
                let index = random.below(types.len() as u64) as usize;
                leaf(random, &format!("c{index}"), &types[index], cells[index].clone())
            });
            let from = random.below(rows as u64 + 1) as usize;
            let slice = batch.slice(from, rows - from);
            let found = predicate.evaluate(&slice).unwrap();
            let expected: BooleanArray = (from..rows).map(&meaning).collect();
            assert_eq!(found, expected, "round {round}: {predicate}");
            // What the JSON command can say means the same after the way through it.
            if let Ok(again) = Predicate::from_json(&predicate.to_json(), &schema) {
                assert_eq!(
                    again.to_json(),
                    Predicate::from_json(&again.to_json(), &schema).unwrap().to_json()
                );
                assert_eq!(again.evaluate(&slice).unwrap(), expected, "round {round}: {predicate} from JSON");
            }
        }
    }
}

fn one(array: impl Array + 'static) -> RecordBatch {
    RecordBatch::try_from_iter([("c", Arc::new(array) as ArrayRef)]).unwrap()
}

fn answers(predicate: &Predicate, batch: &RecordBatch) -> Vec<Option<bool>> {
    predicate.evaluate(batch).unwrap().iter().collect()
}

#[test]
fn a_literal_out_of_range_has_its_exact_answer() {
    let batch = one(Int8Array::from(vec![Some(-128), None, Some(127)]));
    let compare = |op, value: Value| answers(&Predicate::compare("c", op, value), &batch);
    assert_eq!(compare(CompareOp::Lt, 1000.into()), [Some(true), None, Some(true)]);
    assert_eq!(compare(CompareOp::Eq, u64::MAX.into()), [Some(false), None, Some(false)]);
    assert_eq!(compare(CompareOp::NotEq, 5.5.into()), [Some(true), None, Some(true)]);
    assert_eq!(compare(CompareOp::GtEq, (-128.5).into()), [Some(true), None, Some(true)]);
    assert_eq!(compare(CompareOp::Gt, 1e300.into()), [Some(false), None, Some(false)]);
    assert_eq!(compare(CompareOp::Gt, f64::NEG_INFINITY.into()), [Some(true), None, Some(true)]);
}

#[test]
fn big_integers_and_floats_compare_exactly() {
    let batch = one(Float64Array::from(vec![9_007_199_254_740_992.0, 9_007_199_254_740_994.0]));
    let between = |op| answers(&Predicate::compare("c", op, 9_007_199_254_740_993_i64), &batch);
    assert_eq!(between(CompareOp::Lt), [Some(true), Some(false)]);
    assert_eq!(between(CompareOp::GtEq), [Some(false), Some(true)]);
    assert_eq!(between(CompareOp::Eq), [Some(false), Some(false)]);
    let batch = one(Int64Array::from(vec![i64::MAX - 1, i64::MAX]));
    let below = answers(&Predicate::compare("c", CompareOp::Lt, 9_223_372_036_854_775_807.0), &batch);
    assert_eq!(below, [Some(true), Some(true)]);
    let batch = one(Float32Array::from(vec![16_777_216.0, 16_777_218.0, f32::MAX]));
    let above = answers(&Predicate::compare("c", CompareOp::Gt, 16_777_217), &batch);
    assert_eq!(above, [Some(false), Some(true), Some(true)]);
    assert_eq!(answers(&Predicate::compare("c", CompareOp::Lt, 1e300), &batch), [Some(true); 3]);
}

#[test]
fn both_zeros_are_equal_and_nan_is_above_all() {
    let batch = one(Float64Array::from(vec![-0.0, 0.0, f64::NAN]));
    for zero in [0.0, -0.0] {
        for (op, expected) in [
            (CompareOp::Eq, [true, true, false]),
            (CompareOp::NotEq, [false, false, true]),
            (CompareOp::Lt, [false, false, false]),
            (CompareOp::LtEq, [true, true, false]),
            (CompareOp::Gt, [false, false, true]),
            (CompareOp::GtEq, [true, true, true]),
        ] {
            let found = answers(&Predicate::compare("c", op, zero), &batch);
            assert_eq!(found, expected.map(Some), "{op} {zero}");
        }
        let values = vec![zero.into()];
        let found = answers(&Predicate::In { column: "c".into(), values, negated: false }, &batch);
        assert_eq!(found, [Some(true), Some(true), Some(false)]);
    }
}

#[test]
fn a_float_literal_means_its_text_on_a_decimal_column() {
    let prices = Decimal128Array::from(vec![9, 10, 11]).with_precision_and_scale(10, 2).unwrap();
    let found = answers(&Predicate::compare("c", CompareOp::Eq, 0.1), &one(prices));
    assert_eq!(found, [Some(false), Some(true), Some(false)]);
}

#[test]
fn run_end_encoded_and_null_columns() {
    let ends = Int32Array::from(vec![2, 3, 5]);
    let runs =
        RunArray::<Int32Type>::try_new(&ends, &StringArray::from(vec![Some("a"), None, Some("b")])).unwrap();
    let batch = one(runs);
    let found = answers(&Predicate::compare("c", CompareOp::Gt, "a"), &batch);
    assert_eq!(found, [Some(false), Some(false), None, Some(true), Some(true)]);
    let values: Vec<Value> = ('b'..='z').map(|letter| letter.to_string().into()).collect();
    assert_eq!(answers(&Predicate::In { column: "c".into(), values, negated: false }, &batch), found);

    // A dictionary within runs.
    let mut builder = StringDictionaryBuilder::<Int8Type>::new();
    ["x", "y"].into_iter().for_each(|text| builder.append_value(text));
    let runs = RunArray::<Int32Type>::try_new(&Int32Array::from(vec![1, 3]), &builder.finish()).unwrap();
    let values: Vec<Value> = ('y'..='z').chain('a'..='m').map(|letter| letter.to_string().into()).collect();
    let listed = Predicate::In { column: "c".into(), values, negated: true };
    assert_eq!(answers(&listed, &one(runs)), [Some(true), Some(false), Some(false)]);

    let batch = one(NullArray::new(2));
    assert_eq!(answers(&Predicate::compare("c", CompareOp::Eq, 5), &batch), [None, None]);
    let null = Predicate::IsNull { column: "c".into(), negated: false };
    assert_eq!(answers(&null, &batch), [Some(true), Some(true)]);
}

#[test]
fn empty_connectives_and_batches_without_columns() {
    let options = RecordBatchOptions::new().with_row_count(Some(2));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options).unwrap();
    assert_eq!(answers(&Predicate::And(vec![]), &batch), [Some(true), Some(true)]);
    assert_eq!(answers(&Predicate::Or(vec![]), &batch), [Some(false), Some(false)]);
    assert_eq!(Filter::new(&[], &batch.schema()).unwrap().evaluate(&batch).unwrap().true_count(), 2);
}

#[test]
fn what_cannot_be_compared_is_refused_before_any_row() {
    let list = DataType::List(Field::new_list_field(DataType::Int8, true).into());
    let schema = Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        Field::new("tags", list, true),
        Field::new("seen", DataType::Timestamp(TimeUnit::Second, Some("UTC".into())), true),
    ]);
    let wall_clock = Value::Timestamp { value: 0, unit: TimeUnit::Second, timezone: None };
    for (predicate, expected) in [
        (Predicate::compare("ids", CompareOp::Eq, 1), "there is no column `ids`; did you mean `id`?"),
        (
            Predicate::compare("id", CompareOp::Eq, "1"),
            "column `id`: the column is of type Int64, which cannot be compared with the text `'1'`; a number fits",
        ),
        (Predicate::compare("tags", CompareOp::Eq, 1), "only `is null` and `is not null` apply"),
        (
            Predicate::compare("seen", CompareOp::Eq, wall_clock),
            "an instant such as `2024-05-17T08:30:00Z` fits",
        ),
        (Predicate::compare("id", CompareOp::Eq, f64::NAN), "cannot be compared with NaN"),
        (
            Predicate::StartsWith { column: "id".into(), prefix: String::new(), negated: false },
            "`starts with` applies to text",
        ),
        (
            Predicate::In { column: "id".into(), values: vec![1.into(), true.into()], negated: false },
            "cannot be compared with the boolean `true`",
        ),
    ] {
        let error = predicate.check(&schema).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(expected), "{error}");
    }
    let no_bytes = Schema::new(vec![Field::new("b", DataType::FixedSizeBinary(0), true)]);
    let empty = Predicate::compare("b", CompareOp::Eq, Vec::<u8>::new());
    assert!(empty.check(&no_bytes).unwrap_err().to_string().contains("only `is null`"));
    assert!(Predicate::IsNull { column: "tags".into(), negated: true }.check(&schema).is_ok());
    let deep = (0..200).fold(Predicate::And(vec![]), |inner, _| Predicate::Or(vec![inner]));
    assert!(deep.check(&schema).unwrap_err().to_string().contains("nested more than 100 deep"));
}

#[test]
fn a_filter_refuses_batches_of_another_schema() {
    let filter =
        Filter::new(&[Predicate::compare("c", CompareOp::Eq, 1)], &one(Int8Array::from(vec![1])).schema())
            .unwrap();
    let error = filter.evaluate(&one(Int16Array::from(vec![1]))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert!(error.to_string().contains("column 0 is a Int16, not a Int8"), "{error}");
    let empty = RecordBatch::new_empty(Arc::new(Schema::empty()));
    assert!(filter.evaluate(&empty).is_err());
}

#[test]
fn a_dictionary_is_searched_by_its_values() {
    let mut builder = StringDictionaryBuilder::<Int32Type>::new();
    for text in [Some("v3"), None, Some("x"), Some("v15")] {
        builder.append_option(text);
    }
    let values: Vec<Value> = (0..20).map(|index| format!("v{index}").into()).collect();
    let listed = Predicate::In { column: "c".into(), values, negated: false };
    let batch = one(builder.finish());
    assert_eq!(answers(&listed, &batch), [Some(true), None, Some(false), Some(true)]);
    let filter = json!({"column": "c", "op": "starts with", "value": "v"});
    let starts = Predicate::from_json(&filter, &batch.schema()).unwrap();
    assert_eq!(answers(&starts, &batch), [Some(true), None, Some(false), Some(true)]);
}
