//! The settings of a GoodData server: the keys and the names in the environment that the Python server has, and some
//! of this one's own.

use std::collections::BTreeMap;

use flexconnect_core::config::ByteSize;
use flexconnect_core::{Config, Error, ErrorKind, Secret};
use serde_json::{Map, Value};

/// What a GoodData server is set up with; every setting has a default.
///
/// [`CommandLine::settings`](super::CommandLine::settings) reads them from TOML files and from the environment, where
/// `GOODDATA_FLIGHT_SERVER__LISTEN_PORT` is the key `listen_port` of the section `[server]`. Sections and keys that are
/// not of this list are left alone: they may be a function's.
#[derive(Debug, Clone, Config)]
#[non_exhaustive]
pub struct Settings {
    /// Where the server listens, how it is found and what it does at a time.
    #[config(default)]
    pub server: ServerSection,
    /// The tokens callers may bring.
    #[config(default)]
    pub enumerated_tokens: EnumeratedTokens,
    /// How functions are invoked.
    #[config(default)]
    pub flexconnect: FlexConnectSection,
}

impl Default for Settings {
    fn default() -> Self {
        Self::parse(&Map::new()).expect("every setting has a default")
    }
}

/// The section `[server]`.
#[derive(Debug, Clone, Config)]
#[non_exhaustive]
pub struct ServerSection {
    /// The address to listen at; `0.0.0.0` for all of the machine.
    #[config(default = "127.0.0.1")]
    pub listen_host: String,
    /// The port to listen at.
    #[config(default = 17_001, min = 1)]
    pub listen_port: u16,
    /// The name under which clients find this very process; the machine's own name if not said.
    pub advertise_host: Option<String>,
    /// The port under which clients find this very process; `listen_port` if not said.
    #[config(min = 1)]
    pub advertise_port: Option<u16>,
    /// Serves over TLS, and over nothing else.
    #[config(default = false)]
    pub use_tls: bool,
    /// The server's certificate: PEM, or `@` and the path of a file.
    #[config(placeholder = "@/etc/tls/server.crt")]
    pub tls_certificate: Option<String>,
    /// Its key: PEM, or `@` and the path of a file.
    #[config(placeholder = "@/etc/tls/server.key")]
    pub tls_private_key: Option<Secret<String>>,
    /// Wants a certificate of every client.
    #[config(default = false)]
    pub use_mtls: bool,
    /// The authority of the clients' certificates: PEM, or `@` and the path of a file.
    #[config(placeholder = "@/etc/tls/clients.crt")]
    pub tls_root_certificate: Option<String>,
    /// How callers are known.
    #[config(default = Authentication::None)]
    pub authentication_method: Authentication,
    /// The header whose whole value is the token; `authorization: Bearer <token>` if not said.
    pub token_header_name: Option<String>,
    /// How tokens are verified: `EnumeratedTokenVerification`, or the name of a verifier the program brings.
    #[config(default = "EnumeratedTokenVerification")]
    pub token_verification: String,
    /// Functions that run at a time.
    #[config(default = 32, min = 1, max = 4_096)]
    pub task_threads: usize,
    /// Results that are closed at a time.
    #[config(default = 2, min = 1, max = 256)]
    pub task_close_threads: usize,
    /// Invocations that wait for their turn; further ones are refused.
    #[config(default = 1_000)]
    pub task_queue: usize,
    /// How many seconds a result is kept after its task has finished.
    #[config(default = 60, min = 1, max = 604_800)]
    pub task_result_ttl_sec: u64,
    /// How many seconds results may still be read once the server is told to stop.
    #[config(default = 30, max = 604_800)]
    pub shutdown_grace_sec: u64,
    /// The address to show metrics at; they are shown nowhere if not said.
    pub metrics_host: Option<String>,
    /// The port to show metrics at.
    #[config(default = 17_101, min = 1)]
    pub metrics_port: u16,
    /// How the names of the metrics of tasks begin.
    #[config(default = "gdfs")]
    pub metrics_prefix: String,
    /// The address to answer probes at; they are answered nowhere if not said.
    pub health_check_host: Option<String>,
    /// The port to answer probes at.
    #[config(default = 8_877, min = 1)]
    pub health_check_port: u16,
    /// Accepted and ignored: what is freed is left to the allocator.
    #[config(min = 1)]
    pub malloc_trim_interval_sec: Option<u64>,
    /// The key of a line of the log that holds its event.
    #[config(default = "event")]
    pub log_event_key_name: String,
    /// Other keys for `trace_id`, `span_id` and `parent_span_id` in the log.
    #[config(default)]
    pub log_trace_keys: BTreeMap<String, String>,
    /// Where traces go: `none`, `otlp-http`, `otlp-grpc` or `console`; `zipkin` is not known here. Further details are
    /// those of OpenTelemetry's variables, such as `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub otel_exporter_type: Option<String>,
    /// The service's name in traces; that of `OTEL_SERVICE_NAME`, else the plugin's, if not said.
    pub otel_service_name: Option<String>,
    /// Its namespace.
    pub otel_service_namespace: Option<String>,
    /// This instance of it; the machine's name if not said.
    pub otel_service_instance_id: Option<String>,
    /// Whether the trace of a call goes on in that of its caller.
    #[config(default = false)]
    pub otel_extract_context: bool,
}

