//! Users with passwords, who log in by Handshake.

use std::fmt;

use async_trait::async_trait;
use flexconnect_core::{Caller, Error, ErrorKind, Result};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::authenticate::Authenticate;
use super::credentials::Credentials;

/// Takes users with their passwords, as `authorization: Basic ..`, and lets them log in by Handshake.
///
/// For service accounts, whose passwords are long and random and are set in the server's own settings. People's
/// passwords belong to a directory: an [`Authenticate`] of one's own asks it with
/// [`Credentials::basic`] and says that it [offers a login](Authenticate::offers_login).
///
/// ```
/// use flexconnect_flight::identity::Passwords;
///
/// let passwords = Passwords::new([("ann", "a long random text"), ("bob", "another")])?;
/// # Ok::<_, flexconnect_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Passwords(Vec<(String, [u8; 32])>);

impl Passwords {
    /// These passwords, each after the user whose it is.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when there is none, when one is empty, or when a user is there twice or has a colon in
    /// the name, which no client can send.
    pub fn new<U: Into<String>, P: AsRef<str>>(
        users: impl IntoIterator<Item = (U, P)>,
    ) -> Result<Self, Error> {
        let wrong = |message: String| Err(Error::new(ErrorKind::Config, message));
        let mut known: Vec<(String, [u8; 32])> = Vec::new();
        for (user, password) in users {
            let (user, password) = (user.into(), password.as_ref());
            if password.is_empty() {
                return wrong(format!("the password of `{user}` is empty; give it a random text"));
            }
            if user.is_empty() || user.contains(':') {
                return wrong(format!("`{user}` is no name of a user: it has a letter, and no colon"));
            }
            if known.iter().any(|(other, _)| *other == user) {
                return wrong(format!("the user `{user}` is there twice; remove one"));
            }
            let digest = digest(&user, password);
            known.push((user, digest));
        }
        if known.is_empty() {
            return wrong("there is no user, so nobody could call; give at least one, or want none".into());
        }
        Ok(Passwords(known))
    }

    /// Whether this is the user's password. Looks at all users, so that time does not tell who is one.
    fn knows(&self, user: &str, password: &str) -> bool {
        let shown = digest(user, password);
        let same = self.0.iter().map(|(_, known)| known.ct_eq(&shown));
        same.fold(Choice::from(0), |one, other| one | other).into()
    }
}

/// Of both, told apart by the first one's length.
fn digest(user: &str, password: &str) -> [u8; 32] {
    let hash = Sha256::new().chain_update((user.len() as u64).to_le_bytes());
    hash.chain_update(user).chain_update(password).finalize().into()
}

#[async_trait]
impl Authenticate for Passwords {
    fn offers_login(&self) -> bool {
        true
    }

    async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Option<Caller>> {
        let Some((user, password)) = credentials.basic()? else { return Ok(None) };
        if self.knows(&user, &password) {
            return Ok(Some(Caller::named(user)));
        }
        Err(Error::new(ErrorKind::Unauthenticated, "user or password is wrong").into())
    }

    async fn recognise(&self, caller: &Caller) -> Result<bool> {
        Ok(self.0.iter().any(|(user, _)| Some(user) == caller.name.as_ref()))
    }

    fn wanted(&self) -> String {
        "log in by Handshake with user and password".into()
    }
}

/// Passwords are printed nowhere.
impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let users: Vec<_> = self.0.iter().map(|(user, _)| user).collect();
        f.debug_struct("Passwords").field("users", &users).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_its_users() {
        let passwords = Passwords::new([("ann", "one"), ("an", "none")]).unwrap();
        assert!(passwords.knows("ann", "one") && passwords.knows("an", "none"));
        for (user, password) in [("ann", "none"), ("an", "one"), ("ann", ""), ("bob", "one"), ("annone", "")]
        {
            assert!(!passwords.knows(user, password), "{user} {password}");
        }
        assert!(!format!("{passwords:?}").contains("none"));
    }

    #[test]
    fn users_that_could_not_log_in_are_refused() {
        let none: [(&str, &str); 0] = [];
        assert!(Passwords::new(none).is_err());
        for users in [[("ann", ""), ("bob", "x")], [("a:b", "x"), ("bob", "x")], [("ann", "x"), ("ann", "y")]]
        {
            assert_eq!(Passwords::new(users).unwrap_err().kind(), ErrorKind::Config);
        }
    }
}
