//! Predicates as SQL text with bound values.

mod writer;

use super::{Predicate, Pushdown, Value};
use writer::Writer;

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
    /// assert_eq!(condition.text, r#"("age" >= ?)"#);
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
        Writer::new(self, judge, expression).write(predicates)
    }
}
