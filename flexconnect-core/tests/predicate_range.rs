//! The range that predicates leave to a column: never too narrow, and as narrow as plain conjuncts say.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/generated.rs"]
mod generated;

use std::ops::Bound::{self, Excluded, Included, Unbounded};

use flexconnect_core::arrow_array::*;
use flexconnect_core::arrow_schema::TimeUnit;
use flexconnect_core::{CompareOp, Filter, Predicate, Value};
use generated::{Random, Subject, predicate};

fn timestamp(random: &mut Random) -> Value {
    let (unit, factor) = *random.pick(&[(TimeUnit::Second, 1), (TimeUnit::Millisecond, 1_000)]);
    let value = random.below(9) as i64 - 4;
    Value::Timestamp { value: value * factor + random.below(factor as u64) as i64, unit, timezone: None }
}

fn number(random: &mut Random) -> Value {
    let whole = random.below(9) as i64 - 4;
    match random.below(7) {
        0 => Value::UInt64(whole.unsigned_abs()),
        1 => Value::Float64(whole as f64 / 4.0),
        2 => Value::Decimal128 { value: i128::from(whole) * 25, scale: 2 },
        // Four literals that are one 32-bit float, and two that are one of 64 bits.
        3 => Value::Decimal128 { value: (1 << 24) + i128::from(whole), scale: 0 },
        4 => Value::Decimal256 {
            value: arrow_buffer::i256::from_i128((1 << 53) + i128::from(whole)),
            scale: 0,
        },
        5 => Value::Int64((1 << 24) + whole),
        _ => Value::Int64(whole),
    }
}

/// Numbers around those that [`number`] gives.
fn numbers() -> impl Iterator<Item = i64> + Clone {
    [0, 1 << 24, 1 << 53].into_iter().flat_map(|near| (-6..7).map(move |step| near + step))
}

fn table() -> RecordBatch {
    let texts = ["", "a", "ab", "b", "bü", "ü", "\u{10ffff}", "\u{10ffff}\u{10ffff}a", "z"];
    let rows = numbers().count() + 30;
    let padded = |column: &dyn Array| {
        let indices: UInt32Array =
            (0..rows as u32).map(|row| (row < column.len() as u32).then_some(row)).collect();
        arrow_select::take::take(column, &indices, None).unwrap()
    };
    let quarters = (-20..20).map(|quarter| f64::from(quarter) / 4.0);
    let floats: Float64Array =
        numbers().map(|number| number as f64).chain(quarters.clone()).map(Some).collect();
    let singles: Float32Array =
        numbers().map(|number| number as f32).chain(quarters.map(|value| value as f32)).map(Some).collect();
    let decimals: Decimal128Array =
        numbers().map(|number| i128::from(number) * 100).chain((-20..20).map(|n| n * 25)).map(Some).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("int", padded(&Int64Array::from_iter_values(numbers()))),
        ("float", padded(&floats)),
        ("single", padded(&singles)),
        ("decimal", padded(&decimals.with_precision_and_scale(30, 2).unwrap())),
        ("text", padded(&StringArray::from_iter_values(texts))),
        ("time", padded(&TimestampMillisecondArray::from_iter_values((-5_000..5_000).step_by(333)))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)))
        .unwrap()
}

const SUBJECTS: [Subject; 6] = [
    Subject { column: "int", is_text: false, literal: number },
    Subject { column: "float", is_text: false, literal: number },
    Subject { column: "single", is_text: false, literal: number },
    Subject { column: "decimal", is_text: false, literal: number },
    Subject { column: "text", is_text: true, literal: |random| Value::from(random.text()) },
    Subject { column: "time", is_text: false, literal: timestamp },
];

/// The range as predicates.
fn within(column: &str, (start, end): (Bound<Value>, Bound<Value>)) -> Vec<Predicate> {
    let start = match start {
        Included(value) => Some((CompareOp::GtEq, value)),
        Excluded(value) => Some((CompareOp::Gt, value)),
        Unbounded => None,
    };
    let end = match end {
        Included(value) => Some((CompareOp::LtEq, value)),
        Excluded(value) => Some((CompareOp::Lt, value)),
        Unbounded => None,
    };
    start.into_iter().chain(end).map(|(op, value)| Predicate::compare(column, op, value)).collect()
}

#[test]
fn no_row_that_is_wanted_lies_outside() {
    let batch = table();
    let mut random = Random(0x5eed);
    let (mut bounded, mut excluded) = (0, 0);
    for round in 0..4_000 {
        // Mostly about one column, so that its predicates meet.
        let subjects =
            if round % 4 == 0 { &SUBJECTS[..] } else { std::slice::from_ref(random.pick(&SUBJECTS)) };
        let predicates: Vec<_> = (0..random.below(4)).map(|_| predicate(&mut random, subjects, 3)).collect();
        let wanted = Filter::new(&predicates, &batch.schema()).unwrap().evaluate(&batch).unwrap();
        for subject in &SUBJECTS {
            let range = within(subject.column, Predicate::range(&predicates, subject.column));
            bounded += usize::from(!range.is_empty());
            let inside = Filter::new(&range, &batch.schema()).unwrap().evaluate(&batch).unwrap();
            for row in 0..batch.num_rows() {
                let is = |truth: &BooleanArray| truth.is_valid(row) && truth.value(row);
                excluded += usize::from(!is(&inside));
                assert!(
                    is(&inside) || !is(&wanted),
                    "row {row}: {predicates:?} want it, and it is not in {range:?}"
                );
            }
        }
    }
    // The law would hold for a range that is always open, too.
    assert!(bounded > 1_000 && excluded > 10_000, "{bounded} bounded, {excluded} excluded");
}

