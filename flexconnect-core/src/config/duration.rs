//! Spans of time as people write them: `250ms`, `30s`, `1h30m`.

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
        let duration = input.value().as_str().and_then(parse);
        if duration.is_none() {
            input.wrong_type::<Self>(faults);
        }
        duration
    }

    fn to_json(&self) -> Value {
        Value::String(write(*self))
    }
}

/// A default in a derive: what cannot be read is an error of the compiler.
pub const fn duration_literal(text: &str) -> Duration {
    match parse(text) {
        Some(duration) => duration,
        None => panic!(
            "not a duration: write whole numbers with their units d, h, m, s, ms, us or ns, such as \"1h30m\""
        ),
    }
}

/// Whole numbers, each with its unit. A `const fn`, so that the compiler reads the defaults of a derive.
const fn parse(text: &str) -> Option<Duration> {
    let text = text.as_bytes();
    let mut nanos: u128 = 0;
    let mut at = 0;
    if text.is_empty() {
        return None;
    }
    while at < text.len() {
        let start = at;
        let mut number: u128 = 0;
        while at < text.len() && text[at].is_ascii_digit() {
            // Twenty digits hold every `u64`, and no sum of that size overflows.
            if at - start >= 20 {
                return None;
            }
            number = number * 10 + (text[at] - b'0') as u128;
            at += 1;
        }
        let unit_start = at;
        while at < text.len() && text[at].is_ascii_alphabetic() {
            at += 1;
        }
        if unit_start == start {
            return None;
        }
        let Some(unit) = unit(text, unit_start, at) else { return None };
        let Some(part) = number.checked_mul(unit) else { return None };
        let Some(sum) = nanos.checked_add(part) else { return None };
        nanos = sum;
    }
    let seconds = nanos / 1_000_000_000;
    if seconds > u64::MAX as u128 {
        return None;
    }
    Some(Duration::new(seconds as u64, (nanos % 1_000_000_000) as u32))
}

/// The nanoseconds of the unit that stands in `text[start..end]`.
const fn unit(text: &[u8], start: usize, end: usize) -> Option<u128> {
    let mut index = 0;
    while index < NANOS.len() {
        let (name, nanos) = NANOS[index];
        let name = name.as_bytes();
        // No unit has more than two letters, so the first and the last are all of them.
        if name.len() == end - start && name[0] == text[start] && name[name.len() - 1] == text[end - 1] {
            return Some(nanos);
        }
        index += 1;
    }
    None
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
