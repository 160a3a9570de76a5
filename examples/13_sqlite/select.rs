//! Reads: a request as one statement, and its rows.

use flexconnect_core::{BlockingOutput, Error, ErrorKind, ReadRequest, Result, Value, Values};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row, Statement};

use super::cells::read_cell;
use super::column::Column;
use super::database::{pragma, stop_when};
use super::filter;
use super::identifier;
use super::partition::Range;
use super::shape::Shape;
use super::watch::Watch;
use crate::store::fault::explain;

/// A statement that reads, and what it gives.
#[derive(Debug)]
pub(super) struct Select {
    text: String,
    values: Vec<Value>,
    columns: Vec<Column>,
    /// Whether the row's number comes behind the columns, to say where a value is that does not fit.
    numbered: bool,
}

impl Select {
    /// The rows of a read: the columns it looks at, in the table's order.
    ///
    /// # Errors
    /// Precondition when the table is not any longer what the read was planned for.
    pub(super) fn rows(shape: &Shape, request: &ReadRequest) -> Result<Self, Error> {
        if request.schema.as_ref().is_some_and(|schema| schema.fields() != shape.schema.fields()) {
            return Err(changed());
        }
        let wanted = request.read_schema().unwrap_or_else(|| shape.schema.clone());
        let columns: Vec<Column> =
            wanted.fields().iter().filter_map(|field| shape.column(field.name()).cloned()).collect();
        let mut results: Vec<String> = columns.iter().map(|column| identifier(&column.name)).collect();
        results.extend(shape.rowid.as_deref().map(identifier));
        if results.is_empty() {
            // Rows without columns still count.
            results.push("NULL".into());
        }
        let mut select = Select::of(shape, request, &results.join(", "))?;
        select.columns = columns;
        if let Some(limit) = request.limit {
            select.text.push_str(" LIMIT ?");
            select.values.push(Value::Int64(i64::try_from(limit).unwrap_or(i64::MAX)));
        }
        Ok(select)
    }

    /// How many rows a read has.
    ///
    /// # Errors
    /// Not found for a partition that is none of ours.
    pub(super) fn count(shape: &Shape, request: &ReadRequest) -> Result<Self, Error> {
        Select::of(shape, request, "count(*)")
    }

    fn of(shape: &Shape, request: &ReadRequest, results: &str) -> Result<Self, Error> {
        let (condition, mut values) = filter::condition(shape, &request.predicates);
        let mut text = format!("SELECT {results} FROM main.{} WHERE {condition}", identifier(&shape.name));
        let range = request.partition.as_ref().map(Range::of).transpose()?.unwrap_or_default();
        for (end, sign) in [(range.first, ">="), (range.last, "<=")] {
            let Some(end) = end else { continue };
            let rowid = shape.rowid.as_deref().map(identifier).ok_or_else(changed)?;
            text.push_str(&format!(" AND {rowid} {sign} ?"));
            values.push(Value::Int64(end));
        }
        Ok(Select { text, values, columns: Vec::new(), numbered: shape.rowid.is_some() })
    }

    /// The only number that this statement gives.
    ///
    /// # Errors
    /// What SQLite raises.
    pub(super) fn number(&self, connection: &Connection) -> Result<u64, Error> {
        let mut statement = self.prepare(connection)?;
        let mut rows = statement.raw_query();
        let number = rows.next().and_then(|row| row.map_or(Ok(0), |row| row.get::<_, i64>(0)));
        Ok(u64::try_from(number.map_err(explain)?).unwrap_or(0))
    }

    fn prepare<'c>(&self, connection: &'c Connection) -> Result<Statement<'c>, Error> {
        let mut statement = connection.prepare(&self.text).map_err(explain)?;
        for (at, value) in self.values.iter().enumerate() {
            statement.raw_bind_parameter(at + 1, Bound(value)).map_err(explain)?;
        }
        Ok(statement)
    }

    /// The error of a value that its column cannot have.
    fn misfit(&self, shape: &Shape, row: &Row<'_>, count: u64, at: usize, found: &str) -> Error {
        let column = &self.columns[at];
        let number = match row.get_ref(self.columns.len()) {
            Ok(ValueRef::Integer(number)) if self.numbered => format!(", row number {number}"),
            _ => String::new(),
        };
        let message = format!(
            "table `{}`{number}: there is {found} in a column read as {}; correct it, or read a view that casts it",
            shape.name,
            column.kind.data_type()
        );
        Error::new(ErrorKind::Data, message).with_column(&column.name).with_row(count)
    }
}

/// Pushes the rows of a statement; returns early when nobody reads them.
///
/// # Errors
/// What SQLite raises; data for a value that its column cannot have; precondition when the table has changed.
pub(super) fn run(
    watch: &Watch,
    shape: &Shape,
    select: &Select,
    out: &mut BlockingOutput<Values>,
) -> Result<()> {
    let mut connection = watch.database().reader()?;
    let stop = out.stop_signal();
    stop_when(&mut connection, move || stop.is_stopped())?;
    let moment = connection.unchecked_transaction().map_err(explain)?;
    if pragma::<i64>(&moment, "schema_version")? != shape.version {
        // Perhaps another table was made.
        let now = Shape::find(&moment, &shape.name, watch.typed_dates())?.ok_or_else(changed)?;
        if now.schema != shape.schema || now.rowid != shape.rowid {
            return Err(changed().into());
        }
    }
    let mut statement = select.prepare(&moment)?;
    let mut rows = statement.raw_query();
    let mut cells: Vec<Option<Value>> = vec![None; select.columns.len()];
    let mut count = 0;
    while let Some(row) = rows.next().map_err(explain)? {
        for (at, (column, cell)) in select.columns.iter().zip(&mut cells).enumerate() {
            let stored = row.get_ref(at).map_err(explain)?;
            read_cell(column.kind, stored, cell)
                .map_err(|found| select.misfit(shape, row, count, at, &found))?;
        }
        out.push_cells(&cells)?;
        count += 1;
    }
    Ok(())
}

fn changed() -> Error {
    let message = "the table has changed since the read was planned; plan it again (GetFlightInfo)";
    Error::new(ErrorKind::Precondition, message)
}

/// A value as SQLite takes it. Others than these are not asked for, see [`filter`].
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let integer = |value: u64| i64::try_from(value).ok().map(ValueRef::Integer);
        let value = match self.0 {
            Value::Int64(value) => Some(ValueRef::Integer(*value)),
            Value::UInt64(value) => integer(*value),
            Value::Float64(value) => Some(ValueRef::Real(*value)),
            Value::Utf8(text) => Some(ValueRef::Text(text.as_bytes())),
            Value::Binary(bytes) => Some(ValueRef::Blob(bytes)),
            _ => None,
        };
        let none = || format!("SQLite has no value for {}", self.0).into();
        value.map(ToSqlOutput::Borrowed).ok_or_else(|| rusqlite::Error::ToSqlConversionFailure(none()))
    }
}
