//! `Values` rows: what fits which column, what does not, and which widths a row may have.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;

use arrow_buffer::i256;
use flexconnect_core::arrow_array::builder::{BinaryDictionaryBuilder, StringDictionaryBuilder};
use flexconnect_core::arrow_array::cast::AsArray;
use flexconnect_core::arrow_array::types::*;
use flexconnect_core::arrow_array::*;
use flexconnect_core::arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use flexconnect_core::{
    Accepts, CompareOp, Connector, ErrorKind, Predicate, ReadRequest, Record, Result, RowBuffer, Rows, Value,
    Values,
};
use support::{collect, opened};

type Cell = Option<Value>;

fn schema(fields: impl IntoIterator<Item = Field>) -> SchemaRef {
    Arc::new(Schema::new(fields.into_iter().collect::<Vec<_>>()))
}

fn buffer(schema: &SchemaRef) -> <Values as Record>::Buffer {
    RowBuffer::new(Some(schema), 16).unwrap()
}

/// One column of these cells, or the message of what does not fit.
fn column(data_type: DataType, cells: &[Cell]) -> Result<ArrayRef, String> {
    let mut buffer = buffer(&schema([Field::new("c", data_type, true)]));
    for cell in cells {
        <Values as Accepts<_>>::push(&mut buffer, Values::from_iter([cell.clone()]));
    }
    assert_eq!(buffer.len(), cells.len());
    let finished = buffer.finish().unwrap();
    assert!(buffer.is_empty());
    match finished.fault {
        None => Ok(finished.batch.column(0).clone()),
        Some(fault) => {
            assert_eq!(fault.kind(), ErrorKind::Data);
            assert_eq!(fault.place().column.as_deref(), Some("c"));
            let row = fault.place().row.unwrap() as usize;
            assert_eq!(finished.batch.num_rows(), row, "the rows before the fault");
            Err(fault.message().to_owned())
        }
    }
}

/// The cell and a null, in a column of this type.
#[track_caller]
fn fits(data_type: DataType, value: impl Into<Value>, expected: impl Array + 'static) {
    let array = column(data_type.clone(), &[Some(value.into()), None]).unwrap();
    assert_eq!(array.data_type(), &data_type);
    assert_eq!(array.to_data(), expected.to_data());
}

#[track_caller]
fn refused(data_type: DataType, value: impl Into<Value>, reason: &str) {
    let message = column(data_type, &[None, Some(value.into())]).unwrap_err();
    assert!(message.contains(reason), "{message}");
}

fn decimal(value: i128, scale: i8) -> Value {
    Value::Decimal128 { value, scale }
}

fn instant(value: i64, unit: TimeUnit) -> Value {
    Value::Timestamp { value, unit, timezone: Some("UTC".into()) }
}

fn wall_clock(value: i64, unit: TimeUnit) -> Value {
    Value::Timestamp { value, unit, timezone: None }
}

#[test]
fn integers_of_every_width_take_what_fits() {
    use DataType::*;
    fits(Int8, i8::MIN, Int8Array::from(vec![Some(i8::MIN), None]));
    fits(Int16, i16::MAX, Int16Array::from(vec![Some(i16::MAX), None]));
    fits(Int32, u16::MAX, Int32Array::from(vec![Some(65_535), None]));
    fits(Int64, i64::MIN, Int64Array::from(vec![Some(i64::MIN), None]));
    fits(UInt8, 255, UInt8Array::from(vec![Some(255), None]));
    fits(UInt16, 7, UInt16Array::from(vec![Some(7), None]));
    fits(UInt32, u32::MAX, UInt32Array::from(vec![Some(u32::MAX), None]));
    fits(UInt64, u64::MAX, UInt64Array::from(vec![Some(u64::MAX), None]));
    refused(Int8, 128, "the number `128` does not fit Int8: it is outside the range");
    refused(UInt8, -1, "outside the range");
    refused(Int64, u64::MAX, "outside the range");
    refused(UInt64, i64::MIN, "outside the range");
    refused(Int64, 3.0, "an integer is expected");
    refused(Int64, decimal(3, 0), "an integer is expected");
    refused(Int64, "3", "the text `3` does not fit Int64");
    refused(Int64, true, "an integer is expected");
}

