//! What is configured, once for all tables.

use flexconnect_core::Config;
use flexconnect_http::{AuthConfig, BaseUrl, ClientConfig};

/// The plugin's specification.
#[derive(Debug, Config)]
pub struct Spec {
    /// Where the API is.
    pub(super) base_url: BaseUrl,
    /// How requests say who sends them.
    #[config(default)]
    pub(super) auth: AuthConfig,
    /// The number of the first thing of each table.
    #[config(default = 1)]
    pub(super) first: u64,
    /// The most things of one table: an API that invents one for every number would never end.
    #[config(default = 1_000_000, min = 1)]
    pub(super) most: u64,
    /// Time, sizes, repetitions and rate of requests, of all tables together.
    #[config(default)]
    pub(super) http: ClientConfig,
}
