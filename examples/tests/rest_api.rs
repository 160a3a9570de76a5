//! Lesson 10: an API with pages, credentials and faults, read as a table.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

#[path = "../../flexconnect-http/tests/api/mod.rs"]
mod api;
mod read;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use api::{Api, Asked, cut, huge, json, page, status, throttled};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use axum::response::Response;
use flexconnect_core::{Error, ErrorKind, Plugin, ReadRequest};
use flexconnect_examples::rest_api::RestApi;
use flexconnect_http::json_array;
use futures::TryStreamExt;
use serde_json::{Value, json};

fn plugin() -> Plugin {
    Plugin::new("test", "0").connector::<RestApi>()
}

/// The configuration for an API of the test, with more values.
fn config(api: &Api, more: Value) -> Value {
    let http = json!({ "retry_delay": "1ms", "retries": 6, "max_body": "1MiB" });
    let mut config = json!({ "base_url": api.url("/v1/"), "endpoint": "/items", "http": http });
    let Value::Object(more) = more else { panic!("values are an object") };
    config.as_object_mut().unwrap().extend(more);
    config
}

async fn rest(api: &Api, more: Value, request: ReadRequest) -> Result<RecordBatch, Error> {
    read::rows(&read::open(plugin(), config(api, more)).await?, request).await
}

fn items(count: u64) -> Vec<Value> {
    (0..count).map(|id| json!({ "id": id, "name": format!("item {id}") })).collect()
}

/// An API with these rows in pages.
async fn pages(rows: Vec<Value>) -> Api {
    Api::serve(move |asked, _| json(&json!(page(&rows, asked)))).await
}

fn ids(batch: &RecordBatch) -> Vec<i64> {
    batch.column_by_name("id").unwrap().as_primitive::<Int64Type>().values().to_vec()
}

fn queries(api: &Api) -> Vec<String> {
    let query = |asked: &Asked| {
        let pairs: Vec<_> = asked.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    };
    api.asked().iter().map(query).collect()
}

/// Batches as the JSON rows they were.
fn as_json(batch: &RecordBatch) -> Vec<Value> {
    serde_json::from_slice(&json_array([batch]).unwrap()).unwrap()
}

#[tokio::test]
async fn without_pagination_one_answer_has_all_rows() {
    let api = pages(items(250)).await;
    let batch = rest(&api, json!({}), ReadRequest::new()).await.unwrap();
    assert_eq!(ids(&batch), (0..250).collect::<Vec<_>>());
    assert_eq!(queries(&api), [""]);
    assert_eq!(api.asked()[0].path, "/v1/items");
}

#[tokio::test]
async fn pages_go_by_offset_or_by_number_and_end_with_a_short_one() {
    for (kind, rows, expected) in [
        ("offset", 250, ["limit=100&offset=0", "limit=100&offset=100", "limit=100&offset=200"].as_slice()),
        ("page", 250, &["page=0&per_page=100", "page=1&per_page=100", "page=2&per_page=100"]),
        // A full last page does not say that it is the last.
        ("page", 200, &["page=0&per_page=100", "page=1&per_page=100", "page=2&per_page=100"]),
        ("offset", 99, &["limit=100&offset=0"]),
        ("offset", 0, &["limit=100&offset=0"]),
    ] {
        let api = pages(items(rows)).await;
        let batch = rest(&api, json!({ "pagination_type": kind }), ReadRequest::new()).await.unwrap();
        assert_eq!(batch.num_rows() as u64, rows);
        assert_eq!(queries(&api), expected);
        assert_eq!(api.connections(), 1, "one connection is used for all pages");
    }
}