#[test]
fn floats_are_exact_but_for_their_width() {
    use DataType::*;
    fits(Float64, 0.1, Float64Array::from(vec![Some(0.1), None]));
    fits(Float64, -0.0, Float64Array::from(vec![Some(-0.0), None]));
    fits(Float64, i64::MIN, Float64Array::from(vec![Some(-(2f64.powi(63))), None]));
    fits(Float32, 0.1f32, Float32Array::from(vec![Some(0.1f32), None]));
    fits(Float32, 0.1f64, Float32Array::from(vec![Some(0.1f32), None]));
    fits(Float32, f64::INFINITY, Float32Array::from(vec![Some(f32::INFINITY), None]));
    let half = column(Float16, &[Some(Value::from(1.5)), Some(Value::from(2048))]).unwrap();
    assert_eq!(
        half.as_primitive::<Float16Type>().values().iter().map(|v| v.to_f64()).collect::<Vec<_>>(),
        [1.5, 2048.0]
    );
    let nan = column(Float32, &[Some(Value::Float64(f64::NAN))]).unwrap();
    assert!(nan.as_primitive::<Float32Type>().value(0).is_nan());
    refused(Float32, 1e300, "outside the range");
    refused(Float16, 1e6, "outside the range");
    refused(Float64, (1i64 << 53) + 1, "not exact as a float");
    refused(Float32, (1i64 << 24) + 1, "not exact as a float");
    refused(Float64, decimal(15, 1), "no decimal");
}

#[test]
fn decimals_are_rescaled_only_without_loss() {
    use DataType::*;
    let wide = |value: i128| Value::Decimal256 { value: i256::from(value), scale: 1 };
    let of =
        |values: Vec<Option<i128>>| Decimal128Array::from(values).with_precision_and_scale(10, 2).unwrap();
    fits(Decimal128(10, 2), decimal(1250, 2), of(vec![Some(1250), None]));
    fits(Decimal128(10, 2), decimal(125, 1), of(vec![Some(1250), None]));
    fits(Decimal128(10, 2), decimal(12_500, 3), of(vec![Some(1250), None]));
    fits(Decimal128(10, 2), wide(-125), of(vec![Some(-1250), None]));
    fits(Decimal128(10, 2), 7, of(vec![Some(700), None]));
    fits(Decimal128(10, 2), u64::from(7u8), of(vec![Some(700), None]));
    let narrow = Decimal32Array::from(vec![Some(-12), None]).with_precision_and_scale(9, -1).unwrap();
    fits(Decimal32(9, -1), -120, narrow);
    let narrow = Decimal64Array::from(vec![Some(5), None]).with_precision_and_scale(18, 3).unwrap();
    fits(Decimal64(18, 3), decimal(5, 3), narrow);
    let wider =
        Decimal256Array::from(vec![Some(i256::from(1250)), None]).with_precision_and_scale(76, 2).unwrap();
    fits(Decimal256(76, 2), wide(125), wider);
    refused(Decimal128(10, 2), decimal(12_501, 3), "more than 2 digits after the point");
    refused(Decimal128(4, 2), decimal(10_000, 2), "more than 4 digits");
    refused(Decimal128(4, 2), decimal(-10_000, 2), "more than 4 digits");
    refused(Decimal128(4, 2), 100, "more than 4 digits");
    refused(Decimal32(9, -1), 125, "not a multiple of the column's last digit");
    refused(Decimal128(10, 2), 1.5, "a decimal or an integer is expected");
    refused(Decimal128(38, 2), Value::Decimal256 { value: i256::MAX, scale: 0 }, "digits");
}

