//! What goes in: new tables, the four modes, and what is refused.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow::datatypes::{DataType, Schema};
use flexconnect_core::table::metadata::PRIMARY_KEY;
use flexconnect_core::{Error, ErrorKind, WriteMode, WriteRequest};

use super::database::{SHOP, Shop, all, write};

fn batch(columns: &[(&str, ArrayRef)]) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns.iter().map(|(name, values)| (*name, values.clone(), true)),
    )
    .unwrap()
}

fn with_key(batch: &RecordBatch, key: &str) -> RecordBatch {
    let metadata = HashMap::from([(PRIMARY_KEY.to_owned(), key.to_owned())]);
    let schema = Schema::new_with_metadata(batch.schema().fields().clone(), metadata);
    RecordBatch::try_new(Arc::new(schema), batch.columns().to_vec()).unwrap()
}

fn text(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn integers(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

#[tokio::test]
async fn every_table_is_written_to_a_fresh_file_as_it_was() {
    let (from, to) = (Shop::of(SHOP), Shop::without_a_file());
    for table in ["Artist", "Album", "Track", "Invoice", "PlaylistTrack"] {
        let rows = all(&from.open(table).await).await;
        assert_eq!(
            write(&to.plugin(), table, WriteMode::Append, &rows).await.unwrap(),
            rows.num_rows() as u64
        );
        let copy = all(&to.open(table).await).await;
        assert_eq!(
            (copy.columns(), copy.schema().metadata()),
            (rows.columns(), rows.schema().metadata()),
            "{table}"
        );
    }
}

#[tokio::test]
async fn a_new_table_has_the_streams_columns_and_its_key() {
    let shop = Shop::without_a_file();
    let rows = batch(&[
        ("name", text(&["a", "b"])),
        ("id", integers(&[2, 1])),
        ("yes", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("price", Arc::new(Decimal128Array::from(vec![250, 99]).with_precision_and_scale(10, 2).unwrap())),
        (
            "exact",
            Arc::new(
                Decimal128Array::from(vec![i128::MAX / 10, -1]).with_precision_and_scale(38, 2).unwrap(),
            ),
        ),
        ("day", Arc::new(Date32Array::from(vec![Some(19_860), None]))),
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![Some(0), Some(1)]))),
        ("instant", Arc::new(TimestampMicrosecondArray::from(vec![Some(0), None]).with_timezone("UTC"))),
    ]);
    let rows = with_key(&rows, "[\"id\"]");
    write(&shop.plugin(), "new", WriteMode::Append, &rows).await.unwrap();
    assert_eq!(
        shop.stored("SELECT * FROM new"),
        [
            "Text(\"b\") Integer(1) Null Real(0.99) Text(\"-0.01\") Null Text(\"1970-01-01 00:00:00.000001\") Null",
            "Text(\"a\") Integer(2) Integer(1) Real(2.5) Text(\"170141183460469231731687303715884105.72\") Text(\"2024-05-17\") Text(\"1970-01-01 00:00:00\") Text(\"1970-01-01 00:00:00Z\")",
        ]
    );
    let new = shop.open("new").await;
    let schema = new.known_schema().await.unwrap().unwrap();
    assert_eq!(schema.metadata()[PRIMARY_KEY], "[\"id\"]");
    assert!(!schema.field(1).is_nullable(), "a key is not null");
}

#[tokio::test]
async fn the_four_modes_by_key() {
    let shop = Shop::of(
        "CREATE TABLE t (k TEXT, n INTEGER, v REAL, PRIMARY KEY (k, n)) WITHOUT ROWID; INSERT INTO t VALUES ('a', 1, 1), ('b', 1, 2);",
    );
    let plugin = shop.plugin();
    let rows = |keys: &[&str], values: &[f64]| {
        // In another order than the table's, and integers narrower.
        batch(&[
            ("v", Arc::new(Float64Array::from(values.to_vec()))),
            ("n", Arc::new(Int32Array::from(vec![1; keys.len()]))),
            ("k", text(keys)),
        ])
    };
    write(&plugin, "t", WriteMode::Upsert, &rows(&["b", "c"], &[2.5, 3.5])).await.unwrap();
    write(&plugin, "t", WriteMode::Append, &rows(&["d"], &[4.5])).await.unwrap();
    let select = "SELECT k, v FROM t";
    assert_eq!(
        shop.stored(select),
        ["Text(\"a\") Real(1.0)", "Text(\"b\") Real(2.5)", "Text(\"c\") Real(3.5)", "Text(\"d\") Real(4.5)"]
    );
    // A delete goes by the key alone.
    write(&plugin, "t", WriteMode::Delete, &rows(&["b", "nothing", "d"], &[0.0; 3])).await.unwrap();
    let keys = batch(&[("n", integers(&[1])), ("k", text(&["c"]))]);
    write(&plugin, "t", WriteMode::Delete, &keys).await.unwrap();
    assert_eq!(shop.stored(select), ["Text(\"a\") Real(1.0)"]);
    write(&plugin, "t", WriteMode::Overwrite, &rows(&["z"], &[9.0])).await.unwrap();
    assert_eq!(shop.stored(select), ["Text(\"z\") Real(9.0)"]);
    let error = write(&plugin, "t", WriteMode::Append, &rows(&["y", "z"], &[1.0, 1.0])).await.unwrap_err();
    assert_eq!((error.kind(), error.place().row), (ErrorKind::Data, Some(1)));
    assert!(error.to_string().contains("t.k, t.n") && error.to_string().contains("upsert"), "{error}");
    assert_eq!(shop.stored(select).len(), 1);
}

