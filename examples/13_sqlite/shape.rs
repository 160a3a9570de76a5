//! A table as it is now: its columns, its key, and how its rows are counted.

use std::collections::HashMap;

use flexconnect_core::arrow_schema::{Schema, SchemaRef};
use flexconnect_core::table::metadata::{NAME, PRIMARY_KEY};
use flexconnect_core::{Error, ErrorKind};
use rusqlite::{Connection, OptionalExtension};

use super::column::{Affinity, Classes, Column, Kind};
use super::database::pragma;
use super::declared::{Declared, counts_rows, declared, free_rowid};
use super::identifier;
use crate::store::fault::explain;

/// How many columns one statement looks at: a statement has at most 2,000 results.
const AT_ONCE: usize = 250;

/// A table, or a view, as it is at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) relation: Relation,
    pub(super) columns: Vec<Column>,
    /// The columns of the primary key, in its order; empty when there is none.
    pub(super) key: Vec<String>,
    /// What a statement calls the number of a row; `None` for views and tables WITHOUT ROWID, which have none.
    pub(super) rowid: Option<String>,
    /// Whether text is kept as UTF-8, so that SQLite compares it as Arrow does.
    pub(super) utf8: bool,
    /// The counter that SQLite raises whenever a table of the file is made, changed or dropped.
    pub(super) version: i64,
    pub(super) schema: SchemaRef,
}

/// What stands behind a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Table,
    View,
    /// A module's: its rows may not be what it was given.
    Virtual,
}

impl Shape {
    /// Finds out about a table. Columns that the declaration says nothing of are looked at value by value.
    ///
    /// `None` when there is no table of exactly this name. Runs in the caller's transaction, so that
    /// all of it is of one moment.
    ///
    /// # Errors
    /// What SQLite raises, for a view over a table that is not there any longer as well.
    pub(super) fn find(
        connection: &Connection,
        name: &str,
        typed_dates: bool,
    ) -> Result<Option<Self>, Error> {
        let listed = connection
            .query_row(
                "SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1",
                [name],
                |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)),
            )
            .optional()
            .map_err(explain)?;
        let Some((relation, without_rowid)) = listed else { return Ok(None) };
        let relation = match relation.as_str() {
            "view" => Relation::View,
            "virtual" => Relation::Virtual,
            _ => Relation::Table,
        };
        let mut declared = declared(connection, name)?;
        if relation == Relation::View {
            // So SQLite calls what a view computes and may be anything.
            declared
                .iter_mut()
                .filter(|column| column.declared == "BLOB")
                .for_each(|column| column.declared.clear());
        }
        let mut key: Vec<_> = declared.iter().filter(|column| column.key > 0).collect();
        key.sort_by_key(|column| column.key);
        let alias = match key.as_slice() {
            [only] if relation == Relation::Table && !without_rowid => {
                counts_rows(connection, name, only)?.then(|| only.name.clone())
            }
            _ => None,
        };
        let key: Vec<String> = key.iter().map(|column| column.name.clone()).collect();
        let rowid = match relation {
            Relation::Table if !without_rowid => alias.clone().or_else(|| free_rowid(&declared)),
            _ => None,
        };
        let kinds = kinds(connection, name, &declared, typed_dates)?;
        let columns: Vec<Column> = declared
            .into_iter()
            .zip(kinds)
            .map(|(column, (kind, classes))| {
                // SQLite lets a null into a primary key, but for a row's number and where there is none.
                let never_null = Some(&column.name) == alias.as_ref() || (without_rowid && column.key > 0);
                Column {
                    affinity: Affinity::of(&column.declared),
                    nullable: !column.not_null && !never_null,
                    generated: column.generated,
                    name: column.name,
                    declared: column.declared,
                    kind,
                    classes,
                }
            })
            .collect();
        let encoding: String = pragma(connection, "encoding")?;
        Ok(Some(Shape {
            schema: schema(name, &columns, &key)?,
            name: name.to_owned(),
            relation,
            columns,
            key,
            rowid,
            utf8: encoding == "UTF-8",
            version: pragma(connection, "schema_version")?,
        }))
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// What each column's values are read as, and the classes of values that say so.
fn kinds(
    connection: &Connection,
    table: &str,
    columns: &[Declared],
    typed_dates: bool,
) -> Result<Vec<(Kind, Classes)>, Error> {
    let declared = |column: &Declared| {
        let date = Kind::of_date(&column.declared).filter(|_| typed_dates);
        date.or_else(|| Affinity::of(&column.declared).kind())
    };
    let known: Vec<Option<Kind>> = columns.iter().map(declared).collect();
    let open: Vec<&str> = columns
        .iter()
        .zip(&known)
        .filter(|(_, kind)| kind.is_none())
        .map(|(column, _)| &*column.name)
        .collect();
    let mut found = Vec::with_capacity(open.len());
    for open in open.chunks(AT_ONCE) {
        found.extend(classes(connection, table, open)?);
    }
    let mut found = found.into_iter();
    let kind = |(column, known): (&Declared, Option<Kind>)| match known {
        Some(kind) => (kind, Classes::default()),
        None => {
            let classes = found.next().unwrap_or_default();
            (classes.kind(Affinity::of(&column.declared), &column.declared), classes)
        }
    };
    Ok(columns.iter().zip(known).map(kind).collect())
}