#[test]
fn dates_and_times_take_whole_units() {
    use DataType::*;
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    let utc = || Some("UTC".into());
    fits(Date32, Value::Date32(-1), Date32Array::from(vec![Some(-1), None]));
    fits(
        Date64,
        Value::Date32(i32::MIN),
        Date64Array::from(vec![Some(i64::from(i32::MIN) * 86_400_000), None]),
    );
    fits(Time32(Second), Value::Time64(5_000_000_000), Time32SecondArray::from(vec![Some(5), None]));
    fits(Time32(Millisecond), Value::Time64(5_000_000), Time32MillisecondArray::from(vec![Some(5), None]));
    fits(Time64(Microsecond), Value::Time64(5_000), Time64MicrosecondArray::from(vec![Some(5), None]));
    fits(Time64(Nanosecond), Value::Time64(5), Time64NanosecondArray::from(vec![Some(5), None]));
    let seconds = TimestampSecondArray::from(vec![Some(-2), None]).with_timezone("UTC");
    fits(Timestamp(Second, utc()), instant(-2_000, Millisecond), seconds);
    let label: Arc<str> = "Europe/Berlin".into();
    let nanos = TimestampNanosecondArray::from(vec![Some(3_000), None]).with_timezone(label.clone());
    fits(Timestamp(Nanosecond, Some(label)), instant(3, Microsecond), nanos);
    let micros = TimestampMicrosecondArray::from(vec![Some(i64::MAX), None]);
    fits(Timestamp(Microsecond, None), wall_clock(i64::MAX, Microsecond), micros);
    let length = |value, unit| Value::Duration { value, unit };
    fits(Duration(Millisecond), length(-3, Second), DurationMillisecondArray::from(vec![Some(-3_000), None]));
    refused(Time32(Second), Value::Time64(1), "whole seconds");
    refused(Time64(Nanosecond), Value::Time64(86_400_000_000_000), "not within one day");
    refused(Time64(Nanosecond), Value::Time64(-1), "not within one day");
    refused(Timestamp(Second, utc()), instant(1, Millisecond), "whole seconds");
    refused(Timestamp(Nanosecond, None), wall_clock(i64::MAX, Second), "outside the range");
    refused(Timestamp(Second, None), instant(1, Second), "without a time zone");
    refused(Timestamp(Second, utc()), wall_clock(1, Second), "with a time zone");
    refused(Timestamp(Second, None), Value::Date32(1), "the date `1970-01-02` does not fit");
    refused(Date32, wall_clock(0, Second), "a date is expected");
    refused(Duration(Second), length(1, Nanosecond), "whole seconds");
}

#[test]
fn text_and_bytes_in_every_encoding() {
    use DataType::*;
    let text = "a text longer than a view keeps inline";
    fits(Utf8, text, StringArray::from(vec![Some(text), None]));
    fits(LargeUtf8, text, LargeStringArray::from(vec![Some(text), None]));
    fits(Utf8View, text, StringViewArray::from(vec![Some(text), None]));
    let bytes = text.as_bytes();
    fits(Binary, bytes, BinaryArray::from(vec![Some(bytes), None]));
    fits(LargeBinary, bytes, LargeBinaryArray::from(vec![Some(bytes), None]));
    fits(BinaryView, bytes, BinaryViewArray::from(vec![Some(bytes), None]));
    let fixed = FixedSizeBinaryArray::try_from_sparse_iter_with_size([Some([0u8, 255]), None].into_iter(), 2)
        .unwrap();
    fits(FixedSizeBinary(2), &[0u8, 255][..], fixed);
    refused(FixedSizeBinary(2), &[0u8][..], "the bytes `00` does not fit FixedSizeBinary(2): it has 1 bytes");
    refused(Utf8, &b"a"[..], "text is expected");
    refused(Binary, "a", "bytes are expected");
    refused(Int8, "ü".repeat(500), "…`");
    refused(Int8, vec![7u8; 500], "…`");

    let words = ["b", "a", "b", "", "a"];
    let cells: Vec<Cell> = words.iter().map(|word| Some(Value::from(*word))).chain([None]).collect();
    let mut expected = StringDictionaryBuilder::<Int16Type>::new();
    words.iter().for_each(|word| expected.append_value(word));
    expected.append_null();
    let array = column(Dictionary(Int16.into(), Utf8.into()), &cells).unwrap();
    assert_eq!(array.to_data(), expected.finish().to_data());
    let cells: Vec<Cell> =
        words.iter().map(|word| Some(Value::from(word.as_bytes()))).chain([None]).collect();
    let mut expected = BinaryDictionaryBuilder::<UInt8Type>::new();
    words.iter().for_each(|word| expected.append_value(word));
    expected.append_null();
    let array = column(Dictionary(UInt8.into(), Binary.into()), &cells).unwrap();
    assert_eq!(array.to_data(), expected.finish().to_data());
    let of_texts = Dictionary(Int8.into(), Utf8View.into());
    refused(of_texts.clone(), &b"a"[..], "text is expected");
    let many: Vec<Cell> = (0..200).map(|n: i32| Some(Value::from(n.to_string()))).collect();
    let message = column(of_texts.clone(), &many).unwrap_err();
    assert!(message.contains("dictionary is full; declare keys wider than Int8"), "{message}");
    // Bytes that are a text already there are no text either, and a fault in the first row has no entry to stand on.
    let mixed = [Some(Value::from("a")), Some(Value::from(&b"a"[..]))];
    assert!(column(of_texts.clone(), &mixed).unwrap_err().contains("text is expected"));
    assert!(column(of_texts, &mixed[1..]).unwrap_err().contains("text is expected"));
}

