//! Where an API is.

use std::fmt;

use flexconnect_core::config::{ConfigValue, Faults, Input, Parameter, ParameterKind};
use reqwest::Url;
use serde_json::Value;

/// The URL that all requests to an API begin with: `https://api.example.com/v1`.
///
/// ```
/// use flexconnect_http::BaseUrl;
///
/// let base = BaseUrl::parse("https://api.example.com/v1/").unwrap();
/// assert_eq!(base.join("/users").unwrap(), "https://api.example.com/v1/users");
/// assert!(base.join("../admin").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(
    /// Without a slash at the end.
    String,
);

/// Why a text is no base URL, or leads out of one. The text is not part of it, since it may have a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotBaseUrl(&'static str);

impl BaseUrl {
    /// A URL from its text.
    ///
    /// # Errors
    /// When it does not begin with `http://` or `https://`, has no host, has a user name or a password (requests would
    /// authenticate by what everyone sees), or a query or fragment, after which no path can come.
    pub fn parse(text: &str) -> Result<Self, NotBaseUrl> {
        const EXPECTED: NotBaseUrl = NotBaseUrl("must be a URL such as `https://api.example.com/v1`");
        let url = Url::parse(text).map_err(|_| EXPECTED)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(EXPECTED);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NotBaseUrl(
                "must have no user name and no password; authentication has its own parameters",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(NotBaseUrl(
                "must have no `?` and no `#`: what follows them belongs to a single request",
            ));
        }
        Ok(BaseUrl(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// The URL of something below, with exactly one `/` between; it may have a query.
    ///
    /// # Errors
    /// When it leads out by `..`: who may choose what is below may not choose what is beside.
    pub fn join(&self, below: &str) -> Result<String, NotBaseUrl> {
        const OUTSIDE: NotBaseUrl = NotBaseUrl("must stay below the base URL, without `..`");
        let joined = format!("{}/{}", self.0, below.trim_start_matches('/'));
        // The parser resolves `..` in all its spellings.
        let url = Url::parse(&joined).map_err(|_| OUTSIDE)?;
        if url.as_str().strip_prefix(&self.0).is_some_and(|rest| rest.starts_with('/')) {
            Ok(url.into())
        } else {
            Err(OUTSIDE)
        }
    }
}

/// The URL without a slash at its end.
impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ConfigValue for BaseUrl {
    fn parameter() -> Parameter {
        Parameter::new(ParameterKind::Text)
    }

    fn read(input: Input<'_>, faults: &mut Faults) -> Option<Self> {
        let text = input.text("a URL such as \"https://api.example.com/v1\"", faults)?;
        BaseUrl::parse(text).map_err(|unfit| input.fault(unfit.to_string(), faults)).ok()
    }

    fn to_json(&self) -> Value {
        Value::String(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_slash_between() {
        for base in ["http://x:81/api", "http://x:81/api/", "HTTP://X:81/api//"] {
            for below in ["items", "/items", "//items"] {
                assert_eq!(
                    BaseUrl::parse(base).unwrap().join(below).unwrap(),
                    "http://x:81/api/items",
                    "{base} {below}"
                );
            }
        }
        let base = BaseUrl::parse("https://x").unwrap();
        assert_eq!(base.join("a b/@c?d=e").unwrap(), "https://x/a%20b/@c?d=e");
        assert_eq!(base.join("").unwrap(), "https://x/");
    }

    #[test]
    fn nothing_leads_out_of_it() {
        let base = BaseUrl::parse("https://x/api").unwrap();
        for below in ["..", "../admin", "a/../../admin", "%2e%2e/admin", "..\\admin", "../apis"] {
            assert!(base.join(below).is_err(), "{below}");
        }
        assert_eq!(base.join("a/../b").unwrap(), "https://x/api/b");
    }

    #[test]
    fn a_base_is_a_plain_web_address() {
        for text in
            ["", "x", "ftp://x", "https://", "https://ada@x", "https://:pw@x", "https://x?a", "https://x#a"]
        {
            assert!(BaseUrl::parse(text).is_err(), "{text}");
        }
    }
}
