//! Messages that are wrong by design: they ask for more than they bring.

use arrow_buffer::Buffer;
use arrow_ipc::{
    DictionaryEncoding, DictionaryEncodingArgs, Endianness, Field, FieldArgs, Int, IntArgs, List, ListArgs,
    Message, MessageArgs, MessageHeader, MetadataVersion, Schema, SchemaArgs, Type, Utf8, Utf8Args,
};
use flatbuffers::{FlatBufferBuilder, WIPOffset};
use flexconnect_core::ErrorKind;
use flexconnect_flight::guard::{Decoder, Limits, schema_from_bytes};

type Builder = FlatBufferBuilder<'static>;

/// The header of a schema message with these fields.
fn schema(builder: &mut Builder, fields: &[WIPOffset<Field<'static>>], endianness: Endianness) -> Vec<u8> {
    let fields = Some(builder.create_vector(fields));
    let schema = SchemaArgs { endianness, fields, custom_metadata: None, features: None };
    let schema = Schema::create(builder, &schema);
    let message = MessageArgs {
        version: MetadataVersion::V5,
        header_type: MessageHeader::Schema,
        header: Some(schema.as_union_value()),
        bodyLength: 0,
        custom_metadata: None,
    };
    let message = Message::create(builder, &message);
    builder.finish(message, None);
    builder.finished_data().to_vec()
}

fn text(builder: &mut Builder, name: &str) -> WIPOffset<Field<'static>> {
    let kind = Utf8::create(builder, &Utf8Args {}).as_union_value();
    let name = Some(builder.create_string(name));
    let field =
        FieldArgs { name, nullable: true, type_type: Type::Utf8, type_: Some(kind), ..FieldArgs::default() };
    Field::create(builder, &field)
}

