//! What a connector of an HTTP API needs, and should not have to write again.
//!
//! ```no_run
//! use flexconnect_core::{Config, Connector, JsonRow, Page, Plugin, ReadRequest, Result, Rows};
//! use flexconnect_core::arrow_schema::SchemaRef;
//! use flexconnect_http::{AuthConfig, Client, ClientConfig, Cursor, DataPath, Pagination};
//!
//! #[derive(Config)]
//! struct CitiesConfig {
//!     /// Where the API is.
//!     #[config(default = "https://api.example.com")]
//!     base_url: String,
//!     #[config(default)]
//!     auth: AuthConfig,
//!     #[config(default)]
//!     http: ClientConfig,
//! }
//!
//! /// `GET /cities?page=1&per_page=100`, which answers `{"data": {"cities": [..]}}`.
//! struct Cities {
//!     client: Client,
//!     url: String,
//!     pages: Pagination,
//!     data: DataPath,
//! }
//!
//! impl Connector for Cities {
//!     const NAME: &'static str = "cities";
//!     type Config = CitiesConfig;
//!     type Row = JsonRow;
//!
//!     async fn init(config: CitiesConfig, _shared: &()) -> Result<Self> {
//!         Ok(Cities {
//!             client: Client::new(&config.http, config.auth.auth()?)?,
//!             url: format!("{}/cities", config.base_url),
//!             pages: Pagination::page_number(100).with_first(1),
//!             data: DataPath::parse("data.cities")?,
//!         })
//!     }
//!
//!     async fn get_read_schema(&self) -> Result<Option<SchemaRef>> {
//!         Ok(None)
//!     }
//!
//!     fn generate_rows(&self, _request: ReadRequest) -> Rows<'_, JsonRow> {
//!         Rows::pages(self.pages.first(), |cursor| self.page(cursor))
//!     }
//! }
//!
//! impl Cities {
//!     async fn page(&self, cursor: Cursor) -> Result<Page<Vec<JsonRow>, Cursor>> {
//!         let answer = self.pages.ask(self.client.get(&self.url), &cursor).send().await?;
//!         Ok(self.pages.page(&cursor, &answer, &self.data)?)
//!     }
//! }
//!
//! let plugin = Plugin::new("cities", "1.0.0").connector::<Cities>();
//! ```
//!
//! - A [`Client`] is one pool of connections with [`Auth`], a rate that is never exceeded, repetitions of what is safe to
//!   repeat (with growing, random waits, and as the server asks with `Retry-After`), a limit on time and on the size of
//!   an answer. [`ClientConfig`] and [`AuthConfig`] derive `Config`: a connector embeds them.
//! - A [`Request`] is sent and becomes an [`Answer`], or an error that says method, URL, status and how the body begins,
//!   of the [kind](Request::send) that fits; no secret is in it, whoever repeats it.
//! - [`Pagination`] walks pages and finds those that would never end; [`DataPath`] leads to the rows of an answer.
//! - With the feature `write`, `json_array` turns batches into the JSON that is sent.
//!
//! A client goes wherever its URL says. Who lets others configure the URL lets them reach what the process can reach:
//! `Plugin::mount` fixes it.
//!
//! Features: `tls` (on by default) for `https`, `gzip` for compressed answers, `write`.
#![forbid(unsafe_code)]

mod base_url;
mod config;
mod data_path;
mod fault;
mod rate;
#[cfg(feature = "tls")]
mod tls;

mod auth;
mod retry;

mod answer;

mod client;
mod request;

mod pagination;

#[cfg(feature = "write")]
mod json;

pub use answer::Answer;
pub use auth::{Auth, AuthConfig, AuthType, NotHeader};
pub use base_url::{BaseUrl, NotBaseUrl};
pub use client::Client;
pub use config::ClientConfig;
pub use data_path::{DataPath, NotDataPath};
#[cfg(feature = "write")]
pub use json::json_array;
pub use pagination::{Cursor, Pagination, PaginationType};
pub use request::Request;

pub use reqwest::header;
pub use reqwest::{Method, StatusCode};

/// The README's program compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
