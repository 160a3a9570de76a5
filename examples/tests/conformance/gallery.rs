//! Everything the gallery serves, over the wire.

use std::fs::File;
use std::process::Command as Process;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int64Array, ListArray, RecordBatch, StringArray, StructArray, TimestampNanosecondArray,
};
use arrow::datatypes::{Field, Int32Type};
use arrow::ipc::writer::StreamWriter;
use flexconnect_core::conformance::{Options, Verdict};
use flexconnect_flight::conformance;
use rusqlite::Connection;
use serde_json::json;

use crate::api::{Api, json as answer};
use crate::databases::TABLES;
use crate::lessons::{UNWRITTEN, tree};
use crate::served::{Served, program};

/// Types that no lesson's own rows have.
fn nested() -> RecordBatch {
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(3), Some(i64::MAX)]));
    let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([
        Some(vec![Some(1), None]),
        None,
        Some(vec![]),
        Some(vec![Some(4)]),
    ]));
    let at: ArrayRef = Arc::new(
        TimestampNanosecondArray::from(vec![Some(-1), Some(0), None, Some(1_709_164_800_000_000_001)])
            .with_timezone("Europe/Berlin"),
    );
    let text: ArrayRef = Arc::new(StringArray::from(vec![Some(""), Some("a"), Some("A"), None]));
    let inner = Arc::new(Field::new("text", text.data_type().clone(), true));
    let parts: ArrayRef = Arc::new(StructArray::from(vec![(inner, text)]));
    RecordBatch::try_from_iter([("number", numbers), ("list", lists), ("at", at), ("part", parts)]).unwrap()
}

#[tokio::test]
async fn everything_the_gallery_serves() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    tree(&root);
    std::fs::remove_file(root.join("readme.txt")).unwrap();
    std::fs::copy(root.join("music/list.csv"), root.join("list.csv")).unwrap();
    let (database, arrows) = (folder.path().join("shop.sqlite"), folder.path().join("nested.arrows"));
    Connection::open(&database).unwrap().execute_batch(TABLES).unwrap();
    let mut writer = StreamWriter::try_new(File::create(&arrows).unwrap(), &nested().schema()).unwrap();
    writer.write(&nested()).unwrap();
    writer.finish().unwrap();
    let api = Api::serve(|asked, _| {
        let limit = asked.number("limit").unwrap_or(9).min(9);
        answer(&json!((0..limit).map(|id| json!({"id": id})).collect::<Vec<_>>()))
    });
    let api = api.await;

    let mut gallery = Process::new(program("gallery"));
    gallery.args(["--listen", "127.0.0.1:0"]).arg("--root").arg(&root);
    let served = Served::start(gallery.arg("--sqlite").arg(&database).arg("--arrow").arg(&arrows));
    let options = Options::new()
        .with_config("random_data", json!({"num_rows": 20, "column_types": ["string", "date"], "seed": 3}))
        .with_config("numbers", json!({"rows": 50}))
        .with_total_rows("numbers", 50)
        .with_config("rest_api", json!({"base_url": api.url("/"), "endpoint": "/items"}))
        .with_config("rest_resource", json!({"api_endpoint": api.url("/"), "api_key": "hush-hush-hush"}))
        .with_scratch("sink")
        .with_scratch("sqlite/scratch")
        .with_total_rows("arrow_file", 4);
    let report = conformance::check(format!("http://{}", served.address), options).await.unwrap();
    report.assert();
    // What nothing is written to has no rows yet, and nothing to compare.
    let skipped: Vec<_> = report
        .not_run()
        .filter(|outcome| outcome.table != "sink" && !UNWRITTEN.contains(&outcome.check))
        .collect();
    assert!(skipped.is_empty(), "{report}");
    for table in ["sink", "sqlite/scratch"] {
        for check in ["commit", "abort", "overwrite"] {
            assert_eq!(report.verdict(table, check), Some(&Verdict::Passed), "{report}");
        }
    }
}
