//! The comparison itself, over small descriptors of our own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use flexconnect_core::{ByteSize, Config, Secret};
use serde_json::{Value, json};

use crate::support::compare::differences;
use crate::support::descriptor::{parameter_sets, params};

#[derive(Config)]
struct Shop {
    /// Where the shop is.
    #[config(placeholder = "https://shop.example.com")]
    url: String,
    #[config(section = "Orders", default = [State::Open])]
    states: Vec<State>,
    #[config(section = "Orders", default = 50, min = 1, max = 500)]
    page: i64,
    #[config(section = "Orders", dynamic_choices(url))]
    branch: Option<String>,
    #[config(default)]
    headers: BTreeMap<String, String>,
    #[config(default)]
    columns: Vec<Column>,
}

#[derive(Config)]
enum State {
    Open,
    #[config(label = "Paid for")]
    Paid,
}

#[derive(Config)]
struct Column {
    name: String,
    #[config(visible_when(name), default = 0.5, min = 0, max = 1)]
    share: f64,
}

#[test]
fn a_form_is_described() {
    assert_eq!(
        Value::from(params(&Shop::parameters())),
        json!([
            {"name": "url", "label": "Url", "type": "STRING", "description": "Where the shop is.",
             "mandatory": true},
            {"type": "SEPARATOR", "label": "Orders"},
            {"name": "states", "label": "States", "type": "MULTISELECT", "defaultValue": ["open"],
             "selectChoices": [{"value": "open", "label": "Open"}, {"value": "paid", "label": "Paid for"}]},
            {"name": "page", "label": "Page", "type": "INT", "defaultValue": 50, "minI": 1, "maxI": 500},
            {"name": "branch", "label": "Branch", "type": "SELECT", "getChoicesFromPython": true,
             "triggerParameters": ["url"]},
            {"name": "headers", "label": "Headers", "type": "KEY_VALUE_LIST", "defaultValue": []},
            {"name": "columns", "label": "Columns", "type": "OBJECT_LIST", "defaultValue": [], "subParams": [
                {"name": "name", "label": "Name", "type": "STRING", "mandatory": true},
                {"name": "share", "label": "Share", "type": "DOUBLE", "defaultValue": 0.5, "minD": 0.0,
                 "maxD": 1.0, "visibilityCondition": "model.name"},
            ]},
        ])
    );
}

#[derive(Config)]
struct Login {
    #[config(flatten)]
    auth: Auth,
    #[config(default = "30s")]
    timeout: Duration,
    buffer: Option<ByteSize>,
    #[config(default = [("b", "1"), ("a", "2")])]
    headers: Vec<(String, String)>,
    tags: Option<BTreeSet<String>>,
    numbers: Option<Vec<i64>>,
}

#[derive(Config)]
#[config(tag = "auth", section = "Login")]
enum Auth {
    #[config(default)]
    None,
    User {
        user: String,
        password: Option<Secret<String>>,
    },
    Server(Server),
}

#[derive(Config)]
struct Server {
    preset: Option<Shared>,
    #[config(visible_when(preset))]
    note: Option<String>,
}

#[derive(Config)]
#[config(preset = "shared-server")]
struct Shared {
    host: String,
}

#[test]
fn variants_are_a_choice_and_what_it_shows() {
    let is = |name: &str| json!(format!("model.auth == '{name}'"));
    assert_eq!(
        Value::from(params(&Login::parameters())),
        json!([
            {"type": "SEPARATOR", "label": "Login"},
            {"name": "auth", "label": "Auth", "type": "SELECT", "defaultValue": "none", "selectChoices": [
                {"value": "none", "label": "None"}, {"value": "user", "label": "User"},
                {"value": "server", "label": "Server"},
            ]},
            {"name": "user", "label": "User", "type": "STRING", "mandatory": true, "visibilityCondition": is("user")},
            {"name": "password", "label": "Password", "type": "PASSWORD", "visibilityCondition": is("user")},
            {"name": "preset", "label": "Preset", "type": "PRESET", "visibilityCondition": is("server"),
             "parameterSetId": "shared-server"},
            {"name": "note", "label": "Note", "type": "STRING",
             "visibilityCondition": "model.auth == 'server' && model.preset && model.preset.mode != 'NONE'"},
            {"name": "timeout", "label": "Timeout", "type": "STRING", "defaultValue": "30s"},
            {"name": "buffer", "label": "Buffer", "type": "STRING"},
            {"name": "headers", "label": "Headers", "type": "KEY_VALUE_LIST",
             "defaultValue": [{"from": "b", "to": "1"}, {"from": "a", "to": "2"}]},
            {"name": "tags", "label": "Tags", "type": "STRINGS", "allowDuplicates": false},
            {"name": "numbers", "label": "Numbers", "type": "INTS"},
        ])
    );
}

