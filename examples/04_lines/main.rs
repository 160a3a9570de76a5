//! Columns nobody declares: they are found from the first rows.
//!
//! `cargo run --example lines -- DIR` serves the table `lines`: the CSV and JSON-lines files of DIR (or the
//! current folder), a partition each. `lines.rs` is the connector, `csv.rs` and `json_lines.rs` read the formats.

use flexconnect_core::{Plugin, Result};
use flexconnect_examples::lines::Lines;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<()> {
    let root = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    let plugin =
        Plugin::new("lines", env!("CARGO_PKG_VERSION")).mount::<Lines>(["lines"], json!({ "root": root }));
    flexconnect_examples::serve(plugin).await
}
