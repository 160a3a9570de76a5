//! Lesson 11: rows sent to an API, a thousand at a time.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

#[path = "../../flexconnect-http/tests/api/mod.rs"]
mod api;
mod read;

use std::sync::Arc;

use api::{Api, json, status};
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use flexconnect_core::{Dataset, Delivery, ErrorKind, Plugin, ReadRequest, WriteMode, WriteRequest};
use flexconnect_examples::rest_resource::RestResource;
use serde_json::{Value, json};

fn plugin() -> Plugin {
    Plugin::new("test", "0").connector::<RestResource>()
}

async fn resource(api: &Api, more: Value) -> Arc<dyn Dataset> {
    let mut config = json!({ "api_endpoint": api.url("/v1"), "api_key": "s3cr3t" });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    read::open(plugin(), config).await.unwrap()
}

fn batch(ids: std::ops::Range<i64>) -> RecordBatch {
    let names: ArrayRef =
        Arc::new(ids.clone().map(|id| (id % 2 == 0).then(|| format!("user {id}"))).collect::<StringArray>());
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(ids));
    RecordBatch::try_from_iter([("id", ids), ("name", names)]).unwrap()
}

/// The rows of each upload.
fn uploads(api: &Api) -> Vec<Vec<Value>> {
    let sent = api.asked().into_iter().filter(|asked| asked.method == "POST");
    sent.map(|asked| serde_json::from_slice(&asked.body).unwrap()).collect()
}

#[tokio::test]
async fn the_chosen_resource_is_read_up_to_its_limit() {
    let api = Api::serve(|asked, _| {
        assert_eq!(asked.header("authorization"), Some("Bearer s3cr3t"));
        let rows: Vec<_> = (0..asked.number("limit").unwrap()).map(|id| json!({ "id": id })).collect();
        json(&json!(rows))
    });
    let api = api.await;
    let table = resource(&api, json!({ "resource": "orders", "limit": 5 })).await;
    assert_eq!(read::rows(&table, ReadRequest::new()).await.unwrap().num_rows(), 5);
    let asked = api.asked();
    assert_eq!((asked[0].path.as_str(), asked[0].number("limit")), ("/v1/orders", Some(5)));
    // Who wants less asks for less, once the columns are known.
    let mut request = ReadRequest::new().with_limit(2);
    request.schema = Some(table.clone().schema().await.unwrap());
    assert_eq!(read::rows(&table, request).await.unwrap().num_rows(), 2);
    assert_eq!(api.asked().last().unwrap().number("limit"), Some(2));
}

#[tokio::test]
async fn rows_leave_in_thousands_and_the_rest_with_the_commit() {
    let api = Api::serve(|_, before| if before == 1 { status(503, "") } else { json(&json!({})) }).await;
    let table = resource(&api, json!({})).await;
    assert_eq!(table.capabilities().delivery, Delivery::AtLeastOnce);
    let mut writer = table.writer(WriteRequest::new(batch(0..0).schema())).await.unwrap();
    for rows in [0..700, 700..700, 700..2900] {
        writer.write(batch(rows)).await.unwrap();
    }
    assert_eq!(uploads(&api).len(), 3, "two thousands, one of them sent twice");
    assert_eq!(writer.commit().await.unwrap().rows, 2900);
    let uploads = uploads(&api);
    assert_eq!(uploads.iter().map(Vec::len).collect::<Vec<_>>(), [1000, 1000, 1000, 900]);
    assert_eq!(uploads[1], uploads[2]);
    let rows: Vec<_> = [&uploads[0], &uploads[1], &uploads[3]].into_iter().flatten().cloned().collect();
    let expected = |id: i64| json!({ "id": id, "name": (id % 2 == 0).then(|| format!("user {id}")) });
    assert_eq!(rows, (0..2900).map(expected).collect::<Vec<_>>());
    let asked = &api.asked()[0];
    assert_eq!((asked.path.as_str(), asked.header("authorization")), ("/v1/upload", Some("Bearer s3cr3t")));
    assert_eq!(asked.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_write_without_rows_sends_nothing_and_a_refusal_is_told() {
    let api = Api::serve(|_, _| status(403, "read only key s3cr3t")).await;
    let table = resource(&api, json!({})).await;
    let writer = table.writer(WriteRequest::new(batch(0..0).schema())).await.unwrap();
    assert_eq!(writer.commit().await.unwrap().rows, 0);
    assert!(api.asked().is_empty());
    let mut writer = table.writer(WriteRequest::new(batch(0..0).schema())).await.unwrap();
    writer.write(batch(0..1)).await.unwrap();
    let error = writer.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.to_string().contains("POST") && error.to_string().contains("read only key ***"), "{error}");
    let overwrite = WriteRequest::new(batch(0..0).schema()).with_mode(WriteMode::Overwrite);
    assert_eq!(table.writer(overwrite).await.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn the_form_has_its_labels() {
    let entry = plugin().find(&["rest_resource"]).await.unwrap();
    let parameters: Vec<_> = entry.parameters().collect();
    let names: Vec<_> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(names, ["api_endpoint", "api_key", "resource", "limit"]);
    assert!(parameters[1].secret && parameters[1].required);
    let choices: Vec<_> = parameters[2].choices.iter().map(|choice| choice.label.as_str()).collect();
    assert_eq!(choices, ["Users", "Orders", "Products"]);
    assert_eq!((&parameters[2].default, &parameters[3].default), (&Some(json!("users")), &Some(json!(1000))));
}
