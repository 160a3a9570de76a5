//! Rows whose columns are known only at run time, and that JSON cannot carry: cells by position.

mod buffer;
mod bytes;
mod cells;
mod dictionary;
mod read;

use arrow_schema::SchemaRef;

use super::{Accepts, Record};
use crate::predicate::Value;

pub use buffer::ValuesBuffer;

/// One row of a table whose columns are known only at run time: its cells by position, `None` for null.
///
/// For sources that say at run time which types they have and whose values JSON cannot carry: bytes, exact
/// integers and decimals, points in time. A database cursor, mostly. The columns are those the connector's
/// `get_read_schema` gives, which it must: nothing is inferred.
///
/// A row has a cell for each column of the table, in the table's order; or, when the connector honours the
/// projection, exactly the cells of [`ReadRequest::read_schema`](crate::ReadRequest::read_schema).
///
/// ```
/// use std::sync::Arc;
///
/// use flexconnect_core::arrow_schema::{DataType, Field, Schema, SchemaRef};
/// use flexconnect_core::{Connector, ReadRequest, Result, Rows, Value, Values};
///
/// struct Songs;
///
/// impl Connector for Songs {
///     const NAME: &'static str = "songs";
///     type Config = ();
///     type Row = Values;
///
///     async fn init((): (), _: &()) -> Result<Self> { Ok(Songs) }
///
///     async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
///         let title = Field::new("title", DataType::Utf8, false);
///         let price = Field::new("price", DataType::Decimal128(10, 2), true);
///         Ok(Some(Arc::new(Schema::new(vec![title, price]))))
///     }
///
///     fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Values> {
///         let price = Value::Decimal128 { value: 99, scale: 2 };
///         Rows::iter([
///             Values::from(vec![Some(Value::from("Balls to the Wall")), Some(price)]),
///             Values::from(vec![Some(Value::from("Restless and Wild")), None]),
///         ])
///     }
/// }
/// ```
///
/// # What fits which column
///
/// A value that does not fit ends the read with an error that names row and column: nothing is cut, and no null
/// stands in for it. A `None` in a column that is not nullable does not fit either.
///
/// | column | value |
/// |---|---|
/// | `Boolean` | `Boolean` |
/// | integers of every width | `Int64`, `UInt64`, in range |
/// | `Float64` | `Float64`; an integer that is exact as a float |
/// | `Float32`, `Float16` | the same, a `Float64` rounded to the nearest of them |
/// | decimals of every width | `Decimal128`, `Decimal256`, and integers, that need no rounding to the column's scale |
/// | text: `Utf8`, `LargeUtf8`, `Utf8View`, dictionaries of them | `Utf8` |
/// | bytes: `Binary`, `LargeBinary`, `BinaryView`, dictionaries of them | `Binary` |
/// | `FixedSizeBinary` | `Binary` of that length |
/// | `Date32`, `Date64` | `Date32` |
/// | `Time32`, `Time64` | `Time64` within a day, in whole units of the column |
/// | `Timestamp` | `Timestamp` in whole units of the column, with a time zone if the column has one, else without |
/// | `Duration` | `Duration` in whole units of the column |
/// | `Null` | none |
///
/// No value fills a column of any other type (lists, structs, maps, unions, intervals, run-end encoded): such a
/// table is refused before its first row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Values(Vec<Option<Value>>);

impl Values {
    /// The cells, by position.
    pub fn cells(&self) -> &[Option<Value>] {
        &self.0
    }

    /// The cells themselves.
    pub fn into_cells(self) -> Vec<Option<Value>> {
        self.0
    }
}

impl Record for Values {
    type Buffer = ValuesBuffer;

    fn schema() -> Option<SchemaRef> {
        None
    }
}

impl Accepts<Values> for Values {
    #[inline]
    fn push(buffer: &mut ValuesBuffer, row: Values) {
        buffer.push(&row.0);
    }
}

impl From<Vec<Option<Value>>> for Values {
    fn from(cells: Vec<Option<Value>>) -> Self {
        Values(cells)
    }
}

impl FromIterator<Option<Value>> for Values {
    fn from_iter<I: IntoIterator<Item = Option<Value>>>(cells: I) -> Self {
        Values(cells.into_iter().collect())
    }
}
