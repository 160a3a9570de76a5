//! `Tls`: what a server shows its clients, and what it wants to see of them.

use std::sync::Arc;
use std::time::Duration;

use flexconnect_core::{Error, ErrorKind};
use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;

use super::pem::Pem;
use super::provider::{protocols, provider};

/// How often the files are looked at.
const CHECK_EVERY: Duration = Duration::from_secs(30);

/// A server's certificate and key, and the authority of its clients if they have certificates too.
///
/// Files are watched: when one has changed, later connections get what it holds then, and those under way go on. What
/// cannot be used, such as a key that does not belong to its certificate yet, is logged and changes nothing.
///
/// ```
/// use flexconnect_core::Plugin;
/// use flexconnect_flight::Server;
/// use flexconnect_flight::tls::{Pem, Tls};
///
/// let tls = Tls::new(Pem::file("/etc/tls/server.crt"), Pem::file("/etc/tls/server.key"))
///     .with_client_authority(Pem::file("/etc/tls/clients.crt"));
/// let server = Server::new(Plugin::new("samples", "1.0.0")).with_tls(tls);
/// ```
#[derive(Debug, Clone)]
pub struct Tls {
    certificate: Pem,
    key: Pem,
    clients: Clients,
    check_every: Duration,
}

#[derive(Debug, Clone)]
enum Clients {
    Unknown,
    May(Pem),
    Must(Pem),
}

impl Tls {
    /// With this certificate, followed by those between it and its authority, and its key.
    pub fn new(certificate: Pem, key: Pem) -> Self {
        Tls { certificate, key, clients: Clients::Unknown, check_every: CHECK_EVERY }
    }

    /// Wants a certificate of every client, signed by one of these authorities.
    #[must_use]
    pub fn with_client_authority(mut self, authority: Pem) -> Self {
        self.clients = Clients::Must(authority);
        self
    }

    /// Takes the certificate of a client that has one, signed by one of these authorities; others connect without.
    #[must_use]
    pub fn with_optional_client_authority(mut self, authority: Pem) -> Self {
        self.clients = Clients::May(authority);
        self
    }

    /// Looks this often whether a file has changed; every 30 seconds if never said.
    #[must_use]
    pub fn with_check_every(mut self, interval: Duration) -> Self {
        self.check_every = interval;
        self
    }

    pub(super) fn check_every(&self) -> Duration {
        // A timer of no interval cannot be made.
        self.check_every.max(Duration::from_millis(10))
    }

    /// The files this is made of.
    pub(super) fn files(&self) -> impl Iterator<Item = &std::path::Path> {
        let authority = match &self.clients {
            Clients::Unknown => None,
            Clients::May(authority) | Clients::Must(authority) => Some(authority),
        };
        [Some(&self.certificate), Some(&self.key), authority].into_iter().flatten().filter_map(Pem::path)
    }

    /// Reads everything, and holds it against each other.
    pub(super) fn load(&self) -> Result<Arc<ServerConfig>, Error> {
        let internal =
            |error: rustls::Error| Error::new(ErrorKind::Internal, "TLS cannot be set up").with_source(error);
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(internal)?;
        let builder = match &self.clients {
            Clients::Unknown => builder.with_no_client_auth(),
            Clients::May(pem) | Clients::Must(pem) => {
                let what = "the authority of the clients' certificates";
                let authorities = Arc::new(pem.authorities(what)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(authorities, provider());
                let verifier = match &self.clients {
                    Clients::May(_) => verifier.allow_unauthenticated(),
                    _ => verifier,
                };
                let verifier = verifier.build().map_err(|error| {
                    pem.wrong(what, "cannot be used to verify clients").with_source(error)
                })?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let chain = self.certificate.certificates("the server's certificate")?;
        let key = self.key.key("the server's key")?;
        let mut config = builder.with_single_cert(chain, key).map_err(|error| {
            let fault = match &error {
                rustls::Error::InconsistentKeys(_) => "does not belong to the key",
                _ => "cannot be used with its key",
            };
            self.certificate.wrong("the server's certificate", fault).with_source(error)
        })?;
        config.alpn_protocols = protocols();
        Ok(Arc::new(config))
    }
}
