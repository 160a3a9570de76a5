//! Parameters that apply only sometimes, and how forms and schemas are told.

use std::collections::BTreeMap;

use flexconnect_core::config::ParameterKind;
use flexconnect_core::{Config, Secret};
use serde_json::{Value, json};

use super::{faults, read};

#[derive(Config, Debug, Clone, Copy, Default, PartialEq)]
enum Login {
    #[default]
    None,
    #[config(alias = "password")]
    Basic,
    Ntlm,
    Token,
}

#[derive(Config, Debug)]
struct Service {
    /// Stands after what it depends on in a form, and before it here.
    #[config(visible_when(login = [Login::Basic, Login::Ntlm]), required, min_len = 2)]
    user: Option<String>,
    #[config(default)]
    login: Login,
    #[config(visible_when(login = Login::Token), required)]
    token: Option<Secret<String>>,
    #[config(default = false)]
    proxied: bool,
    #[config(visible_when(proxied), required)]
    proxy: Option<String>,
    #[config(visible_when(proxied = true, login = Login::Ntlm), default = 3, max = 5)]
    attempts: u8,
    #[config(visible_when(proxy), default = "none")]
    tunnel: String,
    #[config(visible_when(tunnel = "tls"))]
    depth: Option<u32>,
    #[config(visible_when(attempts = 2))]
    pause: Option<u32>,
}

#[test]
fn what_does_not_apply_is_neither_required_nor_checked_nor_used() {
    let service: Service = read(json!({
        "user": 5, "token": [], "proxy": {}, "attempts": 99, "tunnel": 7, "depth": "x", "pause": null,
    }));
    assert_eq!(service.login, Login::None);
    assert!(service.user.is_none() && service.token.is_none() && service.proxy.is_none());
    assert!(!service.proxied);
    assert_eq!((service.attempts, service.tunnel.as_str(), service.depth), (3, "none", None));
    assert_eq!(service.pause, None);
}

#[test]
fn what_applies_is_required_and_checked() {
    assert_eq!(
        faults::<Service>(json!({"login": "basic", "proxied": true})),
        [
            "`user` is required while `login` is `basic` or `ntlm`: add it as text",
            "`proxy` is required while `proxied` is given: add it as text",
        ]
    );
    assert_eq!(
        faults::<Service>(json!({"login": "token"})),
        ["`token` is required while `login` is `token`: add it as text"]
    );
    assert_eq!(
        faults::<Service>(
            json!({"login": "ntlm", "user": "x", "proxied": true, "proxy": "p", "attempts": 6})
        ),
        ["`user` must have at least 2 characters, not 1", "`attempts` must be at most 5, not 6"]
    );
    let service: Service = read(json!({
        "login": "password", "user": "ada", "proxied": true, "proxy": "p", "tunnel": "tls", "depth": 4,
        "attempts": 99,
    }));
    assert_eq!((service.user.as_deref(), service.proxy.as_deref()), (Some("ada"), Some("p")));
    assert_eq!((service.tunnel.as_str(), service.depth, service.attempts), ("tls", Some(4), 3));
}

#[test]
fn a_null_is_no_value_where_one_is_required() {
    assert_eq!(
        faults::<Service>(json!({"login": "basic", "user": null})),
        ["`user` is required while `login` is `basic` or `ntlm`: add it as text"]
    );
}

#[test]
fn a_wrong_value_causes_no_faults_in_what_depends_on_it() {
    assert_eq!(
        faults::<Service>(json!({"login": "basc"})),
        [
            "`login` must be one of `none`, `basic`, `ntlm`, `token`, not the text \"basc\"; did you mean `basic`?"
        ]
    );
    // What is given is read all the same, so that all faults come at once.
    assert_eq!(faults::<Service>(json!({"login": "basc", "user": 5})).len(), 2);
}

#[test]
fn a_secret_that_is_given_is_given() {
    #[derive(Config, Debug)]
    struct Signed {
        key: Option<Secret<String>>,
        #[config(visible_when(key), required)]
        key_id: Option<String>,
    }
    assert!(read::<Signed>(json!({"key_id": "x"})).key_id.is_none());
    let signed: Signed = read(json!({"key": "k", "key_id": "x"}));
    assert_eq!((signed.key.unwrap().expose().as_str(), signed.key_id.as_deref()), ("k", Some("x")));
    assert_eq!(
        faults::<Signed>(json!({"key": "k"})),
        ["`key_id` is required while `key` is given: add it as text"]
    );
}

