//! Calls that poll: each state, and what ends them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use flexconnect_flight::gooddata::Options;
use serde_json::json;
use tonic::Code;

use crate::functions::waiting;
use crate::served::{eventually, serve, told};

fn quick() -> Options {
    Options::default().with_polling_interval(Duration::from_millis(20))
}

#[tokio::test]
async fn rounds_go_on_to_the_end_and_the_answer_stays() {
    let (plugin, shut) = waiting();
    let served = serve(plugin, quick()).await;
    let task = served.poll("Stuck", json!({})).await;
    let again = served.ask(format!("r:{task}"), true).await.unwrap_err();
    assert_eq!(told(&again).1, 65_637);
    shut.open();
    let info = loop {
        match served.ask(format!("r:{task}"), true).await {
            Ok(info) => break info,
            Err(status) => assert_eq!(told(&status).1, 65_637),
        }
    };
    assert_eq!(served.ask(format!("r:{task}"), true).await.unwrap(), info);
    assert_eq!(served.read(&info).await.unwrap().0, [1]);
    let (_, code, _) = told(&served.ask(format!("r:{task}"), false).await.unwrap_err());
    assert_eq!(code, 1, "who does not poll cannot ask for a task");
}

#[tokio::test]
async fn a_function_that_does_not_stop_is_cancelled_when_it_has_returned() {
    let (plugin, shut) = waiting();
    let served = serve(plugin, quick()).await;
    let task = served.poll("Stuck", json!({})).await;
    eventually("it runs", || shut.before.load(Ordering::SeqCst) == 1).await;
    for _ in 0..2 {
        let cancelled = told(&served.ask(format!("c:{task}"), true).await.unwrap_err());
        assert_eq!((cancelled.0, cancelled.1), (Code::Cancelled, 6));
    }
    assert_eq!(told(&served.ask(format!("r:{task}"), true).await.unwrap_err()).1, 65_637);
    shut.open();
    let ended = loop {
        let told = told(&served.ask(format!("r:{task}"), true).await.unwrap_err());
        if told.1 != 65_637 {
            break told;
        }
    };
    let text = format!("FlexConnect function invocation was cancelled. Invocation task was: '{task}'.");
    assert_eq!(ended, (Code::Unknown, 6, text));
    let ticket = format!("{{\"task_id\":\"{task}\"}}");
    assert_eq!(told(&served.get(&ticket).await.unwrap_err()).1, 6);
}

#[tokio::test]
async fn what_waits_for_its_turn_is_cancelled_and_never_runs() {
    let (plugin, shut) = waiting();
    let served = serve(plugin, quick().with_tasks(1, 1)).await;
    let running = served.poll("Stuck", json!({})).await;
    eventually("it runs", || shut.before.load(Ordering::SeqCst) == 1).await;
    let queued = served.poll("Stuck", json!({})).await;
    let full = told(&served.invoke("Stuck", json!({})).await.unwrap_err());
    assert_eq!((full.0, full.1), (Code::Unavailable, 196_710));
    assert_eq!(told(&served.ask(format!("c:{queued}"), true).await.unwrap_err()).1, 6);
    assert_eq!(told(&served.ask(format!("r:{queued}"), true).await.unwrap_err()).1, 6);
    shut.open();
    while served.ask(format!("r:{running}"), true).await.is_err() {}
    // The next one has the turn of the one that was cancelled.
    served.invoke("Stuck", json!({})).await.unwrap();
    assert_eq!(shut.runs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_deadline_comes_also_when_nobody_asks() {
    let (plugin, shut) = waiting();
    let served = serve(plugin, quick().with_call_deadline(Duration::from_millis(300))).await;
    let task = served.poll("Endless", json!({})).await;
    eventually("it runs", || shut.before.load(Ordering::SeqCst) == 1).await;
    eventually("it is ended", || shut.before.load(Ordering::SeqCst) == 0).await;
    let late = told(&served.ask(format!("r:{task}"), true).await.unwrap_err());
    let text = format!("GetFlightInfo timed out while waiting for task {task}.");
    assert_eq!(late, (Code::DeadlineExceeded, 100, text));
    // Its thread may still have to hear of it.
    while told(&served.ask(format!("r:{task}"), true).await.unwrap_err()).1 == 100 {}
    assert_eq!(told(&served.ask(format!("r:{task}"), true).await.unwrap_err()).1, 6);
}

#[tokio::test]
async fn tasks_nobody_knows_are_none() {
    let (plugin, _) = waiting();
    let served = serve(plugin, quick()).await;
    for task in ["0".repeat(32), "x".into(), "\u{fffd}".repeat(300)] {
        let (status, code, msg) = told(&served.ask(format!("r:{task}"), true).await.unwrap_err());
        assert_eq!((status, code), (Code::Unknown, 1));
        assert!(msg.starts_with("Task with id '"), "{msg}");
        assert_eq!(told(&served.ask(format!("c:{task}"), true).await.unwrap_err()).1, 6);
    }
}
