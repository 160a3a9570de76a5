//! Lesson 4: columns found from the lines, and lines that are broken.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod read;

use std::fs;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use flexconnect_core::{Error, ErrorKind, Plugin, ReadRequest};
use flexconnect_examples::lines::Lines;
use serde_json::{Value, json};
use tempfile::TempDir;

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn plugin(folder: &TempDir) -> Plugin {
    Plugin::new("test", "0").mount::<Lines>(["lines"], json!({ "root": folder.path() }))
}

async fn lines(folder: &TempDir, config: Value) -> Result<RecordBatch, Error> {
    read::rows(&read::open(plugin(folder), config).await?, ReadRequest::new()).await
}

#[tokio::test]
async fn csv_cells_get_types_and_empty_is_null() {
    let folder =
        folder(&[("a.csv", b"id,price,name,ok\n1,1.50,\"a \"\"b\"\", c\",true\n2,,,false\n3,2,007,\n")]);
    let batch = lines(&folder, json!({})).await.unwrap();
    let schema = batch.schema();
    let types: Vec<_> = schema.fields().iter().map(|field| field.data_type().clone()).collect();
    assert_eq!(types, [DataType::Int64, DataType::Float64, DataType::Utf8, DataType::Boolean]);
    assert_eq!(batch.column(0).as_primitive::<Int64Type>().values(), &[1, 2, 3]);
    let prices = batch.column(1).as_primitive::<Float64Type>();
    assert_eq!(prices.iter().collect::<Vec<_>>(), [Some(1.5), None, Some(2.0)]);
    let names = batch.column(2).as_string::<i32>();
    assert_eq!(names.iter().collect::<Vec<_>>(), [Some("a \"b\", c"), None, Some("007")]);
    assert!(batch.column(3).is_null(2));
}

#[tokio::test]
async fn text_columns_stay_text() {
    let folder = folder(&[("a.csv", b"code,n\n10115,1\n01067,2\n")]);
    let batch = lines(&folder, json!({ "text_columns": ["code"] })).await.unwrap();
    let codes: Vec<_> = batch.column(0).as_string::<i32>().iter().flatten().collect();
    assert_eq!(codes, ["10115", "01067"]);
}

#[tokio::test]
async fn json_lines_may_be_nested_and_files_are_partitions() {
    let folder = folder(&[
        ("a.jsonl", b"\xef\xbb\xbf{\"id\": 1, \"tags\": [\"x\"], \"at\": {\"x\": 1}}\n\n{\"id\": 2}\r\n"),
        ("b.ndjson", b"{\"id\": 3, \"tags\": []}"),
        ("c.csv", b"id\n4\n"),
        ("notes.txt", b"not read"),
    ]);
    let dataset = read::open(plugin(&folder), json!({})).await.unwrap();
    let partitions = dataset.partitions(&ReadRequest::new()).await.unwrap();
    assert_eq!(partitions.iter().map(|part| part.id()).collect::<Vec<_>>(), ["a.jsonl", "b.ndjson", "c.csv"]);
    let batch = read::rows(&dataset, ReadRequest::new()).await.unwrap();
    assert_eq!(batch.column(0).as_primitive::<Int64Type>().values(), &[1, 2, 3, 4]);
    assert!(matches!(batch.column(1).data_type(), DataType::List(_)), "{}", batch.schema());
    assert!(matches!(batch.column(2).data_type(), DataType::Struct(_)), "{}", batch.schema());
}

#[tokio::test]
async fn files_can_be_chosen() {
    let folder = folder(&[("a.csv", b"id\n1\n"), ("b.csv", b"other\nx\n")]);
    let batch = lines(&folder, json!({ "files": ["b.csv"] })).await.unwrap();
    assert_eq!(batch.schema().field(0).name(), "other");
    for (file, words) in
        [("c.csv", "did you mean `a.csv`"), ("../a.csv", "there is no"), ("/etc/passwd", "there is no")]
    {
        let error = lines(&folder, json!({ "files": [file] })).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_broken_line_is_named_by_file_and_line() {
    for (name, content, words) in [
        ("a.csv", b"a,b\n1,2\n3\n".as_slice(), ["`a.csv`, line 3", "2 columns, this record has 1"]),
        ("a.csv", b"a,b\n1,2\n\xff,3\n", ["`a.csv`, line 3", "not UTF-8"]),
        ("a.csv", b"a,a\n1,2\n", ["`a.csv`, line 1", "\"a\""]),
        ("a.jsonl", b"{\"a\": 1}\n\n{\"a\": }\n", ["`a.jsonl`, line 3", "expected value"]),
        ("a.jsonl", b"{\"a\": 1}\n[1]\n", ["`a.jsonl`, line 2", "not a JSON object"]),
        ("a.jsonl", b"{\"a\": 1}\n{\"a\": \"\xff\"}\n", ["`a.jsonl`, line 2", "not a JSON object"]),
    ] {
        let error = lines(&folder(&[(name, content)]), json!({})).await.expect_err(words[0]);
        assert_eq!(error.kind(), ErrorKind::Data, "{error}");
        for word in words {
            assert!(error.to_string().contains(word), "{error} lacks {word}");
        }
    }
}

#[tokio::test]
async fn a_line_past_the_sample_that_does_not_fit_is_an_error_with_its_place() {
    let mut content = b"n\n".to_vec();
    for n in 0..3000 {
        content.extend(format!("{n}\n").bytes());
    }
    content.extend(b"many\n");
    let error = lines(&folder(&[("a.csv", &content)]), json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    assert_eq!((error.place().row, error.place().column.as_deref()), (Some(3000), Some("n")), "{error}");
    assert_eq!(error.place().partition.as_deref(), Some("a.csv"));
}

#[tokio::test]
async fn an_empty_folder_is_an_empty_table() {
    let batch = lines(&folder(&[("empty.csv", b""), ("empty.jsonl", b"")]), json!({})).await.unwrap();
    assert_eq!((batch.num_rows(), batch.num_columns()), (0, 0));
    let batch = lines(&folder(&[]), json!({})).await.unwrap();
    assert_eq!(batch.num_rows(), 0);
}
