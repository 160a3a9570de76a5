//! Every type of field.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use flexconnect_core::config::ByteSize;
use flexconnect_core::{Config, Secret};
use serde_json::{Value, json};

use super::{faults, read};

#[derive(Config, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Int,
    Float,
    String,
}

#[derive(Config, Debug, PartialEq)]
struct Inner {
    id: u8,
    note: Option<String>,
}

#[derive(Config, Debug)]
struct Everything {
    text: String,
    flag: bool,
    small: i8,
    large: u64,
    widest: u128,
    negative: i64,
    float: f64,
    single: f32,
    path: PathBuf,
    timeout: Duration,
    buffer: ByteSize,
    token: Secret<String>,
    free: Value,
    kind: Kind,
    inner: Inner,
    maybe: Option<u32>,
    list: Vec<String>,
    kinds: Vec<Kind>,
    inners: Vec<Inner>,
    map: BTreeMap<String, i32>,
    hashed: HashMap<String, Inner>,
    gaps: Vec<Option<u32>>,
    groups: BTreeMap<String, Vec<u8>>,
}

fn everything() -> Value {
    json!({
        "text": "a", "flag": true, "small": -128, "large": u64::MAX, "widest": 7, "negative": i64::MIN,
        "float": 1, "single": 0.1, "path": "/tmp", "timeout": "1h30m", "buffer": "64MiB", "token": "t",
        "free": {"a": [1, null]}, "kind": "float", "inner": {"id": 3}, "maybe": 4, "list": ["x", "y"],
        "kinds": ["int", "string"], "inners": [{"id": 1, "note": "n"}], "map": {"a": -1},
        "hashed": {"h": {"id": 9}}, "gaps": [1, null], "groups": {"g": [1, 2]},
    })
}

#[test]
fn every_type_is_read() {
    let config: Everything = read(everything());
    assert_eq!(config.text, "a");
    assert!(config.flag);
    assert_eq!((config.small, config.large, config.widest, config.negative), (-128, u64::MAX, 7, i64::MIN));
    assert_eq!((config.float, config.single), (1.0, 0.1));
    assert_eq!(config.path, PathBuf::from("/tmp"));
    assert_eq!(config.timeout, Duration::from_secs(5400));
    assert_eq!(config.buffer, ByteSize(64 << 20));
    assert_eq!(config.token.expose(), "t");
    assert_eq!(config.free, json!({"a": [1, null]}));
    assert_eq!(config.kind, Kind::Float);
    assert_eq!(config.inner, Inner { id: 3, note: None });
    assert_eq!(config.maybe, Some(4));
    assert_eq!(config.list, ["x", "y"]);
    assert_eq!(config.kinds, [Kind::Int, Kind::String]);
    assert_eq!(config.inners, [Inner { id: 1, note: Some("n".into()) }]);
    assert_eq!(config.map["a"], -1);
    assert_eq!(config.hashed["h"].id, 9);
    assert_eq!(config.gaps, [Some(1), None]);
    assert_eq!(config.groups["g"], [1, 2]);
}

#[test]
fn every_type_refuses_every_other() {
    let whole = everything();
    let wrong =
        [json!(null), json!(true), json!(1.5), json!("no such"), json!([[]]), json!({"no": {"no": 1}})];
    for name in whole.as_object().unwrap().keys().filter(|name| *name != "free") {
        let mut refused = 0;
        for value in &wrong {
            let mut values = whole.clone();
            values[name] = value.clone();
            let result = Everything::parse(values.as_object().unwrap());
            refused +=
                usize::from(result.is_err_and(|error| error.to_string().contains(&format!("`{name}"))));
        }
        // Text and paths take any text, a boolean takes `true`, a number or a duration 1.5, an `Option` null.
        let fitting = usize::from(matches!(
            name.as_str(),
            "text" | "path" | "flag" | "float" | "single" | "token" | "maybe" | "timeout"
        ));
        assert_eq!(refused, wrong.len() - fitting, "{name}");
    }
}

#[test]
fn an_integer_may_be_written_with_a_fraction_of_zero() {
    #[derive(Config, Debug)]
    struct Page {
        size: u32,
    }
    assert_eq!(read::<Page>(json!({"size": 100.0})).size, 100);
    assert_eq!(faults::<Page>(json!({"size": 100.5})), ["`size` must be an integer, not the number 100.5"]);
    assert_eq!(faults::<Page>(json!({"size": 1e300})), ["`size` must be an integer, not the number 1e+300"]);
    assert_eq!(
        faults::<Page>(json!({"size": -1})),
        ["`size` must be an integer from 0 to 4294967295, not the number -1"]
    );
}

