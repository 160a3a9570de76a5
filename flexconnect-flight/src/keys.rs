//! The keys tickets are sealed with: one that seals, and those that still open what they sealed before.

use std::fmt;

use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use flexconnect_core::{Error, ErrorKind};
use sha2::{Digest, Sha256};

/// How long an operator's text must be: a shorter one could be found by trying.
const SHORTEST_TEXT: usize = 32;

/// How many bytes of a ticket name its key.
pub(crate) const KEY_ID: usize = 4;
/// How many random bytes make each sealing different.
pub(crate) const NONCE: usize = 24;

/// The keys of a server's tickets.
///
/// A server makes a key of its own when it starts, and then only it takes its tickets. Replicas that are given the same
/// keys take each other's, and those of runs before. To change the key, let all replicas open the new one first, then
/// seal with it, and leave the old one out when the last of its tickets has expired:
///
/// ```
/// use flexconnect_flight::Keys;
///
/// # fn keys(old: &str, new: &str) -> flexconnect_core::Result<()> {
/// let first = Keys::from_text(old)?.and_open(Keys::from_text(new)?);
/// let then = Keys::from_text(new)?.and_open(Keys::from_text(old)?);
/// let last = Keys::from_text(new)?;
/// # Ok(())
/// # }
/// # keys(&"old".repeat(20), &"new".repeat(20)).unwrap();
/// ```
///
/// Keys have no printable form.
#[derive(Clone)]
pub struct Keys {
    /// The first one seals. There is none when the system gave no random numbers.
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: [u8; KEY_ID],
    cipher: XChaCha20Poly1305,
}

impl Keys {
    /// The key made of these 32 bytes, which must be random and secret.
    pub fn from_bytes(secret: &[u8; 32]) -> Self {
        Keys { keys: vec![Key::derive(secret)] }
    }

    /// The key made of an operator's text, such as `openssl rand -base64 32` gives.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the text has fewer than 32 bytes.
    pub fn from_text(secret: &str) -> Result<Self, Error> {
        if secret.len() < SHORTEST_TEXT {
            let message = format!(
                "the secret of the tickets' key is too short; give it at least {SHORTEST_TEXT} random \
                 characters, such as `openssl rand -base64 32` prints"
            );
            return Err(Error::new(ErrorKind::Config, message));
        }
        Ok(Keys { keys: vec![Key::derive(secret.as_bytes())] })
    }

    /// Opens what these keys sealed, too. What seals stays the same.
    #[must_use]
    pub fn and_open(mut self, others: Keys) -> Self {
        self.keys.extend(others.keys);
        self
    }

    /// A key of this process alone.
    pub(crate) fn random() -> Self {
        match <[u8; 32]>::try_generate() {
            Ok(secret) => Keys::from_bytes(&secret),
            Err(_) => {
                tracing::error!("the system gives no random numbers, so no ticket can be made");
                Keys { keys: Vec::new() }
            }
        }
    }

    /// Seals this with the first key: key, nonce, then what is sealed. `bound` must be the same to open it.
    pub(crate) fn seal(&self, plain: &[u8], bound: &[u8]) -> Result<Vec<u8>, Error> {
        let nonce = XNonce::try_generate().map_err(|error| no_randomness().with_source(error.to_string()))?;
        let key = self.keys.first().ok_or_else(no_randomness)?;
        let aad = &key.bind(bound);
        let sealed = key
            .cipher
            .encrypt(&nonce, Payload { msg: plain, aad })
            .map_err(|_| Error::new(ErrorKind::Internal, "a ticket could not be sealed"))?;
        Ok([&key.id[..], &nonce, &sealed].concat())
    }

    /// What one of the keys sealed; `None` when none did, or not bound to this.
    pub(crate) fn open(&self, sealed: &[u8], bound: &[u8]) -> Option<Vec<u8>> {
        let (id, rest) = sealed.split_at_checked(KEY_ID)?;
        let (nonce, msg) = rest.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        let named = self.keys.iter().filter(|key| key.id == id);
        named
            .filter_map(|key| key.cipher.decrypt(&nonce.into(), Payload { msg, aad: &key.bind(bound) }).ok())
            .next()
    }
}

impl Key {
    /// Both parts come from the secret, so that all who have it agree on them, and neither tells the other.
    fn derive(secret: &[u8]) -> Self {
        let part =
            |of: &str| Sha256::new().chain_update([1]).chain_update(of).chain_update(secret).finalize();
        let (key, id) = (part("flexconnect ticket key\0"), part("flexconnect ticket key id\0"));
        Key {
            id: id[..KEY_ID].try_into().expect("a digest is longer than an id"),
            cipher: XChaCha20Poly1305::new(&<[u8; 32]>::from(key).into()),
        }
    }

    fn bind(&self, bound: &[u8]) -> Vec<u8> {
        [&self.id, bound].concat()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("count", &self.keys.len()).finish_non_exhaustive()
    }
}

fn no_randomness() -> Error {
    Error::new(ErrorKind::Internal, "no ticket can be made: the system gives no random numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "an old secret of thirty-two bytes";
    const NEW: &str = "a newer secret of thirty-two bytes";

    fn keys(text: &str) -> Keys {
        Keys::from_text(text).unwrap()
    }

    #[test]
    fn whoever_has_the_secret_opens() {
        let sealed = keys(OLD).seal(b"plan", b"ann").unwrap();
        assert_eq!(keys(OLD).open(&sealed, b"ann").unwrap(), b"plan");
        assert_eq!(keys(OLD).open(&sealed, b"bob"), None);
        assert_eq!(keys(NEW).open(&sealed, b"ann"), None);
        assert_eq!(Keys::random().open(&sealed, b"ann"), None);
        let bytes = Keys::from_bytes(&[7; 32]);
        assert_eq!(bytes.open(&bytes.seal(b"", b"").unwrap(), b"").unwrap(), b"");
        assert_ne!(sealed, keys(OLD).seal(b"plan", b"ann").unwrap(), "no two sealings are alike");
    }

    #[test]
    fn a_key_is_changed_without_a_ticket_lost() {
        let first = keys(OLD).and_open(keys(NEW));
        let then = keys(NEW).and_open(keys(OLD));
        for (seals, opens) in [(&first, &then), (&then, &first), (&first, &keys(OLD)), (&then, &keys(NEW))] {
            let sealed = seals.seal(b"plan", b"").unwrap();
            assert_eq!(opens.open(&sealed, b"").unwrap(), b"plan");
        }
        let sealed = first.seal(b"plan", b"").unwrap();
        assert_eq!(keys(NEW).open(&sealed, b""), None, "the old key is gone");
    }

    #[test]
    fn a_secret_is_long_and_printed_nowhere() {
        assert_eq!(Keys::from_text("hunter2").unwrap_err().kind(), ErrorKind::Config);
        assert!(!Keys::from_text("hunter2").unwrap_err().to_string().contains("hunter2"));
        let printed = format!("{:?}", keys(OLD));
        assert_eq!(printed, "Keys { count: 1, .. }");
    }
}
