//! Lessons that make their rows up, read them from files, or ask an API.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use flexconnect_core::Plugin;
use flexconnect_core::conformance::{self, Options};
use flexconnect_examples::files::Files;
use flexconnect_examples::lines::Lines;
use flexconnect_examples::random_data::Random;
use flexconnect_examples::rest_api::RestApi;
use flexconnect_examples::rest_resource::RestResource;
use flexconnect_examples::shared_client;
use serde_json::{Value, json};

use crate::api::{Api, Asked, json as answer, page, status};
use crate::whoami::WhoAmI;

/// What needs a source in the author's hands, which a lesson has not.
pub(crate) const UNSEEN: [&str; 1] = ["memory"];

/// What is not tried on tables that are not to be written.
pub(crate) const UNWRITTEN: [&str; 7] =
    ["memory", "commit", "abort", "overwrite", "upsert", "delete", "idempotency"];

#[tokio::test]
async fn random_data() {
    let plugin = Plugin::new("test", "0").connector::<Random>();
    let columns = json!({"num_rows": 60, "columns": ["text", "number", "part", "day"],
        "column_types": ["string", "int", "float", "date"], "seed": 7});
    let options = Options::new().with_config("random_data", columns).with_total_rows("random_data", 60);
    conformance::check(&plugin, options).await.assert_all_run_but(&UNSEEN);
}

#[tokio::test]
async fn secure() {
    let plugin = Plugin::new("test", "0").connector::<WhoAmI>();
    conformance::check(&plugin, Options::new()).await.assert_all_run_but(&UNSEEN);
}

/// A small tree of files.
pub(crate) fn tree(root: &Path) {
    for folder in ["empty", "music/loud", "music/quiet", ".hidden"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    for (file, content) in [
        ("readme.txt", "here"),
        ("music/list.csv", "no,name,price\n1,Accept,0.99\n2,,1.5\n3,\"AC/DC\",\n"),
        ("music/loud/a.b.c", ""),
        ("music/quiet/Äöü", "x"),
        (".hidden/secret", "y"),
    ] {
        fs::write(root.join(file), content).unwrap();
    }
}

#[tokio::test]
async fn files() {
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    let plugin = Plugin::new("test", "0").mount::<Files>(["files"], json!({"root": folder.path()}));
    conformance::check(&plugin, Options::new()).await.assert_all_run_but(&UNSEEN);
    // With a client's values, the hidden folder too.
    let options = Options::new().with_config("files", json!({"hidden": true, "below": "music"}));
    conformance::check(&plugin, options).await.assert_all_run_but(&UNSEEN);
}

#[tokio::test]
async fn lines() {
    let folder = tempfile::tempdir().unwrap();
    let records: String = (0..30)
        .map(|no| format!("{{\"no\": {no}, \"name\": \"n{no}\", \"odd\": {}}}\n", no % 2 == 1))
        .collect();
    fs::write(folder.path().join("a.jsonl"), records).unwrap();
    fs::write(folder.path().join("b.csv"), "no,name,odd\n100,x,true\n101,,false\n").unwrap();
    let plugin = Plugin::new("test", "0").mount::<Lines>(["lines"], json!({"root": folder.path()}));
    let options = Options::new().with_total_rows("lines", 32);
    conformance::check(&plugin, options).await.assert_all_run_but(&UNSEEN);
}

/// Rows of an API, some of them with a null.
fn items(count: u64) -> Vec<Value> {
    (0..count).map(|id| json!({"id": id, "name": (id % 4 > 0).then(|| format!("Item {id}"))})).collect()
}

#[tokio::test]
async fn rest_api() {
    let api = Api::serve(move |asked, _| match asked.header("authorization") {
        Some("Bearer hush-hush-hush") => answer(&json!(page(&items(25), asked))),
        // An API that repeats the token it was sent.
        other => status(401, &format!("who is {other:?}?")),
    });
    let api = api.await;
    let config = json!({"base_url": api.url("/v1/"), "endpoint": "/items", "pagination_type": "offset",
        "page_size": 10, "auth_type": "bearer", "auth_token": "hush-hush-hush"});
    let plugin = Plugin::new("test", "0").connector::<RestApi>();
    let options = Options::new().with_config("rest_api", config).with_total_rows("rest_api", 25);
    conformance::check(&plugin, options).await.assert_all_run_but(&UNSEEN);
}

#[tokio::test]
async fn rest_resource() {
    let rows = Arc::new(Mutex::new(items(12)));
    let kept = rows.clone();
    let api = Api::serve(move |asked: &Asked, _| {
        if asked.header("authorization") != Some("Bearer hush-hush-hush") {
            return status(401, "who are you?");
        }
        let mut kept = kept.lock().unwrap();
        if asked.method == "POST" {
            kept.extend(serde_json::from_slice::<Vec<Value>>(&asked.body).unwrap());
            return answer(&json!({}));
        }
        let limit = asked.number("limit").unwrap();
        answer(&json!(kept.iter().take(limit).collect::<Vec<_>>()))
    });
    let api = api.await;
    let config = json!({"api_endpoint": api.url("/v1"), "api_key": "hush-hush-hush"});
    let plugin = Plugin::new("test", "0").connector::<RestResource>();
    let options = Options::new()
        .with_config("rest_resource", config)
        .with_total_rows("rest_resource", 12)
        .with_scratch("rest_resource");
    conformance::check(&plugin, options).await.assert_all_run_but(&UNSEEN);
    assert!(rows.lock().unwrap().len() > 12, "rows were written");
}

#[tokio::test]
async fn shared_client() {
    let api = Api::serve(|asked, _| {
        let number = asked.path.rsplit('/').next().and_then(|number| number.parse::<u64>().ok());
        match (asked.path.split('/').nth(2), number) {
            (Some("items"), Some(num @ 1..=9)) => answer(
                &json!({"num": num, "date": format!("2024-02-{:02}", num * 3), "title": format!("no {num}")}),
            ),
            (Some("authors"), Some(num @ 1..=5)) => {
                answer(&json!({"num": num, "name": format!("Author {num}")}))
            }
            _ => status(404, "nothing here"),
        }
    });
    let api = api.await;
    let plugin = shared_client::plugin(json!({"base_url": api.url("/api")}));
    let options = Options::new().with_total_rows("item", 9).with_total_rows("author", 5);
    conformance::check(&plugin, options).await.assert_all_run_but(&UNSEEN);
}
