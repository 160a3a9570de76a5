//! Writes: which statements a mode comes to, and what each column takes.

use flexconnect_core::arrow_schema::Schema;
use flexconnect_core::{Error, ErrorKind, WriteMode};
use rusqlite::Statement;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use super::cells::{is_exact, read_cell};
use super::column::{Affinity, Column, Kind};
use super::create::{EXACT_DIGITS, create_table, key_of};
use super::identifier;
use super::shape::{Relation, Shape};
use super::stored::{Class, StoredRow};
use crate::store::fault::explain;
use crate::store::transaction::{Apply, Change};

/// A table whose rows go may be one that others refer to: whether they still do is looked at when all new rows
/// are there.
const REFERENCES_LATER: &str = "PRAGMA defer_foreign_keys = ON";

/// What a write of this mode does to a table; `None` stands for a table that is not there yet.
///
/// # Errors
/// Read-only for a view; schema for columns that do not take what comes; what [`create_table`] refuses.
pub(super) fn change(
    table: &str,
    shape: Option<&Shape>,
    mode: WriteMode,
    incoming: &Schema,
) -> Result<Change<StoredRow>, Error> {
    if shape.is_none() && mode == WriteMode::Delete {
        let message = format!("there is no table `{table}` to delete from");
        return Err(Error::new(ErrorKind::NotFound, message));
    }
    let mut before = vec![REFERENCES_LATER.to_owned()];
    let (key, targets) = match shape {
        Some(shape) => (shape.key.clone(), targets(shape, incoming)?),
        None => {
            before.push(create_table(table, incoming)?);
            let targets = incoming.fields().iter().enumerate();
            (key_of(incoming)?, targets.map(|(at, field)| Target::new(at, field.name())).collect())
        }
    };
    if mode.needs_key() && key.is_empty() {
        let message = format!("mode `{mode}` goes by the table's primary key, and this table has none");
        return Err(Error::new(ErrorKind::InvalidRequest, message));
    }
    let (each, targets) = match mode {
        WriteMode::Append => (insert(table, &targets), targets),
        WriteMode::Overwrite => {
            if shape.is_some() {
                before.push(format!("DELETE FROM main.{}", identifier(table)));
            }
            (insert(table, &targets), targets)
        }
        WriteMode::Upsert => (upsert(table, &targets, &key), targets),
        WriteMode::Delete => {
            let targets: Vec<_> = targets.into_iter().filter(|target| key.contains(&target.name)).collect();
            (delete(table, &targets), targets)
        }
        other => {
            return Err(Error::new(ErrorKind::Unsupported, format!("mode `{other}` is not offered")));
        }
    };
    Ok(Change { before, each, apply: apply(targets) })
}

/// Where the values of one incoming column go.
struct Target {
    /// The column's place among those that come.
    at: usize,
    name: String,
    care: Option<Care>,
}

/// What SQLite would do in silence, and must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    /// A column of floats makes a float of an integer, the nearest.
    Exact,
    /// A column of numbers makes a number of text that looks like one.
    StaysText,
    /// A column read as dates keeps any text.
    IsDate(Kind),
}

impl Target {
    fn new(at: usize, name: &str) -> Self {
        Target { at, name: name.to_owned(), care: None }
    }
}

/// Where the incoming columns go in a table that is there, when all of them fit.
fn targets(shape: &Shape, incoming: &Schema) -> Result<Vec<Target>, Error> {
    if shape.relation == Relation::View {
        return Err(Error::new(ErrorKind::ReadOnly, "this is a view, which can only be read"));
    }
    let mut faults = Vec::new();
    let mut targets = Vec::new();
    for (at, field) in incoming.fields().iter().enumerate() {
        let Some(column) = shape.column(field.name()).filter(|column| !column.generated) else { continue };
        let Some(class) = Class::of(field.data_type()) else { continue };
        if !takes(column, class) {
            let declared = if column.declared.is_empty() { "without a type" } else { &column.declared };
            let (name, given) = (field.name(), field.data_type());
            let wanted = column.kind.data_type();
            faults.push(format!("`{name}` is {given}, the table has {wanted} (declared {declared})"));
        }
        targets.push(Target { care: care(column, class), ..Target::new(at, field.name()) });
    }
    if faults.is_empty() {
        return Ok(targets);
    }
    let message = format!("the columns do not fit the table: {}", faults.join("; "));
    Err(Error::new(ErrorKind::Schema, message))
}

/// Whether a column takes values of a class, so that they are read back as they were.
fn takes(column: &Column, class: Class) -> bool {
    match (column.kind, column.affinity, class) {
        (_, _, Class::Null) => true,
        // Nothing was declared, and SQLite changes nothing.
        (_, Affinity::Untyped, class) => !matches!(class, Class::Decimal { .. }) || column.kind == Kind::Text,
        (Kind::Integer, Affinity::Integer, Class::Integer) => true,
        (Kind::Real | Kind::Integer, Affinity::Numeric | Affinity::Real, Class::Integer | Class::Real) => {
            true
        }
        (Kind::Real | Kind::Integer, Affinity::Numeric | Affinity::Real, Class::Decimal { precision }) => {
            precision <= EXACT_DIGITS
        }
        (Kind::Text, Affinity::Text, Class::Text | Class::Decimal { .. }) => true,
        (Kind::Text, _, Class::Text) => true,
        (Kind::Date | Kind::DateTime, _, Class::Text) => true,
        (Kind::Bytes, _, Class::Blob) => true,
        _ => false,
    }
}

