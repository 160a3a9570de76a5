//! `Authenticate`: from what came with a call to who calls.

use std::sync::Arc;

use async_trait::async_trait;
use flexconnect_core::{Caller, Result};
use http::HeaderName;
use http::header::AUTHORIZATION;

use super::credentials::Credentials;

/// Tells who calls.
///
/// It is asked once for each call, whichever it is, before anything else is done; a slow one is given up after
/// [`authentication_timeout`](crate::ServiceLimits::authentication_timeout) or with the caller's deadline, and a panic
/// in it ends that call alone. [`Tokens`](super::Tokens), [`Passwords`](super::Passwords) and
/// [`ClientCertificates`](super::ClientCertificates) are ready-made, [`FirstOf`](super::FirstOf) takes several. One of
/// one's own:
///
/// ```
/// use async_trait::async_trait;
/// use flexconnect_core::{Caller, Error, ErrorKind, Result};
/// use flexconnect_flight::identity::{Authenticate, Credentials};
///
/// /// Takes the tokens a service knows.
/// struct Introspection;
///
/// impl Introspection {
///     async fn user_of(&self, token: &str) -> Result<Option<String>> {
///         Ok(token.strip_prefix("user-").map(str::to_owned))
///     }
/// }
///
/// #[async_trait]
/// impl Authenticate for Introspection {
///     async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Option<Caller>> {
///         let Some(token) = credentials.bearer()? else { return Ok(None) };
///         match self.user_of(token).await? {
///             Some(user) => Ok(Some(Caller::named(user))),
///             None => Err(Error::new(ErrorKind::Unauthenticated, "the token is not valid; get a new one").into()),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// The headers it reads, `authorization` if not said. Others are not shown to it, and these are shown to nobody
    /// after it.
    fn headers(&self) -> Vec<HeaderName> {
        vec![AUTHORIZATION]
    }

    /// Whether clients may log in: `Handshake` with credentials this takes is then answered with a token that stands
    /// for the caller until it expires, and is taken by the service itself.
    fn offers_login(&self) -> bool {
        false
    }

    /// Who calls. `None` when the call brings no credentials of the kind this takes: it is then refused, unless
    /// another of a [`FirstOf`](super::FirstOf) knows who it is. It is never let in as nobody; for that, give a
    /// [`Caller`] without a name.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`](flexconnect_core::ErrorKind::Unauthenticated) for credentials that are wrong,
    /// [`ErrorKind::PermissionDenied`](flexconnect_core::ErrorKind::PermissionDenied) for a caller who may not call at
    /// all. An error without a kind refuses the call as a failure of the server; its text goes to the log only.
    async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Option<Caller>>;

    /// Whether one who logged in is still let in, asked when the token of a login comes back. Everybody if not said.
    ///
    /// # Errors
    /// As [`authenticate`](Self::authenticate).
    async fn recognise(&self, caller: &Caller) -> Result<bool> {
        let _ = caller;
        Ok(true)
    }

    /// What a call without credentials is told to bring, worded to follow "this server wants to know who calls".
    fn wanted(&self) -> String {
        "bring credentials".into()
    }
}

#[async_trait]
impl<A: Authenticate + ?Sized> Authenticate for Arc<A> {
    fn headers(&self) -> Vec<HeaderName> {
        (**self).headers()
    }

    fn offers_login(&self) -> bool {
        (**self).offers_login()
    }

    async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Option<Caller>> {
        (**self).authenticate(credentials).await
    }

    async fn recognise(&self, caller: &Caller) -> Result<bool> {
        (**self).recognise(caller).await
    }

    fn wanted(&self) -> String {
        (**self).wanted()
    }
}
