//! Three-valued evaluation of a bound predicate on a batch, by column kernels.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_ord::cmp;
use arrow_ord::ord::make_comparator;
use arrow_schema::{ArrowError, SortOptions};

use super::CompareOp;
use super::filter::{Node, Test};
use crate::error::{Error, ErrorKind};

/// For each row whether a predicate is true and whether it is false; neither means unknown.
///
/// Kept apart, the two need no special case for nulls: *and* is true where all are true and false where one
/// is false.
pub(super) struct Truth {
    yes: BooleanBuffer,
    no: BooleanBuffer,
}

impl Truth {
    fn all(rows: usize) -> Self {
        Truth { yes: BooleanBuffer::new_set(rows), no: BooleanBuffer::new_unset(rows) }
    }

    fn none(rows: usize) -> Self {
        Truth { yes: BooleanBuffer::new_unset(rows), no: BooleanBuffer::new_set(rows) }
    }

    fn and(self, other: Truth) -> Self {
        Truth { yes: &self.yes & &other.yes, no: &self.no | &other.no }
    }

    fn or(self, other: Truth) -> Self {
        Truth { yes: &self.yes | &other.yes, no: &self.no & &other.no }
    }

    /// True or false wherever there is a value.
    fn constant(value: bool, nulls: Option<NullBuffer>, rows: usize) -> Self {
        let known = nulls.map_or_else(|| BooleanBuffer::new_set(rows), NullBuffer::into_inner);
        let never = BooleanBuffer::new_unset(rows);
        if value { Truth { yes: known, no: never } } else { Truth { yes: never, no: known } }
    }

    fn of(result: BooleanArray) -> Self {
        let (values, nulls) = result.into_parts();
        match nulls {
            None => Truth { no: !&values, yes: values },
            Some(nulls) => Truth { yes: &values & nulls.inner(), no: &!&values & nulls.inner() },
        }
    }

    pub(super) fn into_array(self) -> BooleanArray {
        let known = NullBuffer::new(&self.yes | &self.no);
        BooleanArray::new(self.yes, Some(known).filter(|known| known.null_count() > 0))
    }
}

impl Node {
    pub(super) fn evaluate(&self, batch: &RecordBatch) -> Result<Truth, Error> {
        let rows = batch.num_rows();
        match self {
            Node::And(parts) => fold(parts, batch, Truth::all(rows), Truth::and),
            Node::Or(parts) => fold(parts, batch, Truth::none(rows), Truth::or),
            Node::Leaf { column, test } => {
                let name = || batch.schema().field(*column).name().clone();
                test.evaluate(batch.column(*column)).map_err(|error| {
                    Error::new(ErrorKind::Internal, format!("the filter failed: {error}")).with_column(name())
                })
            }
        }
    }
}

fn fold(
    parts: &[Node],
    batch: &RecordBatch,
    start: Truth,
    join: fn(Truth, Truth) -> Truth,
) -> Result<Truth, Error> {
    let mut parts = parts.iter();
    let Some(first) = parts.next() else { return Ok(start) };
    parts.try_fold(first.evaluate(batch)?, |truth, part| Ok(join(truth, part.evaluate(batch)?)))
}

impl Test {
    fn evaluate(&self, column: &ArrayRef) -> Result<Truth, ArrowError> {
        match self {
            Test::Null { negated } => {
                let valid = match column.logical_nulls() {
                    Some(nulls) => nulls.into_inner(),
                    None => BooleanBuffer::new_set(column.len()),
                };
                let invalid = !&valid;
                let (yes, no) = if *negated { (valid, invalid) } else { (invalid, valid) };
                Ok(Truth { yes, no })
            }
            Test::Constant(value) => Ok(Truth::constant(*value, column.logical_nulls(), column.len())),
            Test::Compare(op, scalar) => {
                let kernel = match op {
                    CompareOp::Eq => cmp::eq,
                    CompareOp::NotEq => cmp::neq,
                    CompareOp::Lt => cmp::lt,
                    CompareOp::LtEq => cmp::lt_eq,
                    CompareOp::Gt => cmp::gt,
                    CompareOp::GtEq => cmp::gt_eq,
                };
                kernel(column, scalar).map(Truth::of)
            }
            Test::OneOf { sorted, negated } => {
                let found = Truth::of(found(column, sorted)?);
                Ok(if *negated { Truth { yes: found.no, no: found.yes } } else { found })
            }
        }
    }
}

/// For each value whether it is one of the sorted ones; null for null.
fn found(column: &ArrayRef, sorted: &ArrayRef) -> Result<BooleanArray, ArrowError> {
    // A dictionary's values are searched once each, whatever the number of rows.
    if let Some(dictionary) = column.as_any_dictionary_opt() {
        let values = found(dictionary.values(), sorted)?;
        let rows = arrow_select::take::take(&values, dictionary.keys(), None)?;
        return Ok(rows.as_boolean().clone());
    }
    if column.data_type() != sorted.data_type() {
        return found_by_equality(column, sorted);
    }
    let compare = make_comparator(column, sorted, SortOptions::default())?;
    let nulls = column.logical_nulls();
    let values = BooleanBuffer::collect_bool(column.len(), |row| {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return false;
        }
        let (mut low, mut high) = (0, sorted.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match compare(row, middle) {
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Greater => low = middle + 1,
                std::cmp::Ordering::Less => high = middle,
            }
        }
        false
    });
    Ok(BooleanArray::new(values, nulls))
}

/// The same for run-end encoded columns, which the kernels know and the comparator does not.
fn found_by_equality(column: &ArrayRef, values: &ArrayRef) -> Result<BooleanArray, ArrowError> {
    let mut truth = Truth::constant(false, column.logical_nulls(), column.len());
    for index in 0..values.len() {
        truth = truth.or(Truth::of(cmp::eq(column, &arrow_array::Scalar::new(values.slice(index, 1)))?));
    }
    Ok(truth.into_array())
}
