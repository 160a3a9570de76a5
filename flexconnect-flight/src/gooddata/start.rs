//! From settings to a server, and from a command line to the end of a process.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use flexconnect_core::{Error, ErrorKind, Plugin};
use tracing::Instrument;

use super::bearer::Bearer;
use super::command_line::{CommandLine, USAGE, tell_of};
use super::logs;
use super::machine;
use super::options::Options;
use super::server::Server;
use super::service::Service;
use super::settings::{Authentication, ServerSection, Settings};
use super::traces;
use crate::identity::Authenticate;
use crate::tls::{Pem, Tls};

/// The verifier there always is.
const ENUMERATED: &str = "EnumeratedTokenVerification";

/// Runs a plugin as the Python server is run: with its command line, its files and its variables, until the process is
/// told to stop. Gives 0 then, and 1, with the reason on standard error, when it cannot be started.
///
/// ```no_run
/// # use flexconnect_core::Plugin;
/// #[tokio::main]
/// async fn main() -> std::process::ExitCode {
///     let functions = Plugin::new("functions", env!("CARGO_PKG_VERSION"));
///     flexconnect_flight::gooddata::start(functions).await
/// }
/// ```
pub async fn start(plugin: impl Into<Plugin>) -> ExitCode {
    start_with(plugin, |_| None).await
}

/// As [`start`], with verifiers of tokens of the program's own, which the setting `token_verification` names.
pub async fn start_with(
    plugin: impl Into<Plugin>,
    verifier: impl FnOnce(&str) -> Option<Arc<dyn Authenticate>>,
) -> ExitCode {
    let ended = run(plugin.into(), verifier).await;
    match &ended {
        Ok(()) => tracing::info!("server_main_finished"),
        // It is about what whoever started it wrote, and quotes no value of it.
        Err(error) => tracing::error!(%error, "server_startup_failed"),
    }
    logs::flush();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nothing is logged yet, too.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(
    plugin: Plugin,
    verifier: impl FnOnce(&str) -> Option<Arc<dyn Authenticate>>,
) -> Result<(), Error> {
    let command_line = CommandLine::parse(std::env::args().skip(1))?;
    if command_line.help {
        let _ = writeln!(std::io::stdout(), "{USAGE}");
        return Ok(());
    }
    let (settings, rest) =
        command_line.settings_and_rest(std::env::vars_os().filter_map(|(name, value)| {
            // What is no text sets nothing.
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))?;
    let traces = traces::of_settings(&plugin, &settings.server)?;
    logs::begin(&command_line, &settings.server, traces.as_ref())?;
    tell_of(&rest);
    let served = serve(plugin, &settings, verifier).await;
    if let Some(traces) = traces {
        // It waits for the thread that sends spans, which waits for this runtime.
        let _ = tokio::task::spawn_blocking(move || traces.shut_down()).await;
    }
    served
}

async fn serve(
    plugin: Plugin,
    settings: &Settings,
    verifier: impl FnOnce(&str) -> Option<Arc<dyn Authenticate>>,
) -> Result<(), Error> {
    let ServerSection { listen_host, listen_port, .. } = &settings.server;
    let starting = async {
        started(settings);
        let server = Server::from_settings_with(plugin, settings, verifier)?;
        let words = format!("`listen_host` and `listen_port`, {listen_host}:{listen_port}");
        server.bind_at((listen_host.as_str(), *listen_port), &words).await
    };
    let bound = starting.instrument(tracing::info_span!("server_start")).await?;
    bound.serve().await
}

/// Tells how the server is set up, and nothing secret.
fn started(Settings { server, flexconnect, .. }: &Settings) {
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        listen_host = server.listen_host,
        listen_port = server.listen_port,
        advertise_host = server.advertise_host,
        advertise_port = server.advertise_port,
        use_tls = server.use_tls,
        use_mtls = server.use_mtls,
        authentication_method = server.authentication_method.as_str(),
        token_header_name = server.token_header_name,
        task_threads = server.task_threads,
        task_close_threads = server.task_close_threads,
        task_queue = server.task_queue,
        task_result_ttl_sec = server.task_result_ttl_sec,
        metrics_host = server.metrics_host,
        metrics_port = server.metrics_port,
        health_check_host = server.health_check_host,
        health_check_port = server.health_check_port,
        otel_exporter_type = server.otel_exporter_type,
        otel_extract_context = server.otel_extract_context,
        call_deadline_ms = flexconnect.call_deadline_ms,
        polling_interval_ms = flexconnect.polling_interval_ms,
        "server_startup"
    );
}

impl Server {
    /// Serves this plugin's connectors as functions, as these settings say; where it listens is left to
    /// [`bind`](Self::bind), and what is logged and traced to the program.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for settings that do not go together.
    pub fn from_settings(plugin: impl Into<Plugin>, settings: &Settings) -> Result<Self, Error> {
        Server::from_settings_with(plugin, settings, |_| None)
    }

    /// As [`from_settings`](Self::from_settings), with verifiers of tokens of the program's own, which the setting
    /// `token_verification` names.
    ///
    /// # Errors
    /// As [`from_settings`](Self::from_settings).
    pub fn from_settings_with(
        plugin: impl Into<Plugin>,
        settings: &Settings,
        verifier: impl FnOnce(&str) -> Option<Arc<dyn Authenticate>>,
    ) -> Result<Self, Error> {
        let server = &settings.server;
        check(server)?;
        if server.malloc_trim_interval_sec.is_some() {
            tracing::info!(
                "malloc_trim_interval_sec is ignored: what is freed is left to the allocator, which glibc's variables \
                 MALLOC_MMAP_THRESHOLD_ and MALLOC_TRIM_THRESHOLD_ tell how much of it to keep"
            );
        }
        let mut service = Service::new(plugin).with_options(options(settings));
        if server.authentication_method == Authentication::Token {
            service = service.with_authenticator(verification(settings, verifier)?);
        } else if !server.use_mtls && !is_loopback(&server.listen_host) {
            let reason = "everybody who reaches this server may call it; use tokens or mutual TLS";
            tracing::warn!(listen_host = server.listen_host, reason, "insecure_warning");
        }
        let mut built = Server::from(service)
            .with_grace(Duration::from_secs(server.shutdown_grace_sec))
            .with_metrics_prefix(&server.metrics_prefix);
        if let Some(tls) = tls(server)? {
            built = built.with_tls(tls);
        }
        if let Some(host) = &server.health_check_host {
            built = built.with_health_check((host, server.health_check_port));
        }
        if let Some(host) = &server.metrics_host {
            built = built.with_metrics((host, server.metrics_port));
        }
        Ok(built)
    }
}

/// Refuses texts that cannot be what they are for.
fn check(server: &ServerSection) -> Result<(), Error> {
    let is_name = |name: &str| {
        let is_letter = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | ':');
        name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit())
    };
    let wrong = |key: &str, what: &str| {
        Err(Error::new(ErrorKind::Config, format!("`{key}` in the section `[server]` must be {what}")))
    };
    if server.listen_host.trim().is_empty() {
        return wrong("listen_host", "an IP address or a host name");
    }
    if server.advertise_host.as_ref().is_some_and(|host| !is_host(host)) {
        return wrong("advertise_host", "an IP address or a host name");
    }
    if server.log_event_key_name.is_empty() {
        return wrong("log_event_key_name", "a text that is not empty");
    }
    if !is_name(&server.metrics_prefix) {
        return wrong("metrics_prefix", "the beginning of a name in Prometheus: letters, digits and `_`");
    }
    Ok(())
}

