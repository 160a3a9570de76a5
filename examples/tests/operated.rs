//! The lesson on operating a server, as its operator sees it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod served;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command as Process, Stdio};
use std::sync::mpsc;

use arrow::array::RecordBatch;
use flexconnect_flight::Command;
use futures::TryStreamExt;
use serde_json::{Value, json};
use served::{Served, program};

/// What comes for this path over HTTP.
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: lesson\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

// The client answers to the server's farewell while the test waits for its end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_says_how_it_is_and_what_it_does() {
    let mut process = Process::new(program("operated"));
    process.env("LISTEN", "127.0.0.1:0").env("HTTP", "127.0.0.1:0").env_remove("RUST_LOG");
    let mut process = process.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    let log = BufReader::new(process.stderr.take().unwrap()).lines();
    let (told, log) = {
        let (sender, receiver) = mpsc::channel::<Value>();
        let lines = log.map(|line| serde_json::from_str(&line.unwrap()).unwrap());
        (std::thread::spawn(move || lines.for_each(|event| drop(sender.send(event)))), receiver)
    };
    // The next event that says this; there is one, or the program has ended.
    let event = |message: &str| log.iter().find(|event| event["message"] == message).unwrap();
    let address = said.next().unwrap().strip_prefix("listening on ").unwrap().parse().unwrap();
    let http = said.next().unwrap().strip_prefix("answering probes at ").unwrap().to_owned();
    let mut served = Served::at(process, address);
    while !get(&http, "/ready").starts_with("HTTP/1.1 200") {}
    let config = json!({ "columns": ["id"], "column_types": ["int"] });
    let random = Command::connector("random_data").with_config(config);
    let batches: Vec<_> = served.client().await.read(&random).await.unwrap().try_collect().await.unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 100);
    let counted = r#"flexconnect_rows_total{direction="read",connector="random_data"} 100"#;
    let metrics = get(&http, "/metrics");
    assert!(metrics.contains(counted), "{metrics}");
    #[cfg(unix)]
    {
        served.signal("-HUP");
        let read =
            std::iter::from_fn(|| Some(event("call ended"))).find(|end| end["verb"] == "DoGet").unwrap();
        assert_eq!((&read["outcome"], &read["rows"]), (&json!("ok"), &json!(100)));
        assert_eq!(event("the log level has changed")["level"], "debug");
        served.stop();
        event("stopping");
        told.join().unwrap();
    }
}
