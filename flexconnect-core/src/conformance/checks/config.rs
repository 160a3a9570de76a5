//! Configuration: what is required, unknown, of the wrong type or out of bounds is refused, all of it at once.

use serde_json::{Map, Value, json};

use crate::config::{Parameter, ParameterKind};
use crate::conformance::bench::Said;
use crate::conformance::patience::within;
use crate::conformance::report::{Findings, Verdict};
use crate::conformance::subject::Subject;
use crate::error::{Error, ErrorKind};
use std::time::Duration;

/// A key that no connector has.
const UNKNOWN: &str = "conformance_no_such_parameter";

/// `right` are values the table can be opened with.
pub(in crate::conformance) async fn config(
    subject: &dyn Subject,
    right: &Map<String, Value>,
    patience: Duration,
    said: &Said,
) -> Verdict {
    let Some(parameters) = subject.parameters() else {
        return Verdict::NotApplicable("it was open already, so that nothing can be configured".into());
    };
    let mut findings = Findings::default();
    let mut together = right.clone();
    let mut faulty = Vec::new();
    for (name, wrong, why) in wrongs(&parameters, right) {
        let mut values = right.clone();
        match wrong.clone() {
            Some(wrong) => values.insert(name.clone(), wrong),
            None => values.shift_remove(&name),
        };
        let place = match &wrong {
            Some(_) => format!("`{name}` {why}"),
            None => format!("without `{name}`"),
        };
        let refused = refused(subject, values, &[&name], patience, said).await;
        if let Err(what) = refused {
            findings.add(place, what, "refuse it in the configuration's parser, as `#[derive(Config)]` does");
        } else if let (Some(wrong), false) = (wrong, faulty.contains(&name)) {
            together.insert(name.clone(), wrong);
            faulty.push(name);
        }
    }
    let mut unknown = right.clone();
    unknown.insert(UNKNOWN.into(), json!(1));
    if let Err(what) = refused(subject, unknown, &[UNKNOWN], patience, said).await {
        findings.add(
            "an unknown key",
            what,
            "refuse keys that are no parameters, as `#[derive(Config)]` does",
        );
    } else {
        together.insert(UNKNOWN.into(), json!(1));
        faulty.push(UNKNOWN.into());
    }
    if faulty.len() > 1 {
        let names: Vec<_> = faulty.iter().take(8).map(String::as_str).collect();
        // More than the names of a message of a usual length are not asked for.
        together.retain(|name, _| right.contains_key(name) || names.contains(&name.as_str()));
        for name in faulty.iter().skip(8) {
            match right.get(name) {
                Some(value) => together.insert(name.clone(), value.clone()),
                None => together.shift_remove(name),
            };
        }
        if let Err(what) = refused(subject, together, &names, patience, said).await {
            let advice = "look at all parameters before refusing, and list every fault in one error";
            findings.add("several faults at once", what, advice);
        }
    }
    findings.verdict()
}

/// Parameters with values that must be refused (`None`: left out), and why.
fn wrongs(
    parameters: &[Parameter],
    right: &Map<String, Value>,
) -> Vec<(String, Option<Value>, &'static str)> {
    let mut wrongs = Vec::new();
    for parameter in parameters.iter().filter(|parameter| parameter.visible_when.is_empty()) {
        let name = &parameter.name;
        if parameter.required && right.contains_key(name) {
            wrongs.push((name.clone(), None, "left out"));
        }
        if let Some(wrong) = of_another_type(parameter) {
            wrongs.push((name.clone(), Some(wrong), "of another type"));
        }
        let off = |bound: &Option<Value>, by: i64| {
            let bound = bound.as_ref()?;
            bound.as_i64().and_then(|bound| bound.checked_add(by)).map(Value::from).or_else(|| {
                let bound = bound.as_f64().filter(|_| bound.as_u64().is_none())?;
                Some(json!(bound + by as f64))
            })
        };
        if matches!(parameter.kind, ParameterKind::Integer | ParameterKind::Number) {
            wrongs.extend(
                off(&parameter.minimum, -1).map(|wrong| (name.clone(), Some(wrong), "below its minimum")),
            );
            wrongs.extend(
                off(&parameter.maximum, 1).map(|wrong| (name.clone(), Some(wrong), "above its maximum")),
            );
        }
        if let (ParameterKind::Text, Some(least @ 1..=1000)) = (&parameter.kind, parameter.min_len) {
            let short = "x".repeat(least as usize - 1);
            wrongs.push((name.clone(), Some(short.into()), "too short"));
        }
        if let (ParameterKind::Text, Some(most @ 0..=1000)) = (&parameter.kind, parameter.max_len) {
            let long = "x".repeat(most as usize + 1);
            wrongs.push((name.clone(), Some(long.into()), "too long"));
        }
    }
    wrongs
}

/// A value no parameter of this kind can have.
fn of_another_type(parameter: &Parameter) -> Option<Value> {
    Some(match &parameter.kind {
        ParameterKind::Text | ParameterKind::Path => json!([1]),
        ParameterKind::Integer | ParameterKind::Number => json!("neither"),
        ParameterKind::Boolean => json!("perhaps"),
        ParameterKind::Choice => json!("conformance no such choice"),
        ParameterKind::Date => json!("2024-13-01"),
        ParameterKind::Timestamp => json!("yesterday"),
        ParameterKind::Duration | ParameterKind::ByteSize => json!("much"),
        ParameterKind::List { .. } | ParameterKind::Map { .. } | ParameterKind::Object { .. } => json!(3.5),
        ParameterKind::Json => return None,
    })
}

/// Whether these values are refused in words that name these parameters; if not, what happened.
async fn refused(
    subject: &dyn Subject,
    values: Map<String, Value>,
    names: &[&str],
    patience: Duration,
    said: &Said,
) -> Result<(), String> {
    let error: Error = match within(patience, subject.open(values)).await {
        Ok(_) => return Err("the table was opened".into()),
        Err(error) => said.error(error),
    };
    if !matches!(error.kind(), ErrorKind::Config | ErrorKind::InvalidRequest) {
        return Err(format!("it was refused as `{}`, and should be as `config`: {error}", error.kind()));
    }
    let text = error.to_string();
    let unnamed: Vec<_> = names.iter().filter(|name| !text.contains(**name)).collect();
    if unnamed.is_empty() {
        return Ok(());
    }
    Err(format!("the error does not name {unnamed:?}: {text}"))
}
