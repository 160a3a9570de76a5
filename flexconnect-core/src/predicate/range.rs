//! What predicates say of one column as a range.

use std::cmp::Ordering;
use std::ops::Bound;

use arrow_buffer::i256;

use super::filter::behind_prefix;
use super::{CompareOp, Predicate, Value};
use crate::scalar::decimal::{Decimal, Step};
use crate::scalar::unit::nanoseconds;

/// How deep a predicate may be nested: looking into it recurses.
const DEEPEST: usize = 100;

impl Predicate {
    /// The least range that these predicates, all of them true, are seen to leave to a column's value: what a source
    /// divided by time is to be asked for.
    ///
    /// Every row for which all of them are true has a value in the range, compared as
    /// [`CompareOp`] compares; once an end is bounded it has no null. The range may be wider than what they say,
    /// never narrower, and it is empty (its start above its end) when they contradict each other. Predicates on other
    /// columns say nothing, `!=` and its kin neither. Of an `Or` the range is one that holds those of all its parts.
    ///
    /// ```
    /// use std::ops::Bound;
    ///
    /// use flexconnect_core::{CompareOp, Predicate, Value};
    ///
    /// let from = Predicate::compare("day", CompareOp::GtEq, Value::Date32(19_860));
    /// let until = Predicate::compare("day", CompareOp::Lt, Value::Date32(19_867));
    /// let other = Predicate::compare("id", CompareOp::Eq, 5);
    /// let (start, end) = Predicate::range(&[from, until, other], "day");
    /// assert_eq!(start, Bound::Included(Value::Date32(19_860)));
    /// assert_eq!(end, Bound::Excluded(Value::Date32(19_867)));
    /// ```
    pub fn range(predicates: &[Predicate], column: &str) -> (Bound<Value>, Bound<Value>) {
        match all(predicates, column, 0) {
            Some(Range { start, end }) => (start.into_bound(), end.into_bound()),
            // No row at all, which a range of values has no word for.
            None => (Bound::Unbounded, Bound::Unbounded),
        }
    }
}

/// The values between two ends.
#[derive(Debug, Clone, Default)]
struct Range {
    start: End,
    end: End,
}

/// One end of a range; none leaves it open.
#[derive(Debug, Clone, Default)]
struct End(Option<(Value, Edge)>);

/// Whether the value itself is in the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    Included,
    Excluded,
}

/// The range of a conjunction; `None` when no row satisfies it.
fn all(parts: &[Predicate], column: &str, depth: usize) -> Option<Range> {
    let mut range = Range::default();
    for part in parts {
        let part = of(part, column, depth)?;
        range.start.tighten(part.start, Ordering::Greater);
        range.end.tighten(part.end, Ordering::Less);
    }
    Some(range)
}

/// The range that holds those of all parts; `None` when no row satisfies any of them.
fn any(parts: &[Predicate], column: &str, depth: usize) -> Option<Range> {
    let mut ranges = parts.iter().filter_map(|part| of(part, column, depth));
    let mut range = ranges.next()?;
    for part in ranges {
        range.start.widen(part.start, Ordering::Less);
        range.end.widen(part.end, Ordering::Greater);
    }
    Some(range)
}

fn of(predicate: &Predicate, column: &str, depth: usize) -> Option<Range> {
    if depth > DEEPEST {
        return Some(Range::default());
    }
    match predicate {
        Predicate::And(parts) => all(parts, column, depth + 1),
        Predicate::Or(parts) => any(parts, column, depth + 1),
        Predicate::Compare { column: name, op, value } if name == column => Some(compared(*op, value)),
        Predicate::In { column: name, values, negated: false } if name == column => {
            let each = values.iter().map(|value| compared(CompareOp::Eq, value));
            each.reduce(|mut range, value| {
                range.start.widen(value.start, Ordering::Less);
                range.end.widen(value.end, Ordering::Greater);
                range
            })
        }
        Predicate::StartsWith { column: name, prefix, negated: false } if name == column => {
            let behind = behind_prefix(prefix);
            Some(Range {
                start: End::at(&Value::from(prefix.as_str()), Edge::Included),
                end: behind.map_or_else(End::default, |text| End::at(&Value::from(text), Edge::Excluded)),
            })
        }
        _ => Some(Range::default()),
    }
}

fn compared(op: CompareOp, value: &Value) -> Range {
    let at = |edge| End::at(value, edge);
    let (start, end) = match op {
        CompareOp::Eq => (at(Edge::Included), at(Edge::Included)),
        CompareOp::NotEq => (End::default(), End::default()),
        CompareOp::Lt => (End::default(), at(Edge::Excluded)),
        CompareOp::LtEq => (End::default(), at(Edge::Included)),
        CompareOp::Gt => (at(Edge::Excluded), End::default()),
        CompareOp::GtEq => (at(Edge::Included), End::default()),
    };
    Range { start, end }
}

