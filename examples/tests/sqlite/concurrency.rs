//! Readers and writers at once, and what remains of those that leave.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch};
use arrow::datatypes::Int64Type;
use flexconnect_core::{Dataset, ErrorKind, ReadRequest, WriteMode, WriteRequest};
use futures::StreamExt;
use serde_json::json;

use super::database::{Shop, all, open, write};

/// Two columns that are always equal within one state of the table.
fn generation(number: i64, rows: usize) -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows as i64));
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![number; rows]));
    RecordBatch::try_from_iter([("id", ids), ("generation", numbers)]).unwrap()
}

async fn generation_seen(table: &Arc<dyn Dataset>) -> i64 {
    let rows = all(table).await;
    assert_eq!(rows.num_rows(), 20_000);
    let numbers = rows.column(1).as_primitive::<Int64Type>().values().clone();
    assert!(numbers.iter().all(|number| *number == numbers[0]), "a read is of one moment");
    numbers[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_readers_see_whole_states_while_a_writer_writes() {
    let shop = Shop::without_a_file();
    let plugin = shop.plugin();
    write(&plugin, "t", WriteMode::Append, &generation(0, 20_000)).await.unwrap();
    let table = shop.open("t").await;
    let reader = || {
        let table = table.clone();
        tokio::spawn(async move {
            let mut last = 0;
            for _ in 0..8 {
                let seen = generation_seen(&table).await;
                assert!(seen >= last, "what was committed stays");
                last = seen;
            }
        })
    };
    let readers = [reader(), reader()];
    for number in 1..=5 {
        write(&plugin, "t", WriteMode::Overwrite, &generation(number, 20_000)).await.unwrap();
    }
    for reader in readers {
        reader.await.unwrap();
    }
    assert_eq!(generation_seen(&table).await, 5);
}

#[tokio::test]
async fn a_file_that_somebody_holds_is_a_clear_error() {
    let shop = Shop::of("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1);");
    let t = open(&shop.plugin(), "t", json!({ "busy_timeout_ms": 50 })).await.unwrap();
    let holder = shop.connection();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let written = t.writer(WriteRequest::new(Arc::new(arrow::datatypes::Schema::empty()))).await.map(drop);
    let read = t.clone().read(ReadRequest::new()).await.map(drop);
    for error in [written.unwrap_err(), read.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(error.to_string().contains("another program or another write holds the file"), "{error}");
        assert!(error.retry_after().is_some(), "{error}");
    }
    holder.execute_batch("COMMIT").unwrap();
    assert_eq!(all(&t).await.num_rows(), 1);
}

#[tokio::test]
async fn a_writer_that_vanishes_leaves_nothing_and_holds_nothing() {
    let shop = Shop::of("CREATE TABLE t (id INTEGER, generation INTEGER)");
    let t = shop.open("t").await;
    let mut writer = t.writer(WriteRequest::new(generation(1, 1).schema())).await.unwrap();
    writer.write(generation(1, 50_000)).await.unwrap();
    drop(writer);
    write(&shop.plugin(), "t", WriteMode::Append, &generation(2, 10)).await.unwrap();
    assert_eq!(shop.stored("SELECT count(*), max(generation) FROM t"), ["Integer(10) Integer(2)"]);
}

#[tokio::test]
async fn of_two_who_make_a_table_one_is_told_to_write_again() {
    let shop = Shop::without_a_file();
    let plugin = shop.plugin();
    let target = || async { plugin.find_for_write(&["sqlite", "t"]).await?.open(Default::default()).await };
    let (first, second) = (target().await.unwrap(), target().await.unwrap());
    let request = WriteRequest::new(generation(1, 1).schema());
    let mut writing = first.writer(request.clone()).await.unwrap();
    writing.write(generation(1, 10)).await.unwrap();
    // The second found no table either; it waits for the first.
    let waiting = tokio::spawn(async move { second.writer(request).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    writing.commit().await.unwrap();
    let error = waiting.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Precondition, "{error}");
    assert!(error.to_string().contains("already exists"), "{error}");
    write(&plugin, "t", WriteMode::Append, &generation(2, 10)).await.unwrap();
    assert_eq!(shop.stored("SELECT count(*) FROM t"), ["Integer(20)"]);
}

#[tokio::test]
async fn a_reader_that_leaves_ends_a_statement_that_gives_no_rows() {
    // The view counts for minutes before its first row.
    let shop = Shop::of(
        "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1);
         CREATE VIEW slow AS WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 10000000000)
             SELECT CASE count(*) WHEN 1 THEN 'one' ELSE 2 END AS n FROM i;",
    );
    let slow = shop.open("slow").await;
    // Its columns have to be looked at, value by value: whoever asks gives up.
    let asked = tokio::time::timeout(Duration::from_millis(100), slow.known_schema()).await;
    assert!(asked.is_err(), "the view is slow");
    // The next to ask is not held up by the question that nobody waits for.
    let again = tokio::time::timeout(Duration::from_secs(20), async {
        shop.run("DROP VIEW slow; CREATE VIEW slow AS SELECT n FROM t;");
        slow.known_schema().await
    });
    assert_eq!(again.await.expect("the first question was given up").unwrap().unwrap().fields().len(), 1);

    shop.run(
        "DROP VIEW slow; CREATE VIEW slow AS SELECT n FROM t
             WHERE n = 1 OR (WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 10000000000) SELECT count(*) FROM i WHERE i > t.n) > 0;
         INSERT INTO t VALUES (2);",
    );
    let mut rows = slow.clone().read(ReadRequest::new()).await.unwrap();
    let first = rows.next().await.expect("the first row comes at once").unwrap();
    assert_eq!(first.num_rows(), 1);
    drop(rows);
    // A statement that still ran would hold the file against an exclusive lock.
    let holder = shop.connection();
    holder.busy_timeout(Duration::from_secs(20)).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE; COMMIT").unwrap();
}
