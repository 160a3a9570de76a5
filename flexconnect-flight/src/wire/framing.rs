//! The bytes of a message on the wire: gRPC's prefix, FlightData's protobuf fields, then Arrow's buffers as they lie in
//! memory.

use arrow_buffer::{Buffer, MutableBuffer};
use arrow_flight::FlightData;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use flexconnect_core::{Error, ErrorKind};
use prost::Message as _;

/// gRPC's media type.
pub(crate) const CONTENT_TYPE: &str = "application/grpc";
/// DoGet's address.
pub(crate) const DO_GET: &str = "/arrow.flight.protocol.FlightService/DoGet";
/// DoPut's address.
pub(crate) const DO_PUT: &str = "/arrow.flight.protocol.FlightService/DoPut";

/// A gRPC message begins with a flag, 0 for "not compressed", and its length.
const PREFIX: usize = 5;
/// How `data_body` of FlightData begins: its field, length-delimited. Its length follows.
const BODY: [u8; 2] = [0xC2, 0x3E];
const BODY_FIELD: u64 = 1000;
const HEADER_FIELD: u64 = 2;
const METADATA_FIELD: u64 = 3;
/// Protobuf counts a message's bytes in 31 bits.
pub(crate) const LARGEST: usize = i32::MAX as usize;

/// A message up to this size leaves as one piece: copying it costs less than the frames of its buffers.
const ONE_PIECE: usize = 256 << 10;
/// In a larger message a buffer up to this size is copied beside its neighbours, for the same reason.
const JOINED: usize = 8 << 10;

/// One message of a stream of Arrow data.
#[derive(Debug, Clone, Default)]
pub(crate) struct Message {
    /// All of the message but its body, which stays empty here.
    pub(crate) fields: FlightData,
    /// Arrow's buffers one after the other, padding among them.
    pub(crate) body: Vec<Buffer>,
}

impl Message {
    /// How many bytes the message takes.
    pub(crate) fn len(&self) -> usize {
        let body = self.body_len();
        self.fields.encoded_len() + field_head(body) + body
    }

    fn body_len(&self) -> usize {
        self.body.iter().map(Buffer::len).sum()
    }

    /// The message as HTTP carries it: pieces to be sent one after the other, large buffers uncopied.
    ///
    /// Whoever makes a message larger than [`LARGEST`] refuses it before.
    pub(crate) fn into_pieces(self) -> Vec<Bytes> {
        let (body, length) = (self.body_len(), self.len());
        let one_piece = length <= ONE_PIECE;
        let room = PREFIX + if one_piece { length } else { length - body };
        let mut piece = BytesMut::with_capacity(room);
        piece.put_u8(0);
        piece.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
        self.fields.encode(&mut piece).expect("the piece grows as it is written");
        if body > 0 {
            piece.put_slice(&BODY);
            prost::encode_length_delimiter(body, &mut piece).expect("the piece grows as it is written");
        }
        let mut pieces = Vec::new();
        for buffer in self.body {
            if one_piece || buffer.len() <= JOINED {
                piece.put_slice(&buffer);
            } else {
                if !piece.is_empty() {
                    pieces.push(piece.split().freeze());
                }
                pieces.push(Bytes::from_owner(Lent(buffer)));
            }
        }
        if !piece.is_empty() {
            pieces.push(piece.freeze());
        }
        pieces
    }
}

impl From<FlightData> for Message {
    fn from(mut fields: FlightData) -> Self {
        let body = std::mem::take(&mut fields.data_body);
        Message { fields, body: if body.is_empty() { Vec::new() } else { vec![body.into()] } }
    }
}

/// The only message of a request.
pub(crate) fn request(message: &impl prost::Message) -> Bytes {
    let length = message.encoded_len();
    let mut bytes = BytesMut::with_capacity(PREFIX + length);
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    message.encode(&mut bytes).expect("the bytes grow as they are written");
    bytes.freeze()
}

/// Messages that are being received. A body is copied once, to where Arrow can use it as it lies.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    /// How large a message may be.
    largest: usize,
    /// The beginning of a message or of a field, as far as it came.
    head: Vec<u8>,
    /// How much of the message is to come; `None` between messages.
    left: Option<usize>,
    field: u64,
    /// How much of the field is to come.
    field_left: usize,
    header: Vec<u8>,
    app_metadata: Vec<u8>,
    body: MutableBuffer,
}

impl Incoming {
    pub(crate) fn new(largest: usize) -> Self {
        Incoming { largest, ..Incoming::default() }
    }

