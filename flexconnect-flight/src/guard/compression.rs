//! Compressed bodies: unpacked into one allocation whose size was checked before, then a message as if it had never
//! been compressed. Arrow's own way would believe the length a buffer declares.

use arrow_buffer::{Buffer, MutableBuffer};
use arrow_ipc::{
    BodyCompressionMethod, CompressionType, DictionaryBatch, DictionaryBatchArgs, Message, MessageArgs,
    RecordBatch, RecordBatchArgs,
};
use flatbuffers::FlatBufferBuilder;
use flexconnect_core::Error;

use super::fault::malformed;
use super::part::{Packing, Part};

#[cfg(feature = "lz4")]
mod lz4;
#[cfg(feature = "zstd")]
mod zstd;

/// Where an unpacked buffer may begin.
const ALIGNMENT: usize = 64;

/// How a body is compressed; what this build can unpack.
#[derive(Debug, Clone, Copy)]
pub(super) enum Codec {
    #[cfg(feature = "lz4")]
    Lz4,
    #[cfg(feature = "zstd")]
    Zstd,
}

impl Codec {
    /// What a batch says of its body.
    pub(super) fn of(batch: RecordBatch<'_>) -> Result<Option<Self>, Error> {
        let Some(compression) = batch.compression() else { return Ok(None) };
        if compression.method() != BodyCompressionMethod::BUFFER {
            return Err(malformed("its body is compressed in a way that Arrow does not know"));
        }
        match compression.codec() {
            #[cfg(feature = "lz4")]
            CompressionType::LZ4_FRAME => Ok(Some(Codec::Lz4)),
            #[cfg(feature = "zstd")]
            CompressionType::ZSTD => Ok(Some(Codec::Zstd)),
            #[cfg(not(feature = "lz4"))]
            CompressionType::LZ4_FRAME => Err(not_built("LZ4", "lz4")),
            #[cfg(not(feature = "zstd"))]
            CompressionType::ZSTD => Err(not_built("Zstandard", "zstd")),
            CompressionType(other) => Err(malformed(format!("there is no compression of number {other}"))),
        }
    }

    /// The message and its body, not compressed.
    pub(super) fn unpack(
        self,
        message: &Message<'_>,
        batch: RecordBatch<'_>,
        body: &[u8],
        parts: &[Part],
    ) -> Result<(Vec<u8>, Buffer), Error> {
        let mut places = Vec::with_capacity(parts.len());
        let mut length = 0;
        for part in parts {
            places.push(arrow_ipc::Buffer::new(signed(length), signed(part.unpacked)));
            length += part.unpacked.next_multiple_of(ALIGNMENT);
        }
        let mut unpacked = MutableBuffer::from_len_zeroed(length);
        let mut rest = unpacked.as_slice_mut();
        let mut unpacker = self.unpacker()?;
        for part in parts {
            let (room, after) = rest.split_at_mut(part.unpacked.next_multiple_of(ALIGNMENT));
            let (room, bytes) = (&mut room[..part.unpacked], part.bytes(body));
            match part.packing {
                Packing::Plain | Packing::Prefixed => room.copy_from_slice(bytes),
                Packing::Compressed => unpacker(bytes, room)?,
            }
            rest = after;
        }
        Ok((header(message, batch, &places, length), unpacked.into()))
    }

    /// What fills a room with what some bytes unpack to, exactly.
    fn unpacker(self) -> Result<Unpacker, Error> {
        match self {
            #[cfg(feature = "lz4")]
            Codec::Lz4 => Ok(Box::new(lz4::unpack)),
            #[cfg(feature = "zstd")]
            Codec::Zstd => zstd::unpacker(),
        }
    }
}

type Unpacker = Box<dyn FnMut(&[u8], &mut [u8]) -> Result<(), Error>>;

