//! One of the values to choose from.

use serde::{Deserialize, Serialize};

/// One of the values to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Choice {
    /// What is written in the configuration.
    pub value: String,
    /// What a form shows.
    pub label: String,
    /// The explanation, in plain text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
}

impl Choice {
    /// A choice that is written as `value` and shown as `label`.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Choice { value: value.into(), label: label.into(), help: String::new() }
    }

    /// Adds an explanation.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}
