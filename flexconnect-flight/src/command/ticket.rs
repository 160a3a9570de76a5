//! Tickets: a planned read, sealed, so that no server has to remember it and no client can look into it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use flexconnect_core::{Caller, Error, ErrorKind, Partition};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Command;

/// How a ticket begins. Neither a protobuf `Any` (0x0A) nor JSON (`{`) does, so that none is taken for a ticket.
const VERSION: u8 = 1;
const KEY_ID: usize = 4;
const NONCE: usize = 24;
const HEAD: usize = 1 + KEY_ID + NONCE;
/// The longest a ticket may be: it carries a command, and may carry a schema.
const LONGEST: usize = 256 << 10;

/// What a ticket stands for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Planned {
    /// The table and what is asked of it; the partition is told by `partition`.
    pub(crate) command: Command,
    /// The part to read; `None` is the whole.
    pub(crate) partition: Option<Partition>,
    /// The columns the plan was made for.
    pub(crate) table: TableSchema,
    /// Seconds since 1970 after which it is not taken any more.
    pub(crate) expires: Option<u64>,
}

/// The table's columns, before any projection, as a ticket knows them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TableSchema {
    /// The connector tells them again when it is asked; this is their fingerprint.
    Known(u64),
    /// They were found from a sample, and are not to be found anew: the encoded schema.
    Inferred(Bytes),
}

/// The sealed form: this as JSON, then the schema.
#[derive(Serialize, Deserialize)]
struct Contents {
    path: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    config: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    columns: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    filters: Vec<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parameters: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partition: Option<Part>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Part {
    token: String,
    id: String,
    dimensions: BTreeMap<String, String>,
    rows: Option<u64>,
    bytes: Option<u64>,
}

/// The key tickets are sealed with.
pub(crate) struct Seal {
    key_id: [u8; KEY_ID],
    /// `None` when the system gave no random key.
    cipher: Option<XChaCha20Poly1305>,
}

impl Seal {
    /// A seal of its own: only this process opens what it seals.
    pub(crate) fn random() -> Self {
        let key = Key::try_generate();
        if key.is_err() {
            tracing::error!("the system gives no random numbers, so no ticket can be made");
        }
        Seal {
            key_id: <[u8; KEY_ID]>::try_generate().unwrap_or_default(),
            cipher: key.ok().map(|key| XChaCha20Poly1305::new(&key)),
        }
    }

    /// The ticket of a read, for this caller only.
    pub(crate) fn seal(&self, planned: &Planned, caller: &Caller) -> Result<Bytes, Error> {
        let plain = planned.to_bytes()?;
        let nonce = XNonce::try_generate().map_err(|error| no_randomness().with_source(error.to_string()))?;
        let cipher = self.cipher.as_ref().ok_or_else(no_randomness)?;
        let bound = self.bound(caller);
        let sealed = cipher
            .encrypt(&nonce, Payload { msg: &plain, aad: &bound })
            .map_err(|_| Error::new(ErrorKind::Internal, "a ticket could not be sealed"))?;
        let ticket = [&[VERSION][..], &self.key_id, &nonce, &sealed].concat();
        if ticket.len() > LONGEST {
            let message = "the plan does not fit into a ticket of 256 KiB; ask for less in one command, \
                           or declare the columns in `get_read_schema` if there are very many";
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        Ok(ticket.into())
    }

    /// What a ticket stands for.
    pub(crate) fn open(&self, ticket: &[u8], caller: &Caller) -> Result<Planned, Error> {
        if ticket.len() > LONGEST {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                "the ticket is longer than any of this server's, 256 KiB",
            ));
        }
        let planned = self.opened(ticket, caller).ok_or_else(|| {
            let message = "this is not a ticket of this server; tickets come from GetFlightInfo, \
                           and those of an earlier run or of another caller are not taken";
            Error::new(ErrorKind::InvalidRequest, message)
        })?;
        if planned.expires.is_some_and(|expires| expires <= now()) {
            let message = "the ticket has expired; call GetFlightInfo again";
            return Err(Error::new(ErrorKind::Precondition, message));
        }
        Ok(planned)
    }

    fn opened(&self, ticket: &[u8], caller: &Caller) -> Option<Planned> {
        let (head, sealed) = ticket.split_at_checked(HEAD)?;
        if head[0] != VERSION || head[1..=KEY_ID] != self.key_id {
            return None;
        }
        let nonce: [u8; NONCE] = head[1 + KEY_ID..].try_into().ok()?;
        let bound = self.bound(caller);
        let plain =
            self.cipher.as_ref()?.decrypt(&nonce.into(), Payload { msg: sealed, aad: &bound }).ok()?;
        Planned::from_bytes(plain.into())
    }

    /// What a ticket is bound to without containing it.
    fn bound(&self, caller: &Caller) -> Vec<u8> {
        let mut bound = vec![VERSION];
        bound.extend(self.key_id);
        // Nobody and somebody without a name are told apart.
        bound.push(u8::from(caller.name.is_some()));
        bound.extend(caller.name.as_deref().unwrap_or_default().as_bytes());
        bound
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal").finish_non_exhaustive()
    }
}

