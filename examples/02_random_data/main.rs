//! Columns known only at run time: the rows are JSON, and the configuration says what they hold.
//!
//! `cargo run --example random_data` serves the table `random_data`. A client chooses its columns:
//! `{"connector": "random_data", "config": {"columns": ["id", "day"], "column_types": ["int", "date"]}}`.
//! What is new, and all there is to write, is in `random_data.rs`.

use flexconnect_core::{Plugin, Result};
use flexconnect_examples::random_data::Random;

#[tokio::main]
async fn main() -> Result<()> {
    let plugin = Plugin::new("random_data", env!("CARGO_PKG_VERSION")).connector::<Random>();
    flexconnect_examples::serve(plugin).await
}
