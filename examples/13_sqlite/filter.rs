//! Filters that SQLite takes off our hands: those of which it finds exactly the rows that Arrow would.
//!
//! The two differ in what they compare. A text column here may have a collation that disregards case, a column
//! of numbers makes a number of the text it is compared with, bytes may lie among texts, and floats among text
//! are shown otherwise than SQLite writes them. So a condition names what is compared: the expressions of
//! [`Side`]. Numbers agree: both compare integers and floats by their exact values, `-0.0` is `0.0`, and
//! SQLite keeps no NaN.

use flexconnect_core::predicate::sql::{SqlCondition, SqlDialect};
use flexconnect_core::{CompareOp, Predicate, Pushdown, Value};

use super::column::{Affinity, Column, Kind};
use super::identifier;
use super::shape::{Relation, Shape};

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

/// What of a column is compared; it stands before the column's name in what [`spelled`] gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// The value as it is stored.
    Stored,
    /// The same, text ordered by its bytes whatever the column says.
    Bytewise,
    /// As text, whatever it is.
    Text,
}

impl Side {
    const ALL: [Side; 3] = [Side::Stored, Side::Bytewise, Side::Text];

    const fn mark(self) -> &'static str {
        match self {
            Side::Stored => "stored:",
            Side::Bytewise => "bytewise:",
            Side::Text => "text:",
        }
    }

    fn of(self, column: &str) -> String {
        format!("{}{column}", self.mark())
    }

    fn read(name: &str) -> Option<(Self, &str)> {
        Side::ALL.into_iter().find_map(|side| Some((side, name.strip_prefix(side.mark())?)))
    }

    fn expression(self, column: &str) -> String {
        let column = identifier(column);
        match self {
            Side::Stored => column,
            Side::Bytewise => format!("{column} COLLATE BINARY"),
            Side::Text => format!("CAST({column} AS TEXT) COLLATE BINARY"),
        }
    }
}

/// The predicate with what is compared instead of each column. A leaf that SQLite would see otherwise names
/// nothing, and is left to flexconnect.
fn spelled(shape: &Shape, predicate: &Predicate) -> Predicate {
    let all = |parts: &[Predicate]| parts.iter().map(|part| spelled(shape, part)).collect();
    match predicate {
        Predicate::And(parts) => Predicate::And(all(parts)),
        Predicate::Or(parts) => Predicate::Or(all(parts)),
        leaf => spelled_leaf(shape, leaf).unwrap_or_else(nothing),
    }
}

/// A leaf on no column.
fn nothing() -> Predicate {
    Predicate::IsNull { column: String::new(), negated: false }
}

fn spelled_leaf(shape: &Shape, leaf: &Predicate) -> Option<Predicate> {
    if shape.relation == Relation::Virtual {
        // What a module makes of a comparison only the module knows.
        return None;
    }
    let column = shape.column(leaf.columns().first()?)?;
    let fits = |value: &Value| compares(column.kind, value);
    let asked = match leaf {
        Predicate::IsNull { .. } => return Some(on(leaf, Side::Stored.of(&column.name))),
        Predicate::Compare { value, .. } => fits(value),
        Predicate::In { values, .. } => values.iter().all(fits),
        Predicate::StartsWith { .. } => column.kind == Kind::Text,
        _ => false,
    };
    match column.kind {
        _ if !asked => None,
        // In a file of UTF-16 texts have another order, and bytes are other texts.
        Kind::Text if !shape.utf8 => None,
        Kind::Text => text_leaf(column, leaf),
        _ => Some(on(leaf, Side::Stored.of(&column.name))),
    }
}

fn text_leaf(column: &Column, leaf: &Predicate) -> Option<Predicate> {
    if column.affinity != Affinity::Text {
        // SQLite writes a float with fewer digits than it has.
        return (!column.classes.real).then(|| on(leaf, Side::Text.of(&column.name)));
    }
    text_and_bytes(column, leaf)
}

