//! Batches as text, for a terminal.

use arrow::array::RecordBatch;
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
        let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            let cells = columns.iter().map(|column| column.value(row).try_to_string());
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};

    use super::*;

    #[test]
    fn cells_are_aligned_and_nulls_are_empty() {
        let names: ArrayRef = Arc::new(StringArray::from(vec!["äpfel", "b"]));
        let sizes: ArrayRef = Arc::new(Int64Array::from(vec![None, Some(12)]));
        let batch = RecordBatch::try_from_iter([("name", names), ("size", sizes)]).unwrap();
        let text = table_text(&[batch]).unwrap();
        assert_eq!(text, "name  | size\näpfel |\nb     | 12\n");
    }
}
