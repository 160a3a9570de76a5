//! What the HTTP ports show: whether the server lives and is ready, and what it counts.

use http::StatusCode;

use super::figures::CONTENT_TYPE;
use super::service::Service;
use crate::server::http_port::Page;

/// `/ready` and `/live`, which say it by their status alone.
pub(crate) fn probe(service: &Service, path: &str) -> Option<Page> {
    let is_well = match path {
        "/live" => service.is_live(),
        "/ready" => service.is_ready(),
        _ => return None,
    };
    let status = if is_well { StatusCode::NO_CONTENT } else { StatusCode::INTERNAL_SERVER_ERROR };
    Some(Page { status, content_type: "text/plain; charset=utf-8", text: String::new() })
}

/// What is counted, whatever the path.
pub(crate) fn metrics(service: &Service) -> Page {
    Page { status: StatusCode::OK, content_type: CONTENT_TYPE, text: service.metrics_text() }
}
