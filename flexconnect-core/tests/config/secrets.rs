//! A secret is nowhere to be seen.

use std::collections::BTreeMap;

use flexconnect_core::{Config, Secret};
use serde_json::{Value, json};

use super::{faults, read};

const HIDDEN: &str = "hunter2";

#[derive(Config, Debug)]
#[allow(dead_code)]
struct Login {
    password: Secret<String>,
    pin: Option<Secret<u32>>,
    keys: Option<Vec<Secret<String>>>,
    by_host: Option<BTreeMap<String, Secret<String>>>,
    inner: Option<Inner>,
    inners: Option<Vec<Inner>>,
    #[config(secret, max_len = 3)]
    plain: Option<String>,
    #[config(secret)]
    plains: Option<Vec<u32>>,
    #[config(min_len = 20)]
    long: Option<Secret<String>>,
    #[config(secret, max = 3)]
    number: Option<u64>,
    choice: Option<Secret<Way>>,
}

#[derive(Config, Debug)]
#[allow(dead_code)]
struct Inner {
    token: Secret<String>,
    other: Option<u32>,
}

#[derive(Config, Debug, Clone)]
enum Way {
    Hunter,
    Gatherer,
}

#[test]
fn no_fault_shows_a_secret() {
    let wrong = [
        json!({"password": [HIDDEN]}),
        json!({"password": {"a": HIDDEN}}),
        json!({"password": 48151623}),
        json!({"password": "x", "pin": HIDDEN}),
        json!({"password": "x", "pin": -48151623}),
        json!({"password": "x", "pin": 48151623.5}),
        json!({"password": "x", "keys": HIDDEN}),
        json!({"password": "x", "keys": [48151623]}),
        json!({"password": "x", "by_host": HIDDEN}),
        json!({"password": "x", "by_host": {"h": [HIDDEN]}}),
        json!({"password": "x", "by_host": {"h": 48151623}}),
        json!({"password": "x", "inner": HIDDEN}),
        json!({"password": "x", "inner": {"token": 48151623}}),
        json!({"password": "x", "inner": {"tokn": HIDDEN}}),
        json!({"password": "x", "inners": HIDDEN}),
        json!({"password": "x", "inners": [HIDDEN]}),
        json!({"password": "x", "inners": [{"token": true}]}),
        json!({"password": "x", "plain": HIDDEN}),
        json!({"password": "x", "plain": 48151623}),
        json!({"password": "x", "plains": HIDDEN}),
        json!({"password": "x", "plains": [HIDDEN, 48151623, -48151623]}),
        json!({"password": "x", "long": HIDDEN}),
        json!({"password": "x", "number": 48151623}),
        json!({"password": "x", "choice": HIDDEN}),
        json!({"passwrd": HIDDEN}),
    ];
    for values in wrong {
        let all = faults::<Login>(values.clone()).join("\n");
        assert!(!all.contains(HIDDEN) && !all.contains("48151623"), "{values}: {all}");
        assert!(!all.contains("not 7"), "not even the length: {all}");
    }
}

#[test]
fn faults_about_a_secret_still_say_what_is_wrong() {
    assert_eq!(
        faults::<Login>(json!({"password": 5, "keys": ["a", null], "number": 5, "long": "x"})),
        [
            "`password` must be text, not a number; write it in quotes",
            "`keys[1]` must be text, not null",
            "`long` must have at least 20 characters",
            "`number` must be at most 3",
        ]
    );
    assert_eq!(
        faults::<Login>(json!({"password": "x", "choice": "huntr"})),
        ["`choice` must be one of `hunter`, `gatherer`, not this text"]
    );
}

#[test]
fn no_debug_shows_a_secret() {
    let values = json!({
        "password": HIDDEN, "keys": [HIDDEN], "by_host": {"h": HIDDEN}, "inner": {"token": HIDDEN},
        "choice": "gatherer",
    });
    let config: Login = read(values);
    let printed = format!("{config:?} {config:#?}");
    assert!(!printed.contains(HIDDEN) && !printed.contains("Gatherer"), "{printed}");
    assert_eq!(config.password.expose(), HIDDEN);
    assert_eq!(config.password.clone().into_exposed(), HIDDEN);
}

#[test]
fn no_parameter_shows_a_secret() {
    #[derive(Config, Debug)]
    #[allow(dead_code)]
    struct Shared {
        #[config(default = Login2 { user: "ada".into(), password: Secret::new(HIDDEN.into()) })]
        login: Login2,
        #[config(default)]
        keys: Vec<Secret<String>>,
    }
    #[derive(Config, Debug)]
    #[allow(dead_code)]
    struct Login2 {
        user: String,
        password: Secret<String>,
    }
    let parameters = Shared::parameters();
    assert!(parameters.iter().all(|parameter| parameter.holds_secret() && !parameter.required));
    assert!(parameters.iter().all(|parameter| parameter.default.is_none() && !parameter.secret));
    let printed =
        format!("{parameters:?} {} {}", serde_json::to_string(&parameters).unwrap(), Shared::json_schema());
    assert!(!printed.contains(HIDDEN), "{printed}");
    assert_eq!(read::<Shared>(json!({})).login.password.expose(), HIDDEN);
}

#[test]
fn a_schema_marks_secrets() {
    let schema = Login::json_schema();
    let property = |name: &str| schema["properties"][name].clone();
    let password = json!({"title": "Password", "type": "string", "writeOnly": true, "format": "password"});
    assert_eq!(property("password"), password);
    assert_eq!(property("keys")["items"]["writeOnly"], true);
    assert_eq!(property("by_host")["additionalProperties"]["format"], "password");
    assert_eq!(property("inner")["properties"]["token"]["writeOnly"], true);
    assert_eq!(property("inner")["properties"]["other"].get("writeOnly"), None::<&Value>);
    assert_eq!(property("plain")["writeOnly"], true);
}
