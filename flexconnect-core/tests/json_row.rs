//! JSON rows become typed columns: by a declared schema, and by one found from the rows.

// The helpers of a test are tests too, which the lint does not see.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use arrow_array::builder::{MapBuilder, StringBuilder, StringDictionaryBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::*;
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use flexconnect_core::infer::{self, SAMPLE_BYTES, SAMPLE_ROWS, json_field, sampled_rows};
use flexconnect_core::record::{Accepts, Finished, JsonBuffer, RowBuffer};
use flexconnect_core::{Error, ErrorKind, JsonRow};
use serde_json::{Value as Json, json};

fn push(buffer: &mut JsonBuffer, row: Json) {
    <JsonRow as Accepts<JsonRow>>::push(buffer, serde_json::from_value(row).unwrap());
}

fn encode(schema: Option<SchemaRef>, rows: &[Json]) -> Finished {
    let mut buffer = JsonBuffer::new(schema.as_ref(), rows.len()).unwrap();
    rows.iter().for_each(|row| push(&mut buffer, row.clone()));
    assert_eq!(buffer.len(), rows.len());
    let finished = buffer.finish().unwrap();
    assert!(buffer.is_empty());
    finished
}

fn schema(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}

/// The rows of one column named `c`, and the first fault.
fn one(field: &Field, values: &[Json]) -> (ArrayRef, Option<Error>) {
    let rows: Vec<Json> = values.iter().map(|value| json!({ "c": value })).collect();
    let finished = encode(Some(schema(vec![field.clone().with_name("c")])), &rows);
    (finished.batch.column(0).clone(), finished.fault)
}

fn nullable(data_type: DataType) -> Field {
    Field::new("c", data_type, true)
}

fn item(data_type: DataType) -> Arc<Field> {
    Arc::new(Field::new_list_field(data_type, true))
}

fn dictionary(texts: &[Option<&str>]) -> ArrayRef {
    let mut builder = StringDictionaryBuilder::<UInt8Type>::new();
    texts.iter().for_each(|text| builder.append_option(*text));
    Arc::new(builder.finish())
}

