//! How requests say who sends them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flexconnect_core::config::Faults;
use flexconnect_core::{Config, Secret};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

/// What goes with every request to prove who sends it. It is never printed: `Debug` shows no secret, and
/// answers quoted in errors are cleared of it.
///
/// ```
/// use flexconnect_core::Secret;
/// use flexconnect_http::Auth;
///
/// let auth = Auth::bearer(&Secret::new("t0k3n".to_owned())).unwrap();
/// assert!(!format!("{auth:?}").contains("t0k3n"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Auth {
    /// Marked sensitive, which also keeps it out of `Debug`.
    header: Option<(HeaderName, HeaderValue)>,
    secrets: Vec<Secret<String>>,
}

/// A text that cannot be sent in a header: it has a line break or another control character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot be sent in a header: remove line breaks and other control characters")]
#[non_exhaustive]
pub struct NotHeader;

impl Auth {
    /// Nothing.
    pub fn none() -> Self {
        Auth::default()
    }

    /// `Authorization: Bearer TOKEN`.
    ///
    /// # Errors
    /// For a token with control characters.
    pub fn bearer(token: &Secret<String>) -> Result<Self, NotHeader> {
        let value = format!("Bearer {}", token.expose());
        Ok(Self::header(AUTHORIZATION, sensitive(&value)?, token))
    }

    /// `Authorization: Basic …`, of a user name without `:` and a password.
    ///
    /// # Errors
    /// For a user name with `:` or control characters.
    pub fn basic(user: &str, password: &Secret<String>) -> Result<Self, NotHeader> {
        if user.contains(|c: char| c == ':' || c.is_control()) {
            return Err(NotHeader);
        }
        let credentials = BASE64_STANDARD.encode(format!("{user}:{}", password.expose()));
        Ok(Self::header(AUTHORIZATION, sensitive(&format!("Basic {credentials}"))?, password)
            .with_secret(credentials))
    }

    /// A key in a header of its own, such as `X-API-Key: KEY`.
    ///
    /// # Errors
    /// For a key with control characters.
    pub fn api_key(header: HeaderName, key: &Secret<String>) -> Result<Self, NotHeader> {
        Ok(Self::header(header, sensitive(key.expose())?, key))
    }

    fn header(name: HeaderName, value: HeaderValue, secret: &Secret<String>) -> Self {
        Auth { header: Some((name, value)), secrets: vec![secret.clone()] }
    }

    fn with_secret(mut self, secret: String) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// Adds its header.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        if let Some((name, value)) = &self.header {
            headers.insert(name, value.clone());
        }
    }

    /// What must not be quoted.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret<String>> {
        self.secrets.iter()
    }
}

/// A header's value that neither logs nor HTTP/2's compression tables show.
pub(crate) fn sensitive(value: &str) -> Result<HeaderValue, NotHeader> {
    let mut value = HeaderValue::from_str(value).map_err(|_| NotHeader)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The four ways of [`AuthConfig`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Config)]
pub enum AuthType {
    /// Requests carry no credentials.
    #[default]
    None,
    /// `Authorization: Bearer` and the token.
    #[config(label = "Bearer Token")]
    Bearer,
    /// `Authorization: Basic`, of user name and token.
    #[config(label = "Basic Auth")]
    Basic,
    /// The token in a header of its own.
    #[config(label = "API Key Header")]
    ApiKey,
}

/// [`Auth`] as its user configures it.
///
/// A connector embeds it as an object; one whose form is flat has fields of the same names, and its check makes an
/// `AuthConfig` of them: the faults name the fields in both cases.
///
/// ```
/// use flexconnect_core::Config;
/// use flexconnect_http::AuthConfig;
///
/// let values = serde_json::json!({ "auth_type": "basic", "auth_token": "secret" });
/// let error = AuthConfig::parse(values.as_object().unwrap()).unwrap_err();
/// assert_eq!(error.to_string(), "wrong configuration: `auth_user` is required for `auth_type` `basic`: add the user name");
/// ```
#[derive(Debug, Clone, Config)]
#[config(check = "AuthConfig::check")]
pub struct AuthConfig {
    /// How requests say who sends them.
    #[config(label = "Authentication", default)]
    pub auth_type: AuthType,
    /// The bearer token, the password or the API key.
    #[config(label = "Auth Token/Password")]
    pub auth_token: Option<Secret<String>>,
    /// The user name, for basic authentication.
    #[config(label = "Username (for Basic Auth)")]
    pub auth_user: Option<String>,
    /// The header of the API key.
    #[config(label = "API Key Header", default = "X-API-Key")]
    pub api_key_header: String,
}

