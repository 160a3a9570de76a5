//! Serve any flexconnect connector over Arrow Flight.
//!
//! ```no_run
//! use flexconnect_core::{Config, Connector, Plugin, ReadRequest, Result, Rows, Table};
//! use flexconnect_flight::Server;
//!
//! /// A greeting for one person.
//! #[derive(Table)]
//! struct Greeting { text: String, letters: u64 }
//!
//! #[derive(Config)]
//! struct HelloConfig {
//!     /// Whom to greet.
//!     #[config(default = ["world"])]
//!     names: Vec<String>,
//! }
//!
//! struct Hello(HelloConfig);
//!
//! impl Connector for Hello {
//!     const NAME: &'static str = "hello";
//!     type Config = HelloConfig;
//!     type Row = Greeting;
//!
//!     async fn init(config: HelloConfig, _shared: &()) -> Result<Self> { Ok(Hello(config)) }
//!
//!     fn generate_rows(&self, _request: ReadRequest) -> Rows<'_, Greeting> {
//!         Rows::iter(self.0.names.iter().map(|name| Greeting {
//!             letters: name.chars().count() as u64,
//!             text: format!("Hello, {name}!"),
//!         }))
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<()> {
//!     let plugin = Plugin::new("hello", env!("CARGO_PKG_VERSION")).connector::<Hello>();
//!     Server::new(plugin).serve("127.0.0.1:8815").await
//! }
//! ```
//!
//! [`Server`] runs a plugin alone, [`FlightService`] mounts it in a tonic server beside others. [`Client`] and
//! [`Command`] are the same protocol from the other side; every other Flight client can speak it too.

#![forbid(unsafe_code)]

mod keys;
mod limits;
mod locations;
mod status;

mod insight;

pub mod identity;
#[cfg(feature = "tls")]
pub mod tls;

mod listen;

mod command;
pub mod guard;
mod wire;

mod call;

mod client;
mod verbs;

mod service;

mod server;

#[cfg(feature = "conformance")]
pub mod conformance;

#[cfg(feature = "gooddata")]
pub mod gooddata;

#[cfg(feature = "settings")]
pub mod settings;

#[doc(hidden)]
pub mod fuzz;

pub use client::{Client, ClientOptions, Endpoint, Info, Listed, Reading};
pub use command::Command;
#[cfg(feature = "logging")]
pub use insight::logging;
pub use insight::metrics::Metrics;
#[cfg(feature = "otel")]
pub use insight::otel;
pub use keys::Keys;
pub use limits::ServiceLimits;
pub use server::Server;
pub use server::bound::Bound;
pub use server::guarded::Guarded;
pub use server::readiness::ReadyWhen;
pub use service::FlightService;
pub use status::{Dialect, PlainDialect, Verb, status_with_code};
#[cfg(any(feature = "lz4", feature = "zstd"))]
pub use wire::compression::Compression;
