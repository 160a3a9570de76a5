//! Cells of a dictionary: each text, or each sequence of bytes, once.

use std::collections::HashMap;

use arrow_array::ArrayRef;
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, DataType};

use super::cells::{self, cells};
use super::read;
use crate::predicate::Value;
use crate::record::fixed::Cells;
use crate::record::keys::Keys;
use crate::scalar::json::Reason;

/// No cells yet of a dictionary; `None` unless its keys are integers and its values text or bytes.
pub(super) fn dictionary(keys: &DataType, values: &DataType, capacity: usize) -> Option<Box<cells::Cells>> {
    use DataType::*;

    let read: Read = match values {
        Utf8 | LargeUtf8 | Utf8View => |value| read::text(value).map(str::as_bytes),
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => read::bytes,
        _ => return None,
    };
    let (keys, values) = (Keys::new(keys, capacity)?, cells(values, 0)?);
    Some(Box::new(Entries { keys, positions: HashMap::new(), values, read }))
}

/// The bytes of a value of the dictionary's kind.
type Read = fn(&Value) -> Result<&[u8], Reason>;

/// Which entry each row has, and the entries in the order in which they first appear in the batch.
struct Entries {
    keys: Keys,
    positions: HashMap<Vec<u8>, usize>,
    values: Box<cells::Cells>,
    read: Read,
}

impl Cells<Value, Reason> for Entries {
    fn push(&mut self, value: &Value) -> Result<(), Reason> {
        let bytes = (self.read)(value)?;
        let place = match self.positions.get(bytes) {
            Some(&place) => place,
            None => {
                let place = self.positions.len();
                self.keys.check_room(place)?;
                self.values.push(value)?;
                self.positions.insert(bytes.to_owned(), place);
                place
            }
        };
        self.keys.push(place);
        Ok(())
    }

    fn push_null(&mut self) {
        self.keys.push(0);
    }

    fn bytes(&self) -> usize {
        self.values.bytes() + self.keys.bytes()
    }

    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let values = self.values.finish(self.positions.len(), None)?;
        self.positions.clear();
        self.keys.finish(len, nulls, &values)
    }
}
