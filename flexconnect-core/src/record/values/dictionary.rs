//! Cells of a dictionary: each text, or each sequence of bytes, once.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::*;
use arrow_array::{ArrayRef, DictionaryArray, PrimitiveArray};
use arrow_buffer::{ArrowNativeType, NullBuffer};
use arrow_schema::{ArrowError, DataType};

use super::cells::{self, cells};
use super::read;
use crate::predicate::Value;
use crate::record::fixed::Cells;
use crate::scalar::json::Reason;

/// No cells yet of a dictionary; `None` unless its keys are integers and its values text or bytes.
pub(super) fn dictionary(keys: &DataType, values: &DataType, capacity: usize) -> Option<Box<cells::Cells>> {
    use DataType::*;

    let read: Read = match values {
        Utf8 | LargeUtf8 | Utf8View => |value| read::text(value).map(str::as_bytes),
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => read::bytes,
        _ => return None,
    };
    let values = cells(values, 0)?;
    Some(match keys {
        Int8 => Box::new(Entries::<Int8Type>::new(values, read, capacity)),
        Int16 => Box::new(Entries::<Int16Type>::new(values, read, capacity)),
        Int32 => Box::new(Entries::<Int32Type>::new(values, read, capacity)),
        Int64 => Box::new(Entries::<Int64Type>::new(values, read, capacity)),
        UInt8 => Box::new(Entries::<UInt8Type>::new(values, read, capacity)),
        UInt16 => Box::new(Entries::<UInt16Type>::new(values, read, capacity)),
        UInt32 => Box::new(Entries::<UInt32Type>::new(values, read, capacity)),
        UInt64 => Box::new(Entries::<UInt64Type>::new(values, read, capacity)),
        _ => return None,
    })
}

/// The bytes of a value of the dictionary's kind.
type Read = fn(&Value) -> Result<&[u8], Reason>;

/// Which entry each row has, and the entries in the order in which they first appear in the batch.
struct Entries<K: ArrowDictionaryKeyType> {
    keys: Vec<K::Native>,
    positions: HashMap<Vec<u8>, K::Native>,
    values: Box<cells::Cells>,
    read: Read,
}

impl<K: ArrowDictionaryKeyType> Entries<K> {
    fn new(values: Box<cells::Cells>, read: Read, capacity: usize) -> Self {
        Entries { keys: Vec::with_capacity(capacity), positions: HashMap::new(), values, read }
    }
}

impl<K: ArrowDictionaryKeyType> Cells<Value, Reason> for Entries<K> {
    fn push(&mut self, value: &Value) -> Result<(), Reason> {
        let bytes = (self.read)(value)?;
        let key = match self.positions.get(bytes) {
            Some(&key) => key,
            None => {
                let key = K::Native::from_usize(self.positions.len()).ok_or_else(|| {
                    format!("its dictionary is full; declare keys wider than {}", K::DATA_TYPE)
                })?;
                self.values.push(value)?;
                self.positions.insert(bytes.to_owned(), key);
                key
            }
        };
        self.keys.push(key);
        Ok(())
    }

    fn push_null(&mut self) {
        self.keys.push(K::Native::default());
    }

    fn bytes(&self) -> usize {
        self.values.bytes() + size_of_val(&self.keys[..])
    }

    fn finish(&mut self, len: usize, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let keys = std::mem::replace(&mut self.keys, Vec::with_capacity(len));
        let values = self.values.finish(self.positions.len(), None)?;
        self.positions.clear();
        let keys = PrimitiveArray::<K>::try_new(keys.into(), nulls)?;
        Ok(Arc::new(DictionaryArray::<K>::try_new(keys, values)?))
    }
}
