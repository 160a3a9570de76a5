//! What comes with a call by which its caller can be known.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flexconnect_core::{Error, ErrorKind};
#[cfg(feature = "gooddata")]
use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

use crate::status::Verb;

/// What comes with a call by which its caller can be known: the headers that were asked for, where the connection
/// comes from, and the client's certificates.
///
/// It prints no value of a header.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    verb: Verb,
    headers: &'a HeaderMap,
    shown: &'a [HeaderName],
    peer: &'a Peer,
}

impl<'a> Credentials<'a> {
    pub(crate) fn new(verb: Verb, headers: &'a HeaderMap, shown: &'a [HeaderName], peer: &'a Peer) -> Self {
        Credentials { verb, headers, shown, peer }
    }

    /// The same, with other headers shown.
    pub(super) fn showing<'b>(&'b self, shown: &'b [HeaderName]) -> Credentials<'b> {
        Credentials { shown, ..*self }
    }

    /// The call; [`Verb::Handshake`] is a login.
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// The connection.
    pub fn peer(&self) -> &'a Peer {
        self.peer
    }

    /// The value of a header, without white space around it. One that was not asked for by
    /// [`Authenticate::headers`](super::Authenticate::headers) is never there.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] when it is given more than once, or is not text.
    pub fn header(&self, name: &str) -> Result<Option<&'a str>, Error> {
        if !self.shown.iter().any(|shown| shown.as_str().eq_ignore_ascii_case(name)) {
            return Ok(None);
        }
        let mut values = self.headers.get_all(name).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(refused(format!("the header `{name}` is given more than once; give it once")));
        }
        let text = value.to_str().map_err(|_| refused(format!("the header `{name}` is not text")))?;
        Ok(Some(text.trim()))
    }

    /// The values of a header as they came, one for each time it did; none of one that was not asked for.
    #[cfg(feature = "gooddata")]
    pub(crate) fn values(&self, name: &HeaderName) -> impl Iterator<Item = &'a HeaderValue> {
        let shown = self.shown.contains(name);
        self.headers.get_all(name).iter().filter(move |_| shown)
    }

    /// The token of `authorization: Bearer ..`.
    ///
    /// # Errors
    /// As [`header`](Self::header).
    pub fn bearer(&self) -> Result<Option<&'a str>, Error> {
        Ok(self.header(AUTHORIZATION.as_str())?.and_then(|value| after_scheme(value, "Bearer")))
    }

    /// User and password of `authorization: Basic ..`.
    ///
    /// # Errors
    /// As [`header`](Self::header); [`ErrorKind::Unauthenticated`] when it is not well formed.
    pub fn basic(&self) -> Result<Option<(String, String)>, Error> {
        let value = self.header(AUTHORIZATION.as_str())?;
        let Some(encoded) = value.and_then(|value| after_scheme(value, "Basic")) else { return Ok(None) };
        let decoded = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let parts = decoded.as_deref().and_then(|text| text.split_once(':'));
        let (user, password) = parts.ok_or_else(|| {
            refused("`authorization: Basic` must be followed by `user:password` in base64".into())
        })?;
        Ok(Some((user.to_owned(), password.to_owned())))
    }
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("verb", &self.verb)
            .field("headers", &self.shown)
            .field("peer", self.peer)
            .finish_non_exhaustive()
    }
}

/// What follows the name of a scheme, whose case does not matter.
pub(super) fn after_scheme<'a>(value: &'a str, scheme: &str) -> Option<&'a str> {
    let (name, rest) = value.split_once(' ')?;
    name.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

fn refused(message: String) -> Error {
    Error::new(ErrorKind::Unauthenticated, message)
}

/// The other end of a connection. [`Server`](crate::Server) knows it; a host with a listener of its own puts one among
/// the request's extensions.
///
/// ```
/// use flexconnect_flight::identity::Peer;
///
/// let peer = Peer::at("10.0.0.7:50214".parse()?).with_certificates([vec![0x30, 0x82]]);
/// assert_eq!(peer.certificates().len(), 1);
/// # Ok::<_, std::net::AddrParseError>(())
/// ```
#[derive(Clone, Default)]
pub struct Peer {
    address: Option<SocketAddr>,
    certificates: Arc<[Bytes]>,
}

impl Peer {
    /// A peer at this address.
    pub fn at(address: SocketAddr) -> Self {
        Peer { address: Some(address), ..Self::default() }
    }

    /// Adds the certificates it has proved to be its own, in DER, its own one first. They must have been verified: no
    /// authenticator does that again.
    #[must_use]
    pub fn with_certificates(mut self, certificates: impl IntoIterator<Item = impl Into<Bytes>>) -> Self {
        self.certificates = certificates.into_iter().map(Into::into).collect();
        self
    }

    /// Where it is, if that is known.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Its verified certificates in DER, its own one first; none without TLS, or when the client showed none.
    pub fn certificates(&self) -> &[Bytes] {
        &self.certificates
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer")
            .field("address", &self.address)
            .field("certificates", &self.certificates.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(values: &[&str], ask: impl FnOnce(&Credentials<'_>) -> T) -> T {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        headers.insert("x-other", "seen".parse().unwrap());
        ask(&Credentials::new(Verb::DoGet, &headers, &[AUTHORIZATION], &Peer::default()))
    }

    #[test]
    fn a_header_is_one_that_was_asked_for_and_given_once() {
        assert_eq!(
            with(&["  Bearer  t0k3n "], |c| c.bearer().unwrap().map(str::to_owned)),
            Some("t0k3n".into())
        );
        assert_eq!(with(&["bearer t"], |c| c.bearer().unwrap().map(str::to_owned)), Some("t".into()));
        assert_eq!(with(&["Basic t"], |c| c.bearer().unwrap().map(str::to_owned)), None);
        assert_eq!(with(&["Bearert"], |c| c.bearer().unwrap().map(str::to_owned)), None);
        assert_eq!(with(&[], |c| c.header("x-other").unwrap().map(str::to_owned)), None);
        let twice = with(&["Bearer a", "Bearer b"], |c| c.bearer().unwrap_err());
        assert_eq!(twice.kind(), ErrorKind::Unauthenticated);
    }

    #[test]
    fn a_password_may_hold_a_colon() {
        let encoded = format!("Basic {}", STANDARD.encode("ann:a:b"));
        assert_eq!(with(&[&encoded], |c| c.basic().unwrap()), Some(("ann".into(), "a:b".into())));
        for wrong in ["Basic ???", &format!("Basic {}", STANDARD.encode("ann")), "Basic /w=="] {
            let error = with(&[wrong], |c| c.basic().unwrap_err());
            assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{wrong}");
        }
    }

    #[test]
    fn nothing_secret_is_printed() {
        let printed = with(&["Bearer hush"], |c| format!("{c:?}"));
        assert!(printed.contains("authorization") && !printed.contains("hush"), "{printed}");
    }
}