fn options(Settings { server, flexconnect, .. }: &Settings) -> Options {
    let scheme = if server.use_tls { "grpc+tls" } else { "grpc" };
    let host = server.advertise_host.clone().unwrap_or_else(machine::name);
    // An address of IPv6 has colons of its own.
    let host = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host };
    let port = server.advertise_port.unwrap_or(server.listen_port);
    Options::default()
        .with_location(format!("{scheme}://{host}:{port}"))
        .with_tasks(server.task_threads, server.task_queue)
        .with_task_close_threads(server.task_close_threads)
        .with_result_ttl(Duration::from_secs(server.task_result_ttl_sec))
        .with_call_deadline(Duration::from_millis(flexconnect.call_deadline_ms))
        .with_polling_interval(Duration::from_millis(flexconnect.polling_interval_ms))
        .with_held(flexconnect.held_rows, flexconnect.held_bytes.bytes())
        .with_held_total_bytes(flexconnect.held_total_bytes.bytes())
        .with_extract_context(server.otel_extract_context)
        .with_functions(flexconnect.names())
}

fn verification(
    settings: &Settings,
    verifier: impl FnOnce(&str) -> Option<Arc<dyn Authenticate>>,
) -> Result<Arc<dyn Authenticate>, Error> {
    let server = &settings.server;
    if server.token_verification != ENUMERATED {
        return verifier(&server.token_verification).ok_or_else(|| {
            let message = format!(
                "`token_verification` is `{}`, and this program has no such verifier; use `{ENUMERATED}`",
                server.token_verification
            );
            Error::new(ErrorKind::Config, message)
        });
    }
    let tokens = settings.enumerated_tokens.all()?;
    if tokens.is_empty() {
        let message = "`authentication_method` is `token`, and there is no token: list them as `tokens` in the section \
                       `[enumerated_tokens]`";
        return Err(Error::new(ErrorKind::Config, message));
    }
    Ok(Arc::new(Bearer::new(&tokens, server.token_header_name.as_deref())?))
}

