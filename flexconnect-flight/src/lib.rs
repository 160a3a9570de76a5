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
mod life;
mod limits;
mod locations;
mod severed;
mod signals;
mod slots;
mod status;
mod trace_context;

mod metrics;

pub mod identity;
#[cfg(feature = "tls")]
pub mod tls;

mod listen;

mod command;
#[cfg(any(feature = "lz4", feature = "zstd"))]
mod compression;
mod framing;
pub mod guard;

mod body;
mod decode;
mod encode;
mod unary;

mod lease;
mod lookout;
mod traffic;
mod until;

mod call;
#[cfg(feature = "otel")]
pub mod otel;
mod report;

mod answer;
mod running;
mod tables;

mod gate;

mod plan;

mod client;
mod get;
mod info;
mod poll;
mod put;

mod control;

mod action;

mod verbs;

mod service;

mod health;

mod http_port;
mod pages;
mod readiness;

mod bound;
mod guarded;

mod server;

#[cfg(feature = "conformance")]
pub mod conformance;

#[cfg(feature = "gooddata")]
pub mod gooddata;

#[cfg(feature = "logging")]
pub mod logging;

#[cfg(feature = "settings")]
pub mod settings;

#[doc(hidden)]
pub mod fuzz;

pub use bound::Bound;
pub use client::{Client, ClientOptions, Info, Listed, Reading};
pub use command::Command;
#[cfg(any(feature = "lz4", feature = "zstd"))]
pub use compression::Compression;
pub use guarded::Guarded;
pub use keys::Keys;
pub use limits::ServiceLimits;
pub use metrics::Metrics;
pub use readiness::ReadyWhen;
pub use server::Server;
pub use service::FlightService;
pub use status::{Dialect, PlainDialect, Verb, status_with_code};
