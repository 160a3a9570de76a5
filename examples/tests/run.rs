//! Every lesson is run as its reader runs it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

#[path = "../../flexconnect-http/tests/api/mod.rs"]
mod api;
mod served;

use std::net::TcpListener;
use std::process::{Command as Process, Output};
use std::time::{Duration, Instant};

use api::{Api, json as json_answer, page, status};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::DataType;
use arrow_flight::Criteria;
use arrow_flight::flight_service_client::FlightServiceClient;
use flexconnect_core::conformance::Options;
use flexconnect_core::{ErrorKind, WriteMode};
use flexconnect_flight::{Client, Command, conformance};
use futures::TryStreamExt;
use serde_json::json;
use served::{Served, program};
use tonic::transport::Endpoint;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

/// What a lesson that ends by itself printed.
fn printed(example: &str) -> String {
    let folder = env!("CARGO_MANIFEST_DIR");
    let output = Process::new(program(example)).current_dir(folder).env_remove("RUST_LOG").output().unwrap();
    let Output { status, stdout, stderr } = output;
    assert!(status.success(), "{example} failed: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
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
    let served = Served::at(process.spawn().unwrap(), ADDRESS.parse().unwrap());
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
    let options = Options::new().with_config("hello", json!({ "names": ["world", "Zoë", "", "zoë"] }));
    conformance::check_with(&client, options).await.unwrap().assert_all_run_but(&["memory"]);
    drop(served);
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
    assert_eq!((info.endpoints.len(), info.schema.field(0).data_type()), (2, &DataType::Int64));
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
    assert_eq!((info.endpoints.len(), info.rows), (4, Some(10_001)));
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