fn care(column: &Column, class: Class) -> Option<Care> {
    match (column.kind, column.affinity, class) {
        (kind @ (Kind::Date | Kind::DateTime), ..) => Some(Care::IsDate(kind)),
        (_, Affinity::Real, Class::Integer) => Some(Care::Exact),
        (_, Affinity::Numeric, Class::Text) => Some(Care::StaysText),
        _ => None,
    }
}

fn insert(table: &str, targets: &[Target]) -> String {
    let columns: Vec<_> = targets.iter().map(|target| identifier(&target.name)).collect();
    if columns.is_empty() {
        return format!("INSERT INTO main.{} DEFAULT VALUES", identifier(table));
    }
    let places = vec!["?"; columns.len()].join(", ");
    format!("INSERT INTO main.{} ({}) VALUES ({places})", identifier(table), columns.join(", "))
}

fn upsert(table: &str, targets: &[Target], key: &[String]) -> String {
    let changed: Vec<_> = targets
        .iter()
        .filter(|target| !key.contains(&target.name))
        .map(|target| identifier(&target.name))
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    let key: Vec<_> = key.iter().map(|column| identifier(column)).collect();
    let action =
        if changed.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", changed.join(", ")) };
    format!("{} ON CONFLICT ({}) DO {action}", insert(table, targets), key.join(", "))
}

fn delete(table: &str, targets: &[Target]) -> String {
    // `IS`, since a key may hold nulls that were written by others.
    let same: Vec<_> = targets.iter().map(|target| format!("{} IS ?", identifier(&target.name))).collect();
    format!("DELETE FROM main.{} WHERE {}", identifier(table), same.join(" AND "))
}

fn apply(targets: Vec<Target>) -> Apply<StoredRow> {
    Box::new(move |statement: &mut Statement<'_>, row: &StoredRow| {
        for (place, target) in targets.iter().enumerate() {
            let value = row.value(target.at);
            if let Some(fault) = target.care.and_then(|care| care.fault(value)) {
                return Err(Error::new(ErrorKind::Data, fault).with_column(&target.name));
            }
            statement.raw_bind_parameter(place + 1, Bound(value)).map_err(explain)?;
        }
        statement.raw_execute().map_err(explain)?;
        Ok(())
    })
}

impl Care {
    /// What is wrong with the value, if anything is.
    fn fault(self, value: ValueRef<'_>) -> Option<String> {
        match (self, value) {
            (Care::Exact, ValueRef::Integer(integer)) if !is_exact(integer) => {
                Some(format!("{integer} has more digits than this column of floats keeps"))
            }
            (Care::StaysText, ValueRef::Text(bytes)) => {
                let text = std::str::from_utf8(bytes).ok()?;
                let number = as_number(text).filter(|number| number != text)?;
                Some(format!("this column would keep the text {text:?} as the number {number}"))
            }
            (Care::IsDate(kind), value) => {
                let found = read_cell(kind, value, &mut None).err()?;
                Some(format!("{found} is no {}, as which the column is read", kind.data_type()))
            }
            _ => None,
        }
    }
}

/// The number that a column of numbers makes of a text, as it is read back; `None` when it stays text.
fn as_number(text: &str) -> Option<String> {
    let text = text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    if let Ok(integer) = text.parse::<i64>() {
        return Some(integer.to_string());
    }
    let float: f64 = text.parse().ok()?;
    let whole = float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0;
    Some(if whole { format!("{float:.0}") } else { format!("{float:?}") })
}

struct Bound<'a>(ValueRef<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_sqlite_takes_for_a_number_is_known() {
        for (text, number) in [
            ("007", Some("7")),
            ("12", Some("12")),
            (" 1.50 ", Some("1.5")),
            ("3.0", Some("3")),
            ("1e3", Some("1000")),
            ("-.5", Some("-0.5")),
            ("2024-05-17", None),
            ("inf", None),
            ("nan", None),
            ("", None),
            ("0x10", None),
        ] {
            assert_eq!(as_number(text).as_deref(), number, "{text:?}");
            let kept: String = rusqlite::Connection::open_in_memory()
                .and_then(|connection| {
                    connection.execute_batch("CREATE TABLE t (n NUMERIC)")?;
                    connection.execute("INSERT INTO t VALUES (?1)", [text])?;
                    connection.query_row("SELECT typeof(n) FROM t", [], |row| row.get(0))
                })
                .unwrap();
            assert_eq!(kept == "text", number.is_none(), "SQLite keeps {text:?} as {kept}");
        }
    }
}