    /// Whether nothing of a message has come yet.
    pub(crate) fn is_between(&self) -> bool {
        self.left.is_none() && self.head.is_empty()
    }

    /// Takes bytes as they come, up to the end of a message.
    pub(crate) fn take(&mut self, bytes: &mut Bytes) -> Result<Option<Message>, Error> {
        loop {
            if self.left == Some(0) {
                return self.end().map(Some);
            }
            if bytes.is_empty() {
                return Ok(None);
            }
            match &mut self.left {
                Some(left) if self.field_left > 0 => {
                    let part = bytes.split_to(self.field_left.min(bytes.len()));
                    *left -= part.len();
                    self.field_left -= part.len();
                    match self.field {
                        HEADER_FIELD => self.header.extend_from_slice(&part),
                        METADATA_FIELD => self.app_metadata.extend_from_slice(&part),
                        BODY_FIELD => self.body.extend_from_slice(&part),
                        _ => {}
                    }
                }
                Some(left) => {
                    self.head.push(bytes.get_u8());
                    *left -= 1;
                    self.begin_field()?;
                }
                None => {
                    self.head.push(bytes.get_u8());
                    self.begin_message()?;
                }
            }
        }
    }

    fn begin_message(&mut self) -> Result<(), Error> {
        let Ok([compressed, length @ ..]) = <[u8; PREFIX]>::try_from(&self.head[..]) else { return Ok(()) };
        self.head.clear();
        let length = u32::from_be_bytes(length) as usize;
        if compressed != 0 {
            return Err(Error::new(
                ErrorKind::Internal,
                "a message came compressed, which was not asked for",
            ));
        }
        if length > self.largest {
            let message = format!("a message of {length} bytes came, at most {} are taken", self.largest);
            return Err(Error::new(ErrorKind::Exhausted, message));
        }
        self.left = Some(length);
        Ok(())
    }

    /// Reads a field's number, kind and length, once they are there.
    fn begin_field(&mut self) -> Result<(), Error> {
        let mut head = &self.head[..];
        let Some(key) = varint(&mut head)? else { return Ok(()) };
        self.field = key >> 3;
        self.field_left = match key & 7 {
            0 => match varint(&mut head)? {
                Some(_) => 0,
                None => return Ok(()),
            },
            1 => 8,
            2 => match varint(&mut head)? {
                Some(length) => usize::try_from(length).unwrap_or(usize::MAX),
                None => return Ok(()),
            },
            5 => 4,
            _ => return Err(broken()),
        };
        self.head.clear();
        if self.field_left > self.left.unwrap_or_default() {
            return Err(broken());
        }
        match self.field {
            // Of a field that is repeated the last is meant.
            HEADER_FIELD => self.header.clear(),
            METADATA_FIELD => self.app_metadata.clear(),
            BODY_FIELD => self.body = MutableBuffer::with_capacity(self.field_left),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self) -> Result<Message, Error> {
        if self.field_left > 0 || !self.head.is_empty() {
            return Err(broken());
        }
        self.left = None;
        let fields = FlightData {
            data_header: std::mem::take(&mut self.header).into(),
            app_metadata: std::mem::take(&mut self.app_metadata).into(),
            ..FlightData::default()
        };
        let body = Buffer::from(std::mem::take(&mut self.body));
        Ok(Message { fields, body: if body.is_empty() { Vec::new() } else { vec![body] } })
    }
}

/// The number these bytes begin with; `None` when they end within.
fn varint(bytes: &mut &[u8]) -> Result<Option<u64>, Error> {
    let mut number = 0;
    for place in 0..10 {
        let Some((byte, rest)) = bytes.split_first() else { return Ok(None) };
        *bytes = rest;
        number |= u64::from(byte & 0x7F) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(Some(number));
        }
    }
    Err(broken())
}

fn broken() -> Error {
    Error::new(ErrorKind::Internal, "a message came that is no FlightData")
}

/// What comes before the bytes of a body of this length; a body without bytes is left out.
fn field_head(body: usize) -> usize {
    if body == 0 { 0 } else { BODY.len() + prost::length_delimiter_len(body) }
}

