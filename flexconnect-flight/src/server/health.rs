//! `grpc.health.v1`: whether the server, its Flight service and each of its tables are serving.

use tonic::server::NamedService;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};

use crate::service::FlightService;

/// What is said of the server's health. The names are the empty one for all of it, the Flight service's, and for each
/// table its path, joined by `/`.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    reporter: HealthReporter,
    names: Vec<String>,
}

impl Health {
    /// Nothing is serving yet.
    pub(crate) async fn of(service: &FlightService) -> Self {
        let tables = service.plugin().mounted();
        let tables = tables.iter().map(|entry| entry.path().join("/"));
        let names = [String::new(), FlightService::NAME.to_owned()].into_iter().chain(tables).collect();
        let health = Health { reporter: HealthReporter::new(), names };
        health.set_all(ServingStatus::NotServing).await;
        health
    }

    /// The service that says it.
    pub(crate) fn server(&self) -> HealthServer<HealthService> {
        HealthServer::new(HealthService::from_health_reporter(self.reporter.clone()))
    }

    /// The table at this path can be used, or cannot.
    pub(crate) async fn set_table(&self, path: &[String], serving: bool) {
        self.reporter.set_service_status(path.join("/"), status(serving)).await;
    }

    /// The server as such, and its Flight service.
    pub(crate) async fn set_server(&self, serving: bool) {
        for name in &self.names[..2] {
            self.reporter.set_service_status(name, status(serving)).await;
        }
    }

    /// Nothing is serving any more.
    pub(crate) async fn none(&self) {
        self.set_all(ServingStatus::NotServing).await;
    }

    /// Ends the streams of those who watch, who would else keep their connections.
    pub(crate) async fn close(mut self) {
        for name in &self.names {
            self.reporter.clear_service_status(name).await;
        }
    }

    async fn set_all(&self, status: ServingStatus) {
        for name in &self.names {
            self.reporter.set_service_status(name, status).await;
        }
    }
}

fn status(serving: bool) -> ServingStatus {
    if serving { ServingStatus::Serving } else { ServingStatus::NotServing }
}
