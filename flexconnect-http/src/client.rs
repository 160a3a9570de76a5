//! The client: one pool of connections for all requests.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use flexconnect_core::{Error, ErrorKind, count_retry};
use reqwest::header::HeaderMap;
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Method, Url};
use tokio::time::Instant;

use crate::answer::{Answer, beginning};
use crate::auth::Auth;
use crate::config::ClientConfig;
use crate::fault::{Failure, Shown};
use crate::rate::Rate;
use crate::retry::{Retries, retry_after};

/// As many redirects are followed, within one server.
const REDIRECTS: usize = 5;

/// A client of one API: a pool of connections, credentials, repetitions and a rate, shared by its clones.
///
/// Make one for each configuration and keep it in the connector, or in what a plugin's connectors share. Redirects
/// are followed within the server that was asked, and never to another, which would get the credentials. The usual
/// variables (`HTTPS_PROXY`, `NO_PROXY`, ..) name a proxy.
///
/// Requests are logged at the level `info`, those that are repeated at `warn`, without secrets.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    http: reqwest::Client,
    config: ClientConfig,
    auth: Auth,
    rate: Option<Rate>,
}

/// A request that can be sent any number of times. Its URL may have secrets, so it has no `Debug`.
pub(crate) struct Prepared {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    pub(crate) repeatable: bool,
    pub(crate) shown: Shown,
}

impl Client {
    /// A client. Nothing is connected yet.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a rate that is no number from 0.001 to 1,000,000,000, [`ErrorKind::Internal`] when the system has no
    /// random numbers for TLS.
    pub fn new(config: &ClientConfig, auth: Auth) -> Result<Self, Error> {
        let builder = reqwest::Client::builder()
            .user_agent(concat!("flexconnect-http/", env!("CARGO_PKG_VERSION")))
            .timeout(config.timeout)
            .connect_timeout(config.connect_timeout)
            // The header would tell the URL, query and all.
            .referer(false)
            .redirect(Policy::custom(|attempt| match same_server(&attempt) {
                true => attempt.follow(),
                // The redirect itself is then the answer, and so an error.
                false => attempt.stop(),
            }));
        #[cfg(feature = "tls")]
        let builder = builder.tls_backend_preconfigured(crate::tls::config()?);
        let http = builder.build().map_err(|error| {
            Error::new(ErrorKind::Internal, format!("no HTTP client can be made: {error}"))
        })?;
        let rate = config.requests_per_second.map(Rate::per_second).transpose()?;
        Ok(Client(Arc::new(Shared { http, config: config.clone(), auth, rate })))
    }

    pub(crate) fn auth(&self) -> &Auth {
        &self.0.auth
    }

    pub(crate) async fn send(&self, request: Prepared) -> Result<Answer, Error> {
        let Shared { config, rate, .. } = &*self.0;
        let mut retries = Retries::new(config, &request.method, request.repeatable);
        let line = &request.shown.line;
        let mut attempt: u64 = 0;
        loop {
            attempt += 1;
            if let Some(rate) = rate {
                rate.permit().await;
            }
            let started = Instant::now();
            let outcome = self.attempt(&request).await;
            let milliseconds = started.elapsed().as_millis() as u64;
            let failure = match outcome {
                Ok(answer) => {
                    let (status, bytes) = (answer.status().as_u16(), answer.bytes().len());
                    tracing::info!(request = line, status, bytes, milliseconds, attempt, "request answered");
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            let outcome = failure.error.kind().as_str();
            let Some(delay) = retries.after(&failure) else {
                tracing::info!(request = line, outcome, milliseconds, attempt, "request failed");
                return Err(match attempt {
                    1 => failure.error,
                    _ => after_attempts(failure.error, attempt),
                });
            };
            let wait = delay.as_millis() as u64;
            count_retry();
            tracing::warn!(request = line, outcome, milliseconds, attempt, wait, "request is repeated");
            tokio::time::sleep(delay).await;
        }
    }

    async fn attempt(&self, request: &Prepared) -> Result<Answer, Failure> {
        let mut sent = reqwest::Request::new(request.method.clone(), request.url.clone());
        sent.headers_mut().extend(request.headers.clone());
        *sent.body_mut() = request.body.clone().map(Into::into);
        let response = self.0.http.execute(sent).await;
        let response = response.map_err(|error| Failure::of(error, &request.shown))?;
        let status = response.status();
        if status.is_success() {
            return Answer::read(response, self.0.config.max_body.bytes(), &request.shown).await;
        }
        let asked = retry_after(response.headers(), SystemTime::now());
        Err(Failure::answered(status, asked, &beginning(response, &request.shown).await, &request.shown))
    }
}

/// Whether a redirect stays with the server that was asked first, and does not go on for ever.
fn same_server(attempt: &Attempt<'_>) -> bool {
    let server =
        |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port_or_known_default());
    let first = attempt.previous().first();
    attempt.previous().len() <= REDIRECTS && first.is_some_and(|first| server(first) == server(attempt.url()))
}

/// Says that it was tried more than once; kind, advice and source stay.
fn after_attempts(error: Error, attempts: u64) -> Error {
    let told = Error::new(error.kind(), format!("{} (tried {attempts} times)", error.message()));
    match error.retry_after() {
        Some(delay) => told.with_retry_after(delay),
        None => told,
    }
    .with_source(error)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", &self.0.config).finish_non_exhaustive()
    }
}
