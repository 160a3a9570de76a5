//! What goes wrong with a stream, by chance and by intent.

use arrow_ipc::{
    DictionaryBatch, DictionaryBatchArgs, FieldNode, MessageArgs, RecordBatch, RecordBatchArgs,
    root_as_message,
};
use fastrand::Rng;
use flatbuffers::FlatBufferBuilder;

use crate::corpus::{Message, Sample};

/// Changes a stream in one to three ways.
pub(crate) fn mutated(samples: &[Sample], rng: &mut Rng) -> Vec<Message> {
    let mut messages = samples[rng.usize(..samples.len())].messages.clone();
    for _ in 0..rng.usize(1..=3) {
        // The batch is last, and most of what can go wrong is in it.
        let last = messages.len() - 1;
        let at = if rng.u8(..3) == 0 { rng.usize(..=last) } else { last };
        match rng.u8(..12) {
            0 => flip(&mut messages[at].0, rng),
            1 => flip(&mut messages[at].1, rng),
            2 => forge(&mut messages[at].0, rng),
            3 => forge(&mut messages[at].1, rng),
            4..=7 => messages[at] = relaid(&messages[at], rng).unwrap_or_else(|| messages[at].clone()),
            8 => cut(&mut messages[at], rng),
            9 => swap(&mut messages[at].0, rng),
            10 => {
                let other = &samples[rng.usize(..samples.len())].messages;
                let (header, body) = other[rng.usize(..other.len())].clone();
                match rng.u8(..3) {
                    0 => messages[at].0 = header,
                    1 => messages[at].1 = body,
                    _ => messages[at] = (header, body),
                }
            }
            _ => match rng.u8(..3) {
                0 => messages.swap(0, at),
                1 => messages.push(messages[at].clone()),
                _ if messages.len() > 1 => drop(messages.remove(at)),
                _ => {}
            },
        }
    }
    messages
}

/// Numbers that lengths, offsets and counts are wrong with.
fn number(rng: &mut Rng, near: i64) -> i64 {
    match rng.u8(..12) {
        0 => -1,
        1 => 0,
        2 => 1,
        3 => near.wrapping_add(1),
        4 => near.wrapping_sub(1),
        5 => near.wrapping_mul(2),
        6 => i64::from(i32::MAX) + i64::from(rng.u8(..2)),
        7 => i64::MAX - i64::from(rng.u8(..9)),
        8 => i64::MIN,
        9 => 1 << rng.u8(..63),
        10 => i64::from(rng.u16(..)),
        _ => i64::from(rng.u8(..17)),
    }
}

fn flip(bytes: &mut [u8], rng: &mut Rng) {
    if !bytes.is_empty() {
        bytes[rng.usize(..bytes.len())] ^= 1 << rng.u8(..8);
    }
}

/// Puts a number where one may be.
fn forge(bytes: &mut [u8], rng: &mut Rng) {
    let width = [1, 2, 4, 8][rng.usize(..4)];
    let Some(places) = (bytes.len() / width).checked_sub(1) else { return };
    let start = rng.usize(..=places) * width;
    let place = &mut bytes[start..start + width];
    let mut near = [0; 8];
    near[..width].copy_from_slice(place);
    place.copy_from_slice(&number(rng, i64::from_le_bytes(near)).to_le_bytes()[..width]);
}

fn cut((header, body): &mut Message, rng: &mut Rng) {
    match rng.u8(..4) {
        0 => header.truncate(rng.usize(..=header.len())),
        1 => body.extend(std::iter::repeat_n(rng.u8(..), rng.usize(..64))),
        _ => body.truncate(rng.usize(..=body.len())),
    }
}

/// Lets two places of a header trade what they say.
fn swap(bytes: &mut [u8], rng: &mut Rng) {
    let width = [4, 8, 16][rng.usize(..3)];
    let Some(places) = (bytes.len() / width).checked_sub(1) else { return };
    let (one, other) = (rng.usize(..=places) * width, rng.usize(..=places) * width);
    for position in 0..width {
        bytes.swap(one + position, other + position);
    }
}

