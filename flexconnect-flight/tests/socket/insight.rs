//! What a server says of its calls: one event at the end of each, with the names the operator's guide has, and no row.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Once};

use arrow_flight::FlightDescriptor;
use arrow_flight::flight_service_client::FlightServiceClient;
use flexconnect_core::{
    BoxWriter, Caller, Capabilities, Config, Connector, Error, ErrorKind, Plugin, ReadRequest, Result,
    RowWriter, Rows, Table, WriteMode, WriteRequest, WriteSummary,
};
use flexconnect_flight::{Client, Command, FlightService};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tonic::{Request, Status};
use tracing::Level;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;

use crate::connectors::samples;
use crate::served::{cmd, connect, eventually, serve, ticket};

/// All that is logged on the test's own thread, where its server runs too.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn listen(level: Level) -> (Self, DefaultGuard) {
        // What is logged for the first time while a test begins to listen would be heard by none, had it no listener yet.
        static FIRST: Once = Once::new();
        FIRST.call_once(|| {
            let all = tracing_subscriber::registry().with(LevelFilter::INFO);
            tracing::subscriber::set_global_default(all).unwrap();
        });
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_span_list(false);
        let subscriber = subscriber.with_max_level(level).with_writer(move || writer.clone()).finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn events(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The ends of calls of this verb.
    fn ends(&self, verb: &str) -> Vec<Value> {
        let mut events = self.events();
        events.retain(|event| event["message"] == "call ended" && event["verb"] == verb);
        events
    }
}

/// Samples, behind a host that knows its callers.
async fn serve_ann() -> (SocketAddr, FlightServiceClient<Channel>) {
    let login = |mut request: Request<()>| {
        request.extensions_mut().insert(Caller::named("ann"));
        Ok::<_, Status>(request)
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = InterceptedService::new(FlightService::new(samples()), login);
    tokio::spawn(Server::builder().add_service(service).serve_with_incoming(TcpIncoming::from(listener)));
    (address, connect(address).await)
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

fn with_context<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    let traceparent = format!("00-{TRACE}-{PARENT}-01");
    for (name, value) in [("x-request-id", "req-7"), ("traceparent", &traceparent)] {
        request.metadata_mut().insert(name, value.parse().unwrap());
    }
    request
}

#[tokio::test]
async fn a_call_ends_with_one_event_that_says_all() {
    let (log, _listening) = Log::listen(Level::INFO);
    let (_, mut flight) = serve_ann().await;
    let seven = FlightDescriptor::new_path(vec!["fixed".into(), "seven".into()]);
    let info = flight.get_flight_info(seven).await.unwrap().into_inner();
    let reading = flight.do_get(with_context(ticket(&info, 0))).await.unwrap().into_inner();
    assert!(reading.collect::<Vec<_>>().await.iter().all(Result::is_ok));
    eventually("the read ends", || !log.ends("DoGet").is_empty()).await;

    assert_eq!(log.ends("GetFlightInfo").len(), 1);
    let [end] = log.ends("DoGet").try_into().unwrap();
    let span = &end["span"];
    for (field, value) in [
        ("name", "call"),
        ("verb", "DoGet"),
        ("connector", "numbers"),
        ("path", "fixed/seven"),
        ("caller", "ann"),
        ("request_id", "req-7"),
        ("trace_id", TRACE),
        ("parent_id", PARENT),
    ] {
        assert_eq!(span[field], value, "{field} in {end}");
    }
    assert!(span["peer"].as_str().unwrap().starts_with("127.0.0.1:"), "{end}");
    assert_eq!((&end["outcome"], &end["level"]), (&json!("ok"), &json!("INFO")));
    assert_eq!((&end["rows"], &end["batches"]), (&json!(4), &json!(1)));
    assert!(end["bytes"].as_u64().unwrap() > 64 && end["milliseconds"].is_u64(), "{end}");
    // What core says meanwhile is said of this call, too.
    let started = log.events().into_iter().rfind(|event| event["message"] == "read started").unwrap();
    assert_eq!(started["span"]["request_id"], "req-7");
}

#[tokio::test]
async fn errors_and_clients_that_leave_are_told_apart() {
    let (log, _listening) = Log::listen(Level::INFO);
    let served = serve(samples()).await;
    served.info(cmd(json!({"connector": "nowhere"}))).await.unwrap_err();
    let failing = Command::connector("failing").with_config(json!({"kind": "internal", "after": 3}));
    let rows: Vec<_> = served.client.read(&failing).await.unwrap().collect().await;
    assert!(rows.last().unwrap().is_err());
    let mut endless = served.client.read(&Command::connector("endless")).await.unwrap();
    endless.next().await.unwrap().unwrap();
    drop(endless);
    eventually("the reads end", || log.ends("DoGet").len() == 2).await;

    let end = log.ends("GetFlightInfo").into_iter().find(|end| end["outcome"] == "error").unwrap();
    assert_eq!((&end["error_kind"], &end["level"]), (&json!("not_found"), &json!("INFO")));
    assert!(end["error"].as_str().unwrap().contains("no table `nowhere`"), "{end}");
    assert!(end["span"].get("path").is_none(), "only what is mounted is a path: {end}");
    let [failed, left] = log.ends("DoGet").try_into().unwrap();
    assert_eq!((&failed["outcome"], &failed["level"]), (&json!("error"), &json!("ERROR")));
    assert_eq!((&failed["rows"], &failed["error_kind"]), (&json!(3), &json!("internal")));
    // The cause is the operator's to see.
    assert!(failed["error"].as_str().unwrap().ends_with("it is internal: password=hush"), "{failed}");
    assert_eq!((&left["outcome"], left.get("error_kind")), (&json!("cancelled"), None));
}

/// The names in the first column of the table under this heading of the operator's guide.
fn documented(heading: &str) -> BTreeSet<String> {
    let guide = include_str!("../../OPERATING.md");
    let (_, section) = guide.split_once(&format!("\n{heading}\n")).unwrap();
    let section = section.split("\n#").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    rows.map(|(name, _)| name.to_owned()).collect()
}

#[tokio::test]
async fn the_guide_lists_the_fields_there_are() {
    let (log, _listening) = Log::listen(Level::INFO);
    let (address, mut flight) = serve_ann().await;
    flight.get_flight_info(with_context(cmd(json!({"connector": "numbers"})))).await.unwrap();
    flight.get_flight_info(with_context(cmd(json!({"connector": "nowhere"})))).await.unwrap_err();
    let client = Client::connect(format!("http://{address}")).await.unwrap();
    assert!(client.list().await.unwrap().len() > 3);
    eventually("the listing ends", || log.ends("ListFlights").len() == 1).await;
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let (mut spans, mut ends) = (BTreeSet::new(), BTreeSet::new());
    for end in log.events().iter().filter(|event| event["message"] == "call ended") {
        spans.extend(names(&end["span"]));
        ends.extend(names(end));
    }
    for of_every_event in ["timestamp", "level", "target", "message", "span"] {
        assert!(ends.remove(of_every_event));
    }
    spans.remove("name");
    // These are OpenTelemetry's own, and there only for it.
    spans.retain(|name| !name.starts_with("otel."));
    assert_eq!(spans, documented("### Of a call"));
    assert_eq!(ends, documented("### Of its end"));
}

const CANARY: &str = "canary-4711";

#[derive(Table)]
struct Note {
    text: String,
}

#[derive(Config)]
struct NotesConfig {
    /// Whether a row does not fit.
    #[config(default = false)]
    broken: bool,
}

/// Rows that nobody but their reader and their writer should see.
struct Notes(NotesConfig);

impl Connector for Notes {
    const NAME: &'static str = "notes";
    type Config = NotesConfig;
    type Row = Note;

    fn capabilities() -> Capabilities {
        Capabilities::read().with_write([WriteMode::Append])
    }

    async fn init(config: NotesConfig, _: &()) -> Result<Self> {
        Ok(Notes(config))
    }

    fn generate_rows(&self, _: ReadRequest) -> Rows<'_, Note> {
        let rows = (0..3).map(|_| Ok(Note { text: CANARY.into() }));
        let broken = self.0.broken.then(|| Err(unfit(CANARY)));
        Rows::try_iter(rows.chain(broken))
    }

    async fn get_writer(&self, _: WriteRequest) -> Result<BoxWriter> {
        Ok(BoxWriter::rows(Kept { taken: 0 }))
    }
}

