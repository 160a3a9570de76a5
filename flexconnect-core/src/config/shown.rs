//! Whether a parameter applies, as far as the ones it depends on say.

use super::Condition;

/// Whether a parameter applies, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// It does, because of this.
    Yes(String),
    /// It does not: this would have to be.
    No(String),
    /// What it depends on could not be read.
    Unknown,
}

impl Shown {
    /// Whether one condition is met.
    pub(super) fn of(met: bool, condition: &Condition) -> Shown {
        if met { Shown::Yes(condition.to_string()) } else { Shown::No(condition.to_string()) }
    }

    /// Whether it applies when it depends on all of these.
    pub fn all(parts: impl IntoIterator<Item = Shown>) -> Shown {
        let mut reasons = Vec::new();
        let mut unknown = false;
        for part in parts {
            match part {
                Shown::Yes(why) => reasons.push(why),
                Shown::No(why) => return Shown::No(why),
                Shown::Unknown => unknown = true,
            }
        }
        if unknown { Shown::Unknown } else { Shown::Yes(reasons.join(" and ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_condition_that_fails_is_enough() {
        let (yes, no) = (Shown::Yes("a".into()), Shown::No("b".into()));
        assert_eq!(Shown::all([yes.clone(), yes.clone()]), Shown::Yes("a and a".into()));
        assert_eq!(Shown::all([yes.clone(), Shown::Unknown, no.clone()]), no);
        assert_eq!(Shown::all([yes, Shown::Unknown]), Shown::Unknown);
    }
}
