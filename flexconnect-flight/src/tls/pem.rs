//! Certificates and keys as operators have them: in PEM, as a file or as text.

use std::fmt;
use std::path::{Path, PathBuf};

use flexconnect_core::{Error, ErrorKind, Secret};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Longer files hold no certificate: a path that was mistyped is not read whole.
const LONGEST: u64 = 4 << 20;

/// Certificates or a key in PEM: a file, which is read again when it changes, or text.
///
/// ```
/// use flexconnect_flight::tls::Pem;
///
/// let file = Pem::file("/etc/tls/server.crt");
/// let same = Pem::parse("@/etc/tls/server.crt")?;
/// assert_eq!(format!("{file:?}"), format!("{same:?}"));
/// # Ok::<_, flexconnect_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Pem(Source);

#[derive(Clone)]
enum Source {
    File(PathBuf),
    Text(Secret<String>),
}

impl Pem {
    /// What this file holds.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Pem(Source::File(path.into()))
    }

    /// This text.
    pub fn text(text: impl Into<String>) -> Self {
        Pem(Source::Text(Secret::new(text.into())))
    }

    /// As it is written in settings: `@` and the path of a file, or the text itself.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when it is neither.
    pub fn parse(setting: &str) -> Result<Self, Error> {
        match setting.trim().strip_prefix('@') {
            Some(path) if !path.is_empty() => Ok(Pem::file(path)),
            None if setting.contains("-----BEGIN") => Ok(Pem::text(setting)),
            _ => {
                let message = "neither `@` with the path of a file nor text in PEM, `-----BEGIN ..`";
                Err(Error::new(ErrorKind::Config, message))
            }
        }
    }

    /// The file to watch, if it is one.
    pub(super) fn path(&self) -> Option<&Path> {
        match &self.0 {
            Source::File(path) => Some(path),
            Source::Text(_) => None,
        }
    }

    /// All certificates, in their order; `what` they are is for the message.
    pub(super) fn certificates(&self, what: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
        let text = self.read(what)?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.expose()).collect();
        match certificates {
            Ok(certificates) if !certificates.is_empty() => Ok(certificates),
            Ok(_) => Err(self.wrong(what, "holds no certificate in PEM, `-----BEGIN CERTIFICATE-----`")),
            Err(_) => Err(self.wrong(what, "is not well-formed PEM")),
        }
    }

    /// The private key.
    pub(super) fn key(&self, what: &str) -> Result<PrivateKeyDer<'static>, Error> {
        let text = self.read(what)?;
        // What is wrong with a key is not quoted.
        PrivateKeyDer::from_pem_slice(text.expose()).map_err(|_| {
            let message = "holds no private key in PEM, `-----BEGIN PRIVATE KEY-----`; \
                           one with a passphrase is not taken";
            self.wrong(what, message)
        })
    }

    /// The authorities whose certificates are taken.
    pub(super) fn authorities(&self, what: &str) -> Result<RootCertStore, Error> {
        let mut store = RootCertStore::empty();
        for certificate in self.certificates(what)? {
            store.add(certificate).map_err(|error| {
                self.wrong(what, "holds a certificate that cannot be an authority").with_source(error)
            })?;
        }
        Ok(store)
    }

    /// An error about what this is: where it is from, and what is wrong, and nothing of its text.
    pub(super) fn wrong(&self, what: &str, fault: &str) -> Error {
        let place = match &self.0 {
            Source::File(path) => format!("{what} (file `{}`)", path.display()),
            Source::Text(_) => format!("{what} (given as text)"),
        };
        Error::new(ErrorKind::Config, format!("{place} {fault}"))
    }

    fn read(&self, what: &str) -> Result<Secret<Vec<u8>>, Error> {
        let path = match &self.0 {
            Source::Text(text) => return Ok(Secret::new(text.expose().as_bytes().to_vec())),
            Source::File(path) => path,
        };
        let unreadable =
            |error: std::io::Error| self.wrong(what, &format!("cannot be read: {error}")).with_source(error);
        let length = std::fs::metadata(path).map_err(unreadable)?.len();
        if length > LONGEST {
            return Err(self.wrong(what, "is longer than any certificate or key, 4 MiB"));
        }
        std::fs::read(path).map(Secret::new).map_err(unreadable)
    }
}

/// A key is printed nowhere.
impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::File(path) => f.debug_tuple("File").field(path).finish(),
            Source::Text(_) => f.write_str("Text(***)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_a_path_or_the_text() {
        assert_eq!(Pem::parse(" @/a/b ").unwrap().path(), Some(Path::new("/a/b")));
        let text = Pem::parse("-----BEGIN PRIVATE KEY-----\nhush").unwrap();
        assert_eq!((text.path(), format!("{text:?}").as_str()), (None, "Text(***)"));
        for wrong in ["", "@", "/a/b"] {
            assert_eq!(Pem::parse(wrong).unwrap_err().kind(), ErrorKind::Config);
        }
    }

    #[test]
    fn a_fault_names_the_file_and_quotes_nothing() {
        let error = Pem::file("/nowhere/at/all").certificates("the certificate").unwrap_err();
        assert!(error.to_string().starts_with("the certificate (file `/nowhere/at/all`) cannot be read"));
        let broken = Pem::text("-----BEGIN PRIVATE KEY-----\nhush!\n-----END PRIVATE KEY-----");
        for error in [broken.key("the key").unwrap_err(), broken.certificates("the key").unwrap_err()] {
            assert!(!error.to_string().contains("hush") && !error.causes().contains("hush"), "{error}");
        }
    }
}
