//! What the HTTP port shows: `/live`, `/ready` and `/metrics`.

use http::StatusCode;

use crate::call::life::Phase;
use crate::insight::metrics::CONTENT_TYPE;
use crate::server::http_port::Page;
use crate::service::FlightService;

/// Whether the process lives, and whether it should be sent calls.
pub(crate) fn probe(service: &FlightService, path: &str) -> Option<Page> {
    match path {
        "/live" => Some(Page::line(StatusCode::OK, "live")),
        "/ready" => Some(match service.life().phase() {
            Phase::Serving => Page::line(StatusCode::OK, "ready"),
            Phase::Starting => Page::line(StatusCode::SERVICE_UNAVAILABLE, "starting"),
            Phase::Draining | Phase::Stopped => Page::line(StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        }),
        _ => None,
    }
}

/// All that is counted.
pub(crate) fn metrics(service: &FlightService, path: &str) -> Option<Page> {
    (path == "/metrics").then(|| Page {
        status: StatusCode::OK,
        content_type: CONTENT_TYPE,
        text: service.metrics().to_text(),
    })
}
