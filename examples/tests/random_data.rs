//! Lesson 2: what the configuration promises.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod read;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type};
use chrono::Utc;
use flexconnect_core::{Error, ErrorKind, Plugin, ReadRequest};
use flexconnect_examples::random_data::Random;
use serde_json::{Value, json};

fn plugin() -> Plugin {
    Plugin::new("test", "0").connector::<Random>()
}

async fn random(config: Value) -> Result<RecordBatch, Error> {
    read::rows(&read::open(plugin(), config).await?, ReadRequest::new()).await
}

#[tokio::test]
async fn defaults_are_100_rows_of_three_texts() {
    let batch = random(json!({})).await.unwrap();
    let schema = batch.schema();
    let fields: Vec<_> =
        schema.fields().iter().map(|field| (field.name().as_str(), field.data_type())).collect();
    assert_eq!(fields, [("col1", &DataType::Utf8), ("col2", &DataType::Utf8), ("col3", &DataType::Utf8)]);
    assert_eq!(batch.num_rows(), 100);
}

#[tokio::test]
async fn each_type_keeps_to_its_range_and_a_missing_type_is_text() {
    let config = json!({
        "num_rows": 5000, "columns": ["i", "f", "d", "s", "t"], "column_types": ["int", "float", "date", "string"],
    });
    let batch = random(config).await.unwrap();
    assert_eq!(batch.num_rows(), 5000);
    let ints = batch.column(0).as_primitive::<Int64Type>();
    assert!(ints.values().iter().all(|value| (0..=1000).contains(value)));
    let floats = batch.column(1).as_primitive::<Float64Type>();
    assert!(floats.values().iter().all(|value| {
        (0.0..=1000.0).contains(value) && ((value * 100.0).round() / 100.0 - value).abs() < 1e-9
    }));
    let today = Utc::now().timestamp().div_euclid(86_400) as i32;
    let days = batch.column(2).as_primitive::<Date32Type>();
    // The test may run over midnight.
    assert!(days.values().iter().all(|day| (today - 366..=today).contains(day)));
    for column in [3, 4] {
        let texts = batch.column(column).as_string::<i32>();
        assert!(texts.iter().flatten().all(|text| {
            (5..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
        }));
        assert_eq!(texts.iter().flatten().count(), 5000);
    }
}

#[tokio::test]
async fn a_seed_repeats_the_rows() {
    let config = |seed| json!({ "seed": seed, "columns": ["a", "b"], "column_types": ["int"] });
    let first = random(config(7)).await.unwrap();
    assert_eq!(first, random(config(7)).await.unwrap());
    assert_ne!(first, random(config(8)).await.unwrap());
}

#[tokio::test]
async fn a_limit_cuts_and_zero_rows_have_columns() {
    let dataset = read::open(plugin(), json!({})).await.unwrap();
    assert_eq!(read::rows(&dataset, ReadRequest::new().with_limit(7)).await.unwrap().num_rows(), 7);
    let none = random(json!({ "num_rows": 0 })).await.unwrap();
    assert_eq!((none.num_rows(), none.num_columns()), (0, 3));
}

#[tokio::test]
async fn every_wrong_configuration_says_what_to_do() {
    for (config, words) in [
        (json!({ "column_types": ["int", "flaot"] }), ["column_types[1]", "flaot", "did you mean `float`"]),
        (
            json!({ "columns": ["a"], "column_types": ["int", "int"] }),
            ["2 `column_types`", "1 `columns`", "leave types out"],
        ),
        (json!({ "columns": ["a", "a"] }), ["`columns`", "\"a\" twice", "its own name"]),
        (json!({ "num_rows": -1 }), ["num_rows", "-1", "0"]),
        (json!({ "num_row": 1 }), ["num_row", "is not a parameter", "did you mean `num_rows`"]),
    ] {
        let error = random(config.clone()).await.expect_err(&config.to_string());
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        for word in words {
            assert!(error.to_string().contains(word), "{config}: {error} lacks {word}");
        }
    }
}

#[tokio::test]
async fn the_form_has_its_labels() {
    let entry = plugin().find(&["random_data"]).await.unwrap();
    let labels: Vec<_> = entry.parameters().map(|parameter| parameter.label.clone()).collect();
    assert_eq!(labels, ["Number of Rows", "Column Names", "Column Types", "Seed"]);
    let types = entry.parameters().nth(2).unwrap();
    assert_eq!(types.help, "Types: string, int, float, date");
    let about = entry.about();
    assert_eq!(about.title.as_deref(), Some("Random Data Generator"));
    assert_eq!(about.icon.as_deref(), Some("fas fa-random"));
    assert!(entry.capabilities().write_modes.is_empty());
}
