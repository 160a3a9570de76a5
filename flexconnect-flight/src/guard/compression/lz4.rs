//! LZ4 in its frame format, unpacked straight to where it is wanted: the frame says how large its blocks may be, and
//! a decoder that believes it would make room for 8 MiB to unpack ten bytes.
//!
//! The checksums a frame may have are passed over; the transport has its own.

use flexconnect_core::Error;
use lz4_flex::block::decompress_into_with_dict;

use super::does_not_unpack;

const MAGIC: [u8; 4] = 0x184D_2204_u32.to_le_bytes();
/// How far back a block may reach into those before it.
const WINDOW: usize = 64 << 10;
/// The bit of a block's length that says that it is not compressed.
const PLAIN: u32 = 1 << 31;

/// The flags of a frame.
const VERSION: u8 = 0b1100_0000;
const VERSION_1: u8 = 0b0100_0000;
const BLOCK_CHECKSUM: u8 = 0b0001_0000;
const CONTENT_SIZE: u8 = 0b0000_1000;
const DICTIONARY: u8 = 0b0000_0001;

/// Fills the room with what one frame unpacks to.
pub(super) fn unpack(frame: &[u8], room: &mut [u8]) -> Result<(), Error> {
    let mut frame = Bytes(frame);
    if frame.take::<4>()? != MAGIC {
        return Err(does_not_unpack("it is not an LZ4 frame"));
    }
    let [flags, _block_size] = frame.take()?;
    if flags & VERSION != VERSION_1 || flags & DICTIONARY != 0 {
        return Err(does_not_unpack("its LZ4 frame is of a kind that is not taken"));
    }
    if flags & CONTENT_SIZE != 0 && u64::from_le_bytes(frame.take()?) != room.len() as u64 {
        return Err(does_not_unpack("its frame has another length"));
    }
    let [_checksum] = frame.take()?;
    let mut filled = 0;
    loop {
        let header = u32::from_le_bytes(frame.take()?);
        if header == 0 {
            break;
        }
        let block = frame.slice((header & !PLAIN) as usize)?;
        filled += if header & PLAIN != 0 {
            let rest = room[filled..].get_mut(..block.len());
            rest.ok_or_else(|| does_not_unpack("there is more"))?.copy_from_slice(block);
            block.len()
        } else {
            let (before, rest) = room.split_at_mut(filled);
            let window = &before[before.len().saturating_sub(WINDOW)..];
            decompress_into_with_dict(block, rest, window).map_err(does_not_unpack)?
        };
        if flags & BLOCK_CHECKSUM != 0 {
            frame.take::<4>()?;
        }
    }
    match room.len() - filled {
        0 => Ok(()),
        _ => Err(does_not_unpack(format!("{filled} bytes in place of {}", room.len()))),
    }
}

/// What is left of a frame.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(cut_short)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn slice(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(cut_short)?;
        self.0 = rest;
        Ok(taken)
    }
}

fn cut_short() -> Error {
    does_not_unpack("its LZ4 frame is cut short")
}
