//! Lesson 12: two tables, one client.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

#[path = "../../flexconnect-http/tests/api/mod.rs"]
mod api;
mod read;

use api::{Api, Asked, json, status};
use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use axum::response::Response;
use flexconnect_core::table::metadata::PRIMARY_KEY;
use flexconnect_core::{Error, ErrorKind, FromBatch, Plugin, ReadRequest, Table};
use flexconnect_examples::shared_client::{Author, Item, plugin};
use serde_json::{Value, json};

/// Three items and two authors.
fn answer(asked: &Asked, _before: usize) -> Response {
    match asked.path.as_str() {
        "/api/items/1" => json(&json!({ "num": 1, "date": "1969-12-31", "title": "first", "more": true })),
        "/api/items/2" => json(&json!({ "num": 2, "date": "2006-01-02", "title": "" })),
        "/api/items/3" => json(&json!({ "num": 3, "date": "2024-02-29", "title": "äöü" })),
        "/api/authors/1" => json(&json!({ "num": 1, "name": "Ada" })),
        "/api/authors/2" => json(&json!({ "num": 2, "name": "Grace" })),
        _ => status(404, "nothing here"),
    }
}

async fn rows(plugin: &Plugin, table: &str, request: ReadRequest) -> Result<RecordBatch, Error> {
    let dataset = plugin.find(&[table]).await?.open(serde_json::Map::new()).await?;
    read::rows(&dataset, request).await
}

#[tokio::test]
async fn items_come_one_after_another_until_there_is_none() {
    let api = Api::serve(answer).await;
    let plugin: Plugin = plugin(json!({ "base_url": api.url("/api") })).into();
    let batch = rows(&plugin, "item", ReadRequest::new()).await.unwrap();
    let items = Item::from_batch(&batch).unwrap();
    let expected = [(1, "1969-12-31", "first"), (2, "2006-01-02", ""), (3, "2024-02-29", "äöü")];
    let expected =
        expected.map(|(num, date, title)| Item { num, date: date.parse().unwrap(), title: title.into() });
    assert_eq!(items, expected);
    let paths: Vec<_> = api.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/api/items/1", "/api/items/2", "/api/items/3", "/api/items/4"]);
    // No request beyond a limit.
    rows(&plugin, "item", ReadRequest::new().with_limit(2)).await.unwrap();
    assert_eq!(api.asked().len(), 4 + 2);
}

#[tokio::test]
async fn the_tables_share_one_client() {
    let api = Api::serve(answer).await;
    let plugin: Plugin = plugin(json!({ "base_url": api.url("/api") })).into();
    let batch = rows(&plugin, "author", ReadRequest::new()).await.unwrap();
    let names: Vec<_> = Author::from_batch(&batch).unwrap().into_iter().map(|author| author.name).collect();
    assert_eq!(names, ["Ada", "Grace"]);
    rows(&plugin, "item", ReadRequest::new()).await.unwrap();
    assert_eq!(api.connections(), 1);
}

#[test]
fn the_columns_are_those_of_the_template() {
    let schema = <Item as Table>::schema();
    let columns: Vec<_> =
        schema.fields().iter().map(|field| (field.name().as_str(), field.data_type().clone())).collect();
    assert_eq!(columns, [("num", DataType::UInt64), ("date", DataType::Date64), ("title", DataType::Utf8)]);
    assert_eq!(schema.metadata()[PRIMARY_KEY], r#"["num"]"#);
}

#[tokio::test]
async fn faults_name_what_is_wrong() {
    let entry = |spec: Value| Plugin::from(plugin(spec));
    let error = read::open(entry(json!({})), json!({})).await.err().expect("a URL is needed");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("`base_url` is required"), "{error}");

    let api = Api::serve(|asked, _| match asked.path.as_str() {
        "/items/1" => json(&json!({ "num": 1, "date": "yesterday", "title": "x" })),
        _ => json(&json!({ "num": 1, "name": "again" })),
    });
    let api = api.await;
    let plugin = entry(json!({ "base_url": api.url(""), "most": 20 }));
    let error = rows(&plugin, "item", ReadRequest::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    assert!(error.to_string().contains("/items/1: the answer is not the JSON expected"), "{error}");
    // An API that has an author for every number.
    let error = rows(&plugin, "author", ReadRequest::new()).await.unwrap_err();
    assert!(error.to_string().contains("more pages than the maximum"), "{error}");
    assert_eq!(api.asked().len(), 1 + 20);
}
