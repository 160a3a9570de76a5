//! Predicates as SQL text with bound values.

use super::filter::behind_prefix;
use super::{CompareOp, Predicate, Pushdown, Value};

/// How deep a predicate may be nested: writing it recurses.
const DEEPEST: usize = 100;

/// How a database writes names and parameters.
///
/// [`condition`](Self::condition) turns predicates into the text behind `WHERE`.
///
/// ```
/// use flexconnect_core::predicate::sql::{Placeholder, SqlDialect};
///
/// let sqlite = SqlDialect::new();
/// assert_eq!(sqlite.quoted(r#"a "b""#), r#""a ""b""""#);
/// let postgres = SqlDialect::new().with_placeholder(Placeholder::Numbered("$"));
/// let mysql = SqlDialect::new().with_quote('`');
/// assert_eq!(mysql.quoted("group"), "`group`");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqlDialect {
    /// What stands around a name, doubled where it is part of it.
    pub quote: char,
    /// What stands for a bound value.
    pub placeholder: Placeholder,
}

/// What stands for a bound value in SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placeholder {
    /// `?` for each.
    QuestionMark,
    /// This and the value's number, counted from 1: `$1`, `?1`, `:1`, `@p1`.
    Numbered(&'static str),
}

/// A condition in SQL, and what it says of the predicates it was made from.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SqlCondition {
    /// The text behind `WHERE`; `1 = 1` when nothing is asked. It has no literals of its own.
    pub text: String,
    /// The values to be bound to the placeholders, in their order.
    pub values: Vec<Value>,
    /// Whether the condition says all that the predicates say, a part of it, or nothing.
    pub pushdown: Pushdown,
}

impl Default for SqlDialect {
    fn default() -> Self {
        SqlDialect::new()
    }
}

impl SqlDialect {
    /// The standard's: names in `"`, values as `?`. What SQLite and most drivers take.
    pub const fn new() -> Self {
        SqlDialect { quote: '"', placeholder: Placeholder::QuestionMark }
    }

    /// Quotes names with this character.
    #[must_use]
    pub const fn with_quote(mut self, quote: char) -> Self {
        self.quote = quote;
        self
    }

    /// Writes bound values this way.
    #[must_use]
    pub const fn with_placeholder(mut self, placeholder: Placeholder) -> Self {
        self.placeholder = placeholder;
        self
    }

    /// A name (of a column, a table) in quotes, those inside doubled.
    pub fn quoted(&self, name: &str) -> String {
        let mut text = String::with_capacity(name.len() + 2);
        text.push(self.quote);
        for char in name.chars() {
            if char == self.quote {
                text.push(char);
            }
            text.push(char);
        }
        text.push(self.quote);
        text
    }

    /// Predicates that must all be true as one condition.
    ///
    /// `judge` is asked for every leaf (`Compare`, `In`, `IsNull`, `StartsWith`): whether the database finds exactly
    /// the rows for which it is true, at least these, or cannot be asked. Only the author knows: it depends on the
    /// column's type and collation there, on how it compares numbers of two kinds, on how many values it binds.
    ///
    /// A leaf that is [`Unsupported`](Pushdown::Unsupported) takes the `Or` around it with it and is left out of an
    /// `And`: what remains is true for all the rows wanted, and maybe for others. The result's `pushdown` says so, and
    /// for a single predicate it is what `Connector::pushdown` answers:
    ///
    /// ```
    /// use flexconnect_core::predicate::sql::SqlDialect;
    /// use flexconnect_core::{CompareOp, Predicate, Pushdown, Value};
    ///
    /// // Say that this database compares text regardless of case.
    /// let judge = |leaf: &Predicate| match leaf {
    ///     Predicate::StartsWith { .. } => Pushdown::Unsupported,
    ///     _ => Pushdown::Exact,
    /// };
    /// let grown = Predicate::compare("age", CompareOp::GtEq, 18);
    /// let named = Predicate::StartsWith { column: "name".into(), prefix: "A".into(), negated: false };
    ///
    /// let condition = SqlDialect::new().condition(&[grown.clone()], judge);
    /// assert_eq!(condition.text, r#""age" >= ?"#);
    /// assert_eq!(condition.values, [Value::Int64(18)]);
    /// assert_eq!(condition.pushdown, Pushdown::Exact);
    ///
    /// let both = Predicate::And(vec![named, grown]);
    /// let condition = SqlDialect::new().condition(&[both], judge);
    /// assert_eq!(condition.text, r#""age" >= ?"#);
    /// assert_eq!(condition.pushdown, Pushdown::Inexact);
    /// ```
    ///
    /// `STARTS WITH` is written as a range of text, which is exact where text is ordered by its bytes: `LIKE` is not,
    /// it disregards case here and needs its wildcards escaped there. A list without values is `1 = 0`. A name with a
    /// NUL character, and what is nested more than 100 deep, are unsupported.
    pub fn condition(
        &self,
        predicates: &[Predicate],
        judge: impl FnMut(&Predicate) -> Pushdown,
    ) -> SqlCondition {
        self.condition_on(predicates, judge, |column| self.quoted(column))
    }

    /// The same condition on other expressions: `expression` gives the text that stands for a column, for databases
    /// that compare the bare column otherwise than Arrow does.
    ///
    /// The text is taken as it is: names in it must be [`quoted`](Self::quoted), and an expression that binds weaker
    /// than a comparison needs brackets of its own.
    ///
    /// ```
    /// use flexconnect_core::predicate::sql::SqlDialect;
    /// use flexconnect_core::{CompareOp, Predicate, Pushdown};
    ///
    /// let postgres = SqlDialect::new();
    /// let bytewise = |column: &str| format!(r#"{} COLLATE "C""#, postgres.quoted(column));
    /// let later = Predicate::compare("name", CompareOp::Gt, "M");
    /// let condition = postgres.condition_on(&[later], |_| Pushdown::Exact, bytewise);
    /// assert_eq!(condition.text, r#""name" COLLATE "C" > ?"#);
    /// ```
    pub fn condition_on(
        &self,
        predicates: &[Predicate],
        judge: impl FnMut(&Predicate) -> Pushdown,
        expression: impl FnMut(&str) -> String,
    ) -> SqlCondition {
        let mut writer = Writer { dialect: self, judge, expression, text: String::new(), values: Vec::new() };
        let pushdown = writer.all(predicates, 0, true);
        if pushdown == Pushdown::Unsupported {
            writer.text.push_str("1 = 1");
        }
        SqlCondition { text: writer.text, values: writer.values, pushdown }
    }
}

struct Writer<'a, J, E> {
    dialect: &'a SqlDialect,
    judge: J,
    expression: E,
    text: String,
    values: Vec<Value>,
}

impl<J: FnMut(&Predicate) -> Pushdown, E: FnMut(&str) -> String> Writer<'_, J, E> {
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
