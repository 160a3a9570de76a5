//! Batches as messages of Flight, and messages as the bodies of HTTP.

pub(crate) mod body;
#[cfg(any(feature = "lz4", feature = "zstd"))]
pub(crate) mod compression;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod framing;
pub(crate) mod pieces;
pub(crate) mod unary;
