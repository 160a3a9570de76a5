//! Variables in an operator's values.

use std::collections::BTreeMap;

use flexconnect_core::config::interpolate;
use flexconnect_core::{Config, Secret};
use serde_json::{Value, json};

use super::read;

fn lookup(name: &str) -> Option<String> {
    let known = [
        ("TOKEN", "12345"),
        ("PORT", "8080"),
        ("EMPTY", ""),
        ("TLS", "true"),
        ("NESTED", "${TOKEN}"),
        ("_a1", "x"),
    ];
    known.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

fn replaced(mut value: Value) -> Value {
    interpolate(&mut value, &[], lookup).unwrap();
    value
}

fn refused(mut value: Value) -> String {
    interpolate(&mut value, &[], lookup).unwrap_err().to_string()
}

#[test]
fn variables_are_put_in() {
    assert_eq!(replaced(json!("a ${PORT}-${_a1} b")), json!("a 8080-x b"));
    assert_eq!(
        replaced(json!({"a": ["${PORT}", 1, null, {"b": "${EMPTY}"}]})),
        json!({"a": ["8080", 1, null, {"b": ""}]})
    );
    assert_eq!(replaced(json!("${UNSET:-fall ${PORT}")), json!("fall ${PORT"));
    assert_eq!(replaced(json!("${UNSET:-}|${EMPTY:-e}|${PORT:-1}")), json!("|e|8080"));
    assert_eq!(replaced(json!({"${PORT}": 1})), json!({"${PORT}": 1}));
}

#[test]
fn dollars_are_escaped_and_nothing_is_looked_at_twice() {
    assert_eq!(replaced(json!("$${PORT} $5 $$ {a} $${")), json!("${PORT} $5 $$ {a} ${"));
    assert_eq!(replaced(json!("${NESTED}")), json!("${TOKEN}"));
    assert_eq!(replaced(json!("$$${PORT}")), json!("$${PORT}"));
}

#[test]
fn faults_name_the_variable_and_the_place_and_quote_nothing() {
    let values = json!({"a": "secret ${NOPE} ${NOR}", "b": ["secret ${", "secret ${a b}", "secret ${}"]});
    assert_eq!(
        refused(values),
        "wrong configuration, 5 faults:\n\
         - `a` needs the variable `NOPE`, which is not set: set it, or write `${NOPE:-default}`\n\
         - `a` needs the variable `NOR`, which is not set: set it, or write `${NOR:-default}`\n\
         - `b[0]` has a `${` without its `}`: close it, or write `$${` for the characters `${`\n\
         - `b[1]` has a `${..}` that does not hold the name of a variable: write `${NAME}` or `${NAME:-default}`, or `$${` for the characters `${`\n\
         - `b[2]` has a `${..}` that does not hold the name of a variable: write `${NAME}` or `${NAME:-default}`, or `$${` for the characters `${`"
    );
}

#[test]
fn variables_become_what_the_parameters_want() {
    #[derive(Config, Debug)]
    struct Service {
        token: Secret<String>,
        port: u16,
        tls: Option<bool>,
        ports: Vec<u16>,
        limits: BTreeMap<String, f64>,
        inner: Inner,
    }
    #[derive(Config, Debug)]
    struct Inner {
        #[config(alias = "harbour")]
        port: u16,
        name: String,
    }
    let mut values = json!({
        "token": "${TOKEN}", "port": "${PORT}", "tls": "${TLS}", "ports": ["${PORT}", 1], "limits": {"a": "${TOKEN}"},
        "inner": {"harbour": "${PORT}", "name": "${PORT}"},
    });
    interpolate(&mut values, &Service::parameters(), lookup).unwrap();
    let service: Service = read(values);
    assert_eq!(service.token.expose(), "12345");
    assert_eq!((service.port, service.tls, service.ports), (8080, Some(true), vec![8080, 1]));
    assert_eq!(
        (service.limits["a"], service.inner.port, service.inner.name.as_str()),
        (12345.0, 8080, "8080")
    );
}

#[test]
fn reading_a_configuration_puts_nothing_in() {
    #[derive(Config, Debug)]
    struct Text {
        text: String,
    }
    assert_eq!(read::<Text>(json!({"text": "${HOME}"})).text, "${HOME}");
}
