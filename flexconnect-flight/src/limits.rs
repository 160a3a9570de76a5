//! What a server takes at once, and from one caller.

use std::time::Duration;

/// The limits of a service. All of them are on, and generous; what is above one is refused at once.
///
/// ```
/// use flexconnect_core::Plugin;
/// use flexconnect_flight::{Server, ServiceLimits};
///
/// let limits = ServiceLimits::default().with_reads_per_caller(16).with_writes_per_caller(4);
/// let server = Server::new(Plugin::new("samples", "1.0.0")).with_limits(limits);
/// ```
///
/// A caller is who the authenticator or an interceptor of the host says it is (a [`Caller`](flexconnect_core::Caller)
/// among the request's extensions), else the address the connection comes from. Those of the connection (`streams_per_connection`,
/// `handshakes`, `header_list_bytes`, the keepalive, the age) are for [`Server`](crate::Server); a host that mounts the service has its own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceLimits {
    /// DoGet calls under way, of all callers; 4,096 by default.
    pub reads: usize,
    /// DoGet calls under way, of one caller; 1,024 by default.
    pub reads_per_caller: usize,
    /// DoPut calls under way, of one caller; 64 by default.
    pub writes_per_caller: usize,
    /// GetFlightInfo and GetSchema calls under way, of one caller; 256 by default.
    pub infos_per_caller: usize,
    /// Plans of PollFlightInfo being made, of one caller; 16 by default.
    pub plans_per_caller: usize,
    /// A plan that is made within this time is told by the first poll; 1 second by default.
    pub first_poll: Duration,
    /// How long a later poll waits for news; 20 seconds by default.
    pub long_poll: Duration,
    /// A plan nobody polls for is given up after this time; 60 seconds by default.
    pub poll_lease: Duration,
    /// Bytes of a descriptor or of a listing's criteria; 64 KiB by default.
    pub descriptor_bytes: usize,
    /// Bytes of an action's body: it may carry a plan of very many endpoints; 16 MiB by default.
    pub action_bytes: usize,
    /// How long it may take to find out who calls; 10 seconds by default.
    pub authentication_timeout: Duration,
    /// Calls under way on one connection; further ones wait at the client. 256 by default.
    pub streams_per_connection: u32,
    /// Connections that have not begun to speak yet, or are in the handshake of TLS; then the one that has been silent for
    /// longest is closed for the next, and where none is, further ones wait. 256 by default.
    pub handshakes: usize,
    /// How long a connection may take to begin, and then the handshake of TLS; 10 seconds by default.
    pub handshake_timeout: Duration,
    /// Bytes of a call's headers; 16 KiB by default.
    pub header_list_bytes: u32,
    /// How often a silent connection is asked whether its peer is still there; 30 seconds by default.
    pub keepalive_interval: Duration,
    /// How long the peer may take to answer; 20 seconds by default.
    pub keepalive_timeout: Duration,
    /// How old a connection may become, give or take a tenth, so that not all clients come back at once: then its client is
    /// told to open another, and calls under way go on. For ever by default.
    pub connection_age: Option<Duration>,
    /// How long calls of a connection that is too old may go on before it is cut; for as long as they last by default.
    pub connection_age_grace: Option<Duration>,
}

impl Default for ServiceLimits {
    fn default() -> Self {
        ServiceLimits {
            reads: 4_096,
            reads_per_caller: 1_024,
            writes_per_caller: 64,
            infos_per_caller: 256,
            plans_per_caller: 16,
            first_poll: Duration::from_secs(1),
            long_poll: Duration::from_secs(20),
            poll_lease: Duration::from_secs(60),
            descriptor_bytes: 64 << 10,
            action_bytes: 16 << 20,
            authentication_timeout: Duration::from_secs(10),
            streams_per_connection: 256,
            handshakes: 256,
            handshake_timeout: Duration::from_secs(10),
            header_list_bytes: 16 << 10,
            keepalive_interval: Duration::from_secs(30),
            keepalive_timeout: Duration::from_secs(20),
            connection_age: None,
            connection_age_grace: None,
        }
    }
}

