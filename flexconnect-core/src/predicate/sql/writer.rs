//! The text of a condition, written part by part.

use super::{Placeholder, SqlCondition, SqlDialect};
use crate::predicate::filter::behind_prefix;
use crate::predicate::{CompareOp, Predicate, Pushdown, Value};

/// How deep a predicate may be nested: writing it recurses.
const DEEPEST: usize = 100;

pub(super) struct Writer<'a, J, E> {
    dialect: &'a SqlDialect,
    judge: J,
    /// What stands for a column.
    expression: E,
    text: String,
    values: Vec<Value>,
}

impl<'a, J: FnMut(&Predicate) -> Pushdown, E: FnMut(&str) -> String> Writer<'a, J, E> {
    pub(super) fn new(dialect: &'a SqlDialect, judge: J, expression: E) -> Self {
        Writer { dialect, judge, expression, text: String::new(), values: Vec::new() }
    }

    /// The condition under which all of them are true.
    pub(super) fn write(mut self, predicates: &[Predicate]) -> SqlCondition {
        let pushdown = self.all(predicates, 0, true);
        if pushdown == Pushdown::Unsupported {
            self.text.push_str("1 = 1");
        }
        SqlCondition { text: self.text, values: self.values, pushdown }
    }

    /// Appends a predicate; one that is unsupported leaves nothing behind.
    fn predicate(&mut self, predicate: &Predicate, depth: usize) -> Pushdown {
        if depth > DEEPEST {
            return Pushdown::Unsupported;
        }
        match predicate {
            Predicate::And(parts) => self.all(parts, depth, false),
            Predicate::Or(parts) => self.any(parts, depth),
            leaf => {
                let pushdown = if self.has_a_name(leaf) { (self.judge)(leaf) } else { Pushdown::Unsupported };
                if pushdown != Pushdown::Unsupported {
                    self.leaf(leaf);
                }
                pushdown
            }
        }
    }

    /// A database's parser may take a NUL for the end of the text.
    fn has_a_name(&self, leaf: &Predicate) -> bool {
        leaf.columns().iter().all(|column| !column.contains('\0'))
    }

    /// The parts that can be asked; unsupported when there is none of them.
    fn all(&mut self, parts: &[Predicate], depth: usize, outermost: bool) -> Pushdown {
        if parts.is_empty() {
            self.text.push_str("1 = 1");
            return Pushdown::Exact;
        }
        let start = self.text.len();
        let brackets = parts.len() > 1 && !outermost;
        let (mut exact, mut written) = (true, false);
        self.text.push_str(if brackets { "(" } else { "" });
        for part in parts {
            let before = self.text.len();
            self.text.push_str(if written { " AND " } else { "" });
            match self.predicate(part, depth + 1) {
                Pushdown::Unsupported => {
                    self.text.truncate(before);
                    exact = false;
                }
                pushdown => {
                    exact &= pushdown == Pushdown::Exact;
                    written = true;
                }
            }
        }
        self.text.push_str(if brackets { ")" } else { "" });
        match (written, exact) {
            (true, true) => Pushdown::Exact,
            (true, false) => Pushdown::Inexact,
            (false, _) => {
                self.text.truncate(start);
                Pushdown::Unsupported
            }
        }
    }

    /// All parts, or unsupported.
    fn any(&mut self, parts: &[Predicate], depth: usize) -> Pushdown {
        if parts.is_empty() {
            self.text.push_str("1 = 0");
            return Pushdown::Exact;
        }
        let (text, values) = (self.text.len(), self.values.len());
        let mut all = Pushdown::Exact;
        self.text.push('(');
        for (index, part) in parts.iter().enumerate() {
            self.text.push_str(if index > 0 { " OR " } else { "" });
            match self.predicate(part, depth + 1) {
                Pushdown::Exact => {}
                Pushdown::Inexact => all = Pushdown::Inexact,
                Pushdown::Unsupported => {
                    self.text.truncate(text);
                    self.values.truncate(values);
                    return Pushdown::Unsupported;
                }
            }
        }
        self.text.push(')');
        all
    }

    fn leaf(&mut self, leaf: &Predicate) {
        match leaf {
            Predicate::Compare { column, op, value } => self.compare(column, *op, value.clone()),
            Predicate::In { column, values, negated } => self.one_of(column, values, *negated),
            Predicate::IsNull { column, negated } => self.null_test(column, *negated),
            Predicate::StartsWith { column, prefix, negated } => self.prefix(column, prefix, *negated),
            Predicate::And(_) | Predicate::Or(_) => unreachable!("`predicate` takes these apart"),
        }
    }

    fn name(&mut self, column: &str) {
        let expression = (self.expression)(column);
        self.text.push_str(&expression);
    }

    fn bind(&mut self, value: Value) {
        self.values.push(value);
        match self.dialect.placeholder {
            Placeholder::QuestionMark => self.text.push('?'),
            Placeholder::Numbered(sign) => {
                self.text.push_str(sign);
                self.text.push_str(&self.values.len().to_string());
            }
        }
    }

    fn compare(&mut self, column: &str, op: CompareOp, value: Value) {
        self.name(column);
        // The standard's sign; that of the JSON command is not known everywhere.
        let sign = if op == CompareOp::NotEq { "<>" } else { op.as_str() };
        self.text.push(' ');
        self.text.push_str(sign);
        self.text.push(' ');
        self.bind(value);
    }

    fn null_test(&mut self, column: &str, negated: bool) {
        self.name(column);
        self.text.push_str(if negated { " IS NOT NULL" } else { " IS NULL" });
    }

    fn one_of(&mut self, column: &str, values: &[Value], negated: bool) {
        match (values.is_empty(), negated) {
            // Unknown for a null, which no predicate tells from false: there is no `Not`.
            (true, false) => self.text.push_str("1 = 0"),
            (true, true) => self.null_test(column, true),
            (false, _) => {
                self.name(column);
                self.text.push_str(if negated { " NOT IN (" } else { " IN (" });
                for (index, value) in values.iter().enumerate() {
                    self.text.push_str(if index > 0 { ", " } else { "" });
                    self.bind(value.clone());
                }
                self.text.push(')');
            }
        }
    }

    /// Texts with a prefix are a range: from the prefix to the first text behind all that begin with it.
    fn prefix(&mut self, column: &str, prefix: &str, negated: bool) {
        let (start, end) =
            if negated { (CompareOp::Lt, CompareOp::GtEq) } else { (CompareOp::GtEq, CompareOp::Lt) };
        self.text.push('(');
        self.compare(column, start, Value::from(prefix));
        if let Some(behind) = behind_prefix(prefix) {
            self.text.push_str(if negated { " OR " } else { " AND " });
            self.compare(column, end, Value::from(behind));
        }
        self.text.push(')');
    }
}
