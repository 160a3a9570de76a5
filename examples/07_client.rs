//! The other side: tables from Rust, listed, read and written.
//!
//! `cargo run --example client` talks to a server of its own; any other address would do.
#![expect(clippy::print_stdout, reason = "it shows what it gets")]

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{ErrorKind, Plugin, Result, WriteMode};
use flexconnect_examples::{random_data::Random, store::Store, table_text};
use flexconnect_flight::{Client, Command, Server};
use futures::TryStreamExt;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let plugin = Plugin::new("client", env!("CARGO_PKG_VERSION"))
        .connector::<Random>()
        .mount::<Store>(["store"], json!({ "file": folder.path().join("store.sqlite") }));
    let server = Server::new(plugin).bind("127.0.0.1:0").await?;
    let client = Client::connect(format!("http://{}", server.local_addr())).await?;
    tokio::spawn(server.serve());

    for table in client.list().await? {
        println!("There is a table `{}`.", table.path.join("/"));
    }

    // A read: which table, how it is configured, and what of it is wanted.
    let items = Command::connector("random_data")
        .with_config(json!({
            "columns": ["path", "size", "modified"], "column_types": ["string", "int", "date"], "seed": 1,
        }))
        .with_columns(["path", "size"])
        .with_filter(json!({ "column": "size", "op": ">", "value": 900 }))
        .with_limit(3);
    let batches: Vec<RecordBatch> = client.read(&items).await?.try_collect().await?;
    println!("Three rows of `random_data`:\n\n{}", table_text(&batches)?);

    // A write goes as it comes: a read of one table can be the write of another. It is kept as a whole or not at all.
    let store = Command::connector("store");
    let reading = client.read(&items).await?;
    let refused = client.write_stream(&store, reading.schema(), reading).await;
    println!("A table that does not fit is refused: {}\n", refused.expect_err("`modified` is missing"));

    let rows = client.read(&Command::connector("store")).await?;
    let schema = rows.schema();
    Ok(())
}