fn unfit(value: &str) -> Error {
    Error::new(ErrorKind::Data, format!("`{value}` is no number")).with_row(3).with_source(value)
}

/// Takes three rows and no more.
struct Kept {
    taken: usize,
}

impl RowWriter for Kept {
    type Row = Note;

    async fn write_rows(&mut self, rows: Vec<Note>) -> Result<()> {
        self.taken += rows.len();
        if self.taken > 3 { Err(unfit(&rows[0].text).into()) } else { Ok(()) }
    }

    async fn commit(self) -> Result<WriteSummary> {
        Ok(WriteSummary::rows(3).with_rejected(1))
    }
}

#[tokio::test]
async fn no_value_of_a_row_is_logged_above_debug() {
    for (level, seen) in [(Level::INFO, false), (Level::DEBUG, true)] {
        let (log, _listening) = Log::listen(level);
        let served = serve(Plugin::new("notes", "1.0.0").connector::<Notes>()).await;
        let notes = Command::connector("notes");
        let rows: Vec<_> = served.client.read(&notes).await.unwrap().map(Result::unwrap).collect().await;
        let summary = served.client.write(&notes, rows[0].schema(), rows.clone()).await.unwrap();
        assert_eq!((summary.rows, summary.rejected), (3, 1));
        let two = [rows[0].clone(), rows[0].clone()];
        served.client.write(&notes, rows[0].schema(), two).await.unwrap_err();
        let broken = served.client.read(&notes.with_config(json!({"broken": true}))).await.unwrap();
        let error = broken.collect::<Vec<_>>().await.pop().unwrap().unwrap_err();
        // Whose row it is may know.
        assert!(error.to_string().contains(CANARY));
        eventually("the calls end", || log.ends("DoGet").len() == 2 && log.ends("DoPut").len() == 2).await;
        let counts: BTreeMap<_, _> =
            log.ends("DoGet").iter().map(|end| (end["outcome"].to_string(), 1)).collect();
        assert_eq!(counts.len(), 2, "one read has failed");
        assert_eq!(log.text().contains(CANARY), seen, "{}", log.text());
    }
}
