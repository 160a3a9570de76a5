//! The other side: tables from Rust, listed, read and written.
//!
//! `cargo run --example client` talks to a server of its own; any other address would do.
#![expect(clippy::print_stdout, reason = "it shows what it gets")]

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
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
    let random = Command::connector("random_data")
        .with_config(
            json!({ "num_rows": 1000, "columns": ["path", "size"], "column_types": ["string", "int"] }),
        )
        .with_columns(["size", "path"])
        .with_filter(json!({ "column": "size", "op": ">", "value": 500 }))
        .with_limit(3);
    let reading = client.read(&random).await?;
    let schema = reading.schema();
    let rows: Vec<RecordBatch> = reading.try_collect().await?;
    println!("\nThree rows of `random_data`:\n{}", table_text(&rows)?);

    // An error has a kind to decide by, and a message to read.
    let store = Command::connector("store");
    match client.write(&store, schema, rows).await {
        Err(error) if error.kind() == ErrorKind::Schema => println!("Refused, as it should be: {error}\n"),
        Err(error) => return Err(error.into()),
        Ok(_) => return Err("rows without the column `modified` were taken".into()),
    }

    // A write is kept as a whole or not at all. Its mode says what becomes of the rows there are.
    for (mode, rows) in [
        (WriteMode::Append, [("a.txt", 1), ("b.txt", 2)].as_slice()),
        (WriteMode::Upsert, &[("b.txt", 20), ("c.txt", 30)]),
        (WriteMode::Delete, &[("a.txt", 0)]),
    ] {
        let batch = items(rows)?;
        let written = client.write(&store.clone().with_mode(mode), batch.schema(), [batch]).await?;
        let stored: Vec<RecordBatch> = client.read(&store).await?.try_collect().await?;
        println!("After `{mode}` ({} written), `store` has:\n{}", written.rows, table_text(&stored)?);
    }
    Ok(())
}

/// Rows for the store, as any Arrow library makes them.
fn items(rows: &[(&str, i64)]) -> Result<RecordBatch> {
    let paths = rows.iter().map(|(path, _)| Some(*path)).collect::<StringArray>();
    let sizes = rows.iter().map(|(_, size)| *size).collect::<Int64Array>();
    let modified = TimestampMicrosecondArray::new_null(rows.len()).with_timezone("UTC");
    Ok(RecordBatch::try_from_iter([
        ("path", Arc::new(paths) as ArrayRef),
        ("size", Arc::new(sizes)),
        ("modified", Arc::new(modified)),
    ])?)
}
