//! What forms and schemas are made of.

use std::collections::BTreeMap;
use std::time::Duration;

use flexconnect_core::config::{ByteSize, ParameterKind};
use flexconnect_core::{Config, Secret};
use serde_json::json;

/// The REST connector of the guide.
#[derive(Config, Debug)]
#[allow(dead_code)]
struct Rest {
    /// Where the service is.
    #[config(label = "Base URL", placeholder = "https://api.example.com", min_len = 1)]
    base_url: String,
    /// How requests
    /// are signed.
    ///
    /// Ask your administrator.
    #[config(default, section = "Login")]
    auth_type: AuthType,
    #[config(section = "Login")]
    auth_token: Option<Secret<String>>,
    /// Rows in one request.
    #[config(default = 100, min = 1, max = 10_000, help = "Rows asked for at once.")]
    page_size: u16,
    #[config(default = "30s", max = "5m", advanced, alias = "time_out")]
    timeout: Duration,
    #[config(default, max_len = 9)]
    headers: BTreeMap<String, String>,
    #[config(default)]
    proxies: Vec<Proxy>,
    #[config(max = "1GiB")]
    buffer: Option<ByteSize>,
}

#[derive(Config, Debug, Default)]
enum AuthType {
    #[default]
    None,
    /// The token in a header.
    #[config(label = "Bearer Token")]
    Bearer,
    ApiKey,
}

#[derive(Config, Debug)]
#[allow(dead_code)]
struct Proxy {
    host: String,
    port: u16,
    #[config(default)]
    tls: bool,
}

#[test]
fn parameters_have_a_stable_json_form() {
    let choices = json!([
        {"value": "none", "label": "None"},
        {"value": "bearer", "label": "Bearer Token", "help": "The token in a header."},
        {"value": "api_key", "label": "Api key"},
    ]);
    let port = json!({"name": "port", "label": "Port", "kind": "integer", "required": true, "minimum": 0, "maximum": 65535});
    assert_eq!(
        serde_json::to_value(Rest::parameters()).unwrap(),
        json!([
            {"name": "base_url", "label": "Base URL", "help": "Where the service is.", "kind": "text",
             "required": true, "min_len": 1, "placeholder": "https://api.example.com"},
            {"name": "auth_type", "label": "Auth type",
             "help": "How requests are signed.\n\nAsk your administrator.", "kind": "choice",
             "default": "none", "required": false, "choices": choices, "section": "Login"},
            {"name": "auth_token", "label": "Auth token", "kind": "text", "required": false, "secret": true,
             "section": "Login"},
            {"name": "page_size", "label": "Page size", "help": "Rows asked for at once.", "kind": "integer",
             "default": 100, "required": false, "minimum": 1, "maximum": 10000},
            {"name": "timeout", "aliases": ["time_out"], "label": "Timeout", "kind": "duration",
             "default": "30s", "required": false, "maximum": "5m", "advanced": true},
            {"name": "headers", "label": "Headers", "kind": "map", "values": {"kind": "text", "required": true},
             "default": {}, "required": false, "max_len": 9},
            {"name": "proxies", "label": "Proxies", "kind": "list",
             "items": {"kind": "object", "required": true, "parameters": [
                 {"name": "host", "label": "Host", "kind": "text", "required": true},
                 port,
                 {"name": "tls", "label": "Tls", "kind": "boolean", "default": false, "required": false},
             ]},
             "default": [], "required": false},
            {"name": "buffer", "label": "Buffer", "kind": "byte_size", "default": null, "required": false,
             "maximum": "1GiB"},
        ])
    );
}

#[test]
fn parameters_become_a_schema() {
    let proxy = json!({
        "type": "object",
        "properties": {
            "host": {"title": "Host", "type": "string"},
            "port": {"title": "Port", "type": "integer", "minimum": 0, "maximum": 65535},
            "tls": {"title": "Tls", "type": "boolean", "default": false},
        },
        "required": ["host", "port"],
        "additionalProperties": false,
    });
    let properties = json!({
        "base_url": {"title": "Base URL", "description": "Where the service is.", "type": "string",
                     "minLength": 1, "examples": ["https://api.example.com"]},
        "auth_type": {"title": "Auth type", "description": "How requests are signed.\n\nAsk your administrator.",
                      "type": "string", "default": "none", "x-section": "Login", "oneOf": [
                          {"const": "none", "title": "None"},
                          {"const": "bearer", "title": "Bearer Token", "description": "The token in a header."},
                          {"const": "api_key", "title": "Api key"},
                      ]},
        "auth_token": {"title": "Auth token", "type": "string", "writeOnly": true, "format": "password",
                       "x-section": "Login"},
        "page_size": {"title": "Page size", "description": "Rows asked for at once.", "type": "integer",
                      "minimum": 1, "maximum": 10000, "default": 100},
        "timeout": {"title": "Timeout", "type": ["string", "number"],
                    "pattern": "^([0-9]+(d|h|m|s|ms|us|ns))+$", "minimum": 0, "x-kind": "duration",
                    "x-maximum": "5m", "default": "30s", "x-advanced": true},
        "headers": {"title": "Headers", "type": "object", "additionalProperties": {"type": "string"},
                    "maxProperties": 9, "default": {}},
        "proxies": {"title": "Proxies", "type": "array", "items": proxy, "default": []},
        "buffer": {"title": "Buffer", "type": ["string", "integer"],
                   "pattern": "^[0-9]+([kKmMgGtTpP][iI]?)?[bB]$", "minimum": 0, "x-kind": "byte_size",
                   "x-maximum": "1GiB"},
    });
    assert_eq!(
        Rest::json_schema(),
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": properties,
            "required": ["base_url"],
            "additionalProperties": false,
        })
    );
}

#[test]
fn an_empty_schema_takes_nothing() {
    assert_eq!(
        <()>::json_schema(),
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {},
            "additionalProperties": false,
        })
    );
}

#[test]
fn kinds_can_be_matched() {
    let kinds: Vec<_> = Rest::parameters().into_iter().map(|parameter| parameter.kind).collect();
    assert!(
        matches!(&kinds[6], ParameterKind::List { items } if matches!(items.kind, ParameterKind::Object { .. }))
    );
    assert_eq!(kinds[4], ParameterKind::Duration);
}
