//! How a lesson serves its tables, so that each can be run, and tested, by itself.

use flexconnect_core::{Plugin, Result};
use flexconnect_flight::Server;
use flexconnect_flight::logging::Logging;

/// Serves the plugin until the process is asked to stop, and prints where.
///
/// That is `127.0.0.1:8815`, or what the environment variable `LISTEN` says: with port 0 any free
/// port. Reads and writes are logged to stderr; `RUST_LOG` says how much.
///
/// # Errors
/// When the address is taken or is none, and when the plugin is not put together well.
pub async fn serve(plugin: impl Into<Plugin>) -> Result<()> {
    Logging::text().init()?;
    let address = std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8815".into());
    let server = Server::new(plugin).bind(&address).await.map_err(|error| format!("{address}: {error}"))?;
    #[expect(clippy::print_stdout, reason = "whoever started the program wants to know")]
    {
        println!("listening on {}", server.local_addr());
    }
    Ok(server.serve().await?)
}