impl End {
    fn at(value: &Value, edge: Edge) -> Self {
        // A column cannot be compared with NaN at all.
        let comparable = !matches!(value, Value::Float64(float) if float.is_nan());
        End(comparable.then(|| (value.clone(), edge)))
    }

    /// Moves to where both ends hold; `inwards` is how the tighter one compares with the other.
    fn tighten(&mut self, other: End, inwards: Ordering) {
        let Some((value, edge)) = other.0 else { return };
        let Some((own, own_edge)) = &mut self.0 else {
            *self = End(Some((value, edge)));
            return;
        };
        match order(&value, own) {
            Some(Ordering::Equal) if edge == Edge::Excluded => *own_edge = Edge::Excluded,
            Some(order) if order == inwards => *self = End(Some((value, edge))),
            // Either end holds, so that the one there is may stay where nobody knows which is tighter.
            _ => {}
        }
    }

    /// Moves to where either end holds; `outwards` is how the wider one compares with the other.
    fn widen(&mut self, other: End, outwards: Ordering) {
        let (Some((own, own_edge)), Some((value, edge))) = (&mut self.0, other.0) else {
            *self = End::default();
            return;
        };
        let Some(order) = order(&value, own) else {
            *self = End::default();
            return;
        };
        if order == outwards {
            *own = value;
            *own_edge = edge;
        } else if order.is_eq() && edge == Edge::Included {
            *own_edge = Edge::Included;
        }
        if order.is_ne() && matches!(own, Value::Decimal128 { .. } | Value::Decimal256 { .. }) {
            // In a column of floats both may be the same float, and the other end may include it.
            *own_edge = Edge::Included;
        }
    }

    fn into_bound(self) -> Bound<Value> {
        match self.0 {
            None => Bound::Unbounded,
            Some((value, Edge::Included)) => Bound::Included(value),
            Some((value, Edge::Excluded)) => Bound::Excluded(value),
        }
    }
}

/// How two literals of a column compare, whatever the column's type; `None` when that depends on it.
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    use Value::*;
    match (a, b) {
        (Boolean(a), Boolean(b)) => Some(a.cmp(b)),
        (Utf8(a), Utf8(b)) => Some(a.cmp(b)),
        (Binary(a), Binary(b)) => Some(a.cmp(b)),
        (Date32(a), Date32(b)) => Some(a.cmp(b)),
        (Time64(a), Time64(b)) => Some(a.cmp(b)),
        (
            Timestamp { value: a, unit: of_a, timezone: zone_a },
            Timestamp { value: b, unit: of_b, timezone: zone_b },
        ) if zone_a.is_some() == zone_b.is_some() => {
            Some((i128::from(*a) * nanoseconds(*of_a)).cmp(&(i128::from(*b) * nanoseconds(*of_b))))
        }
        (Duration { value: a, unit: of_a }, Duration { value: b, unit: of_b }) => {
            Some((i128::from(*a) * nanoseconds(*of_a)).cmp(&(i128::from(*b) * nanoseconds(*of_b))))
        }
        (Float64(a), Float64(b)) => a.partial_cmp(b),
        (Decimal128 { .. } | Decimal256 { .. }, Decimal128 { .. } | Decimal256 { .. }) => {
            Some(order_of_decimals(decimal(a)?, decimal(b)?))
        }
        (Int64(_) | UInt64(_), Int64(_) | UInt64(_)) => Some(integer(a)?.cmp(&integer(b)?)),
        // A decimal is rounded in a column of floats and an integer is not, a float has other digits in a column of
        // decimals than in one of floats.
        _ => None,
    }
}

fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::Int64(value) => Some((*value).into()),
        Value::UInt64(value) => Some((*value).into()),
        _ => None,
    }
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal128 { value, scale } => {
            Some(Decimal { digits: i256::from(*value), scale: (*scale).into() })
        }
        Value::Decimal256 { value, scale } => Some(Decimal { digits: *value, scale: (*scale).into() }),
        _ => None,
    }
}

fn order_of_decimals(a: Decimal, b: Decimal) -> Ordering {
    match a.step(b.scale) {
        Step::Below => Ordering::Less,
        Step::Above => Ordering::Greater,
        Step::On(digits) => digits.cmp(&b.digits),
        Step::After(digits) if digits < b.digits => Ordering::Less,
        Step::After(_) => Ordering::Greater,
    }
}
