//! What takes bytes from outside, as plain functions of bytes. Property tests call them, and so can a fuzzer, which
//! lives outside the workspace because it needs a nightly compiler, and cannot reach what is private. Not part of the
//! API: it may change with any release.
//!
//! Each gives whether the bytes were taken, and panics when a promise about them is broken.

use std::sync::LazyLock;

use arrow_flight::FlightDescriptor;
use bytes::Bytes;
use flexconnect_core::{Caller, ErrorKind};
use prost::Message as _;
use serde_json::json;

use crate::command::{Command, Planned, Purpose, ReadId, Seal, TableSchema};
use crate::guard::{Decoder, Limits, StreamReader, schema_from_bytes};

/// A ticket: only the one that was sealed here opens.
pub fn ticket(bytes: &[u8]) -> bool {
    let sealed = &*SEALED;
    let opened = sealed.seal.open(bytes, &Caller::default());
    match opened {
        Ok(planned) => {
            assert!(bytes == &sealed.ticket[..] && planned == sealed.planned, "a forged ticket opens")
        }
        Err(error) => {
            assert!(bytes != &sealed.ticket[..], "the ticket does not open: {error}");
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
        }
    }
    assert!(
        sealed.seal.open(bytes, &Caller::named("somebody")).is_err(),
        "a ticket opens for another caller"
    );
    bytes == &sealed.ticket[..]
}

/// The ticket that [`ticket`] takes.
pub fn sealed_ticket() -> &'static [u8] {
    &SEALED.ticket
}

/// A ticket of another server for the same read.
pub fn foreign_ticket() -> Vec<u8> {
    let ticket = Seal::random().seal(&SEALED.planned, &Caller::default());
    ticket.expect("a small plan fits into a ticket").into()
}

/// A descriptor in its encoded form, for a read and for a write.
pub fn descriptor(bytes: &[u8]) -> bool {
    let Ok(descriptor) = FlightDescriptor::decode(bytes) else { return false };
    let read = Command::from_descriptor(&descriptor, Purpose::Read);
    let write = Command::from_descriptor(&descriptor, Purpose::Write);
    let mut taken = false;
    for (command, purpose) in [(read, Purpose::Read), (write, Purpose::Write)] {
        let Ok(command) = command else { continue };
        taken = true;
        let again = Command::from_descriptor(&command.to_descriptor(), purpose);
        assert_eq!(again.expect("what was read can be read again"), command);
    }
    taken
}

/// A JSON command, of a descriptor.
pub fn command(bytes: &[u8]) -> bool {
    taken(bytes, Purpose::Any)
}

/// The body of an action.
pub fn action(bytes: &[u8]) -> bool {
    taken(bytes, Purpose::Action)
}

fn taken(bytes: &[u8], purpose: Purpose) -> bool {
    match Command::from_bytes(bytes, purpose) {
        Ok(command) => {
            let json = command.to_json().to_string();
            let again = Command::from_bytes(json.as_bytes(), purpose);
            assert_eq!(again.expect("what was read can be read again"), command);
            true
        }
        Err(error) => {
            let known = matches!(error.kind(), ErrorKind::InvalidRequest | ErrorKind::Unsupported);
            assert!(known && error.to_string().len() < 16 << 10, "{}: {error}", error.kind());
            false
        }
    }
}

/// Arrow IPC: as a stream, as a schema alone, and as a message whose header and body meet at the number that the
/// first two bytes are.
pub fn message(bytes: &[u8]) -> bool {
    let limits = Limits::for_messages_of(1 << 20);
    let stream = StreamReader::new(Bytes::copy_from_slice(bytes), limits.clone());
    let stream = stream.is_ok_and(|mut stream| stream.all(|batch| batch.is_ok()));
    let schema = schema_from_bytes(bytes, &limits).is_ok();
    let split = bytes.split_first_chunk().and_then(|(middle, rest)| {
        let middle = usize::from(u16::from_le_bytes(*middle));
        rest.split_at_checked(middle)
    });
    let message =
        split.is_some_and(|(header, body)| Decoder::new(limits).decode(header, body.to_vec().into()).is_ok());
    stream || schema || message
}

struct Sealed {
    seal: Seal,
    planned: Planned,
    ticket: Bytes,
}

static SEALED: LazyLock<Sealed> = LazyLock::new(|| {
    let command = Command::connector("numbers").with_config(json!({"rows": 5})).with_columns(["name"]);
    let planned = Planned {
        command,
        partition: None,
        table: TableSchema::Known(1),
        read: ReadId::new(),
        expires: u64::MAX,
    };
    let seal = Seal::random();
    let ticket = seal.seal(&planned, &Caller::default()).expect("a small plan fits into a ticket");
    Sealed { seal, planned, ticket }
});
