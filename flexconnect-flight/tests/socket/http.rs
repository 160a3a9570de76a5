//! The HTTP port: probes and metrics.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arrow_flight::FlightDescriptor;
use flexconnect_core::{Connector, ReadRequest, Result, Rows};
use flexconnect_flight::{Client, Command, FlightService, ReadyWhen, Server};
use futures::StreamExt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tonic::codegen::Service;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::connectors::{Number, Store, samples};
use crate::served::{channel, cmd, connect, eventually, ticket};

/// A server with an HTTP port, until it is told to stop.
struct Operated {
    flight: SocketAddr,
    http: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn operate(server: Server) -> Operated {
    let bound = server.with_http_port("127.0.0.1:0").bind("127.0.0.1:0").await.unwrap();
    let (flight, http) = (bound.local_addr(), bound.http_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await;
        };
        bound.serve_until(stopped).await.unwrap();
    });
    Operated { flight, http, stop, ended }
}

/// What comes back for these bytes, until the server closes the connection.
async fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may have heard enough before it has all.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let answer = exchange(address, format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    (head[9..12].parse().unwrap(), body.to_owned())
}

#[tokio::test]
async fn probes_are_answered_and_all_else_is_refused() {
    let operated = operate(Server::new(samples())).await;
    let http = operated.http;
    let ready = async || get(http, "/ready").await.0 == 200;
    while !ready().await {}
    assert_eq!(get(http, "/live").await, (200, "live\n".into()));
    assert_eq!(get(http, "/live?verbose").await.0, 200);
    assert_eq!(get(http, "/").await.0, 404);
    assert_eq!(get(http, "/live/").await.0, 404);
    let head = exchange(http, b"HEAD /live HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let request = format!("{method} /live HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\nx");
        let answer = exchange(http, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 405") && answer.contains("allow: GET, HEAD"), "{answer}");
    }
    let long = format!("GET /live HTTP/1.1\r\nx-long: {}\r\n\r\n", "x".repeat(100 << 10));
    assert!(!exchange(http, long.as_bytes()).await.starts_with("HTTP/1.1 200"));
    assert!(!exchange(http, b"\x16\x03\x01\x02\x00 not HTTP \r\n\r\n").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn connections_that_say_nothing_are_bounded_and_end() {
    let operated = operate(Server::new(samples())).await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(operated.http).await.unwrap());
    }
    // Above the bound a connection is closed at once, so some have ended already: the others do in time.
    let read_all = silent.into_iter().map(|mut stream| async move {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        bytes.len()
    });
    let answered: usize = futures::future::join_all(read_all).await.iter().sum();
    assert_eq!(answered, 0);
    assert_eq!(get(operated.http, "/live").await.0, 200);
}

/// Is checked for as long as it is told.
struct Slow(Arc<Notify>);

impl Connector<Arc<Notify>> for Slow {
    const NAME: &'static str = "slow";
    type Config = ();
    type Row = Number;

    async fn init((): (), checked: &Arc<Notify>) -> Result<Self> {
        Ok(Slow(checked.clone()))
    }

    async fn check(&self) -> Result<()> {
        self.0.notified().await;
        Ok(())
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Number> {
        Rows::empty()
    }
}

#[tokio::test]
async fn a_server_is_ready_when_its_connectors_are_and_as_long_as_it_serves() {
    let checked = Arc::new(Notify::new());
    let shared = checked.clone();
    // `failing` needs a client's values: nothing is to be said of it before.
    let plugin = samples().shared(move |(): ()| {
        let shared = shared.clone();
        async move { Ok(shared) }
    });
    let server = Server::new(plugin.connector::<Slow>()).with_grace(Duration::from_secs(600));
    let operated = operate(server.with_ready_when(ReadyWhen::Checked)).await;
    let mut health = HealthClient::new(channel(operated.flight).await);
    let mut status = async |service: &str| {
        let request = HealthCheckRequest { service: service.into() };
        health.check(request).await.map(|answer| answer.into_inner().status())
    };
    assert_eq!(get(operated.http, "/ready").await, (503, "starting\n".into()));
    assert_eq!(status("").await.unwrap(), ServingStatus::NotServing);
    assert_eq!(status("slow").await.unwrap(), ServingStatus::NotServing);
    // It answers all the same.
    let mut flight = connect(operated.flight).await;
    let info = flight.get_flight_info(FlightDescriptor::new_path(vec!["slow".into()])).await.unwrap();
    assert_eq!(info.into_inner().endpoint.len(), 1);

    checked.notify_one();
    while get(operated.http, "/ready").await.0 != 200 {}
    for service in ["", "arrow.flight.protocol.FlightService", "slow", "fixed/seven", "failing"] {
        assert_eq!(status(service).await.unwrap(), ServingStatus::Serving, "{service}");
    }
    assert_eq!(status("no such table").await.unwrap_err().code(), tonic::Code::NotFound);

    let client = Client::connect(format!("http://{}", operated.flight)).await.unwrap();
    let mut reading = client.read(&Command::connector("endless")).await.unwrap();
    reading.next().await.unwrap().unwrap();
    drop(operated.stop);
    while get(operated.http, "/ready").await.0 == 200 {}
    assert_eq!(get(operated.http, "/ready").await, (503, "stopping\n".into()));
    assert_eq!(get(operated.http, "/live").await.0, 200);
    assert_eq!(status("slow").await.unwrap(), ServingStatus::NotServing);
    // What is under way goes on, and its end is the server's.
    reading.next().await.unwrap().unwrap();
    drop(reading);
    operated.ended.await.unwrap();
}

/// The value of the first line that begins like this.
fn value(page: &str, series: &str) -> f64 {
    let line = page.lines().find(|line| line.starts_with(series));
    let line = line.unwrap_or_else(|| panic!("no {series} in {page}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_happens_is_counted() {
    let operated = operate(Server::from(FlightService::new(samples()))).await;
    let mut flight = connect(operated.flight).await;
    let client = Client::connect(format!("http://{}", operated.flight)).await.unwrap();
    let info = flight.get_flight_info(cmd(json!({"connector": "numbers"}))).await.unwrap().into_inner();
    for endpoint in 0..info.endpoint.len() {
        let reading = flight.do_get(ticket(&info, endpoint)).await.unwrap().into_inner();
        assert!(reading.collect::<Vec<_>>().await.iter().all(Result::is_ok));
    }
    flight.get_flight_info(cmd(json!({"connector": "nothing-like-it"}))).await.unwrap_err();
    let panics = Command::connector("failing").with_config(json!({"kind": "panic", "after": 1}));
    let panics = client.read(&panics).await.unwrap();
    assert!(panics.collect::<Vec<_>>().await.last().unwrap().is_err());
    let mut forged = ticket(&info, 0);
    forged.ticket = [&forged.ticket[..], b"x"].concat().into();
    flight.do_get(forged).await.unwrap_err();
    let mut endless = client.read(&Command::connector("endless")).await.unwrap();
    endless.next().await.unwrap().unwrap();

    let page = get(operated.http, "/metrics").await.1;
    assert_eq!(value(&page, r#"flexconnect_streams_open{verb="DoGet"}"#), 1.0);
    drop(endless);
    eventually_page(operated.http, r#"flexconnect_calls_total{verb="DoGet",outcome="cancelled"} 1"#).await;
    let page = get(operated.http, "/metrics").await.1;
    for (series, expected) in [
        (r#"flexconnect_streams_open{verb="DoGet"}"#, 0.0),
        (r#"flexconnect_rows_total{direction="read",connector="numbers"}"#, 10.0),
        (r#"flexconnect_batches_total{direction="read",connector="numbers"}"#, 3.0),
        (r#"flexconnect_first_batch_seconds_count{connector="numbers"}"#, 3.0),
        (r#"flexconnect_calls_total{verb="DoGet",outcome="ok"}"#, 3.0),
        (r#"flexconnect_calls_total{verb="DoGet",outcome="error"}"#, 2.0),
        (r#"flexconnect_errors_total{kind="not_found"}"#, 1.0),
        (r#"flexconnect_errors_total{kind="internal"}"#, 1.0),
        ("flexconnect_tickets_refused_total", 1.0),
    ] {
        assert_eq!(value(&page, series), expected, "{series} in {page}");
    }
    assert!(value(&page, r#"flexconnect_bytes_total{direction="read",connector="numbers"}"#) > 160.0);
    assert!(value(&page, "flexconnect_panics_total") >= 1.0);
    assert!(!page.contains("nothing-like-it"), "a caller's own words are no label: {page}");
}

async fn eventually_page(http: SocketAddr, line: &str) {
    let seen = async { while !get(http, "/metrics").await.1.contains(line) {} };
    tokio::time::timeout(Duration::from_secs(60), seen)
        .await
        .unwrap_or_else(|_| panic!("{line}: it never is"));
}

#[tokio::test]
async fn writes_are_counted_by_their_end() {
    let store = Store::default();
    let service = FlightService::new(store.plugin());
    let metrics = service.metrics().clone();
    let operated = operate(service.into()).await;
    let client = Client::connect(format!("http://{}", operated.flight)).await.unwrap();
    let read = client.read(&Command::connector("numbers")).await.unwrap();
    let numbers: Vec<_> = read.map(Result::unwrap).collect().await;
    let sink = Command::connector("sink");
    client.write(&sink, numbers[0].schema(), numbers.clone()).await.unwrap();
    client.write(&sink.clone().with_rows(7), numbers[0].schema(), Vec::new()).await.unwrap_err();
    eventually("the write ends", || metrics.to_text().contains(r#"writes_total{outcome="aborted"} 1"#)).await;
    let page = metrics.to_text();
    assert_eq!(value(&page, r#"flexconnect_writes_total{outcome="committed"}"#), 1.0);
    assert_eq!(value(&page, r#"flexconnect_rows_total{direction="written",connector="sink"}"#), 10.0);
    assert_eq!(value(&page, r#"flexconnect_calls_total{verb="DoPut",outcome="ok"}"#), 1.0);
}

/// A call whose body is these bytes.
async fn call(address: SocketAddr, verb: &str, body: Vec<u8>) -> tonic::Code {
    let mut request = http::Request::new(tonic::body::Body::new(http_body_of(body)));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = format!("/arrow.flight.protocol.FlightService/{verb}").parse().unwrap();
    let headers = request.headers_mut();
    headers.insert("te", http::HeaderValue::from_static("trailers"));
    headers.insert("content-type", http::HeaderValue::from_static("application/grpc"));
    let mut channel = channel(address).await;
    std::future::poll_fn(|cx| channel.poll_ready(cx)).await.unwrap();
    let response = channel.call(request).await.unwrap();
    Status::from_header_map(response.headers()).expect("it is refused at once").code()
}

fn http_body_of(bytes: Vec<u8>) -> impl http_body::Body<Data = bytes::Bytes, Error = Status> {
    struct Whole(Option<bytes::Bytes>);
    impl http_body::Body for Whole {
        type Data = bytes::Bytes;
        type Error = Status;
        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Status>>> {
            std::task::Poll::Ready(self.0.take().map(|bytes| Ok(http_body::Frame::data(bytes))))
        }
    }
    Whole(Some(bytes.into()))
}

/// A message as gRPC frames it.
fn framed(flag: u8, message: &[u8]) -> Vec<u8> {
    [&[flag][..], &(message.len() as u32).to_be_bytes(), message].concat()
}

#[tokio::test]
async fn what_the_transport_refuses_is_counted_too() {
    let service = FlightService::new(samples());
    let metrics = service.metrics().clone();
    let operated = operate(service.into()).await;
    let large = vec![0; 20 << 20];
    for (verb, body, code, counted_as, kind) in [
        ("NoSuchVerb", framed(0, b""), Code::Unimplemented, "other", "unsupported"),
        ("GetFlightInfo", framed(0, &large[..1 << 20]), Code::OutOfRange, "GetFlightInfo", "invalid_request"),
        ("DoAction", framed(0, &large), Code::OutOfRange, "DoAction", "invalid_request"),
        ("DoGet", framed(0, &large[..1 << 20]), Code::OutOfRange, "DoGet", "invalid_request"),
        // Neither flags nor messages of this kind are there.
        ("GetSchema", framed(7, b""), Code::Internal, "GetSchema", "invalid_request"),
        ("DoGet", framed(7, b""), Code::Internal, "DoGet", "invalid_request"),
        ("ListActions", framed(0, &[0xFF; 3]), Code::Internal, "ListActions", "invalid_request"),
        ("DoGet", framed(0, &[0xFF; 3]), Code::Internal, "DoGet", "invalid_request"),
    ] {
        let count = |series: String| {
            let page = metrics.to_text();
            let found = page.lines().find_map(|line| line.strip_prefix(&series)?.trim().parse().ok());
            found.unwrap_or(0.0)
        };
        let calls = || count(format!(r#"flexconnect_calls_total{{verb="{counted_as}",outcome="error"}}"#));
        let errors = || count(format!(r#"flexconnect_errors_total{{kind="{kind}"}}"#));
        let before = (calls(), errors());
        assert_eq!(call(operated.flight, verb, body).await, code, "{verb}");
        assert_eq!((calls(), errors()), (before.0 + 1.0, before.1 + 1.0), "{verb}");
        let open = count(format!(r#"flexconnect_streams_open{{verb="{counted_as}"}}"#));
        assert_eq!(open, 0.0, "{verb}");
    }
}
