//! The spans a server sends: over OTLP to a collector of our own, and to the console, beside the Python server.

use std::collections::BTreeMap;

use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{Criteria, FlightDescriptor, FlightInfo};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::TryStreamExt;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use serde_json::Value;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use crate::REFERENCE;
use crate::certificates::Certificates;
use crate::collector::{Collector, over_tls};
use crate::server::Server;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";
const EXPORTER: &str = "GOODDATA_FLIGHT_SERVER__OTEL_EXPORTER_TYPE";

/// What every server is told of traces.
const TRACED: [(&str, &str); 3] = [
    ("GOODDATA_FLIGHT_SERVER__OTEL_SERVICE_NAME", "functions"),
    ("GOODDATA_FLIGHT_SERVER__OTEL_SERVICE_NAMESPACE", "tests"),
    ("GOODDATA_FLIGHT_SERVER__OTEL_SERVICE_INSTANCE_ID", "one"),
];
const EXTRACT: (&str, &str) = ("GOODDATA_FLIGHT_SERVER__OTEL_EXTRACT_CONTEXT", "true");

/// A span, and what tests ask of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    name: String,
    /// The span around it: its name, `caller`, or none.
    parent: String,
    kind: String,
    status: String,
    /// Those that the contract names; those of random values are there or not.
    attributes: Vec<(String, String)>,
    events: Vec<(String, Vec<(String, String)>)>,
    trace: String,
}

