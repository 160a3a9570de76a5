//! Names and defaults.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::Duration;

use flexconnect_core::Config;
use flexconnect_core::config::ByteSize;
use serde_json::{Value, json};

use super::{faults, read};

#[derive(Config, Debug, Clone, Copy, Default, PartialEq)]
enum Auth {
    #[default]
    None,
    Bearer,
    #[config(rename = "key", alias = "apikey")]
    ApiKey,
}

const PAGE: u64 = 50;
type Count = u64;
type Signed = i16;

fn two() -> usize {
    2
}

#[derive(Config, Debug)]
struct Defaults {
    #[config(default = 100)]
    int: u64,
    #[config(default = -5)]
    negative: i8,
    #[config(default = PAGE * 2)]
    constant: u64,
    #[config(default = two())]
    called: usize,
    #[config(default = 3)]
    aliased: Count,
    #[config(default = -3)]
    below: Signed,
    #[config(default = 2)]
    whole_float: f64,
    #[config(default = -1.5)]
    float: f32,
    #[config(default = true)]
    flag: bool,
    #[config(default)]
    off: bool,
    #[config(default = "X-API-Key")]
    text: String,
    #[config(default = format!("{}-{}", "a", PAGE))]
    computed: String,
    #[config(default = "data/in")]
    path: PathBuf,
    #[config(default = "1m30s")]
    duration: Duration,
    #[config(default = Duration::from_millis(250))]
    built: Duration,
    #[config(default = "64MiB")]
    size: ByteSize,
    #[config(default = 512)]
    bytes: ByteSize,
    #[config(default = ["world", "all"])]
    names: Vec<String>,
    #[config(default = [1, 2])]
    numbers: Vec<u16>,
    #[config(default = [["a"], ["b"]])]
    nested: Vec<Vec<String>>,
    #[config(default = ["1s", "2s"])]
    waits: Vec<Duration>,
    #[config(default = [Auth::Bearer, Auth::ApiKey])]
    ways: Vec<Auth>,
    #[config(default = vec!["x".to_owned()])]
    made: Vec<String>,
    #[config(default = [])]
    none: Vec<u8>,
    #[config(default = [("a", 1), ("b", 2)])]
    map: BTreeMap<String, u8>,
    #[config(default = [("a", "b")])]
    hashed: HashMap<String, String>,
    #[config(default)]
    auth: Auth,
    #[config(default = Auth::ApiKey)]
    chosen: Auth,
    #[config(default = 5)]
    maybe: Option<u32>,
    #[config(default = "x")]
    maybe_text: Option<String>,
    #[config(default = None)]
    nothing: Option<u32>,
    #[config(default = ["x"])]
    maybe_list: Option<Vec<String>>,
    #[config(default = "30s")]
    maybe_wait: Option<Duration>,
    #[config(default = json!({"a": 1}))]
    free: Value,
}

#[test]
fn defaults_of_every_kind() {
    let config: Defaults = read(json!({}));
    assert_eq!(
        (config.int, config.negative, config.constant, config.called, config.aliased),
        (100, -5, 100, 2, 3)
    );
    assert_eq!((config.whole_float, config.float, config.flag, config.off), (2.0, -1.5, true, false));
    assert_eq!(config.below, -3);
    assert_eq!((config.text.as_str(), config.computed.as_str()), ("X-API-Key", "a-50"));
    assert_eq!(config.path, PathBuf::from("data/in"));
    assert_eq!((config.duration, config.built), (Duration::from_secs(90), Duration::from_millis(250)));
    assert_eq!((config.size, config.bytes), (ByteSize(64 << 20), ByteSize(512)));
    assert_eq!((config.names, config.numbers), (vec!["world".to_owned(), "all".to_owned()], vec![1, 2]));
    assert_eq!(config.nested, [["a"], ["b"]]);
    assert_eq!(config.waits, [Duration::from_secs(1), Duration::from_secs(2)]);
    assert_eq!(config.ways, [Auth::Bearer, Auth::ApiKey]);
    assert_eq!(config.made, ["x"]);
    assert!(config.none.is_empty());
    assert_eq!((config.map["b"], config.hashed["a"].as_str()), (2, "b"));
    assert_eq!((config.auth, config.chosen), (Auth::None, Auth::ApiKey));
    assert_eq!((config.maybe, config.maybe_text.as_deref(), config.nothing), (Some(5), Some("x"), None));
    assert_eq!(config.maybe_list.unwrap(), ["x"]);
    assert_eq!(config.maybe_wait, Some(Duration::from_secs(30)));
    assert_eq!(config.free, json!({"a": 1}));
}

