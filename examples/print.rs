//! Batches as text, for a terminal.

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

/// The rows as lines of cells with `|` between them, the column names first; an empty cell is a null.
///
/// # Errors
/// When a column's type has no text form, or a value is outside what its type can show.
pub fn table_text(batches: &[RecordBatch]) -> Result<String, ArrowError> {
    let Some(first) = batches.first() else { return Ok("(no rows)\n".into()) };
    let names = first.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut lines: Vec<Vec<String>> = vec![names];
    let options = FormatOptions::default();
    for batch in batches {
        let columns = batch.columns().iter().map(in_utc).collect::<Result<Vec<_>, _>>()?;
        let columns = columns.iter().map(|column| ArrayFormatter::try_new(column, &options));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            let cells = columns.iter().map(|column| column.value(row).try_to_string().map(printable));
            lines.push(cells.collect::<Result<_, _>>()?);
        }
    }
    let width = |column: usize| lines.iter().map(|cells| cells[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    let mut text = String::new();
    for cells in &lines {
        let padded: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(padded.join(" | ").trim_end());
        text.push('\n');
    }
    Ok(text)
}

/// A terminal obeys control characters, and a file's name may have any.
fn printable(cell: String) -> String {
    if !cell.contains(char::is_control) {
        return cell;
    }
    let escaped =
        |char: char| if char.is_control() { char.escape_default().to_string() } else { char.to_string() };
    cell.chars().map(escaped).collect()
}

/// Instants with the offset of UTC instead of a zone's name: to know the names takes a data base of all zones.
fn in_utc(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match column.data_type() {
        DataType::Timestamp(unit, Some(_)) => {
            cast(column, &DataType::Timestamp(*unit, Some("+00:00".into())))
        }
        _ => Ok(column.clone()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringArray, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn cells_are_aligned_and_nulls_are_empty() {
        let names: ArrayRef = Arc::new(StringArray::from(vec!["äpfel", "b\n"]));
        let sizes: ArrayRef = Arc::new(Int64Array::from(vec![None, Some(12)]));
        let batch = RecordBatch::try_from_iter([("name", names), ("size", sizes)]).unwrap();
        let text = table_text(&[batch]).unwrap();
        assert_eq!(text, "name  | size\näpfel |\nb\\n   | 12\n");
    }

    #[test]
    fn an_instant_is_shown_in_utc() {
        let instants =
            TimestampMicrosecondArray::from(vec![1_700_000_000_000_000]).with_timezone("Europe/Berlin");
        let batch = RecordBatch::try_from_iter([("at", Arc::new(instants) as ArrayRef)]).unwrap();
        assert_eq!(table_text(&[batch]).unwrap(), "at\n2023-11-14T22:13:20Z\n");
    }
}
