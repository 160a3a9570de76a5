//! Enums with data, and structs whose parameters stand among those of another.

use flexconnect_core::{Config, Secret};
use serde_json::{Value, json};

use super::{faults, read};

#[derive(Config, Debug, PartialEq)]
enum Auth {
    None,
    /// A user's own name.
    #[config(label = "User and password", alias = "login")]
    Basic {
        #[config(min_len = 1)]
        user: String,
        #[config(default = false)]
        ntlm: bool,
        /// The Windows domain.
        #[config(visible_when(ntlm = true), required)]
        domain: Option<String>,
    },
    Token(Token),
}

#[derive(Config, Debug, PartialEq)]
struct Token {
    header: Option<String>,
    #[config(default = 3, max = 9)]
    attempts: u8,
}

#[derive(Config, Debug)]
struct Nested {
    url: String,
    #[config(default = Auth::None)]
    auth: Auth,
}

fn basic(user: &str) -> Auth {
    Auth::Basic { user: user.into(), ntlm: false, domain: None }
}

#[test]
fn the_tag_decides_which_parameters_there_are() {
    let auth = |value: Value| read::<Nested>(json!({"url": "u", "auth": value})).auth;
    assert_eq!(auth(json!(null)), Auth::None);
    assert_eq!(auth(json!({"type": "none"})), Auth::None);
    assert_eq!(auth(json!({"type": "basic", "user": "ada"})), basic("ada"));
    assert_eq!(auth(json!({"type": "login", "user": "ada", "domain": 5})), basic("ada"));
    assert_eq!(
        auth(json!({"type": "token", "attempts": 4})),
        Auth::Token(Token { header: None, attempts: 4 })
    );
    // What was typed for another variant is left alone.
    assert_eq!(auth(json!({"type": "none", "user": 5, "attempts": "x"})), Auth::None);
}

#[test]
fn faults_are_those_of_the_variant() {
    let auth = |value: Value| faults::<Nested>(json!({"url": "u", "auth": value}));
    assert_eq!(
        auth(json!({"type": "basic", "user": "", "ntlm": true, "attempts": 99})),
        ["`auth.user` must not be empty", "`auth.domain` is required while `ntlm` is `true`: add it as text",]
    );
    assert_eq!(auth(json!({"type": "token", "attempts": 10})), ["`auth.attempts` must be at most 9, not 10"]);
    assert_eq!(
        auth(json!({"type": "tokn", "usr": 1})),
        [
            "`auth.usr` is not a parameter; did you mean `user`?",
            "`auth.type` must be one of `none`, `basic`, `token`, not the text \"tokn\"; did you mean `token`?",
        ]
    );
    assert_eq!(auth(json!({})), ["`auth.type` is required: add it as one of `none`, `basic`, `token`"]);
    assert_eq!(auth(json!("none")), ["`auth` must be an object, not the text \"none\""]);
}

#[test]
fn a_form_sees_a_choice_and_what_it_shows() {
    let parameters = serde_json::to_value(Nested::parameters()).unwrap();
    let basic = json!({"parameter": "type", "values": ["basic"]});
    let token = json!({"parameter": "type", "values": ["token"]});
    assert_eq!(
        parameters[1],
        json!({
            "name": "auth", "label": "Auth", "kind": "object", "default": {"type": "none"}, "required": false,
            "parameters": [
                {"name": "type", "label": "Type", "kind": "choice", "required": true, "choices": [
                    {"value": "none", "label": "None"},
                    {"value": "basic", "label": "User and password", "help": "A user's own name."},
                    {"value": "token", "label": "Token"},
                ]},
                {"name": "user", "label": "User", "kind": "text", "required": true, "min_len": 1,
                 "visible_when": [basic]},
                {"name": "ntlm", "label": "Ntlm", "kind": "boolean", "default": false, "required": false,
                 "visible_when": [basic]},
                {"name": "domain", "label": "Domain", "help": "The Windows domain.", "kind": "text",
                 "required": true, "visible_when": [basic, {"parameter": "ntlm", "values": [true]}]},
                {"name": "header", "label": "Header", "kind": "text", "default": null, "required": false,
                 "visible_when": [token]},
                {"name": "attempts", "label": "Attempts", "kind": "integer", "default": 3, "required": false,
                 "minimum": 0, "maximum": 9, "visible_when": [token]},
            ],
        })
    );
    let schema = &Nested::json_schema()["properties"]["auth"];
    assert_eq!(schema["required"], json!(["type"]));
    let is = |name: &str| json!({"properties": {"type": {"const": name}}, "required": ["type"]});
    assert_eq!(schema["allOf"][0], json!({"if": {"allOf": [is("basic")]}, "then": {"required": ["user"]}}));
    assert_eq!(schema["properties"]["type"]["oneOf"][1]["title"], "User and password");
}

#[derive(Config, Debug)]
#[config(tag = "auth_type", section = "Login", label = "Authentication")]
enum Flat {
    #[config(default)]
    None,
    Key {
        key: Secret<String>,
        #[config(default = "header")]
        place: Place,
    },
    User {
        name: String,
        #[config(section = "Rest")]
        place: Option<u8>,
    },
}

#[derive(Debug, Clone, PartialEq)]
struct Place(String);

impl From<&str> for Place {
    fn from(text: &str) -> Self {
        Place(text.to_owned())
    }
}

impl flexconnect_core::config::ConfigValue for Place {
    fn parameter() -> flexconnect_core::Parameter {
        String::parameter()
    }

    fn read(
        input: flexconnect_core::config::Input<'_>,
        faults: &mut flexconnect_core::config::Faults,
    ) -> Option<Self> {
        String::read(input, faults).map(Place)
    }

