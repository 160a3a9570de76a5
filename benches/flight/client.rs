//! The Rust client: reads all of a table, or few rows many times.

use std::collections::HashMap;
use std::time::Instant;

use flexconnect_benches::keep_freed_memory;
use flexconnect_core::Result;
use flexconnect_flight::{Client, Command};
use futures::TryStreamExt;
use futures::future::try_join_all;
use tokio::runtime::Runtime;

use crate::{process, tcp};

pub(crate) fn run() -> Result<()> {
    keep_freed_memory();
    let runtime = Runtime::new()?;
    let mut connected: HashMap<String, Client> = HashMap::new();
    process::answer(0.0, |words| {
        let (started, cpu) = (Instant::now(), process::cpu_seconds());
        match words {
            ["copy", port] => {
                let bytes = tcp::read(port.parse()?)?;
                Ok(vec![0.0, bytes as f64, started.elapsed().as_secs_f64(), process::cpu_seconds() - cpu])
            }
            ["read", port, table] => runtime.block_on(async {
                let client = connect(&mut connected, port).await?;
                let (started, cpu) = (Instant::now(), process::cpu_seconds());
                let rows = read(&client, table).await?;
                Ok(vec![
                    rows as f64,
                    (rows * tcp::ROW_BYTES) as f64,
                    started.elapsed().as_secs_f64(),
                    process::cpu_seconds() - cpu,
                ])
            }),
            ["small", port, table, calls] => runtime.block_on(async {
                let client = connect(&mut connected, port).await?;
                let mut times = Vec::new();
                for _ in 0..calls.parse::<usize>()? {
                    let started = Instant::now();
                    read(&client, table).await?;
                    times.push(started.elapsed().as_secs_f64());
                }
                times.sort_by(f64::total_cmp);
                Ok(vec![times[times.len() / 2]])
            }),
            ["many", port, table, clients, calls] => runtime.block_on(async {
                let calls = calls.parse::<usize>()?;
                let uri = format!("http://127.0.0.1:{port}");
                let clients = (0..clients.parse::<usize>()?).map(|_| Client::connect(uri.clone()));
                let clients = try_join_all(clients).await?;
                let started = Instant::now();
                let table = (*table).to_owned();
                let tasks = clients.iter().cloned().map(|client| {
                    let table = table.clone();
                    tokio::spawn(async move {
                        for _ in 0..calls {
                            read(&client, &table).await?;
                        }
                        Ok::<(), flexconnect_core::BoxError>(())
                    })
                });
                let tasks: Vec<_> = tasks.collect();
                for task in tasks {
                    task.await??;
                }
                Ok(vec![(clients.len() * calls) as f64 / started.elapsed().as_secs_f64()])
            }),
            other => Err(format!("{other:?} is not asked of a client").into()),
        }
    })
}

async fn connect(connected: &mut HashMap<String, Client>, port: &str) -> Result<Client> {
    if let Some(client) = connected.get(port) {
        return Ok(client.clone());
    }
    let client = Client::connect(format!("http://127.0.0.1:{port}")).await?;
    connected.insert(port.to_owned(), client.clone());
    Ok(client)
}

async fn read(client: &Client, table: &str) -> Result<usize> {
    let mut batches = client.read(&Command::path([table])).await?;
    let mut rows = 0;
    while let Some(batch) = batches.try_next().await? {
        rows += batch.num_rows();
    }
    Ok(rows)
}
