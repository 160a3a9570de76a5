//! Filters that SQLite answers: exactly the rows that flexconnect itself would have kept.

use arrow::array::RecordBatch;
use arrow::compute::filter_record_batch;
use flexconnect_core::{CompareOp, Filter, Predicate, ReadRequest, Value};

use super::database::{Shop, all};
use super::read;

/// Values that two ways to compare may see in two ways.
const ODD: &str = "
    CREATE TABLE odd (id INTEGER PRIMARY KEY, n INTEGER, x REAL, num NUMERIC, t TEXT, fold TEXT COLLATE NOCASE, at DATETIME, any, free, mess, b BLOB);
    CREATE INDEX odd_t ON odd (t);
    INSERT INTO odd VALUES
        (1, 1, 1.0, 1, 'a', 'a', '2024-01-01', 'a', 1, 0.1, x'61'),
        (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (3, -9223372036854775808, -1e999, -1, 'A', 'A', '2024-01-02 00:00:00', 'A', 1.5, '0.1', x''),
        (4, 9223372036854775807, 1e999, 2.5, 'ä', 'Ä', '2024', 5, -9223372036854775808, 5, x'6100'),
        (5, 9007199254740993, 9007199254740992.0, 9007199254740992, 'ab', 'AB', 'x', 10, 9007199254740992, '5', x'ff'),
        (6, 9007199254740992, -0.0, 0, 'a' || char(0) || 'b', 'aB', '', '10', -0.0, 1e300, x'6162'),
        (7, 0, 0.0, 0.5, '', '', '10', '9', 0, 'a', x'00'),
        (8, -1, 0.1, -0.5, '10', '9', '9', x'3130', 0.1, '', NULL),
        (9, 5, 5.0, 5, x'6162', x'41', '2024-01-01 00:00:00', 'ab', 5, -0.0, x'616263'),
        (10, 4, 4.999999999999999, 4, '\u{10ffff}', '\u{e000}', 'zz', 'z', 2.0, x'61', x'10');
";

/// One literal of the kind that fits the column.
fn literal(random: &mut fastrand::Rng, column: &str) -> Value {
    let integers = [
        i64::MIN,
        -1,
        0,
        1,
        2,
        4,
        5,
        9_007_199_254_740_991,
        9_007_199_254_740_992,
        9_007_199_254_740_993,
        i64::MAX,
    ];
    let floats = [
        f64::NEG_INFINITY,
        -1.5,
        -0.0,
        0.0,
        0.1,
        0.5,
        1.0,
        4.5,
        9_007_199_254_740_992.0,
        9.223_372_036_854_775e18,
        f64::INFINITY,
    ];
    let texts = [
        "",
        "a",
        "A",
        "ab",
        "AB",
        "aB",
        "a\0b",
        "ä",
        "Ä",
        "10",
        "9",
        "2024",
        "2024-01-01",
        "2024-01-01 00:00:00",
        "0.1",
        "5",
        "\u{e000}",
        "\u{10ffff}",
    ];
    let bytes: [&[u8]; 6] = [b"", b"a", b"ab", b"\0", b"\xff", b"a\0"];
    match column {
        "t" | "fold" | "at" | "any" | "mess" => Value::from(*random.choice(texts.iter()).unwrap()),
        "b" => Value::from(*random.choice(bytes.iter()).unwrap()),
        _ if random.u8(..8) == 0 => Value::Decimal128 { value: random.i128(-20..20), scale: 1 },
        _ if random.u8(..8) == 0 => Value::UInt64(*random.choice(&[0, 5, u64::MAX]).unwrap()),
        _ if random.bool() => Value::from(random.choice(integers).unwrap()),
        _ => Value::from(random.choice(floats).unwrap()),
    }
}

fn predicate(random: &mut fastrand::Rng, depth: u32) -> Predicate {
    const COLUMNS: [&str; 11] = ["id", "n", "x", "num", "t", "fold", "at", "any", "free", "mess", "b"];
    if depth > 0 && random.u8(..3) > 0 {
        let parts = (0..random.usize(..4)).map(|_| predicate(random, depth - 1)).collect();
        return if random.bool() { Predicate::And(parts) } else { Predicate::Or(parts) };
    }
    let column = random.choice(COLUMNS).unwrap();
    let negated = random.bool();
    match random.u8(..6) {
        0 => Predicate::IsNull { column: column.into(), negated },
        1 => {
            let values = (0..random.usize(..5)).map(|_| literal(random, column)).collect();
            Predicate::In { column: column.into(), values, negated }
        }
        2 if ["t", "fold", "at", "any", "mess"].contains(&column) => {
            let Value::Utf8(prefix) = literal(random, column) else {
                unreachable!("a text column has texts")
            };
            Predicate::StartsWith { column: column.into(), prefix, negated }
        }
        _ => Predicate::compare(column, random.choice(CompareOp::ALL).unwrap(), literal(random, column)),
    }
}

/// The rows that flexconnect keeps by itself.
fn kept(rows: &RecordBatch, predicates: &[Predicate]) -> RecordBatch {
    let keep = Filter::new(predicates, &rows.schema()).unwrap().evaluate(rows).unwrap();
    filter_record_batch(rows, &keep).unwrap()
}

fn ids(rows: &RecordBatch) -> Vec<i64> {
    use arrow::array::AsArray;
    let mut ids =
        rows.column_by_name("id").unwrap().as_primitive::<arrow::datatypes::Int64Type>().values().to_vec();
    ids.sort_unstable();
    ids
}

async fn compare(encoding: &str, seed: u64) -> (usize, usize) {
    let shop = Shop::of(&format!("PRAGMA encoding = '{encoding}'; {ODD}"));
    let odd = shop.open("odd").await;
    let whole = all(&odd).await;
    assert_eq!(whole.num_rows(), 10);
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut counted, mut not_trivial) = (0, 0);
    for _ in 0..600 {
        let predicates: Vec<_> = (0..random.usize(1..3)).map(|_| predicate(&mut random, 3)).collect();
        let expected = ids(&kept(&whole, &predicates));
        let mut request = ReadRequest::new();
        request.predicates = predicates.clone();
        let found = read::rows(&odd, request.clone()).await.unwrap();
        assert_eq!(ids(&found), expected, "{predicates:?}");
        if let Some(count) = odd.count_rows(&request).await.unwrap() {
            assert_eq!(count, expected.len() as u64, "{predicates:?}");
            counted += 1;
        }
        let limit = random.u64(..6);
        let limited = ids(&read::rows(&odd, request.with_limit(limit)).await.unwrap());
        assert_eq!(limited.len(), expected.len().min(limit as usize), "{predicates:?}");
        assert!(limited.iter().all(|id| expected.contains(id)), "{predicates:?}");
        not_trivial += usize::from(!expected.is_empty() && expected.len() < 10);
    }
    (counted, not_trivial)
}

