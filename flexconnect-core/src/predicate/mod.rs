//! Filters a reader asks for: their form, their check against a schema, their meaning on a batch.

mod command;
mod comparable;
mod compare;
mod evaluate;
mod filter;
mod literal;
mod range;
pub mod sql;
mod value;
mod value_json;

use std::fmt;

use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::Schema;

use crate::error::Error;

pub use filter::Filter;
pub use value::Value;

/// A condition on the columns of a row, as a reader states it and a connector may answer it.
///
/// The logic is SQL's, with three values: a comparison with a null is neither true nor false but unknown,
/// *unknown or true* is true, *unknown and false* is false. A filter keeps the rows for which its predicate is
/// true. There is no `Not`: each leaf has its opposite, and De Morgan's laws hold in this logic.
///
/// ```
/// use flexconnect_core::{CompareOp, Predicate};
///
/// let grown = Predicate::compare("age", CompareOp::GtEq, 18);
/// let known = Predicate::IsNull { column: "name".into(), negated: true };
/// let both = Predicate::And(vec![grown, known]);
/// assert_eq!(both.to_string(), "(age >= 18 AND name IS NOT NULL)");
/// assert_eq!(both.columns(), ["age", "name"]);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Predicate {
    /// The column's value compared with a literal.
    Compare {
        /// The column.
        column: String,
        /// How to compare: the column stands on the left.
        op: CompareOp,
        /// The literal on the right.
        value: Value,
    },
    /// The column's value is one of a list; of an empty list none.
    In {
        /// The column.
        column: String,
        /// The list.
        values: Vec<Value>,
        /// Whether the value must be none of them.
        negated: bool,
    },
    /// The column has no value. Never unknown; the only test for columns of nested types.
    IsNull {
        /// The column.
        column: String,
        /// Whether it must have one.
        negated: bool,
    },
    /// The column's text begins with these characters.
    StartsWith {
        /// The column, of a text type.
        column: String,
        /// The beginning; the empty one fits every text.
        prefix: String,
        /// Whether it must begin otherwise.
        negated: bool,
    },
    /// All of them; true when there is none.
    And(Vec<Predicate>),
    /// At least one of them; false when there is none.
    Or(Vec<Predicate>),
}

/// How a column's value is compared with a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `=`
    Eq,
    /// `!=`
    NotEq,
    /// `<`
    Lt,
    /// `<=`
    LtEq,
    /// `>`
    Gt,
    /// `>=`
    GtEq,
}

/// What a connector makes of one predicate it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pushdown {
    /// Exactly the rows for which it is true come out: a promise that includes nulls, the collation of text,
    /// trailing spaces, time zones and the equality of floats. Nobody checks again.
    Exact,
    /// All the rows for which it is true come out, and maybe others: they are filtered again.
    Inexact,
    /// It is ignored: the rows are filtered by flexconnect.
    #[default]
    Unsupported,
}

impl Predicate {
    /// The column compared with a literal.
    pub fn compare(column: impl Into<String>, op: CompareOp, value: impl Into<Value>) -> Self {
        Predicate::Compare { column: column.into(), op, value: value.into() }
    }

    /// The columns it names, each once, in the order they come first.
    pub fn columns(&self) -> Vec<&str> {
        let mut names = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let mut waiting = vec![self];
        while let Some(next) = waiting.pop() {
            match next {
                Predicate::Compare { column, .. }
                | Predicate::In { column, .. }
                | Predicate::IsNull { column, .. }
                | Predicate::StartsWith { column, .. } => {
                    if seen.insert(column.as_str()) {
                        names.push(column.as_str());
                    }
                }
                Predicate::And(parts) | Predicate::Or(parts) => waiting.extend(parts.iter().rev()),
            }
        }
        names
    }

