//! What the checks came to, for people and for tests.

use std::fmt;

/// Findings of one check beyond this number are counted, not kept: they have one reason.
const KEPT: usize = 6;

/// One thing that is wrong: where, what, and what its author does about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The request or the column it is about: `limit 3`, `column id`.
    pub place: String,
    /// What came, and what should have come.
    pub what: String,
    /// What to do.
    pub advice: String,
}

impl Finding {
    /// A finding at a place.
    pub fn new(place: impl Into<String>, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Finding { place: place.into(), what: what.into(), advice: advice.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.what, self.advice)
    }
}

/// What one check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// All of it holds.
    Passed,
    /// These things are wrong.
    Failed(Vec<Finding>),
    /// The table offers nothing the check could be about, and refuses what it does not offer.
    NotApplicable(String),
    /// It would apply, and something is missing: rows to compare, a table that may be written.
    NotRun(String),
}

/// One check of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The table's path, its components joined by `/`.
    pub table: String,
    /// The check's name.
    pub check: &'static str,
    /// What it came to.
    pub verdict: Verdict,
}

impl Outcome {
    /// This check of this table came to that.
    pub fn new(table: impl Into<String>, check: &'static str, verdict: Verdict) -> Self {
        Outcome { table: table.into(), check, verdict }
    }
}

/// Every check of every table, and what it came to.
///
/// ```
/// use flexconnect_core::conformance::{Finding, Outcome, Report, Verdict};
///
/// let mut report = Report::default();
/// report.push(Outcome::new("items", "schema", Verdict::Passed));
/// let finding = Finding::new("limit 3", "2 rows came", "deliver exactly as many rows as are asked for");
/// report.push(Outcome::new("items", "limit", Verdict::Failed(vec![finding])));
/// assert_eq!(report.failed().map(|outcome| outcome.check).collect::<Vec<_>>(), ["limit"]);
/// assert!(report.to_string().contains("limit 3: 2 rows came"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "a report that nobody looks at proves nothing: `report.assert()`"]
pub struct Report {
    outcomes: Vec<Outcome>,
}

impl Report {
    /// Adds an outcome: for doors with rules of their own.
    pub fn push(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
    }

    /// All outcomes, table by table.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|outcome| matches!(outcome.verdict, Verdict::Failed(_)))
    }

    /// The checks that could not be run.
    pub fn not_run(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|outcome| matches!(outcome.verdict, Verdict::NotRun(_)))
    }

    /// What this check of this table came to.
    pub fn verdict(&self, table: &str, check: &str) -> Option<&Verdict> {
        let mut found = self.outcomes.iter().filter(|one| one.table == table && one.check == check);
        found.next().map(|outcome| &outcome.verdict)
    }

    /// For a test: fails it, with the whole report, when a check failed or nothing was examined.
    ///
    /// # Panics
    /// When a check failed, or when none passed.
    #[track_caller]
    pub fn assert(&self) {
        let passed = self.outcomes.iter().any(|outcome| outcome.verdict == Verdict::Passed);
        assert!(passed && self.failed().next().is_none(), "\n{self}");
    }

    /// As [`assert`](Self::assert), and no check may have been left out for want of something, but these.
    ///
    /// # Panics
    /// When a check failed, when none passed, or when one that is not named here was not run.
    #[track_caller]
    pub fn assert_all_run_but(&self, checks: &[&str]) {
        self.assert();
        let left_out = self.not_run().any(|outcome| !checks.contains(&outcome.check));
        assert!(!left_out, "some checks were not run\n{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.outcomes.is_empty() {
            return f.write_str("nothing was examined: there is no table");
        }
        let mut tables: Vec<&str> = Vec::new();
        for outcome in &self.outcomes {
            if !tables.contains(&outcome.table.as_str()) {
                tables.push(&outcome.table);
            }
        }
        tables.into_iter().try_for_each(|table| self.write_table(f, table))
    }
}

impl Report {
    fn write_table(&self, f: &mut fmt::Formatter<'_>, table: &str) -> fmt::Result {
        writeln!(f, "table `{table}`")?;
        for outcome in self.outcomes.iter().filter(|outcome| outcome.table == table) {
            let check = outcome.check;
            match &outcome.verdict {
                Verdict::Passed => writeln!(f, "  passed          {check}")?,
                Verdict::NotApplicable(why) => writeln!(f, "  not applicable  {check}: {why}")?,
                Verdict::NotRun(why) => writeln!(f, "  not run         {check}: {why}")?,
                Verdict::Failed(findings) => {
                    writeln!(f, "  FAILED          {check}")?;
                    for finding in findings {
                        writeln!(f, "    {}: {}", finding.place, finding.what)?;
                        writeln!(f, "      -> {}", finding.advice)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Collects what one check finds.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    kept: Vec<Finding>,
    more: usize,
}

impl Findings {
    pub(crate) fn add(
        &mut self,
        place: impl Into<String>,
        what: impl Into<String>,
        advice: impl Into<String>,
    ) {
        if self.kept.len() < KEPT {
            self.kept.push(Finding::new(place, what, advice));
        } else {
            self.more += 1;
        }
    }

    /// Passed, if nothing was found.
    pub(crate) fn verdict(mut self) -> Verdict {
        if self.kept.is_empty() {
            return Verdict::Passed;
        }
        if self.more > 0 {
            let what = format!("{} further findings of this check are not listed", self.more);
            self.kept.push(Finding::new("more", what, "mend the first ones and run it again"));
        }
        Verdict::Failed(self.kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_without_a_passed_check_proves_nothing() {
        let mut report = Report::default();
        assert!(std::panic::catch_unwind(|| report.assert()).is_err());
        report.push(Outcome::new("t", "schema", Verdict::NotRun("no rows".into())));
        assert!(std::panic::catch_unwind(|| report.assert()).is_err());
        report.push(Outcome::new("t", "limit", Verdict::Passed));
        report.assert();
        report.assert_all_run_but(&["schema"]);
        assert!(std::panic::catch_unwind(|| report.assert_all_run_but(&[])).is_err());
    }

    #[test]
    fn findings_with_one_reason_are_not_all_listed() {
        let mut findings = Findings::default();
        (0..20).for_each(|n| findings.add(format!("limit {n}"), "wrong", "mend it"));
        let Verdict::Failed(findings) = findings.verdict() else { panic!("it failed") };
        assert_eq!(findings.len(), KEPT + 1);
        assert!(findings[KEPT].to_string().contains("14 further findings"));
    }
}
