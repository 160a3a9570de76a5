//! Traces on their whole way: from a server in a process of its own, set up as programs do it, to a collector.

#![cfg(feature = "otel")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod child;
#[path = "../support/collector.rs"]
mod collector;

use std::collections::BTreeSet;

use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{FlightDescriptor, Ticket};
use futures::StreamExt;
use serde_json::json;
use tonic::Request;
use tonic::transport::Endpoint;

use crate::child::{CELL, SECRET, Served, TOKEN};
use crate::collector::Collector;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// A call of the trace there is, by a caller with a token.
fn call<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    let traceparent = format!("00-{TRACE}-{PARENT}-01");
    let authorization = format!("Bearer {TOKEN}");
    for (name, value) in
        [("traceparent", &*traceparent), ("authorization", &*authorization), ("x-request-id", "req-7")]
    {
        request.metadata_mut().insert(name, value.parse().unwrap());
    }
    request
}

/// The names under these headings of the operator's guide.
fn documented(headings: [&str; 2]) -> BTreeSet<String> {
    let guide = include_str!("../../OPERATING.md");
    let sections = headings.map(|heading| {
        let (_, section) = guide.split_once(&format!("\n{heading}\n")).unwrap();
        section.split("\n#").next().unwrap()
    });
    let rows = sections.iter().flat_map(|section| section.lines());
    rows.filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned())).collect()
}

#[tokio::test]
async fn spans_reach_a_collector_with_their_parent_their_fields_and_no_secret() {
    let collector = Collector::start();
    let served = Served::start(&collector.endpoint());
    let channel = Endpoint::from_shared(served.uri()).unwrap().connect().await.unwrap();
    let mut flight = FlightServiceClient::new(channel);
    let command =
        |config| FlightDescriptor::new_cmd(json!({"connector": "leaky", "config": config}).to_string());
    let secret = json!({"password": SECRET});
    let info = flight.get_flight_info(call(command(secret))).await.unwrap().into_inner();
    let ticket: Ticket = info.endpoint[0].ticket.clone().unwrap();
    let rows: Vec<_> = flight.do_get(call(ticket)).await.unwrap().into_inner().collect().await;
    assert!(rows.last().unwrap().is_err(), "the connector fails after its rows");
    let unknown = FlightDescriptor::new_path(vec!["nowhere".into()]);
    flight.get_schema(call(unknown)).await.unwrap_err();
    // Without a caller's trace it begins one; without a token it is refused.
    flight.get_schema(Request::new(command(json!({})))).await.unwrap_err();
    drop(flight);
    // What is left is sent before the process ends; meanwhile the connection must be able to close.
    tokio::task::spawn_blocking(move || served.end()).await.unwrap();

    let received = collector.received();
    let mut names: Vec<_> = received.iter().map(|one| &*one.span.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["DoGet", "GetFlightInfo", "GetSchema", "GetSchema"]);
    let guide = documented(["### Of a call", "### Of its end"]);
    for one in &received {
        assert_eq!(one.resource["service.name"], "leaky-server");
        assert_eq!(one.scope, "flexconnect-flight");
        // A server's, in the protocol.
        assert_eq!(one.span.kind, 2);
        assert!(one.span.start_time_unix_nano <= one.span.end_time_unix_nano && one.span_id().len() == 16);
        let ours = one.attributes.keys().filter(|name| guide.contains(*name)).count();
        assert!(ours >= 6, "{:?}", one.attributes);
        let text = format!("{one:?}");
        for hidden in [SECRET, TOKEN, CELL] {
            assert!(!text.contains(hidden), "`{hidden}` is in a span: {text}");
        }
    }
    let refused = received.iter().find(|one| one.attribute("error_kind") == "unauthenticated").unwrap();
    assert_eq!(refused.parent_id(), "");
    assert_ne!(refused.trace_id(), TRACE);
    let of_trace: Vec<_> = received.iter().filter(|one| one.trace_id() == TRACE).collect();
    assert_eq!(of_trace.len(), 3);
    for one in of_trace {
        assert_eq!(one.parent_id(), PARENT);
        for (field, value) in
            [("caller", "ann"), ("request_id", "req-7"), ("trace_id", TRACE), ("parent_id", PARENT)]
        {
            assert_eq!(one.attribute(field), value, "{field} of {one:?}");
        }
        assert_eq!(one.attribute("verb"), one.span.name);
    }
    let read = received.iter().find(|one| one.span.name == "DoGet").unwrap();
    for (field, value) in [
        ("connector", "leaky"),
        ("path", "leaky"),
        ("outcome", "error"),
        ("error_kind", "unavailable"),
        ("rows", "3"),
        ("batches", "1"),
    ] {
        assert_eq!(read.attribute(field), value, "{field} of {read:?}");
    }
    // An error, in the protocol.
    assert_eq!(read.span.status.as_ref().unwrap().code, 2);
}
