//! Cells on their way in: Arrow's values, as SQLite stores them.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Array, LargeBinaryArray, LargeStringArray, RecordBatch,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{Float64Type, Int64Type};
use arrow::util::display::FormatOptions;
use flexconnect_core::arrow_schema::{DataType, Schema};
use flexconnect_core::{Error, ErrorKind, FromBatch};
use rusqlite::types::ValueRef;

/// How SQLite stores values of an Arrow type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Integers and booleans.
    Integer,
    Real,
    /// Text, and what SQLite has no type for and writes as text: dates, times, instants (in UTC).
    Text,
    /// The digits of a decimal number, as text that a column of numbers makes a number of.
    Decimal {
        /// How many digits there can be.
        precision: u8,
    },
    Blob,
    /// No value at all.
    Null,
}

impl Class {
    /// The class of a type; `None` when SQLite has nothing for it.
    pub(super) fn of(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Dictionary(_, values) => Class::of(values)?,
            DataType::Boolean => Class::Integer,
            integer if integer.is_integer() => Class::Integer,
            float if float.is_floating() => Class::Real,
            DataType::Decimal32(precision, _)
            | DataType::Decimal64(precision, _)
            | DataType::Decimal128(precision, _)
            | DataType::Decimal256(precision, _) => Class::Decimal { precision: *precision },
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Class::Text,
            DataType::Date32 | DataType::Date64 | DataType::Time32(_) | DataType::Time64(_) => Class::Text,
            DataType::Timestamp(..) => Class::Text,
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => Class::Blob,
            DataType::FixedSizeBinary(_) => Class::Blob,
            DataType::Null => Class::Null,
            _ => return None,
        })
    }
}

/// One row of a batch. The columns are shared by the rows, and nothing is copied before SQLite does.
#[derive(Debug, Clone)]
pub(super) struct StoredRow {
    columns: Arc<[Stored]>,
    row: usize,
}

#[derive(Debug)]
enum Stored {
    Integer(Int64Array),
    Real(Float64Array),
    Text(LargeStringArray),
    Blob(LargeBinaryArray),
    Null,
}

impl StoredRow {
    /// The value of a column.
    pub(super) fn value(&self, column: usize) -> ValueRef<'_> {
        let valid = |array: &dyn Array| array.is_valid(self.row);
        match &self.columns[column] {
            Stored::Integer(values) if valid(values) => ValueRef::Integer(values.value(self.row)),
            Stored::Real(values) if valid(values) => ValueRef::Real(values.value(self.row)),
            Stored::Text(values) if valid(values) => ValueRef::Text(values.value(self.row).as_bytes()),
            Stored::Blob(values) if valid(values) => ValueRef::Blob(values.value(self.row)),
            _ => ValueRef::Null,
        }
    }
}

impl FromBatch for StoredRow {
    fn check_schema(schema: &Schema) -> Result<(), Error> {
        let fields = schema.fields().iter().filter(|field| Class::of(field.data_type()).is_none());
        let faults: Vec<_> =
            fields.map(|field| format!("`{}` is {}", field.name(), field.data_type())).collect();
        if faults.is_empty() {
            return Ok(());
        }
        let message = format!(
            "SQLite cannot keep these columns: {}; cast them, to text for instance",
            faults.join(", ")
        );
        Err(Error::new(ErrorKind::Schema, message))
    }

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>, Error> {
        Self::check_schema(batch.schema_ref())?;
        let columns = batch.schema_ref().fields().iter().zip(batch.columns());
        let columns: Vec<Stored> = columns
            .map(|(field, values)| stored(values).map_err(|error| error.with_column(field.name())))
            .collect::<Result<_, _>>()?;
        let columns: Arc<[Stored]> = columns.into();
        Ok((0..batch.num_rows()).map(|row| StoredRow { columns: columns.clone(), row }).collect())
    }
}