#[tokio::test]
async fn a_limit_costs_no_request_beyond_it() {
    let api = pages(items(5000)).await;
    let config = config(&api, json!({ "pagination_type": "offset" }));
    let dataset = read::open(plugin(), config).await.unwrap();
    let schema = dataset.clone().schema().await.unwrap();
    let sample = api.asked().len();
    assert_eq!(sample, 10, "columns are found from 1,000 rows");
    for (limit, requests) in [(250, 3), (100, 1), (200, 2), (0, 0)] {
        let before = api.asked().len();
        let mut request = ReadRequest::new().with_limit(limit);
        request.schema = Some(schema.clone());
        let batch = read::rows(&dataset, request).await.unwrap();
        assert_eq!((batch.num_rows() as u64, api.asked().len() - before), (limit, requests), "limit {limit}");
    }
}

#[tokio::test]
async fn rows_are_where_the_data_path_leads() {
    for (path, answer, rows) in [
        ("", json!([{ "id": 1 }, { "id": 2 }]), 2),
        ("", json!({ "id": 1 }), 1),
        ("results", json!({ "results": [{ "id": 1 }], "count": 1 }), 1),
        ("data.items", json!({ "data": { "items": [{ "id": 1 }, { "id": 2 }] } }), 2),
        ("data.items", json!({ "data": { "items": { "id": 1 } } }), 1),
        ("data.items", json!({ "data": {} }), 0),
        ("results", json!({ "results": null }), 0),
    ] {
        let api = Api::serve(move |_, _| json(&answer)).await;
        let batch = rest(&api, json!({ "data_path": path }), ReadRequest::new()).await.unwrap();
        assert_eq!(batch.num_rows(), rows, "{path}");
    }
    let api = Api::serve(|_, _| json(&json!({ "data": [1] }))).await;
    let error = rest(&api, json!({ "data_path": "data.items" }), ReadRequest::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    assert!(error.to_string().contains("`data` of the answer is a list"), "{error}");
    let error = rest(&api, json!({ "data_path": "data" }), ReadRequest::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.place().row), (ErrorKind::Data, Some(0)));
    assert!(error.to_string().contains("the row is a number"), "{error}");
}

