//! GoodData's execution context: what is read from it, and what its filters mean.

#![cfg(feature = "gooddata")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod awkward;
mod dates;
mod elements;
mod filters;
mod properties;
mod recorded;
mod shapes;

use flexconnect_core::{Error, ReadRequest};
use flexconnect_flight::gooddata::context::jiff::tz::TimeZone;
use flexconnect_flight::gooddata::context::{Calendar, DateRange, ExecutionContext, Filter};
use serde_json::{Map, Value, json};

/// A call whose parameters hold this context.
fn call(context: Value) -> ReadRequest {
    ReadRequest::new().with_parameters(Map::from_iter([("executionContext".to_owned(), context)]))
}

fn read(context: Value) -> Result<ExecutionContext, Error> {
    ExecutionContext::of(&call(context)).map(|context| context.expect("there is one"))
}

/// A report with this at one more key.
fn report(key: &str, value: Value) -> Value {
    let mut context = json!({"executionType": "REPORT"});
    context[key] = value;
    context
}

/// A filter as the context has it.
fn filter(filter_type: &str, fields: Value) -> Filter {
    let mut filter = fields;
    filter["filterType"] = filter_type.into();
    read(report("filters", json!([filter]))).unwrap().filters.remove(0)
}

/// Now in a time zone.
fn calendar(timestamp: &str, timezone: &str) -> Calendar {
    Calendar::new(timestamp.parse().unwrap(), TimeZone::get(timezone).unwrap())
}

fn relative(granularity: &str, from: i64, to: i64) -> Filter {
    let fields = json!({"datasetIdentifier": "d", "granularity": granularity, "from": from, "to": to});
    filter("relativeDateFilter", fields)
}

fn absolute(from: &str, to: &str) -> Filter {
    filter("absoluteDateFilter", json!({"datasetIdentifier": "d", "from": from, "to": to}))
}

/// The range of a relative filter that has one.
fn range(calendar: &Calendar, granularity: &str, from: i64, to: i64) -> DateRange {
    relative(granularity, from, to).range(calendar).unwrap().unwrap()
}
