//! Any HTTP API as a table: credentials, pages, retries and limits come from `flexconnect-http`.
//!
//! `cargo run --example rest_api` serves the table `rest_api`. A client says which API:
//! `{"connector": "rest_api", "config": {"base_url": "https://api.example.com", "endpoint": "users",
//! "auth_type": "bearer", "auth_token": "..", "data_path": "data.items", "pagination_type": "offset"}}`.
//! An operator who mounts it with a `base_url` keeps clients to one API. All of it is in `rest_api.rs`.

use flexconnect_core::{Plugin, Result};
use flexconnect_examples::rest_api::RestApi;

#[tokio::main]
async fn main() -> Result<()> {
    let plugin = Plugin::new("rest_api", env!("CARGO_PKG_VERSION")).connector::<RestApi>();
    flexconnect_examples::serve(plugin).await
}
