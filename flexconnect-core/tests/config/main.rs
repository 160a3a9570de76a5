//! Configurations as authors write them and as users get them wrong.

// Clippy lifts the lint inside of `#[test]` functions only, not in what they call.
#![allow(clippy::unwrap_used)]

mod attributes;
mod conditional;
mod faults;
mod forms;
mod interpolation;
mod notices;
mod outside;
mod patterns;
mod presets;
mod reading;
mod secrets;
mod variants;

use flexconnect_core::{Config, ErrorKind};
use serde_json::Value;

/// The configuration read from an object.
fn read<C: Config>(values: Value) -> C {
    C::parse(values.as_object().unwrap()).unwrap()
}

/// The lines of the error: one for each fault.
fn faults<C: Config>(values: Value) -> Vec<String> {
    let Err(error) = C::parse(values.as_object().unwrap()) else { panic!("no fault") };
    assert_eq!(error.kind(), ErrorKind::Config);
    let message = error.to_string();
    match message.strip_prefix("wrong configuration: ") {
        Some(fault) => vec![fault.to_owned()],
        None => message.lines().skip(1).map(|line| line.strip_prefix("- ").unwrap().to_owned()).collect(),
    }
}