fn tls(server: &ServerSection) -> Result<Option<Tls>, Error> {
    let missing = |key: &str, why: &str| {
        Error::new(ErrorKind::Config, format!("`{key}` is missing in the section `[server]`: `{why}` is set"))
    };
    if !server.use_tls {
        return if server.use_mtls { Err(missing("use_tls", "use_mtls")) } else { Ok(None) };
    }
    let certificate =
        server.tls_certificate.as_deref().ok_or_else(|| missing("tls_certificate", "use_tls"))?;
    let key = server.tls_private_key.as_ref().ok_or_else(|| missing("tls_private_key", "use_tls"))?;
    let pem = |key: &str, text: &str| {
        Pem::parse(text).map_err(|error| {
            let message = format!("`{key}` in the section `[server]`: {}", error.message());
            Error::new(error.kind(), message)
        })
    };
    let tls = Tls::new(pem("tls_certificate", certificate)?, pem("tls_private_key", key.expose())?);
    if !server.use_mtls {
        return Ok(Some(tls));
    }
    let root =
        server.tls_root_certificate.as_deref().ok_or_else(|| missing("tls_root_certificate", "use_mtls"))?;
    Ok(Some(tls.with_client_authority(pem("tls_root_certificate", root)?)))
}

/// Whether a client can be told to come there.
fn is_host(host: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    address.parse::<std::net::IpAddr>().is_ok() || (!host.is_empty() && host.chars().all(is_name))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use flexconnect_core::Config;
    use serde_json::{Value, json};

    use super::*;

    fn built(values: Value) -> Result<(Server, Options), Error> {
        let settings = Settings::parse(values.as_object().unwrap())?;
        Ok((Server::from_settings(Plugin::new("p", "1"), &settings)?, options(&settings)))
    }

    #[test]
    fn the_location_is_where_clients_come() {
        let location = |server: Value| {
            options(&Settings::parse(json!({ "server": server }).as_object().unwrap()).unwrap()).location
        };
        let plain = json!({ "advertise_host": "a.example.com", "listen_port": 7 });
        assert_eq!(location(plain).as_deref(), Some("grpc://a.example.com:7"));
        let private = json!({ "advertise_host": "::1", "advertise_port": 8, "use_tls": true });
        assert_eq!(location(private).as_deref(), Some("grpc+tls://[::1]:8"));
        assert!(location(json!({})).unwrap().ends_with(":17001"));
    }

    #[test]
    fn what_does_not_go_together_is_told_by_its_key() {
        for (values, part) in [
            (json!({ "server": { "use_tls": true } }), "`tls_certificate` is missing"),
            (
                json!({ "server": { "use_tls": true, "tls_certificate": "@/x" } }),
                "`tls_private_key` is missing",
            ),
            (json!({ "server": { "use_mtls": true } }), "`use_tls` is missing"),
            (json!({ "server": { "authentication_method": "token" } }), "there is no token"),
            (
                json!({ "server": { "authentication_method": "token" }, "enumerated_tokens": { "tokens": ["a", ""] } }),
                "`tokens` in the section `[enumerated_tokens]`",
            ),
            (
                json!({ "server": { "authentication_method": "token" }, "enumerated_tokens": { "tokens": {"a": "b"} } }),
                "`tokens` in the section `[enumerated_tokens]`",
            ),
            (
                json!({ "server": { "use_tls": true, "tls_certificate": "hush", "tls_private_key": "hush" } }),
                "`tls_certificate` in",
            ),
            (json!({ "server": { "advertise_host": "" } }), "`advertise_host`"),
            (json!({ "server": { "advertise_host": "a b" } }), "`advertise_host`"),
            (json!({ "server": { "advertise_host": "http://a" } }), "`advertise_host`"),
            (json!({ "server": { "listen_host": " " } }), "`listen_host`"),
            (json!({ "server": { "log_event_key_name": "" } }), "`log_event_key_name`"),
            (json!({ "server": { "metrics_prefix": "a b{}" } }), "`metrics_prefix`"),
            (
                json!({ "server": { "authentication_method": "token", "token_verification": "Mine" } }),
                "no such verifier",
            ),
        ] {
            let error = built(values).unwrap_err();
            assert!(error.kind() == ErrorKind::Config && error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    fn a_program_brings_verifiers_of_its_own() {
        let values = json!({ "server": { "authentication_method": "token", "token_verification": "Mine" } });
        let settings = Settings::parse(values.as_object().unwrap()).unwrap();
        let mine = |name: &str| -> Option<Arc<dyn Authenticate>> {
            (name == "Mine").then(|| Arc::new(crate::identity::Tokens::new([("me", "t0k3n")]).unwrap()) as _)
        };
        Server::from_settings_with(Plugin::new("p", "1"), &settings, mine).unwrap();
    }

    #[test]
    fn what_means_nothing_here_is_taken() {
        let values = json!({ "server": { "malloc_trim_interval_sec": 30, "otel_exporter_type": "none" },
                             "flexconnect": { "functions": "module" } });
        assert_eq!(built(values).unwrap().1.functions, ["module"]);
    }

    #[test]
    fn only_this_machine_is_this_machine() {
        assert!(is_loopback("127.0.0.1") && is_loopback("::1") && is_loopback("localhost"));
        assert!(!is_loopback("0.0.0.0") && !is_loopback("example.com"));
    }
}
