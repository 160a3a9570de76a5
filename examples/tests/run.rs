//! Every lesson is run as its reader runs it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

#[path = "../../flexconnect-http/tests/api/mod.rs"]
mod api;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Output, Stdio};
use std::time::{Duration, Instant};

use api::{Api, json as json_answer, page, status};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::DataType;
use arrow_flight::Criteria;
use arrow_flight::flight_service_client::FlightServiceClient;
use flexconnect_core::{ErrorKind, WriteMode};
use flexconnect_flight::{Client, Command};
use futures::TryStreamExt;
use serde_json::{Value, json};
use tonic::transport::Endpoint;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

/// The program of an example, beside this test's own.
fn program(example: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).expect("a test lies in target/<profile>/deps");
    let program = profile.join("examples").join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is missing; `cargo test --workspace` builds it, or `cargo build --examples -p flexconnect-examples`",
        program.display()
    );
    program
}

/// What a lesson that ends by itself printed.
fn printed(example: &str) -> String {
    let folder = env!("CARGO_MANIFEST_DIR");
    let output = Process::new(program(example)).current_dir(folder).env_remove("RUST_LOG").output().unwrap();
    let Output { status, stdout, stderr } = output;
    assert!(status.success(), "{example} failed: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

/// A lesson that serves, on a port of its own; stopped when it is dropped.
struct Served {
    process: Child,
    address: SocketAddr,
}

impl Served {
    fn start(process: &mut Process) -> Self {
        process.env("LISTEN", "127.0.0.1:0").env("RUST_LOG", "warn").stdout(Stdio::piped());
        let mut process = process.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").and_then(|address| address.parse().ok());
        Served { process, address: address.unwrap_or_else(|| panic!("said {line:?}, not where it listens")) }
    }

    /// Asks the process to stop, as a terminal or a service manager does, and waits until it has.
    #[cfg(unix)]
    fn stop(&mut self) {
        let asked = Process::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap();
        assert!(asked.success());
        assert!(self.process.wait().unwrap().success(), "it stops in good order when asked to");
    }

    #[cfg(not(unix))]
    fn stop(&mut self) {}

    async fn client(&self) -> Client {
        Client::connect(format!("http://{}", self.address)).await.unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

async fn read(client: &Client, command: &Command) -> Vec<RecordBatch> {
    client.read(command).await.unwrap().try_collect().await.unwrap()
}

fn count(batches: &[RecordBatch]) -> usize {
    batches.iter().map(RecordBatch::num_rows).sum()
}

/// The first lesson has a fixed port. When another program has it, the lesson must say so.
#[tokio::test]
async fn hello() {
    const ADDRESS: &str = "127.0.0.1:8815";
    let mut process = Process::new(program("hello"));
    if TcpListener::bind(ADDRESS).is_err() {
        let output = process.output().unwrap();
        assert!(!output.status.success());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("cannot listen"), "{said:?} does not say that the address is taken");
        return;
    }
    let served = Served { process: process.spawn().unwrap(), address: ADDRESS.parse().unwrap() };
    let started = Instant::now();
    let client = loop {
        match Client::connect(format!("http://{ADDRESS}")).await {
            Ok(client) => break client,
            Err(error) => assert!(started.elapsed() < Duration::from_secs(20), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let hello = Command::connector("hello").with_config(json!({ "names": ["world", "Zoë"] }));
    let batches = read(&client, &hello).await;
    let texts: Vec<_> = batches[0].column(0).as_string::<i32>().iter().flatten().collect();
    assert_eq!(texts, ["Hello, world!", "Hello, Zoë!"]);
    drop(served);
}

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
async fn operated() {
    let mut process = Process::new(program("operated"));
    process.env("LISTEN", "127.0.0.1:0").env("HTTP", "127.0.0.1:0").env_remove("RUST_LOG");
    let mut process = process.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    let log = BufReader::new(process.stderr.take().unwrap()).lines();
    let (told, log) = {
        let (sender, receiver) = std::sync::mpsc::channel::<Value>();
        let lines = log.map(|line| serde_json::from_str(&line.unwrap()).unwrap());
        (std::thread::spawn(move || lines.for_each(|event| drop(sender.send(event)))), receiver)
    };
    // The next event that says this; there is one, or the program has ended.
    let event = |message: &str| log.iter().find(|event| event["message"] == message).unwrap();
    let address = said.next().unwrap().strip_prefix("listening on ").unwrap().parse().unwrap();
    let http = said.next().unwrap().strip_prefix("answering probes at ").unwrap().to_owned();
    let mut served = Served { process, address };
    while !get(&http, "/ready").starts_with("HTTP/1.1 200") {}
    let config = json!({ "columns": ["id"], "column_types": ["int"] });
    let batches = read(&served.client().await, &Command::connector("random_data").with_config(config)).await;
    assert_eq!(count(&batches), 100);
    let counted = r#"flexconnect_rows_total{direction="read",connector="random_data"} 100"#;
    let metrics = get(&http, "/metrics");
    assert!(metrics.contains(counted), "{metrics}");
    #[cfg(unix)]
    {
        let hangup = Process::new("kill").args(["-HUP", &served.process.id().to_string()]).status().unwrap();
        assert!(hangup.success());
        let read =
            std::iter::from_fn(|| Some(event("call ended"))).find(|end| end["verb"] == "DoGet").unwrap();
        assert_eq!((&read["outcome"], &read["rows"]), (&json!("ok"), &json!(100)));
        assert_eq!(event("the log level has changed")["level"], "debug");
        served.stop();
        event("stopping");
        told.join().unwrap();
    }
}

#[tokio::test]
async fn random_data() {
    let served = Served::start(&mut Process::new(program("random_data")));
    let config = json!({ "columns": ["id", "day"], "column_types": ["int", "date"] });
    let batches = read(&served.client().await, &Command::connector("random_data").with_config(config)).await;
    assert_eq!(count(&batches), 100);
    assert_eq!(batches[0].schema().field(1).data_type(), &DataType::Date32);
}

#[tokio::test]
async fn files() {
    let served = Served::start(Process::new(program("files")).arg(env!("CARGO_MANIFEST_DIR")));
    let client = served.client().await;
    let one = Command::connector("files")
        .with_filter(json!({ "column": "path", "op": "=", "value": "03_files/walk.rs" }));
    let batches = read(&client, &one).await;
    assert_eq!(count(&batches), 1);
    // The dictionary of an enum travels as one.
    assert!(matches!(batches[0].schema().field(1).data_type(), DataType::Dictionary(..)));
    let below = Command::connector("files").with_config(json!({ "below": "03_files" }));
    assert_eq!(count(&read(&client, &below).await), 4);
    let fixed =
        client.read(&Command::connector("files").with_config(json!({ "root": "/" }))).await.unwrap_err();
    assert!(fixed.to_string().contains("`root` is set by the operator"), "{fixed}");
    let described = client.describe(&Command::connector("files")).await.unwrap().to_string();
    assert!(!described.contains("root") && described.contains("below"), "{described}");
}

#[tokio::test]
async fn lines() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), "id,name\n1,a\n2,\n").unwrap();
    std::fs::write(folder.path().join("b.jsonl"), "{\"id\": 3, \"name\": \"c\"}\n").unwrap();
    let served = Served::start(Process::new(program("lines")).arg(folder.path()));
    let client = served.client().await;
    let info = client.info(&Command::connector("lines")).await.unwrap();
    assert_eq!((info.tickets.len(), info.schema.field(0).data_type()), (2, &DataType::Int64));
    assert_eq!(count(&read(&client, &Command::connector("lines")).await), 3);
}

#[tokio::test]
async fn store_keeps_what_was_committed_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::new(program("store"));
    process.arg(folder.path().join("kept.sqlite"));
    let store = Command::connector("store");
    let served = Served::start(&mut process);
    let client = served.client().await;
    let schema = client.schema(&store).await.unwrap();
    let paths = arrow::array::StringArray::from(vec!["a"]);
    let nulls = |column: usize| arrow::array::new_null_array(schema.field(column).data_type(), 1);
    let batch =
        RecordBatch::try_new(schema.clone(), vec![std::sync::Arc::new(paths), nulls(1), nulls(2)]).unwrap();
    assert_eq!(client.write(&store, schema, [batch]).await.unwrap().rows, 1);
    drop(served);
    let served = Served::start(&mut process);
    assert_eq!(count(&read(&served.client().await, &store).await), 1);
}

#[tokio::test]
async fn rest_api() {
    let api =
        Api::serve(|asked, _| json_answer(&json!(page(&[json!({ "id": 1 }), json!({ "id": 2 })], asked))))
            .await;
    let served = Served::start(&mut Process::new(program("rest_api")));
    let config =
        json!({ "base_url": api.url("/"), "endpoint": "items", "pagination_type": "page", "page_size": 1 });
    let batches = read(&served.client().await, &Command::connector("rest_api").with_config(config)).await;
    assert_eq!(count(&batches), 2);
    // Three pages to find the columns, and three to read them.
    assert_eq!(api.asked().len(), 6);
}

#[tokio::test]
async fn rest_resource() {
    let api = Api::serve(|_, _| json_answer(&json!([{ "id": 1 }]))).await;
    let served = Served::start(&mut Process::new(program("rest_resource")));
    let client = served.client().await;
    let config = json!({ "api_endpoint": api.url(""), "api_key": "k", "resource": "products" });
    let products = Command::connector("rest_resource").with_config(config);
    let batches = read(&client, &products).await;
    assert_eq!(count(&batches), 1);
    let written = client.write(&products, batches[0].schema(), batches).await.unwrap();
    let sent = api.asked().pop().unwrap();
    assert_eq!((written.rows, sent.path.as_str(), &sent.body[..]), (1, "/upload", &br#"[{"id":1}]"#[..]));
}

#[tokio::test]
async fn shared_client() {
    let api = Api::serve(|asked, _| match asked.path.as_str() {
        "/items/1" => json_answer(&json!({ "num": 1, "date": "2006-01-02", "title": "one" })),
        _ => status(404, ""),
    });
    let api = api.await;
    let served = Served::start(Process::new(program("shared_client")).arg(api.url("")));
    let batches = read(&served.client().await, &Command::connector("item")).await;
    assert_eq!(count(&batches), 1);
    assert_eq!(batches[0].schema().field(1).data_type(), &DataType::Date64);
}

#[tokio::test]
async fn embed_leaves_the_hosts_rules_in_force() {
    let served = Served::start(&mut Process::new(program("embed")));
    let refused = served.client().await.list().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthenticated, "{refused}");

    let channel =
        Endpoint::from_shared(format!("http://{}", served.address)).unwrap().connect().await.unwrap();
    let health = HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await.unwrap();
    assert_eq!(health.into_inner().status, 1, "serving, and without a token");

    let mut flight = FlightServiceClient::with_interceptor(channel, |mut request: Request<()>| {
        request.metadata_mut().insert("authorization", "Bearer let-me-in".parse().expect("a header's value"));
        Ok(request)
    });
    let listed: Vec<_> =
        flight.list_flights(Criteria::default()).await.unwrap().into_inner().try_collect().await.unwrap();
    assert_eq!(listed.len(), 1);
    let too_large = Criteria { expression: vec![0; 2 << 20].into() };
    let refused = flight.list_flights(too_large).await.unwrap_err();
    assert_eq!(refused.code(), Code::OutOfRange, "{refused}");
}

#[test]
fn client() {
    let printed = printed("client");
    for words in
        ["There is a table `random_data`.", "size | path\n", "Refused", "missing `modified`", "c.txt | 30"]
    {
        assert!(printed.contains(words), "{words:?} is not in:\n{printed}");
    }
    let after_delete = printed.split("After `delete`").nth(1).unwrap();
    assert!(after_delete.contains("b.txt | 20") && !after_delete.contains("a.txt"), "{printed}");
}

#[test]
fn quickstart() {
    let printed = printed("quickstart");
    let tables: Vec<Vec<&str>> = printed
        .split("\n\n")
        .filter(|part| part.starts_with("path"))
        .map(|table| table.lines().collect())
        .collect();
    let [mut read, mut stored] = <[_; 2]>::try_from(tables).expect("two tables are printed");
    assert!(read.len() > 4 && read[0].contains(" | size"), "{printed}");
    assert!(read[1..].iter().all(|row| row.matches('|').count() == 2), "{printed}");
    read.sort_unstable();
    stored.sort_unstable();
    assert_eq!(read, stored, "what was written is what was read");
}

#[tokio::test]
async fn sqlite_serves_a_file_and_makes_tables_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.sqlite");
    let database = rusqlite::Connection::open(&file).unwrap();
    database.execute_batch("CREATE TABLE a (n INTEGER); INSERT INTO a VALUES (1), (2), (3)").unwrap();
    let served = Served::start(Process::new(program("sqlite")).arg(&file));
    let client = served.client().await;
    let table = |name: &str| Command::path(["sqlite", name]);
    let rows = read(&client, &table("a")).await;
    assert_eq!(count(&rows), 3);
    assert_eq!(client.schema(&table("b")).await.unwrap_err().kind(), ErrorKind::NotFound);
    let written = client.write(&table("b"), rows[0].schema(), rows.clone()).await.unwrap();
    assert_eq!((written.rows, count(&read(&client, &table("b")).await)), (3, 3));
    let kept: i64 = database.query_row("SELECT sum(n) FROM b", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 6);
}

// The client must hear that the server goes while the test waits for that.
#[tokio::test(flavor = "multi_thread")]
async fn gallery() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), "id\n1\n").unwrap();
    let mut process = Process::new(program("gallery"));
    let mut served = Served::start(process.args(["--listen", "127.0.0.1:0", "--root"]).arg(folder.path()));
    let client = served.client().await;
    let mut tables: Vec<_> =
        client.list().await.unwrap().into_iter().map(|table| table.path.join("/")).collect();
    tables.sort();
    assert_eq!(tables, ["files", "lines", "numbers", "random_data", "rest_api", "rest_resource", "sink"]);
    assert_eq!(count(&read(&client, &Command::connector("files")).await), 1);
    assert_eq!(count(&read(&client, &Command::connector("lines")).await), 1);

    let numbers = Command::connector("numbers").with_config(json!({ "rows": 10_001 }));
    let info = client.info(&numbers).await.unwrap();
    assert_eq!((info.tickets.len(), info.rows), (4, Some(10_001)));
    let all = client.info(&Command::connector("numbers")).await.unwrap();
    assert_eq!(all.rows, Some(1_000_000));
    let batches = read(&client, &numbers).await;
    let mut ids: Vec<i64> = Vec::new();
    for batch in &batches {
        ids.extend(batch.column(0).as_primitive::<arrow::datatypes::Int64Type>().values());
    }
    assert_eq!(ids, (0..10_001).collect::<Vec<_>>());

    let sink = Command::connector("sink");
    let schema = client.schema(&sink).await.unwrap();
    assert_eq!(schema, info.schema);
    for (mode, rows) in
        [(WriteMode::Append, 10_001), (WriteMode::Append, 20_002), (WriteMode::Overwrite, 10_001)]
    {
        let written =
            client.write(&sink.clone().with_mode(mode), schema.clone(), batches.clone()).await.unwrap();
        assert_eq!(written.rows, 10_001);
        assert_eq!(client.info(&sink).await.unwrap().rows, Some(rows));
        assert_eq!(count(&read(&client, &sink).await) as u64, rows);
    }
    // An upload that fails half way leaves the sink as it was.
    let broken = futures::stream::iter([Ok(batches[0].clone()), Err("the source has failed")]);
    let command = sink.clone().with_mode(WriteMode::Overwrite);
    let error = client.write_stream(&command, schema, broken).await.unwrap_err();
    assert!(error.to_string().contains("the source has failed"), "{error}");
    assert_eq!(client.info(&sink).await.unwrap().rows, Some(10_001));
    served.stop();
}

#[test]
fn gallery_explains_its_options() {
    for (arguments, words) in [
        (["--port", "1"].as_slice(), "\"--port\" is not an option"),
        (&["--listen"], "\"--listen\" needs a value"),
        (&["--sqlite"], "\"--sqlite\" needs a value"),
        (&["--listen", "nowhere"], "nowhere"),
    ] {
        let output = Process::new(program("gallery")).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(words), "{said:?} lacks {words:?}");
    }
}