#[test]
fn booleans_and_nothing() {
    fits(DataType::Boolean, true, BooleanArray::from(vec![Some(true), None]));
    refused(DataType::Boolean, 1, "true or false is expected");
    assert_eq!(column(DataType::Null, &[None, None]).unwrap().as_ref(), &NullArray::new(2));
    refused(DataType::Null, 1, "only null is expected");
}

#[test]
fn a_null_does_not_fit_where_there_is_none() {
    let schema = schema([Field::new("a", DataType::Utf8, true), Field::new("b", DataType::Int8, false)]);
    let mut buffer = buffer(&schema);
    let push = |buffer: &mut _, cells: [Cell; 2]| {
        <Values as Accepts<_>>::push(buffer, Values::from(cells.to_vec()));
    };
    push(&mut buffer, [Some(Value::from("x")), Some(Value::from(1))]);
    push(&mut buffer, [None, None]);
    push(&mut buffer, [Some(Value::from("y")), Some(Value::from(2))]);
    assert_eq!(buffer.len(), 3);
    let finished = buffer.finish().unwrap();
    assert_eq!(finished.batch.num_rows(), 1);
    assert_eq!(
        finished.fault.unwrap().to_string(),
        "row 1, column `b`: there is no value, and the column (Int8) is not nullable"
    );
    // The next batch begins anew.
    push(&mut buffer, [None, Some(Value::from(3))]);
    let finished = buffer.finish().unwrap();
    assert!(finished.fault.is_none());
    assert_eq!(finished.batch.column(1).as_primitive::<Int8Type>().values(), &[3]);
}

#[test]
fn a_table_that_no_value_fills_is_refused_with_all_its_columns() {
    let list = DataType::new_list(DataType::Int8, true);
    let numbers = DataType::Dictionary(DataType::Int8.into(), DataType::Int64.into());
    let schema = schema([
        Field::new("fine", DataType::Int8, true),
        Field::new("many", list, true),
        Field::new("numbers", numbers, true),
    ]);
    let error = <Values as Record>::Buffer::new(Some(&schema), 0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Schema);
    let message = error.to_string();
    assert!(message.contains("`many` (List(Int8)), `numbers` (Dictionary(Int8, Int64))"), "{message}");
    assert!(!message.contains("fine") && message.contains("`RecordBatch`"), "{message}");
}

/// Three columns, and rows as wide as it is told.
struct Cursor {
    declared: bool,
    /// Gives only the columns that the request looks at.
    narrow: bool,
    by_slice: bool,
    cut: usize,
}

