//! Predicates brought to the types of a schema once, to be evaluated on many batches.

use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::{DataType, Schema};

use super::comparable::{fits, invalid, leaf_type};
use super::compare::Sorted;
use super::literal::{self, Literal, Position};
use super::{CompareOp, Predicate, Value};
use crate::error::{Error, ErrorKind};
use crate::nearest::nearest;

/// How deep a predicate may be nested: evaluating it recurses.
const DEEPEST: usize = 100;

/// From how many values on a list is searched instead of comparing the column with each of them.
const SEARCHED: usize = 8;

/// Predicates that must all be true, checked against a schema and brought to the types of its columns.
///
/// ```
/// use std::sync::Arc;
///
/// use flexconnect_core::arrow_array::{Array, Int32Array, RecordBatch};
/// use flexconnect_core::{CompareOp, Filter, Predicate};
///
/// let batch = RecordBatch::try_from_iter([("id", Arc::new(Int32Array::from(vec![1, 2, 3])) as _)])?;
/// let predicates = [Predicate::compare("id", CompareOp::Gt, 1), Predicate::compare("id", CompareOp::Lt, 3)];
/// let filter = Filter::new(&predicates, &batch.schema())?;
/// assert_eq!(filter.evaluate(&batch)?.true_count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Filter {
    pub(super) root: Node,
    /// The columns' types the literals were made for, by position; `None` where no literal was.
    types: Vec<Option<DataType>>,
}

/// A predicate whose columns are positions and whose literals have the columns' types.
#[derive(Debug, Clone)]
pub(super) enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Leaf { column: usize, test: Test },
}

#[derive(Debug, Clone)]
pub(super) enum Test {
    /// Null, or not.
    Null { negated: bool },
    /// The same for every value that is not null.
    Constant(bool),
    /// With a literal of the type of the column's values.
    Compare(CompareOp, Literal),
    /// One of these values, or none.
    OneOf { sorted: Sorted, negated: bool },
}

impl Filter {
    /// Checks the predicates and converts their literals.
    ///
    /// # Errors
    ///
    /// As [`Predicate::check`].
    pub fn new(predicates: &[Predicate], schema: &Schema) -> Result<Self, Error> {
        let mut binding = Binding { schema, types: vec![None; schema.fields().len()] };
        let root = Node::And(binding.nodes(predicates, 0)?);
        Ok(Filter { root, types: binding.types })
    }

    /// For each row of the batch true, false, or null for unknown; see [`Predicate::evaluate`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Schema`] when the batch's columns are not those the filter was made for.
    pub fn evaluate(&self, batch: &RecordBatch) -> Result<BooleanArray, Error> {
        for (index, expected) in self.types.iter().enumerate() {
            let Some(expected) = expected else { continue };
            match batch.columns().get(index).map(|column| column.data_type()) {
                Some(data_type) if data_type == expected => {}
                found => {
                    let found = found.map_or("missing".to_owned(), |data_type| format!("a {data_type}"));
                    return Err(Error::new(
                        ErrorKind::Schema,
                        format!(
                            "the batch does not fit its filter: column {index} is {found}, not a {expected}"
                        ),
                    ));
                }
            }
        }
        Ok(self.root.evaluate(batch).into_array())
    }
}

struct Binding<'a> {
    schema: &'a Schema,
    types: Vec<Option<DataType>>,
}

impl Binding<'_> {
    fn nodes(&mut self, predicates: &[Predicate], depth: usize) -> Result<Vec<Node>, Error> {
        if depth > DEEPEST {
            return Err(invalid(format!("the predicate is nested more than {DEEPEST} deep; flatten it")));
        }
        predicates.iter().map(|predicate| self.node(predicate, depth)).collect()
    }

    fn node(&mut self, predicate: &Predicate, depth: usize) -> Result<Node, Error> {
        Ok(match predicate {
            Predicate::And(parts) => Node::And(self.nodes(parts, depth + 1)?),
            Predicate::Or(parts) => Node::Or(self.nodes(parts, depth + 1)?),
            Predicate::IsNull { column, negated } => {
                let (column, data_type) = find(self.schema, column)?;
                self.types[column] = Some(data_type.clone());
                Node::Leaf { column, test: Test::Null { negated: *negated } }
            }
            Predicate::Compare { column, op, value } => {
                self.leaf(column, |leaf| Ok(compare(*op, place(value, leaf)?)))?
            }
            Predicate::In { column, values, negated } => self.leaf(column, |leaf| {
                let positions: Result<Vec<_>, _> = values.iter().map(|value| place(value, leaf)).collect();
                Ok(one_of(positions?, *negated, leaf))
            })?,
            Predicate::StartsWith { column, prefix, negated } => {
                self.leaf(column, |leaf| starts_with(prefix, *negated, leaf))?
            }
        })
    }

    /// Binds one column's tests; `bind` is given the type of its values.
    fn leaf(
        &mut self,
        name: &str,
        bind: impl FnOnce(&DataType) -> Result<Tests, String>,
    ) -> Result<Node, Error> {
        let (column, data_type) = find(self.schema, name)?;
        let tests = match leaf_type(data_type) {
            None => Err("it cannot be compared".to_owned()),
            // No row has a value, so that it does not matter what the value is compared with.
            Some(DataType::Null) => Ok(Tests::One(Test::Constant(false))),
            Some(leaf) => bind(leaf),
        };
        let tests = tests.map_err(|reason| {
            invalid(format!("the column is of type {data_type}, {reason}; {}", fits(data_type)))
                .with_column(name)
        })?;
        self.types[column] = Some(data_type.clone());
        let node = |test| Node::Leaf { column, test };
        Ok(match tests {
            Tests::One(test) => node(test),
            Tests::All(tests) => Node::And(tests.into_iter().map(node).collect()),
            Tests::Any(tests) => Node::Or(tests.into_iter().map(node).collect()),
        })
    }
}

