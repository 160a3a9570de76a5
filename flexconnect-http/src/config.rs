//! What can be configured on a client.

use std::time::Duration;

use flexconnect_core::{ByteSize, Config};

/// How a [`Client`](crate::Client) behaves: time, sizes, repetitions and rate. Every parameter has a default.
///
/// It derives `Config`, so a connector that leaves it to its user embeds it:
///
/// ```
/// use flexconnect_core::Config;
/// use flexconnect_http::ClientConfig;
///
/// #[derive(Config)]
/// struct ApiConfig {
///     /// Where the API is.
///     base_url: String,
///     /// Time, sizes, repetitions and rate of requests.
///     #[config(default, advanced)]
///     http: ClientConfig,
/// }
///
/// let values = serde_json::json!({
///     "base_url": "https://api.example.com",
///     "http": { "requests_per_second": 5, "timeout": "10s" },
/// });
/// let config = ApiConfig::parse(values.as_object().unwrap())?;
/// assert_eq!(config.http.requests_per_second, Some(5.0));
/// # Ok::<(), flexconnect_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Config)]
#[non_exhaustive]
pub struct ClientConfig {
    /// How long one request may take, from connecting to the last byte of its answer.
    #[config(default = "30s", min = "1ms", max = "1h")]
    pub timeout: Duration,
    /// How long connecting may take.
    #[config(default = "10s", min = "1ms", max = "1h")]
    pub connect_timeout: Duration,
    /// The most bytes of one answer; a longer one is an error, and is not held.
    #[config(default = "64MiB", min = "1B")]
    pub max_body: ByteSize,
    /// How often a request that failed is repeated, where repeating is safe.
    #[config(default = 4, max = 100)]
    pub retries: u32,
    /// The wait before the first repetition. It doubles with each, and a random part is added.
    #[config(default = "500ms", min = "1ms", max = "1h")]
    pub retry_delay: Duration,
    /// The longest wait before a repetition. A server that asks for a longer one is not asked again.
    #[config(default = "1m", min = "1ms", max = "1d")]
    pub max_retry_delay: Duration,
    /// The most requests sent in a second, repetitions counted; as many as it takes when not given.
    #[config(min = 0.001, max = 1_000_000)]
    pub requests_per_second: Option<f64>,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self::parse(&serde_json::Map::new()).expect("every parameter has a default that is within its bounds")
    }
}

impl ClientConfig {
    /// Sets how long one request may take.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the most bytes of one answer.
    #[must_use]
    pub fn with_max_body(mut self, bytes: impl Into<ByteSize>) -> Self {
        self.max_body = bytes.into();
        self
    }

    /// Sets how often a request that failed is repeated.
    #[must_use]
    pub fn with_retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Sets the first and the longest wait before a repetition.
    #[must_use]
    pub fn with_retry_delays(mut self, first: Duration, longest: Duration) -> Self {
        (self.retry_delay, self.max_retry_delay) = (first, longest);
        self
    }

    /// Sets the most requests sent in a second.
    #[must_use]
    pub fn with_requests_per_second(mut self, rate: f64) -> Self {
        self.requests_per_second = Some(rate);
        self
    }
}
