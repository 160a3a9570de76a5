//! JSON lines: every line is an object, and a row.

use std::fs::File;
use std::io::{BufRead, BufReader};

use flexconnect_core::{JsonRow, Result, Stopped};
use serde_json::{Map, Value};

use super::broken;

/// Pushes the rows of a file; empty lines are skipped.
///
/// # Errors
/// For a line that is not a JSON object: file and line. [`Stopped`] when the reader has gone.
pub(super) fn read(
    file: File,
    name: &str,
    mut push: impl FnMut(JsonRow) -> Result<(), Stopped>,
) -> Result<()> {
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        // Some editors begin a file with a byte order mark.
        let text = if number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line) } else { &line };
        if text.trim_ascii().is_empty() {
            continue;
        }
        let row: Map<String, Value> =
            serde_json::from_slice(text).map_err(|error| broken(name, number, error_text(&error)))?;
        push(row.into())?;
    }
    Ok(())
}

/// What is wrong, without the position: a line of its own is always "line 1" to the parser.
fn error_text(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or(&text);
    format!("this is not a JSON object: {what}, at column {}", error.column())
}
