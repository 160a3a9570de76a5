//! Predicates on what SQLite is to compare, so that it finds exactly the rows that Arrow would.
//!
//! The two differ in what they compare. A text column here may have a collation that disregards case, a column of
//! numbers makes a number of the text it is compared with, bytes may lie among texts, and floats among texts are
//! shown otherwise than SQLite writes them. So a condition names what is compared: one [`Side`] of a column.
//! Numbers agree: both compare integers and floats by their exact values, `-0.0` is `0.0`, and SQLite keeps no NaN.

use flexconnect_core::{CompareOp, Predicate, Value};

use super::column::{Affinity, Column, Kind};
use super::identifier;
use super::shape::{Relation, Shape};

/// What of a column is compared; it stands before the column's name in what [`spelled`] gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
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

    /// What a name that [`spelled`] made stands for; `None` for one that it left.
    pub(super) fn read(name: &str) -> Option<(Self, &str)> {
        Side::ALL.into_iter().find_map(|side| Some((side, name.strip_prefix(side.mark())?)))
    }

    /// The SQL of it.
    pub(super) fn expression(self, column: &str) -> String {
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
pub(super) fn spelled(shape: &Shape, predicate: &Predicate) -> Predicate {
    let all = |parts: &[Predicate]| parts.iter().map(|part| spelled(shape, part)).collect();
    match predicate {
        Predicate::And(parts) => Predicate::And(all(parts)),
        Predicate::Or(parts) => Predicate::Or(all(parts)),
        leaf => spelled_leaf(shape, leaf).unwrap_or_else(nothing),
    }
}

/// A leaf on no column.
pub(super) fn nothing() -> Predicate {
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
