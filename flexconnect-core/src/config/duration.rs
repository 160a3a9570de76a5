//! Spans of time as people write them: `250ms`, `30s`, `1h30m`, or a number of seconds.

use std::time::Duration;

use serde_json::Value;

use super::{ConfigValue, Faults, Input, Parameter, ParameterKind};

const NANOS: [(&str, u128); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

impl ConfigValue for Duration {
    fn parameter() -> Parameter {
        Parameter::new(ParameterKind::Duration)
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let duration = match input.value() {
            Value::String(text) => parse(text),
            value => value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        };
        if duration.is_none() {
            input.wrong_type::<Self>(faults);
        }
        duration
    }

    fn to_json(&self) -> Value {
        Value::String(write(*self))
    }
}

/// Whole numbers, each with its unit. The derive reads its literals in the same way.
fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut nanos: u128 = 0;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, after) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let (_, unit) = NANOS.into_iter().find(|(name, _)| *name == unit)?;
        nanos = nanos.checked_add(u128::from(number.parse::<u64>().ok()?).checked_mul(unit)?)?;
        rest = after;
    }
    let seconds = u64::try_from(nanos / 1_000_000_000).ok()?;
    (!text.is_empty()).then(|| Duration::new(seconds, (nanos % 1_000_000_000) as u32))
}

/// The largest units first, each as a whole number.
fn write(duration: Duration) -> String {
    let mut rest = duration.as_nanos();
    let mut text = String::new();
    for (name, nanos) in NANOS {
        if rest >= nanos {
            text.push_str(&format!("{}{name}", rest / nanos));
            rest %= nanos;
        }
    }
    if text.is_empty() { "0s".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        let cases = [
            ("30s", Duration::from_secs(30)),
            ("250ms", Duration::from_millis(250)),
            ("1h30m", Duration::from_secs(5400)),
            ("1d2h3m4s5ms6us7ns", Duration::new(93_784, 5_006_007)),
            ("0s", Duration::ZERO),
        ];
        for (text, duration) in cases {
            assert_eq!(parse(text), Some(duration), "{text}");
            assert_eq!(write(duration), text);
        }
        assert_eq!(parse("90s").map(write).as_deref(), Some("1m30s"));
        let longest = parse("18446744073709551615s").unwrap();
        assert_eq!(longest, Duration::from_secs(u64::MAX));
        assert_eq!(parse(&write(longest)), Some(longest));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "30", "s", "30 s", "1.5h", "-1s", "30S", "1x", "5mm", "1hs", "18446744073709551616s", "1s "]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"9".repeat(50)), None);
        assert_eq!(parse(&"18446744073709551615d".repeat(1000)), None);
    }
}
