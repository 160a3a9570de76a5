//! Three-valued evaluation of a bound predicate on a batch, by column kernels.

use arrow_array::{Array, BooleanArray, RecordBatch};
use arrow_buffer::{BooleanBuffer, NullBuffer};

use super::compare::compare;
use super::filter::{Node, Test};
use crate::kernels::{places, plain};

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

    fn unknown(rows: usize) -> Self {
        Truth { yes: BooleanBuffer::new_unset(rows), no: BooleanBuffer::new_unset(rows) }
    }

    /// As these bits say wherever there is a value.
    fn of(bits: BooleanBuffer, nulls: Option<&NullBuffer>) -> Self {
        match nulls {
            None => Truth { no: !&bits, yes: bits },
            Some(nulls) => Truth { yes: &bits & nulls.inner(), no: &!&bits & nulls.inner() },
        }
    }

    /// What is so of values, for the rows that have them.
    fn placed(self, places: &[usize], nulls: Option<&NullBuffer>, rows: usize) -> Self {
        if places.is_empty() {
            return Truth::unknown(rows);
        }
        let placed = |bits: &BooleanBuffer| BooleanBuffer::collect_bool(rows, |row| bits.value(places[row]));
        let yes = placed(&self.yes);
        // Where no value is null, what is not true is false.
        let known = (&self.yes | &self.no).count_set_bits() == self.yes.len();
        let no = if known { !&yes } else { placed(&self.no) };
        match nulls {
            None => Truth { yes, no },
            Some(nulls) => Truth { yes: &yes & nulls.inner(), no: &no & nulls.inner() },
        }
    }

    pub(super) fn into_array(self) -> BooleanArray {
        let known = NullBuffer::new(&self.yes | &self.no);
        BooleanArray::new(self.yes, Some(known).filter(|known| known.null_count() > 0))
    }
}

impl Node {
    pub(super) fn evaluate(&self, batch: &RecordBatch) -> Truth {
        let rows = batch.num_rows();
        match self {
            Node::And(parts) => fold(parts, batch, Truth::all(rows), Truth::and),
            Node::Or(parts) => fold(parts, batch, Truth::none(rows), Truth::or),
            Node::Leaf { column, test } => test.evaluate(batch.column(*column)),
        }
    }
}

fn fold(parts: &[Node], batch: &RecordBatch, start: Truth, join: fn(Truth, Truth) -> Truth) -> Truth {
    parts.iter().map(|part| part.evaluate(batch)).reduce(join).unwrap_or(start)
}

impl Test {
    fn evaluate(&self, column: &dyn Array) -> Truth {
        let rows = column.len();
        match self {
            Test::Null { negated } => {
                let valid = match column.logical_nulls() {
                    Some(nulls) => nulls.into_inner(),
                    None => BooleanBuffer::new_set(rows),
                };
                let invalid = !&valid;
                let (yes, no) = if *negated { (valid, invalid) } else { (invalid, valid) };
                Truth { yes, no }
            }
            Test::Constant(value) => Truth::constant(*value, column.logical_nulls(), rows),
            Test::Compare(..) | Test::OneOf { .. } => match places(column) {
                None => Truth::of(self.values(column), column.nulls()),
                // Where there are fewer values than rows, each is tested once; so they are where row by row they would be
                // too large for their type.
                Some((places, values)) => match (values.len() > rows).then(|| plain(column)).flatten() {
                    Some(plain) => self.evaluate(&plain),
                    None => self.evaluate(&values).placed(&places, column.nulls(), rows),
                },
            },
        }
    }

    /// For each value of a flat column, whatever is null among them.
    fn values(&self, column: &dyn Array) -> BooleanBuffer {
        match self {
            Test::Compare(op, literal) => compare(column, *op, literal),
            Test::OneOf { sorted, negated } => {
                let found = sorted.hold(column);
                if *negated { !&found } else { found }
            }
            Test::Null { .. } | Test::Constant(_) => BooleanBuffer::new_unset(column.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::types::Int32Type;
    use arrow_array::{DictionaryArray, Int32Array, StringArray};

    use super::super::CompareOp;
    use super::super::literal::Literal;
    use super::*;

    #[test]
    fn values_too_large_to_be_repeated_are_tested_where_they_are() {
        let texts = std::iter::once("x".repeat(4 << 20)).chain((0..1_000).map(|text| text.to_string()));
        let texts = Arc::new(StringArray::from_iter_values(texts));
        let keys = Int32Array::from_iter_values((0..700).map(|row| if row < 600 { 0 } else { row }));
        let column = DictionaryArray::<Int32Type>::try_new(keys, texts).unwrap();
        assert!(plain(&column).is_none(), "it would take more bytes than its type can count");
        let truth = Test::Compare(CompareOp::Gt, Literal::Text("w".into())).evaluate(&column);
        assert_eq!((truth.yes.count_set_bits(), truth.no.count_set_bits()), (600, 100));
    }
}
