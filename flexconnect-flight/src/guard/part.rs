//! One buffer of a body: where it lies, and how long it is once it is unpacked.

use flexconnect_core::Error;

use super::fault::malformed;

/// What a compressed buffer begins with: the length it has unpacked.
pub(super) const PREFIX: usize = 8;
/// Said in place of a length: the buffer is not compressed after all.
const AS_IT_IS: i64 = -1;

/// A buffer that lies wholly within its body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) offset: usize,
    pub(super) length: usize,
    /// The length of what the columns see.
    pub(super) unpacked: usize,
    pub(super) packing: Packing,
}

/// How the bytes of a buffer lie in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// As the columns see them.
    Plain,
    /// Behind a prefix, as the columns see them.
    Prefixed,
    /// Behind a prefix, compressed.
    Compressed,
}

impl Part {
    /// The buffer at this place of the body. `compressed` is whether the message says so.
    pub(super) fn new(place: &arrow_ipc::Buffer, body: &[u8], compressed: bool) -> Result<Self, Error> {
        let outside = || {
            let (offset, length, present) = (place.offset(), place.length(), body.len());
            malformed(format!("{length} bytes at {offset} are not in its body of {present} bytes"))
        };
        let offset = usize::try_from(place.offset()).map_err(|_| outside())?;
        let length = usize::try_from(place.length()).map_err(|_| outside())?;
        let end = offset.checked_add(length).ok_or_else(outside)?;
        let bytes = body.get(offset..end).ok_or_else(outside)?;
        let (unpacked, packing) = match compressed {
            true if length > 0 => declared(bytes)?,
            _ => (length, Packing::Plain),
        };
        Ok(Part { offset, length, unpacked, packing })
    }

    /// Where it ends.
    pub(super) fn end(&self) -> usize {
        self.offset + self.length
    }

    /// Its bytes, without the prefix.
    pub(super) fn bytes<'b>(&self, body: &'b [u8]) -> &'b [u8] {
        let start = if self.packing == Packing::Plain { self.offset } else { self.offset + PREFIX };
        &body[start..self.end()]
    }
}

/// What a compressed buffer says of itself.
fn declared(bytes: &[u8]) -> Result<(usize, Packing), Error> {
    let (prefix, rest) = bytes
        .split_first_chunk::<PREFIX>()
        .ok_or_else(|| malformed("it is compressed and too short to say its length"))?;
    match i64::from_le_bytes(*prefix) {
        AS_IT_IS => Ok((rest.len(), Packing::Prefixed)),
        length => {
            let length = usize::try_from(length)
                .map_err(|_| malformed(format!("it is said to have {length} bytes when it is unpacked")))?;
            Ok((length, Packing::Compressed))
        }
    }
}
