//! Tables inside a gRPC server that is there already: one more service beside its own.
//!
//! `cargo run --example embed` serves the health service and, to those who bring the host's token, the table
//! `random_data`. The host binds, decides who comes in and how much, and stops: nothing of flexconnect does.

use std::time::Duration;

use flexconnect_core::{Plugin, Result};
use flexconnect_examples::random_data::Random;
use flexconnect_flight::FlightService;
use tokio::net::TcpListener;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Status};

#[tokio::main]
async fn main() -> Result<()> {
    // The one part that is new: a plugin as a tonic service, with this host's limit on what it takes.
    let plugin = Plugin::new("embedded", env!("CARGO_PKG_VERSION")).connector::<Random>();
    let tables = FlightService::new(plugin).with_max_upload_message_bytes(1 << 20);

    let (_, health) = tonic_health::server::health_reporter();
    let address = std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8815".into());
    let listener = TcpListener::bind(&address).await?;
    #[expect(clippy::print_stdout, reason = "whoever started the program wants to know")]
    {
        println!("listening on {}", listener.local_addr()?);
    }
    Server::builder()
        .timeout(Duration::from_secs(30))
        .concurrency_limit_per_connection(16)
        .add_service(health)
        .add_service(InterceptedService::new(tables, has_token))
        .serve_with_incoming_shutdown(TcpIncoming::from(listener), async {
            if tokio::signal::ctrl_c().await.is_err() {
                // Without signals the process is stopped from outside, as it would be anyway.
                std::future::pending().await
            }
        })
        .await?;
    Ok(())
}

/// The host's own rule, in force for every table.
fn has_token(request: Request<()>) -> Result<Request<()>, Status> {
    match request.metadata().get("authorization") {
        Some(token) if token == "Bearer let-me-in" => Ok(request),
        _ => Err(Status::unauthenticated("send the header `authorization: Bearer let-me-in`")),
    }
}
