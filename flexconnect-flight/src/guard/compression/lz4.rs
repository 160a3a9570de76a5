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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};

    use super::*;

    /// Long enough for several blocks, with parts that repeat from one block to the next and parts that do not.
    fn data() -> Vec<u8> {
        let noise = |number: u32| number.wrapping_mul(2_654_435_761).rotate_left(number % 32).to_le_bytes();
        (0..50_000_u32)
            .flat_map(|number| noise(if number % 3 == 0 { number } else { number % 20_000 }))
            .collect()
    }

    fn framed(data: &[u8], info: FrameInfo) -> Vec<u8> {
        let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(frame: &[u8], length: usize) -> Option<Vec<u8>> {
        let mut room = vec![0; length];
        unpack(frame, &mut room).ok().map(|()| room)
    }

    #[test]
    fn every_kind_of_frame_unpacks() {
        let data = data();
        for mode in [BlockMode::Linked, BlockMode::Independent] {
            for (checksums, size) in [(false, None), (true, Some(data.len() as u64))] {
                let info =
                    FrameInfo::new().block_mode(mode).block_size(BlockSize::Max64KB).content_size(size);
                let frame = framed(&data, info.block_checksums(checksums).content_checksum(checksums));
                assert!(unpacked(&frame, data.len()).is_some_and(|unpacked| unpacked == data), "{mode:?}");
            }
        }
    }

    #[test]
    fn a_length_that_lies_and_a_frame_that_ends_are_errors() {
        let data = &data()[..3000];
        for info in [FrameInfo::new(), FrameInfo::new().content_size(Some(3000))] {
            let frame = framed(data, info);
            for length in [0, 1, 2999, 3001, 70_000] {
                assert!(unpacked(&frame, length).is_none(), "{length}");
            }
            for end in 0..frame.len() - 4 {
                assert!(unpacked(&frame[..end], 3000).is_none(), "{end}");
            }
        }
    }
}
