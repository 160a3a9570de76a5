//! Predicates as SQL: the text, its brackets and its bound values say what the predicate says.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/generated.rs"]
mod generated;

use flexconnect_core::arrow_array::{Array, BooleanArray, Int64Array, RecordBatch, StringArray};
use flexconnect_core::predicate::sql::{Placeholder, SqlCondition, SqlDialect};
use flexconnect_core::{CompareOp, Filter, Predicate, Pushdown, Value};
use generated::{Random, Subject, predicate};

fn exact(_: &Predicate) -> Pushdown {
    Pushdown::Exact
}

fn text(predicate: Predicate) -> String {
    SqlDialect::new().condition(&[predicate], exact).text
}

fn compare(column: &str, value: i64) -> Predicate {
    Predicate::compare(column, CompareOp::Eq, value)
}

#[test]
fn every_leaf_has_its_text() {
    let column = || "c".to_owned();
    let signs: Vec<_> = CompareOp::ALL.map(|op| text(Predicate::compare("c", op, 1))).into();
    assert_eq!(
        signs,
        [r#""c" = ?"#, r#""c" <> ?"#, r#""c" < ?"#, r#""c" <= ?"#, r#""c" > ?"#, r#""c" >= ?"#]
    );
    let list = |values: Vec<Value>, negated| text(Predicate::In { column: column(), values, negated });
    assert_eq!(list(vec![1.into(), 2.into()], false), r#""c" IN (?, ?)"#);
    assert_eq!(list(vec![1.into()], true), r#""c" NOT IN (?)"#);
    assert_eq!(list(vec![], false), "1 = 0");
    assert_eq!(list(vec![], true), r#""c" IS NOT NULL"#);
    assert_eq!(text(Predicate::IsNull { column: column(), negated: false }), r#""c" IS NULL"#);
    let starts =
        |prefix: &str, negated| Predicate::StartsWith { column: column(), prefix: prefix.into(), negated };
    let condition = SqlDialect::new().condition(&[starts("ab", false)], exact);
    assert_eq!(condition.text, r#"("c" >= ? AND "c" < ?)"#);
    assert_eq!(condition.values, [Value::from("ab"), Value::from("ac")]);
    assert_eq!(text(starts("ab", true)), r#"("c" < ? OR "c" >= ?)"#);
    assert_eq!(text(starts("\u{10ffff}", false)), r#"("c" >= ?)"#);
    assert_eq!(text(Predicate::And(vec![])), "1 = 1");
    assert_eq!(text(Predicate::Or(vec![])), "1 = 0");
    let nothing = SqlDialect::new().condition(&[], exact);
    assert_eq!((nothing.text.as_str(), nothing.pushdown), ("1 = 1", Pushdown::Exact));
}

#[test]
fn names_and_placeholders_are_the_dialects() {
    let nasty = r#"a"b`c' OR 1=1; --"#;
    assert_eq!(text(compare(nasty, 1)), r#""a""b`c' OR 1=1; --" = ?"#);
    let dialect = SqlDialect::new().with_quote('`').with_placeholder(Placeholder::Numbered("$"));
    let both = Predicate::Or(vec![compare(nasty, 1), compare("x", 2)]);
    let condition = dialect.condition(&[both, compare("y", 3)], exact);
    assert_eq!(condition.text, r#"(`a"b``c' OR 1=1; --` = $1 OR `x` = $2) AND `y` = $3"#);
    assert_eq!(condition.values, [1.into(), 2.into(), 3.into()]);
    let cut = SqlDialect::new().condition(&[compare("a\0b", 1)], exact);
    assert_eq!((cut.text.as_str(), cut.pushdown), ("1 = 1", Pushdown::Unsupported));
}

#[test]
fn what_cannot_be_asked_is_left_out_where_that_only_widens() {
    let judge = |leaf: &Predicate| match leaf.columns()[0] {
        "exact" => Pushdown::Exact,
        "inexact" => Pushdown::Inexact,
        _ => Pushdown::Unsupported,
    };
    let numbered = SqlDialect::new().with_placeholder(Placeholder::Numbered("?"));
    let condition = |predicates: &[Predicate]| numbered.condition(predicates, judge);
    let (exact, inexact, no) = (|| compare("exact", 1), || compare("inexact", 2), || compare("no", 3));
    let said = |predicates: &[Predicate]| {
        let SqlCondition { text, values, pushdown, .. } = condition(predicates);
        (text, values.len(), pushdown)
    };
    let expected = (r#""exact" = ?1"#.to_owned(), 1, Pushdown::Inexact);
    assert_eq!(said(&[no(), exact(), no()]), expected);
    assert_eq!(said(&[Predicate::And(vec![no(), exact()])]).2, Pushdown::Inexact);
    assert_eq!(said(&[Predicate::Or(vec![exact(), no()]), exact()]), expected);
    assert_eq!(said(&[Predicate::Or(vec![exact(), no()])]), ("1 = 1".to_owned(), 0, Pushdown::Unsupported));
    assert_eq!(said(&[Predicate::And(vec![no(), no()])]).2, Pushdown::Unsupported);
    assert_eq!(said(&[Predicate::Or(vec![exact(), inexact()])]).2, Pushdown::Inexact);
    assert_eq!(said(&[exact(), inexact()]).2, Pushdown::Inexact);
    let part = Predicate::Or(vec![exact(), Predicate::And(vec![inexact(), no()])]);
    let text = r#"("exact" = ?1 OR ("inexact" = ?2))"#.to_owned();
    assert_eq!(said(&[part]), (text, 2, Pushdown::Inexact));
    let mut deep = exact();
    (0..500).for_each(|_| deep = Predicate::And(vec![deep.clone()]));
    assert_eq!(said(&[deep]).2, Pushdown::Unsupported);
}

const SUBJECTS: [Subject; 2] = [
    Subject { column: "n\"?", is_text: false, literal: |random| Value::from(random.below(5) as i64 - 2) },
    Subject { column: "OR text", is_text: true, literal: |random| Value::from(random.text()) },
];

#[test]
fn the_text_means_what_the_predicate_means() {
    let numbers = Int64Array::from_iter((0..60).map(|row| (row % 7 > 0).then_some(row % 7 - 4)));
    let mut random = Random(7);
    let texts = StringArray::from_iter((0..60).map(|row| (row % 5 > 0).then(|| random.text())));
    let batch = RecordBatch::try_from_iter_with_nullable([
        (SUBJECTS[0].column, std::sync::Arc::new(numbers.clone()) as _, true),
        (SUBJECTS[1].column, std::sync::Arc::new(texts.clone()) as _, true),
    ])
    .unwrap();
    let cell = |column: &str, row: usize| -> Option<Value> {
        if column == SUBJECTS[0].column {
            numbers.is_valid(row).then(|| Value::from(numbers.value(row)))
        } else {
            texts.is_valid(row).then(|| Value::from(texts.value(row)))
        }
    };
    let mut mixed = 0;
    for round in 0..3_000 {
        let predicates: Vec<_> = (0..random.below(3)).map(|_| predicate(&mut random, &SUBJECTS, 3)).collect();
        // Every other round some leaves cannot be asked, by a rule that depends on the leaf alone.
        let judge = |leaf: &Predicate| match leaf {
            Predicate::Compare { op: CompareOp::Lt, .. } if round % 2 == 1 => Pushdown::Unsupported,
            _ => Pushdown::Exact,
        };
        let condition = SqlDialect::new().condition(&predicates, judge);
        let wanted = Filter::new(&predicates, &batch.schema()).unwrap().evaluate(&batch).unwrap();
        let wanted = |row: usize| wanted.is_valid(row) && BooleanArray::value(&wanted, row);
        let found: Vec<bool> =
            (0..60).map(|row| Reader::truth(&condition, |column| cell(column, row)) == Some(true)).collect();
        for (row, found) in found.iter().copied().enumerate() {
            let agrees = if condition.pushdown == Pushdown::Exact {
                found == wanted(row)
            } else {
                found || !wanted(row)
            };
            assert!(agrees, "row {row}: {} {:?} for {predicates:?}", condition.text, condition.values);
        }
        mixed += usize::from(found.contains(&true) && found.contains(&false));
    }
    assert!(mixed > 500, "{mixed} conditions told rows apart");
}

/// Evaluates a condition on one row, as SQL's grammar and its three-valued logic have it.
struct Reader<'a, C> {
    text: &'a str,
    values: std::slice::Iter<'a, Value>,
    cell: C,
}

impl<'a, C: Fn(&str) -> Option<Value>> Reader<'a, C> {
    fn truth(condition: &'a SqlCondition, cell: C) -> Option<bool> {
        let mut reader = Reader { text: &condition.text, values: condition.values.iter(), cell };
        let truth = reader.any();
        assert!(reader.text.is_empty() && reader.values.next().is_none(), "left over: {}", reader.text);
        truth
    }

    fn takes(&mut self, token: &str) -> bool {
        let rest = self.text.strip_prefix(token);
        self.text = rest.unwrap_or(self.text);
        rest.is_some()
    }

    /// `OR` binds less than `AND`.
    fn any(&mut self) -> Option<bool> {
        let mut truth = self.all();
        while self.takes(" OR ") {
            truth = match (truth, self.all()) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        truth
    }

    fn all(&mut self) -> Option<bool> {
        let mut truth = self.one();
        while self.takes(" AND ") {
            truth = match (truth, self.one()) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
        }
        truth
    }

    fn one(&mut self) -> Option<bool> {
        if self.takes("(") {
            let truth = self.any();
            assert!(self.takes(")"), "{}", self.text);
            return truth;
        }
        if self.takes("1 = 1") {
            return Some(true);
        }
        if self.takes("1 = 0") {
            return Some(false);
        }
        let name = self.name();
        let cell = (self.cell)(&name);
        if self.takes(" IS NULL") {
            return Some(cell.is_none());
        }
        if self.takes(" IS NOT NULL") {
            return Some(cell.is_some());
        }
        let negated = self.takes(" NOT IN (");
        if negated || self.takes(" IN (") {
            let mut found = false;
            loop {
                assert!(self.takes("?"), "{}", self.text);
                found |= self.values.next() == cell.as_ref();
                if !self.takes(", ") {
                    break;
                }
            }
            assert!(self.takes(")"), "{}", self.text);
            return cell.map(|_| found != negated);
        }
        let signs = [" <> ?", " <= ?", " >= ?", " = ?", " < ?", " > ?"];
        let sign = signs.into_iter().find(|sign| self.takes(sign)).unwrap();
        let value = self.values.next().unwrap();
        let order = match (cell?, value) {
            (Value::Int64(cell), Value::Int64(value)) => cell.cmp(value),
            (Value::Utf8(cell), Value::Utf8(value)) => cell.cmp(value),
            other => panic!("{other:?} are not compared"),
        };
        Some(match sign {
            " <> ?" => order.is_ne(),
            " <= ?" => order.is_le(),
            " >= ?" => order.is_ge(),
            " = ?" => order.is_eq(),
            " < ?" => order.is_lt(),
            _ => order.is_gt(),
        })
    }

    fn name(&mut self) -> String {
        assert!(self.takes("\""), "{}", self.text);
        let mut name = String::new();
        loop {
            if self.takes("\"\"") {
                name.push('"');
            } else if self.takes("\"") {
                return name;
            } else {
                let next = self.text.chars().next().unwrap();
                assert!(self.takes(next.encode_utf8(&mut [0; 4])));
                name.push(next);
            }
        }
    }
}
