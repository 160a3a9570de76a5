//! A database: every table of an SQLite file, found when asked for, and new ones made by writing them.
//!
//! `cargo run --example sqlite -- FILE` serves each table and view of the file at `["sqlite", "<table>"]`.
//!
//! New here: a catalogue (`catalogue.rs`), whose tables are known only when somebody asks; rows of `Values`, whose
//! columns are too (`shape.rs` finds them, `column.rs` and `cells.rs` say what they become); filters, limits and
//! columns that SQLite takes off our hands (`filter.rs`, `spelling.rs`, `select.rs`), exactly or not at all; parts of a table that
//! can be read in parallel (`partition.rs`). Writing is lesson 5's transaction, with statements made for the table
//! (`write.rs`, `stored.rs`, `create.rs`). `sqlite.rs` is the connector that brings them together.

use flexconnect_core::{Plugin, Result};
use flexconnect_examples::sqlite;

#[tokio::main]
async fn main() -> Result<()> {
    let Some(file) = std::env::args_os().nth(1) else {
        return Err("which SQLite file? `cargo run --example sqlite -- FILE`".into());
    };
    let plugin = Plugin::new("sqlite", env!("CARGO_PKG_VERSION"));
    flexconnect_examples::serve(sqlite::mount(plugin, "sqlite", file)).await
}