#[test]
fn conditions_reach_forms() {
    let parameters = serde_json::to_value(Service::parameters()).unwrap();
    assert_eq!(
        parameters[0],
        json!({"name": "user", "label": "User", "kind": "text", "required": true, "min_len": 2,
               "help": "Stands after what it depends on in a form, and before it here.",
               "visible_when": [{"parameter": "login", "values": ["basic", "ntlm"]}]})
    );
    assert_eq!(parameters[4]["visible_when"], json!([{"parameter": "proxied"}]));
    assert_eq!(
        parameters[5]["visible_when"],
        json!([{"parameter": "proxied", "values": [true]}, {"parameter": "login", "values": ["ntlm"]}])
    );
    assert_eq!((&parameters[5]["required"], &parameters[5]["default"]), (&json!(false), &json!(3)));
}

#[test]
fn conditions_reach_the_schema() {
    let schema = Service::json_schema();
    assert_eq!(schema.get("required"), None::<&Value>);
    let given = json!({"not": {"enum": [null, false, "", [], {}]}});
    assert_eq!(
        schema["allOf"],
        json!([
            {"if": {"allOf": [{"properties": {"login": {"enum": ["basic", "ntlm"]}}, "required": ["login"]}]},
             "then": {"required": ["user"]}},
            {"if": {"allOf": [{"properties": {"login": {"const": "token"}}, "required": ["login"]}]},
             "then": {"required": ["token"]}},
            {"if": {"allOf": [{"properties": {"proxied": given}, "required": ["proxied"]}]},
             "then": {"required": ["proxy"]}},
        ])
    );
    assert_eq!(
        schema["properties"]["depth"]["x-visible-when"],
        json!([{"parameter": "tunnel", "values": ["tls"]}])
    );

    #[derive(Config, Debug)]
    #[allow(dead_code)]
    struct On {
        #[config(default = true)]
        on: bool,
        #[config(visible_when(on = true), required)]
        what: Option<String>,
    }
    // The default meets the condition: so does an absent value.
    assert_eq!(
        On::json_schema()["allOf"],
        json!([{"if": {"allOf": [{"properties": {"on": {"const": true}}}]}, "then": {"required": ["what"]}}])
    );
}

#[test]
fn attributes_for_forms_reach_them() {
    #[derive(Config, Debug)]
    #[allow(dead_code)]
    struct Form {
        #[config(multiline)]
        query: String,
        #[config(default = -1, hidden)]
        limit: i64,
        #[config(dynamic_choices(query, limit))]
        table: String,
        #[config(default, dynamic_choices)]
        columns: Vec<String>,
        #[config(deprecated = "use `table`")]
        tables: Option<Vec<String>>,
        #[config(default = 5, rename = "Size")]
        size: u8,
        #[config(dynamic_choices(size))]
        other: Option<u64>,
    }
    let schema = &Form::json_schema()["properties"];
    assert_eq!(schema["query"], json!({"title": "Query", "type": "string", "x-multiline": true}));
    assert_eq!(
        schema["limit"],
        json!({"title": "Limit", "type": "integer", "default": -1, "x-hidden": true})
    );
    assert_eq!(
        schema["table"],
        json!({"title": "Table", "type": "string", "x-dynamic-choices": true, "x-depends-on": ["query", "limit"]})
    );
    assert_eq!(schema["columns"]["x-dynamic-choices"], true);
    assert_eq!(schema["tables"]["deprecated"], true);
    assert_eq!(schema["tables"]["x-deprecated"], "use `table`");
    let parameters = serde_json::to_value(Form::parameters()).unwrap();
    assert_eq!((&parameters[0]["multiline"], &parameters[1]["hidden"]), (&json!(true), &json!(true)));
    assert_eq!(parameters[2]["depends_on"], json!(["query", "limit"]));
    assert_eq!(parameters[4]["deprecated"], "use `table`");
    assert_eq!(parameters[6]["depends_on"], json!(["Size"]));
    // Choices are offered, not enforced.
    assert_eq!(read::<Form>(json!({"query": "q", "table": "anything"})).table, "anything");
}