#[test]
fn defaults_are_shown_as_they_would_be_written() {
    let parameters = Defaults::parameters();
    assert!(parameters.iter().all(|parameter| !parameter.required));
    let mut shown = serde_json::Map::new();
    for parameter in parameters {
        shown.insert(parameter.name, parameter.default.unwrap());
    }
    // What is shown as defaults can be given as values.
    let again: Defaults = read(Value::Object(shown.clone()));
    assert_eq!(again.duration, Duration::from_secs(90));
    let expected = json!({
        "int": 100, "negative": -5, "constant": 100, "called": 2, "aliased": 3, "below": -3, "whole_float": 2.0, "float": -1.5,
        "flag": true, "off": false, "text": "X-API-Key", "computed": "a-50", "path": "data/in",
        "duration": "1m30s", "built": "250ms", "size": "64MiB", "bytes": "512B", "names": ["world", "all"],
        "numbers": [1, 2], "nested": [["a"], ["b"]], "waits": ["1s", "2s"], "ways": ["bearer", "key"],
        "made": ["x"], "none": [], "map": {"a": 1, "b": 2}, "hashed": {"a": "b"}, "auth": "none",
        "chosen": "key", "maybe": 5, "maybe_text": "x", "nothing": null, "maybe_list": ["x"],
        "maybe_wait": "30s", "free": {"a": 1},
    });
    assert_eq!(Value::Object(shown), expected);
}

#[test]
fn a_macro_may_write_the_attributes() {
    macro_rules! config {
        ($name:ident, $type:ty, $default:expr, $label:literal) => {
            #[derive(Config, Debug)]
            struct $name {
                #[config(default = $default, label = $label, min = $default)]
                value: $type,
            }
        };
    }
    config!(Wait, Duration, "5s", "Waiting time");
    config!(Size, Option<u64>, 3, "Size");
    assert_eq!(read::<Wait>(json!({})).value, Duration::from_secs(5));
    assert_eq!(Wait::parameters()[0].label, "Waiting time");
    assert_eq!(read::<Size>(json!({})).value, Some(3));
}

#[test]
fn literals_mean_what_values_mean() {
    #[derive(Config, Debug)]
    struct Units {
        #[config(default = ["1d2h3m4s5ms6us7ns", "18446744073709551615s", "0s"])]
        waits: Vec<Duration>,
        #[config(default = ["1B", "1kB", "1MB", "1GB", "1TB", "1PB", "1KiB", "1mib", "1GIB", "1TiB", "1PiB"])]
        sizes: Vec<ByteSize>,
    }
    let given: Units = read(json!({
        "waits": ["1d2h3m4s5ms6us7ns", "18446744073709551615s", "0s"],
        "sizes": ["1B", "1kB", "1MB", "1GB", "1TB", "1PB", "1KiB", "1mib", "1GIB", "1TiB", "1PiB"],
    }));
    let default: Units = read(json!({}));
    assert_eq!((default.waits, default.sizes), (given.waits, given.sizes));
}

#[test]
fn names_follow_their_attributes() {
    #[derive(Config, Debug)]
    #[config(rename_all = "camelCase")]
    struct Named {
        page_size: u32,
        #[config(rename = "API-Key")]
        api_key: u32,
        #[config(alias = "limit", alias = "max_rows")]
        row_limit: Option<u32>,
        r#type: u32,
    }
    let names: Vec<_> = Named::parameters().into_iter().map(|parameter| parameter.name).collect();
    assert_eq!(names, ["pageSize", "API-Key", "rowLimit", "type"]);
    let config: Named = read(json!({"pageSize": 1, "API-Key": 2, "max_rows": 3, "type": 4}));
    assert_eq!((config.page_size, config.api_key, config.row_limit, config.r#type), (1, 2, Some(3), 4));
    assert_eq!(
        faults::<Named>(json!({"pageSize": 1, "API-Key": 2, "limit": 3, "rowLimit": 4, "type": 5})),
        ["`limit` is another name of `rowLimit`, which is given too: remove one of them"]
    );
    assert_eq!(
        faults::<Named>(json!({"pageSize": 1, "API-Key": 2, "limit": "3", "type": 5})),
        ["`limit` must be an integer, not the text \"3\"; write it without quotes"]
    );
    assert_eq!(Named::parameters()[2].aliases, ["limit", "max_rows"]);
}

#[test]
fn choices_follow_their_attributes() {
    #[derive(Config, Debug, PartialEq)]
    #[config(rename_all = "SCREAMING-KEBAB-CASE")]
    enum Loud {
        VeryLoud,
        #[config(rename = "quiet")]
        Quiet,
    }
    #[derive(Config, Debug)]
    struct Sound {
        level: Loud,
        auth: Auth,
    }
    let sound: Sound = read(json!({"level": "VERY-LOUD", "auth": "apikey"}));
    assert_eq!((sound.level, sound.auth), (Loud::VeryLoud, Auth::ApiKey));
    assert_eq!(read::<Sound>(json!({"level": "quiet", "auth": "key"})).level, Loud::Quiet);
    assert_eq!(faults::<Sound>(json!({"level": "Quiet", "auth": 1})).len(), 2);
}

#[test]
fn names_of_the_emitted_code_are_not_in_the_way() {
    let fields = 3;
    assert_eq!(fields, 3);
    mod shadow {
        #![allow(non_upper_case_globals, dead_code)]
        use flexconnect_core::Config;

        struct Option;
        struct Vec;
        struct Some;
        struct Result;
        const value_0: u8 = 1;
        const faults: u64 = 7;

        #[derive(Config)]
        pub(super) struct Shadowed {
            #[config(default = faults, min = faults - 7)]
            pub(super) fields: u64,
            pub(super) faults: ::std::option::Option<u64>,
            pub(super) config: ::std::vec::Vec<u8>,
        }
    }
    let config: shadow::Shadowed = read(json!({"config": [1]}));
    assert_eq!((config.fields, config.faults, config.config), (7, None, vec![1]));
}