/// The header of the same batch over other buffers.
fn header(
    message: &Message<'_>,
    batch: RecordBatch<'_>,
    places: &[arrow_ipc::Buffer],
    length: usize,
) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let nodes: Vec<_> = batch.nodes().into_iter().flatten().copied().collect();
    let nodes = builder.create_vector(&nodes);
    let buffers = builder.create_vector(places);
    let counts: Option<Vec<i64>> = batch.variadicBufferCounts().map(|counts| counts.iter().collect());
    let counts = counts.map(|counts| builder.create_vector(&counts));
    let batch = RecordBatchArgs {
        length: batch.length(),
        nodes: Some(nodes),
        buffers: Some(buffers),
        compression: None,
        variadicBufferCounts: counts,
    };
    let batch = RecordBatch::create(&mut builder, &batch);
    let header = match message.header_as_dictionary_batch() {
        None => batch.as_union_value(),
        Some(dictionary) => {
            let dictionary =
                DictionaryBatchArgs { id: dictionary.id(), data: Some(batch), isDelta: dictionary.isDelta() };
            DictionaryBatch::create(&mut builder, &dictionary).as_union_value()
        }
    };
    let message = MessageArgs {
        version: message.version(),
        header_type: message.header_type(),
        header: Some(header),
        bodyLength: signed(length),
        custom_metadata: None,
    };
    let message = Message::create(&mut builder, &message);
    builder.finish(message, None);
    builder.finished_data().to_vec()
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).expect("a length of bytes in memory")
}

#[cfg(any(feature = "lz4", feature = "zstd"))]
fn does_not_unpack(reason: impl std::fmt::Display) -> Error {
    malformed(format!("a compressed buffer does not unpack to the length it declares: {reason}"))
}

#[cfg(not(all(feature = "lz4", feature = "zstd")))]
fn not_built(name: &str, feature: &str) -> Error {
    let message = format!(
        "the columns come compressed with {name}, which is not taken here; send them uncompressed, or build \
         flexconnect-flight with its feature `{feature}`"
    );
    Error::new(flexconnect_core::ErrorKind::Unsupported, message)
}

#[cfg(test)]
mod tests {
    use arrow_ipc::{BodyCompression, BodyCompressionArgs, root_as_message};

    use super::*;

    /// What the codec of this number says of a batch without columns.
    fn codec(codec: i8, method: BodyCompressionMethod) -> Result<bool, Error> {
        let mut builder = FlatBufferBuilder::new();
        let compression = BodyCompressionArgs { codec: CompressionType(codec), method };
        let compression = Some(BodyCompression::create(&mut builder, &compression));
        let batch = RecordBatch::create(&mut builder, &RecordBatchArgs { compression, ..Default::default() });
        let message = MessageArgs {
            version: arrow_ipc::MetadataVersion::V5,
            header_type: arrow_ipc::MessageHeader::RecordBatch,
            header: Some(batch.as_union_value()),
            ..Default::default()
        };
        let message = Message::create(&mut builder, &message);
        builder.finish(message, None);
        let message = root_as_message(builder.finished_data()).unwrap();
        Ok(Codec::of(message.header_as_record_batch().unwrap())?.is_some())
    }

    #[test]
    fn what_this_build_does_not_unpack_is_refused_with_the_way_out() {
        let built = [cfg!(feature = "lz4"), cfg!(feature = "zstd")];
        for (number, name) in [(0, "lz4"), (1, "zstd")] {
            match codec(number, BodyCompressionMethod::BUFFER) {
                Ok(compressed) => assert!(compressed && built[number as usize]),
                Err(error) => {
                    assert!(!built[number as usize], "{error}");
                    assert_eq!(error.kind(), flexconnect_core::ErrorKind::Unsupported);
                    assert!(error.to_string().contains(&format!("feature `{name}`")), "{error}");
                }
            }
        }
    }

    #[test]
    fn what_nobody_knows_is_malformed() {
        for result in [codec(2, BodyCompressionMethod::BUFFER), codec(0, BodyCompressionMethod(1))] {
            assert_eq!(result.unwrap_err().kind(), flexconnect_core::ErrorKind::InvalidRequest);
        }
    }
}