impl ServiceLimits {
    /// Takes this many DoGet calls at a time, of all callers.
    #[must_use]
    pub fn with_reads(mut self, reads: usize) -> Self {
        self.reads = reads;
        self
    }

    /// Takes this many DoGet calls of one caller at a time.
    #[must_use]
    pub fn with_reads_per_caller(mut self, reads: usize) -> Self {
        self.reads_per_caller = reads;
        self
    }

    /// Takes this many DoPut calls of one caller at a time.
    #[must_use]
    pub fn with_writes_per_caller(mut self, writes: usize) -> Self {
        self.writes_per_caller = writes;
        self
    }

    /// Takes this many GetFlightInfo and GetSchema calls of one caller at a time.
    #[must_use]
    pub fn with_infos_per_caller(mut self, infos: usize) -> Self {
        self.infos_per_caller = infos;
        self
    }

    /// Tells a plan by the first poll when it is made within `first`, lets later polls wait for news for so `long`, and
    /// gives up a plan that nobody polls for during the `lease`.
    #[must_use]
    pub fn with_polls(mut self, first: Duration, long: Duration, lease: Duration) -> Self {
        (self.first_poll, self.long_poll, self.poll_lease) = (first, long, lease);
        self
    }

    /// Makes this many plans of PollFlightInfo for one caller at a time.
    #[must_use]
    pub fn with_plans_per_caller(mut self, plans: usize) -> Self {
        self.plans_per_caller = plans;
        self
    }

    /// Takes descriptors and criteria of up to so many bytes; a JSON command has 64 KiB at most whatever is said here.
    #[must_use]
    pub fn with_descriptor_bytes(mut self, bytes: usize) -> Self {
        self.descriptor_bytes = bytes;
        self
    }

    /// Takes actions of up to so many bytes.
    #[must_use]
    pub fn with_action_bytes(mut self, bytes: usize) -> Self {
        self.action_bytes = bytes;
        self
    }

    /// Gives up finding out who calls after this time.
    #[must_use]
    pub fn with_authentication_timeout(mut self, timeout: Duration) -> Self {
        self.authentication_timeout = timeout;
        self
    }

    /// Lets this many calls be under way on one connection.
    #[must_use]
    pub fn with_streams_per_connection(mut self, streams: u32) -> Self {
        self.streams_per_connection = streams;
        self
    }

    /// Lets this many connections be about to begin, each for this long at most.
    #[must_use]
    pub fn with_handshakes(mut self, at_once: usize, timeout: Duration) -> Self {
        self.handshakes = at_once;
        self.handshake_timeout = timeout;
        self
    }

    /// Takes headers of up to so many bytes.
    #[must_use]
    pub fn with_header_list_bytes(mut self, bytes: u32) -> Self {
        self.header_list_bytes = bytes;
        self
    }

    /// Asks a silent peer this often whether it is still there, and gives it up when it does not answer for so long.
    #[must_use]
    pub fn with_keepalive(mut self, interval: Duration, timeout: Duration) -> Self {
        self.keepalive_interval = interval;
        self.keepalive_timeout = timeout;
        self
    }

    /// Lets a connection become this old, give or take a tenth, and its calls go on for so long after that. Behind a
    /// load balancer of connections, that is how servers that were added come to their share.
    ///
    /// ```
    /// use std::time::Duration;
    /// use flexconnect_flight::ServiceLimits;
    ///
    /// let half_an_hour = Duration::from_secs(30 * 60);
    /// let limits = ServiceLimits::default().with_connection_age(half_an_hour, None);
    /// ```
    #[must_use]
    pub fn with_connection_age(mut self, age: Duration, grace: impl Into<Option<Duration>>) -> Self {
        self.connection_age = Some(age);
        self.connection_age_grace = grace.into();
        self
    }
}
