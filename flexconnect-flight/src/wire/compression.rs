//! `Compression`: how the bodies of messages are made smaller.

use arrow_ipc::CompressionType;

/// How the rows a server sends are compressed. Each needs the feature of its name.
///
/// ```
/// use flexconnect_core::Plugin;
/// use flexconnect_flight::{Compression, FlightService};
///
/// let plugin = Plugin::new("samples", "1.0.0");
/// # #[cfg(feature = "lz4")]
/// let service = FlightService::new(plugin).with_compression(Compression::Lz4);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// LZ4 frames: fast.
    #[cfg(feature = "lz4")]
    Lz4,
    /// Zstandard: smaller.
    #[cfg(feature = "zstd")]
    Zstd,
}

impl Compression {
    pub(crate) fn codec(self) -> CompressionType {
        match self {
            #[cfg(feature = "lz4")]
            Compression::Lz4 => CompressionType::LZ4_FRAME,
            #[cfg(feature = "zstd")]
            Compression::Zstd => CompressionType::ZSTD,
        }
    }
}
