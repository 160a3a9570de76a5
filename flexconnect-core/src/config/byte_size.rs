//! Numbers of bytes as people write them: `64MiB`, `10MB`.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::{ConfigValue, Faults, Input, Parameter, ParameterKind};

const UNITS: [(&str, u64); 11] = [
    ("PiB", 1 << 50),
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("PB", 1_000_000_000_000_000),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

/// A number of bytes, written with a unit (`"64MiB"`, `"10MB"`) or as an integer.
///
/// `KiB`, `MiB`, `GiB`, `TiB` and `PiB` are powers of 1024, `kB`, `MB`, `GB`, `TB` and `PB` powers of 1000;
/// upper and lower case make no difference.
///
/// ```
/// use flexconnect_core::config::ByteSize;
///
/// let size: ByteSize = "64MiB".parse().unwrap();
/// assert_eq!(size.bytes(), 67_108_864);
/// assert_eq!(size.to_string(), "64MiB");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub u64);

impl ByteSize {
    /// The number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl From<u64> for ByteSize {
    fn from(bytes: u64) -> Self {
        ByteSize(bytes)
    }
}

/// The largest unit that gives a whole number.
impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fit = UNITS.iter().find(|(_, bytes)| self.0 >= *bytes && self.0.is_multiple_of(*bytes));
        let (name, bytes) = fit.copied().unwrap_or(("B", 1));
        write!(f, "{}{name}", self.0 / bytes)
    }
}

/// A text that is not a number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotByteSize;

impl fmt::Display for NotByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a number of bytes: write a whole number with a unit, such as \"64MiB\" or \"10MB\"")
    }
}

impl std::error::Error for NotByteSize {}

impl FromStr for ByteSize {
    type Err = NotByteSize;

    fn from_str(text: &str) -> Result<Self, NotByteSize> {
        parse(text).ok_or(NotByteSize)
    }
}

impl ConfigValue for ByteSize {
    fn parameter() -> Parameter {
        Parameter::new(ParameterKind::ByteSize)
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let size = match input.value() {
            Value::String(text) => parse(text),
            value => value.as_u64().map(ByteSize),
        };
        if size.is_none() {
            input.wrong_type::<Self>(faults);
        }
        size
    }

    fn to_json(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// A whole number and its unit. The derive reads its literals in the same way.
fn parse(text: &str) -> Option<ByteSize> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let (_, bytes) = UNITS.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    number.parse::<u64>().ok()?.checked_mul(bytes).map(ByteSize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_written() {
        for (text, bytes) in [("64MiB", 64 << 20), ("10MB", 10_000_000), ("1kB", 1000), ("7B", 7), ("0B", 0)]
        {
            assert_eq!(parse(text), Some(ByteSize(bytes)), "{text}");
            assert_eq!(ByteSize(bytes).to_string(), text);
        }
        assert_eq!(parse("2gib"), Some(ByteSize(2 << 30)));
        assert_eq!(ByteSize(u64::MAX).to_string(), "18446744073709551615B");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "64", "MiB", "1.5GB", "-1B", "64 MiB", "1XB", "18446744073709551616B", "99999999PiB"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