impl Default for AuthConfig {
    fn default() -> Self {
        AuthConfig {
            auth_type: AuthType::None,
            auth_token: None,
            auth_user: None,
            api_key_header: "X-API-Key".into(),
        }
    }
}

impl AuthConfig {
    fn check(&self) -> Result<(), Faults> {
        self.auth().map(drop)
    }

    /// What it says.
    ///
    /// # Errors
    /// Every field that the chosen way needs and that is missing, empty or cannot be sent.
    pub fn auth(&self) -> Result<Auth, Faults> {
        let mut faults = Faults::new();
        let way = match self.auth_type {
            AuthType::None => return Ok(Auth::none()),
            AuthType::Bearer => "bearer",
            AuthType::Basic => "basic",
            AuthType::ApiKey => "api_key",
        };
        let token = self.auth_token.as_ref().filter(|token| !token.expose().is_empty());
        if token.is_none() {
            let what = match self.auth_type {
                AuthType::Basic => "the password",
                AuthType::ApiKey => "the key",
                _ => "the token",
            };
            faults.add("auth_token", format!("is required for `auth_type` `{way}`: add {what}"));
        }
        let made = match self.auth_type {
            AuthType::Basic => {
                let user = self.auth_user.as_deref().unwrap_or_default();
                if user.is_empty() {
                    faults.add("auth_user", "is required for `auth_type` `basic`: add the user name");
                } else if user.contains(':') {
                    faults.add("auth_user", "must have no `:`, which separates it from the password");
                } else if user.contains(char::is_control) {
                    faults.add("auth_user", NotHeader.to_string());
                }
                token.map(|token| Auth::basic(user, token))
            }
            AuthType::ApiKey => match HeaderName::try_from(&self.api_key_header) {
                Ok(header) => token.map(|token| Auth::api_key(header, token)),
                Err(_) => {
                    faults.add("api_key_header", "is not the name of a header: use letters, digits and `-`");
                    None
                }
            },
            _ => token.map(Auth::bearer),
        };
        match made {
            Some(Ok(auth)) if faults.is_empty() => return Ok(auth),
            Some(Err(unfit)) if faults.is_empty() => faults.add("auth_token", unfit.to_string()),
            _ => {}
        }
        Err(faults)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn auth(values: Value) -> Result<AuthConfig, String> {
        AuthConfig::parse(values.as_object().unwrap()).map_err(|error| error.to_string())
    }

    fn sent(values: Value) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        auth(values).unwrap().auth().unwrap().apply(&mut headers);
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
    }

    #[test]
    fn each_way_sends_its_header() {
        let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        assert_eq!(sent(json!({})), []);
        assert_eq!(
            sent(json!({ "auth_type": "bearer", "auth_token": "t" })),
            header("authorization", "Bearer t")
        );
        let basic = json!({ "auth_type": "basic", "auth_user": "Aladdin", "auth_token": "open sesame" });
        assert_eq!(sent(basic), header("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        assert_eq!(sent(json!({ "auth_type": "api_key", "auth_token": "k" })), header("x-api-key", "k"));
        let named = json!({ "auth_type": "api_key", "auth_token": "k", "api_key_header": "Key" });
        assert_eq!(sent(named), header("key", "k"));
    }

    #[test]
    fn what_is_missing_or_cannot_be_sent_is_named() {
        for (values, words) in [
            (json!({ "auth_type": "bearer" }), ["`auth_token` is required", "add the token"]),
            (
                json!({ "auth_type": "bearer", "auth_token": "" }),
                ["`auth_token` is required", "add the token"],
            ),
            (
                json!({ "auth_type": "bearer", "auth_token": "a\nb" }),
                ["`auth_token` cannot be sent", "line breaks"],
            ),
            (json!({ "auth_type": "basic" }), ["`auth_user` is required", "2 faults"]),
            (
                json!({ "auth_type": "basic", "auth_user": "a:b", "auth_token": "x" }),
                ["`auth_user`", "no `:`"],
            ),
            (json!({ "auth_type": "api_key" }), ["`auth_token` is required", "add the key"]),
            (
                json!({ "auth_type": "api_key", "auth_token": "k", "api_key_header": "a b" }),
                ["`api_key_header`", "not the name"],
            ),
            (json!({ "auth_type": "beerer" }), ["`auth_type`", "did you mean `bearer`"]),
        ] {
            let error = auth(values.clone()).unwrap_err();
            assert!(words.iter().all(|word| error.contains(word)), "{values}: {error}");
        }
    }
}
