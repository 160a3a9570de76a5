//! Several ways to say who one is.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use flexconnect_core::{Caller, Result};
use http::HeaderName;

use super::authenticate::Authenticate;
use super::credentials::Credentials;

/// Asks several authenticators in turn; the first who knows the caller says who it is.
///
/// When none does, the call is refused for the reason the first gave who found credentials of its kind.
///
/// ```
/// use flexconnect_flight::identity::{FirstOf, Passwords, Tokens};
///
/// let either = FirstOf::new()
///     .or(Tokens::new([("reports", "t0k3n")])?)
///     .or(Passwords::new([("ann", "a long random text")])?);
/// # Ok::<_, flexconnect_core::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct FirstOf(Vec<(Vec<HeaderName>, Arc<dyn Authenticate>)>);

impl FirstOf {
    /// None, which lets nobody in.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks this one when those before do not know the caller.
    #[must_use]
    pub fn or(mut self, other: impl Authenticate) -> Self {
        self.0.push((other.headers(), Arc::new(other)));
        self
    }
}

#[async_trait]
impl Authenticate for FirstOf {
    fn headers(&self) -> Vec<HeaderName> {
        self.0.iter().flat_map(|(headers, _)| headers.clone()).collect()
    }

    fn offers_login(&self) -> bool {
        self.0.iter().any(|(_, one)| one.offers_login())
    }

    async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Option<Caller>> {
        let mut refused = None;
        for (headers, one) in &self.0 {
            match one.authenticate(&credentials.showing(headers)).await {
                Ok(Some(caller)) => return Ok(Some(caller)),
                Ok(None) => {}
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        refused.map_or(Ok(None), Err)
    }

    async fn recognise(&self, caller: &Caller) -> Result<bool> {
        for (_, one) in self.0.iter().filter(|(_, one)| one.offers_login()) {
            if one.recognise(caller).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn wanted(&self) -> String {
        self.0.iter().map(|(_, one)| one.wanted()).collect::<Vec<_>>().join(", or ")
    }
}

impl fmt::Debug for FirstOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstOf").field("count", &self.0.len()).finish_non_exhaustive()
    }
}
