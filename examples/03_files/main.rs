//! Who may see what: the operator fixes the folder, a client may only narrow it; and a table in parts,
//! one for each top-level folder, that can be read at the same time.
//!
//! `cargo run --example files -- DIR` serves the table `files`, the tree below DIR (or the current folder).
//! `files.rs` is the connector, `root.rs` keeps clients inside DIR, `walk.rs` reads the tree as it goes.

use flexconnect_core::{Plugin, Result};
use flexconnect_examples::files::Files;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<()> {
    let root = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    // What `mount` gives is closed to clients: they can neither read `root` nor set it.
    let plugin =
        Plugin::new("files", env!("CARGO_PKG_VERSION")).mount::<Files>(["files"], json!({ "root": root }));
    flexconnect_examples::serve(plugin).await
}
