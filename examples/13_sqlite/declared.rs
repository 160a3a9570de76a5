//! What SQLite says of a table's declaration.

use flexconnect_core::Error;
use rusqlite::Connection;

use crate::store::fault::explain;

/// A column as `PRAGMA table_xinfo` has it.
pub(super) struct Declared {
    pub(super) name: String,
    /// Its type, as it was written; empty when none was.
    pub(super) declared: String,
    pub(super) not_null: bool,
    /// Its place in the primary key, from 1; 0 when it is not of it.
    pub(super) key: i64,
    pub(super) generated: bool,
}

/// The columns of a table or a view, in their order.
pub(super) fn declared(connection: &Connection, table: &str) -> Result<Vec<Declared>, Error> {
    // Columns with 1 in `hidden` are a virtual table's arguments, not its data.
    let mut statement = connection
        .prepare(
            "SELECT name, type, \"notnull\", pk, hidden > 1 FROM pragma_table_xinfo(?1) \
             WHERE schema = 'main' AND hidden <> 1 ORDER BY cid",
        )
        .map_err(explain)?;
    let columns = statement.query_map([table], |row| {
        Ok(Declared {
            name: row.get(0)?,
            declared: row.get(1)?,
            not_null: row.get(2)?,
            key: row.get(3)?,
            generated: row.get(4)?,
        })
    });
    columns.and_then(Iterator::collect).map_err(explain)
}

/// Whether a column that is the whole key is another name of the row's number: only a key of the type
/// `INTEGER` is, and one that is not has an index of its own.
pub(super) fn counts_rows(connection: &Connection, table: &str, key: &Declared) -> Result<bool, Error> {
    let indexed = "SELECT count(*) FROM pragma_index_list(?1) WHERE schema = 'main' AND origin = 'pk'";
    let indexes: i64 = connection.query_row(indexed, [table], |row| row.get(0)).map_err(explain)?;
    Ok(key.declared.eq_ignore_ascii_case("INTEGER") && indexes == 0)
}

/// A name of the row's number that no column of the table has taken.
pub(super) fn free_rowid(columns: &[Declared]) -> Option<String> {
    let taken = |name: &str| columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    ["rowid", "_rowid_", "oid"].into_iter().find(|name| !taken(name)).map(str::to_owned)
}
