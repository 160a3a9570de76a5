//! The client's side of TLS: whom it trusts, who it is, and what a failure means.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

use flexconnect_core::{Error, ErrorKind};
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError, ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::pem::Pem;
use super::provider::{protocols, provider};

/// What a client is set to; nothing of it is a text that could be printed.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClientTls {
    pub(crate) authority: Option<Pem>,
    pub(crate) identity: Option<(Pem, Pem)>,
    pub(crate) server_name: Option<String>,
}

impl ClientTls {
    /// Reads everything: how connections are made, and to whom.
    pub(crate) fn connector(&self, host: &str) -> Result<(TlsConnector, ServerName<'static>), Error> {
        let server = self.server(host)?;
        Ok((TlsConnector::from(Arc::new(self.config()?)), server))
    }

    /// As [`connector`](Self::connector), for connections that speak HTTP/1.1.
    #[cfg(feature = "otel")]
    pub(crate) fn http_connector(&self, host: &str) -> Result<(TlsConnector, ServerName<'static>), Error> {
        let mut config = self.config()?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok((TlsConnector::from(Arc::new(config)), self.server(host)?))
    }

    fn server(&self, host: &str) -> Result<ServerName<'static>, Error> {
        let name = self.server_name.as_deref().unwrap_or(host);
        let name = name.trim_start_matches('[').trim_end_matches(']').to_owned();
        ServerName::try_from(name).map_err(|error| {
            let message = "the server's name is neither a DNS name nor an address";
            Error::new(ErrorKind::InvalidRequest, message).with_source(error)
        })
    }

    fn config(&self) -> Result<ClientConfig, Error> {
        let internal =
            |error: rustls::Error| Error::new(ErrorKind::Internal, "TLS cannot be set up").with_source(error);
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(internal)?;
        let builder = match &self.authority {
            Some(authority) => {
                builder.with_root_certificates(authority.authorities("the authority of the server")?)
            }
            None => match Verifier::new(provider()) {
                // The name is a warning to those who bring a verifier of their own; this one is the system's.
                Ok(verifier) => builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)),
                Err(error) => {
                    tracing::warn!(%error, "the system's certificates cannot be read; no server is trusted");
                    builder.with_root_certificates(RootCertStore::empty())
                }
            },
        };
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let what = "the client's certificate";
                let chain = certificate.certificates(what)?;
                let key = key.key("the client's key")?;
                builder.with_client_auth_cert(chain, key).map_err(|error| {
                    certificate.wrong(what, "cannot be used with its key").with_source(error)
                })?
            }
        };
        config.alpn_protocols = protocols();
        Ok(config)
    }
}

/// Makes the connection private.
pub(crate) async fn handshake(
    connector: &TlsConnector,
    server: ServerName<'static>,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, Error> {
    connector.connect(server, stream).await.map_err(|error| {
        let words = plain_words(&error).unwrap_or_else(|| {
            Error::new(ErrorKind::Unavailable, "no private connection to the server could be made")
        });
        words.with_source(error)
    })
}

/// What a failure of TLS somewhere in these causes means for a user.
pub(crate) fn plain_words(error: &(dyn StdError + 'static)) -> Option<Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let found = error
            .downcast_ref::<rustls::Error>()
            .or_else(|| inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()));
        if let Some(found) = found {
            return words(found);
        }
        // HTTP/2 keeps of what ended its connection the text alone.
        let text = error.to_string();
        let told =
            ALERTS.map(rustls::Error::AlertReceived).into_iter().find(|alert| alert.to_string() == text);
        if let Some(told) = told {
            return words(&told);
        }
        next = error.source();
    }
    None
}

/// What a server says of a client's certificate; it may come once the client thinks that it is connected.
const ALERTS: [AlertDescription; 6] = [
    AlertDescription::CertificateRequired,
    AlertDescription::UnknownCA,
    AlertDescription::BadCertificate,
    AlertDescription::CertificateUnknown,
    AlertDescription::DecryptError,
    AlertDescription::CertificateExpired,
];

fn words(error: &rustls::Error) -> Option<Error> {
    let untrusted = |message: &'static str| Some(Error::new(ErrorKind::Unavailable, message));
    let refused = |message: &'static str| Some(Error::new(ErrorKind::Unauthenticated, message));
    match error {
        rustls::Error::InvalidMessage(_) => {
            untrusted("the server does not speak TLS at this port; connect with `grpc://` or `http://`")
        }
        rustls::Error::InvalidCertificate(fault) => match fault {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                untrusted("the server's certificate has expired; its operator must renew it")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                untrusted("the server's certificate is not valid yet; is the clock of this machine right?")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => untrusted(
                "the server's certificate is for another name than the one connected to; connect to a \
                     name it is for, or say which is meant",
            ),
            CertificateError::UnknownIssuer => untrusted(
                "the server's certificate is signed by an authority that is not trusted here; give the \
                 authority's certificate",
            ),
            _ => untrusted("the server's certificate is not trusted"),
        },
        rustls::Error::AlertReceived(alert) => match alert {
            AlertDescription::CertificateRequired => {
                refused("the server wants a certificate of its clients; give one with its key")
            }
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::DecryptError => refused(
                "the server does not trust the client's certificate; give one its authority has signed",
            ),
            AlertDescription::CertificateExpired => refused("the client's certificate has expired; renew it"),
            _ => untrusted("the server refused the private connection"),
        },
        _ => None,
    }
}
