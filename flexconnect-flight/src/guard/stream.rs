//! Messages that lie one after another, as Arrow's stream format has them.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::{Buf, Bytes};
use flexconnect_core::Error;

use super::fault::malformed;
use super::{Decoder, Limits, message};

/// What stands before a header's length since version 5.
const MARK: u32 = u32::MAX;

/// The batches of bytes in Arrow's IPC stream format, each checked before it is decoded.
///
/// An error ends them. The end may be marked, as the format asks, or just come.
#[derive(Debug)]
pub struct StreamReader {
    decoder: Decoder,
    limits: Limits,
    schema: SchemaRef,
    rest: Bytes,
}

impl StreamReader {
    /// Reads the schema, the first message.
    ///
    /// # Errors
    /// As [`Decoder::decode`], and when there is no schema.
    pub fn new(bytes: Bytes, limits: Limits) -> Result<Self, Error> {
        let mut decoder = Decoder::new(limits.clone());
        let mut rest = bytes;
        let first = next_message(&mut rest, &limits)?.ok_or_else(|| malformed("the stream is empty"))?;
        decoder.decode(&first.0, first.1.into())?;
        let schema = decoder.schema().cloned().ok_or_else(|| malformed("it does not begin with a schema"))?;
        Ok(StreamReader { decoder, limits, schema, rest })
    }

    /// The schema of every batch.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn batch(&mut self) -> Result<Option<RecordBatch>, Error> {
        while let Some((header, body)) = next_message(&mut self.rest, &self.limits)? {
            if let Some(batch) = self.decoder.decode(&header, body.into())? {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

impl Iterator for StreamReader {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batch();
        if !matches!(batch, Ok(Some(_))) {
            self.rest.clear();
        }
        batch.transpose()
    }
}

/// The next message's header and body; `None` at the end.
fn next_message(rest: &mut Bytes, limits: &Limits) -> Result<Option<(Bytes, Bytes)>, Error> {
    if rest.is_empty() {
        return Ok(None);
    }
    let mut length = rest.try_get_u32_le().map_err(|_| cut_short())?;
    if length == MARK {
        length = rest.try_get_u32_le().map_err(|_| cut_short())?;
    }
    if length == 0 {
        return Ok(None);
    }
    let header = take(rest, usize::try_from(length).unwrap_or(usize::MAX))?;
    let body = message::length(&message::verified(&header, limits)?)?;
    Ok(Some((header, take(rest, body)?)))
}

fn take(rest: &mut Bytes, length: usize) -> Result<Bytes, Error> {
    if length > rest.len() {
        return Err(cut_short());
    }
    Ok(rest.split_to(length))
}

fn cut_short() -> Error {
    malformed("the stream is cut short")
}

#[cfg(test)]
mod tests {
    use arrow_array::Int64Array;
    use arrow_array::cast::AsArray;
    use flexconnect_core::ErrorKind;

    use super::*;

    fn read(bytes: &'static [u8]) -> Result<Vec<RecordBatch>, Error> {
        StreamReader::new(Bytes::from_static(bytes), Limits::default())?.collect()
    }

    /// Columns of different types as another implementation, pyarrow 26, lays them out.
    fn check(bytes: &'static [u8], columns: usize, rows: usize) {
        let batches = read(bytes).unwrap();
        assert_eq!((batches.len(), batches[0].num_columns()), (1, columns));
        let ids = Int64Array::from_iter_values((0..rows as i64).map(|row| row / 1000));
        assert_eq!(batches[0].column(0).as_primitive(), &ids);
        let colours = batches[0].column(1).to_data();
        assert_eq!(colours.nulls().map(|nulls| nulls.null_count()), Some(rows / 4));
    }

    #[test]
    fn what_others_write_is_read() {
        check(include_bytes!("../../tests/data/pyarrow-plain.arrows"), 12, 8);
    }

    #[test]
    #[cfg(all(feature = "lz4", feature = "zstd"))]
    fn what_others_compress_is_read() {
        check(include_bytes!("../../tests/data/pyarrow-lz4.arrows"), 7, 9000);
        check(include_bytes!("../../tests/data/pyarrow-zstd.arrows"), 7, 9000);
    }

    #[test]
    #[cfg(not(feature = "lz4"))]
    fn what_others_compress_is_refused_with_the_way_out() {
        let error = read(include_bytes!("../../tests/data/pyarrow-lz4.arrows")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("feature `lz4`"), "{error}");
    }

    #[test]
    fn a_stream_may_end_without_a_mark_and_not_within_a_message() {
        let whole: &[u8] = include_bytes!("../../tests/data/pyarrow-plain.arrows");
        assert_eq!(read(&whole[..whole.len() - 8]).unwrap().len(), 1);
        for end in [0, 3, 7, 100, whole.len() - 9, whole.len() - 6] {
            assert_eq!(read(&whole[..end]).unwrap_err().kind(), ErrorKind::InvalidRequest, "{end}");
        }
    }
}
