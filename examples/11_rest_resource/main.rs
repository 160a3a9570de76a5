//! Writing to an API: rows leave in requests of a thousand, before the commit, and the connector says so.
//!
//! `cargo run --example rest_resource` serves the table `rest_resource`, which can be read and written:
//! `{"connector": "rest_resource", "config": {"api_endpoint": "https://api.example.com", "api_key": "..",
//! "resource": "orders"}}`. What an API has got it cannot be asked to forget, so a write that fails half way leaves what
//! was sent. `rest_resource.rs` declares that as at-least-once; `upload.rs` sends.

use flexconnect_core::{Plugin, Result};
use flexconnect_examples::rest_resource::RestResource;

#[tokio::main]
async fn main() -> Result<()> {
    let plugin = Plugin::new("rest_resource", env!("CARGO_PKG_VERSION")).connector::<RestResource>();
    flexconnect_examples::serve(plugin).await
}
