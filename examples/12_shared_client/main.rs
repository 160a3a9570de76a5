//! One client for many tables: it is made once, from the plugin's own configuration, and every table gets a handle.
//!
//! `cargo run --example shared_client -- http://localhost:8000` serves the tables `item` and `author` of the API
//! there, which has `GET /items/{num}` and `GET /authors/{num}`. Each role of such a plugin has a file:
//!
//! | role | file |
//! |---|---|
//! | a table: its columns, and how they are found | `item.rs`, `author.rs` |
//! | the API client, which gives things one after another | `api.rs` |
//! | the specification: what is configured, with its checks | `spec.rs` |
//! | the client made from the specification, shared by all tables | `plugin.rs`, `Plugin::shared` |
//! | the plugin: name, version, list of tables | `plugin.rs` |
//!
//! In CloudQuery's template the same roles are table and resolver, client, spec, the plugin's `configure`, and plugin.

use flexconnect_core::Result;
use flexconnect_examples::shared_client;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<()> {
    let base = std::env::args().nth(1).unwrap_or_else(|| "http://localhost:8000".into());
    flexconnect_examples::serve(shared_client::plugin(json!({ "base_url": base }))).await
}