fn list_of(builder: &mut Builder, child: WIPOffset<Field<'static>>) -> FieldArgs<'static> {
    let kind = List::create(builder, &ListArgs {}).as_union_value();
    let children = Some(builder.create_vector(&[child]));
    FieldArgs { children, type_type: Type::List, type_: Some(kind), ..FieldArgs::default() }
}

fn refusal(header: &[u8], limits: Limits) -> (ErrorKind, String) {
    let error = Decoder::new(limits).decode(header, Buffer::default()).unwrap_err();
    (error.kind(), error.to_string())
}

#[test]
fn columns_nest_so_deep_and_no_deeper() {
    let _alone = crate::alone();
    let nested = |levels: usize| {
        let mut builder = Builder::new();
        let mut field = text(&mut builder, "leaf");
        for _ in 1..levels {
            let list = list_of(&mut builder, field);
            field = Field::create(&mut builder, &list);
        }
        schema(&mut builder, &[field], Endianness::Little)
    };
    assert!(Decoder::new(Limits::default()).decode(&nested(32), Buffer::default()).is_ok());
    for levels in [33, 40, 100, 10_000] {
        let (kind, message) = refusal(&nested(levels), Limits::default());
        assert_eq!(kind, ErrorKind::Exhausted, "{levels}: {message}");
        assert!(message.contains("nest deeper than the 32 levels"), "{message}");
    }
}

/// One field, used over and over: a few bytes that describe a great deal.
#[test]
fn a_shared_field_is_counted_each_time() {
    let _alone = crate::alone();
    let mut builder = Builder::new();
    let mut field = text(&mut builder, &"long ".repeat(2000));
    for _ in 0..12 {
        let kind = arrow_ipc::Struct_::create(&mut builder, &arrow_ipc::Struct_Args {}).as_union_value();
        let children = Some(builder.create_vector(&[field; 8]));
        let args =
            FieldArgs { children, type_type: Type::Struct_, type_: Some(kind), ..FieldArgs::default() };
        field = Field::create(&mut builder, &args);
    }
    let header = schema(&mut builder, &[field], Endianness::Little);
    assert!(header.len() < 20_000);
    let before = crate::ALLOCATOR.current_usage();
    assert_eq!(refusal(&header, Limits::default()).0, ErrorKind::InvalidRequest);
    assert!(crate::ALLOCATOR.current_usage() < before + (1 << 20));
}

#[test]
fn many_columns_are_too_many() {
    let _alone = crate::alone();
    let mut builder = Builder::new();
    let fields: Vec<_> = (0..200).map(|_| text(&mut builder, "a")).collect();
    let header = schema(&mut builder, &fields, Endianness::Little);
    assert!(Decoder::new(Limits::default()).decode(&header, Buffer::default()).is_ok());
    let (kind, message) = refusal(&header, Limits::default().with_fields(199));
    assert!(kind == ErrorKind::Exhausted && message.contains("199 fields"), "{message}");
    assert_eq!(refusal(&header, Limits::default().with_header_bytes(100)).0, ErrorKind::Exhausted);
}

#[test]
fn a_dictionary_is_not_used_by_its_own_values() {
    let _alone = crate::alone();
    let mut builder = Builder::new();
    let dictionary = |builder: &mut Builder, id: i64| {
        let index = Int::create(builder, &IntArgs { bitWidth: 32, is_signed: true });
        let encoding =
            DictionaryEncodingArgs { id, indexType: Some(index), ..DictionaryEncodingArgs::default() };
        DictionaryEncoding::create(builder, &encoding)
    };
    let leaf = text(&mut builder, "leaf");
    let inner = dictionary(&mut builder, 1);
    let list = list_of(&mut builder, leaf);
    let child = Field::create(&mut builder, &FieldArgs { dictionary: Some(inner), ..list });
    let outer = dictionary(&mut builder, 1);
    let list = list_of(&mut builder, child);
    let field = Field::create(&mut builder, &FieldArgs { dictionary: Some(outer), ..list });
    let (kind, message) = refusal(&schema(&mut builder, &[field], Endianness::Little), Limits::default());
    assert!(
        kind == ErrorKind::InvalidRequest && message.contains("dictionary 1 is used by its own values"),
        "{message}"
    );
}

#[test]
fn columns_in_another_order_of_bytes_are_refused() {
    let _alone = crate::alone();
    let mut builder = Builder::new();
    let field = text(&mut builder, "a");
    let (_, message) = refusal(&schema(&mut builder, &[field], Endianness::Big), Limits::default());
    assert!(message.contains("little-endian"), "{message}");
}

#[test]
fn a_schema_that_is_cut_or_forged_is_an_error() {
    let _alone = crate::alone();
    for bytes in [&[][..], &[255; 4], &[255, 255, 255, 255, 1, 0, 0, 128], &[0; 16]] {
        assert_eq!(
            schema_from_bytes(bytes, &Limits::default()).unwrap_err().kind(),
            ErrorKind::InvalidRequest
        );
    }
}

/// Bodies that are small, and large once they are unpacked.
#[cfg(all(feature = "lz4", feature = "zstd"))]
mod packed {
    use std::sync::Arc;

    use arrow_array::{Int64Array, RecordBatch};
    use arrow_ipc::CompressionType;
    use arrow_ipc::writer::IpcWriteOptions;

    use super::*;
    use crate::corpus::{Sample, sample};

    const CODECS: [CompressionType; 2] = [CompressionType::LZ4_FRAME, CompressionType::ZSTD];

    fn zeros(rows: usize, codec: CompressionType) -> Sample {
        let column = Arc::new(Int64Array::from(vec![0; rows]));
        let batch = RecordBatch::try_from_iter([("zeros", column as _)]).unwrap();
        let options = IpcWriteOptions::default().try_with_compression(Some(codec)).unwrap();
        sample("zeros", &[batch], options)
    }

    fn decode(sample: &Sample, limits: Limits) -> Result<RecordBatch, flexconnect_core::Error> {
        let mut decoder = Decoder::new(limits);
        let mut last = None;
        for (header, body) in &sample.messages {
            last = decoder.decode(header, body.clone().into())?;
        }
        Ok(last.unwrap())
    }

    #[test]
    fn what_unpacks_to_more_than_the_cap_is_refused_before_there_is_room_for_it() {
        let _alone = crate::alone();
        for codec in CODECS {
            let bomb = zeros(4 << 20, codec);
            let size = bomb.messages[1].1.len();
            assert!(size < 256 << 10, "{size}");
            assert_eq!(decode(&bomb, Limits::default()).unwrap().num_rows(), 4 << 20);
            crate::ALLOCATOR.reset_peak_usage();
            let before = crate::ALLOCATOR.current_usage();
            let error = decode(&bomb, Limits::default().with_unpacked_bytes((32 << 20) - 1)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Exhausted, "{error}");
            assert!(crate::ALLOCATOR.peak_usage() - before < size + (64 << 10));
        }
    }

    #[test]
    fn a_buffer_that_lies_about_its_length_is_refused() {
        let _alone = crate::alone();
        for codec in CODECS {
            let honest = zeros(1 << 17, codec);
            for declared in [8, 1 << 10, (1 << 20) - 8, (1 << 20) + 8, 1 << 30, i64::MAX, -2, i64::MIN] {
                let mut liar = honest.clone();
                liar.messages[1].1[..8].copy_from_slice(&declared.to_le_bytes());
                crate::ALLOCATOR.reset_peak_usage();
                let before = crate::ALLOCATOR.current_usage();
                let error = decode(&liar, Limits::default()).unwrap_err();
                assert!(matches!(error.kind(), ErrorKind::InvalidRequest | ErrorKind::Exhausted), "{error}");
                assert!(crate::ALLOCATOR.peak_usage() - before < 2 << 20, "{declared}");
            }
        }
    }
}