/// Which classes of values these columns hold: one walk over the table.
fn classes(connection: &Connection, table: &str, columns: &[&str]) -> Result<Vec<Classes>, Error> {
    let asked: Vec<String> = columns
        .iter()
        .flat_map(|column| {
            let column = identifier(column);
            ["integer", "real", "text", "blob"].map(|class| format!("max(typeof({column}) = '{class}')"))
        })
        .collect();
    let select = format!("SELECT {} FROM main.{}", asked.join(", "), identifier(table));
    connection
        .query_row(&select, [], |row| {
            // Of no row at all the maximum is null.
            let found = |at: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<bool>>(at)? == Some(true));
            (0..columns.len())
                .map(|at| {
                    let first = at * 4;
                    Ok(Classes {
                        integer: found(first)?,
                        real: found(first + 1)?,
                        text: found(first + 2)?,
                        blob: found(first + 3)?,
                    })
                })
                .collect()
        })
        .map_err(explain)
}

fn schema(name: &str, columns: &[Column], key: &[String]) -> Result<SchemaRef, Error> {
    let mut metadata = HashMap::from([(NAME.to_owned(), name.to_owned())]);
    if !key.is_empty() {
        let key = serde_json::to_string(key)
            .map_err(|error| Error::new(ErrorKind::Internal, "a key is not JSON").with_source(error))?;
        metadata.insert(PRIMARY_KEY.to_owned(), key);
    }
    let fields: Vec<_> = columns.iter().map(Column::field).collect();
    Ok(Schema::new_with_metadata(fields, metadata).into())
}

#[cfg(test)]
mod tests {
    use flexconnect_core::arrow_schema::DataType;

    use super::*;

    fn shape(sql: &str, name: &str) -> Shape {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(sql).unwrap();
        Shape::find(&connection, name, false).unwrap().expect("the table is there")
    }

    #[test]
    fn declarations_come_first_and_values_decide_the_rest() {
        let shape = shape(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(9) NOT NULL, price NUMERIC(10,2), n NUMERIC, at DATETIME, x, b BLOB);
             INSERT INTO t VALUES (1, 'a', 0.99, 1, '2024-01-01 00:00:00', 1, x'00'), (2, 'b', 1, 2, NULL, 'x', NULL);",
            "t",
        );
        let types: Vec<_> = shape.schema.fields().iter().map(|field| field.data_type().clone()).collect();
        use DataType::{Binary, Float64, Int64, Utf8};
        assert_eq!(types, [Int64, Utf8, Float64, Int64, Utf8, Utf8, Binary]);
        let nullable: Vec<_> = shape.schema.fields().iter().map(|field| field.is_nullable()).collect();
        assert_eq!(nullable, [false, false, true, true, true, true, true]);
        assert_eq!(shape.schema.metadata()[PRIMARY_KEY], "[\"id\"]");
        assert_eq!(shape.rowid.as_deref(), Some("id"));
    }

    #[test]
    fn a_key_is_the_rows_number_only_where_sqlite_says_so() {
        for (sql, rowid, nullable) in [
            ("CREATE TABLE t (k INTEGER PRIMARY KEY)", Some("k"), false),
            ("CREATE TABLE t (k integer, PRIMARY KEY (k))", Some("k"), false),
            ("CREATE TABLE t (k INT PRIMARY KEY)", Some("rowid"), true),
            ("CREATE TABLE t (k INTEGER PRIMARY KEY DESC)", Some("rowid"), true),
            ("CREATE TABLE t (k TEXT PRIMARY KEY, rowid INTEGER)", Some("_rowid_"), true),
            ("CREATE TABLE t (k TEXT PRIMARY KEY) WITHOUT ROWID", None, false),
            ("CREATE TABLE t (k INT, rowid, oid, _ROWID_)", None, true),
        ] {
            let shape = shape(sql, "t");
            assert_eq!((shape.rowid.as_deref(), shape.columns[0].nullable), (rowid, nullable), "{sql}");
        }
    }

    #[test]
    fn keys_keep_their_own_order_and_views_have_none() {
        let sql = "CREATE TABLE t (a INT NOT NULL, b TEXT, PRIMARY KEY (b, a)); CREATE VIEW v AS SELECT a, a * 2 AS twice FROM t;";
        assert_eq!(shape(sql, "t").key, ["b", "a"]);
        let view = shape(sql, "v");
        assert_eq!((view.relation, view.key.len(), view.rowid), (Relation::View, 0, None));
    }

    #[test]
    fn generated_columns_are_read_and_marked() {
        let shape = shape("CREATE TABLE t (a INT, b INT AS (a * 2), c TEXT AS (a || '!') STORED)", "t");
        let generated: Vec<_> = shape.columns.iter().map(|column| column.generated).collect();
        assert_eq!(generated, [false, true, true]);
    }

    #[test]
    fn names_are_exact_and_may_hold_anything() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE \"a \"\"b\"\"; c\" (\"x\"\"y\", \"select\" NUMERIC)").unwrap();
        assert_eq!(Shape::find(&connection, "A \"b\"; c", false).unwrap(), None);
        let shape = Shape::find(&connection, "a \"b\"; c", false).unwrap().unwrap();
        assert_eq!(shape.columns[0].name, "x\"y");
    }
}
