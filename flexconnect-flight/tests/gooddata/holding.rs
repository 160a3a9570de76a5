//! Which results are kept, for how long, and how much there is room for.

use std::time::Duration;

use arrow_flight::FlightInfo;
use flexconnect_flight::gooddata::Options;
use futures::StreamExt;
use serde_json::{Value, json};

use crate::functions::{given, large, simple};
use crate::served::{Served, serve, told};

async fn result(served: &Served, parameters: Value) -> FlightInfo {
    served.invoke("Count", parameters).await.unwrap()
}

fn whole((rows, end): (Vec<usize>, Option<tonic::Status>)) -> usize {
    assert!(end.is_none(), "{end:?}");
    rows.iter().sum()
}

#[tokio::test]
async fn small_results_are_read_again_and_large_ones_once() {
    let served = serve(simple(), Options::default().with_held(10, 1 << 20)).await;
    for rows in [0, 3, 10] {
        let small = result(&served, json!({ "rows": rows })).await;
        for _ in 0..3 {
            assert_eq!(whole(served.read(&small).await.unwrap()), rows);
        }
    }
    let large = result(&served, json!({ "rows": 11 })).await;
    assert_eq!(whole(served.read(&large).await.unwrap()), 11);
    assert_eq!(served.refusal(&large).await, 8);
}

#[tokio::test]
async fn bytes_count_as_rows_do() {
    let served = serve(simple(), Options::default().with_held(1_000, 300)).await;
    let large = result(&served, json!({ "rows": 100 })).await;
    assert_eq!(whole(served.read(&large).await.unwrap()), 100);
    assert_eq!(served.refusal(&large).await, 8);
}

#[tokio::test]
async fn an_author_says_otherwise() {
    let served = serve(simple(), Options::default().with_held(10, 1 << 20)).await;
    let held = result(&served, json!({ "rows": 100, "keep": "held" })).await;
    assert_eq!(whole(served.read(&held).await.unwrap()), 100);
    assert_eq!(whole(served.read(&held).await.unwrap()), 100);
    for rows in [0, 3] {
        let once = result(&served, json!({ "rows": rows, "keep": "once" })).await;
        assert_eq!(whole(served.read(&once).await.unwrap()), rows);
        assert_eq!(served.refusal(&once).await, 8);
    }
}

#[tokio::test]
async fn rows_before_an_error_come_before_it_and_once() {
    let served = serve(simple(), Options::default()).await;
    for keep in ["", "held", "once"] {
        let failing = result(&served, json!({ "rows": 6, "fails": true, "keep": keep })).await;
        let (rows, end) = served.read(&failing).await.unwrap();
        assert_eq!(rows, [4, 2]);
        assert_eq!(told(&end.unwrap()).2, "There was an error while running task: it broke");
        assert_eq!(served.refusal(&failing).await, 8, "{keep}");
    }
    let status = served.invoke("Count", json!({ "rows": 0, "fails": true })).await.unwrap_err();
    assert_eq!(told(&status).1, 5, "before the first batch it is the invocation that fails");
}

#[tokio::test]
async fn a_reader_that_leaves_has_consumed_what_is_read_once() {
    let served = serve(simple(), Options::default()).await;
    let once = result(&served, json!({ "rows": 1_000, "keep": "once" })).await;
    let ticket = once.endpoint[0].ticket.clone().unwrap();
    let mut messages = served.raw.clone().do_get(ticket).await.unwrap().into_inner();
    messages.next().await.unwrap().unwrap();
    drop(messages);
    assert_eq!(served.refusal(&once).await, 8);
}

#[tokio::test]
async fn results_expire_but_not_under_their_reader() {
    let batches = vec![large(); 20];
    let rows = 1_000_000 * batches.len();
    let options = Options::default().with_result_ttl(Duration::from_secs(2)).with_held(u64::MAX, u64::MAX);
    let served = serve(given(batches), options).await;
    let (read, left) =
        (served.invoke("Given", json!({})).await.unwrap(), served.invoke("Given", json!({})).await.unwrap());
    let ticket = read.endpoint[0].ticket.clone().unwrap();
    let mut messages = served.raw.clone().do_get(ticket).await.unwrap().into_inner();
    messages.next().await.unwrap().unwrap();
    while served.read(&left).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(served.refusal(&left).await, 4);
    let mut bytes = 0;
    while let Some(message) = messages.next().await {
        bytes += message.unwrap().data_body.len();
    }
    assert!(bytes >= rows * 8, "{bytes}");
}

#[tokio::test]
async fn results_nobody_reads_leave_no_room_and_those_that_were_read_do() {
    let served = serve(simple(), Options::default().with_held_total_bytes(60 << 10)).await;
    let mut results = Vec::new();
    let refused = loop {
        match served.invoke("Count", json!({ "rows": 50 })).await {
            Ok(result) => results.push(result),
            Err(status) => break told(&status),
        }
        assert!(results.len() < 100);
    };
    assert_eq!((refused.0, refused.1), (tonic::Code::Unavailable, 196_710));
    assert!(results.len() > 2);
    for result in &results {
        assert_eq!(whole(served.read(result).await.unwrap()), 50);
    }
    // Those that were read make room, before their time.
    let result = result(&served, json!({ "rows": 50 })).await;
    assert_eq!(whole(served.read(&result).await.unwrap()), 50);
    assert_eq!(served.refusal(&results[0]).await, 4);
}

#[tokio::test]
async fn what_a_result_was_asked_with_takes_room_too() {
    let served = serve(simple(), Options::default().with_held_total_bytes(40 << 10)).await;
    let asked = json!({ "rows": 0, "said": "x".repeat(15 << 10) });
    let mut results = vec![result(&served, asked.clone()).await];
    results.push(result(&served, asked.clone()).await);
    let refused = served.invoke("Count", asked).await.unwrap_err();
    assert_eq!(told(&refused).1, 196_710);
    for result in &results {
        assert_eq!(whole(served.read(result).await.unwrap()), 0);
    }
}