#[test]
fn a_float_must_fit_its_type() {
    #[derive(Config, Debug)]
    struct Share {
        of: f32,
    }
    assert_eq!(read::<Share>(json!({"of": 0.25})).of, 0.25);
    assert_eq!(
        faults::<Share>(json!({"of": 1e300})),
        ["`of` must be a number from -3.4028235e38 to 3.4028235e38, not the number 1e+300"]
    );
}

#[test]
fn a_duration_may_be_a_number_of_seconds() {
    #[derive(Config, Debug)]
    struct Wait {
        #[config(max = "1h")]
        wait: Duration,
    }
    assert_eq!(read::<Wait>(json!({"wait": 90})).wait, Duration::from_secs(90));
    assert_eq!(read::<Wait>(json!({"wait": 0.25})).wait, Duration::from_millis(250));
    assert_eq!(faults::<Wait>(json!({"wait": 3601})), ["`wait` must be at most 1h, not 1h1s"]);
    let rule = "a duration with its unit, such as \"30s\" or \"1h30m\", or a number of seconds";
    for (value, given) in [
        (json!(-1), "the number -1"),
        (json!(1e300), "the number 1e+300"),
        (json!("90"), "the text \"90\"; write it without quotes"),
    ] {
        assert_eq!(faults::<Wait>(json!({"wait": value})), [format!("`wait` must be {rule}, not {given}")]);
    }
}

#[test]
fn the_elements_of_a_set_differ() {
    #[derive(Config, Debug)]
    struct Sets {
        #[config(default = ["b", "a"], min_len = 1)]
        names: BTreeSet<String>,
        #[config(default)]
        numbers: HashSet<u16>,
        maybe: Option<BTreeSet<Kind>>,
    }
    let sets: Sets = read(json!({"numbers": [2, 1], "maybe": ["string", "int"]}));
    assert_eq!((sets.names.len(), sets.numbers.len()), (2, 2));
    assert_eq!(sets.maybe.unwrap().into_iter().collect::<Vec<_>>(), [Kind::Int, Kind::String]);
    assert_eq!(
        faults::<Sets>(json!({"names": ["a", "b", "a", "b"], "numbers": [1.0, 1], "maybe": []})),
        [
            "`names[2]` is in the list already: remove it",
            "`names[3]` is in the list already: remove it",
            "`numbers[1]` is in the list already: remove it",
        ]
    );
    assert_eq!(faults::<Sets>(json!({"names": []})), ["`names` must not be empty"]);
    let names = &Sets::parameters()[0];
    assert_eq!((names.unique, &names.default), (true, &Some(json!(["a", "b"]))));
    assert_eq!(Sets::json_schema()["properties"]["maybe"]["uniqueItems"], true);
}

