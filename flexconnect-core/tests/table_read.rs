//! What `#[derive(Table)]` reads, from what it wrote and from what others write.
#![allow(missing_docs, clippy::unwrap_used)]

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::types::*;
use arrow_array::*;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use flexconnect_core::buffer::Slot;
use flexconnect_core::record::{Accepts, RowBuffer};
use flexconnect_core::{Column, ErrorKind, FromBatch, Record, Table};
use serde_json::{Value, json};

fn write<R: Accepts<R>>(rows: impl IntoIterator<Item = R>) -> RecordBatch {
    let mut buffer = R::Buffer::new(None, 0).unwrap();
    rows.into_iter().for_each(|row| R::push(&mut buffer, row));
    let finished = buffer.finish().unwrap();
    assert!(finished.fault.is_none(), "{:?}", finished.fault);
    finished.batch
}

fn round_trip<R: Record + Accepts<R> + FromBatch + Clone + PartialEq + Debug>(rows: &[R]) {
    let batch = write(rows.iter().cloned());
    assert_eq!(R::from_batch(&batch).unwrap(), rows);
    R::check_schema(&batch.schema()).unwrap();
    // Reading begins at the slice, not at the buffers below it.
    let tail = batch.slice(1, batch.num_rows() - 1);
    assert_eq!(R::from_batch(&tail).unwrap(), rows[1..]);
    assert_eq!(R::from_batch(&batch.slice(0, 0)).unwrap(), []);
}

fn one(name: &str, column: impl Array + 'static) -> RecordBatch {
    let column: ArrayRef = Arc::new(column);
    let fields = vec![Field::new(name, column.data_type().clone(), true)];
    RecordBatch::try_new(Schema::new(fields).into(), vec![column]).unwrap()
}

#[derive(Column, Clone, Copy, PartialEq, Debug)]
enum Mood {
    #[column(alias = "great")]
    Good,
    Bad,
}

#[derive(Column, Clone, PartialEq, Debug)]
struct Id(u64);

