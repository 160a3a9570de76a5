//! Text, single characters and paths.

use std::path::PathBuf;

use serde_json::Value;

use crate::config::{ConfigValue, Faults, Input, Parameter, ParameterKind};

impl ConfigValue for String {
    fn parameter() -> Parameter {
        Parameter::new(ParameterKind::Text)
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let text = input.value().as_str();
        if text.is_none() {
            input.wrong_type::<Self>(faults);
        }
        text.map(str::to_owned)
    }

    fn to_json(&self) -> Value {
        Value::String(self.clone())
    }
}

/// A text of one character: a delimiter, a quote.
impl ConfigValue for char {
    fn parameter() -> Parameter {
        let mut parameter = Parameter::new(ParameterKind::Text);
        (parameter.min_len, parameter.max_len) = (Some(1), Some(1));
        parameter
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let mut letters = input.text("one character", faults)?.chars();
        let letter = letters.next().filter(|_| letters.next().is_none());
        if letter.is_none() {
            input.mismatch("one character", faults);
        }
        letter
    }

    fn to_json(&self) -> Value {
        Value::String(self.to_string())
    }
}

impl ConfigValue for PathBuf {
    fn parameter() -> Parameter {
        Parameter::new(ParameterKind::Path)
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let text = input.value().as_str();
        if text.is_none() {
            input.wrong_type::<Self>(faults);
        }
        text.map(PathBuf::from)
    }

    fn to_json(&self) -> Value {
        Value::String(self.to_string_lossy().into_owned())
    }
}
