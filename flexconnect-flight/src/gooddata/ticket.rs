//! The name of a task, and the ticket made of it. A ticket is good at the server that gave it, and nowhere else.

use std::fmt;

use bytes::Bytes;
use chacha20poly1305::aead::Generate;
use flexconnect_core::{Error, ErrorKind};
use serde_json::Value;

use super::fault::Fault;

/// The bits that make a random number a UUID of version 4,
const VERSION: u128 = 0x4 << 76;
/// and of the usual variant.
const VARIANT: u128 = 0b10 << 62;

/// A task's random name: a UUID of 32 lower-case hexadecimal digits. Who has it may read the task's result.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TaskId(u128);

impl TaskId {
    pub(crate) fn random() -> Result<Self, Error> {
        let bytes = <[u8; 16]>::try_generate().map_err(|error| {
            let message = "the system gives no random numbers, so no task can be named";
            Error::new(ErrorKind::Internal, message).with_source(error.to_string())
        })?;
        let random = u128::from_be_bytes(bytes) & !(0xF << 76) & !(0b11 << 62);
        Ok(TaskId(random | VERSION | VARIANT))
    }

    /// The task with this name; `None` when no task of any server can have it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_name = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_name { u128::from_str_radix(text, 16).ok().map(TaskId) } else { None }
    }

    /// The ticket of its result.
    pub(crate) fn ticket(self) -> Bytes {
        format!(r#"{{"task_id":"{self}"}}"#).into()
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The task name a ticket holds.
///
/// # Errors
/// The fault of a ticket that holds none.
pub(crate) fn parse(ticket: &[u8]) -> Result<String, Fault> {
    let payload: Value = serde_json::from_slice(ticket)
        .map_err(|_| Fault::ticket("The ticket payload is not a valid JSON."))?;
    match payload.get("task_id") {
        Some(Value::String(task)) if !task.is_empty() => Ok(task.clone()),
        _ => Err(Fault::ticket("The ticket payload does not specify 'task_id'.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_random_and_comes_back() {
        let task = TaskId::random().unwrap();
        let name = task.to_string();
        assert_eq!((name.len(), &name[12..13]), (32, "4"));
        assert!("89ab".contains(&name[16..17]), "{name}");
        assert_eq!(TaskId::parse(&name), Some(task));
        assert_ne!(TaskId::random().unwrap(), task);
        assert_eq!(parse(&task.ticket()).unwrap(), name);
        assert_eq!(task.ticket(), format!(r#"{{"task_id":"{name}"}}"#));
    }

    #[test]
    fn other_texts_are_no_names() {
        let long = "0".repeat(33);
        for text in ["", "1", &long, "713A85774911487DA454D5A0B50B0B02", "+13a85774911487da454d5a0b50b0b02"] {
            assert_eq!(TaskId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn tickets_of_others_are_refused_in_the_words_clients_know() {
        for ticket in [&b"nope"[..], b"", b"\xff", b"\xef\xbb\xbf{}", b"{\"task_id\":NaN}"] {
            let fault = parse(ticket).unwrap_err();
            assert_eq!(fault.info.msg(), "Incorrect ticket payload. The ticket payload is not a valid JSON.");
        }
        for ticket in ["{}", "[]", "7", "{\"task_id\":null}", "{\"task_id\":\"\"}", "{\"task_id\":5}"] {
            let fault = parse(ticket.as_bytes()).unwrap_err();
            assert_eq!(
                fault.info.msg(),
                "Incorrect ticket payload. The ticket payload does not specify 'task_id'."
            );
        }
    }
}
