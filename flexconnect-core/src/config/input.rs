//! A value of the configuration on its way into a Rust type, and where it was found.

use std::fmt;

use serde_json::Value;

use super::provided::{NOTHING, Provided};
use super::{ConfigValue, Faults};
use crate::nearest::nearest;

/// Longer names and values are cut in messages.
const SHOWN: usize = 40;

/// A value of the configuration on its way into a Rust type: it knows its path and whether it may be shown.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    value: &'a Value,
    path: Path<'a>,
    secret: bool,
    provided: &'a Provided,
}

/// `Debug` shows the path only: the value may be a secret.
impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input")
            .field("path", &self.path())
            .field("secret", &self.secret)
            .finish_non_exhaustive()
    }
}

impl<'a> Input<'a> {
    pub(crate) fn new(value: &'a Value, path: Path<'a>, secret: bool, provided: &'a Provided) -> Self {
        Input { value, path, secret, provided }
    }

    /// A value that is read by itself, the whole of a configuration for instance: paths begin with it.
    ///
    /// ```
    /// use flexconnect_core::config::{ConfigValue, Faults, Input};
    /// use serde_json::json;
    ///
    /// let mut faults = Faults::new();
    /// assert_eq!(Vec::<u8>::read(Input::root(&json!([1, 256, "x"])), &mut faults), None);
    /// assert_eq!(faults.iter().map(|fault| fault.path()).collect::<Vec<_>>(), ["[1]", "[2]"]);
    /// ```
    pub fn root(value: &'a Value) -> Self {
        Input::new(value, Path::ROOT, false, &NOTHING)
    }

    /// A value of its own, to see whether and how it reads; it is never quoted.
    pub(crate) fn alone(value: &'a Value) -> Self {
        Input::new(value, Path::ROOT, true, &NOTHING)
    }

    /// The value.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// Its place, such as `columns[2]` or `auth.token`.
    pub fn path(&self) -> String {
        self.path.to_string()
    }

    /// Whether the value must not be shown.
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// The same value, not to be shown from here on.
    #[must_use]
    pub fn into_secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The same, for an element of the list or a member of the object that this value is.
    pub(crate) fn inside<'b>(&'b self, step: Step<'b>, value: &'b Value) -> Input<'b> {
        Input { value, path: self.path.then(step), ..*self }
    }

    /// The path, for the members of an object.
    pub(crate) fn place(&self) -> Path<'a> {
        self.path
    }

    /// What the operator provides.
    pub(crate) fn provided(&self) -> &'a Provided {
        self.provided
    }

    /// The value as text; a fault if it is anything else than text that fits `expected` ("a host name").
    pub fn text(&self, expected: &str, faults: &mut Faults) -> Option<&'a str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.mismatch(expected, faults);
        }
        text
    }

    /// Adds the fault that the value must be what is `expected` ("a host name"), and is not. What was given
    /// is quoted, cut short, unless it is secret.
    pub fn mismatch(&self, expected: &str, faults: &mut Faults) {
        let given = self.given();
        self.fault(format!("must be {expected}, not {given}"), faults);
    }

    /// Adds a fault: a message that follows the path in one sentence, and that does not quote the value.
    pub fn fault(&self, message: impl Into<String>, faults: &mut Faults) {
        faults.add(self.path(), message);
    }

    /// The value as it is named in messages: its JSON type and, unless secret, its beginning.
    pub fn given(&self) -> String {
        match self.value {
            Value::Null => "null".into(),
            Value::Bool(_) if self.secret => "a boolean".into(),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(_) if self.secret => "a number".into(),
            Value::Number(number) => format!("the number {number}"),
            Value::String(_) if self.secret => "this text".into(),
            Value::String(text) => format!("the text {:?}", cut(text)),
            Value::Array(_) => "a list".into(),
            Value::Object(_) => "an object".into(),
        }
    }

    /// The value as one of these choices, each with its further spellings; the first spelling is returned.
    #[doc(hidden)]
    pub fn choice(&self, choices: &[&'static [&'static str]], faults: &mut Faults) -> Option<&'static str> {
        if let Some(text) = self.value.as_str() {
            let found = choices.iter().find(|spellings| spellings.contains(&text));
            if let Some(spelling) = found.and_then(|spellings| spellings.first()) {
                return Some(spelling);
            }
        }
        let values: Vec<_> = choices.iter().filter_map(|spellings| spellings.first().copied()).collect();
        let list: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
        let meant = match self.value.as_str().filter(|_| !self.secret).and_then(|text| nearest(text, values))
        {
            Some(value) => format!("; did you mean `{value}`?"),
            None => String::new(),
        };
        let given = self.given();
        self.fault(format!("must be one of {}, not {given}{meant}", list.join(", ")), faults);
        None
    }

    /// Adds the fault that the value has the wrong JSON type for `T`, with the way to write it if that is
    /// plain.
    pub(crate) fn wrong_type<T: ConfigValue>(mut self, faults: &mut Faults) {
        self.secret |= T::SENSITIVE;
        let expected = T::parameter().expected();
        let given = self.given();
        // A trial of its own there would go on for ever: `true` is tried as "true", that as `true` again.
        let mend = if faults.is_trial() { "" } else { self.mend(fits::<T>) };
        self.fault(format!("must be {expected}, not {given}{mend}"), faults);
    }

    /// How to write the value if only its notation is wrong.
    fn mend(&self, fits: fn(Value) -> bool) -> &'static str {
        let unquoted = self.value.as_str().and_then(|text| text.parse::<Value>().ok());
        let quoted = (self.value.is_number() || self.value.is_boolean()).then(|| self.value.to_string());
        if unquoted.is_some_and(fits) {
            "; write it without quotes"
        } else if quoted.is_some_and(|text| fits(text.into())) {
            "; write it in quotes"
        } else if !self.value.is_null() && !self.value.is_array() && fits(vec![self.value.clone()].into()) {
            "; put it in square brackets"
        } else {
            ""
        }
    }
}

fn fits<T: ConfigValue>(value: Value) -> bool {
    let mut faults = Faults::trial();
    T::read(Input::alone(&value), &mut faults).is_some() && faults.is_empty()
}

/// The way from the whole configuration to a value; borrowed step by step, written out only for a fault.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path<'a> {
    outer: Option<&'a Path<'a>>,
    step: Option<Step<'a>>,
}

/// One step on the way to a value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    pub(crate) const ROOT: Path<'static> = Path { outer: None, step: None };

    pub(crate) fn is_root(&self) -> bool {
        self.step.is_none()
    }

    pub(crate) fn then<'b>(&'b self, step: Step<'b>) -> Path<'b> {
        Path { outer: Some(self), step: Some(step) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outer = self.outer.filter(|outer| outer.step.is_some());
        if let Some(outer) = outer {
            outer.fmt(f)?;
        }
        match self.step {
            None => Ok(()),
            Some(Step::Index(index)) => write!(f, "[{index}]"),
            Some(Step::Key(key)) if is_plain(key) => {
                write!(f, "{}{}", if outer.is_some() { "." } else { "" }, cut(key))
            }
            Some(Step::Key(key)) => write!(f, "[{:?}]", cut(key)),
        }
    }
}

/// Whether a key can stand in a path without quotes.
fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// The beginning of a name or a text.
pub(crate) fn cut(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}
