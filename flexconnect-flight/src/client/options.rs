//! How a client connects, and who it says it is.

use std::time::Duration;

use flexconnect_core::{Error, ErrorKind};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};

#[cfg(feature = "tls")]
use crate::tls::{ClientTls, Pem};

/// A server that does not answer is given up after this time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How a [`Client`](super::Client) connects, and who it says it is. Nothing of it is printed.
///
/// ```no_run
/// use flexconnect_flight::{Client, ClientOptions};
///
/// # async fn example(token: &str) -> flexconnect_core::Result<()> {
/// let options = ClientOptions::new().with_token(token)?;
/// let client = Client::connect_with("grpc://127.0.0.1:8815", options).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientOptions {
    pub(super) headers: HeaderMap,
    pub(super) connect_timeout: Duration,
    pub(super) follow_locations: bool,
    #[cfg(feature = "tls")]
    pub(super) tls: ClientTls,
}

impl Default for ClientOptions {
    fn default() -> Self {
        ClientOptions {
            headers: HeaderMap::new(),
            connect_timeout: CONNECT_TIMEOUT,
            follow_locations: true,
            #[cfg(feature = "tls")]
            tls: ClientTls::default(),
        }
    }
}

impl ClientOptions {
    /// As nobody, trusting what the operating system trusts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends this token with each call: `authorization: Bearer <token>`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when a header cannot hold it.
    pub fn with_token(self, token: impl AsRef<str>) -> Result<Self, Error> {
        self.with_header(AUTHORIZATION.as_str(), format!("Bearer {}", token.as_ref().trim()))
    }

    /// Sends this header with each call.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when it is no name of a header, or no value of one.
    pub fn with_header(mut self, name: &str, value: impl AsRef<str>) -> Result<Self, Error> {
        let (name, value) = header(name, value.as_ref())?;
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Gives up a server that does not answer in this time; 10 seconds if never said.
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Reads everything over the connection there is, wherever endpoints say that they are: for servers that name
    /// addresses which cannot be reached from here. What is done if never said, see
    /// [`Client::read_endpoint`](super::Client::read_endpoint).
    #[must_use]
    pub fn without_locations(mut self) -> Self {
        self.follow_locations = false;
        self
    }

    /// Trusts servers whose certificate these authorities have signed, and no others.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn with_authority(mut self, authority: Pem) -> Self {
        self.tls.authority = Some(authority);
        self
    }

    /// Shows this certificate to a server that wants one.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn with_identity(mut self, certificate: Pem, key: Pem) -> Self {
        self.tls.identity = Some((certificate, key));
        self
    }

    /// Wants a certificate for this name, whatever the name or address connected to.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn with_server_name(mut self, name: impl Into<String>) -> Self {
        self.tls.server_name = Some(name.into());
        self
    }
}

/// A header whose value is printed nowhere.
pub(super) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Error> {
    let wrong = |message: &'static str| Error::new(ErrorKind::InvalidRequest, message);
    let name = HeaderName::try_from(name).map_err(|_| wrong("the header's name is none"))?;
    let mut value = HeaderValue::try_from(value)
        .map_err(|_| wrong("the header's value has characters a header cannot hold"))?;
    value.set_sensitive(true);
    Ok((name, value))
}

impl std::fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let headers: Vec<_> = self.headers.keys().collect();
        f.debug_struct("ClientOptions").field("headers", &headers).finish_non_exhaustive()
    }
}
