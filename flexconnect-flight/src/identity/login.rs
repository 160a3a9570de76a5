//! The tokens of logins: a caller's name, sealed, so that no server has to remember who logged in.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flexconnect_core::{Caller, Error, ErrorKind};
use serde::{Deserialize, Serialize};

use super::credentials::after_scheme;
use crate::keys::Keys;

/// How a token begins, so that it is never taken for one of an operator's list.
const PREFIX: &str = "fcl1.";
/// What a login is sealed to: a ticket begins otherwise, so none is taken for the other.
const BOUND: &[u8] = b"login\0";
/// Longer names are not sealed: the token travels in a header.
const LONGEST_NAME: usize = 1024;
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// Makes the tokens of logins, and knows them again.
#[derive(Debug, Clone)]
pub(crate) struct Logins {
    pub(crate) lifetime: Duration,
}

#[derive(Serialize, Deserialize)]
struct Login {
    name: Option<String>,
    /// Seconds since 1970.
    expires: u64,
}

impl Default for Logins {
    fn default() -> Self {
        Logins { lifetime: LIFETIME }
    }
}

impl Logins {
    /// The value of the header that stands for this caller from now on.
    pub(crate) fn seal(&self, keys: &Keys, caller: &Caller) -> Result<String, Error> {
        if caller.name.as_ref().is_some_and(|name| name.len() > LONGEST_NAME) {
            let message = format!("a caller's name has at most {LONGEST_NAME} bytes where one can log in");
            return Err(Error::new(ErrorKind::PermissionDenied, message));
        }
        let expires = now().saturating_add(self.lifetime.as_secs());
        let login = Login { name: caller.name.clone(), expires };
        let json = serde_json::to_vec(&login).map_err(|error| {
            Error::new(ErrorKind::Internal, "the login could not be written").with_source(error)
        })?;
        Ok(format!("Bearer {PREFIX}{}", URL_SAFE_NO_PAD.encode(keys.seal(&json, BOUND)?)))
    }

    /// Who logged in, by the value of the header `authorization`. `None` when it is no token of a login at all.
    pub(crate) fn open(&self, keys: &Keys, authorization: &str) -> Option<Result<Caller, Error>> {
        let sealed = after_scheme(authorization, "Bearer")?.strip_prefix(PREFIX)?;
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok();
        let plain = bytes.and_then(|bytes| keys.open(&bytes, BOUND));
        let login = plain.and_then(|plain| serde_json::from_slice::<Login>(&plain).ok());
        Some(match login {
            Some(Login { name, expires }) if expires > now() => {
                Ok(name.map_or_else(Caller::default, Caller::named))
            }
            Some(_) => Err(refused("the login has expired; log in again by Handshake")),
            None => Err(refused("the token is of no login at this server; log in again by Handshake")),
        })
    }
}

fn refused(message: &'static str) -> Error {
    Error::new(ErrorKind::Unauthenticated, message)
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_known_by_those_with_the_key_until_it_expires() {
        let (keys, logins) = (Keys::random(), Logins::default());
        let header = logins.seal(&keys, &Caller::named("ann")).unwrap();
        assert_eq!(logins.open(&keys, &header).unwrap().unwrap(), Caller::named("ann"));
        assert!(!header.contains("ann"));
        assert!(logins.open(&Keys::random(), &header).unwrap().is_err());
        assert!(logins.open(&keys, &header[..header.len() - 2]).unwrap().is_err());
        assert!(logins.open(&keys, "Bearer of something else").is_none());
        let short = Logins { lifetime: Duration::ZERO };
        let header = short.seal(&keys, &Caller::named("ann")).unwrap();
        let error = short.open(&keys, &header).unwrap().unwrap_err();
        assert!(error.to_string().contains("expired"), "{error}");
        assert!(logins.seal(&keys, &Caller::named("x".repeat(1025))).is_err());
    }
}
