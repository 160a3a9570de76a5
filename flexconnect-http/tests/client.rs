//! The client against a server that refuses, throttles, breaks off and never ends.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod api;

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use api::{Api, cut, huge, json, moved, status, throttled};
use flexconnect_core::{Error, ErrorKind, Secret};
use flexconnect_http::{Auth, Client, ClientConfig, Method};
use serde_json::{Value, json};

fn quick() -> ClientConfig {
    ClientConfig::default()
        .with_retries(3)
        .with_retry_delays(Duration::from_millis(1), Duration::from_secs(2))
}

fn client() -> Client {
    Client::new(&quick(), Auth::none()).unwrap()
}

async fn get(client: &Client, url: &str) -> Result<Value, Error> {
    client.get(url).send().await?.json()
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_what_may_not_is_told() {
    let rows = json!([{ "id": 1 }]);
    let served = rows.clone();
    let api = Api::serve(move |asked, before| match (asked.path.as_str(), before) {
        ("/ill", 0) => status(503, "out"),
        ("/ill", 1) => status(500, "out"),
        ("/ill", 2) => status(408, ""),
        ("/throttled", 0) => throttled(0),
        ("/cut", 0..=2) => cut(&served),
        _ => json(&served),
    });
    let api = api.await;
    assert_eq!(get(&client(), &api.url("/ill")).await.unwrap(), rows);
    assert_eq!(api.asked().len(), 4);
    // One connection serves them all.
    assert_eq!(api.connections(), 1);

    for path in ["/throttled", "/cut"] {
        let rows = rows.clone();
        let api = Api::serve(move |_, before| match before {
            0 if path == "/throttled" => throttled(0),
            0..=2 if path == "/cut" => cut(&rows),
            _ => json(&rows),
        });
        let api = api.await;
        assert_eq!(get(&client(), &api.url(path)).await.unwrap(), json!([{ "id": 1 }]));
        assert_eq!(api.asked().len(), if path == "/cut" { 4 } else { 2 });
    }
}

#[tokio::test]
async fn attempts_end_and_the_error_counts_them() {
    let api = Api::serve(|asked, _| match asked.path.as_str() {
        "/cut" => cut(&json!([1, 2, 3])),
        _ => status(503, "<html>\n  down for  maintenance"),
    });
    let api = api.await;
    let error = get(&client(), &api.url("/down")).await.unwrap_err();
    assert_eq!((error.kind(), api.asked().len()), (ErrorKind::Unavailable, 4));
    let expected = format!(
        "GET {}: 503 Service Unavailable; the server says: <html> down for maintenance (tried 4 times)",
        api.url("/down")
    );
    assert_eq!(error.to_string(), expected);
    let error = get(&client(), &api.url("/cut")).await.unwrap_err();
    assert_eq!((error.kind(), api.asked().len()), (ErrorKind::Unavailable, 8));
    assert!(error.to_string().contains("before the answer was complete"), "{error}");
    // Nobody listens there any longer.
    let gone = api.url("/");
    drop(api);
    tokio::task::yield_now().await;
    let error = get(&client(), &gone).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(
        error.to_string().contains("no connection") && error.to_string().contains("tried 4 times"),
        "{error}"
    );
}

#[tokio::test]
async fn a_post_is_repeated_only_when_that_is_safe() {
    let api = Api::serve(|asked, before| match asked.path.as_str() {
        "/throttled" if before == 0 => throttled(0),
        "/throttled" => json(&json!({})),
        _ => status(500, "perhaps it was done"),
    });
    let api = api.await;
    let client = client();
    client.post(&api.url("/throttled")).json(&json!([1])).unwrap().send().await.unwrap();
    assert_eq!(api.asked().len(), 2);
    assert!(api.asked().iter().all(|asked| asked.body == "[1]" && asked.method == "POST"));
    assert_eq!(api.asked()[1].header("content-type"), Some("application/json"));
    let error = client.post(&api.url("/")).json_bytes("[2]").send().await.unwrap_err();
    assert_eq!((error.kind(), api.asked().len()), (ErrorKind::Unavailable, 3));
    client.post(&api.url("/")).json_bytes("[2]").repeatable().send().await.unwrap_err();
    assert_eq!(api.asked().len(), 3 + 4);
    client.request(Method::PUT, &api.url("/")).send().await.unwrap_err();
    assert_eq!(api.asked().len(), 7 + 4);
}

#[tokio::test]
async fn a_server_that_asks_for_too_long_a_wait_is_not_asked_again() {
    let api = Api::serve(|_, _| throttled(3600)).await;
    let error = get(&client(), &api.url("/")).await.unwrap_err();
    assert_eq!((error.kind(), api.asked().len()), (ErrorKind::RateLimited, 1));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert!(error.to_string().contains("429") && error.to_string().contains("slow down"), "{error}");
}

#[tokio::test]
async fn a_wait_the_server_asks_for_is_waited() {
    let api = Api::serve(|_, before| if before == 0 { throttled(1) } else { json(&json!([])) }).await;
    let started = Instant::now();
    get(&client(), &api.url("/")).await.unwrap();
    // A machine that is slow only waits longer.
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn refusals_have_their_kind_and_quote_no_secret() {
    let api = Api::serve(|asked, _| {
        let code = asked.path[1..].parse().unwrap();
        status(code, &format!("no: {} {:?}", "x".repeat(150), asked.header("authorization")))
    });
    let api = api.await;
    let secret = Secret::new("s3cr3t-t0k3n".to_owned());
    for auth in [Auth::bearer(&secret).unwrap(), Auth::basic("ada", &secret).unwrap()] {
        let client = Client::new(&quick().with_retries(0), auth).unwrap();
        for (code, kind) in [
            (400, ErrorKind::InvalidRequest),
            (401, ErrorKind::Unauthenticated),
            (403, ErrorKind::PermissionDenied),
            (404, ErrorKind::NotFound),
            (429, ErrorKind::RateLimited),
            (502, ErrorKind::Unavailable),
        ] {
            let url = api.url(&format!("/{code}"));
            let error =
                client.get(&url).secret_query("key", &secret).query("page", 7).send().await.unwrap_err();
            assert_eq!(error.kind(), kind);
            let text = format!("{error} {error:?} {} {client:?}", error.causes());
            for hidden in ["s3cr3t", "YWRhOn"] {
                assert!(!text.contains(hidden), "{text} has {hidden}");
            }
            let begins = format!("GET {}?page=7&key=***: {code} ", api.url(&format!("/{code}")));
            assert!(error.to_string().starts_with(&begins), "{error}");
        }
    }
}

#[tokio::test]
async fn an_answer_without_end_is_refused_and_not_held() {
    let sent = Arc::new(AtomicU64::new(0));
    let counted = sent.clone();
    let api = Api::serve(move |asked, _| match asked.path.as_str() {
        // The length is not promised: it is found while the answer comes.
        "/streamed" => huge(1024, &counted),
        _ => {
            let mut response = huge(1024, &counted);
            response.headers_mut().insert("content-length", (1u64 << 30).into());
            response
        }
    });
    let api = api.await;
    let client = Client::new(&quick().with_max_body(1 << 20), Auth::none()).unwrap();
    for path in ["/streamed", "/promised"] {
        let error = get(&client, &api.url(path)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Exhausted);
        let text = error.to_string();
        assert!(
            text.contains("more than 1MiB") && text.contains("`max_body`") && text.contains(path),
            "{text}"
        );
    }
    assert_eq!(api.asked().len(), 2);
    // Of two GiB only what sockets hold was ever made.
    assert!(sent.load(Ordering::Relaxed) < 128 << 20, "{} bytes were sent", sent.load(Ordering::Relaxed));
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_left() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let config = quick().with_retries(1).with_timeout(Duration::from_millis(50));
    let error = get(&Client::new(&config, Auth::none()).unwrap(), &url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(
        error.to_string().contains("`timeout`") && error.to_string().contains("tried 2 times"),
        "{error}"
    );
}

#[tokio::test]
async fn https_to_a_server_without_it_is_no_connection() {
    let api = Api::serve(|_, _| json(&json!([]))).await;
    let url = api.url("/").replace("http://", "https://");
    let error = get(&client(), &url).await.unwrap_err();
    assert_eq!((error.kind(), api.asked().len()), (ErrorKind::Unavailable, 0), "{error}");
}

#[tokio::test]
async fn redirects_stay_with_the_server() {
    let other = Api::serve(|_, _| json(&json!("stolen"))).await;
    let elsewhere = other.url("/");
    let api = Api::serve(move |asked, _| match asked.path.as_str() {
        "/here" => moved("/there"),
        "/away" => moved(&elsewhere),
        "/round" => moved("/round"),
        _ => json(&json!(asked.header("x-key").is_some())),
    });
    let api = api.await;
    let key = Auth::api_key("x-key".parse().unwrap(), &Secret::new("k".to_owned())).unwrap();
    let client = Client::new(&quick(), key).unwrap();
    assert_eq!(get(&client, &api.url("/here")).await.unwrap(), true);
    for path in ["/away", "/round"] {
        let error = get(&client, &api.url(path)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(error.to_string().contains("307"), "{error}");
    }
    assert!(other.asked().is_empty());
}

#[tokio::test]
async fn what_is_no_json_is_told_with_how_it_begins() {
    let api = Api::serve(|asked, _| match asked.path.as_str() {
        "/empty" => status(200, ""),
        _ => status(200, "<!DOCTYPE html>\n<html>"),
    });
    let api = api.await;
    let error = get(&client(), &api.url("/page")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    assert!(error.to_string().contains("it begins: <!DOCTYPE html> <html>"), "{error}");
    let error = get(&client(), &api.url("/empty")).await.unwrap_err();
    assert!(error.to_string().contains("is empty, not JSON"), "{error}");
}

#[tokio::test]
async fn requests_wait_for_their_rate_repetitions_too() {
    let api = Api::serve(|_, before| if before % 2 == 0 { status(503, "") } else { json(&json!([])) }).await;
    let client = Client::new(&quick().with_requests_per_second(50.0), Auth::none()).unwrap();
    let started = Instant::now();
    for _ in 0..5 {
        get(&client, &api.url("/")).await.unwrap();
    }
    assert_eq!(api.asked().len(), 10);
    // Nine gaps of a fiftieth of a second; a slow machine only takes longer.
    assert!(started.elapsed() >= Duration::from_millis(180));
}

#[tokio::test]
async fn logs_have_the_requests_and_no_secret() {
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);
    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let api =
        Api::serve(|_, before| if before == 0 { status(503, "s3cr3t") } else { json(&json!([])) }).await;
    let secret = Secret::new("s3cr3t".to_owned());
    let client = Client::new(&quick(), Auth::bearer(&secret).unwrap()).unwrap();
    client.get(&api.url("/items")).query("offset", 5).secret_query("key", &secret).send().await.unwrap();
    let logged = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("/items?offset=5&key=***") && logged.contains("status=200"), "{logged}");
    assert!(logged.contains("request is repeated"), "{logged}");
    let ours: Vec<_> = logged.lines().filter(|line| line.contains("flexconnect_http")).collect();
    assert!(ours.len() == 2 && !ours.join("").contains("s3cr3t"), "{logged}");
}