fn stored(values: &ArrayRef) -> Result<Stored, Error> {
    let Some(class) = Class::of(values.data_type()) else { return Ok(Stored::Null) };
    Ok(match class {
        Class::Null => Stored::Null,
        Class::Integer => {
            Stored::Integer(converted(values, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
        }
        Class::Real => {
            let floats = converted(values, &DataType::Float64)?.as_primitive::<Float64Type>().clone();
            // SQLite would keep it as a null.
            if let Some(row) =
                (0..floats.len()).find(|row| floats.is_valid(*row) && floats.value(*row).is_nan())
            {
                let message = "the value is NaN, which SQLite cannot keep";
                return Err(Error::new(ErrorKind::Data, message).with_row(row as u64));
            }
            Stored::Real(floats)
        }
        Class::Text | Class::Decimal { .. } => {
            Stored::Text(converted(&plain(values)?, &DataType::LargeUtf8)?.as_string::<i64>().clone())
        }
        Class::Blob => Stored::Blob(converted(values, &DataType::LargeBinary)?.as_binary::<i64>().clone()),
    })
}

/// Values as their text has them: without a dictionary, days as days, and instants in UTC.
fn plain(values: &ArrayRef) -> Result<ArrayRef, Error> {
    match values.data_type() {
        DataType::Dictionary(_, inner) => plain(&converted(values, inner)?),
        DataType::Date64 => converted(values, &DataType::Date32),
        // To know a zone by its name takes a data base of all zones, and the text is in UTC anyway.
        DataType::Timestamp(unit, Some(_)) => {
            converted(values, &DataType::Timestamp(*unit, Some("+00:00".into())))
        }
        _ => Ok(values.clone()),
    }
}

/// All values in another type; a value that has none there is an error with its row.
fn converted(values: &ArrayRef, to: &DataType) -> Result<ArrayRef, Error> {
    let options = CastOptions {
        safe: false,
        format_options: FormatOptions::new()
            .with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.f"))
            .with_timestamp_tz_format(Some("%Y-%m-%d %H:%M:%S%.fZ")),
    };
    cast_with_options(values, to, &options).map_err(|error| {
        let fails = |row: &usize| cast_with_options(&values.slice(*row, 1), to, &options).is_err();
        let row = (0..values.len()).find(fails).unwrap_or(0);
        Error::new(ErrorKind::Data, format!("SQLite cannot keep the value: {error}")).with_row(row as u64)
    })
}

#[cfg(test)]
mod tests {
    use arrow::array::{
        BooleanArray, Date32Array, Date64Array, Decimal128Array, DictionaryArray, FixedSizeBinaryArray,
        Float32Array, Time32MillisecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
        UInt64Array,
    };
    use arrow::datatypes::Int8Type;

    use super::*;

    fn rows(values: ArrayRef) -> Result<Vec<StoredRow>, Error> {
        StoredRow::from_batch(&RecordBatch::try_from_iter_with_nullable([("c", values, true)]).unwrap())
    }

    #[test]
    fn every_type_is_stored_as_sqlite_would_write_it() {
        let text = |text: &'static str| ValueRef::Text(text.as_bytes());
        let dictionary: DictionaryArray<Int8Type> = vec!["a"].into_iter().collect();
        let cases: Vec<(ArrayRef, ValueRef<'_>)> = vec![
            (Arc::new(BooleanArray::from(vec![true])), ValueRef::Integer(1)),
            (Arc::new(UInt64Array::from(vec![7])), ValueRef::Integer(7)),
            (Arc::new(Float32Array::from(vec![1.5])), ValueRef::Real(1.5)),
            (
                Arc::new(Decimal128Array::from(vec![-1250]).with_precision_and_scale(10, 2).unwrap()),
                text("-12.50"),
            ),
            (Arc::new(dictionary), text("a")),
            (Arc::new(Date32Array::from(vec![19_860])), text("2024-05-17")),
            (Arc::new(Date64Array::from(vec![19_860 * 86_400_000])), text("2024-05-17")),
            (Arc::new(Time32MillisecondArray::from(vec![30_600_250])), text("08:30:00.250")),
            (Arc::new(TimestampMillisecondArray::from(vec![86_400_250])), text("1970-01-02 00:00:00.250")),
            (
                Arc::new(TimestampNanosecondArray::from(vec![1]).with_timezone("Europe/Berlin")),
                text("1970-01-01 00:00:00.000000001Z"),
            ),
            (
                Arc::new(FixedSizeBinaryArray::try_from_iter([[1u8, 2]].iter()).unwrap()),
                ValueRef::Blob(&[1, 2]),
            ),
            (Arc::new(Int64Array::from(vec![None])), ValueRef::Null),
        ];
        for (values, expected) in cases {
            let data_type = values.data_type().clone();
            assert_eq!(rows(values).unwrap()[0].value(0), expected, "{data_type}");
        }
    }

    #[test]
    fn what_sqlite_would_change_is_refused_with_its_row() {
        let above: ArrayRef = Arc::new(UInt64Array::from(vec![1, u64::MAX]));
        let nan: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), None, Some(f64::NAN)]));
        for (values, row) in [(above, 1), (nan, 2)] {
            let error = rows(values).unwrap_err();
            assert_eq!((error.kind(), error.place().row), (ErrorKind::Data, Some(row)), "{error}");
            assert_eq!(error.place().column.as_deref(), Some("c"));
        }
    }
}
