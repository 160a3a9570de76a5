//! JSON from outside, read with its path at hand: whatever is wrong is named where it stands.

use std::fmt;

use flexconnect_core::{Error, ErrorKind};
use serde_json::{Map, Value};

/// A type that is read from JSON.
pub(super) trait Read: Sized {
    /// Where it stands in a call's parameters, for messages.
    const NAME: &'static str;

    fn read(found: &Found<'_, '_>) -> Result<Self, Error>;

    fn from_json(value: &Value) -> Result<Self, Error> {
        Self::read(&Found { value, path: Path::Root(Self::NAME) })
    }
}

/// Lets serde read what is read from JSON, with the same leniency and the same messages.
macro_rules! deserialize {
    ($($name:ty),* $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(deserializer)?;
                crate::gooddata::context::reading::Read::from_json(&value).map_err(serde::de::Error::custom)
            }
        }
    )*};
}
pub(super) use deserialize;

/// Where a value stands; put into words only when something is wrong there.
#[derive(Clone, Copy)]
enum Path<'p> {
    Root(&'static str),
    Key(&'p Path<'p>, &'static str),
    Index(&'p Path<'p>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root(name) => f.write_str(name),
            Path::Key(parent, key) => write!(f, "{parent}.{key}"),
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// A value and where it stands.
pub(super) struct Found<'v, 'p> {
    value: &'v Value,
    path: Path<'p>,
}

impl<'v> Found<'v, '_> {
    pub(super) fn json(&self) -> Value {
        self.value.clone()
    }

    pub(super) fn is_text(&self) -> bool {
        self.value.is_string()
    }

    pub(super) fn text(&self) -> Result<&'v str, Error> {
        self.value.as_str().ok_or_else(|| self.wrong("text"))
    }

    pub(super) fn flag(&self) -> Result<bool, Error> {
        self.value.as_bool().ok_or_else(|| self.wrong("`true` or `false`"))
    }

    pub(super) fn integer(&self) -> Result<i64, Error> {
        self.value.as_i64().or_else(|| self.whole()).ok_or_else(|| self.wrong("a whole number of 64 bits"))
    }

    pub(super) fn count(&self, least: u64) -> Result<u64, Error> {
        let count = self.value.as_u64().or_else(|| self.whole()?.try_into().ok());
        let count = count.filter(|count| *count >= least);
        count.ok_or_else(|| self.wrong(&format!("a whole number of {least} or more")))
    }

    /// A whole number that was written as a float, such as `500.0`.
    fn whole(&self) -> Option<i64> {
        // From 2^53 on a float may stand for the whole number next to it.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let whole = |number: &f64| number.fract() == 0.0 && number.abs() < EXACT;
        self.value.as_f64().filter(whole).map(|number| number as i64)
    }

    /// Text, or null.
    pub(super) fn text_or_null(&self) -> Result<Option<String>, Error> {
        match self.value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.clone())),
            _ => Err(self.wrong("text or null")),
        }
    }

    pub(super) fn each<T>(&self, read: impl Fn(&Found<'v, '_>) -> Result<T, Error>) -> Result<Vec<T>, Error> {
        let Value::Array(values) = self.value else { return Err(self.wrong("a list")) };
        let found = |(index, value)| read(&Found { value, path: Path::Index(&self.path, index) });
        values.iter().enumerate().map(found).collect()
    }

    pub(super) fn object(&self) -> Result<Object<'v, '_>, Error> {
        let Value::Object(map) = self.value else { return Err(self.wrong("an object")) };
        Ok(Object { map, path: &self.path, taken: Vec::new() })
    }

    fn wrong(&self, expected: &str) -> Error {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(number) if number.is_i64() || number.is_u64() => "a whole number",
            Value::Number(_) => "a number that is not whole or out of bounds",
            Value::String(_) => "text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        invalid(format!("`{}`: {expected} is expected, found {found}", self.path))
    }
}

/// The values of an object, taken by key; what nobody takes is its rest.
pub(super) struct Object<'v, 'p> {
    map: &'v Map<String, Value>,
    path: &'p Path<'p>,
    taken: Vec<&'static str>,
}

impl<'v, 'p> Object<'v, 'p> {
    /// The value at a key; null is as good as none.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Found<'v, 'p>> {
        self.taken.push(key);
        let value = self.map.get(key).filter(|value| !value.is_null())?;
        Some(Found { value, path: Path::Key(self.path, key) })
    }

    pub(super) fn required(&mut self, key: &'static str, expected: &str) -> Result<Found<'v, 'p>, Error> {
        let path = self.path;
        self.take(key).ok_or_else(|| invalid(format!("`{path}.{key}` is missing: {expected} is expected")))
    }

    /// Text that must be there.
    pub(super) fn text(&mut self, key: &'static str) -> Result<String, Error> {
        self.required(key, "text")?.text().map(str::to_owned)
    }

    /// Text that may be missing: a name nobody decides by.
    pub(super) fn text_or_empty(&mut self, key: &'static str) -> Result<String, Error> {
        Ok(self.optional_text(key)?.unwrap_or_default())
    }

    pub(super) fn optional_text(&mut self, key: &'static str) -> Result<Option<String>, Error> {
        self.take(key).map(|found| found.text().map(str::to_owned)).transpose()
    }

    /// One of the words of a vocabulary; the empty text is none.
    pub(super) fn word<T: for<'t> From<&'t str>>(&mut self, key: &'static str) -> Result<Option<T>, Error> {
        let text = self.take(key).map(|found| found.text()).transpose()?;
        Ok(text.filter(|text| !text.is_empty()).map(T::from))
    }

    /// A switch that is off unless it is there.
    pub(super) fn flag(&mut self, key: &'static str) -> Result<bool, Error> {
        self.take(key).map_or(Ok(false), |found| found.flag())
    }

    pub(super) fn object<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Found<'v, '_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.take(key).map(|found| read(&found)).transpose()
    }

    /// A list that is empty when it is missing.
    pub(super) fn each<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&Found<'v, '_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.take(key).map_or(Ok(Vec::new()), |found| found.each(read))
    }

    /// What was not taken, as it came.
    pub(super) fn rest(self) -> Map<String, Value> {
        let others = self.map.iter().filter(|(key, _)| !self.taken.contains(&key.as_str()));
        others.map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

pub(super) fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidRequest, message)
}

/// The beginning of a text from outside, for messages: on one line, whatever is in it.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let plain = |char: char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char };
    let mut shown: String = text.chars().take(LONGEST).map(plain).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
