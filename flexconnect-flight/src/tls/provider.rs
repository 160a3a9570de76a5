//! What does the cryptography.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

/// `ring`, by name: what another part of the process installs as rustls' default does not matter.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// HTTP/2, which is all that is spoken here.
pub(super) fn protocols() -> Vec<Vec<u8>> {
    vec![b"h2".to_vec()]
}
