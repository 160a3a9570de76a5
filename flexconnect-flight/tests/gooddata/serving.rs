//! How a server starts and ends, and what it shows meanwhile.

use std::sync::Arc;

use arrow_flight::Criteria;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use flexconnect_core::{Config, Connector, ErrorKind, JsonRow, Plugin, ReadRequest, Result, Rows};
use flexconnect_flight::Server;
use flexconnect_flight::gooddata::{Options, Service};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tonic::Code;

use crate::functions::{simple, waiting};
use crate::served::{connect, eventually, serve, serve_with, told};

#[tokio::test]
async fn before_its_functions_are_loaded_it_says_that_it_is_too_early() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, service) = (listener.local_addr().unwrap(), Service::new(simple()));
    let router = tonic::transport::Server::builder().add_service(service.clone());
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    tokio::spawn(router.serve_with_incoming(incoming));
    let raw = connect(address).await;
    let early = (Code::Unavailable, 197_109, "Try again later.".to_owned());
    assert_eq!(told(&raw.clone().list_flights(Criteria::default()).await.unwrap_err()), early);
    assert_eq!(
        told(&raw.clone().get_flight_info(arrow_flight::FlightDescriptor::default()).await.unwrap_err()),
        early
    );
    assert_eq!(told(&raw.clone().do_get(arrow_flight::Ticket::default()).await.unwrap_err()), early);
    assert_eq!(told(&raw.clone().do_action(arrow_flight::Action::default()).await.unwrap_err()), early);
    assert!(!service.is_ready());
    service.load().await.unwrap();
    assert!(service.is_ready() && raw.clone().list_flights(Criteria::default()).await.is_ok());
}

/// Is opened once it may be.
struct Waits;

impl Connector<Arc<Notify>> for Waits {
    const NAME: &'static str = "Waits";
    type Config = ();
    type Row = JsonRow;

    async fn init((): (), may: &Arc<Notify>) -> Result<Self> {
        may.notified().await;
        Ok(Waits)
    }

    async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
        Ok(Some(Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]))))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, JsonRow> {
        Rows::empty()
    }
}

#[tokio::test]
async fn it_is_ready_once_every_function_is_loaded() {
    let may = Arc::new(Notify::new());
    let own = may.clone();
    let shared = move |(): ()| {
        let own = own.clone();
        async move { Ok(own) }
    };
    let plugin = Plugin::new("waits", "1").shared(shared).connector::<Waits>();
    let bound =
        Server::gooddata(plugin).with_health_check(("127.0.0.1", 0)).bind("127.0.0.1:0").await.unwrap();
    let (address, health) = (bound.local_addr(), bound.health_check_addr().unwrap());
    let serving = tokio::spawn(bound.serve_until(std::future::pending(), std::future::pending()));
    let raw = connect(address).await;
    let early = told(&raw.clone().list_flights(Criteria::default()).await.unwrap_err());
    assert_eq!(early, (Code::Unavailable, 197_109, "Try again later.".to_owned()));
    assert_eq!(status_of(&http(health, "GET /ready").await), 500);
    assert_eq!(status_of(&http(health, "GET /live").await), 204);
    may.notify_one();
    while status_of(&http(health, "GET /ready").await) != 204 {}
    assert!(raw.clone().list_flights(Criteria::default()).await.is_ok());
    serving.abort();
}

#[tokio::test]
async fn a_second_word_ends_what_the_first_would_wait_for() {
    let (plugin, shut) = waiting();
    let bound = Server::gooddata(plugin).bind("127.0.0.1:0").await.unwrap();
    let (address, service) = (bound.local_addr(), bound.service());
    let (cut, told_twice) = tokio::sync::oneshot::channel::<()>();
    let (first, told_once) = tokio::sync::oneshot::channel::<()>();
    let heard = |told: tokio::sync::oneshot::Receiver<()>| async {
        let _ = told.await;
    };
    let serving = tokio::spawn(bound.serve_until(heard(told_once), heard(told_twice)));
    eventually("it is ready", || service.is_ready()).await;
    let mut raw = connect(address).await;
    let call = tokio::spawn(async move {
        let command = json!({ "functionName": "Stuck" }).to_string();
        raw.get_flight_info(arrow_flight::FlightDescriptor::new_cmd(command)).await
    });
    eventually("it runs", || shut.before.load(std::sync::atomic::Ordering::SeqCst) == 1).await;
    first.send(()).unwrap();
    eventually("it stops", || !service.is_ready()).await;
    assert!(!serving.is_finished());
    cut.send(()).unwrap();
    serving.await.unwrap().unwrap();
    call.await.unwrap().unwrap_err();
    shut.open();
}

#[derive(Config)]
struct Nothing {}

struct Broken;

impl Connector for Broken {
    const NAME: &'static str = "Broken";
    type Config = Nothing;
    type Row = JsonRow;

    async fn init(_: Nothing, _: &()) -> Result<Self> {
        Err("no database".into())
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, JsonRow> {
        Rows::empty()
    }
}

struct Undeclared;

impl Connector for Undeclared {
    const NAME: &'static str = "Undeclared";
    type Config = ();
    type Row = JsonRow;

