//! Servers that want to know who calls, by a token or by a certificate, beside the Python server.

use std::path::Path;

use crate::certificates::Certificates;
use crate::server::Server;
use crate::{REFERENCE, run};

#[test]
fn a_login_is_refused_in_the_words_of_the_python_server() {
    let Some(python) = REFERENCE.python() else { return };
    let token = [
        ("GOODDATA_FLIGHT_SERVER__AUTHENTICATION_METHOD", "token"),
        ("GOODDATA_FLIGHT_ENUMERATED_TOKENS__TOKENS", "[\"t0k3n\", \"other\"]"),
    ];
    let header = [&token[..], &[("GOODDATA_FLIGHT_SERVER__TOKEN_HEADER_NAME", "X-Foo")]].concat();
    let (ours, reference) = pair(python, &token);
    let (ours_header, reference_header) = pair(python, &header);
    let servers = [
        ("OURS", &ours),
        ("REFERENCE", &reference),
        ("OURS_HEADER", &ours_header),
        ("REFERENCE_HEADER", &reference_header),
    ];
    run(python, "logins.py", &servers, &[]);
    assert!(ours.said().contains("authentication_failed"), "{}", ours.said());
    assert!(!ours.said().contains("t0k3n"), "the log holds a credential:\n{}", ours.said());
}

#[test]
fn a_connection_over_tls_is_private_and_its_errors_can_be_read() {
    let Some(python) = REFERENCE.python() else { return };
    let (certificates, strangers) = (Certificates::new(), Certificates::new());
    let file = |name: &str| format!("@{}", certificates.folder().join(name).display());
    let (certificate, key, root) = (file("server.crt"), file("server.key"), file("clients.crt"));
    let tls = [
        ("GOODDATA_FLIGHT_SERVER__USE_TLS", "true"),
        ("GOODDATA_FLIGHT_SERVER__TLS_CERTIFICATE", certificate.as_str()),
        ("GOODDATA_FLIGHT_SERVER__TLS_PRIVATE_KEY", key.as_str()),
    ];
    // The same, as texts in place of files.
    let text = |name: &str| std::fs::read_to_string(certificates.folder().join(name)).unwrap();
    let (certificate, key) = (text("server.crt"), text("server.key"));
    let mutual = [
        ("GOODDATA_FLIGHT_SERVER__USE_TLS", "true"),
        ("GOODDATA_FLIGHT_SERVER__TLS_CERTIFICATE", certificate.as_str()),
        ("GOODDATA_FLIGHT_SERVER__TLS_PRIVATE_KEY", key.as_str()),
        ("GOODDATA_FLIGHT_SERVER__USE_MTLS", "true"),
        ("GOODDATA_FLIGHT_SERVER__TLS_ROOT_CERTIFICATE", root.as_str()),
    ];
    let (ours, reference) = pair(python, &tls);
    let (ours_mutual, reference_mutual) = pair(python, &mutual);
    let servers = [
        ("OURS", &ours),
        ("REFERENCE", &reference),
        ("OURS_MUTUAL", &ours_mutual),
        ("REFERENCE_MUTUAL", &reference_mutual),
    ];
    let folder = |certificates: &Certificates| certificates.folder().display().to_string();
    let settings = [("CERTIFICATES", folder(&certificates)), ("STRANGERS", folder(&strangers))];
    run(python, "tls.py", &servers, &settings);
    for server in [&ours, &ours_mutual] {
        assert!(!server.said().contains("PRIVATE KEY"), "the log holds a key:\n{}", server.said());
    }
}

/// The example and the Python server with the same settings.
fn pair(python: &Path, variables: &[(&str, &str)]) -> (Server, Server) {
    (Server::ours_with(variables), Server::reference_with(python, variables))
}
