//! Filters that SQLite takes off our hands: exactly, or not at all.

use flexconnect_core::predicate::sql::{SqlCondition, SqlDialect};
use flexconnect_core::{Predicate, Pushdown, Value};

use super::identifier;
use super::shape::Shape;
use super::spelling::{Side, nothing, spelled};

/// How many comparisons a predicate may have, and how many values in all, to be looked at: SQLite takes no
/// expression that is nested more than 1,000 deep, for which a long chain of `OR` counts, and binds 32,766 values.
const MOST_LEAVES: usize = 100;
const MOST_VALUES: usize = 500;
/// How deep a predicate may be nested to be looked at: rewriting it recurses.
const DEEPEST: usize = 100;
/// How many predicates are chained by `AND` before their chain is one link of another.
const CHAINED: usize = 100;

/// What SQLite makes of one predicate.
pub(super) fn pushdown(shape: &Shape, predicate: &Predicate) -> Pushdown {
    asked(shape, std::slice::from_ref(predicate)).pushdown
}

/// Predicates as the text behind `WHERE`, and the values to be bound: true for all rows they are true for, and for
/// no others where they are exact.
pub(super) fn condition(shape: &Shape, predicates: &[Predicate]) -> (String, Vec<Value>) {
    let (mut texts, mut values) = (Vec::new(), Vec::new());
    for chain in predicates.chunks(CHAINED) {
        let asked = asked(shape, chain);
        texts.push(format!("({})", asked.text));
        values.extend(asked.values);
    }
    (if texts.is_empty() { "TRUE".into() } else { texts.join(" AND ") }, values)
}

fn asked(shape: &Shape, predicates: &[Predicate]) -> SqlCondition {
    let spelled = |predicate| {
        let small = Size::default().takes(predicate, 0);
        if small { spelled(shape, predicate) } else { nothing() }
    };
    let asked: Vec<_> = predicates.iter().map(spelled).collect();
    let judge = |leaf: &Predicate| match leaf.columns().as_slice() {
        [name] if Side::read(name).is_some() => Pushdown::Exact,
        _ => Pushdown::Unsupported,
    };
    let expression = |name: &str| Side::read(name).map(|(side, column)| side.expression(column));
    SqlDialect::new().condition_on(&asked, judge, |name| expression(name).unwrap_or_else(|| identifier(name)))
}

/// How much of a statement a predicate would be.
#[derive(Debug, Default)]
struct Size {
    leaves: usize,
    values: usize,
}

impl Size {
    /// Adds a predicate; says whether all so far is little enough.
    fn takes(&mut self, predicate: &Predicate, depth: usize) -> bool {
        match predicate {
            _ if depth > DEEPEST => return false,
            Predicate::And(parts) | Predicate::Or(parts) => {
                return parts.iter().all(|part| self.takes(part, depth + 1));
            }
            Predicate::In { values, .. } => self.values += values.len(),
            _ => self.values += 1,
        }
        self.leaves += 1;
        self.leaves <= MOST_LEAVES && self.values <= MOST_VALUES
    }
}

#[cfg(test)]
mod tests {
    use flexconnect_core::CompareOp;
    use rusqlite::Connection;

    use super::*;

    const TABLE: &str =
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, note); CREATE INDEX names ON t (name);
                         INSERT INTO t VALUES (1, 'a', 0.5), (2, 'b', 'x');";

    fn open() -> (Connection, Shape) {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLE).unwrap();
        let shape = Shape::find(&connection, "t", false).unwrap().expect("the table is there");
        (connection, shape)
    }

    #[test]
    fn what_is_looked_up_is_found_by_its_index() {
        let (connection, shape) = open();
        let names = ["a", "b"].map(Value::from).to_vec();
        for predicate in [
            Predicate::compare("name", CompareOp::Eq, "a"),
            Predicate::compare("name", CompareOp::GtEq, "b"),
            Predicate::In { column: "name".into(), values: names, negated: false },
            Predicate::compare("id", CompareOp::Lt, 5),
        ] {
            let (text, _) = condition(&shape, std::slice::from_ref(&predicate));
            let mut statement =
                connection.prepare(&format!("EXPLAIN QUERY PLAN SELECT * FROM t WHERE {text}")).unwrap();
            let mut plan = statement.raw_query();
            while let Some(step) = plan.next().unwrap() {
                let step: String = step.get("detail").unwrap();
                assert!(!step.starts_with("SCAN"), "{predicate}: {step}");
            }
        }
    }

    #[test]
    fn only_what_sqlite_sees_as_arrow_does_is_exact() {
        let (_, shape) = open();
        let decimal = Value::Decimal128 { value: 15, scale: 1 };
        let list = |count: i64| (0..count).map(Value::from).collect();
        let on_note = Predicate::compare("note", CompareOp::Eq, "0.5");
        let on_name = Predicate::compare("name", CompareOp::Eq, "a");
        for (predicate, expected) in [
            (on_name.clone(), Pushdown::Exact),
            // A float among texts is shown otherwise than SQLite writes it.
            (on_note.clone(), Pushdown::Unsupported),
            (Predicate::IsNull { column: "note".into(), negated: false }, Pushdown::Exact),
            (Predicate::compare("id", CompareOp::Eq, decimal), Pushdown::Unsupported),
            (Predicate::compare("id", CompareOp::Eq, u64::MAX), Pushdown::Unsupported),
            (Predicate::compare("id", CompareOp::Eq, f64::NAN), Pushdown::Unsupported),
            (Predicate::compare("id", CompareOp::Lt, 1.5), Pushdown::Exact),
            (Predicate::In { column: "id".into(), values: list(500), negated: false }, Pushdown::Exact),
            (Predicate::In { column: "id".into(), values: list(501), negated: false }, Pushdown::Unsupported),
            (Predicate::And(vec![on_name.clone(), on_note.clone()]), Pushdown::Inexact),
            (Predicate::Or(vec![on_name, on_note]), Pushdown::Unsupported),
        ] {
            assert_eq!(pushdown(&shape, &predicate), expected, "{predicate}");
        }
    }
}