    /// Whether it can be evaluated on rows of this schema.
    ///
    /// A column can be compared with values of its own family: numbers of every type with each other, text
    /// with text, bytes with bytes, booleans with booleans, dates with dates, times with times, durations with
    /// durations, instants (a time zone on both sides) with instants, a wall clock's date and time with the
    /// same. Units, widths and scales need not agree, and a literal outside the column's range has its exact
    /// answer: an `Int8` column is always below 1000. Dictionaries compare as their values.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest), with the column: it is not there, its
    /// type and the value cannot be compared (the message says what fits), or the predicate is nested more
    /// than 100 deep.
    pub fn check(&self, schema: &Schema) -> Result<(), Error> {
        Filter::new(std::slice::from_ref(self), schema).map(drop)
    }

    /// For each row true, false, or null for unknown.
    ///
    /// Floats follow Arrow's total order, except that `-0.0` equals `0.0`: a NaN is above (with its sign bit
    /// set: below) every other number, and equal only to a NaN of the same bits, so that no literal equals
    /// it. Text and bytes are ordered by their bytes, `false` comes before `true`.
    ///
    /// Who has many batches makes a [`Filter`] once.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use flexconnect_core::arrow_array::{BooleanArray, Int8Array, RecordBatch};
    /// use flexconnect_core::{CompareOp, Predicate};
    ///
    /// let ages = Int8Array::from(vec![Some(17), None, Some(18)]);
    /// let batch = RecordBatch::try_from_iter([("age", Arc::new(ages) as _)])?;
    /// let grown = Predicate::compare("age", CompareOp::GtEq, 18).evaluate(&batch)?;
    /// assert_eq!(grown, BooleanArray::from(vec![Some(false), None, Some(true)]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn evaluate(&self, batch: &RecordBatch) -> Result<BooleanArray, Error> {
        Filter::new(std::slice::from_ref(self), &batch.schema())?.evaluate(batch)
    }
}

/// As SQL would write it.
impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = |negated: &bool| if *negated { "NOT " } else { "" };
        match self {
            Predicate::Compare { column, op, value } => write!(f, "{column} {op} {value}"),
            Predicate::In { column, values, negated } => {
                write!(f, "{column} {}IN ", not(negated))?;
                joined(f, values, ", ", "")
            }
            Predicate::IsNull { column, negated } => write!(f, "{column} IS {}NULL", not(negated)),
            Predicate::StartsWith { column, prefix, negated } => {
                write!(f, "{column} {}STARTS WITH {}", not(negated), Value::from(prefix.as_str()))
            }
            Predicate::And(parts) => joined(f, parts, " AND ", "TRUE"),
            Predicate::Or(parts) => joined(f, parts, " OR ", "FALSE"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[impl fmt::Display], between: &str, none: &str) -> fmt::Result {
    f.write_str("(")?;
    for (index, part) in parts.iter().enumerate() {
        write!(f, "{}{part}", if index == 0 { "" } else { between })?;
    }
    write!(f, "{})", if parts.is_empty() { none } else { "" })
}

impl CompareOp {
    /// Every operator.
    pub const ALL: [CompareOp; 6] =
        [CompareOp::Eq, CompareOp::NotEq, CompareOp::Lt, CompareOp::LtEq, CompareOp::Gt, CompareOp::GtEq];

    /// The operator's sign, as SQL and the JSON command write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            CompareOp::Eq => "=",
            CompareOp::NotEq => "!=",
            CompareOp::Lt => "<",
            CompareOp::LtEq => "<=",
            CompareOp::Gt => ">",
            CompareOp::GtEq => ">=",
        }
    }

    /// The operator that is true where this one is false: `>=` for `<`.
    #[must_use]
    pub const fn negated(self) -> Self {
        match self {
            CompareOp::Eq => CompareOp::NotEq,
            CompareOp::NotEq => CompareOp::Eq,
            CompareOp::Lt => CompareOp::GtEq,
            CompareOp::LtEq => CompareOp::Gt,
            CompareOp::Gt => CompareOp::LtEq,
            CompareOp::GtEq => CompareOp::Lt,
        }
    }
}

impl fmt::Display for CompareOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