/// A buffer that lives until the last frame with its bytes is sent.
struct Lent(Buffer);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use arrow_flight::FlightDescriptor;

    use super::*;

    fn message(lengths: &[usize]) -> Message {
        let fields = FlightData {
            flight_descriptor: Some(FlightDescriptor::new_path(vec!["a".into()])),
            data_header: Bytes::from_static(b"header"),
            app_metadata: Bytes::from_static(b"metadata"),
            data_body: Bytes::new(),
        };
        let buffer = |(at, length): (usize, &usize)| Buffer::from(vec![at as u8 + 1; *length]);
        Message { fields, body: lengths.iter().enumerate().map(buffer).collect() }
    }

    /// What a protobuf library of the stock makes of the same contents.
    fn stock(message: &Message) -> Vec<u8> {
        let data_body = message.body.iter().map(Buffer::as_slice).collect::<Vec<_>>().concat().into();
        let bytes = FlightData { data_body, ..message.fields.clone() }.encode_to_vec();
        [&[0][..], &(bytes.len() as u32).to_be_bytes(), &bytes].concat()
    }

    #[test]
    fn the_bytes_are_those_protobuf_and_grpc_ask_for() {
        let shapes: [&[usize]; 6] =
            [&[], &[1], &[100, 0, 28], &[300_000], &[64, 300_000, 8, 8, 20_000, 3], &[9_000; 40]];
        for lengths in shapes {
            let expected = stock(&message(lengths));
            assert_eq!(message(lengths).len() + PREFIX, expected.len());
            assert_eq!(message(lengths).into_pieces().concat(), expected, "{lengths:?}");
        }
        assert_eq!(Message::default().into_pieces().concat(), [0; 5]);
    }

    #[test]
    fn small_messages_are_one_piece_and_large_buffers_are_not_copied() {
        assert_eq!(message(&[1000; 100]).into_pieces().len(), 1);
        let large = message(&[64, 300_000, 8, 56, 20_000, 3]);
        let places = [large.body[1].as_ptr(), large.body[4].as_ptr()];
        let pieces = large.into_pieces();
        assert_eq!(pieces.len(), 5);
        assert_eq!([pieces[1].as_ptr(), pieces[3].as_ptr()], places);
    }

    fn received(bytes: &[u8], step: usize, largest: usize) -> Result<Vec<Message>, Error> {
        let mut incoming = Incoming::new(largest);
        let mut messages = Vec::new();
        for part in bytes.chunks(step) {
            let mut part = Bytes::copy_from_slice(part);
            while let Some(message) = incoming.take(&mut part)? {
                messages.push(message);
            }
        }
        assert_eq!(incoming.is_between(), incoming.head.is_empty() && incoming.left.is_none());
        Ok(messages)
    }

    #[test]
    fn messages_come_back_however_they_are_cut() {
        let sent = [message(&[100, 0, 28]), message(&[]), message(&[20_000, 8, 56])];
        let bytes =
            sent.iter().flat_map(|message| message.clone().into_pieces().concat()).collect::<Vec<_>>();
        // A field nobody knows yet, of each kind.
        let unknown =
            [0, 0, 0, 0, 20, 0x20, 0x96, 1, 0x29, 1, 2, 3, 4, 5, 6, 7, 8, 0x35, 1, 2, 3, 4, 0x3A, 1];
        let bytes = [&unknown[..], &[9], &bytes[..]].concat();
        for step in [1, 2, 3, 7, 1000, bytes.len()] {
            let messages = received(&bytes, step, 1 << 20).unwrap();
            assert_eq!(messages.len(), 4);
            for (came, went) in messages[1..].iter().zip(&sent) {
                assert_eq!(came.fields.data_header, went.fields.data_header);
                assert_eq!(came.fields.app_metadata, went.fields.app_metadata);
                let whole = |message: &Message| {
                    message.body.iter().flat_map(|buffer| buffer.to_vec()).collect::<Vec<_>>()
                };
                assert_eq!(whole(came), whole(went));
                assert!(came.body.iter().all(|buffer| buffer.as_ptr().align_offset(64) == 0));
            }
        }
    }

    #[test]
    fn forged_lengths_are_errors() {
        let kind = |bytes: &[u8]| received(bytes, 3, 1000).unwrap_err().kind();
        assert_eq!(kind(&[0, 0, 0, 4, 0]), ErrorKind::Exhausted);
        assert_eq!(kind(&[1, 0, 0, 0, 4]), ErrorKind::Internal);
        assert_eq!(kind(&[0, 0, 0, 0, 4, 0x12, 9, 1, 1]), ErrorKind::Internal);
        assert_eq!(kind(&[0, 0, 0, 0, 2, 0x12, 0xFF]), ErrorKind::Internal);
        assert_eq!(kind(&[0, 0, 0, 0, 1, 0x17]), ErrorKind::Internal);
        assert_eq!(kind(&[&[0, 0, 0, 0, 20][..], &[0xFF; 20]].concat()), ErrorKind::Internal);
    }
}
