//! Presets: values an operator provides under a name, and nobody else sees.

use flexconnect_core::config::Provided;
use flexconnect_core::{Config, Secret};
use serde_json::{Map, Value, json};

use super::read;

#[derive(Config, Debug)]
#[config(preset = "server")]
struct Server {
    host: String,
    #[config(default = 443)]
    port: u16,
    token: Option<Secret<String>>,
}

#[derive(Config, Debug)]
#[config(preset = "proxy")]
struct Proxy {
    through: Server,
}

#[derive(Config, Debug)]
struct Copy {
    from: Server,
    to: Option<Server>,
    #[config(default)]
    more: Vec<Server>,
    proxy: Option<Proxy>,
}

fn members(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn provided() -> Provided {
    Provided::new()
        .with_preset("server", "production", members(json!({"host": "p", "token": "hunter2"})))
        .with_preset("server", "test", members(json!({"host": "t", "port": 80})))
        .with_preset("server", "broken", members(json!({"host": "hunter2", "port": "hunter2", "hst": 1})))
        .with_preset("proxy", "office", members(json!({"through": "test"})))
}

fn faults(values: Value) -> String {
    Copy::parse_with(values.as_object().unwrap(), &provided()).unwrap_err().to_string()
}

#[test]
fn a_preset_is_given_inline_or_by_name() {
    let values = json!({"from": "production", "to": {"host": "h"}, "more": ["test", {"host": "i"}], "proxy": "office"});
    let copy = Copy::parse_with(values.as_object().unwrap(), &provided()).unwrap();
    assert_eq!((copy.from.host.as_str(), copy.from.port), ("p", 443));
    assert_eq!(copy.from.token.unwrap().expose(), "hunter2");
    assert_eq!(copy.to.unwrap().host, "h");
    assert_eq!((copy.more[0].port, copy.more[1].host.as_str()), (80, "i"));
    assert_eq!(copy.proxy.unwrap().through.host, "t");
    // Without an operator, inline only.
    assert_eq!(read::<Copy>(json!({"from": {"host": "h"}})).from.host, "h");
}

#[test]
fn a_name_nobody_knows_is_a_fault() {
    assert_eq!(
        faults(json!({"from": "prodction", "proxy": "offce"})),
        "wrong configuration, 2 faults:\n\
         - `from` names no preset of `server`: there are `broken`, `production`, `test`, or write an object\n\
         - `proxy` names no preset of `proxy`: there is `office`, or write an object"
    );
    let values = json!({"from": "hunter2"});
    assert_eq!(
        Copy::parse(values.as_object().unwrap()).unwrap_err().to_string(),
        "wrong configuration: `from` names no preset of `server`: there is none, write an object"
    );
    assert_eq!(
        faults(json!({"from": 5})),
        "wrong configuration: `from` must be an object or the name of a preset, not a number"
    );
}

#[test]
fn faults_of_a_preset_do_not_show_it() {
    let told = faults(json!({"from": "broken"}));
    assert_eq!(
        told,
        "wrong configuration, 2 faults:\n\
         - `from.hst` is not a parameter; did you mean `host`?\n\
         - `from.port` must be an integer, not this text"
    );
    assert!(!format!("{:?}", provided()).contains("hunter2"));
}

#[test]
fn values_of_the_operator_are_not_quoted() {
    #[derive(Config, Debug)]
    #[allow(dead_code)]
    struct Page {
        #[config(max = 5, alias = "limit")]
        size: u32,
        kind: Kind,
        #[config(min_len = 9)]
        name: String,
    }
    #[derive(Config, Debug)]
    enum Kind {
        All,
    }
    let values = json!({"size": 777, "kind": "hunter2", "name": "hunter2"});
    let told = |hidden: &[&str]| {
        let provided = Provided::new().with_hidden(hidden.iter().copied());
        Page::parse_with(values.as_object().unwrap(), &provided).unwrap_err().to_string()
    };
    assert_eq!(
        told(&["size", "kind", "name"]),
        "wrong configuration, 3 faults:\n\
         - `size` must be at most 5\n\
         - `kind` must be one of `all`, not this text\n\
         - `name` must have at least 9 characters"
    );
    assert!(told(&["size"]).contains("hunter2") && !told(&["size"]).contains("777"));
}

#[test]
fn a_name_is_suggested_where_it_cannot_be_a_secret() {
    #[derive(Config, Debug)]
    #[config(preset = "place")]
    #[allow(dead_code)]
    struct Place {
        folder: String,
    }
    #[derive(Config, Debug)]
    #[allow(dead_code)]
    struct Files {
        place: Place,
    }
    let folder = members(json!({"folder": "f"}));
    let provided =
        Provided::new().with_preset("place", "inbox", folder.clone()).with_preset("place", "outbox", folder);
    let values = json!({"place": "inbx"});
    assert_eq!(
        Files::parse_with(values.as_object().unwrap(), &provided).unwrap_err().to_string(),
        "wrong configuration: `place` names no preset of `place`: did you mean `inbox`?"
    );
}
