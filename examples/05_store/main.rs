//! Writing: rows that are visible only once all of them are there.
//!
//! `cargo run --example store -- FILE` serves the table `store`, kept in an SQLite file (or a temporary one).
//! `store.rs` is the connector, `transaction.rs` the write: one transaction, on a thread of its own.

use flexconnect_core::{Plugin, Result};
use flexconnect_examples::store::Store;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = std::env::args_os().nth(1).map_or_else(|| folder.path().join("store.sqlite"), Into::into);
    let plugin =
        Plugin::new("store", env!("CARGO_PKG_VERSION")).mount::<Store>(["store"], json!({ "file": file }));
    flexconnect_examples::serve(plugin).await
}
