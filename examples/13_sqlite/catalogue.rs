//! Which tables there are, found whenever somebody asks; and tables that are there once they are written.

use std::path::PathBuf;
use std::time::Duration;

use flexconnect_core::{Error, ErrorKind, Mount, Plugin, Result};
use serde_json::json;

use super::database::Database;
use super::{PATIENCE, Sqlite};
use crate::store::fault::explain;

/// Mounts every table and view of an SQLite file at `[name, "<table>"]`, as they are at the moment of asking.
///
/// What is written to a path of this form where no table is makes one. The file itself need not be there before.
#[must_use]
pub fn mount(plugin: Plugin, name: impl Into<String>, file: impl Into<PathBuf>) -> Plugin {
    let tables = Tables { name: name.into(), file: file.into() };
    let targets = tables.clone();
    plugin
        .catalogue(move |_| {
            let tables = tables.clone();
            async move { tables.list().await }
        })
        .target(move |_, path| {
            let targets = targets.clone();
            async move { targets.target(&path).await }
        })
}

#[derive(Clone)]
struct Tables {
    name: String,
    file: PathBuf,
}

impl Tables {
    async fn list(&self) -> Result<Vec<Mount>> {
        Ok(self.names().await?.iter().map(|table| self.mount(table)).collect())
    }

    /// What a write makes of a path where no table is; `None` when the path is not one of this file.
    async fn target(&self, path: &[String]) -> Result<Option<Mount>> {
        let [name, table] = path else { return Ok(None) };
        if *name != self.name {
            return Ok(None);
        }
        // To SQLite `album` is `Album`: that a new table was meant is unlikely, and it could not be made.
        let names = self.names().await?;
        if names.iter().any(|there| there.eq_ignore_ascii_case(table)) {
            return Ok(None);
        }
        let reserved = table.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_"));
        if table.is_empty() || reserved || table.contains('\0') {
            let message = "SQLite has no such table names: empty, with a NUL, or beginning with `sqlite_`";
            return Err(Error::new(ErrorKind::InvalidRequest, message).into());
        }
        Ok(Some(self.mount(table)))
    }

    fn mount(&self, table: &str) -> Mount {
        Mount::of::<Sqlite>([self.name.as_str(), table], json!({ "file": self.file, "table": table }))
    }

    /// The tables and views of the file, but SQLite's own; none when there is no file.
    async fn names(&self) -> Result<Vec<String>, Error> {
        let database = Database::new(self.file.clone(), Duration::from_millis(PATIENCE));
        let listed = database.ask(|connection| {
            let mut statement = connection
                .prepare(
                    "SELECT name FROM pragma_table_list WHERE schema = 'main' \
                     AND type IN ('table', 'view', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
                     ORDER BY name",
                )
                .map_err(explain)?;
            let names = statement.query_map([], |row| row.get(0));
            names.and_then(Iterator::collect).map_err(explain)
        });
        match listed.await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            listed => listed,
        }
    }
}