#[tokio::test]
async fn every_kind_of_credentials_opens_the_door() {
    let api = Api::serve(|asked, _| {
        let known = match (asked.header("authorization"), asked.header("x-api-key"), asked.header("token")) {
            (Some("Bearer s3cr3t"), None, None) => "bearer",
            (Some("Basic YWRhOnMzY3IzdA=="), None, None) => "basic",
            (None, Some("s3cr3t"), None) | (None, None, Some("s3cr3t")) => "api_key",
            _ => return status(401, "who are you?"),
        };
        json(&json!([{ "known": known }]))
    });
    let api = api.await;
    for (auth, known) in [
        (json!({ "auth_type": "bearer", "auth_token": "s3cr3t" }), "bearer"),
        (json!({ "auth_type": "basic", "auth_user": "ada", "auth_token": "s3cr3t" }), "basic"),
        (json!({ "auth_type": "api_key", "auth_token": "s3cr3t" }), "api_key"),
        (json!({ "auth_type": "api_key", "auth_token": "s3cr3t", "api_key_header": "token" }), "api_key"),
    ] {
        let batch = rest(&api, auth, ReadRequest::new()).await.unwrap();
        assert_eq!(as_json(&batch), [json!({ "known": known })]);
    }
    let error = rest(&api, json!({}), ReadRequest::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    let url = api.url("/v1/items");
    assert!(error.to_string().contains(&format!("GET {url}: 401 Unauthorized")), "{error}");
    assert!(error.to_string().contains("who are you?"), "{error}");
}

#[tokio::test]
async fn every_wrong_configuration_says_what_to_do() {
    let good = json!({ "base_url": "https://api.example.com/v1", "endpoint": "users" });
    for (change, words) in [
        (json!({ "base_url": null }), ["`base_url` must be a URL", "not null"]),
        (json!({ "base_url": "api.example.com" }), ["`base_url` must be a URL", "https://"]),
        (
            json!({ "base_url": "https://ada:hunter2@x" }),
            ["`base_url` must have no user name", "no password"],
        ),
        (json!({ "endpoint": "" }), ["`endpoint` must not be empty", ""]),
        (json!({ "endpoint": "../admin" }), ["`endpoint` must stay below", "`..`"]),
        (json!({ "auth_type": "bearer" }), ["`auth_token` is required", "`bearer`"]),
        (json!({ "auth_type": "basic", "auth_token": "x" }), ["`auth_user` is required", "user name"]),
        (json!({ "auth_type": "api-key" }), ["`auth_type`", "did you mean `api_key`"]),
        (json!({ "pagination_type": "cursor" }), ["`pagination_type`", "`offset`"]),
        (json!({ "page_size": 0 }), ["`page_size` must be at least 1", "0"]),
        (json!({ "data_path": "data..items" }), ["`data_path`", "keys joined by dots"]),
        (json!({ "http": { "timeout": "0s" } }), ["`http.timeout` must be at least 1ms", ""]),
        (json!({ "http": { "requests_per_second": 0 } }), ["`http.requests_per_second`", "0.001"]),
    ] {
        let mut config = good.clone();
        config.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let error = read::open(plugin(), config).await.err().unwrap_or_else(|| panic!("{change} was taken"));
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(words.iter().all(|word| error.to_string().contains(word)), "{change}: {error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn the_form_has_its_labels() {
    let entry = plugin().find(&["rest_api"]).await.unwrap();
    let parameters: Vec<_> = entry.parameters().collect();
    let labels: Vec<_> = parameters.iter().map(|parameter| parameter.label.as_str()).collect();
    let expected = [
        "Base URL",
        "Endpoint",
        "Authentication",
        "Auth Token/Password",
        "Username (for Basic Auth)",
        "API Key Header",
        "Data Path",
        "Pagination",
        "Page Size",
    ];
    assert_eq!(labels[..expected.len()], expected);
    let choices =
        |at: usize| parameters[at].choices.iter().map(|choice| choice.label.as_str()).collect::<Vec<_>>();
    assert_eq!(choices(2), ["None", "Bearer Token", "Basic Auth", "API Key Header"]);
    assert_eq!(choices(7), ["None", "Offset/Limit", "Page Number"]);
    assert!(parameters[3].secret && parameters[..2].iter().all(|parameter| parameter.required));
    let defaults: Vec<_> = [2, 5, 6, 7, 8].map(|at| parameters[at].default.clone().unwrap()).into();
    assert_eq!(defaults, [json!("none"), json!("X-API-Key"), json!(""), json!("none"), json!(100)]);
}

#[tokio::test]
async fn a_walk_without_end_ends_in_an_error_that_names_it() {
    // Always the first page, whatever is asked.
    let first = items(100);
    let api = Api::serve(move |_, _| json(&json!(first))).await;
    let error = rest(&api, json!({ "pagination_type": "page" }), ReadRequest::new()).await.unwrap_err();
    assert_eq!((error.kind(), api.asked().len()), (ErrorKind::Data, 2));
    let text = error.to_string();
    assert!(text.contains("the page at page=1 has the same rows as a page before"), "{text}");
    assert!(text.contains("/v1/items?page=1&per_page=100"), "{text}");

    // Ever new rows.
    let api = Api::serve(|asked, _| {
        let offset = asked.number("offset").unwrap();
        json(&json!([{ "id": offset }, { "id": offset + 1 }]))
    });
    let api = api.await;
    let endless = json!({ "pagination_type": "offset", "page_size": 2, "max_pages": 50 });
    let error = rest(&api, endless, ReadRequest::new()).await.unwrap_err();
    assert_eq!((error.kind(), api.asked().len()), (ErrorKind::Data, 50));
    assert!(error.to_string().contains("more pages than the maximum"), "{error}");
}

#[tokio::test]
async fn rows_that_do_repeat_can_be_allowed() {
    let api = pages(vec![json!({ "id": 1 }); 3]).await;
    let single = json!({ "pagination_type": "offset", "page_size": 1 });
    let error = rest(&api, single.clone(), ReadRequest::new()).await.unwrap_err();
    assert!(error.to_string().contains("allow repeated pages"), "{error}");
    let mut allowed = single;
    allowed["allow_repeated_pages"] = true.into();
    assert_eq!(rest(&api, allowed, ReadRequest::new()).await.unwrap().num_rows(), 3);
}

#[tokio::test]
async fn an_answer_of_a_gigabyte_ends_in_an_error_and_is_never_held() {
    let sent = Arc::new(AtomicU64::new(0));
    let counted = sent.clone();
    let api = Api::serve(move |_, _| huge(1024, &counted)).await;
    let error = rest(&api, json!({}), ReadRequest::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exhausted);
    let text = error.to_string();
    assert!(text.contains("GET ") && text.contains("/v1/items: the answer has more than 1MiB"), "{text}");
    assert!(sent.load(Ordering::Relaxed) < 64 << 20);
}

#[tokio::test]
async fn a_wrong_type_far_behind_the_sample_is_named_by_its_row() {
    let mut rows = items(6000);
    rows[5000]["id"] = json!("five thousand");
    let api = pages(rows).await;
    let config = config(&api, json!({ "pagination_type": "offset" }));
    let dataset = read::open(plugin(), config).await.unwrap();
    let mut batches = dataset.read(ReadRequest::new()).await.unwrap();
    let mut before = 0;
    let error = loop {
        match batches.try_next().await {
            Ok(Some(batch)) => before += batch.num_rows(),
            Ok(None) => panic!("the row was taken"),
            Err(error) => break error,
        }
    };
    assert_eq!(before, 5000, "the rows before it are delivered");
    assert_eq!(error.kind(), ErrorKind::Data);
    assert_eq!((error.place().row, error.place().column.as_deref()), (Some(5000), Some("id")), "{error}");
}

/// An API that has bad days: it wants a token, and most requests fail in one way or another before they succeed.
async fn capricious(rows: Vec<Value>) -> Api {
    let answer = move |asked: &Asked, before: usize| -> Response {
        if asked.header("authorization") != Some("Bearer s3cr3t") {
            return status(401, "");
        }
        let answer = json!({ "data": { "items": page(&rows, asked) } });
        match before % 7 {
            0 => throttled(0),
            2 => status(503, "tired"),
            3 => cut(&answer),
            5 => status(408, ""),
            _ => json(&answer),
        }
    };
    Api::serve(answer).await
}

async fn equal_row_for_row(rows: Vec<Value>, kind: &str, page_size: usize) {
    let pages = rows.len() / page_size + 1;
    let api = capricious(rows.clone()).await;
    let more = json!({
        "auth_type": "bearer", "auth_token": "s3cr3t", "data_path": "data.items",
        "pagination_type": kind, "page_size": page_size,
    });
    let batch = rest(&api, more, ReadRequest::new()).await.unwrap();
    assert_eq!(as_json(&batch), rows);
    // Of seven answers three are good, and each page took one of them.
    let good = (0..api.asked().len()).filter(|before| ![0, 2, 3, 5].contains(&(before % 7))).count();
    assert_eq!(good, pages);
}

#[tokio::test]
async fn a_bad_day_of_the_api_changes_no_row() {
    let rows: Vec<Value> = (0..120)
        .map(|id| {
            let composer = (id % 3 > 0).then(|| format!("Ä \"{id}\"\n"));
            json!({ "TrackId": id, "Composer": composer, "UnitPrice": f64::from(id) + 0.99, "tags": ["a", null] })
        })
        .collect();
    for kind in ["offset", "page"] {
        equal_row_for_row(rows.clone(), kind, 7).await;
    }
}

#[tokio::test]
async fn chinook_comes_over_row_for_row() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/chinook/chinook.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        println!("skipped: there is no {}", file.display());
        return;
    };
    let tables: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(tables.len(), 11);
    for (at, (name, rows)) in tables.into_iter().enumerate() {
        let Value::Array(rows) = rows else { panic!("{name} is a list of rows") };
        equal_row_for_row(rows, if at % 2 == 0 { "offset" } else { "page" }, 100).await;
    }
}
