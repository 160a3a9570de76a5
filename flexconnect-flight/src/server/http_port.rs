//! A small HTTP server for probes and for who collects metrics: GET and HEAD only, one request on a connection, and a
//! bound on everything.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// So many connections are served at a time; more are closed at once.
const CONNECTIONS: usize = 64;
/// How long a connection may take from its beginning to its end.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest request, with its headers.
const REQUEST: usize = 8 << 10;
/// How long to wait when the system gives no connection.
const BREATH: Duration = Duration::from_millis(100);

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) text: String,
}

impl Page {
    /// A line of plain text.
    pub(crate) fn line(status: StatusCode, line: &str) -> Self {
        Page { text: format!("{line}\n"), ..Page::empty(status) }
    }

    /// A status alone.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Page { status, content_type: "text/plain; charset=utf-8", text: String::new() }
    }

    /// What a method is told that is not known here.
    pub(crate) fn other_method() -> Self {
        Page::line(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered")
    }
}

/// Answers for as long as it is polled. `page` gives the page at a path, if there is one.
/// Whoever uses another method than GET or HEAD is answered with `other_method`.
pub(crate) async fn serve(
    listener: TcpListener,
    other_method: Page,
    page: impl Fn(&str) -> Option<Page> + Send + Sync + 'static,
) {
    let page = Arc::new(page);
    // Its connections end with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() < CONNECTIONS => {
                    connections.spawn(connection(stream, other_method.clone(), page.clone()));
                }
                Ok(_) => tracing::debug!("too many connections at the HTTP port, one is closed"),
                Err(error) => {
                    tracing::warn!(%error, "no connection at the HTTP port");
                    sleep(BREATH).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(
    stream: TcpStream,
    other_method: Page,
    page: Arc<impl Fn(&str) -> Option<Page> + Send + Sync + 'static>,
) {
    let service = service_fn(move |request| {
        let response = answer(&request, &other_method, &*page);
        async { Ok::<_, Infallible>(response) }
    });
    let serving = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(REQUEST)
        .serve_connection(TokioIo::new(stream), service);
    match timeout(PATIENCE, serving).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a request at the HTTP port failed"),
        Err(_) => tracing::debug!("a request at the HTTP port took too long"),
    }
}

fn answer(
    request: &Request<Incoming>,
    other_method: &Page,
    page: &impl Fn(&str) -> Option<Page>,
) -> Response<String> {
    let known = matches!(*request.method(), Method::GET | Method::HEAD);
    let page = match page(request.uri().path()) {
        None => Page::line(StatusCode::NOT_FOUND, "there is no such page"),
        Some(_) if !known => other_method.clone(),
        Some(page) => page,
    };
    let mut response = Response::new(page.text);
    *response.status_mut() = page.status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(page.content_type));
    if page.status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}