#[tokio::test]
async fn upsert_and_delete_need_a_key() {
    let shop = Shop::of("CREATE TABLE t (a INTEGER)");
    for table in ["t", "new"] {
        for mode in [WriteMode::Upsert, WriteMode::Delete] {
            let error =
                write(&shop.plugin(), table, mode, &batch(&[("a", integers(&[1]))])).await.unwrap_err();
            assert!(
                error.kind() == ErrorKind::InvalidRequest && error.to_string().contains("key"),
                "{table}: {error}"
            );
        }
    }
    let keyed = with_key(&batch(&[("a", integers(&[1, 1]))]), "[\"a\"]");
    let nothing = write(&shop.plugin(), "new", WriteMode::Delete, &keyed).await.unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::NotFound, "{nothing}");
    write(&shop.plugin(), "new", WriteMode::Upsert, &keyed).await.unwrap();
    assert_eq!(shop.stored("SELECT * FROM new"), ["Integer(1)"]);
}

#[tokio::test]
async fn an_overwrite_may_replace_rows_that_others_refer_to() {
    let shop = Shop::of(SHOP);
    let artists = all(&shop.open("Artist").await).await;
    write(&shop.plugin(), "Artist", WriteMode::Overwrite, &artists).await.unwrap();
    assert_eq!(shop.stored("SELECT count(*) FROM Album"), ["Integer(3)"]);
    // But not remove them.
    let error =
        write(&shop.plugin(), "Artist", WriteMode::Overwrite, &artists.slice(1, 3)).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Data && error.to_string().contains("refers to"), "{error}");
    assert_eq!(shop.stored("SELECT count(*) FROM Artist"), ["Integer(4)"]);
}

async fn refused(shop: &Shop, table: &str, column: &str, values: ArrayRef) -> Error {
    write(&shop.plugin(), table, WriteMode::Append, &batch(&[(column, values)])).await.unwrap_err()
}

#[tokio::test]
async fn what_would_come_back_otherwise_is_refused() {
    let shop = Shop::of(
        "CREATE TABLE i (c INTEGER); CREATE TABLE r (c REAL); CREATE TABLE d (c DATETIME); CREATE TABLE b (c BLOB);
         CREATE TABLE s (c INTEGER NOT NULL) STRICT; CREATE TABLE checked (c INTEGER CHECK (c > 0));
         CREATE VIEW v AS SELECT 1 AS c; CREATE TABLE g (a INTEGER, c INTEGER AS (a));",
    );
    for (table, values, words) in [
        ("i", text(&["1"]), "`c` is Utf8, the table has Int64 (declared INTEGER)"),
        ("i", Arc::new(Float64Array::from(vec![1.0])) as ArrayRef, "`c` is Float64"),
        ("b", text(&["1"]), "`c` is Utf8, the table has Binary"),
        ("i", Arc::new(UInt64Array::from(vec![1, u64::MAX])), "row 1, column `c`"),
        ("r", integers(&[1, (1 << 53) + 1]), "row 1, column `c`: 9007199254740993 has more digits"),
        ("r", Arc::new(Float64Array::from(vec![f64::NAN])), "row 0, column `c`: the value is NaN"),
        (
            "d",
            text(&["2024-05-17", "007"]),
            "row 1, column `c`: this column would keep the text \"007\" as the number 7",
        ),
        ("s", Arc::new(Int64Array::from(vec![Some(1), None])), "row 1, column `c`: the value is null"),
        (
            "checked",
            integers(&[1, 0]),
            "row 1: the table does not take this row (CHECK constraint failed: c > 0)",
        ),
        ("v", integers(&[1]), "this is a view"),
        ("new", arrow::array::new_empty_array(&DataType::new_list(DataType::Int64, true)), "List"),
    ] {
        let error = refused(&shop, table, "c", values).await;
        assert!(error.to_string().contains(words), "{table}: {error} lacks {words:?}");
    }
    for table in ["i", "r", "d", "b", "s", "checked"] {
        assert!(shop.stored(&format!("SELECT * FROM {table}")).is_empty(), "{table}");
    }
    // A column that SQLite computes is not written, whatever comes.
    let generated = batch(&[("c", integers(&[7])), ("a", integers(&[1]))]);
    write(&shop.plugin(), "g", WriteMode::Append, &generated).await.unwrap();
    assert_eq!(shop.stored("SELECT a, c FROM g"), ["Integer(1) Integer(1)"]);
}

#[tokio::test]
async fn a_partition_cannot_be_written() {
    let shop = Shop::of(SHOP);
    let artist = shop.open("Artist").await;
    let schema = artist.known_schema().await.unwrap().unwrap();
    let request = WriteRequest::new(schema).with_partition(flexconnect_core::Partition::new(".."));
    assert_eq!(artist.writer(request).await.unwrap_err().kind(), ErrorKind::Unsupported);
}
