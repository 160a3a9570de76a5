//! Generated predicates, for laws that must hold for all of them.

use flexconnect_core::{CompareOp, Predicate, Value};

/// The same numbers in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    pub(crate) fn chance(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    /// Text of few characters, prefixes of each other.
    pub(crate) fn text(&mut self) -> String {
        (0..self.below(4)).map(|_| *self.pick(&['a', 'b', 'ü', char::MAX])).collect()
    }
}

/// A column that predicates are made about, and the literals it is compared with.
pub(crate) struct Subject {
    pub(crate) column: &'static str,
    pub(crate) is_text: bool,
    pub(crate) literal: fn(&mut Random) -> Value,
}

/// A predicate on these columns, nested at most this deep.
pub(crate) fn predicate(random: &mut Random, subjects: &[Subject], depth: usize) -> Predicate {
    if depth > 0 && random.chance(2) {
        let parts = (0..random.below(4)).map(|_| predicate(random, subjects, depth - 1)).collect();
        return if random.chance(2) { Predicate::And(parts) } else { Predicate::Or(parts) };
    }
    let subject = random.pick(subjects);
    let (column, negated) = (subject.column.to_owned(), random.chance(3));
    match random.below(8) {
        0 => Predicate::IsNull { column, negated },
        1 => Predicate::In {
            column,
            values: (0..random.below(4)).map(|_| (subject.literal)(random)).collect(),
            negated,
        },
        2 | 3 if subject.is_text => Predicate::StartsWith { column, prefix: random.text(), negated },
        _ => {
            Predicate::Compare { column, op: *random.pick(&CompareOp::ALL), value: (subject.literal)(random) }
        }
    }
}
