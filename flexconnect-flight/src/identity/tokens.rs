//! Bearer tokens: a name for each of a list of secrets.

use std::collections::HashSet;
use std::fmt;

use async_trait::async_trait;
use flexconnect_core::{Caller, Error, ErrorKind, Result};
use http::HeaderName;
use http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::authenticate::Authenticate;
use super::credentials::Credentials;

/// Takes the tokens of a list, each of which stands for a name: `authorization: Bearer <token>`.
///
/// A token is compared with all of the list, in the same time whichever it is and whether it is one of them or not.
/// Several tokens may stand for one name, so that a token can be changed without a call refused.
///
/// ```
/// use flexconnect_flight::identity::Tokens;
///
/// let tokens = Tokens::new([("reports", "t0k3n-of-the-reports"), ("reports", "t0k3n-they-will-have")])?
///     .with_header("x-api-key")?;
/// # Ok::<_, flexconnect_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Tokens {
    /// What a caller shows; digests, so that all are of the same length.
    known: Vec<([u8; 32], String)>,
    header: Option<HeaderName>,
}

impl Tokens {
    /// These tokens, each after the name it stands for. White space around a token does not count.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when there is no token, when one is empty, or when one stands for two names.
    pub fn new<N: Into<String>, T: AsRef<str>>(
        tokens: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Self, Error> {
        let wrong = |message: String| Error::new(ErrorKind::Config, message);
        let mut known: Vec<([u8; 32], String)> = Vec::new();
        for (name, token) in tokens {
            let (name, token) = (name.into(), token.as_ref().trim());
            if token.is_empty() {
                return Err(wrong(format!(
                    "the token of `{name}` is empty, so everybody would have it; give it a random text"
                )));
            }
            let digest = digest(token);
            if let Some((_, other)) = known.iter().find(|(known, other)| *known == digest && *other != name) {
                return Err(wrong(format!(
                    "`{other}` and `{name}` have the same token; give each one of its own"
                )));
            }
            known.push((digest, name));
        }
        if known.is_empty() {
            return Err(wrong(
                "there is no token, so nobody could call; give at least one, or want none".into(),
            ));
        }
        Ok(Tokens { known, header: None })
    }

    /// Takes the token from this header, whose whole value it is.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when that is no name of a header.
    pub fn with_header(mut self, name: impl AsRef<str>) -> Result<Self, Error> {
        let name = name.as_ref().trim();
        let header = HeaderName::try_from(name).map_err(|error| {
            let message = "the name of the tokens' header is none: it has letters, digits, `-` and `_`";
            Error::new(ErrorKind::Config, message).with_source(error)
        })?;
        self.header = Some(header);
        Ok(self)
    }

    /// The name a token stands for. Looks at all of them.
    pub(crate) fn name_of(&self, token: &str) -> Option<&str> {
        let shown = digest(token);
        let mut found = u32::MAX;
        for (index, (known, _)) in (0u32..).zip(&self.known) {
            let same: Choice = known.ct_eq(&shown);
            found.conditional_assign(&index, same);
        }
        self.known.get(found as usize).map(|(_, name)| name.as_str())
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[async_trait]
impl Authenticate for Tokens {
    fn headers(&self) -> Vec<HeaderName> {
        vec![self.header.clone().unwrap_or(AUTHORIZATION)]
    }

    async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Option<Caller>> {
        let token = match &self.header {
            Some(header) => credentials.header(header.as_str())?,
            None => credentials.bearer()?,
        };
        let Some(token) = token else { return Ok(None) };
        match self.name_of(token) {
            Some(name) => Ok(Some(Caller::named(name))),
            None => {
                let message = "the token is not one this server knows; ask its operator for one";
                Err(Error::new(ErrorKind::Unauthenticated, message).into())
            }
        }
    }

    fn wanted(&self) -> String {
        match &self.header {
            Some(header) => format!("send your token in the header `{header}`"),
            None => "send your token in the header `authorization`, after `Bearer `".into(),
        }
    }
}

/// Tokens are printed nowhere.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: HashSet<_> = self.known.iter().map(|(_, name)| name).collect();
        f.debug_struct("Tokens")
            .field("tokens", &self.known.len())
            .field("names", &names)
            .field("header", &self.header)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_has_its_name() {
        let tokens = Tokens::new([("ann", "one"), ("bob", " two\n"), ("ann", "three")]).unwrap();
        assert_eq!(tokens.name_of("one"), Some("ann"));
        assert_eq!(tokens.name_of("two"), Some("bob"));
        assert_eq!(tokens.name_of("three"), Some("ann"));
        for wrong in ["", "on", "onee", "One", "\0one"] {
            assert_eq!(tokens.name_of(wrong), None, "{wrong}");
        }
        let printed = format!("{tokens:?}");
        assert!(printed.contains("ann") && !printed.contains("three"), "{printed}");
    }

    #[test]
    fn a_list_that_would_let_everybody_in_is_refused() {
        let none: [(&str, &str); 0] = [];
        for (error, part) in [
            (Tokens::new(none).unwrap_err(), "no token"),
            (Tokens::new([("ann", " ")]).unwrap_err(), "`ann` is empty"),
            (Tokens::new([("ann", "same"), ("bob", "same")]).unwrap_err(), "`ann` and `bob`"),
            (Tokens::new([("ann", "x")]).unwrap().with_header("no name").unwrap_err(), "header"),
        ] {
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(part) && !error.to_string().contains("same,"), "{error}");
        }
    }
}
