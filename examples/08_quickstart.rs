//! The whole way in one program: files are read from a server, and written to a database on it.
//!
//! `cargo run --example quickstart`
#![expect(clippy::print_stdout, reason = "it says what it does")]

use flexconnect_core::arrow_array::RecordBatch;
use flexconnect_core::{Plugin, Result, WriteMode};
use flexconnect_examples::{files::Files, store::Store, table_text};
use flexconnect_flight::{Client, Command, Server};
use futures::TryStreamExt;
use serde_json::json;
use tokio::sync::oneshot;

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let plugin = Plugin::new("quickstart", env!("CARGO_PKG_VERSION"))
        .mount::<Files>(["files"], json!({ "root": "." }))
        .mount::<Store>(["store"], json!({ "file": folder.path().join("store.sqlite") }));
    let server = Server::new(plugin).bind("127.0.0.1:0").await?;
    let address = server.local_addr();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve_until(async move { drop(stopped.await) }));
    println!("Serving the tables `files` and `store` at {address}.");

    let client = Client::connect(format!("http://{address}")).await?;
    println!("Reading three columns of `files`: eight entries of at least 100 bytes.\n");
    let some_files = Command::connector("files")
        .with_columns(["path", "size", "modified"])
        .with_filter(json!({ "column": "size", "op": ">=", "value": 100 }))
        .with_limit(8);
    let reading = client.read(&some_files).await?;
    let schema = reading.schema();
    let files: Vec<RecordBatch> = reading.try_collect().await?;
    println!("{}", table_text(&files)?);

    println!("Writing them to `store`, an SQLite file.");
    let store = Command::connector("store");
    let summary = client.write(&store.clone().with_mode(WriteMode::Upsert), schema, files).await?;
    println!("{} rows are written. Reading them back.\n", summary.rows);
    let stored: Vec<RecordBatch> = client.read(&store).await?.try_collect().await?;
    println!("{}", table_text(&stored)?);

    drop((client, stop));
    serving.await??;
    folder.close()?;
    println!("The server has stopped, and the file is removed.");
    Ok(())
}
