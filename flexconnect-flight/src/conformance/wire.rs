//! The rules of the door itself: the same bytes everywhere, tickets that last, refusals by their codes.

use std::time::Duration;

use arrow_flight::{Action, FlightDescriptor, Ticket};
use bytes::Bytes;
use flexconnect_core::conformance::{Finding, Outcome, Report, Verdict};
use flexconnect_core::{Error, ErrorKind};
use futures::{StreamExt, TryStreamExt};
use serde_json::{Map, Value, json};
use tonic::{Code, Status};

use super::command;
use super::remote::Remote;
use crate::client::{Client, Endpoint, Listed};
use crate::command::Command;
use crate::status::error_of;

/// Endpoints looked at one by one.
const ENDPOINTS: usize = 64;
/// The name under which the server itself is reported.
const SERVER: &str = "(server)";
/// The beginning of an encapsulated message: a mark, and the length of what follows.
const FRAME: usize = 8;

/// What one check finds.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, place: impl Into<String>, what: impl Into<String>, advice: &str) {
        self.0.push(Finding::new(place, what, advice));
    }

    fn verdict(self) -> Verdict {
        if self.0.is_empty() { Verdict::Passed } else { Verdict::Failed(self.0) }
    }
}

/// The rules about one table.
pub(super) async fn table(
    client: &Client,
    remote: &Remote,
    listed: &Listed,
    values: Map<String, Value>,
    patience: Duration,
    report: &mut Report,
) {
    let name = listed.path.join("/");
    let command = command(&listed.path, &values);
    let late = |_| Error::new(ErrorKind::Timeout, format!("it did not end within {patience:?}"));
    let mut checks: Vec<(&'static str, Result<Verdict, Error>)> = Vec::new();
    if remote.capabilities.read {
        let one = tokio::time::timeout(patience, one_schema(client, &command));
        checks.push(("one schema", one.await.map_err(late).and_then(|result| result)));
        if report.verdict(&name, "repeatability") == Some(&Verdict::Passed) {
            let tickets = tokio::time::timeout(patience, tickets(client, &command));
            checks.push(("tickets", tickets.await.map_err(late).and_then(|result| result)));
            let endpoints = tokio::time::timeout(patience, endpoints(client, &command));
            checks.push(("endpoints", endpoints.await.map_err(late).and_then(|result| result)));
        } else {
            let why = "there are no rows to compare, see `repeatability`";
            checks.push(("tickets", Ok(Verdict::NotRun(why.into()))));
            checks.push(("endpoints", Ok(Verdict::NotRun(why.into()))));
        }
    }
    let refused = tokio::time::timeout(patience, refused_partitions(client, remote, &command));
    checks.push(("refused partitions", refused.await.map_err(late).and_then(|result| result)));
    if values.is_empty() {
        let listing = tokio::time::timeout(patience, listing(client, listed, &command));
        checks.push(("listing", listing.await.map_err(late).and_then(|result| result)));
    }
    for (check, verdict) in checks {
        let failed = |error: Error| {
            Verdict::Failed(vec![Finding::new(check, error.to_string(), "see to it that this can be asked")])
        };
        report.push(Outcome::new(&name, check, verdict.unwrap_or_else(failed)));
    }
}

/// GetSchema, GetFlightInfo and DoGet give the same bytes.
async fn one_schema(client: &Client, asked: &Command) -> Result<Verdict, Error> {
    const ADVICE: &str = "encode the schema of a read in one place, with its metadata in one order";
    let mut findings = Findings::default();
    let columns = client.schema(asked).await?;
    let mut commands = vec![("all columns".to_owned(), asked.clone())];
    if let Some(last) = columns.fields().last() {
        commands.push((format!("column `{}`", last.name()), asked.clone().with_columns([last.name()])));
    }
    let none: [&str; 0] = [];
    commands.push(("no column".to_owned(), asked.clone().with_columns(none)));
    for (place, command) in commands {
        let descriptor = command.to_descriptor();
        let schema = client.flight().get_schema(descriptor.clone()).await.map_err(of_status)?.into_inner();
        let info = client.flight().get_flight_info(descriptor).await.map_err(of_status)?.into_inner();
        if schema.schema != info.schema {
            findings.add(&place, "GetSchema and GetFlightInfo give different bytes", ADVICE);
        }
        for endpoint in info.endpoint.iter().take(ENDPOINTS) {
            let ticket = endpoint.ticket.clone().unwrap_or_default();
            let mut stream = client.flight().do_get(ticket).await.map_err(of_status)?.into_inner();
            let first = stream.next().await.transpose().map_err(of_status)?.unwrap_or_default();
            let sent = unframed(&info.schema).unwrap_or_default();
            if first.data_header.is_empty() || !sent.starts_with(&first.data_header) {
                findings.add(&place, "GetFlightInfo and the first message of DoGet differ", ADVICE);
                break;
            }
        }
    }
    Ok(findings.verdict())
}

/// The message of an encapsulated schema.
fn unframed(schema: &[u8]) -> Option<&[u8]> {
    schema.get(FRAME..)
}

/// A ticket is good for more than one read, alone and beside others.
async fn tickets(client: &Client, asked: &Command) -> Result<Verdict, Error> {
    const ADVICE: &str = "let a ticket be redeemed until it expires, in any order, as often as anybody likes";
    let mut findings = Findings::default();
    let info = client.info(asked).await?;
    let mut alone = Vec::new();
    for endpoint in info.endpoints.iter().take(ENDPOINTS) {
        alone.push(count(client, endpoint).await?);
    }
    let mut beside = Vec::new();
    for endpoint in info.endpoints.iter().take(ENDPOINTS).rev() {
        beside.push(client.read_endpoint(endpoint).await);
    }
    for (number, reading) in beside.into_iter().rev().enumerate() {
        let place = format!("endpoint {number} again");
        let rows = match reading {
            Ok(reading) => {
                reading.try_fold(0, |rows, batch| async move { Ok(rows + batch.num_rows() as u64) }).await
            }
            Err(error) => Err(error),
        };
        match rows {
            Ok(rows) if rows == alone[number] => {}
            Ok(rows) => {
                findings.add(place, format!("{rows} rows came, before it were {}", alone[number]), ADVICE)
            }
            Err(error) => findings.add(place, error.to_string(), ADVICE),
        }
    }
    Ok(findings.verdict())
}

/// The endpoints of a read with a limit keep it together, however they are read.
async fn endpoints(client: &Client, asked: &Command) -> Result<Verdict, Error> {
    const ADVICE: &str = "give a read with a limit one endpoint, or share the limit out among them";
    let mut findings = Findings::default();
    let all = client.info(asked).await?;
    let mut total = 0;
    for endpoint in &all.endpoints {
        total += count(client, endpoint).await?;
    }
    for limit in [0, 1, total / 2, total] {
        let info = client.info(&asked.clone().with_limit(limit)).await?;
        let mut rows = 0;
        for endpoint in info.endpoints.iter().rev() {
            rows += count(client, endpoint).await?;
        }
        if rows != limit {
            let what = format!("{} endpoints have {rows} rows together", info.endpoints.len());
            findings.add(format!("limit {limit}"), what, ADVICE);
        }
    }
    Ok(findings.verdict())
}

async fn count(client: &Client, endpoint: &Endpoint) -> Result<u64, Error> {
    let reading = client.read_endpoint(endpoint).await?;
    reading.try_fold(0, |rows, batch| async move { Ok(rows + batch.num_rows() as u64) }).await
}

/// A partition that is not there, or of a table that has none, is refused when the read is planned.
async fn refused_partitions(client: &Client, remote: &Remote, asked: &Command) -> Result<Verdict, Error> {
    let mut findings = Findings::default();
    let command = asked.clone().with_partition("conformance: no such partition");
    let kinds: &[ErrorKind] = match remote.capabilities.partitions {
        true => &[ErrorKind::NotFound],
        false => &[ErrorKind::NotFound, ErrorKind::InvalidRequest, ErrorKind::Unsupported],
    };
    match client.info(&command).await {
        Ok(_) => {
            findings.add("a partition that is not there", "the read was planned", "refuse it as NOT_FOUND")
        }
        Err(error) if kinds.contains(&error.kind()) => {}
        Err(error) => {
            let what = format!("it was refused as `{}`: {error}", error.kind());
            findings.add("a partition that is not there", what, "refuse it as NOT_FOUND");
        }
    }
    Ok(findings.verdict())
}

/// The listing says the columns the table has, or none.
async fn listing(client: &Client, listed: &Listed, asked: &Command) -> Result<Verdict, Error> {
    let mut findings = Findings::default();
    if listed.schema.fields().is_empty() {
        return Ok(Verdict::NotApplicable("it is listed without columns".into()));
    }
    if client.schema(asked).await? != listed.schema {
        let what = "GetSchema gives other columns than ListFlights";
        findings.add("the listing", what, "list a table with the columns it has, or with none");
    }
    Ok(findings.verdict())
}

/// The rules about no table in particular.
pub(super) async fn server(client: &Client, listed: &[Listed], report: &mut Report) {
    let mut findings = Findings::default();
    let mut paths: Vec<_> = listed.iter().map(|table| &table.path).collect();
    paths.sort();
    for twice in paths.windows(2).filter(|pair| pair[0] == pair[1]) {
        findings.add(twice[0].join("/"), "it is listed twice", "list each table once");
    }
    report.push(Outcome::new(SERVER, "listing", findings.verdict()));
    report.push(Outcome::new(SERVER, "refusals", refusals(client).await));
}

async fn refusals(client: &Client) -> Verdict {
    let mut findings = Findings::default();
    let mut expect = |place: &str, codes: &[Code], came: Result<(), Status>| match came {
        Ok(()) => findings.add(place, "it was answered", &format!("refuse it as {}", codes[0])),
        Err(status) if codes.contains(&status.code()) => {}
        Err(status) => {
            let what = format!("it was refused as {:?}: {}", status.code(), status.message());
            findings.add(place, what, &format!("refuse it as {:?}", codes[0]));
        }
    };
    let mut flight = client.flight();
    let unknown = FlightDescriptor::new_path(vec!["conformance: no such table".into()]);
    let info = flight.get_flight_info(unknown.clone()).await.map(drop);
    expect("GetFlightInfo of an unknown table", &[Code::NotFound], info);
    let schema = flight.get_schema(unknown).await.map(drop);
    expect("GetSchema of an unknown table", &[Code::NotFound], schema);
    for (place, descriptor) in [
        ("a command with an unknown key", json!({"connector": "x", "conformance": 1}).to_string()),
        ("a command that is no JSON", "SELECT 1".to_owned()),
    ] {
        let info = flight.get_flight_info(FlightDescriptor::new_cmd(descriptor)).await.map(drop);
        expect(place, &[Code::InvalidArgument], info);
    }
    let empty = flight.get_flight_info(FlightDescriptor::default()).await.map(drop);
    expect("an empty descriptor", &[Code::InvalidArgument], empty);
    let codes = [Code::NotFound, Code::InvalidArgument, Code::Unauthenticated, Code::PermissionDenied];
    for (place, ticket) in [("an empty ticket", vec![]), ("a forged ticket", vec![1; 64])] {
        let got = match flight.do_get(Ticket { ticket: ticket.into() }).await {
            Ok(stream) => stream.into_inner().try_for_each(|_| async { Ok(()) }).await,
            Err(status) => Err(status),
        };
        expect(place, &codes, got);
    }
    let action = Action { r#type: "conformance.no_such_action".into(), body: Bytes::new() };
    let acted = match flight.do_action(action).await {
        Ok(stream) => stream.into_inner().try_for_each(|_| async { Ok(()) }).await,
        Err(status) => Err(status),
    };
    expect("an unknown action", &[Code::Unimplemented, Code::InvalidArgument, Code::NotFound], acted);
    findings.verdict()
}

fn of_status(status: Status) -> Error {
    error_of(&status)
}
