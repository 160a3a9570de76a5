//! CSV: the first record names the columns, every other is a row.

use std::fs::File;
use std::io::BufReader;

use ::csv::{ErrorKind, Reader, StringRecord};
use flexconnect_core::{JsonRow, Result, Stopped};
use serde_json::Value;

use super::broken;

/// Pushes the rows of a file.
///
/// # Errors
/// For a record with more or fewer fields than the header, for text that is not UTF-8, and for a column
/// named twice: file and line. [`Stopped`] when the reader has gone.
pub(super) fn read(
    file: File,
    name: &str,
    text_columns: &[String],
    mut push: impl FnMut(JsonRow) -> Result<(), Stopped>,
) -> Result<()> {
    let mut reader = Reader::from_reader(BufReader::new(file));
    let names = reader.headers().map_err(|error| explain(name, &error))?.clone();
    if let Some(twice) = (1..names.len()).find(|&at| names.iter().take(at).any(|before| before == &names[at]))
    {
        return Err(broken(name, 1, format!("two columns are named {:?}", &names[twice])).into());
    }
    let columns: Vec<(&str, bool)> =
        names.iter().map(|column| (column, text_columns.iter().any(|text| text == column))).collect();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| explain(name, &error))? {
        let cells = columns.iter().zip(&record);
        push(
            cells
                .map(|(&(column, text), cell)| (column, if text { as_text(cell) } else { scalar(cell) }))
                .collect(),
        )?;
    }
    Ok(())
}

/// A number or a boolean where the text is one as JSON writes it, so that `007` and `True` stay text;
/// nothing where there is nothing.
fn scalar(cell: &str) -> Value {
    match cell.as_bytes() {
        b"true" => true.into(),
        b"false" => false.into(),
        [b'-' | b'0'..=b'9', ..] if !cell.ends_with(char::is_whitespace) => {
            match serde_json::from_str(cell) {
                // An integer beyond 64 bits would lose digits as a float.
                Ok(Value::Number(number)) if !number.is_f64() || cell.contains(['.', 'e', 'E']) => {
                    number.into()
                }
                _ => cell.into(),
            }
        }
        _ => as_text(cell),
    }
}

fn as_text(cell: &str) -> Value {
    if cell.is_empty() { Value::Null } else { cell.into() }
}

fn explain(file: &str, error: &::csv::Error) -> flexconnect_core::Error {
    let line = error.position().map_or(1, ::csv::Position::line);
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            broken(file, line, format!("the header names {expected_len} columns, this record has {len}"))
        }
        ErrorKind::Utf8 { .. } => broken(file, line, "this is not UTF-8; convert the file"),
        _ => broken(file, line, error),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_scalars_only_where_nothing_is_lost() {
        for (cell, value) in [
            ("", json!(null)),
            ("12", json!(12)),
            ("-3", json!(-3)),
            ("18446744073709551615", json!(u64::MAX)),
            ("1.50", json!(1.5)),
            ("true", json!(true)),
            ("007", json!("007")),
            ("True", json!("True")),
            ("1e999", json!("1e999")),
            ("123456789012345678901234567890", json!("123456789012345678901234567890")),
            ("12 ", json!("12 ")),
            ("-", json!("-")),
            ("NaN", json!("NaN")),
            ("[1]", json!("[1]")),
        ] {
            assert_eq!(scalar(cell), value, "{cell:?}");
        }
    }
}
