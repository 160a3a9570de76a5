//! A server of the test's own: it answers as told, and remembers what it was asked.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::serve::ListenerExt;
use futures::stream;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// One request that came in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    /// The query's parameters; the tests send none that need decoding.
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// A query parameter that is a number.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.query.get(name).map(|value| value.parse().unwrap())
    }
}

/// A running server; it stops when dropped.
pub(crate) struct Api {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    connections: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl Api {
    /// Starts one. The function answers a request and is told how many came before.
    pub(crate) async fn serve(answer: impl Fn(&Asked, usize) -> Response + Send + Sync + 'static) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (remembered, answer) = (asked.clone(), Arc::new(answer));
        let app = Router::new().fallback(move |request: Request| {
            let (remembered, answer) = (remembered.clone(), answer.clone());
            async move {
                let request = read(request).await;
                let before = {
                    let mut all = remembered.lock().unwrap();
                    all.push(request.clone());
                    all.len() - 1
                };
                answer(&request, before)
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = connections.clone();
        let listener = listener.tap_io(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Api { address, asked, connections, serving }
    }

    /// The URL of a path that begins with `/`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What came in so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn read(request: Request) -> Asked {
    let (head, body) = request.into_parts();
    let query = head.uri.query().unwrap_or_default();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let query = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    Asked {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: query.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        headers: head.headers,
        body: axum::body::to_bytes(body, 64 << 20).await.unwrap(),
    }
}

/// 200 with JSON.
pub(crate) fn json(value: &Value) -> Response {
    Response::builder().header("content-type", "application/json").body(value.to_string().into()).unwrap()
}

/// Any status with a body.
pub(crate) fn status(code: u16, body: &str) -> Response {
    Response::builder().status(code).body(body.to_owned().into()).unwrap()
}

/// 429, to come back after these seconds.
pub(crate) fn throttled(seconds: u64) -> Response {
    Response::builder().status(429).header("retry-after", seconds).body("slow down".into()).unwrap()
}

/// A redirect.
pub(crate) fn moved(to: &str) -> Response {
    Response::builder().status(307).header("location", to).body(Body::empty()).unwrap()
}

/// 200 with the first half of the JSON; then the connection breaks.
pub(crate) fn cut(value: &Value) -> Response {
    let text = value.to_string().into_bytes();
    let half = Bytes::copy_from_slice(&text[..text.len() / 2]);
    let body = stream::iter([Ok(half), Err(std::io::Error::other("cut"))]);
    Response::builder().body(Body::from_stream(body)).unwrap()
}

/// 200 with a JSON text of this many MiB, made while it is sent, and counted in `sent`.
pub(crate) fn huge(mebibytes: usize, sent: &Arc<AtomicU64>) -> Response {
    let sent = sent.clone();
    let chunk = Bytes::from(vec![b'x'; 1 << 20]);
    let chunks = (0..mebibytes).map(move |_| {
        sent.fetch_add(1 << 20, Ordering::Relaxed);
        Ok::<_, std::io::Error>(chunk.clone())
    });
    let first = std::iter::once(Ok(Bytes::from_static(b"[\"")));
    Response::builder().body(Body::from_stream(stream::iter(first.chain(chunks)))).unwrap()
}

/// A page of these rows, as the query asks: by `offset` and `limit`, by `page` and `per_page`, or all.
pub(crate) fn page(rows: &[Value], asked: &Asked) -> Vec<Value> {
    let (from, count) = match (asked.number("offset"), asked.number("page")) {
        (Some(offset), _) => (offset, asked.number("limit").unwrap()),
        (None, Some(page)) => (page * asked.number("per_page").unwrap(), asked.number("per_page").unwrap()),
        (None, None) => (0, rows.len()),
    };
    rows.iter().skip(from).take(count).cloned().collect()
}
