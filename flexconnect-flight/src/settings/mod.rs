//! Settings from files: a reader for any configuration, and the settings of a server.
//!
//! [`Document`] reads TOML files, merges them and puts variables in; [`ServerSettings`] are those of a
//! [`Server`](crate::Server), made by [`Server::from_settings`](crate::Server::from_settings). [`documented`] prints
//! every key there is, with its meaning and its default.
//!
//! ```no_run
//! use flexconnect_core::Plugin;
//! use flexconnect_flight::Server;
//! use flexconnect_flight::settings::{Document, ServerSettings};
//!
//! # async fn example() -> flexconnect_core::Result<()> {
//! let settings: ServerSettings = Document::new().with_file("server.toml").read()?;
//! let server = Server::from_settings(Plugin::new("samples", "1.0.0"), &settings)?;
//! server.serve(&settings.listen).await
//! # }
//! ```

mod document;
mod documented;
mod origin;
mod overrides;
mod toml;

mod limits;
#[cfg(feature = "logging")]
mod log;
mod server;

mod apply;

pub use document::Document;
pub use documented::documented;
#[cfg(any(feature = "lz4", feature = "zstd"))]
pub use limits::CompressionSetting;
pub use limits::{LimitSettings, MessageSettings};
#[cfg(feature = "logging")]
pub use log::{LogFormatSetting, LogSettings};
pub use server::{
    AccessSetting, CertificateNameSetting, ClientCertificateSettings, PermissionSetting, ReadySetting,
    ServerSettings, TableSettings, TicketSettings, TlsSettings,
};
