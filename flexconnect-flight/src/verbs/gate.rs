//! Who gets in: each call's caller, known before anything of the call is decoded.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use flexconnect_core::{Caller, Error, ErrorKind};
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use tokio::time::timeout;

use crate::call::peer;
use crate::identity::{Authenticate, Credentials, Logins};
use crate::keys::Keys;
use crate::status::Verb;
use crate::verbs::tables::unknown;

/// The door of a server; open to all while nobody asks who calls.
#[derive(Clone, Default)]
pub(crate) struct Gate {
    authenticate: Option<Arc<dyn Authenticate>>,
    headers: Vec<HeaderName>,
    logins: Logins,
}

impl Gate {
    pub(crate) fn set_authenticator(&mut self, authenticate: Arc<dyn Authenticate>) {
        self.headers = authenticate.headers();
        self.authenticate = Some(authenticate);
    }

    pub(crate) fn set_login_lifetime(&mut self, lifetime: Duration) {
        self.logins.lifetime = lifetime;
    }

    /// Lets a call in: its caller is among its extensions afterwards, and what proved it is not among its headers.
    pub(crate) async fn admit(
        &self,
        parts: &mut Parts,
        verb: Verb,
        keys: &Keys,
        patience: Duration,
    ) -> Result<(), Error> {
        match self.authenticate.as_deref() {
            // On the heap, so that calls have no room for it where nobody asks.
            Some(authenticate) => Box::pin(self.ask(authenticate, parts, verb, keys, patience)).await,
            None => Ok(()),
        }
    }

    async fn ask(
        &self,
        authenticate: &dyn Authenticate,
        parts: &mut Parts,
        verb: Verb,
        keys: &Keys,
        patience: Duration,
    ) -> Result<(), Error> {
        if verb == Verb::Handshake && !authenticate.offers_login() {
            let message = format!("there is no login here; {}, with each call", authenticate.wanted());
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let peer = peer(&parts.extensions);
        let credentials = Credentials::new(verb, &parts.headers, &self.headers, &peer);
        let known = async {
            match self.logged_in(authenticate, &parts.headers, verb, keys) {
                Some(caller) => {
                    let caller = caller?;
                    if authenticate.recognise(&caller).await.map_err(unknown)? {
                        return Ok(caller);
                    }
                    let message = "whoever logged in is not known here any more; log in again by Handshake";
                    Err(Error::new(ErrorKind::Unauthenticated, message))
                }
                None => authenticate.authenticate(&credentials).await.map_err(unknown)?.ok_or_else(|| {
                    let message = format!("this server wants to know who calls: {}", authenticate.wanted());
                    Error::new(ErrorKind::Unauthenticated, message)
                }),
            }
        };
        let caller = timeout(patience, known).await.unwrap_or_else(|_| {
            let message = "who calls could not be found out in time; try again";
            Err(Error::new(ErrorKind::Unavailable, message))
        })?;
        for header in &self.headers {
            parts.headers.remove(header);
        }
        parts.extensions.insert(caller);
        Ok(())
    }

    /// The answer to a login: what stands for this caller from now on.
    pub(crate) fn login(&self, caller: &Caller, keys: &Keys) -> Result<String, Error> {
        let offered = self.authenticate.as_ref().is_some_and(|authenticate| authenticate.offers_login());
        if !offered {
            let message = "there is no login here; call without credentials";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        self.logins.seal(keys, caller)
    }

    /// Who logged in before, when the call comes with the token of that.
    fn logged_in(
        &self,
        authenticate: &dyn Authenticate,
        headers: &HeaderMap,
        verb: Verb,
        keys: &Keys,
    ) -> Option<Result<Caller, Error>> {
        // A login asks for credentials, so that one does not last for ever by being renewed.
        if verb == Verb::Handshake || !authenticate.offers_login() {
            return None;
        }
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return None };
        self.logins.open(keys, value.to_str().ok()?)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("headers", &self.headers).finish_non_exhaustive()
    }
}
