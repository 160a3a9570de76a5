//! What an operator can set of a GoodData server.

use std::time::Duration;

/// How a GoodData server answers; the defaults are those of the Python server, where that has them.
///
/// ```
/// use std::time::Duration;
///
/// use flexconnect_flight::gooddata::Options;
///
/// let options = Options::default()
///     .with_location("grpc://functions.example.com:17001")
///     .with_result_ttl(Duration::from_secs(120))
///     .with_held(50_000, 64 << 20);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Where clients find this very process, as a URI: `grpc://host:port`, or `grpc+tls://host:port`. What it
    /// listens at, if never said.
    pub location: Option<String>,
    /// Functions that run at a time; 32 by default.
    pub task_threads: usize,
    /// Results that are closed at a time; 2 by default.
    pub task_close_threads: usize,
    /// Invocations that wait for their turn; further ones are refused. 1,000 by default.
    pub task_queue: usize,
    /// How long a result is there after its task has finished; 60 seconds by default.
    pub result_ttl: Duration,
    /// How long an invocation may take from its submission on; 180 seconds by default.
    pub call_deadline: Duration,
    /// How long one round of polling waits; 2 seconds by default.
    pub polling_interval: Duration,
    /// A result of up to so many rows is kept, to be read any number of times; 100,000 by default.
    pub held_rows: u64,
    /// A result of up to so many bytes is kept, to be read any number of times; 16 MiB by default.
    pub held_bytes: u64,
    /// How many bytes all results together may take, those their authors want held among them; 2 GiB by default.
    pub held_total_bytes: u64,
    /// Whether the trace of a call goes on in that of its caller; not so by default.
    pub extract_context: bool,
    /// The functions served, by name; all when empty, or when none of the names is a function's.
    pub functions: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            location: None,
            task_threads: 32,
            task_close_threads: 2,
            task_queue: 1_000,
            result_ttl: Duration::from_secs(60),
            call_deadline: Duration::from_secs(180),
            polling_interval: Duration::from_secs(2),
            held_rows: 100_000,
            held_bytes: 16 << 20,
            held_total_bytes: 2 << 30,
            extract_context: false,
            functions: Vec::new(),
        }
    }
}

impl Options {
    /// Says where clients find this very process.
    #[must_use]
    pub fn with_location(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// Runs so many functions at a time, one at least, and lets so many invocations wait.
    #[must_use]
    pub fn with_tasks(mut self, threads: usize, queue: usize) -> Self {
        (self.task_threads, self.task_queue) = (threads.max(1), queue);
        self
    }

    /// Closes so many results at a time, one at least.
    #[must_use]
    pub fn with_task_close_threads(mut self, threads: usize) -> Self {
        self.task_close_threads = threads.max(1);
        self
    }

    /// Keeps results for this long.
    #[must_use]
    pub fn with_result_ttl(mut self, ttl: Duration) -> Self {
        self.result_ttl = ttl;
        self
    }

    /// Ends invocations that take longer.
    #[must_use]
    pub fn with_call_deadline(mut self, deadline: Duration) -> Self {
        self.call_deadline = deadline;
        self
    }

    /// Lets one round of polling wait this long.
    #[must_use]
    pub fn with_polling_interval(mut self, interval: Duration) -> Self {
        self.polling_interval = interval;
        self
    }

    /// Keeps results of up to so many rows and bytes.
    #[must_use]
    pub fn with_held(mut self, rows: u64, bytes: u64) -> Self {
        (self.held_rows, self.held_bytes) = (rows, bytes);
        self
    }

    /// Lets all results together take so many bytes.
    #[must_use]
    pub fn with_held_total_bytes(mut self, bytes: u64) -> Self {
        self.held_total_bytes = bytes;
        self
    }

    /// Lets the trace of a call go on in that of its caller, which the header `traceparent` names.
    #[must_use]
    pub fn with_extract_context(mut self, extract: bool) -> Self {
        self.extract_context = extract;
        self
    }

    /// Serves these functions only. Names of none, such as the Python modules of an existing configuration, are
    /// reported once and ignored.
    #[must_use]
    pub fn with_functions(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.functions = names.into_iter().map(Into::into).collect();
        self
    }
}
