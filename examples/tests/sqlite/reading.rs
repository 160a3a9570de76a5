//! What comes out: types, keys, nulls, and errors that say where.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BinaryArray, Date32Array, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::DataType;
use flexconnect_core::table::metadata::PRIMARY_KEY;
use flexconnect_core::{ErrorKind, Partition, ReadRequest};
use serde_json::json;

use super::database::{SHOP, Shop, all, open};
use super::read;

#[tokio::test]
async fn tables_have_their_types_their_keys_and_their_nulls() {
    let shop = Shop::of(SHOP);
    let track = all(&shop.open("Track").await).await;
    let fields: Vec<_> = track
        .schema()
        .fields()
        .iter()
        .map(|field| (field.name().clone(), field.data_type().clone(), field.is_nullable()))
        .collect();
    let expected = [
        ("TrackId", DataType::Int64, false),
        ("Name", DataType::Utf8, false),
        ("AlbumId", DataType::Int64, true),
        ("Composer", DataType::Utf8, true),
        ("Milliseconds", DataType::Int64, false),
        ("UnitPrice", DataType::Float64, false),
    ];
    assert_eq!(fields, expected.map(|(name, data_type, nullable)| (name.to_owned(), data_type, nullable)));
    assert_eq!(track.schema().metadata()[PRIMARY_KEY], "[\"TrackId\"]");
    assert_eq!(track.column(3).as_string::<i32>(), &StringArray::from(vec![Some("Angus Young"), None, None]));
    assert_eq!(track.column(5).as_ref(), &Float64Array::from(vec![0.99, 0.99, 1.99]));

    let playlist = all(&shop.open("PlaylistTrack").await).await;
    assert_eq!(playlist.schema().metadata()[PRIMARY_KEY], "[\"PlaylistId\",\"TrackId\"]");
    assert_eq!(playlist.num_rows(), 3);
    let view = all(&shop.open("Catalogue").await).await;
    assert_eq!((view.num_rows(), view.schema().metadata().contains_key(PRIMARY_KEY)), (3, false));
}

#[tokio::test]
async fn dates_are_text_unless_asked_for() {
    let shop = Shop::of(
        "CREATE TABLE t (day DATE, at DATETIME); INSERT INTO t VALUES ('2024-05-17', '2024-05-17 08:30:00.5'), (NULL, '2024-05-17');",
    );
    let text = all(&shop.open("t").await).await;
    assert_eq!(text.column(0).as_string::<i32>(), &StringArray::from(vec![Some("2024-05-17"), None]));
    let typed = read::open(shop.plugin(), json!({ "typed_dates": true })).await.unwrap();
    let typed = all(&typed).await;
    assert_eq!(typed.column(0).as_ref(), &Date32Array::from(vec![Some(19_860), None]));
    let micros = vec![1_715_934_600_500_000, 1_715_904_000_000_000];
    assert_eq!(typed.column(1).as_ref(), &TimestampMicrosecondArray::from(micros));
    shop.run("INSERT INTO t VALUES ('soon', NULL)");
    let typed = read::open(shop.plugin(), json!({ "typed_dates": true })).await.unwrap();
    let error = read::rows(&typed, ReadRequest::new()).await.unwrap_err();
    assert!(error.to_string().contains("the text \"soon\" in a column read as Date32"), "{error}");
}

#[tokio::test]
async fn what_was_not_declared_is_what_its_values_are() {
    let shop = Shop::of(
        "CREATE TABLE t (whole NUMERIC, mixed NUMERIC, text, blob, bool BOOLEAN, none DECIMAL);
         INSERT INTO t VALUES (1, 1.5, 5, x'00ff', 1, NULL), (9007199254740993, 2, 'five', NULL, 0, NULL), (NULL, NULL, 0.1, x'', NULL, NULL), (4, 5, x'6f6b', x'01', 1, NULL);",
    );
    let t = all(&shop.open("t").await).await;
    let expected: [ArrayRef; 6] = [
        Arc::new(Int64Array::from(vec![Some(1), Some(9_007_199_254_740_993), None, Some(4)])),
        Arc::new(Float64Array::from(vec![Some(1.5), Some(2.0), None, Some(5.0)])),
        Arc::new(StringArray::from(vec!["5", "five", "0.1", "ok"])),
        Arc::new(BinaryArray::from(vec![Some(&[0u8, 255][..]), None, Some(&[]), Some(&[1])])),
        Arc::new(Int64Array::from(vec![Some(1), Some(0), None, Some(1)])),
        Arc::new(Float64Array::from(vec![None, None, None, None])),
    ];
    assert_eq!(t.columns(), expected);
}