/// In a column declared to be text all is text but for bytes. SQLite puts them behind all texts, and orders both by
/// their bytes; so that what is asked of texts is asked of them too, in bytes, and an index on the column serves both.
fn text_and_bytes(column: &Column, leaf: &Predicate) -> Option<Predicate> {
    use CompareOp::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    let text = on(leaf, Side::Bytewise.of(&column.name));
    let stored = |op, bytes: &[u8]| Predicate::compare(Side::Stored.of(&column.name), op, bytes);
    let both = |texts: &[&Value], negated| {
        let bytes = texts.iter().filter_map(|text| Some(Value::from(bytes_of(text)?)));
        let values = texts.iter().copied().cloned().chain(bytes).collect();
        Predicate::In { column: Side::Bytewise.of(&column.name), values, negated }
    };
    let (is_text, is_bytes) = (stored(Lt, b""), stored(GtEq, b""));
    let (all, any) = (Predicate::And, Predicate::Or);
    Some(match leaf {
        Predicate::Compare { op: op @ (Eq | NotEq), value, .. } => both(&[value], *op == NotEq),
        Predicate::In { values, negated, .. } => both(&values.iter().collect::<Vec<_>>(), *negated),
        Predicate::Compare { op: op @ (Lt | LtEq), value, .. } => {
            any(vec![text, all(vec![is_bytes, stored(*op, bytes_of(value)?)])])
        }
        Predicate::Compare { op: op @ (Gt | GtEq), value, .. } => {
            // Bytes are behind this text, as they are behind every text: one range of an index.
            all(vec![text, any(vec![is_text, stored(*op, bytes_of(value)?)])])
        }
        Predicate::StartsWith { prefix, negated, .. } => {
            let (first, behind) = (prefix.as_bytes(), behind(prefix));
            if *negated {
                let outside = [Some(stored(Lt, first)), behind.map(|behind| stored(GtEq, &behind))];
                let outside = any(outside.into_iter().flatten().collect());
                any(vec![all(vec![text, is_text]), all(vec![is_bytes, outside])])
            } else {
                let inside = [Some(stored(GtEq, first)), behind.map(|behind| stored(Lt, &behind))];
                any(vec![all(vec![text, is_text]), all(inside.into_iter().flatten().collect())])
            }
        }
        _ => return None,
    })
}

fn bytes_of(text: &Value) -> Option<&[u8]> {
    if let Value::Utf8(text) = text { Some(text.as_bytes()) } else { None }
}

/// The first bytes behind all that begin with this text; `None` when there are none.
fn behind(prefix: &str) -> Option<Vec<u8>> {
    let mut bytes = prefix.as_bytes().to_vec();
    // No byte of a text is the greatest there is.
    *bytes.last_mut()? += 1;
    Some(bytes)
}

/// Whether SQLite compares a column of this kind with this value as Arrow does.
fn compares(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Integer | Kind::Real, Value::Int64(_)) => true,
        (Kind::Integer | Kind::Real, Value::UInt64(value)) => i64::try_from(*value).is_ok(),
        // SQLite takes NaN for a null.
        (Kind::Integer | Kind::Real, Value::Float64(value)) => !value.is_nan(),
        (Kind::Text, Value::Utf8(_)) | (Kind::Bytes, Value::Binary(_)) => true,
        _ => false,
    }
}

/// The same leaf on another column.
fn on(leaf: &Predicate, name: String) -> Predicate {
    let mut leaf = leaf.clone();
    match &mut leaf {
        Predicate::Compare { column, .. }
        | Predicate::In { column, .. }
        | Predicate::IsNull { column, .. }
        | Predicate::StartsWith { column, .. } => *column = name,
        _ => {}
    }
    leaf
}

#[cfg(test)]
mod tests {
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
            let (text, _) = condition(&shape, &[predicate.clone()]);
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
