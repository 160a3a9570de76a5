//! What a server takes, as settings.

use std::time::Duration;

use flexconnect_core::{ByteSize, Config};
use serde_json::Map;

use crate::guard::Limits;
use crate::limits::ServiceLimits;
#[cfg(any(feature = "lz4", feature = "zstd"))]
use crate::wire::compression::Compression;

/// What a server takes at once, and from one caller; what is above is refused.
#[derive(Debug, Clone, Config)]
#[non_exhaustive]
pub struct LimitSettings {
    /// DoGet calls under way, of all callers.
    #[config(default = 4096, min = 1)]
    pub reads: usize,
    /// DoGet calls under way, of one caller.
    #[config(default = 1024, min = 1)]
    pub reads_per_caller: usize,
    /// DoPut calls under way, of one caller.
    #[config(default = 64, min = 1)]
    pub writes_per_caller: usize,
    /// GetFlightInfo and GetSchema calls under way, of one caller.
    #[config(default = 256, min = 1)]
    pub infos_per_caller: usize,
    /// A plan that is made within this time is told by the first poll.
    #[config(default = "1s")]
    pub first_poll: Duration,
    /// How long a later poll waits for news.
    #[config(default = "20s")]
    pub long_poll: Duration,
    /// A plan nobody polls for is given up after this time.
    #[config(default = "60s", min = "1s")]
    pub poll_lease: Duration,
    /// Plans of PollFlightInfo being made, of one caller.
    #[config(default = 16, min = 1)]
    pub plans_per_caller: usize,
    /// The largest descriptor, and the largest criteria of a listing.
    #[config(default = "64KiB")]
    pub descriptor: ByteSize,
    /// The largest body of an action: it may carry a plan of very many endpoints.
    #[config(default = "16MiB")]
    pub action: ByteSize,
    /// How long it may take to find out who calls.
    #[config(default = "10s")]
    pub authentication_timeout: Duration,
    /// Calls under way on one connection; further ones wait at the client.
    #[config(default = 256, min = 1)]
    pub streams_per_connection: u32,
    /// The largest headers of a call.
    #[config(default = "16KiB")]
    pub headers: ByteSize,
    /// Connections that have not begun to speak yet, or are in the handshake of TLS; then the one that has been silent for
    /// longest is closed for the next, and where none is, further ones wait.
    #[config(default = 256, min = 1)]
    pub handshakes: usize,
    /// How long a connection may take to begin, and then the handshake of TLS.
    #[config(default = "10s")]
    pub handshake_timeout: Duration,
    /// How often a silent connection is asked whether its peer is still there.
    #[config(default = "30s", min = "1s")]
    pub keepalive_interval: Duration,
    /// How long the peer may take to answer.
    #[config(default = "20s", min = "1s")]
    pub keepalive_timeout: Duration,
    /// How old a connection may become, give or take a tenth: then its client is told to open another, and calls under way
    /// go on. For ever if not said.
    #[config(min = "1s", placeholder = "30m")]
    pub connection_age: Option<Duration>,
    /// How long calls of a connection that is too old may go on before it is cut; for as long as they last if not said.
    #[config(placeholder = "5m")]
    pub connection_age_grace: Option<Duration>,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self::parse(&Map::new()).expect("every limit has a default")
    }
}

impl LimitSettings {
    /// The limits of a service.
    pub fn to_limits(&self) -> ServiceLimits {
        let mut limits = ServiceLimits::default()
            .with_reads(self.reads)
            .with_reads_per_caller(self.reads_per_caller)
            .with_writes_per_caller(self.writes_per_caller)
            .with_infos_per_caller(self.infos_per_caller)
            .with_plans_per_caller(self.plans_per_caller)
            .with_polls(self.first_poll, self.long_poll, self.poll_lease)
            .with_descriptor_bytes(bytes(self.descriptor))
            .with_action_bytes(bytes(self.action))
            .with_authentication_timeout(self.authentication_timeout)
            .with_streams_per_connection(self.streams_per_connection)
            .with_handshakes(self.handshakes, self.handshake_timeout)
            .with_keepalive(self.keepalive_interval, self.keepalive_timeout);
        limits.connection_age = self.connection_age;
        limits.connection_age_grace = self.connection_age_grace;
        limits.header_list_bytes = u32::try_from(self.headers.bytes()).unwrap_or(u32::MAX);
        limits
    }
}