#[tokio::test]
async fn a_value_of_another_class_is_an_error_with_its_place() {
    let shop = Shop::of(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, b BLOB); INSERT INTO t VALUES (1, 1, x'00'), (7, 'seven', x'00');",
    );
    let t = shop.open("t").await;
    let error = read::rows(&t, ReadRequest::new()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.place().row, error.place().column.as_deref()),
        (ErrorKind::Data, Some(1), Some("n"))
    );
    for words in ["sqlite/t", "table `t`, row number 7", "the text \"seven\"", "Int64", "view that casts it"]
    {
        assert!(error.to_string().contains(words), "{error} lacks {words:?}");
    }
    // A column that is not looked at does no harm.
    let other = read::rows(&t, ReadRequest::new().with_projection(["id", "b"])).await.unwrap();
    assert_eq!(other.num_rows(), 2);
    shop.run("CREATE VIEW v AS SELECT id, CAST(n AS TEXT) AS n FROM t");
    let view = all(&shop.open("v").await).await;
    assert_eq!(view.column(1).as_string::<i32>(), &StringArray::from(vec!["1", "seven"]));
}

#[tokio::test]
async fn columns_come_as_asked_and_none_still_counts() {
    let shop = Shop::of(SHOP);
    let track = shop.open("Track").await;
    let two = read::rows(&track, ReadRequest::new().with_projection(["UnitPrice", "TrackId"]).with_limit(2))
        .await
        .unwrap();
    let names: Vec<_> = two.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!((names, two.num_rows()), (vec!["UnitPrice".to_owned(), "TrackId".to_owned()], 2));
    let none = ReadRequest::new().with_projection(Vec::<String>::new());
    assert_eq!(read::rows(&track, none.clone()).await.unwrap().num_rows(), 3);
    let view = shop.open("Catalogue").await;
    assert_eq!(read::rows(&view, none).await.unwrap().num_rows(), 3);
}

