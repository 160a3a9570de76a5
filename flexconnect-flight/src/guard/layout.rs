//! The columns of a batch: as many nodes and buffers as their types take, each long enough for what it declares.

use std::collections::HashMap;

use arrow_array::ArrayRef;
use arrow_ipc::{FieldNode, MetadataVersion, RecordBatch};
use arrow_schema::{DataType, Field, FieldRef, UnionMode};
use flatbuffers::VectorIter;
use flexconnect_core::Error;

use super::Limits;
use super::fault::{excerpt, malformed, too_much};
use super::part::Part;

/// What a batch is held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Against<'a> {
    pub(super) columns: &'a [FieldRef],
    /// The dictionaries that came so far.
    pub(super) dictionaries: &'a HashMap<i64, ArrayRef>,
    pub(super) version: MetadataVersion,
    pub(super) compressed: bool,
    pub(super) limits: &'a Limits,
}

/// The buffers of a batch, in the order of its columns.
pub(super) fn checked(batch: RecordBatch<'_>, body: &[u8], against: Against<'_>) -> Result<Vec<Part>, Error> {
    let nodes = batch.nodes().ok_or_else(|| malformed("it has no list of nodes"))?;
    let buffers = batch.buffers().ok_or_else(|| malformed("it has no list of buffers"))?;
    let counts: Vec<i64> = batch.variadicBufferCounts().into_iter().flatten().collect();
    let mut walk = Walk {
        against,
        body,
        nodes: nodes.iter(),
        buffers: buffers.iter(),
        counts: counts.into_iter(),
        parts: Vec::with_capacity(buffers.len()),
        end: 0,
        unpacked: 0,
        values: 0,
        path: Vec::new(),
    };
    let rows = walk.values(batch.length())?;
    for column in against.columns {
        walk.column(column, Some(rows)).map_err(|error| error.with_column(excerpt(&walk.path.join("."))))?;
    }
    let left =
        [("nodes", walk.nodes.len()), ("buffers", walk.buffers.len()), ("buffer counts", walk.counts.len())];
    match left.into_iter().find(|(_, count)| *count > 0) {
        None => Ok(walk.parts),
        Some((what, count)) => Err(malformed(format!("it has {count} more {what} than its columns take"))),
    }
}

struct Walk<'a> {
    against: Against<'a>,
    body: &'a [u8],
    nodes: VectorIter<'a, FieldNode>,
    buffers: VectorIter<'a, arrow_ipc::Buffer>,
    /// For each column of views, how many buffers it has.
    counts: std::vec::IntoIter<i64>,
    parts: Vec<Part>,
    /// Where the last buffer that is not empty ended.
    end: usize,
    /// How long all buffers so far are, unpacked.
    unpacked: usize,
    /// How many values all columns so far have.
    values: u64,
    /// The column's name, and those of the columns it lies in.
    path: Vec<&'a str>,
}

/// A column's length, and how many of its values are null.
#[derive(Clone, Copy)]
struct Node {
    length: usize,
    nulls: usize,
}