impl Default for ServerSection {
    fn default() -> Self {
        Self::parse(&Map::new()).expect("every setting has a default")
    }
}

/// How callers are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Config)]
#[non_exhaustive]
pub enum Authentication {
    /// Not at all: everybody may call.
    None,
    /// By a token with every call.
    Token,
}

/// The section `[enumerated_tokens]`.
#[derive(Debug, Clone, Default, Config)]
#[non_exhaustive]
pub struct EnumeratedTokens {
    /// The tokens callers may bring, a list; a single text is a single token.
    pub tokens: Option<Secret<Value>>,
}

impl Authentication {
    /// The word of the settings.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Authentication::None => "none",
            Authentication::Token => "token",
        }
    }
}

impl EnumeratedTokens {
    /// Each token.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for what is neither a text nor a list of them, and for a text that is empty.
    pub(crate) fn all(&self) -> Result<Vec<String>, Error> {
        let tokens = match self.tokens.as_ref().map(Secret::expose) {
            None | Some(Value::Null) => &[],
            Some(Value::Array(tokens)) => &tokens[..],
            Some(token) => std::slice::from_ref(token),
        };
        let token = |token: &Value| match token {
            // Digits alone are taken for a number.
            Value::String(_) | Value::Number(_) if !text(token).trim().is_empty() => Ok(text(token)),
            _ => {
                let message =
                    "`tokens` in the section `[enumerated_tokens]` must be texts that are not empty, or one";
                Err(Error::new(ErrorKind::Config, message))
            }
        };
        tokens.iter().map(token).collect()
    }
}

/// The section `[flexconnect]`.
#[derive(Debug, Clone, Config)]
#[non_exhaustive]
pub struct FlexConnectSection {
    /// The functions served, by name, a list or a single text; all if none of the names is a function's, so that the
    /// Python modules of an existing configuration do no harm.
    pub functions: Option<Value>,
    /// How many milliseconds an invocation may take from its submission on.
    #[config(default = 180_000, min = 1, max = 604_800_000)]
    pub call_deadline_ms: u64,
    /// How many milliseconds one round of polling waits.
    #[config(default = 2_000, min = 1, max = 604_800_000)]
    pub polling_interval_ms: u64,
    /// A result of up to so many rows is kept, to be read any number of times.
    #[config(default = 100_000)]
    pub held_rows: u64,
    /// A result of up to so many bytes is kept, to be read any number of times.
    #[config(default = "16MiB")]
    pub held_bytes: ByteSize,
    /// How many bytes all results together may take.
    #[config(default = "2GiB", min = "1MiB")]
    pub held_total_bytes: ByteSize,
}

impl Default for FlexConnectSection {
    fn default() -> Self {
        Self::parse(&Map::new()).expect("every setting has a default")
    }
}

impl FlexConnectSection {
    /// Each name.
    pub(crate) fn names(&self) -> Vec<String> {
        match &self.functions {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(names)) => names.iter().map(text).collect(),
            Some(name) => vec![text(name)],
        }
    }
}

/// A text, or what was taken for something else although it stands for one.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(values: Value) -> Settings {
        Settings::parse(values.as_object().unwrap()).unwrap()
    }

    #[test]
    fn the_defaults_are_those_of_the_contract() {
        let Settings { server, flexconnect, enumerated_tokens } = Settings::default();
        assert_eq!((server.listen_host.as_str(), server.listen_port), ("127.0.0.1", 17_001));
        assert_eq!((server.task_threads, server.task_result_ttl_sec), (32, 60));
        assert_eq!((server.metrics_port, server.health_check_port), (17_101, 8_877));
        assert_eq!((flexconnect.call_deadline_ms, flexconnect.polling_interval_ms), (180_000, 2_000));
        assert!(enumerated_tokens.all().unwrap().is_empty() && flexconnect.names().is_empty());
    }

    #[test]
    fn a_single_token_is_a_single_token() {
        let all =
            |value| settings(json!({ "enumerated_tokens": { "tokens": value } })).enumerated_tokens.all();
        let tokens = |value| all(value).unwrap();
        assert_eq!(tokens(json!("secret")), ["secret"]);
        assert_eq!(tokens(json!(["one", "two"])), ["one", "two"]);
        assert_eq!(tokens(json!(1234)), ["1234"]);
        for none in [json!(""), json!(["a", " "]), json!([["a"]]), json!({"a": "b"}), json!([true])] {
            assert_eq!(all(none).unwrap_err().kind(), ErrorKind::Config);
        }
        let printed = format!("{:?}", settings(json!({ "enumerated_tokens": { "tokens": "hush" } })));
        assert!(!printed.contains("hush"), "{printed}");
    }

    #[test]
    fn a_wrong_value_is_told_by_its_key() {
        for (key, value) in
            [("listen_port", json!(0)), ("task_threads", json!(0)), ("use_tls", json!("maybe"))]
        {
            let values = json!({ "server": { key: value } });
            let error = Settings::parse(values.as_object().unwrap()).unwrap_err();
            assert!(error.to_string().contains(key), "{error}");
        }
    }
}