#[tokio::test]
async fn parts_are_the_whole_and_counts_are_exact() {
    let shop = Shop::of(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER);
         WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 1000) INSERT INTO t SELECT i * 3, i FROM i;
         CREATE TABLE w (k TEXT PRIMARY KEY) WITHOUT ROWID;",
    );
    let t = open(&shop.plugin(), "t", json!({ "rows_per_partition": 256 })).await.unwrap();
    let parts = t.partitions(&ReadRequest::new()).await.unwrap();
    let ids: Vec<_> = parts.iter().map(Partition::id).collect();
    assert_eq!((ids[0], ids[1], ids[11], ids.len()), ("..255", "256..511", "2816..", 12));
    let mut rows: Vec<i64> = Vec::new();
    for part in &parts {
        let request = ReadRequest::new().with_partition(part.clone());
        let batch = read::rows(&t, request.clone()).await.unwrap();
        assert_eq!(t.count_rows(&request).await.unwrap(), Some(batch.num_rows() as u64));
        rows.extend(batch.column(0).as_primitive::<arrow::datatypes::Int64Type>().values());
    }
    assert_eq!(rows, (1..=1000).map(|n| n * 3).collect::<Vec<_>>());
    assert_eq!(t.count_rows(&ReadRequest::new()).await.unwrap(), Some(1000));
    // Rows that come later are in the last part.
    shop.run("INSERT INTO t VALUES (1000000, 0)");
    let last = read::rows(&t, ReadRequest::new().with_partition(parts[11].clone())).await.unwrap();
    assert_eq!(last.num_rows(), 1000 - 938 + 1);

    let whole = shop.open("w").await.partitions(&ReadRequest::new()).await.unwrap();
    assert_eq!(whole.iter().map(Partition::id).collect::<Vec<_>>(), [".."]);
    let wrong = ReadRequest::new().with_partition(Partition::new("first"));
    assert_eq!(read::rows(&t, wrong).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn the_columns_are_those_of_now() {
    let shop = Shop::of("CREATE TABLE t (n NUMERIC); INSERT INTO t VALUES (1);");
    let t = shop.open("t").await;
    let planned = t.known_schema().await.unwrap().unwrap();
    assert_eq!(planned.field(0).data_type(), &DataType::Int64);
    // Another program writes: what was found before is looked at again.
    shop.run("INSERT INTO t VALUES (0.5)");
    assert_eq!(t.known_schema().await.unwrap().unwrap().field(0).data_type(), &DataType::Float64);
    let stale = read::rows(&t, ReadRequest::new().with_schema(planned)).await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::Precondition, "{stale}");
    shop.run("ALTER TABLE t ADD COLUMN m TEXT");
    assert_eq!(all(&t).await.num_columns(), 2);
    // The file is replaced by another.
    std::fs::remove_file(shop.file()).unwrap();
    assert_eq!(t.known_schema().await.unwrap(), None);
    shop.run("CREATE TABLE t (other BLOB)");
    assert_eq!(all(&t).await.schema().field(0).name(), "other");
}

#[tokio::test]
async fn names_are_names_whatever_is_in_them() {
    let shop = Shop::of(
        "CREATE TABLE \"a \"\"b\"\"; DROP TABLE x --\" (\"select\" TEXT, \"x\"\"y\" INTEGER, \"rowid\" TEXT, \"a'b\" REAL);
         INSERT INTO \"a \"\"b\"\"; DROP TABLE x --\" VALUES ('s', 1, 'r', 2.5);",
    );
    let t = shop.open("a \"b\"; DROP TABLE x --").await;
    let filtered = ReadRequest::new()
        .with_projection(["a'b", "x\"y"])
        .with_predicate(flexconnect_core::Predicate::compare("rowid", flexconnect_core::CompareOp::Eq, "r"))
        .with_predicate(flexconnect_core::Predicate::compare("x\"y", flexconnect_core::CompareOp::Lt, 2));
    let batch = read::rows(&t, filtered).await.unwrap();
    assert_eq!(batch.column(0).as_ref(), &Float64Array::from(vec![2.5]));
}

#[tokio::test]
async fn what_is_no_database_is_said_and_reading_makes_no_file() {
    let shop = Shop::without_a_file();
    let error = shop.plugin().find(&["sqlite", "t"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert!(!shop.file().exists(), "a look at a file must not make it");
    std::fs::write(shop.file(), "no database, but long enough to be looked at as if it were one".repeat(20))
        .unwrap();
    let error = shop.plugin().find(&["sqlite", "t"]).await.unwrap_err();
    assert!(error.to_string().contains("not an SQLite database"), "{error}");
}

#[tokio::test]
async fn a_damaged_file_is_an_error_and_never_worse() {
    let whole = Shop::of(SHOP);
    let bytes = std::fs::read(whole.file()).unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..60 {
        let damaged = Shop::without_a_file();
        let mut bytes = bytes.clone();
        for _ in 0..random.usize(1..200) {
            let at = random.usize(..bytes.len());
            bytes[at] = random.u8(..);
        }
        std::fs::write(damaged.file(), bytes).unwrap();
        for entry in damaged.plugin().list().await {
            let rows = async { read::rows(&entry.open(Default::default()).await?, ReadRequest::new()).await };
            match rows.await {
                Ok(_) => read += 1,
                Err(error) => {
                    assert!(!error.message().contains("panicked"), "{error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
}