impl Cursor {
    fn table() -> SchemaRef {
        schema([
            Field::new("id", DataType::Int64, false),
            Field::new("name", DataType::Utf8, true),
            Field::new("data", DataType::Binary, true),
        ])
    }
}

impl Connector for Cursor {
    const NAME: &'static str = "cursor";
    type Config = ();
    type Row = Values;

    async fn init((): (), _: &()) -> Result<Self> {
        Err("built by hand".into())
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(self.declared.then(Cursor::table))
    }

    fn generate_rows(&self, request: ReadRequest) -> Rows<'_, Values> {
        let table = Cursor::table();
        let columns = if self.narrow { request.read_schema().unwrap() } else { table };
        let cell = |column: &str, row: i64| -> Cell {
            match column {
                "id" => Some(Value::from(row)),
                "name" => (row % 3 > 0).then(|| Value::from(format!("n{row}"))),
                _ => Some(Value::from(row.to_le_bytes().to_vec())),
            }
        };
        let width = columns.fields().len().saturating_sub(self.cut);
        let names: Vec<String> =
            columns.fields().iter().take(width).map(|field| field.name().clone()).collect();
        if !self.by_slice {
            return Rows::iter(
                (0..20_000).map(move |row| names.iter().map(|name| cell(name, row)).collect::<Values>()),
            );
        }
        Rows::blocking(move |out| {
            let mut cells = Vec::new();
            for row in 0..20_000 {
                cells.clear();
                cells.extend(names.iter().map(|name| cell(name, row)));
                out.push_cells(&cells)?;
            }
            Ok(())
        })
    }
}

#[test]
fn a_row_has_all_cells_or_those_the_read_looks_at() {
    let above = Predicate::compare("id", CompareOp::GtEq, 19_998);
    let requests = [
        ReadRequest::new(),
        ReadRequest::new().with_projection(["data"]),
        ReadRequest::new().with_projection(["data", "id"]),
        ReadRequest::new().with_projection(["name"]).with_predicate(above.clone()),
        ReadRequest::new().with_projection(Vec::<String>::new()),
        ReadRequest::new().with_projection(Vec::<String>::new()).with_predicate(above),
        ReadRequest::new().with_limit(3).with_projection(["name", "data"]),
    ];
    for request in requests {
        let read = |narrow: bool, by_slice: bool| {
            let cursor = Cursor { declared: true, narrow, by_slice, cut: 0 };
            let (batches, error) = collect(opened(cursor), request.clone());
            assert!(error.is_none(), "{error:?}");
            let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
            let first = batches.first().cloned().unwrap();
            (rows, first.schema(), batches)
        };
        let whole = read(false, false);
        assert!(whole.0 > 0);
        assert_eq!(whole, read(true, false), "{request:?}");
        let (rows, schema, _) = read(true, true);
        assert_eq!((rows, schema), (whole.0, whole.1), "{request:?}");
    }
}

#[test]
fn a_row_of_another_width_is_a_fault() {
    let cursor = |narrow, cut| opened(Cursor { declared: true, narrow, by_slice: false, cut });
    let (batches, error) = collect(cursor(false, 1), ReadRequest::new());
    assert!(batches.is_empty());
    assert_eq!(
        error.unwrap().to_string(),
        "connector `cursor`, row 0: the row has 2 cells; it takes 3, one for each column"
    );
    let (_, error) = collect(cursor(true, 1), ReadRequest::new().with_projection(["id", "name"]));
    let message = error.unwrap().to_string();
    assert!(message.contains("the row has 1 cells; it takes 3, one for each column, or 2,"), "{message}");
}

#[test]
fn without_a_schema_nothing_is_inferred() {
    let cursor = Cursor { declared: false, narrow: false, by_slice: false, cut: 0 };
    let (_, error) = collect(opened(cursor), ReadRequest::new());
    let error = error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Schema);
    assert!(error.to_string().contains("return them from `get_read_schema`"), "{error}");
}