impl<'a> Walk<'a> {
    /// The next column, of as many rows as the batch when it stands in it directly.
    fn column(&mut self, field: &'a Field, rows: Option<usize>) -> Result<(), Error> {
        self.path.push(field.name());
        let node = self.node()?;
        if let Some(rows) = rows.filter(|rows| *rows != node.length) {
            let length = node.length;
            return Err(malformed(format!("its batch has {rows} rows, this column {length}")));
        }
        let length = node.length;
        match field.data_type() {
            DataType::Null => {}
            DataType::Boolean => {
                self.validity(node)?;
                self.buffer("values", length.div_ceil(8))?;
            }
            DataType::Utf8 | DataType::Binary => self.variable(node, 4)?,
            DataType::LargeUtf8 | DataType::LargeBinary => self.variable(node, 8)?,
            DataType::Utf8View | DataType::BinaryView => self.views(node)?,
            DataType::FixedSizeBinary(width) => {
                self.validity(node)?;
                self.buffer("values", length.saturating_mul(usize::try_from(*width).unwrap_or(usize::MAX)))?;
            }
            DataType::List(values) | DataType::Map(values, _) => self.list(node, 4, values)?,
            DataType::LargeList(values) => self.list(node, 8, values)?,
            DataType::ListView(values) => self.list_view(node, 4, values)?,
            DataType::LargeListView(values) => self.list_view(node, 8, values)?,
            DataType::FixedSizeList(values, _) => {
                self.validity(node)?;
                self.column(values, None)?;
            }
            DataType::Struct(fields) => {
                self.validity(node)?;
                for field in fields {
                    self.column(field, Some(length))?;
                }
            }
            DataType::RunEndEncoded(ends, values) => {
                self.column(ends, None)?;
                self.column(values, None)?;
            }
            DataType::Dictionary(key, _) => {
                self.validity(node)?;
                self.numbers("keys", length, key.primitive_width().unwrap_or(8))?;
                self.dictionary(field, node)?;
            }
            DataType::Union(fields, mode) => {
                // Up to version 4 a union had nulls of its own.
                if self.against.version < MetadataVersion::V5 {
                    self.buffer("validity", 0)?;
                }
                self.buffer("type ids", length)?;
                if *mode == UnionMode::Dense {
                    let offsets = self.numbers("offsets", length, 4)?;
                    // What is compressed is unpacked to where it lies right.
                    if !self.against.compressed && offsets.offset % 4 != 0 {
                        return Err(malformed(format!("its offsets lie askew, at {}", offsets.offset)));
                    }
                }
                for (_, field) in fields.iter() {
                    self.column(field, None)?;
                }
            }
            fixed => {
                let width =
                    fixed.primitive_width().ok_or_else(|| malformed(format!("type {fixed} is not taken")))?;
                self.validity(node)?;
                self.numbers("values", length, width)?;
            }
        }
        self.path.pop();
        Ok(())
    }

    /// A buffer of this many numbers, or more. Arrow panics where there is a part of one at the end.
    fn numbers(&mut self, what: &str, count: usize, width: usize) -> Result<Part, Error> {
        let part = self.buffer(what, count.saturating_mul(width))?;
        match part.unpacked % width {
            0 => Ok(part),
            _ => {
                let length = part.unpacked;
                Err(malformed(format!(
                    "{length} bytes are not a number of {width} bytes each, in the buffer of {what}"
                )))
            }
        }
    }

    fn variable(&mut self, node: Node, width: usize) -> Result<(), Error> {
        self.validity(node)?;
        self.offsets(node, width)?;
        self.buffer("values", 0).map(drop)
    }

    fn list(&mut self, node: Node, width: usize, values: &'a Field) -> Result<(), Error> {
        self.validity(node)?;
        self.offsets(node, width)?;
        self.column(values, None)
    }

    fn list_view(&mut self, node: Node, width: usize, values: &'a Field) -> Result<(), Error> {
        self.validity(node)?;
        self.numbers("offsets", node.length, width)?;
        self.numbers("sizes", node.length, width)?;
        self.column(values, None)
    }

    fn views(&mut self, node: Node) -> Result<(), Error> {
        self.validity(node)?;
        self.numbers("views", node.length, 16)?;
        let count = self.counts.next().ok_or_else(|| malformed("it does not say how many buffers it has"))?;
        if usize::try_from(count).map_or(true, |count| count > self.buffers.len()) {
            return Err(malformed(format!(
                "it says that it has {count} buffers, {} are left",
                self.buffers.len()
            )));
        }
        for _ in 0..count {
            self.buffer("values", 0)?;
        }
        Ok(())
    }

    /// One offset more than there are values; none at all where there is no value.
    fn offsets(&mut self, node: Node, width: usize) -> Result<(), Error> {
        let count = if node.length == 0 { 0 } else { node.length + 1 };
        self.numbers("offsets", count, width).map(drop)
    }

    fn validity(&mut self, node: Node) -> Result<(), Error> {
        // A writer may leave it out where nothing is null.
        self.buffer("validity", if node.nulls > 0 { node.length.div_ceil(8) } else { 0 }).map(drop)
    }

    /// A column without any value that is not null may come without its dictionary.
    fn dictionary(&self, field: &Field, node: Node) -> Result<(), Error> {
        #[expect(deprecated, reason = "arrow-ipc finds dictionaries by these ids")]
        let id = field.dict_id();
        match id {
            Some(id) if node.nulls < node.length && !self.against.dictionaries.contains_key(&id) => {
                Err(malformed(format!("its dictionary {id} has not come")))
            }
            _ => Ok(()),
        }
    }

