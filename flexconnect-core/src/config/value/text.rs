//! Text and paths.

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