fn compare(op: CompareOp, value: i64) -> Predicate {
    Predicate::compare("n", op, value)
}

#[track_caller]
fn range(predicates: &[Predicate], start: Bound<i64>, end: Bound<i64>) {
    assert_eq!(Predicate::range(predicates, "n"), (start.map(Value::from), end.map(Value::from)));
}

#[test]
fn conjuncts_narrow_and_alternatives_widen() {
    use CompareOp::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    range(&[], Unbounded, Unbounded);
    range(&[compare(GtEq, 3), compare(Gt, 3), compare(GtEq, 1), compare(LtEq, 9)], Excluded(3), Included(9));
    range(&[compare(Gt, 3), compare(GtEq, 3)], Excluded(3), Unbounded);
    range(&[compare(Eq, 3), compare(NotEq, 5)], Included(3), Included(3));
    // A contradiction is a range without values.
    range(&[compare(Gt, 5), compare(Lt, 3)], Excluded(5), Excluded(3));
    let or = Predicate::Or;
    range(&[or(vec![compare(Gt, 5), compare(Gt, 3)])], Excluded(3), Unbounded);
    range(&[or(vec![compare(Gt, 3), compare(GtEq, 3)])], Included(3), Unbounded);
    range(&[or(vec![compare(Eq, 5), compare(Lt, 3)]), compare(GtEq, 0)], Included(0), Included(5));
    let other = Predicate::compare("m", Eq, 1);
    range(&[or(vec![compare(Gt, 5), other.clone()])], Unbounded, Unbounded);
    range(&[Predicate::And(vec![compare(Gt, 5), other])], Excluded(5), Unbounded);
    // An alternative that nothing satisfies widens nothing.
    range(&[or(vec![compare(Gt, 5), or(vec![])])], Excluded(5), Unbounded);
    let list = |values: &[i64], negated| Predicate::In {
        column: "n".into(),
        values: values.iter().copied().map(Value::from).collect(),
        negated,
    };
    range(&[list(&[4, -2, 3], false)], Included(-2), Included(4));
    range(&[list(&[4], true)], Unbounded, Unbounded);
    let null = |negated| Predicate::IsNull { column: "n".into(), negated };
    range(&[or(vec![compare(Gt, 5), null(false)])], Unbounded, Unbounded);
    range(&[null(true), compare(Gt, 5)], Excluded(5), Unbounded);
}

#[test]
fn a_prefix_is_a_range_of_text() {
    let prefix = Predicate::StartsWith { column: "c".into(), prefix: "ab".into(), negated: false };
    assert_eq!(Predicate::range(&[prefix], "c"), (Included(Value::from("ab")), Excluded(Value::from("ac"))));
}

#[test]
fn units_of_time_are_compared_by_their_instant() {
    let at = |value, unit| Value::Timestamp { value, unit, timezone: Some("UTC".into()) };
    let second = at(1, TimeUnit::Second);
    let later = at(1_500, TimeUnit::Millisecond);
    let both = [
        Predicate::compare("t", CompareOp::GtEq, second),
        Predicate::compare("t", CompareOp::GtEq, later.clone()),
    ];
    assert_eq!(Predicate::range(&both, "t"), (Included(later), Unbounded));
}

#[test]
fn decimals_that_are_one_float_are_both_inside() {
    let decimal = |value| Value::Decimal128 { value, scale: 0 };
    let (low, high) = ((1 << 24), (1 << 24) + 1);
    let either = Predicate::Or(vec![
        Predicate::compare("single", CompareOp::Gt, decimal(low)),
        Predicate::compare("single", CompareOp::GtEq, decimal(high)),
    ]);
    let batch = table();
    let count = |predicates: &[Predicate]| {
        Filter::new(predicates, &batch.schema()).unwrap().evaluate(&batch).unwrap().true_count()
    };
    let range = within("single", Predicate::range(std::slice::from_ref(&either), "single"));
    assert_eq!(range, [Predicate::compare("single", CompareOp::GtEq, decimal(low))]);
    let above = Predicate::compare("single", CompareOp::Gt, decimal(low));
    assert!(count(&[either]) > count(&[above]), "the second alternative has the float of both");
}

#[test]
fn what_is_nested_too_deep_says_nothing() {
    let mut deep = compare(CompareOp::Gt, 5);
    for _ in 0..500 {
        deep = Predicate::And(vec![deep]);
    }
    range(&[deep], Unbounded, Unbounded);
}
