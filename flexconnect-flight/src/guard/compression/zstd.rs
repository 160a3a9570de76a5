//! Zstandard.

use flexconnect_core::{Error, ErrorKind};
use zstd::bulk::Decompressor;

use super::{Unpacker, does_not_unpack};

/// Unpacks one buffer after the other with the same tables.
pub(super) fn unpacker() -> Result<Unpacker, Error> {
    let mut decompressor = Decompressor::new().map_err(|error| {
        Error::new(ErrorKind::Internal, "a compressed message cannot be unpacked").with_source(error)
    })?;
    Ok(Box::new(move |packed, room| match decompressor.decompress_to_buffer(packed, room) {
        Ok(length) if length == room.len() => Ok(()),
        Ok(length) => Err(does_not_unpack(format!("{length} bytes in place of {}", room.len()))),
        Err(error) => Err(does_not_unpack(error)),
    }))
}
