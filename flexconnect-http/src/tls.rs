//! TLS: rustls with `ring`, and the certificates the operating system trusts.

use std::sync::{Arc, OnceLock};

use flexconnect_core::{Error, ErrorKind, ResultExt};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

/// Read once: the system's certificates are a few hundred files.
static SYSTEM: OnceLock<ClientConfig> = OnceLock::new();

/// A configuration of its own: what another part of the process installs as rustls' default does not matter.
pub(crate) fn config() -> Result<ClientConfig, Error> {
    if let Some(config) = SYSTEM.get() {
        return Ok(config.clone());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .kind(ErrorKind::Internal)?;
    match Verifier::new(provider) {
        Ok(verifier) => {
            // The name is a warning to those who bring a verifier of their own; this one is the system's.
            let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
            Ok(SYSTEM.get_or_init(|| builder.with_no_client_auth()).clone())
        }
        Err(error) => {
            // `http` must work in a container without certificates, where `https` then trusts nobody.
            tracing::warn!(%error, "the system's certificates cannot be read; no `https` server is trusted");
            Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
        }
    }
}
