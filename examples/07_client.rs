//! The other side: list, read and write tables from Rust.
//!
//! `cargo run --example client` starts a server of its own to talk to.
#![expect(clippy::print_stdout, reason = "it shows what it gets")]

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{ErrorKind, Plugin, Result, WriteMode};
use flexconnect_examples::{random_data::Random, store::Store, table_text};
use flexconnect_flight::{Client, Command, Server};
use futures::{TryStreamExt, stream};
use serde_json::json;

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let plugin = Plugin::new("client", env!("CARGO_PKG_VERSION"))
        .connector::<Random>()
        .mount::<Store>(["store"], json!({ "file": folder.path().join("store.sqlite") }));
    let server = Server::new(plugin).bind("127.0.0.1:0").await?;
    let uri = format!("http://{}", server.local_addr());
    let serving = tokio::spawn(server.serve());

    let mut client = Client::connect(uri).await?;
    for table in client.list().await? {
        println!("there is a table {table:?}");
    }

    // A read: which table, how it is configured, and which part of it is wanted.
    let people = Command::connector("random_data")
        .with_config(json!({ "columns": ["path", "size"], "column_types": ["string", "int"], "seed": 1 }))
        .with_columns(["size", "path"])
        .with_filter(json!({ "column": "size", "op": ">", "value": 500 }))
        .with_limit(3);
    let batches: Vec<RecordBatch> = client.read(people).await?.try_collect().await?;
    print!("{}", table_text(&batches)?);

    serving.abort();
    Ok(())
}
