//! The guard's refusals.

use std::fmt::Display;

use flexconnect_core::{Error, ErrorKind};

/// How much of a text from outside an error repeats.
const EXCERPT: usize = 80;
/// How much of Arrow's own words: it may print a whole type.
const REASON: usize = 400;

/// The message contradicts itself, or the format.
pub(super) fn malformed(reason: impl Display) -> Error {
    let reason = cut(&reason.to_string(), REASON);
    Error::new(ErrorKind::InvalidRequest, format!("a message of the stream is not Arrow IPC: {reason}"))
}

/// The message asks for more than is given.
pub(super) fn too_much(reason: impl Display) -> Error {
    Error::new(ErrorKind::Exhausted, format!("a message of the stream is too large: {reason}"))
}

/// A name from outside, short enough for an error.
pub(super) fn excerpt(name: &str) -> String {
    cut(name, EXCERPT)
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
