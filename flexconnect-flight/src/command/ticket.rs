//! Tickets: a planned read, sealed, so that no server has to remember it and no client can look into it.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use flexconnect_core::{Caller, Error, ErrorKind, Partition};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Command;
use crate::keys::Keys;

/// How a ticket begins. Neither a protobuf `Any` (0x0A) nor JSON (`{`) does, so that none is taken for a ticket.
const VERSION: u8 = 1;
/// The longest a ticket may be: it carries a command, and may carry a schema.
const LONGEST: usize = 256 << 10;
/// A read of many endpoints may begin the last one this long after its plan.
const LIFETIME: Duration = Duration::from_secs(60 * 60);
/// The end of the year 9999: a later time is none to most clients.
const LATEST: u64 = 253_402_300_799;

/// What a ticket stands for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Planned {
    /// The table and what is asked of it; the partition is told by `partition`.
    pub(crate) command: Command,
    /// The part to read; `None` is the whole.
    pub(crate) partition: Option<Partition>,
    /// The columns the plan was made for.
    pub(crate) table: TableSchema,
    /// Which read this is, whatever ticket of it is redeemed.
    pub(crate) read: ReadId,
    /// Seconds since 1970 after which it is not taken any more.
    pub(crate) expires: u64,
}

/// A number for each part of each plan. It lies sealed, so nobody can aim at another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct ReadId(u64);

impl ReadId {
    pub(crate) fn new() -> Self {
        // Hashers are seeded by the system, and this one differs each time.
        ReadId(RandomState::new().hash_one(SystemTime::now()))
    }
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
    read: ReadId,
    expires: u64,
}

#[derive(Serialize, Deserialize)]
struct Part {
    token: String,
    id: String,
    dimensions: BTreeMap<String, String>,
    rows: Option<u64>,
    bytes: Option<u64>,
}

/// Makes tickets and opens them.
#[derive(Debug, Clone)]
pub(crate) struct Seal {
    keys: Keys,
    lifetime: Duration,
}

impl Seal {
    /// With a key of its own: only this process opens what it seals.
    pub(crate) fn random() -> Self {
        Seal { keys: Keys::random(), lifetime: LIFETIME }
    }

    pub(crate) fn set_keys(&mut self, keys: Keys) {
        self.keys = keys;
    }

    pub(crate) fn set_lifetime(&mut self, lifetime: Duration) {
        self.lifetime = lifetime;
    }

    /// The keys it seals with.
    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// When a ticket that is made now expires, in seconds since 1970.
    pub(crate) fn expiry(&self) -> u64 {
        let seconds = self.lifetime.as_secs().saturating_add(u64::from(self.lifetime.subsec_nanos() > 0));
        now().saturating_add(seconds).min(LATEST)
    }

    /// The ticket of a read, for this caller only.
    pub(crate) fn seal(&self, planned: &Planned, caller: &Caller) -> Result<Bytes, Error> {
        let sealed = self.keys.seal(&planned.to_bytes()?, &bound(caller))?;
        let ticket = [&[VERSION][..], &sealed].concat();
        if ticket.len() > LONGEST {
            let message = "the plan does not fit into a ticket of 256 KiB; ask for less in one command, \
                           or declare the columns in `get_read_schema` if there are very many";
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        Ok(ticket.into())
    }

    /// What a ticket stands for that may still be redeemed.
    pub(crate) fn open(&self, ticket: &[u8], caller: &Caller) -> Result<Planned, Error> {
        let planned = self.unseal(ticket, caller)?;
        if planned.expires <= now() {
            let message = "the ticket has expired; call GetFlightInfo again, and RenewFlightEndpoint in time \
                           when a read starts late";
            return Err(Error::new(ErrorKind::Precondition, message));
        }
        Ok(planned)
    }

    /// What a ticket stands for, or stood for before it expired.
    pub(crate) fn unseal(&self, ticket: &[u8], caller: &Caller) -> Result<Planned, Error> {
        if ticket.len() > LONGEST {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                "the ticket is longer than any of this server's, 256 KiB",
            ));
        }
        let sealed = ticket.strip_prefix(&[VERSION]);
        let plain = sealed.and_then(|sealed| self.keys.open(sealed, &bound(caller)));
        plain.and_then(|plain| Planned::from_bytes(plain.into())).ok_or_else(|| {
            let message = "this is not a ticket of this server; tickets come from GetFlightInfo, \
                           and those of another key or of another caller are not taken";
            Error::new(ErrorKind::InvalidRequest, message)
        })
    }
}

/// What a ticket is bound to without containing it.
fn bound(caller: &Caller) -> Vec<u8> {
    // Nobody and somebody without a name are told apart.
    let mut bound = vec![VERSION, u8::from(caller.name.is_some())];
    bound.extend(caller.name.as_deref().unwrap_or_default().as_bytes());
    bound
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
        let Planned { read, expires, .. } = *self;
        let contents = Contents {
            path,
            config,
            columns,
            filters,
            limit,
            parameters,
            partition,
            fingerprint,
            read,
            expires,
        };
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
        let Contents {
            path,
            config,
            columns,
            filters,
            limit,
            parameters,
            partition,
            fingerprint,
            read,
            expires,
        } = contents;
        let table = match fingerprint {
            Some(fingerprint) => TableSchema::Known(fingerprint),
            None => TableSchema::Inferred(plain.slice(4 + length..)),
        };
        let command = Command { path, config, columns, filters, limit, parameters, ..Command::default() };
        Some(Planned { command, partition: partition.map(Part::restore), table, read, expires })
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
        Planned { command, partition: Some(partition), table, read: ReadId::new(), expires: u64::MAX }
    }

    #[test]
    fn what_is_sealed_is_opened_and_not_readable() {
        let (seal, plan) = (Seal::random(), planned());
        let caller = Caller::default();
        let ticket = seal.seal(&plan, &caller).unwrap();
        assert_eq!(seal.open(&ticket, &caller).unwrap(), plan);
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
        let expired = Planned { expires: now(), ..planned() };
        let ticket = seal.seal(&expired, &nobody).unwrap();
        let error = seal.open(&ticket, &nobody).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Precondition);
        assert!(error.to_string().contains("call GetFlightInfo again"), "{error}");
        assert_eq!(seal.unseal(&ticket, &nobody).unwrap(), expired);
    }

    #[test]
    fn it_lasts_as_long_as_it_is_told() {
        let of = |lifetime| Seal { lifetime, ..Seal::random() }.expiry();
        assert!(of(Duration::ZERO) <= now());
        assert!(of(Duration::from_millis(1)) > now() - 1);
        assert!(of(Duration::from_secs(3600)) >= now() + 3599);
        assert_eq!(of(Duration::MAX), LATEST);
    }
}