#[test]
fn each_type_takes_its_values() {
    use DataType::*;
    type Half = <Float16Type as ArrowPrimitiveType>::Native;
    let utc: Option<Arc<str>> = Some("UTC".into());
    let second = TimeUnit::Second;
    let cases: Vec<(DataType, Json, ArrayRef)> = vec![
        (Null, json!([null, null]), Arc::new(NullArray::new(2))),
        (
            Boolean,
            json!([true, null, false]),
            Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
        ),
        (Int8, json!([-128, null, 3.0]), Arc::new(Int8Array::from(vec![Some(-128), None, Some(3)]))),
        (Int16, json!([32_767]), Arc::new(Int16Array::from(vec![32_767]))),
        (Int32, json!([-5]), Arc::new(Int32Array::from(vec![-5]))),
        (Int64, json!([i64::MIN, i64::MAX]), Arc::new(Int64Array::from(vec![i64::MIN, i64::MAX]))),
        (UInt8, json!([255]), Arc::new(UInt8Array::from(vec![255]))),
        (UInt16, json!([1]), Arc::new(UInt16Array::from(vec![1]))),
        (UInt32, json!([1]), Arc::new(UInt32Array::from(vec![1]))),
        (UInt64, json!([u64::MAX]), Arc::new(UInt64Array::from(vec![u64::MAX]))),
        (Float16, json!([0.5]), Arc::new(Float16Array::from(vec![Half::from_f64(0.5)]))),
        (Float32, json!([0.1, 5]), Arc::new(Float32Array::from(vec![0.1, 5.0]))),
        (Float64, json!([0.1, null, 5]), Arc::new(Float64Array::from(vec![Some(0.1), None, Some(5.0)]))),
        (
            Decimal32(5, 2),
            json!([1.5, "-0.05"]),
            Arc::new(Decimal32Array::from(vec![150, -5]).with_precision_and_scale(5, 2).unwrap()),
        ),
        (
            Decimal64(12, 0),
            json!([7]),
            Arc::new(Decimal64Array::from(vec![7]).with_precision_and_scale(12, 0).unwrap()),
        ),
        (
            Decimal128(20, 0),
            json!([u64::MAX, -1]),
            Arc::new(
                Decimal128Array::from(vec![i128::from(u64::MAX), -1])
                    .with_precision_and_scale(20, 0)
                    .unwrap(),
            ),
        ),
        (
            Decimal256(76, 10),
            json!(["1.5"]),
            Arc::new(
                Decimal256Array::from(vec![arrow_buffer::i256::from_i128(15_000_000_000)])
                    .with_precision_and_scale(76, 10)
                    .unwrap(),
            ),
        ),
        (Date32, json!(["2024-05-17", 1]), Arc::new(Date32Array::from(vec![19_860, 1]))),
        (Date64, json!(["1970-01-02"]), Arc::new(Date64Array::from(vec![86_400_000]))),
        (Time32(second), json!(["00:01:00"]), Arc::new(Time32SecondArray::from(vec![60]))),
        (
            Time32(TimeUnit::Millisecond),
            json!(["00:00:00.5", 7]),
            Arc::new(Time32MillisecondArray::from(vec![500, 7])),
        ),
        (
            Time64(TimeUnit::Microsecond),
            json!(["00:00:01"]),
            Arc::new(Time64MicrosecondArray::from(vec![1_000_000])),
        ),
        (Time64(TimeUnit::Nanosecond), json!([5]), Arc::new(Time64NanosecondArray::from(vec![5]))),
        (
            Timestamp(second, utc.clone()),
            json!(["1970-01-01T01:00:00+01:00", 7]),
            Arc::new(TimestampSecondArray::from(vec![0, 7]).with_timezone_opt(utc.clone())),
        ),
        (
            Timestamp(TimeUnit::Microsecond, None),
            json!(["1969-12-31T23:59:59.999999"]),
            Arc::new(TimestampMicrosecondArray::from(vec![-1])),
        ),
        (Duration(second), json!(["PT1M", -5]), Arc::new(DurationSecondArray::from(vec![60, -5]))),
        (Utf8, json!(["a", null, "ü"]), Arc::new(StringArray::from(vec![Some("a"), None, Some("ü")]))),
        (LargeUtf8, json!(["a", null]), Arc::new(LargeStringArray::from(vec![Some("a"), None]))),
        (
            Utf8View,
            json!(["a text of more than twelve bytes", null]),
            Arc::new(StringViewArray::from(vec![Some("a text of more than twelve bytes"), None])),
        ),
        (
            Dictionary(UInt8.into(), Utf8.into()),
            json!(["b", null, "a", "b"]),
            dictionary(&[Some("b"), None, Some("a"), Some("b")]),
        ),
        (
            List(item(Int64)),
            json!([[1, null], null, []]),
            Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([
                Some(vec![Some(1), None]),
                None,
                Some(vec![]),
            ])),
        ),
        (
            LargeList(item(Int8)),
            json!([[1], [2, 3]]),
            Arc::new(LargeListArray::from_iter_primitive::<Int8Type, _, _>([
                Some(vec![Some(1)]),
                Some(vec![Some(2), Some(3)]),
            ])),
        ),
        (
            FixedSizeList(item(Float32), 2),
            json!([[1, 0.5], null]),
            Arc::new(FixedSizeListArray::from_iter_primitive::<Float32Type, _, _>(
                [Some(vec![Some(1.0), Some(0.5)]), None],
                2,
            )),
        ),
    ];
    for (data_type, values, expected) in cases {
        let (array, fault) = one(&nullable(data_type.clone()), values.as_array().unwrap());
        assert!(fault.is_none(), "{data_type}: {fault:?}");
        assert_eq!(array.data_type(), &data_type);
        assert_eq!(&array, &expected, "{data_type}");
    }
}

#[test]
fn structs_and_maps_take_objects() {
    let inner = vec![Field::new("x", DataType::Int8, false), Field::new("y", DataType::Utf8, true)];
    let point = DataType::Struct(inner.into());
    let (array, fault) =
        one(&nullable(point), &[json!({"y": "a", "x": 1, "z": 0}), Json::Null, json!({"x": 2})]);
    assert!(fault.is_none(), "{fault:?}");
    let point = array.as_struct();
    assert_eq!(point.column(0).as_primitive::<Int8Type>().values()[..], [1, 0, 2]);
    assert!(point.is_null(1) && point.column(1).is_null(2));

    let mut expected = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    expected.keys().append_value("b");
    expected.values().append_value("1");
    expected.keys().append_value("a");
    expected.values().append_null();
    expected.append(true).unwrap();
    expected.append(false).unwrap();
    let expected = expected.finish();
    let (array, fault) =
        one(&nullable(expected.data_type().clone()), &[json!({"b": "1", "a": null}), Json::Null]);
    assert!(fault.is_none(), "{fault:?}");
    assert_eq!(array.as_map(), &expected);

    let DataType::Map(entries, _) = expected.data_type() else { panic!("a map") };
    let (array, _) = one(&nullable(DataType::Map(entries.clone(), true)), &[json!({"b": "1", "a": null})]);
    let keys: Vec<_> = array.as_map().keys().as_string::<i32>().iter().flatten().collect();
    assert_eq!(keys, ["a", "b"]);
}