#[test]
fn what_presets_are_made_of_is_a_set() {
    let sets = parameter_sets(&Login::parameters());
    assert_eq!(sets.keys().collect::<Vec<_>>(), ["shared-server"]);
    assert_eq!(
        Value::from(sets["shared-server"].clone()),
        json!([{"name": "host", "label": "Host", "type": "STRING", "mandatory": true}])
    );
}

#[test]
fn whether_a_value_is_given_depends_on_its_kind() {
    #[derive(Config)]
    struct Given {
        list: Option<Vec<String>>,
        number: Option<i64>,
        #[config(visible_when(list), rename = "a")]
        of_list: Option<String>,
        #[config(visible_when(number), rename = "b")]
        of_number: Option<String>,
    }
    let params = params(&Given::parameters());
    assert_eq!(params[2]["visibilityCondition"], "model.list && model.list.length > 0");
    assert_eq!(params[3]["visibilityCondition"], "model.number != null");
}

#[test]
fn a_separator_is_shown_with_its_section() {
    #[derive(Config)]
    struct Advanced {
        #[config(default = false)]
        advanced: bool,
        #[config(section = "Advanced", visible_when(advanced = true))]
        a: Option<String>,
        #[config(section = "Advanced", visible_when(advanced = true))]
        b: Option<String>,
        #[config(section = "Other", visible_when(advanced = false))]
        c: Option<String>,
        #[config(section = "Other")]
        d: Option<String>,
    }
    let params = params(&Advanced::parameters());
    assert_eq!(
        params[1],
        json!({"type": "SEPARATOR", "label": "Advanced", "visibilityCondition": "model.advanced"})
    );
    assert_eq!(params[4], json!({"type": "SEPARATOR", "label": "Other"}));
    assert_eq!(params[5]["visibilityCondition"], "!model.advanced");
}

#[test]
fn every_difference_is_found() {
    let ours = json!([
        {"name": "a", "type": "STRING", "label": "A", "defaultValue": "x"},
        {"name": "b", "type": "INT", "label": "B", "minI": 1, "mandatory": true},
        {"type": "SEPARATOR", "label": "Own"},
        {"name": "c", "type": "OBJECT_LIST", "label": "C", "subParams": [{"name": "d", "type": "INT"}]},
        {"name": "e", "type": "STRING", "visibilityCondition": "model.a == 'x'"},
    ]);
    let theirs = json!([
        {"name": "b", "type": "DOUBLE", "label": "B", "mandatory": false},
        {"name": "a", "type": "STRING", "label": "a", "description": "Help", "canSelectForeign": true},
        {"name": "c", "type": "OBJECT_LIST", "label": "C", "subParams": [{"name": "d", "type": "STRING"}]},
        {"name": "e", "type": "STRING", "visibilityCondition": "(model.a==='x')", "defaultValue": ""},
        {"name": "e", "type": "STRING"},
    ]);
    assert_eq!(
        differences(ours.as_array().unwrap(), theirs.as_array().unwrap()),
        [
            "b.type: \"INT\", not \"DOUBLE\"",
            "b.mandatory: true, not null",
            "b.minI: 1, not null",
            "a.label: \"A\", not \"a\"",
            "a.description: null, not \"Help\"",
            "a.defaultValue: \"x\", not null",
            "c.d.type: \"INT\", not \"STRING\"",
            "e#2: missing",
            "--Own: only ours",
            "order: `a` where theirs has `b`",
        ]
    );
    assert!(differences(ours.as_array().unwrap(), ours.as_array().unwrap()).is_empty());
}
