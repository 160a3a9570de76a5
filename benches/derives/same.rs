//! Those who are compared must do the same work.

use flexconnect_core::Result;
use flexconnect_core::arrow_array::RecordBatch;

/// The values of both are the same, column by column; what the schema says of nulls and metadata may differ.
pub(crate) fn check(name: &str, expected: &[RecordBatch], found: &[RecordBatch]) -> Result<()> {
    if expected.len() != found.len() {
        return Err(format!("{name}: {} batches, not {}", found.len(), expected.len()).into());
    }
    for (expected, found) in expected.iter().zip(found) {
        for (field, column) in expected.schema_ref().fields().iter().zip(expected.columns()) {
            let other =
                found.column_by_name(field.name()).ok_or_else(|| format!("{name}: no `{}`", field.name()))?;
            let (one, other) = (format!("{column:?}"), format!("{other:?}"));
            // As text: the schemas inside a struct differ in what they say of nulls.
            if one != other {
                return Err(format!("{name}: `{}` differs: {one} and {other}", field.name()).into());
            }
        }
    }
    Ok(())
}
