//! What the HTTP ports show: whether the server lives and is ready, and what it counts.

use http::StatusCode;

use super::figures::CONTENT_TYPE;
use super::process;
use super::service::Service;
use crate::server::http_port::Page;

/// `/ready` and `/live`, which say it by their status alone, as every other page says that there is none.
pub(crate) fn probe(service: &Service, path: &str) -> Page {
    let is_well = match path {
        "/live" => service.is_live(),
        "/ready" => service.is_ready(),
        _ => return Page::empty(StatusCode::NOT_FOUND),
    };
    Page::empty(if is_well { StatusCode::NO_CONTENT } else { StatusCode::INTERNAL_SERVER_ERROR })
}

/// What is counted, and what the system knows of the process, whatever the path.
pub(crate) fn metrics(service: &Service) -> Page {
    let text = service.metrics_text() + &process::to_text();
    Page { status: StatusCode::OK, content_type: CONTENT_TYPE, text }
}
