//! Calls that wait: for their rows, for a result, for nobody.

use std::sync::atomic::Ordering;
use std::time::Duration;

use arrow_flight::FlightDescriptor;
use arrow_flight::flight_service_client::FlightServiceClient;
use flexconnect_flight::gooddata::Options;
use serde_json::json;
use tonic::Code;
use tonic::transport::Endpoint;

use crate::functions::waiting;
use crate::served::{eventually, serve, told};

#[tokio::test]
async fn a_call_ends_at_its_deadline() {
    let (plugin, shut) = waiting();
    let served = serve(plugin, Options::default().with_call_deadline(Duration::from_millis(200))).await;
    let (status, code, msg) = told(&served.invoke("Stuck", json!({})).await.unwrap_err());
    assert_eq!((status, code), (Code::DeadlineExceeded, 100), "{msg}");
    shut.open();
}

#[tokio::test]
async fn a_connection_that_says_nothing_for_long_answers_that_it_is_there() {
    let (plugin, shut) = waiting();
    let served = serve(plugin, Options::default()).await;
    // A client that takes a connection for dead when it does not answer, and asks all the time.
    let endpoint = Endpoint::from_shared(format!("http://{}", served.address)).unwrap();
    let endpoint = endpoint
        .http2_keep_alive_interval(Duration::from_millis(20))
        .keep_alive_timeout(Duration::from_secs(20))
        .keep_alive_while_idle(true);
    let mut client = FlightServiceClient::new(endpoint.connect().await.unwrap());
    let command = FlightDescriptor::new_cmd(json!({ "functionName": "Stuck" }).to_string());
    let (answer, ()) = tokio::join!(client.get_flight_info(command), async {
        // Some fifty times nothing but that.
        tokio::time::sleep(Duration::from_secs(1)).await;
        shut.open();
    });
    assert_eq!(answer.unwrap().into_inner().endpoint.len(), 1);
}

#[tokio::test]
async fn a_function_ends_with_the_call_that_waits_for_it() {
    let (plugin, shut) = waiting();
    let served = serve(plugin, Options::default()).await;
    let call = served.invoke("Endless", json!({}));
    tokio::select! {
        answer = call => panic!("{answer:?}"),
        () = eventually("it runs", || shut.before.load(Ordering::SeqCst) == 1) => {}
    }
    eventually("it is ended", || shut.before.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn a_ticket_may_come_before_its_result() {
    let (plugin, shut) = waiting();
    let served = serve(plugin, Options::default().with_polling_interval(Duration::from_millis(10))).await;
    let task = served.poll("Stuck", json!({})).await;
    let ticket = format!("{{\"task_id\":\"{task}\"}}");
    let (read, ()) = tokio::join!(served.get(&ticket), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        shut.open();
    });
    read.unwrap();
}

#[tokio::test]
async fn a_thread_that_is_stuck_keeps_nobody_else_waiting() {
    let (plugin, shut) = waiting();
    let served = serve(plugin, Options::default().with_polling_interval(Duration::from_millis(10))).await;
    for _ in 0..8 {
        served.poll("Stuck", json!({})).await;
    }
    let info = served.invoke("Count", json!({ "rows": 5 })).await.unwrap();
    assert_eq!(served.read(&info).await.unwrap().0, [4, 1]);
    shut.open();
}