    fn node(&mut self) -> Result<Node, Error> {
        let node = self.nodes.next().ok_or_else(|| malformed("there are fewer nodes than columns"))?;
        let length = self.values(node.length())?;
        match usize::try_from(node.null_count()) {
            Ok(nulls) if nulls <= length => Ok(Node { length, nulls }),
            _ => Err(malformed(format!("{} of {length} values are said to be null", node.null_count()))),
        }
    }

    fn values(&mut self, length: i64) -> Result<usize, Error> {
        let count = u64::try_from(length).map_err(|_| malformed(format!("it has {length} values")))?;
        self.values = self.values.saturating_add(count);
        let most = self.against.limits.values;
        match usize::try_from(count) {
            Ok(count) if self.values <= most => Ok(count),
            _ => Err(too_much(format!("its columns have more than the {most} values that are taken"))),
        }
    }

    fn buffer(&mut self, what: &str, wanted: usize) -> Result<Part, Error> {
        let place =
            self.buffers.next().ok_or_else(|| malformed(format!("its buffer of {what} is missing")))?;
        let part = self.part(place, wanted).map_err(|error| {
            Error::new(error.kind(), format!("{}, in the buffer of {what}", error.message()))
        })?;
        self.parts.push(part);
        Ok(part)
    }

    fn part(&mut self, place: &arrow_ipc::Buffer, wanted: usize) -> Result<Part, Error> {
        let part = Part::new(place, self.body, self.against.compressed)?;
        if part.length > 0 {
            // Buffers that share bytes would each be unpacked, or copied to where they lie right.
            if part.offset < self.end {
                return Err(malformed(format!(
                    "it begins at {}, before {} where another ends",
                    part.offset, self.end
                )));
            }
            self.end = part.end();
        }
        self.unpacked = self.unpacked.saturating_add(part.unpacked);
        let most = self.against.limits.unpacked_bytes;
        if self.against.compressed && self.unpacked > most {
            return Err(too_much(format!("unpacked it has more than the {most} bytes that are taken")));
        }
        if part.unpacked < wanted {
            return Err(malformed(format!("{wanted} bytes are needed, {} came", part.unpacked)));
        }
        Ok(part)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int64Array, StringArray};
    use arrow_ipc::writer::StreamWriter;
    use flexconnect_core::ErrorKind;

    use super::*;
    use crate::guard::StreamReader;

    /// Two columns as a stream, with the first number of this value that is found in it made another.
    fn forged(number: i64, other: i64) -> Error {
        let columns: [(&str, ArrayRef); 2] = [
            ("id", Arc::new(Int64Array::from(vec![7; 1000]))),
            ("name", Arc::new(StringArray::from_iter_values((0..1000).map(|_| "some text")))),
        ];
        let batch = arrow_array::RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        let mut bytes = writer.into_inner().unwrap();
        let place = bytes.windows(8).position(|window| window == number.to_le_bytes()).unwrap();
        bytes[place..place + 8].copy_from_slice(&other.to_le_bytes());
        let mut reader = StreamReader::new(bytes.into(), Limits::default()).unwrap();
        let error = reader.next().unwrap().unwrap_err();
        assert!(reader.next().is_none(), "an error ends the stream");
        error
    }

    #[test]
    fn an_error_says_which_column_and_which_buffer() {
        let error = forged(4004, 40);
        assert_eq!(
            (error.kind(), error.place().column.as_deref()),
            (ErrorKind::InvalidRequest, Some("name"))
        );
        let message = error.to_string();
        assert!(
            message.contains("4004 bytes are needed, 40 came") && message.contains("buffer of offsets"),
            "{message}"
        );
        assert!(forged(8000, i64::MAX).to_string().contains("are not in its body of"));
        assert!(forged(8000, -8000).to_string().contains("-8000 bytes"));
        assert_eq!(forged(1000, 1 << 40).kind(), ErrorKind::Exhausted);
    }

    #[test]
    fn what_arrow_finds_itself_is_left_to_it() {
        // "some tex" inside the values is no longer UTF-8.
        let error = forged(i64::from_le_bytes(*b"some tex"), -1);
        let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        assert!(source.to_lowercase().contains("utf8"), "{error}: {source}");
    }
}
