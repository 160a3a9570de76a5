//! Configurations that are not what they should be, by chance.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use flexconnect_core::config::{ByteSize, interpolate};
use flexconnect_core::{Config, ErrorKind, Secret};
use serde_json::Value;

#[derive(Config, Debug)]
struct Everything {
    #[config(default = "a", min_len = 1, max_len = 20)]
    text: String,
    #[config(default = 7, min = -5, max = 1000)]
    number: i64,
    #[config(default)]
    wide: u128,
    #[config(default = 0.5)]
    float: f64,
    #[config(default = "30s")]
    timeout: Duration,
    buffer: Option<ByteSize>,
    token: Option<Secret<String>>,
    free: Option<Value>,
    kind: Option<Kind>,
    #[config(default)]
    inner: BTreeMap<String, Vec<Option<Inner>>>,
}

#[derive(Config, Debug)]
enum Kind {
    Plain,
    #[config(alias = "curled")]
    Curly,
}

#[derive(Config, Debug)]
struct Inner {
    id: u8,
    #[config(default)]
    flags: Vec<bool>,
}

/// Bytes as a configuration: whether they are one. A plain function, so that a fuzzer can call it too.
pub(crate) fn config(bytes: &[u8]) -> bool {
    let Ok(mut value) = serde_json::from_slice::<Value>(bytes) else { return false };
    let lookup = |name: &str| (name == "HOME").then(|| "/home".to_owned());
    // What it says of a file's variables is tested elsewhere; here it must only come back.
    let _ = interpolate(&mut value, &Everything::parameters(), lookup);
    let Some(values) = value.as_object() else { return false };
    match Everything::parse(values) {
        Ok(read) => {
            assert!((1..=20).contains(&read.text.chars().count()) && (-5..=1000).contains(&read.number));
            assert!(read.token.is_none() || !format!("{read:?}").contains("hush"), "a secret is shown");
            true
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(!error.to_string().contains("hush"), "a secret is quoted");
            false
        }
    }
}

const SEED: &[u8] = br#"{"text": "abc", "number": 5.0, "wide": 12345678901234567890,
    "float": -1e-3, "timeout": "1h30m", "buffer": "64MiB", "token": "hush", "kind": "curled",
    "inner": {"a": [{"id": 3, "flags": [true]}, null]}, "free": {"a": [[[1]]]}}"#;

#[test]
fn whatever_comes_is_read_or_refused() {
    assert!(config(SEED));
    let mut rng = Rng::with_seed(5);
    let mut taken = 0;
    for _ in 0..10_000 {
        let mut bytes = SEED.to_vec();
        for _ in 0..rng.usize(1..4) {
            let at = rng.usize(..bytes.len());
            match rng.u8(..5) {
                0 => bytes[at] ^= 1 << rng.u8(..7),
                1 => bytes[at] = *rng.choice(b"{}[]\",:0-.e${9 n").unwrap(),
                2 => drop(bytes.remove(at)),
                3 => bytes.insert(at, *rng.choice(b"{}[]\",:0-.e${9 n").unwrap()),
                _ => {
                    let end = (at + rng.usize(..20)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    let to = rng.usize(..bytes.len());
                    bytes.splice(to..to, piece);
                }
            }
        }
        taken += usize::from(config(&bytes));
    }
    assert!((1..10_000).contains(&taken), "{taken} were taken");
}