#[tokio::test]
async fn sqlite_finds_the_rows_that_flexconnect_would() {
    let (counted, not_trivial) = compare("UTF-8", 1).await;
    // The test would prove nothing if nothing were pushed down, or nothing filtered.
    assert!(counted > 300 && not_trivial > 200, "{counted} counted, {not_trivial} filtered");
}

#[tokio::test]
async fn so_it_does_in_a_file_of_utf_16() {
    let (counted, not_trivial) = compare("UTF-16le", 2).await;
    assert!(counted > 100 && not_trivial > 200, "{counted} counted, {not_trivial} filtered");
}

#[tokio::test]
async fn a_filter_that_is_pushed_down_does_not_look_at_other_rows() {
    // The faulty row is never met: SQLite was asked only for the others.
    let shop = Shop::of(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 'one'), (2, 2);",
    );
    let t = shop.open("t").await;
    let two = ReadRequest::new().with_predicate(Predicate::compare("id", CompareOp::Gt, 1));
    assert_eq!(read::rows(&t, two).await.unwrap().num_rows(), 1);
    let first = ReadRequest::new().with_predicate(Predicate::compare("id", CompareOp::Lt, 2)).with_limit(0);
    assert_eq!(read::rows(&t, first).await.unwrap().num_rows(), 0);
}

#[tokio::test]
async fn a_filter_of_any_length_is_answered() {
    let shop = Shop::of(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, NULL);",
    );
    let t = shop.open("t").await;
    let not = |id: i64| Predicate::compare("id", CompareOp::NotEq, id);
    let many = |from: i64| (from..from + 3000).map(not).collect::<Vec<_>>();
    let texts: Vec<_> = (0..40_000).map(|n| Value::from(n.to_string())).chain([Value::from("b")]).collect();
    let nested = (0..40).fold(not(1), |inner, _| Predicate::And(vec![Predicate::Or(vec![inner])]));
    for (predicates, expected) in [
        (many(2), vec![1]),
        (vec![Predicate::And(many(3))], vec![1, 2]),
        (vec![Predicate::Or(many(3))], vec![1, 2, 3]),
        (vec![Predicate::In { column: "t".into(), values: texts, negated: false }], vec![2]),
        (vec![nested], vec![2, 3]),
    ] {
        let mut request = ReadRequest::new();
        request.predicates = predicates;
        assert_eq!(ids(&read::rows(&t, request).await.unwrap()), expected);
    }
}

#[tokio::test]
async fn a_view_and_a_module_are_filtered_by_flexconnect_where_sqlite_would_see_otherwise() {
    let shop = Shop::of(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO t VALUES (1, '5'), (2, '10');
         CREATE VIEW v AS SELECT id, t FROM t UNION ALL SELECT 3, 5 UNION ALL SELECT 4, 5.0;
         CREATE VIEW w AS SELECT id, t FROM t UNION ALL SELECT 3, 5;
         CREATE VIRTUAL TABLE words USING fts5(id, word); INSERT INTO words VALUES (1, 'Hello'), (2, 'hello');",
    );
    let five = ReadRequest::new().with_predicate(Predicate::compare("t", CompareOp::Eq, "5"));
    assert_eq!(ids(&read::rows(&shop.open("v").await, five).await.unwrap()), [1, 3]);
    let less = ReadRequest::new().with_predicate(Predicate::compare("t", CompareOp::Lt, "3"));
    assert_eq!(ids(&read::rows(&shop.open("w").await, less).await.unwrap()), [2]);
    let hello = ReadRequest::new().with_predicate(Predicate::compare("word", CompareOp::Eq, "hello"));
    assert_eq!(ids(&read::rows(&shop.open("words").await, hello).await.unwrap()), [2]);
}