/// What one leaf becomes on its column.
enum Tests {
    One(Test),
    All(Vec<Test>),
    Any(Vec<Test>),
}

pub(super) fn find<'a>(schema: &'a Schema, name: &str) -> Result<(usize, &'a DataType), Error> {
    let Some((index, field)) = schema.fields().find(name) else {
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let hint = match nearest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None if schema.fields().is_empty() => "the table has no columns".to_owned(),
            None => {
                let names: Vec<_> =
                    schema.fields().iter().take(20).map(|f| format!("`{}`", f.name())).collect();
                let more = if schema.fields().len() > names.len() { ", …" } else { "" };
                format!("the columns are {}{more}", names.join(", "))
            }
        };
        return Err(invalid(format!("there is no column `{name}`; {hint}")));
    };
    Ok((index, field.data_type()))
}

fn place(value: &Value, leaf: &DataType) -> Result<Position, String> {
    if matches!(value, Value::Float64(float) if float.is_nan()) {
        return Err("which cannot be compared with NaN".to_owned());
    }
    literal::position(value, leaf)
        .ok_or_else(|| format!("which cannot be compared with {} `{value}`", value.kind()))
}

fn compare(op: CompareOp, position: Position) -> Tests {
    use CompareOp::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    let test = Test::Compare;
    Tests::One(match (op, position) {
        // Arrow's order has two zeros; a number is equal to both or to none.
        (op, Position::At(Literal::Float(0.0))) => {
            let (minus, plus) = (Literal::Float(-0.0), Literal::Float(0.0));
            match op {
                Eq => return Tests::All(vec![test(GtEq, minus), test(LtEq, plus)]),
                NotEq => return Tests::Any(vec![test(Lt, minus), test(Gt, plus)]),
                Lt | GtEq => test(op, minus),
                LtEq | Gt => test(op, plus),
            }
        }
        (op, Position::At(literal)) => test(op, literal),
        (Lt | LtEq, Position::After(literal)) => test(LtEq, literal),
        (Gt | GtEq, Position::After(literal)) => test(Gt, literal),
        (Eq, _) => Test::Constant(false),
        (NotEq, _) => Test::Constant(true),
        (Lt | LtEq, Position::Above) | (Gt | GtEq, Position::Below) => Test::Constant(true),
        (Lt | LtEq, Position::Below) | (Gt | GtEq, Position::Above) => Test::Constant(false),
    })
}

fn one_of(positions: Vec<Position>, negated: bool, leaf: &DataType) -> Tests {
    let mut literals = Vec::with_capacity(positions.len());
    for position in positions {
        match position {
            Position::At(Literal::Float(0.0)) => literals.extend([Literal::Float(-0.0), Literal::Float(0.0)]),
            Position::At(literal) => literals.push(literal),
            // What is no value of the type equals none.
            Position::Below | Position::After(_) | Position::Above => {}
        }
    }
    literals.sort_by(Literal::order);
    literals.dedup_by(|a, b| Literal::order(a, b).is_eq());
    if literals.is_empty() {
        return Tests::One(Test::Constant(negated));
    }
    if literals.len() > SEARCHED {
        return Tests::One(Test::OneOf { sorted: Sorted::new(literals, leaf), negated });
    }
    let op = if negated { CompareOp::NotEq } else { CompareOp::Eq };
    let test = |literal| Test::Compare(op, literal);
    let tests = literals.into_iter().map(test).collect();
    if negated { Tests::All(tests) } else { Tests::Any(tests) }
}

/// Texts with a prefix are a range: from the prefix to the first text behind all that begin with it.
fn starts_with(prefix: &str, negated: bool, leaf: &DataType) -> Result<Tests, String> {
    if !matches!(leaf, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) {
        return Err("and `starts with` applies to text".to_owned());
    }
    let test = |op, text: &str| Test::Compare(op, Literal::Text(text.into()));
    let end = behind_prefix(prefix);
    Ok(if negated {
        let mut tests = vec![test(CompareOp::Lt, prefix)];
        tests.extend(end.map(|end| test(CompareOp::GtEq, &end)));
        Tests::Any(tests)
    } else {
        let mut tests = vec![test(CompareOp::GtEq, prefix)];
        tests.extend(end.map(|end| test(CompareOp::Lt, &end)));
        Tests::All(tests)
    })
}

/// The least text that is above every text with this prefix; `None` when there is none.
///
/// UTF-8 orders texts as their characters are ordered, so the last character is replaced by the next one.
pub(super) fn behind_prefix(prefix: &str) -> Option<String> {
    let mut kept = prefix;
    while let Some(last) = kept.chars().next_back() {
        kept = &kept[..kept.len() - last.len_utf8()];
        // The range skips the surrogates, which are no characters.
        if let Some(next) = (last..=char::MAX).nth(1) {
            return Some(format!("{kept}{next}"));
        }
    }
    None
}