    async fn init((): (), _: &()) -> Result<Self> {
        Ok(Undeclared)
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, JsonRow> {
        Rows::empty()
    }
}

#[tokio::test]
async fn a_function_that_cannot_be_loaded_stops_the_start() {
    let plugin = || Plugin::new("p", "1");
    for (plugin, part) in [
        (plugin().connector::<Broken>(), "no database"),
        (plugin().connector::<Undeclared>(), "declared"),
        (plugin().connector::<Broken>().connector::<Broken>(), "two connectors"),
    ] {
        let bound = Server::gooddata(plugin).bind("127.0.0.1:0").await.unwrap();
        let error = bound.serve_until(std::future::pending(), std::future::pending()).await.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn what_is_there_is_still_read_while_it_stops() {
    let served = serve(simple(), Options::default()).await;
    let info = served.invoke("Count", json!({ "rows": 5 })).await.unwrap();
    served.stop.send(()).unwrap();
    let raw = served.raw.clone();
    loop {
        let listed = raw.clone().list_flights(Criteria::default()).await;
        if let Err(status) = listed {
            let stopping = (Code::Unavailable, 131_574, "Server is shutting down.".to_owned());
            assert_eq!(told(&status), stopping);
            break;
        }
    }
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    let mut messages = raw.clone().do_get(ticket).await.unwrap().into_inner();
    while messages.message().await.unwrap().is_some() {}
    // That was the last one: it ends by itself, long before the grace is over.
    served.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_grace_has_an_end() {
    let (plugin, shut) = waiting();
    let server = Server::gooddata(plugin).with_grace(std::time::Duration::from_millis(100));
    let served = serve_with(server).await;
    let call = served.raw.clone();
    let call = tokio::spawn(async move {
        let command = json!({ "functionName": "Stuck" }).to_string();
        call.clone().get_flight_info(arrow_flight::FlightDescriptor::new_cmd(command)).await
    });
    eventually("it runs", || shut.before.load(std::sync::atomic::Ordering::SeqCst) == 1).await;
    served.stop.send(()).unwrap();
    served.ended.await.unwrap().unwrap();
    assert_eq!(told(&call.await.unwrap().unwrap_err()).1, 131_574);
    shut.open();
}

#[tokio::test]
async fn probes_and_figures_are_answered() {
    let server =
        Server::gooddata(simple()).with_health_check(("127.0.0.1", 0)).with_metrics(("127.0.0.1", 0));
    let bound = server.bind("127.0.0.1:0").await.unwrap();
    let (health, metrics) = (bound.health_check_addr().unwrap(), bound.metrics_addr().unwrap());
    let (address, service) = (bound.local_addr(), bound.service());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let ended = async {
        let _ = stopped.await;
    };
    let serving = tokio::spawn(bound.serve_until(ended, std::future::pending()));
    eventually("it is ready", || service.is_ready()).await;
    for (request, status) in [
        ("GET /ready", 204),
        ("GET /live", 204),
        ("HEAD /live", 204),
        ("GET /", 404),
        ("POST /live", 501),
        ("POST /", 501),
    ] {
        let answer = http(health, request).await;
        assert_eq!(status_of(&answer), status, "{request}");
        assert!(answer.ends_with("\r\n\r\n"), "{request}: {answer}");
    }
    let mut raw = connect(address).await;
    let command = json!({ "functionName": "Nope" }).to_string();
    raw.get_flight_info(arrow_flight::FlightDescriptor::new_cmd(command)).await.unwrap_err();
    let command = json!({ "functionName": "Count" }).to_string();
    raw.get_flight_info(arrow_flight::FlightDescriptor::new_cmd(command)).await.unwrap();
    let mut page = http(metrics, "GET /anything").await;
    // A task is counted a moment after its caller has its answer.
    while !page.contains("gdfs_task_completed_total 1") {
        page = http(metrics, "GET /anything").await;
    }
    assert!(page.contains("version=0.0.4") && !page.contains("# EOF"), "{page}");
    for line in [
        "# TYPE flexconnect_calls_total counter",
        "gdfs_task_queue 0",
        "gdfs_task_completed_total 1",
        "gdfs_task_wait_count 1",
        "gdfs_task_error_total 0",
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line}\n{page}");
    }
    if cfg!(target_os = "linux") {
        assert!(page.contains("\nprocess_resident_memory_bytes "), "{page}");
    }
    drop(stop);
    eventually("it is ready no more", || !service.is_ready()).await;
    assert_eq!(status_of(&http(health, "GET /ready").await), 500);
    drop(raw);
    serving.abort();
}

async fn http(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn status_of(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn an_address_in_use_is_told() {
    let bound = Server::gooddata(simple()).bind("127.0.0.1:0").await.unwrap();
    let again = Server::gooddata(simple()).with_metrics(("127.0.0.1", bound.local_addr().port()));
    let error = again.bind("127.0.0.1:0").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("metrics_host"), "{error}");
}
