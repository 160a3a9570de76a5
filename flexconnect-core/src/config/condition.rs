//! When a parameter applies: what another one beside it has to be.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What another parameter of the same object has to be for this one to apply.
///
/// ```
/// use flexconnect_core::config::Condition;
/// use serde_json::{Value, json};
///
/// let condition = Condition::new("login", [json!("basic"), json!("ntlm")]);
/// assert_eq!(condition.to_string(), "`login` is `basic` or `ntlm`");
/// assert!(condition.is_met(&json!("ntlm")));
/// assert!(!condition.is_met(&json!("token")));
///
/// let given = Condition::given("server");
/// assert_eq!(given.to_string(), "`server` is given");
/// assert!(given.is_met(&json!({ "host": "a" })) && !given.is_met(&Value::Null));
///
/// let other = condition.negated();
/// assert_eq!(other.to_string(), "`login` is not `basic` or `ntlm`");
/// assert!(other.is_met(&json!("token")));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Condition {
    /// The other parameter's name.
    pub parameter: String,
    /// The values of it that fit, as a configuration writes them; if empty, any but `false` and an empty one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    /// Whether it is the other way round: the parameter has none of these values, or is not given.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub negated: bool,
}

impl Condition {
    /// The parameter has one of these values.
    pub fn new(parameter: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Self {
        Condition { parameter: parameter.into(), values: values.into_iter().collect(), negated: false }
    }

    /// The parameter has a value, and it is neither `false` nor empty.
    pub fn given(parameter: impl Into<String>) -> Self {
        Condition::new(parameter, [])
    }

    /// The same the other way round.
    #[must_use]
    pub fn negated(mut self) -> Self {
        self.negated = !self.negated;
        self
    }

    /// Whether this value of the other parameter, or its default, fits.
    pub fn is_met(&self, value: &Value) -> bool {
        let fits = if self.values.is_empty() { is_given(value) } else { self.values.contains(value) };
        fits != self.negated
    }
}

/// Whether a value is one: neither `false` nor empty.
pub(super) fn is_given(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

/// In words that follow "if" or "while".
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is{}", self.parameter, if self.negated { " not" } else { "" })?;
        if self.values.is_empty() {
            return f.write_str(" given");
        }
        for (index, value) in self.values.iter().enumerate() {
            f.write_str(if index == 0 { " " } else { " or " })?;
            match value {
                Value::String(text) => write!(f, "`{text}`")?,
                other => write!(f, "`{other}`")?,
            }
        }
        Ok(())
    }
}