#[test]
fn json_text_takes_everything() {
    let values = [json!({"a": [1, "x"]}), json!("text"), json!(1.5), Json::Null, json!(true)];
    let expected =
        StringArray::from(vec![Some(r#"{"a":[1,"x"]}"#), Some("\"text\""), Some("1.5"), None, Some("true")]);
    let (array, fault) = one(&json_field("c"), &values);
    assert!(fault.is_none());
    assert_eq!(array.as_string::<i32>(), &expected);
    for data_type in [
        DataType::LargeUtf8,
        DataType::Utf8View,
        DataType::Dictionary(DataType::Int8.into(), DataType::Utf8.into()),
    ] {
        let (array, fault) = one(&json_field("c").with_data_type(data_type), &values);
        assert!(fault.is_none());
        assert_eq!(array.len(), 5);
    }
}

#[test]
fn what_does_not_fit_ends_the_rows_before_it() {
    use DataType::*;
    let list = List(Arc::new(Field::new_list_field(Int8, false)));
    let point = Struct(vec![Field::new("x", list.clone(), true), Field::new("y", Int8, true)].into());
    for (data_type, good, bad, path, reason) in [
        (Int64, json!(1), json!(5.5), "c", "the number `5.5` does not fit Int64: it has a fraction"),
        (Int8, json!(1), json!(200), "c", "the number `200` does not fit Int8: it is outside the range"),
        (Int8, json!(1), json!("1"), "c", "the text `\"1\"` does not fit Int8: a whole number is expected"),
        (UInt8, json!(1), json!(true), "c", "a whole number is expected"),
        (Float64, json!(1), json!(9_007_199_254_740_993_i64), "c", "not exact as a float"),
        (Float64, json!(1), json!(true), "c", "a number is expected"),
        (Boolean, json!(true), json!(1), "c", "`true` or `false` is expected"),
        (Utf8, json!("a"), json!(1), "c", "text is expected"),
        (Utf8View, json!("a"), json!([1]), "c", "the array `[1]` does not fit Utf8View: text is expected"),
        (Null, Json::Null, json!(1), "c", "only null is expected"),
        (Date32, json!("2024-05-17"), json!("2024-02-30"), "c", "a date is written like `2024-05-17`"),
        (list.clone(), json!([1]), json!([1, 2, 300]), "c[2]", "the number `300` does not fit Int8"),
        (list.clone(), json!([1]), json!([null]), "c[0]", "not nullable"),
        (list.clone(), json!([1]), json!({}), "c", "an array is expected"),
        (FixedSizeList(item(Int8), 2), json!([1, 2]), json!([1]), "c", "2 items are expected, not 1"),
        (FixedSizeList(item(Int8), 2), json!([1, 2]), json!([1, "a"]), "c[1]", "a whole number is expected"),
        (
            point.clone(),
            json!({"x": [1], "y": 1}),
            json!({"x": [1, "a"], "y": 1}),
            "c.x[1]",
            "a whole number",
        ),
        (List(item(point)), json!([{"y": 1}]), json!([{}, {"y": 1, "x": [0.5]}]), "c[1].x[0]", "a fraction"),
    ] {
        let rows = [good.clone(), good.clone(), bad, good.clone()];
        let (array, fault) = one(&nullable(data_type.clone()), &rows);
        let fault = fault.unwrap_or_else(|| panic!("{data_type}"));
        assert_eq!(fault.kind(), ErrorKind::Data);
        assert_eq!(fault.place().row, Some(2));
        assert_eq!(fault.place().column.as_deref(), Some(path));
        assert!(fault.message().contains(reason), "{fault}");
        assert!(!fault.message().contains("sample"), "{fault}");
        let (expected, _) = one(&nullable(data_type), &[good.clone(), good]);
        assert_eq!(&array, &expected);
    }
}

#[test]
fn nulls_are_refused_where_the_schema_does() {
    let id = || schema(vec![Field::new("id", DataType::Int64, false), nullable(DataType::Utf8)]);
    for row in [json!({"c": "a"}), json!({"id": null})] {
        let finished = encode(Some(id()), &[json!({"id": 1}), row]);
        assert_eq!(finished.batch.num_rows(), 1);
        let message = finished.fault.unwrap().to_string();
        assert_eq!(message, "row 1, column `id`: there is no value, and the column (Int64) is not nullable");
    }
}

#[test]
fn a_buffer_is_ready_again_after_a_fault() {
    let mut buffer =
        JsonBuffer::new(Some(&schema(vec![nullable(DataType::List(item(DataType::Int8)))])), 8).unwrap();
    for row in [json!({"c": [1]}), json!({"c": [2, "x"]}), json!({"c": [3]})] {
        push(&mut buffer, row);
    }
    // All three count, so that whoever fills the buffer comes to an end.
    assert_eq!(buffer.len(), 3);
    let finished = buffer.finish().unwrap();
    assert_eq!((finished.batch.num_rows(), finished.fault.is_some()), (1, true));
    push(&mut buffer, json!({"c": [4]}));
    assert!(buffer.bytes() > 0);
    let finished = buffer.finish().unwrap();
    assert!(finished.fault.is_none());
    let lists = finished.batch.column(0).as_list::<i32>().clone();
    assert_eq!(lists.value(0).as_primitive::<Int8Type>().values()[..], [4]);
}

#[test]
fn a_declared_schema_ignores_other_names() {
    let finished = encode(Some(schema(vec![nullable(DataType::Int64)])), &[json!({"x": 1, "c": 2, "y": []})]);
    assert!(finished.fault.is_none());
    assert_eq!(finished.batch.column(0).as_primitive::<Int64Type>().value(0), 2);
    let finished = encode(Some(schema(vec![])), &[json!({"x": 1}), json!({})]);
    assert_eq!(finished.batch.num_rows(), 2);
}

#[test]
fn a_full_dictionary_is_a_fault() {
    let data_type = DataType::Dictionary(DataType::Int8.into(), DataType::Utf8.into());
    let values: Vec<Json> = (0..129).map(|number| json!(number.to_string())).collect();
    let (array, fault) = one(&nullable(data_type), &values);
    assert_eq!(array.len(), 128);
    assert!(fault.unwrap().to_string().contains("declare keys wider than Int8"));
}

#[test]
fn types_without_a_json_form_are_refused_at_once() {
    let bytes = Field::new("b", DataType::Binary, true);
    let nested = DataType::List(Field::new("item", DataType::Struct(vec![bytes].into()), true).into());
    let time = DataType::Time64(TimeUnit::Second);
    for (data_type, path) in [(DataType::Binary, "c"), (nested, "c.item.b"), (time, "c")] {
        let error = JsonBuffer::new(Some(&schema(vec![nullable(data_type)])), 0).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Schema);
        assert_eq!(error.place().column.as_deref(), Some(path));
        assert!(error.message().starts_with("JSON rows cannot fill a column of type"), "{error}");
    }
}

#[test]
fn an_inferred_schema_is_kept_and_says_what_widens_it() {
    let mut buffer = JsonBuffer::new(None, 8192).unwrap();
    let nothing = buffer.finish().unwrap().batch;
    assert_eq!((nothing.num_rows(), nothing.num_columns()), (0, 0));
    push(&mut buffer, json!({"id": 1, "price": 2.5, "tags": [1]}));
    push(&mut buffer, json!({"id": 2}));
    assert_eq!(buffer.len(), 2);
    let first = buffer.finish().unwrap();
    assert!(first.fault.is_none());
    assert_eq!(first.batch.num_rows(), 2);
    let found = first.batch.schema();
    assert_eq!(sampled_rows(&found), Some(2));

    let beyond = json!({"id": u64::MAX});
    let not_exact = json!({"price": 9_007_199_254_740_993_i64});
    for (row, column, widened) in [
        (json!({"id": 1.5}), "id", "declare the column as Float64 in `get_read_schema`"),
        (beyond, "id", "declare the column as Decimal128(20, 0)"),
        (json!({"id": "x"}), "id", "declare the column as JSON text"),
        (not_exact, "price", "declare the column as JSON text"),
        (json!({"tags": [1, 0.5]}), "tags[1]", "sample of 2 rows: declare the column as Float64"),
        (json!({"id": 3, "new": 5}), "new", "not in the sample of 2 rows"),
    ] {
        // The buffer that inferred, and one that was given the inferred schema.
        let mut other = JsonBuffer::new(Some(&found), 8192).unwrap();
        for buffer in [&mut buffer, &mut other] {
            push(buffer, json!({"id": 3, "new": null}));
            push(buffer, row.clone());
            let finished = buffer.finish().unwrap();
            assert_eq!(finished.batch.schema(), found);
            assert_eq!(finished.batch.num_rows(), 1);
            let fault = finished.fault.unwrap();
            assert_eq!((fault.place().row, fault.place().column.as_deref()), (Some(1), Some(column)));
            assert!(fault.message().contains(widened), "{fault}");
        }
    }
}

#[test]
fn the_sample_is_bounded_by_rows_and_bytes() {
    let mut buffer = JsonBuffer::new(None, 8192).unwrap();
    for id in 0..SAMPLE_ROWS {
        push(&mut buffer, json!({ "id": id }));
    }
    push(&mut buffer, json!({"id": 0.5}));
    let finished = buffer.finish().unwrap();
    assert_eq!(sampled_rows(&finished.batch.schema()), Some(SAMPLE_ROWS as u64));
    assert_eq!(finished.batch.num_rows(), SAMPLE_ROWS);
    assert_eq!(finished.fault.unwrap().place().row, Some(SAMPLE_ROWS as u64));

    let mut buffer = JsonBuffer::new(None, 8192).unwrap();
    push(&mut buffer, json!({"text": "x".repeat(SAMPLE_BYTES)}));
    assert!(buffer.bytes() >= SAMPLE_BYTES);
    push(&mut buffer, json!({"text": 1}));
    assert!(buffer.finish().unwrap().fault.is_some());
}

/// A random value, of few kinds so that some columns are uniform.
fn random(state: &mut u64, depth: u32) -> Json {
    let mut below = |bound: u64| {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state % bound
    };
    match below(if depth == 0 { 5 } else { 9 }) {
        0 => Json::Null,
        1 => json!(below(3)),
        2 => [json!(-0.0), json!(1.5), json!(u64::MAX), json!(i64::MIN), json!(1e300)][below(5) as usize]
            .clone(),
        3 => json!(below(2) == 0),
        4 => json!(["", "a", "\"ü\u{1}"][below(3) as usize]),
        5 | 6 => (0..below(3)).map(|_| random(state, depth - 1)).collect(),
        _ => {
            let names: Vec<_> = (0..below(3)).map(|_| ["a", "b", ""][below(3) as usize]).collect();
            names.into_iter().map(|name| (name, random(state, depth - 1))).collect()
        }
    }
}

/// An inferred column's value as JSON.
fn decode(array: &dyn Array, field: &Field, row: usize) -> Json {
    if array.is_null(row) {
        return Json::Null;
    }
    match array.data_type() {
        DataType::Boolean => json!(array.as_boolean().value(row)),
        DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt64 => json!(array.as_primitive::<UInt64Type>().value(row)),
        DataType::Float64 => json!(array.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8 if field.extension_type_name() == Some("arrow.json") => {
            serde_json::from_str(array.as_string::<i32>().value(row)).unwrap()
        }
        DataType::Utf8 => json!(array.as_string::<i32>().value(row)),
        DataType::List(item) => {
            let items = array.as_list::<i32>().value(row);
            (0..items.len()).map(|row| decode(&items, item, row)).collect()
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns().iter().zip(fields);
            columns.map(|(column, field)| (field.name().clone(), decode(column, field, row))).collect()
        }
        other => panic!("{other} is never inferred"),
    }
}

/// Null members left out, and numbers as floats where that is exact, which is what a column does not tell apart.
fn plain(value: &Json) -> Json {
    match value {
        Json::Number(number) => {
            let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
            let float = number.as_f64().unwrap();
            if whole.is_some_and(|whole| float as i128 != whole) { value.clone() } else { json!(float) }
        }
        Json::Array(items) => items.iter().map(plain).collect(),
        Json::Object(members) => {
            let members = members.iter().filter(|(_, value)| !value.is_null());
            let mut members: Vec<_> = members.map(|(name, value)| (name.clone(), plain(value))).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            members.into_iter().collect()
        }
        other => other.clone(),
    }
}

#[test]
fn whatever_is_inferred_holds_its_rows() {
    let mut state = 0x9E37_79B9_7F4A_7C15;
    for _ in 0..3_000 {
        let count = 1 + state % 4;
        let rows: Vec<Json> = (0..count).map(|_| json!({"c": random(&mut state, 3)})).collect();
        let Finished { batch, fault } = encode(None, &rows);
        assert!(fault.is_none(), "{rows:?}: {fault:?}");
        assert_eq!(batch.num_rows(), rows.len());
        let found = batch.schema();
        assert_eq!(found.fields().len(), 1);
        for (row, value) in rows.iter().enumerate() {
            let decoded = json!({"c": decode(batch.column(0), found.field(0), row)});
            assert_eq!(plain(&decoded), plain(value), "{found:?}");
        }
    }
    let none: [JsonRow; 0] = [];
    assert_eq!(sampled_rows(&infer::infer_schema(&none)), Some(0));
}