/// The same batch with lengths, counts and places changed, in a header that is a sound flatbuffer.
fn relaid((header, body): &Message, rng: &mut Rng) -> Option<Message> {
    let message = root_as_message(header).ok()?;
    let dictionary = message.header_as_dictionary_batch();
    let batch =
        dictionary.map_or_else(|| message.header_as_record_batch(), |dictionary| dictionary.data())?;
    let mut rows = batch.length();
    let mut nodes: Vec<_> = batch.nodes()?.iter().map(|node| (node.length(), node.null_count())).collect();
    let mut buffers: Vec<_> =
        batch.buffers()?.iter().map(|buffer| (buffer.offset(), buffer.length())).collect();
    let mut counts: Vec<i64> = batch.variadicBufferCounts().into_iter().flatten().collect();
    let mut version = message.version();
    match rng.u8(..10) {
        0 => rows = number(rng, rows),
        1 | 2 => change(&mut nodes, rng),
        3..=5 => change(&mut buffers, rng),
        6 if !counts.is_empty() => {
            let at = rng.usize(..counts.len());
            counts[at] = number(rng, counts[at]);
        }
        // Longer altogether: the columns agree on it.
        7 => {
            let longer = number(rng, rows);
            rows = longer;
            nodes.iter_mut().for_each(|node| node.0 = longer);
        }
        8 => nodes.iter_mut().for_each(|node| node.1 = number(rng, node.0).clamp(0, node.0.max(0))),
        _ => version = arrow_ipc::MetadataVersion(rng.i16(2..6)),
    }
    let mut builder = FlatBufferBuilder::new();
    let nodes: Vec<_> = nodes.iter().map(|(length, nulls)| FieldNode::new(*length, *nulls)).collect();
    let buffers: Vec<_> =
        buffers.iter().map(|(offset, length)| arrow_ipc::Buffer::new(*offset, *length)).collect();
    let nodes = builder.create_vector(&nodes);
    let buffers = builder.create_vector(&buffers);
    let counts = builder.create_vector(&counts);
    let compression = batch.compression().map(|compression| {
        let (codec, method) = (compression.codec(), compression.method());
        arrow_ipc::BodyCompression::create(&mut builder, &arrow_ipc::BodyCompressionArgs { codec, method })
    });
    let data = RecordBatchArgs {
        length: rows,
        nodes: Some(nodes),
        buffers: Some(buffers),
        compression,
        variadicBufferCounts: Some(counts),
    };
    let data = RecordBatch::create(&mut builder, &data);
    let header = match dictionary {
        None => data.as_union_value(),
        Some(dictionary) => {
            let dictionary = DictionaryBatchArgs {
                id: dictionary.id(),
                data: Some(data),
                isDelta: dictionary.isDelta() ^ rng.bool(),
            };
            DictionaryBatch::create(&mut builder, &dictionary).as_union_value()
        }
    };
    let header = MessageArgs {
        version,
        header_type: message.header_type(),
        header: Some(header),
        bodyLength: message.bodyLength(),
        custom_metadata: None,
    };
    let header = arrow_ipc::Message::create(&mut builder, &header);
    builder.finish(header, None);
    Some((builder.finished_data().to_vec(), body.clone()))
}

/// Changes, swaps, adds or drops a pair.
fn change(pairs: &mut Vec<(i64, i64)>, rng: &mut Rng) {
    if pairs.is_empty() {
        return;
    }
    let (one, other) = (rng.usize(..pairs.len()), rng.usize(..pairs.len()));
    match rng.u8(..8) {
        0 => pairs.swap(one, other),
        1 => pairs.push(pairs[one]),
        2 => drop(pairs.remove(one)),
        3 => pairs[one] = pairs[other],
        4 | 5 => pairs[one].0 = number(rng, pairs[one].0),
        _ => pairs[one].1 = number(rng, pairs[one].1),
    }
}
