//! Secrets: a value that is declared secret is in nothing that leaves the table.

use serde_json::{Map, Value};

use crate::config::{Parameter, ParameterKind, Secrets};
use crate::conformance::bench::Said;
use crate::conformance::listener::Listener;
use crate::conformance::options::Options;
use crate::conformance::patience::within;
use crate::conformance::report::{Findings, Verdict};
use crate::conformance::row_bytes;
use crate::conformance::subject::{OpenTable, Subject};
use crate::error::Error;
use crate::request::ReadRequest;

/// Stands in the place of secrets.
const CANARY: &str = "kitcanary7f3a9c51e2";
/// So much of it is no accident: who shows a part of a secret for people to know it by, shows less than half.
const HALF: usize = CANARY.len().div_ceil(2);
/// Shorter values are found everywhere by chance.
const LEAST: usize = 6;
/// Batches that are looked at: a batch that a limit has cut has no checkpoint.
const BATCHES: usize = 4;
/// Rows of each that are looked at: a secret in one is most likely in all.
const ROWS: usize = 100;

/// `right` are values the table can be opened with; `said` is what has been said so far.
pub(in crate::conformance) async fn secrets(
    subject: &dyn Subject,
    right: &Map<String, Value>,
    options: &Options,
    said: &Said,
) -> Verdict {
    let parameters = subject.parameters().unwrap_or_default();
    let secret: Vec<_> = parameters.iter().filter(|parameter| parameter.holds_secret()).collect();
    if secret.is_empty() {
        return Verdict::NotApplicable("no parameter that a client may set is secret".into());
    }
    let mut hidden = vec![Hidden::new("the canary", CANARY)];
    let mut planted = right.clone();
    for parameter in secret {
        let name = &parameter.name;
        let mut value = right.get(name).cloned();
        if let Some(value) = &mut value {
            visit(parameter, value, &mut |text| {
                if text.len() >= LEAST {
                    hidden.push(Hidden::new(format!("the value of `{name}`"), text));
                }
                *text = CANARY.into();
            });
        } else if matches!(parameter.kind, ParameterKind::Text) && parameter.visible_when.is_empty() {
            value = Some(CANARY.into());
        }
        if let Some(value) = value {
            planted.insert(name.clone(), value);
        }
    }
    // Whatever becomes of it, the error must not quote it: the source may well refuse the canary.
    let mut broken = planted.clone();
    broken.insert("conformance_no_such_parameter".into(), 1.into());
    let (listener, mut rows) = (Listener::new(), Vec::new());
    for values in [planted, broken, right.clone()] {
        let asked = async {
            match within(options.patience, subject.open(values)).await {
                Ok(table) => provoke(&*table, options, said, &mut rows).await,
                Err(error) => drop(said.error(error)),
            }
        };
        listener.listen(asked).await;
    }
    let mut findings = Findings::default();
    let advice = "keep it in a `Secret`, and leave it out of errors, their causes and descriptions";
    for text in said.all() {
        if let Some((what, place)) = found(&hidden, &text) {
            findings.add(place, format!("{what} is in it"), advice);
        }
    }
    for text in listener.heard() {
        if let Some((what, place)) = found(&hidden, &text) {
            let advice = "log a `Secret` itself, which shows nothing, and never what `expose` gives";
            findings.add(format!("the log, {place}"), format!("{what} is in it"), advice);
        }
    }
    for (number, text) in rows.iter().enumerate() {
        if let Some((what, _)) = found(&hidden, text) {
            let advice =
                "leave it out of the rows; if it is there by chance, take another value for the check";
            findings.add(format!("row {number} of those looked at"), format!("{what} is in it"), advice);
        }
    }
    findings.verdict()
}

/// What must not be found, and what it is called.
struct Hidden {
    what: String,
    secrets: Secrets,
}

impl Hidden {
    fn new(what: impl Into<String>, text: &str) -> Self {
        Hidden { what: what.into(), secrets: Secrets::of_texts(vec![text.to_owned()]) }
    }
}

/// A part of the canary that is no accident, where it stands in this text.
fn half(text: &str) -> Option<usize> {
    let mut halves = (0..=CANARY.len() - HALF).map(|start| &CANARY[start..start + HALF]);
    halves.find_map(|half| text.find(half))
}

/// Which of these is in the text, and the text around it, without it.
fn found<'a>(hidden: &'a [Hidden], text: &str) -> Option<(&'a str, String)> {
    let whole = hidden.iter().find_map(|one| Some((&*one.what, one.secrets.found_in(text)?)));
    let (what, without) = match (whole, half(text)) {
        (Some(whole), _) => whole,
        (None, Some(at)) => ("half of the canary", format!("{}***", &text[..at])),
        (None, None) => return None,
    };
    // Beside one of them may be another.
    let without = hidden.iter().fold(without, |text, one| one.secrets.found_in(&text).unwrap_or(text));
    let at = without.find("***").unwrap_or_default();
    let start = without[..at].char_indices().rev().nth(60).map_or(0, |(start, _)| start);
    Some((what, without[start..].chars().take(120).collect()))
}

/// Makes the table say whatever it says, and adds the rows it gives.
async fn provoke(table: &dyn OpenTable, options: &Options, said: &Said, rows: &mut Vec<String>) {
    let patience = options.patience;
    let note = |result: Result<(), Error>| drop(result.map_err(|error| said.error(error)));
    note(within(patience, table.check()).await);
    note(
        within(patience, async { table.schema().await.map(|schema| said.note(format!("{schema:?}"))) }).await,
    );
    let request = ReadRequest::new();
    let listed = async {
        let partitions = table.partitions(&request).await?;
        said.note(format!("{partitions:?}"));
        Ok(())
    };
    note(within(patience, listed).await);
    for request in [ReadRequest::new().with_limit(10), ReadRequest::new()] {
        let read = async {
            let mut read = table.read(request).await?;
            for _ in 0..BATCHES {
                let Some(batch) = read.next_batch().await.transpose()? else { break };
                // What cannot be compared is no text either.
                let bytes =
                    row_bytes::rows([&batch.slice(0, batch.num_rows().min(ROWS))]).unwrap_or_default();
                rows.extend(bytes.iter().map(|row| String::from_utf8_lossy(row).into_owned()));
                if let Some(state) = read.take_checkpoint() {
                    said.note(format!("a checkpoint: {}", state.value));
                }
            }
            Ok(())
        };
        note(within(patience, read).await);
    }
    let unknown = crate::partition::Partition::new("conformance: no such partition");
    let read = table.read(ReadRequest::new().with_partition(unknown).with_limit(1));
    note(within(patience, async { read.await.map(drop) }).await);
}

/// Each text at a place that is declared secret.
fn visit(parameter: &Parameter, value: &mut Value, visited: &mut impl FnMut(&mut String)) {
    if let (true, Value::String(text)) = (parameter.secret, &mut *value) {
        return visited(text);
    }
    match (&parameter.kind, value) {
        (ParameterKind::List { items }, Value::Array(values)) => {
            values.iter_mut().for_each(|value| visit(items, value, visited));
        }
        (ParameterKind::Map { values: inner }, Value::Object(values)) => {
            values.values_mut().for_each(|value| visit(inner, value, visited));
        }
        (ParameterKind::Object { parameters }, Value::Object(values)) => {
            for parameter in parameters {
                if let Some(value) = values.get_mut(&parameter.name) {
                    visit(parameter, value, visited);
                }
            }
        }
        _ => {}
    }
}