/// How large the messages of tables may be, and what they may hold.
#[derive(Debug, Clone, Config)]
#[non_exhaustive]
pub struct MessageSettings {
    /// The largest single row that is sent; messages of more rows stay below 4 MiB.
    #[config(default = "64MiB")]
    pub sent_row: ByteSize,
    /// The largest message that is taken.
    #[config(default = "16MiB")]
    pub taken: ByteSize,
    /// How the rows that are sent are compressed. On a fast network that costs more than it saves.
    #[cfg(any(feature = "lz4", feature = "zstd"))]
    #[config(default = CompressionSetting::None)]
    pub compression: CompressionSetting,
    /// An upload that is silent for this long is given up.
    #[config(default = "60s")]
    pub upload_idle: Duration,
    /// The largest header of a message that is taken; 4 MiB, or that of the message if it is less.
    #[config(placeholder = "4MiB")]
    pub header: Option<ByteSize>,
    /// How large a compressed message may be once it is unpacked; four times `taken` if not said.
    #[config(placeholder = "64MiB")]
    pub unpacked: Option<ByteSize>,
    /// How many values a message may hold, in all columns together; 16 for each byte of `taken` if not said.
    #[config(placeholder = "268435456")]
    pub values: Option<u64>,
    /// How many columns an upload may have, the fields of nested columns too.
    #[config(default = 16_384, min = 1)]
    pub fields: usize,
    /// How many levels deep columns may nest.
    #[config(default = 32, min = 1)]
    pub nesting: usize,
    /// How large the metadata of an upload's columns may be, together.
    #[config(default = "1MiB")]
    pub metadata: ByteSize,
    /// How many dictionaries an upload may have.
    #[config(default = 1_024)]
    pub dictionaries: usize,
    /// What the dictionaries of an upload may hold together; four times `taken` if not said.
    #[config(placeholder = "64MiB")]
    pub dictionary_bytes: Option<ByteSize>,
}

/// How rows are compressed.
#[cfg(any(feature = "lz4", feature = "zstd"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Config)]
#[non_exhaustive]
pub enum CompressionSetting {
    /// Not at all.
    None,
    /// LZ4 frames: fast.
    #[cfg(feature = "lz4")]
    Lz4,
    /// Zstandard: smaller.
    #[cfg(feature = "zstd")]
    Zstd,
}

#[cfg(any(feature = "lz4", feature = "zstd"))]
impl CompressionSetting {
    /// What a service is set to; `None` for no compression.
    pub fn to_compression(self) -> Option<Compression> {
        match self {
            CompressionSetting::None => None,
            #[cfg(feature = "lz4")]
            CompressionSetting::Lz4 => Some(Compression::Lz4),
            #[cfg(feature = "zstd")]
            CompressionSetting::Zstd => Some(Compression::Zstd),
        }
    }
}

impl Default for MessageSettings {
    fn default() -> Self {
        Self::parse(&Map::new()).expect("every limit has a default")
    }
}

impl MessageSettings {
    /// The limits of uploads.
    pub fn to_limits(&self) -> Limits {
        let mut limits = Limits::for_messages_of(bytes(self.taken))
            .with_fields(self.fields)
            .with_nesting(self.nesting)
            .with_metadata_bytes(bytes(self.metadata))
            .with_dictionaries(self.dictionaries);
        limits.header_bytes = self.header.map_or(limits.header_bytes, bytes);
        limits.unpacked_bytes = self.unpacked.map_or(limits.unpacked_bytes, bytes);
        limits.values = self.values.unwrap_or(limits.values);
        limits.dictionary_bytes = self.dictionary_bytes.map_or(limits.dictionary_bytes, bytes);
        limits
    }
}

pub(super) fn bytes(size: ByteSize) -> usize {
    usize::try_from(size.bytes()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_is_as_without_settings() {
        assert_eq!(LimitSettings::default().to_limits(), ServiceLimits::default());
        assert_eq!(MessageSettings::default().to_limits(), Limits::default());
    }
}