#[derive(Column, Clone, PartialEq, Debug)]
struct Cents(#[column(decimal(12, 2))] i64);

#[derive(Table, Clone, PartialEq, Debug)]
struct Place {
    city: String,
    zip: Option<u32>,
}

#[derive(Table, Clone, PartialEq, Debug)]
struct Everything {
    flag: Option<bool>,
    #[column(as = "Bool8")]
    byte_flag: bool,
    tiny: i8,
    wide: Option<i64>,
    size: usize,
    float: f32,
    never_zero: NonZero<u16>,
    letter: char,
    #[column(as = "Int64")]
    widened: u32,
    #[column(as = "Float64")]
    widened_float: f32,
    text: String,
    shared: Arc<str>,
    cow: Cow<'static, str>,
    #[column(as = "Utf8View")]
    view: Option<String>,
    bytes: Vec<u8>,
    boxed_bytes: Box<[u8]>,
    fixed: [u8; 3],
    #[column(list)]
    numbers: Vec<u8>,
    id: Id,
    price: Cents,
    place: Place,
    maybe_place: Option<Place>,
    places: Vec<Option<Place>>,
    tags: Option<Vec<Option<String>>>,
    pair: Box<[i16; 2]>,
    mood: Mood,
    maybe_mood: Option<Mood>,
    #[column(as = "Utf8")]
    mood_text: Mood,
    document: Value,
    properties: BTreeMap<String, Option<i64>>,
    counts: HashMap<u8, i32>,
    at: SystemTime,
    #[column(unit = "ms")]
    took: Duration,
    #[column(as = "Date32")]
    day: i32,
    #[column(as = "Timestamp", unit = "s")]
    seconds: Vec<i64>,
    #[column(decimal(20, 4))]
    exact: i128,
    #[column(skip)]
    cache: Option<String>,
}

fn everything(n: u32) -> Everything {
    let odd = n % 2 == 1;
    Everything {
        flag: (!odd).then_some(n == 0),
        byte_flag: odd,
        tiny: -(n as i8),
        wide: odd.then_some(i64::MIN),
        size: usize::MAX,
        float: f32::MIN_POSITIVE,
        never_zero: NonZero::new(n as u16 + 1).unwrap(),
        letter: ['a', '🦀', '\0'][n as usize % 3],
        widened: u32::MAX - n,
        widened_float: 0.1,
        text: "ä".repeat(n as usize),
        shared: "shared".into(),
        cow: Cow::Borrowed("cow"),
        view: odd.then(|| "a text of more than twelve bytes".to_owned()),
        bytes: vec![0, 255, n as u8],
        boxed_bytes: Box::new([]),
        fixed: [n as u8; 3],
        numbers: vec![1; n as usize],
        id: Id(n.into()),
        price: Cents(-i64::from(n)),
        place: Place { city: "Berlin".into(), zip: odd.then_some(n) },
        maybe_place: odd.then(|| Place { city: String::new(), zip: Some(0) }),
        places: vec![None, Some(Place { city: "x".into(), zip: None })],
        tags: odd.then(|| vec![Some("a".into()), None]),
        pair: Box::new([1, n as i16]),
        mood: if odd { Mood::Good } else { Mood::Bad },
        maybe_mood: odd.then_some(Mood::Bad),
        mood_text: Mood::Good,
        document: json!({"n": n, "list": [null, "ä"]}),
        properties: (0..n).map(|i| (i.to_string(), (i > 0).then_some(i.into()))).collect(),
        counts: (0..n as u8).map(|i| (i, -i32::from(i))).collect(),
        at: SystemTime::UNIX_EPOCH - Duration::from_micros(n.into()),
        took: Duration::from_millis(n.into()),
        day: -(n as i32),
        seconds: vec![i64::MIN, n.into()],
        exact: -10_i128.pow(20) + 1,
        cache: None,
    }
}

#[test]
fn everything_written_is_read_back() {
    round_trip(&[0, 1, 2, 3].map(everything));
}

#[derive(Table, PartialEq, Debug)]
struct Text {
    text: Option<String>,
}

fn texts(column: impl Array + 'static) -> Vec<Option<String>> {
    Text::from_batch(&one("text", column)).unwrap().into_iter().map(|row| row.text).collect()
}

#[test]
fn text_is_read_from_every_layout() {
    let values = [Some("a"), None, Some("a text of more than twelve bytes"), Some("a")];
    let expected = values.map(|value| value.map(str::to_owned));
    assert_eq!(texts(StringArray::from_iter(values)), expected);
    assert_eq!(texts(LargeStringArray::from_iter(values)), expected);
    assert_eq!(texts(StringViewArray::from_iter(values)), expected);
    let mut dictionary = StringDictionaryBuilder::<UInt16Type>::new();
    values.into_iter().for_each(|value| dictionary.append_option(value));
    assert_eq!(texts(dictionary.finish()), expected);
    // A null can hide in the values of a dictionary.
    let keys = Int8Array::from(vec![0, 1, 2, 0]);
    let hidden = StringArray::from_iter([values[0], None, values[2]]);
    assert_eq!(texts(DictionaryArray::new(keys, Arc::new(hidden))), expected);
    assert_eq!(texts(NullArray::new(2)), [None, None]);
    let empty = DictionaryArray::<Int8Type>::new(Int8Array::new_null(2), Arc::new(StringArray::new_null(0)));
    assert_eq!(texts(empty), [None, None]);
}

#[derive(Table, PartialEq, Debug)]
struct Wide {
    n: i64,
}

#[derive(Table, PartialEq, Debug)]
struct WideFloat {
    n: f64,
}

#[test]
fn narrower_numbers_widen_and_others_are_refused() {
    let read = |batch| Wide::from_batch(&batch).map(|rows| rows[0].n);
    assert_eq!(read(one("n", Int8Array::from(vec![-1]))).unwrap(), -1);
    assert_eq!(read(one("n", UInt32Array::from(vec![u32::MAX]))).unwrap(), 4_294_967_295);
    for wrong in [
        one("n", UInt64Array::from(vec![1])),
        one("n", Float64Array::from(vec![1.0])),
        one("n", Date64Array::from(vec![1])),
        one("n", StringArray::from(vec!["1"])),
    ] {
        assert_eq!(read(wrong).unwrap_err().kind(), ErrorKind::Schema);
    }
    let rows = WideFloat::from_batch(&one("n", Float32Array::from(vec![0.5]))).unwrap();
    assert_eq!(rows, [WideFloat { n: 0.5 }]);
}

#[derive(Table, PartialEq, Debug)]
struct Moment {
    at: SystemTime,
}

#[derive(Table, PartialEq, Debug)]
struct Seconds {
    #[column(as = "Timestamp", unit = "s")]
    at: i64,
}

#[test]
fn timestamps_are_read_in_any_unit_and_zone() {
    let read = |batch| Moment::from_batch(&batch).map(|rows| rows[0].at);
    let before = SystemTime::UNIX_EPOCH - Duration::from_millis(1500);
    let millis = TimestampMillisecondArray::from(vec![-1500]);
    assert_eq!(read(one("at", millis.clone())).unwrap(), before);
    assert_eq!(read(one("at", millis.clone().with_timezone("America/Lima"))).unwrap(), before);
    assert_eq!(read(one("at", TimestampNanosecondArray::from(vec![-1_500_000_000]))).unwrap(), before);

    // A number without a zone takes no column with one, and loses nothing.
    let read = |batch| Seconds::from_batch(&batch).map(|rows| rows[0].at);
    assert_eq!(read(one("at", TimestampMillisecondArray::from(vec![-2000]))).unwrap(), -2);
    let error = read(one("at", millis.clone())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 0, column `at`: cannot be told exactly in seconds: choose the `unit` of the column, or `truncate`"
    );
    assert_eq!(read(one("at", millis.with_timezone("UTC"))).unwrap_err().kind(), ErrorKind::Schema);
}

#[derive(Table, PartialEq, Debug)]
struct Price {
    #[column(decimal(10, 2))]
    price: i128,
}

#[test]
fn decimals_of_a_smaller_scale_are_scaled() {
    let read = |batch| Price::from_batch(&batch).map(|rows| rows[0].price);
    let decimal = |scale| {
        let array = Decimal64Array::from(vec![-5]).with_precision_and_scale(10, scale).unwrap();
        one("price", array)
    };
    assert_eq!(read(decimal(2)).unwrap(), -5);
    assert_eq!(read(decimal(0)).unwrap(), -500);
    assert_eq!(read(decimal(3)).unwrap_err().kind(), ErrorKind::Schema);
}

#[derive(Table, PartialEq, Debug)]
struct Person {
    name: String,
    #[column(alias = "years", alias = "old")]
    age: u8,
    nickname: Option<String>,
    #[column(default)]
    score: i64,
    #[column(default = "nobody")]
    friend: String,
}

fn nobody() -> String {
    "nobody".to_owned()
}

#[test]
fn columns_are_found_by_name_or_alias_and_may_be_missing_with_a_default() {
    let batch = RecordBatch::try_from_iter([
        ("extra", Arc::new(NullArray::new(1)) as ArrayRef),
        ("years", Arc::new(UInt8Array::from(vec![7]))),
        ("name", Arc::new(StringArray::from(vec!["Ada"]))),
    ]);
    let expected = Person { name: "Ada".into(), age: 7, nickname: None, score: 0, friend: nobody() };
    assert_eq!(Person::from_batch(&batch.unwrap()).unwrap(), [expected]);
}

#[test]
fn everything_missing_and_different_is_listed_with_what_is_there() {
    let schema = Schema::new(vec![
        Field::new("name", DataType::Int64, false),
        Field::new("score", DataType::Timestamp(TimeUnit::Second, None), true),
        Field::new("other", DataType::FixedSizeBinary(-1), true),
    ]);
    let error = Person::check_schema(&schema).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert_eq!(
        error.to_string(),
        "the columns do not fit the table `person`: \
         column `name` is Int64, it should be Utf8 (or any other layout of text); \
         column `age` is missing, it should be UInt8; \
         column `score` is Timestamp(s), it should be Int64 (or a narrower integer); \
         there are `name` Int64, `score` Timestamp(s), `other` FixedSizeBinary(-1)"
    );
    let odd = Schema::new(vec![Field::new("name", DataType::FixedSizeBinary(-1), false)]);
    assert_eq!(Person::check_schema(&odd).unwrap_err().kind(), ErrorKind::Schema);
}

#[test]
fn a_null_where_there_is_no_option_is_an_error_with_its_row() {
    let batch = one("n", Int64Array::from(vec![Some(1), None, Some(3)]));
    let error = Wide::from_batch(&batch).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    assert_eq!(
        error.to_string(),
        "row 1, column `n`: is null, but the field is not an `Option`: make it one, or leave such rows out"
    );
    assert_eq!(Wide::from_batch(&batch.slice(2, 1)).unwrap(), [Wide { n: 3 }]);
}

#[derive(Table, PartialEq, Debug)]
struct Visit {
    places: Vec<Place>,
    mood: Mood,
}

#[test]
fn faults_inside_are_told_by_their_path() {
    let row = |city: &str| Visit { places: vec![Place { city: city.into(), zip: None }], mood: Mood::Good };
    let batch = write([row("a"), row("b")]);

    let moods = StringArray::from(vec!["great", "awful"]);
    let fields =
        Schema::new(vec![batch.schema().field(0).clone(), Field::new("mood", DataType::Utf8, false)]);
    let other = RecordBatch::try_new(fields.into(), vec![batch.column(0).clone(), Arc::new(moods)]).unwrap();
    assert_eq!(
        Visit::from_batch(&other).unwrap_err().to_string(),
        "row 1, column `mood`: `awful` is not one of `Good`, `Bad`"
    );
    assert_eq!(Visit::from_batch(&other.slice(0, 1)).unwrap(), [row("a")]);

    #[derive(Table)]
    struct Elsewhere {
        places: Vec<Nameless>,
        mood: Mood,
    }
    #[derive(Table)]
    struct Nameless {
        city: Option<String>,
        zip: u64,
    }
    let nameless = |city: Option<&str>| Nameless { city: city.map(str::to_owned), zip: 1 };
    let batch = write([Elsewhere { places: vec![nameless(Some("a")), nameless(None)], mood: Mood::Bad }]);
    let error = Visit::from_batch(&batch).unwrap_err().to_string();
    assert!(error.contains("column `places.item.zip` is UInt64, it should be UInt32"), "{error}");

    #[derive(Table, Debug)]
    struct Cities {
        #[allow(dead_code)]
        places: Vec<City>,
    }
    #[derive(Table, Debug)]
    struct City {
        #[allow(dead_code)]
        city: String,
    }
    assert!(
        Cities::from_batch(&batch)
            .unwrap_err()
            .to_string()
            .starts_with("row 0, column `places.item.city`: is null")
    );
}

/// A type with a column written by hand, which cannot be read.
struct Handmade;

impl Column for Handmade {
    type Buffer = <bool as Column>::Buffer;

    fn data_type() -> DataType {
        DataType::Boolean
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        <bool as Column>::append_to(&true, slot);
    }
}

#[derive(Table)]
struct WriteOnly {
    handmade: Handmade,
    name: &'static str,
}

#[test]
fn a_struct_that_cannot_be_read_can_be_written() {
    assert_eq!(write([WriteOnly { handmade: Handmade, name: "x" }]).num_columns(), 2);
}

#[derive(Table, Clone, PartialEq, Debug)]
struct Generic<T> {
    value: T,
    many: Vec<T>,
}

#[test]
fn generic_structs_are_read() {
    round_trip(&[
        Generic { value: Some(1), many: vec![] },
        Generic { value: None, many: vec![None, Some(2)] },
    ]);
    round_trip(&[Generic { value: 1_u8, many: vec![] }, Generic { value: 2, many: vec![0, 255] }]);
}
