//! Secrets: a value that is declared secret is in nothing that leaves the table.

use serde_json::{Map, Value};

use crate::config::{Parameter, ParameterKind};
use crate::conformance::bench::Said;
use crate::conformance::options::Options;
use crate::conformance::patience::within;
use crate::conformance::report::{Findings, Verdict};
use crate::conformance::subject::{OpenTable, Subject};
use crate::error::Error;
use crate::request::ReadRequest;

/// Stands in the place of secrets.
const CANARY: &str = "kitcanary7f3a9c51e2";
/// Shorter values are found everywhere by chance.
const LEAST: usize = 6;

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
    let mut hidden = vec![("the canary".to_owned(), CANARY.to_owned())];
    let mut planted = right.clone();
    for parameter in secret {
        let name = &parameter.name;
        let mut value = right.get(name).cloned();
        if let Some(value) = &mut value {
            visit(parameter, value, &mut |text| {
                if text.len() >= LEAST {
                    hidden.push((format!("the value of `{name}`"), text.clone()));
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
    for values in [planted, broken] {
        match within(options.patience, subject.open(values)).await {
            Ok(table) => provoke(&*table, options, said).await,
            Err(error) => drop(said.error(error)),
        }
    }
    let mut findings = Findings::default();
    for text in said.all() {
        for (what, secret) in &hidden {
            if let Some(form) = forms(secret).into_iter().find(|form| text.contains(form.as_str())) {
                let place = quoted(&text, &form);
                let advice =
                    "keep it in a `Secret`, and leave it out of errors, their causes and descriptions";
                findings.add(place, format!("{what} is in it"), advice);
            }
        }
    }
    findings.verdict()
}

/// Makes the table say whatever it says.
async fn provoke(table: &dyn OpenTable, options: &Options, said: &Said) {
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
    let read = async {
        let mut read = table.read(ReadRequest::new().with_limit(10)).await?;
        while let Some(batch) = read.next_batch().await {
            batch?;
        }
        Ok(())
    };
    note(within(patience, read).await);
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

/// A secret as it may be spelled: as it is, in a URL, in JSON, in `Debug`.
fn forms(secret: &str) -> Vec<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let in_url: String = secret
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    let in_json = Value::from(secret).to_string();
    let mut forms = vec![secret.to_owned(), in_url, in_json.trim_matches('"').to_owned()];
    forms.dedup();
    forms
}

/// The text around it, without it.
fn quoted(text: &str, secret: &str) -> String {
    let hidden = text.replace(secret, "***");
    let at = hidden.find("***").unwrap_or_default();
    let start = hidden[..at].char_indices().rev().nth(60).map_or(0, |(start, _)| start);
    hidden[start..].chars().take(120).collect()
}