    fn to_json(&self) -> Value {
        self.0.clone().into()
    }
}

#[derive(Config, Debug)]
struct Paging {
    #[config(default = 100, min = 1)]
    page_size: u32,
    #[config(section = "Own")]
    cursor: Option<String>,
}

#[derive(Config, Debug)]
struct Rest {
    url: String,
    #[config(flatten)]
    auth: Flat,
    #[config(flatten, section = "Pages")]
    paging: Paging,
    trace: Option<bool>,
}

#[test]
fn flattened_parameters_stand_among_the_others() {
    let rest: Rest = read(json!({"url": "u"}));
    assert!(matches!(rest.auth, Flat::None));
    assert_eq!((rest.paging.page_size, rest.paging.cursor, rest.trace), (100, None, None));
    let rest: Rest = read(json!({"url": "u", "auth_type": "key", "key": "k", "page_size": 5, "name": 7}));
    assert!(matches!(&rest.auth, Flat::Key { key, place } if key.expose() == "k" && place.0 == "header"));
    assert_eq!((rest.url.as_str(), rest.paging.page_size), ("u", 5));
    let rest: Rest = read(json!({"url": "u", "auth_type": "user", "name": "ada", "place": 3}));
    assert!(matches!(rest.auth, Flat::User { name, place: Some(3) } if name == "ada"));
    assert_eq!(
        faults::<Rest>(json!({"auth_type": "user", "page_size": 0, "page_sice": 1})),
        [
            "`page_sice` is not a parameter; did you mean `page_size`?",
            "`url` is required: add it as text",
            "`name` is required: add it as text",
            "`page_size` must be at least 1, not 0",
        ]
    );
    assert_eq!(
        faults::<Rest>(json!({"url": "u", "nothing_like_it": 1})),
        [
            "`nothing_like_it` is not a parameter; there are `url`, `auth_type`, `key`, `place`, `name`, `page_size`, `cursor`, `trace`"
        ]
    );
}

#[test]
fn flattened_parameters_are_those_of_the_form() {
    let parameters = Rest::parameters();
    let told: Vec<_> = parameters.iter().map(|one| (one.name.as_str(), one.section.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("url", None),
            ("auth_type", Some("Login")),
            ("key", Some("Login")),
            ("place", Some("Login")),
            ("name", Some("Login")),
            ("place", Some("Rest")),
            ("page_size", Some("Pages")),
            ("cursor", Some("Own")),
            ("trace", None),
        ]
    );
    assert_eq!(
        (parameters[1].label.as_str(), &parameters[1].default),
        ("Authentication", &Some(json!("none")))
    );
    let schema = Rest::json_schema();
    assert_eq!(schema["required"], json!(["url"]));
    // Two variants with a parameter of one name: its value is that of either.
    let place = &schema["properties"]["place"]["anyOf"];
    assert_eq!((&place[0]["type"], &place[1]["type"]), (&json!("string"), &json!("integer")));
}

#[test]
fn a_whole_configuration_may_be_an_enum() {
    assert_eq!(read::<Auth>(json!({"type": "basic", "user": "ada"})), basic("ada"));
    assert_eq!(faults::<Auth>(json!({"type": "basic"})), ["`user` is required: add it as text"]);
}

#[test]
fn a_flattened_default_is_written_with_its_own() {
    #[derive(Config, Debug)]
    #[allow(dead_code)]
    struct Outer {
        #[config(default = Rest2 { auth: Auth::Token(Token { header: None, attempts: 2 }), size: 4 })]
        rest: Rest2,
    }
    #[derive(Config, Debug)]
    #[allow(dead_code)]
    struct Rest2 {
        #[config(flatten)]
        auth: Auth,
        size: u8,
    }
    assert_eq!(
        Outer::parameters()[0].default,
        Some(json!({"type": "token", "header": null, "attempts": 2, "size": 4}))
    );
}

#[test]
fn variants_may_be_generic_and_hold_secrets() {
    #[derive(Config, Debug)]
    #[allow(dead_code)]
    enum Store<T> {
        Local {
            at: T,
        },
        Remote {
            key: Secret<String>,
            #[config(secret)]
            pin: Option<u32>,
        },
    }
    #[derive(Config, Debug)]
    #[allow(dead_code)]
    struct Outer {
        store: Store<String>,
    }
    let store: Store<String> = read(json!({"type": "local", "at": "here"}));
    assert!(matches!(store, Store::Local { at } if at == "here"));
    assert_eq!(faults::<Outer>(json!({"store": "hunter2"})), ["`store` must be an object, not this text"]);
    assert_eq!(
        faults::<Outer>(json!({"store": {"type": "remote", "key": "k", "pin": "hunter2"}})),
        ["`store.pin` must be an integer, not this text"]
    );
}

#[test]
fn a_large_variant_may_be_boxed() {
    #[derive(Config, Debug)]
    #[config(tag = "kind")]
    enum Source {
        Here,
        There(Box<Token>),
    }
    #[derive(Config, Debug)]
    #[allow(dead_code)]
    struct Outer {
        #[config(flatten)]
        source: Box<Source>,
        token: Option<Box<Token>>,
    }
    let outer: Outer = read(json!({"kind": "there", "attempts": 4, "token": {}}));
    assert!(matches!(*outer.source, Source::There(token) if token.attempts == 4));
    assert_eq!(outer.token.map(|token| token.attempts), Some(3));
    assert!(matches!(*read::<Outer>(json!({"kind": "here"})).source, Source::Here));
    assert_eq!(
        faults::<Outer>(json!({"kind": "there", "attempts": 10})),
        ["`attempts` must be at most 9, not 10"]
    );
    assert_eq!(Box::<Outer>::parameters(), Outer::parameters());
}