impl Span {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_reach_a_collector_over_otlp() {
    for exporter in ["otlp-grpc", "otlp-http"] {
        let collector = Collector::default();
        let endpoint =
            if exporter == "otlp-grpc" { collector.by_grpc().await } else { collector.by_http().await };
        let variables = [
            &TRACED[..],
            &[EXTRACT, (EXPORTER, exporter), ("RUST_LOG", "warn,flexconnect_flight::gooddata::service=info")],
            &[
                ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
                ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=k3y"),
            ],
        ]
        .concat();
        let server = Server::ours_with(&variables);
        call(&server).await;
        let polled = invoke(&mut connect(&server).await, "Slow", true).await.unwrap_err();
        cancel(&mut connect(&server).await, &polled).await;
        let (code, said, _) = stopped(server).await;
        assert_eq!(code, Some(0), "{said}");

        let sent = collector.spans();
        assert!(!sent.is_empty(), "{exporter}: {said}");
        assert!(collector.keys().iter().all(|key| key == "k3y") && !collector.keys().is_empty());
        for resource in &sent {
            let attributes = of(&resource.resource.as_ref().unwrap().attributes);
            for (key, value) in [
                ("service.name", "functions"),
                ("service.namespace", "tests"),
                ("service.instance.id", "one"),
            ] {
                assert_eq!(attributes[key], value, "{exporter}: {attributes:?}");
            }
            assert!(attributes.contains_key("process.pid") && attributes.contains_key("os.type"));
        }
        let spans = sent.iter().flat_map(|resource| &resource.scope_spans).flat_map(|scope| &scope.spans);
        let names: BTreeMap<_, _> =
            spans.clone().map(|span| (span.span_id.clone(), span.name.clone())).collect();
        let hex = |id: &[u8]| id.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let spans: Vec<Span> = spans
            .map(|span| Span {
                name: span.name.clone(),
                parent: names
                    .get(&span.parent_span_id)
                    .cloned()
                    .unwrap_or_else(|| around(&hex(&span.parent_span_id))),
                kind: format!("{:?}", span.kind()).trim_start_matches("Span").to_uppercase(),
                status: format!("{:?}", span.status.clone().unwrap_or_default().code()).to_uppercase(),
                attributes: of(&span.attributes).into_iter().collect(),
                events: span
                    .events
                    .iter()
                    .map(|event| (event.name.clone(), of(&event.attributes).into_iter().collect()))
                    .collect(),
                trace: hex(&span.trace_id),
            })
            .collect();
        told(&spans, exporter);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_over_tls_is_trusted_by_its_authority_alone() {
    let (certificates, strangers) = (Certificates::new(), Certificates::new());
    for exporter in ["otlp-grpc", "otlp-http"] {
        for (trusted, reaches) in [(&certificates, true), (&strangers, false)] {
            let collector = Collector::default();
            let plain =
                if exporter == "otlp-grpc" { collector.by_grpc().await } else { collector.by_http().await };
            let endpoint = over_tls(certificates.folder(), &plain).await;
            let authority = trusted.folder().join("ca.crt").display().to_string();
            let server = Server::ours_with(&[
                (EXPORTER, exporter),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
                ("OTEL_EXPORTER_OTLP_CERTIFICATE", &authority),
                ("OTEL_EXPORTER_OTLP_TIMEOUT", "2000"),
            ]);
            call(&server).await;
            let (code, said, _) = stopped(server).await;
            assert_eq!(code, Some(0), "{said}");
            assert_eq!(!collector.spans().is_empty(), reaches, "{exporter}: {said}");
        }
    }
}

/// What the contract says of the spans of the calls below.
fn told(spans: &[Span], exporter: &str) {
    let find = |name: &str, told: &dyn Fn(&Span) -> bool| {
        let found = spans.iter().find(|span| span.name == name && told(span));
        found.unwrap_or_else(|| panic!("{exporter}: no {name} in {spans:#?}"))
    };
    let any = &|_: &Span| true;
    assert_eq!(find("server_start", any).parent, "");
    let listing = find("LIST_FLIGHTS", any);
    assert_eq!(
        (listing.parent.as_str(), listing.kind.as_str(), listing.status.as_str()),
        ("", "SERVER", "OK")
    );
    for name in ["GET_FLIGHT_INFO", "DO_GET"] {
        let span = find(name, &|span| span.status == "OK");
        assert_eq!(
            (span.parent.as_str(), span.kind.as_str(), span.trace.as_str()),
            ("caller", "SERVER", TRACE)
        );
        for (key, value) in [("rpc.system", "grpc"), ("rpc.service", "FlightRPC"), ("rpc.method", name)] {
            assert_eq!(span.attribute(key), Some(value), "{exporter}: {span:?}");
        }
    }
    for (name, around) in [
        ("task_execution", "GET_FLIGHT_INFO"),
        ("task_run", "task_execution"),
        ("task_run_submit", "task_execution"),
    ] {
        for span in spans.iter().filter(|span| span.name == name) {
            assert_eq!((span.parent.as_str(), span.trace.as_str()), (around, TRACE), "{exporter}: {span:?}");
        }
        assert_eq!(spans.iter().filter(|span| span.name == name).count(), 3, "{exporter}: {name}");
    }
    let task = find("task_execution", &|span| span.status == "OK" && span.events.is_empty());
    assert_eq!(task.attribute("gooddata_flight_server.task_id").map(str::len), Some(32));
    let failed = find("task_execution", &|span| span.status == "ERROR");
    let [(name, attributes)] = &failed.events[..] else { panic!("{failed:?}") };
    assert_eq!(name, "gooddata_flight_server.task_error");
    for (key, value) in [("code", "bad_argument (1)"), ("msg", "bad value"), ("detail", "")] {
        let key = format!("gooddata_flight_server.task_error.{key}");
        assert!(attributes.contains(&(key, value.into())), "{exporter}: {failed:?}");
    }
    let cancelled = find("task_execution", &|span| {
        span.events.first().is_some_and(|(name, _)| name == "gooddata_flight_server.task_cancelled")
    });
    assert_eq!(cancelled.status, "OK");
    assert_eq!(find("GET_FLIGHT_INFO", &|span| span.status == "ERROR").parent, "caller");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_shows_the_spans_of_the_python_server() {
    let Some(python) = REFERENCE.python() else { return };
    for (extracted, variables) in [(false, &[][..]), (true, &[EXTRACT][..])] {
        let variables = [&TRACED[..], &[(EXPORTER, "console")], variables].concat();
        let ours = printed(Server::ours_with(&variables)).await;
        let reference = printed(Server::reference_with(python, &variables)).await;
        let plain = |spans: &[Span]| -> Vec<Span> {
            let mut spans: Vec<_> = spans
                .iter()
                .cloned()
                .map(|mut span| {
                    // What ours says besides; the exceptions of Python's with their stacks; names that are random.
                    span.attributes
                        .retain(|(key, _)| key.starts_with("rpc.") || key.starts_with("gooddata_"));
                    for (key, value) in &mut span.attributes {
                        if key == "gooddata_flight_server.task_id" {
                            value.clear();
                        }
                    }
                    span.events.retain(|(name, _)| name != "exception");
                    if span.trace != TRACE {
                        span.trace.clear();
                    }
                    span
                })
                .collect();
            spans.sort();
            spans
        };
        let (ours, reference) = (plain(&ours), plain(&reference));
        assert_eq!(ours, reference);
        assert_eq!(ours.len(), 11, "{ours:#?}");
        assert_eq!(ours.iter().any(|span| span.trace == TRACE), extracted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_the_log_names_its_span() {
    let keys = ("GOODDATA_FLIGHT_SERVER__LOG_TRACE_KEYS", "{span_id = \"spanId\"}");
    let server = Server::ours_with(&[&TRACED[..], &[EXTRACT, (EXPORTER, "console"), keys]].concat());
    call(&server).await;
    let (_, said, printed) = stopped(server).await;
    let lines: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let spans: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (event, name) in [
        ("flexconnect_task_created", "GET_FLIGHT_INFO"),
        ("task_run", "task_run"),
        ("do_get_table", "DO_GET"),
    ] {
        let line =
            lines.iter().find(|line| line["event"] == event).unwrap_or_else(|| panic!("{event}: {said}"));
        let id = |value: &Value| value.as_str().unwrap_or_default().trim_start_matches("0x").to_owned();
        let is_its = |span: &&Value| id(&span["context"]["span_id"]) == id(&line["spanId"]);
        let span = spans.iter().find(is_its).unwrap_or_else(|| panic!("{line} is of none of {printed}"));
        assert_eq!((&span["name"], &line["trace_id"]), (&name.into(), &TRACE.into()), "{line}");
        assert_eq!(id(&span["parent_id"]), id(&line["parent_span_id"]), "{line}");
        assert!(line["peer"].as_str().unwrap().starts_with("ipv4:127.0.0.1:"), "{line}");
    }
}

#[test]
fn an_exporter_that_is_none_is_told_before_anything_is_served() {
    let server = |exporter| {
        let mut command = std::process::Command::new(crate::server::binary());
        command.arg("start").env(EXPORTER, exporter).output().unwrap()
    };
    for (exporter, part) in [("zipkin", "does not speak"), ("jaeger", "is one of `none`")] {
        let output = server(exporter);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && said.contains(part), "{exporter}: {said}");
    }
}

/// The spans a server prints of the calls below.
async fn printed(server: Server) -> Vec<Span> {
    call(&server).await;
    let (code, said, printed) = stopped(server).await;
    assert_eq!(code, Some(0), "{said}");
    let spans: Vec<Value> =
        serde_json::Deserializer::from_str(&printed).into_iter().collect::<Result<_, _>>().unwrap();
    let id = |value: &Value| value.as_str().unwrap_or_default().trim_start_matches("0x").to_owned();
    let names: BTreeMap<_, _> = spans
        .iter()
        .map(|span| (id(&span["context"]["span_id"]), span["name"].as_str().unwrap().to_owned()))
        .collect();
    let attributes = |value: &Value| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut pairs: Vec<_> =
            value.as_object().unwrap().iter().map(|(key, value)| (key.clone(), text(value))).collect();
        pairs.sort();
        pairs
    };
    for span in &spans {
        let resource = &span["resource"]["attributes"];
        assert_eq!(
            (&resource["service.name"], &resource["service.instance.id"]),
            (&"functions".into(), &"one".into())
        );
    }
    let read = |span: &Value| Span {
        name: span["name"].as_str().unwrap().to_owned(),
        parent: names
            .get(&id(&span["parent_id"]))
            .cloned()
            .unwrap_or_else(|| around(&id(&span["parent_id"]))),
        kind: span["kind"].as_str().unwrap().to_owned(),
        status: span["status"]["status_code"].as_str().unwrap().to_owned(),
        attributes: attributes(&span["attributes"]),
        events: span["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| (event["name"].as_str().unwrap().to_owned(), attributes(&event["attributes"])))
            .collect(),
        trace: id(&span["context"]["trace_id"]),
    };
    spans.iter().map(read).collect()
}

/// A span that is none of the server's.
fn around(id: &str) -> String {
    match id {
        "" => String::new(),
        CALLER => "caller".into(),
        other => format!("unknown {other}"),
    }
}

fn of(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |pair: &KeyValue| match pair.value.as_ref().and_then(|value| value.value.clone()) {
        Some(Any::StringValue(text)) => text,
        other => format!("{other:?}"),
    };
    attributes.iter().map(|pair| (pair.key.clone(), text(pair))).collect()
}

/// A listing of nobody's trace; then, of one, a result that is read and a function that fails.
async fn call(server: &Server) {
    server.says("rpc_enabled");
    let mut client = connect(server).await;
    let listed = client.list_flights(Criteria::default()).await.unwrap().into_inner();
    assert_eq!(listed.try_collect::<Vec<_>>().await.unwrap().len(), 15);
    let info = invoke(&mut client, "Tiny", false).await.unwrap();
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    let rows = client.do_get(traced(ticket)).await.unwrap().into_inner();
    assert!(rows.try_collect::<Vec<_>>().await.unwrap().len() >= 2);
    invoke(&mut client, "Fail", false).await.unwrap_err();
}

async fn connect(server: &Server) -> FlightServiceClient<Channel> {
    let endpoint = Endpoint::from_shared(format!("http://{}", server.address())).unwrap();
    FlightServiceClient::new(endpoint.connect().await.unwrap())
}

async fn invoke(
    client: &mut FlightServiceClient<Channel>,
    function: &str,
    polls: bool,
) -> Result<FlightInfo, Status> {
    let command =
        format!(r#"{{"functionName":"{function}","parameters":{{"how":"value","sleep_ms":60000}}}}"#);
    let mut request = traced(FlightDescriptor::new_cmd(command));
    if polls {
        request.metadata_mut().insert("x-quiver-pollable", "1".parse().unwrap());
    }
    Ok(client.get_flight_info(request).await?.into_inner())
}

/// Cancels what a poll tells of.
async fn cancel(client: &mut FlightServiceClient<Channel>, polled: &Status) {
    let info: Value = serde_json::from_slice(polled.details()).unwrap();
    assert_eq!(info["code"], 65637, "{info}");
    let body = info["body"].as_str().unwrap();
    let body: Value = serde_json::from_slice(&STANDARD.decode(body).unwrap()).unwrap();
    let descriptor = STANDARD.decode(body["cancel_descriptor"].as_str().unwrap()).unwrap();
    let descriptor = <FlightDescriptor as prost::Message>::decode(&descriptor[..]).unwrap();
    let mut request = traced(descriptor);
    request.metadata_mut().insert("x-quiver-pollable", "1".parse().unwrap());
    assert_eq!(client.get_flight_info(request).await.unwrap_err().code(), tonic::Code::Cancelled);
}

fn traced<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("traceparent", format!("00-{TRACE}-{CALLER}-01").parse().unwrap());
    request
}

async fn stopped(server: Server) -> (Option<i32>, String, String) {
    tokio::task::spawn_blocking(|| server.stop()).await.unwrap()
}