#[test]
fn every_parameter_that_takes_presets_says_of_which_set() {
    #[derive(Config, Debug)]
    #[config(preset = "server")]
    #[allow(dead_code)]
    struct Server {
        host: String,
    }
    #[derive(Config, Debug)]
    #[allow(dead_code)]
    struct Copy {
        from: Server,
        to: Option<Server>,
        more: BTreeMap<String, Server>,
    }
    let parameters = Copy::parameters();
    assert_eq!(parameters[0].preset.as_deref(), Some("server"));
    assert_eq!(parameters[1].preset.as_deref(), Some("server"));
    assert!(
        matches!(&parameters[2].kind, ParameterKind::Map { values } if values.preset.as_deref() == Some("server"))
    );
    assert_eq!(Copy::json_schema()["properties"]["from"]["x-preset"], "server");
}

#[derive(Config, Debug)]
#[config(tag = "auth_type", rename_all = "kebab-case", section = "Login", section_help = "Who reads.")]
enum Auth {
    #[config(default)]
    Nobody,
    UserAndPassword {
        user: String,
    },
    Token(Token),
}

#[derive(Config, Debug)]
struct Token {
    token: Secret<String>,
}

#[derive(Config, Debug)]
struct Guarded {
    #[config(flatten)]
    auth: Auth,
    #[config(visible_when(auth = Auth::Token), required)]
    scope: Option<String>,
    #[config(visible_when(not(auth = [Auth::Nobody, Auth::Token])), default = 3)]
    attempts: u8,
    #[config(default)]
    proxies: Vec<String>,
    #[config(visible_when(not(proxies, attempts = 5)), default = 1)]
    direct: u8,
}

#[test]
fn a_flattened_enum_is_named_by_its_variants() {
    let guarded: Guarded = read(json!({ "attempts": 9, "scope": 5, "direct": 2 }));
    assert_eq!((guarded.attempts, guarded.scope, guarded.direct), (3, None, 2));
    let guarded: Guarded = read(json!({ "auth_type": "user-and-password", "user": "u", "attempts": 9 }));
    assert_eq!(guarded.attempts, 9);
    assert_eq!(
        faults::<Guarded>(json!({ "auth_type": "token", "token": "t", "attempts": "x" })),
        ["`scope` is required while `auth_type` is `token`: add it as text"]
    );
    // What it depends on has its fault already.
    assert_eq!(faults::<Guarded>(json!({ "auth_type": "tken" })).len(), 1);
}

#[test]
fn what_must_not_be_is_told_too() {
    let guarded: Guarded = read(json!({ "proxies": ["p"], "direct": "ignored" }));
    assert_eq!(guarded.direct, 1);
    let guarded: Guarded =
        read(json!({ "auth_type": "user-and-password", "user": "u", "attempts": 5, "direct": [] }));
    assert_eq!(guarded.direct, 1);

    let parameters = Guarded::parameters();
    let find = |name: &str| parameters.iter().find(|one| one.name == name).unwrap();
    let attempts = &find("attempts").visible_when[0];
    assert_eq!(attempts.to_string(), "`auth_type` is not `nobody` or `token`");
    assert_eq!(
        serde_json::to_value(attempts).unwrap(),
        json!({ "parameter": "auth_type", "values": ["nobody", "token"], "negated": true })
    );
    let direct: Vec<_> = find("direct").visible_when.iter().map(ToString::to_string).collect();
    assert_eq!(direct, ["`proxies` is not given", "`attempts` is not `5`"]);
    assert_eq!(find("auth_type").section_help.as_deref(), Some("Who reads."));
    assert!(find("user").section_help.is_none(), "the first parameter of a section says it");
    let schema = Guarded::json_schema();
    assert_eq!(schema["properties"]["auth_type"]["x-section-help"], "Who reads.");
}

#[test]
fn a_schema_knows_what_must_not_be() {
    #[derive(Config)]
    struct Plan {
        #[config(default)]
        login: Login,
        #[config(visible_when(not(login = Login::None)), required)]
        user: Option<String>,
        #[config(visible_when(not(login = Login::Token)), required)]
        host: Option<String>,
    }
    let _ = |plan: Plan| (plan.login, plan.user, plan.host);
    assert_eq!(
        Plan::json_schema()["allOf"],
        json!([
            {
                "if": { "allOf": [{ "properties": { "login": { "not": { "const": "none" } } }, "required": ["login"] }] },
                "then": { "required": ["user"] },
            },
            {
                "if": { "allOf": [{ "properties": { "login": { "not": { "const": "token" } } } }] },
                "then": { "required": ["host"] },
            },
        ])
    );
}