fn no_randomness() -> Error {
    Error::new(ErrorKind::Internal, "no ticket can be made: the system gives no random numbers")
}

impl Planned {
    fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let (fingerprint, schema) = match &self.table {
            TableSchema::Known(fingerprint) => (Some(*fingerprint), None),
            TableSchema::Inferred(schema) => (None, Some(schema)),
        };
        let Command { path, config, columns, filters, limit, parameters, .. } = self.command.clone();
        let partition = self.partition.as_ref().map(|partition| Part {
            token: partition.token.clone(),
            id: partition.id().to_owned(),
            dimensions: partition.dimensions.clone(),
            rows: partition.rows,
            bytes: partition.bytes,
        });
        let expires = self.expires;
        let contents =
            Contents { path, config, columns, filters, limit, parameters, partition, fingerprint, expires };
        let json = serde_json::to_vec(&contents).map_err(|error| {
            Error::new(ErrorKind::Internal, "a ticket could not be written").with_source(error)
        })?;
        let length = u32::try_from(json.len())
            .map_err(|_| Error::new(ErrorKind::InvalidRequest, "the plan does not fit into a ticket"))?;
        Ok([&length.to_le_bytes()[..], &json, schema.map_or(&[][..], |schema| schema)].concat())
    }

    fn from_bytes(plain: Bytes) -> Option<Self> {
        let length = u32::from_le_bytes(plain.get(..4)?.try_into().ok()?) as usize;
        let contents: Contents = serde_json::from_slice(plain.get(4..4usize.checked_add(length)?)?).ok()?;
        let Contents { path, config, columns, filters, limit, parameters, partition, fingerprint, expires } =
            contents;
        let table = match fingerprint {
            Some(fingerprint) => TableSchema::Known(fingerprint),
            None => TableSchema::Inferred(plain.slice(4 + length..)),
        };
        let command = Command { path, config, columns, filters, limit, parameters, ..Command::default() };
        Some(Planned { command, partition: partition.map(Part::restore), table, expires })
    }
}

impl Part {
    fn restore(self) -> Partition {
        let mut partition = Partition::new(self.token).with_id(self.id);
        partition.dimensions = self.dimensions;
        partition.rows = self.rows;
        partition.bytes = self.bytes;
        partition
    }
}

/// A number that differs when the encoded schema does (FNV-1a). It lies sealed, so nobody can aim at a collision.
pub(crate) fn fingerprint(schema: &[u8]) -> u64 {
    schema
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn planned() -> Planned {
        let command = Command::path(["lines"])
            .with_config(json!({"token": "hush"}))
            .with_columns(["a"])
            .with_filter(json!({"column": "a", "op": "=", "value": 1}))
            .with_limit(9_007_199_254_740_993)
            .with_parameters(json!({"x": 1.5}));
        let partition = Partition::new("t\0k").with_id("may").with_dimension("month", "5").with_rows(3);
        let table = TableSchema::Inferred(Bytes::from_static(&[1, 2, 3]));
        Planned { command, partition: Some(partition), table, expires: None }
    }

    #[test]
    fn what_is_sealed_is_opened_and_not_readable() {
        let seal = Seal::random();
        let caller = Caller::default();
        let ticket = seal.seal(&planned(), &caller).unwrap();
        assert_eq!(seal.open(&ticket, &caller).unwrap(), planned());
        assert!(ticket[0] != 0x0A && ticket[0] != b'{');
        assert!(!ticket.windows(4).any(|window| window == b"hush" || window == b"line"));
        let known = Planned { table: TableSchema::Known(u64::MAX), partition: None, ..planned() };
        assert_eq!(seal.open(&seal.seal(&known, &caller).unwrap(), &caller).unwrap(), known);
    }

    #[test]
    fn a_change_anywhere_is_refused() {
        let seal = Seal::random();
        let caller = Caller::default();
        let ticket = seal.seal(&planned(), &caller).unwrap();
        for position in 0..ticket.len() {
            let mut changed = ticket.to_vec();
            changed[position] ^= 1;
            assert_eq!(seal.open(&changed, &caller).unwrap_err().kind(), ErrorKind::InvalidRequest);
            assert!(seal.open(&ticket[..position], &caller).is_err());
        }
        assert!(seal.open(&[&ticket[..], &[0]].concat(), &caller).is_err());
        assert!(seal.open(&vec![VERSION; LONGEST + 1], &caller).is_err());
    }

    #[test]
    fn it_is_bound_to_caller_key_and_time() {
        let (seal, nobody) = (Seal::random(), Caller::default());
        let ticket = seal.seal(&planned(), &nobody).unwrap();
        for caller in [Caller::named(""), Caller::named("ann")] {
            assert_eq!(seal.open(&ticket, &caller).unwrap_err().kind(), ErrorKind::InvalidRequest);
        }
        assert_eq!(Seal::random().open(&ticket, &nobody).unwrap_err().kind(), ErrorKind::InvalidRequest);
        let expired = Planned { expires: Some(1), ..planned() };
        let error = seal.open(&seal.seal(&expired, &nobody).unwrap(), &nobody).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Precondition);
    }
}
