//! One request, while it is put together.

use std::fmt::{self, Display};

use bytes::Bytes;
use flexconnect_core::{Error, ErrorKind, Secret};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde::Serialize;

use crate::answer::Answer;
use crate::client::{Client, Prepared};
use crate::fault::{Secrets, Shown};

/// A request to be sent by [`send`](Self::send); made by [`Client::get`] and its like. What cannot be sent is told
/// there, so that the calls chain.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    client: Client,
    method: Method,
    url: Result<Url, Error>,
    /// Query parameters, as many as were in the URL, whose values are shown.
    shown_query: Vec<(String, String)>,
    secret_query: Vec<(String, Secret<String>)>,
    headers: HeaderMap,
    body: Option<Bytes>,
    repeatable: bool,
}

impl Client {
    /// A `GET` of a URL.
    pub fn get(&self, url: &str) -> Request {
        self.request(Method::GET, url)
    }

    /// A `POST` to a URL.
    pub fn post(&self, url: &str) -> Request {
        self.request(Method::POST, url)
    }

    /// A request of any method.
    pub fn request(&self, method: Method, url: &str) -> Request {
        Request::new(self.clone(), method, url)
    }
}

impl Request {
    fn new(client: Client, method: Method, url: &str) -> Self {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        Request {
            client,
            method,
            url: parse(url),
            shown_query: Vec::new(),
            secret_query: Vec::new(),
            headers,
            body: None,
            repeatable: false,
        }
    }

    /// Adds a query parameter. Errors and logs show it; for a value that must not be shown there is
    /// [`secret_query`](Self::secret_query).
    pub fn query(mut self, name: impl Into<String>, value: impl Display) -> Self {
        self.shown_query.push((name.into(), value.to_string()));
        self
    }

    /// Adds a query parameter whose value is shown nowhere.
    pub fn secret_query(mut self, name: impl Into<String>, value: &Secret<String>) -> Self {
        self.secret_query.push((name.into(), value.clone()));
        self
    }

    /// Sets a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body, JSON that is made already.
    pub fn json_bytes(mut self, json: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.body = Some(json.into());
        self
    }

    /// Sets the body, as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::Data`] when the value is not JSON: a map whose keys are no text.
    pub fn json(self, body: &impl Serialize) -> Result<Self, Error> {
        let json = serde_json::to_vec(body).map_err(|error| {
            Error::new(ErrorKind::Data, format!("the body cannot be written as JSON: {error}"))
        })?;
        Ok(self.json_bytes(json))
    }

    /// Says that sending it twice does no harm although its method is `POST` or `PATCH`: it is then repeated as a
    /// `GET` is.
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Sends it, as often as it takes and is safe, and gives the answer.
    ///
    /// # Errors
    /// They begin with the method and the URL, without secret values. Of a refusal they have the status
    /// and the first 200 characters of the body.
    ///
    /// | what happened | kind |
    /// |---|---|
    /// | the URL or a header cannot be sent, or it leads to another server | [`Config`](ErrorKind::Config) |
    /// | 401, 403, 404 and 410 | [`Unauthenticated`](ErrorKind::Unauthenticated), [`PermissionDenied`](ErrorKind::PermissionDenied), [`NotFound`](ErrorKind::NotFound) |
    /// | 429 | [`RateLimited`](ErrorKind::RateLimited), with when to come back if the server said so |
    /// | any other 4xx | [`InvalidRequest`](ErrorKind::InvalidRequest) |
    /// | 5xx, no connection, an answer that was cut | [`Unavailable`](ErrorKind::Unavailable) |
    /// | 408, no answer in time | [`Timeout`](ErrorKind::Timeout) |
    /// | an answer beyond `max_body` | [`Exhausted`](ErrorKind::Exhausted) |
    pub async fn send(self) -> Result<Answer, Error> {
        let client = self.client.clone();
        client.send(self.prepare()?).await
    }

    fn prepare(self) -> Result<Prepared, Error> {
        let mut url = self.url?;
        let mut secrets: Vec<String> =
            self.client.auth().secrets().map(|secret| secret.expose().clone()).collect();
        let mut line = shown_url(&url);
        let mut add = |name: &str, value: &str, shown: &str| {
            let separator = if url.query().is_some() { '&' } else { '?' };
            line.push_str(&format!("{separator}{}={}", name.escape_debug(), shown.escape_debug()));
            url.query_pairs_mut().append_pair(name, value);
        };
        for (name, value) in &self.shown_query {
            add(name, value, value);
        }
        for (name, value) in &self.secret_query {
            add(name, value.expose(), "***");
            secrets.push(value.expose().clone());
        }
        let shown = Shown { line: format!("{} {line}", self.method), secrets: Secrets(secrets) };
        let Request { method, mut headers, body, repeatable, client, .. } = self;
        client.auth().apply(&mut headers);
        Ok(Prepared { method, url, headers, body, repeatable, shown })
    }
}

/// Method and URL as an error shows them.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.as_ref().map(shown_url);
        f.debug_struct("Request").field("method", &self.method).field("url", &url).finish_non_exhaustive()
    }
}

/// An `http` or `https` URL. The text is not quoted in the error: it may have a password.
fn parse(text: &str) -> Result<Url, Error> {
    let wrong = |why: &str| {
        Error::new(ErrorKind::Config, format!("this is not a URL requests can be sent to: {why}"))
    };
    let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("it must begin with `http://` or `https://`"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // It would be shown wherever the URL is configured.
        return Err(wrong("it has a user name or a password; use basic authentication"));
    }
    Ok(url)
}

/// The URL without fragment, and with the names of its query parameters only: what their values are, whoever wrote
/// the URL alone knows.
fn shown_url(url: &Url) -> String {
    let mut shown = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    if let Some(port) = url.port() {
        shown.push_str(&format!(":{port}"));
    }
    shown.push_str(url.path());
    for (at, (name, _)) in url.query_pairs().enumerate() {
        shown.push_str(&format!("{}{name}=***", if at == 0 { '?' } else { '&' }));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Auth, ClientConfig};

    fn client() -> Client {
        let auth = Auth::bearer(&Secret::new("t0k3n".to_owned())).unwrap();
        Client::new(&ClientConfig::default(), auth).unwrap()
    }

    #[test]
    fn what_is_shown_has_no_secret() {
        let key = Secret::new("k&y".to_owned());
        let request = client()
            .get("https://example.com:8443/a%20b?token=x&flag#f")
            .query("page", 3)
            .secret_query("key", &key);
        let debug = format!("{request:?}");
        assert!(
            debug.contains("example.com")
                && !["t0k3n", "=x", "k&y"].iter().any(|hidden| debug.contains(hidden))
        );
        let prepared = request.prepare().unwrap();
        assert_eq!(
            prepared.shown.line,
            "GET https://example.com:8443/a%20b?token=***&flag=***&page=3&key=***"
        );
        assert_eq!(prepared.url.query(), Some("token=x&flag&page=3&key=k%26y"));
        let error = prepared.shown.error(ErrorKind::Data, "k&y and t0k3n").to_string();
        assert!(error.ends_with(": *** and ***"), "{error}");
    }

    #[test]
    fn only_web_addresses_are_urls() {
        for text in [
            "",
            "example.com",
            "ftp://example.com/",
            "/items",
            "http://",
            "file:///etc/passwd",
            "http://ada:pw@x",
        ] {
            let error = client().get(text).prepare().err().expect(text);
            assert_eq!(error.kind(), ErrorKind::Config, "{text}");
        }
        // A query that is not there is not made.
        assert_eq!(client().get("http://example.com").prepare().unwrap().url.as_str(), "http://example.com/");
    }
}
