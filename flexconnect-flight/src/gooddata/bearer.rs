//! Who brings one of the enumerated tokens, and the words a GoodData server has for who does not.

use async_trait::async_trait;
use flexconnect_core::{Caller, Error, ErrorKind, Result};
use http::HeaderName;
use http::header::AUTHORIZATION;

use crate::identity::{Authenticate, Credentials, Tokens};

/// What callers with one of the enumerated tokens are called.
const OWNER: &str = "token";
/// What stands before a token; a lower-case letter or another space would be another scheme.
const SCHEME: &str = "Bearer ";

/// Takes one of a list of tokens, from `authorization` or from a header of the operator's.
#[derive(Debug)]
pub(crate) struct Bearer {
    tokens: Tokens,
    header: HeaderName,
    /// The header as the operator wrote it, when it is not `authorization`.
    named: Option<String>,
}

impl Bearer {
    /// These tokens, in this header.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when there is no token, when one is empty, and when the header's name is none.
    pub(crate) fn new(tokens: &[String], header: Option<&str>) -> Result<Self, Error> {
        let tokens = Tokens::new(tokens.iter().map(|token| (OWNER, token.as_str())))?;
        let named = header.map(str::trim).map(str::to_owned);
        let header = named.as_deref().map_or(Ok(AUTHORIZATION), HeaderName::try_from).map_err(|error| {
            let message = "`token_header_name` is no name of a header: it has letters, digits, `-` and `_`";
            Error::new(ErrorKind::Config, message).with_source(error)
        })?;
        Ok(Bearer { tokens, header, named })
    }

    fn token<'a>(&self, credentials: &Credentials<'a>) -> Result<&'a str, Error> {
        let mut values = credentials.values(&self.header);
        let value = values.next().ok_or_else(|| {
            refused(
                "Authentication failed because the authentication header bearing the token was not included on the call.",
            )
        })?;
        if values.next().is_some() {
            let header = self.named.as_deref().unwrap_or("Authorization");
            return Err(refused(format!(
                "Authentication failed because the authentication header '{header}' is specified multiple times."
            )));
        }
        // A token is text; what is not is none.
        let value = value.to_str().unwrap_or_default();
        if self.named.is_some() {
            return Ok(value.trim());
        }
        value.strip_prefix(SCHEME).map(str::trim).ok_or_else(|| {
            refused("Authentication failed because the 'Authorization' header does not start with 'Bearer '")
        })
    }
}

#[async_trait]
impl Authenticate for Bearer {
    fn headers(&self) -> Vec<HeaderName> {
        vec![self.header.clone()]
    }

    async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Option<Caller>> {
        match self.tokens.name_of(self.token(credentials)?) {
            Some(name) => Ok(Some(Caller::named(name))),
            None => Err(refused("Authentication token is not valid.").into()),
        }
    }
}

fn refused(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Unauthenticated, message)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use http::HeaderMap;

    use super::*;
    use crate::identity::Peer;
    use crate::status::Verb;

    fn said(header: Option<&str>, values: &[(&'static str, &str)]) -> String {
        let bearer = Bearer::new(&["t0k3n".to_owned(), "other".to_owned()], header).unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            headers.append(*name, value.parse().unwrap());
        }
        let (shown, peer) = (bearer.headers(), Peer::default());
        let credentials = Credentials::new(Verb::DoGet, &headers, &shown, &peer);
        match bearer.authenticate(&credentials).now_or_never().unwrap() {
            Ok(caller) => caller.unwrap().name.unwrap(),
            Err(error) => error.downcast::<Error>().unwrap().message().to_owned(),
        }
    }

    #[test]
    fn a_token_stands_after_its_scheme() {
        for value in ["Bearer t0k3n", "Bearer other", "Bearer   t0k3n  "] {
            assert_eq!(said(None, &[("authorization", value)]), "token", "{value}");
        }
        for value in ["bearer t0k3n", "t0k3n", "Basic t0k3n", "Bearer", "", " Bearer t0k3n"] {
            assert!(
                said(None, &[("authorization", value)]).ends_with("does not start with 'Bearer '"),
                "{value}"
            );
        }
        for value in ["Bearer t0k3", "Bearer ", "Bearer t", "Bearer T0k3n"] {
            assert_eq!(
                said(None, &[("authorization", value)]),
                "Authentication token is not valid.",
                "{value}"
            );
        }
        assert!(said(None, &[("x-foo", "t0k3n")]).ends_with("was not included on the call."));
        let twice = [("authorization", "Bearer t0k3n"), ("authorization", "Bearer t0k3n")];
        assert!(said(None, &twice).contains("header 'Authorization' is specified multiple times."));
    }

    #[test]
    fn a_header_of_the_operators_is_the_token() {
        assert_eq!(said(Some("X-Foo"), &[("x-foo", " t0k3n ")]), "token");
        assert_eq!(said(Some("X-Foo"), &[("x-foo", "Bearer t0k3n")]), "Authentication token is not valid.");
        assert!(said(Some("X-Foo"), &[("authorization", "Bearer t0k3n")]).contains("was not included"));
        assert!(
            said(Some("X-Foo"), &[("x-foo", "t0k3n"), ("x-foo", "x")])
                .contains("header 'X-Foo' is specified")
        );
        assert!(Bearer::new(&["t".to_owned()], Some("no name")).is_err());
    }
}