#[test]
fn a_map_may_keep_its_order_and_repeat_a_key() {
    #[derive(Config, Debug)]
    struct Query {
        #[config(default = [("b", 1), ("a", 2)], max_len = 3)]
        pairs: Vec<(String, u8)>,
    }
    let pairs = |values: Value| -> Vec<(String, u8)> { read::<Query>(values).pairs };
    let expected = |all: &[(&str, u8)]| -> Vec<(String, u8)> {
        all.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect()
    };
    assert_eq!(pairs(json!({})), expected(&[("b", 1), ("a", 2)]));
    assert_eq!(pairs(json!({"pairs": {"z": 1, "y": 2}})), expected(&[("z", 1), ("y", 2)]));
    assert_eq!(pairs(json!({"pairs": [["z", 1], ["z", 2]]})), expected(&[("z", 1), ("z", 2)]));
    assert_eq!(Query::parameters()[0].default.as_ref().unwrap().to_string(), r#"{"b":1,"a":2}"#);
    assert_eq!(
        faults::<Query>(json!({"pairs": [["z", "1"], ["z"], 5]})),
        [
            "`pairs[0][1]` must be an integer, not the text \"1\"; write it without quotes",
            "`pairs[1]` must be a pair of a key and a value: [\"key\", value]",
            "`pairs[2]` must be a pair of a key and a value: [\"key\", value]",
        ]
    );
    assert_eq!(
        faults::<Query>(json!({"pairs": 5})),
        ["`pairs` must be an object whose values are integers, not the number 5"]
    );
}

#[test]
fn a_character_is_one() {
    #[derive(Config, Debug)]
    struct Csv {
        #[config(default = ',')]
        delimiter: char,
        quote: Option<char>,
    }
    let csv: Csv = read(json!({"quote": "→"}));
    assert_eq!((csv.delimiter, csv.quote), (',', Some('→')));
    assert_eq!(
        faults::<Csv>(json!({"delimiter": "::", "quote": ""})),
        [
            "`delimiter` must be one character, not the text \"::\"",
            "`quote` must be one character, not the text \"\"",
        ]
    );
    assert_eq!(Csv::json_schema()["properties"]["delimiter"]["maxLength"], 1);
}

#[test]
fn a_null_is_no_value() {
    #[derive(Config, Debug)]
    struct Defaults {
        #[config(default = 5)]
        set: u32,
        #[config(default = 7)]
        maybe: Option<u32>,
        free: Value,
    }
    let config: Defaults = read(json!({"set": null, "maybe": null, "free": null}));
    assert_eq!((config.set, config.maybe, config.free), (5, None, Value::Null));
    assert_eq!(read::<Defaults>(json!({"free": 1})).maybe, Some(7));
    assert_eq!(faults::<Defaults>(json!({})), ["`free` is required: add it as a JSON value"]);
}

#[test]
fn nothing_to_configure_takes_nothing() {
    read::<()>(json!({}));
    assert_eq!(faults::<()>(json!({"a": 1})), ["`a` is not a parameter; there are none, remove it"]);
    #[derive(Config, Debug)]
    struct Nothing;
    read::<Nothing>(json!({}));
    assert!(Nothing::parameters().is_empty());
}

#[test]
fn a_configuration_may_be_generic() {
    #[derive(Config, Debug)]
    struct Paged<T> {
        page_size: u32,
        inner: T,
    }
    let config: Paged<Inner> = read(json!({"page_size": 1, "inner": {"id": 2}}));
    assert_eq!((config.page_size, config.inner.id), (1, 2));
    assert_eq!(
        faults::<Paged<Inner>>(json!({"page_size": 1, "inner": {"id": "2"}})),
        ["`inner.id` must be an integer, not the text \"2\"; write it without quotes"]
    );
}

#[cfg(feature = "chrono")]
#[test]
fn chrono_dates_are_read() {
    #[derive(Config, Debug)]
    struct Since {
        day: chrono::NaiveDate,
        #[config(default)]
        instant: chrono::DateTime<chrono::Utc>,
    }
    let config: Since = read(json!({"day": "2024-02-29", "instant": "2024-01-31T12:00:00+02:00"}));
    assert_eq!(config.day.to_string(), "2024-02-29");
    assert_eq!(config.instant.to_rfc3339(), "2024-01-31T10:00:00+00:00");
    assert_eq!(Since::parameters()[1].default, Some(json!("1970-01-01T00:00:00Z")));
    #[derive(Config, Debug)]
    struct Until {
        #[config(default = "2024-02-29", min = "2020-01-01")]
        day: chrono::NaiveDate,
        #[config(default = "2024-01-31T12:00:00Z")]
        instant: Option<chrono::DateTime<chrono::Utc>>,
        #[config(default = "2024-01-31T12:00:00Z")]
        local: chrono::DateTime<chrono::FixedOffset>,
    }
    let until: Until = read(json!({}));
    assert_eq!(until.day.to_string(), "2024-02-29");
    assert_eq!(until.instant.unwrap().to_rfc3339(), "2024-01-31T12:00:00+00:00");
    assert_eq!(until.local.to_rfc3339(), "2024-01-31T12:00:00+00:00");
    let local = read::<Until>(json!({"local": "2024-01-31T12:00:00+02:00"})).local;
    assert_eq!(local.to_rfc3339(), "2024-01-31T12:00:00+02:00");
    assert_eq!(Until::json_schema()["properties"]["day"]["x-minimum"], "2020-01-01");
    assert_eq!(
        faults::<Until>(json!({"day": "2019-12-31"})),
        ["`day` must be at least 2020-01-01, not 2019-12-31"]
    );
    assert_eq!(
        faults::<Since>(json!({"day": "2024-02-30"})),
        ["`day` must be a date such as \"2024-01-31\", not the text \"2024-02-30\""]
    );
}

#[cfg(feature = "jiff")]
#[test]
fn jiff_dates_are_read() {
    #[derive(Config, Debug)]
    struct Since {
        #[config(default = "2024-01-31", max = "2024-12-31")]
        day: jiff::civil::Date,
        #[config(default = "2024-01-31T12:00:00Z")]
        instant: Option<jiff::Timestamp>,
    }
    let config: Since = read(json!({"day": "2024-02-29", "instant": "2024-01-31T12:00:00+02:00"}));
    assert_eq!(config.day.to_string(), "2024-02-29");
    assert_eq!(config.instant.unwrap().to_string(), "2024-01-31T10:00:00Z");
    let default: Since = read(json!({}));
    assert_eq!(
        (default.day.to_string().as_str(), default.instant.unwrap().to_string().as_str()),
        ("2024-01-31", "2024-01-31T12:00:00Z")
    );
    assert_eq!(
        faults::<Since>(json!({"day": "2024-02-30"})),
        ["`day` must be a date such as \"2024-01-31\", not the text \"2024-02-30\""]
    );
}
