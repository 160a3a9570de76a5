//! `dictionary`: each different text or bytes once, and a key a row.

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::sync::Arc;

use arrow_array::types::{ArrowDictionaryKeyType, BinaryType, ByteArrayType, Utf8Type};
use arrow_array::{ArrayRef, DictionaryArray, PrimitiveArray};
use arrow_buffer::{ArrowNativeType, NullBuffer, ScalarBuffer};
use arrow_schema::DataType;

use super::encoding::Dictionary;
use super::text::{TextBuffer, TextEncoding};
use super::{BytesReader, Column, FromColumn, Mismatch};
use crate::buffer::{BytesBuffer, ColumnBuffer, Fault, FirstFault, Growing, Own, Room, Slot};

/// One key per value into the different values, in the order in which they first appear in the batch.
pub struct InternedBuffer<K: ArrowDictionaryKeyType, T: ByteArrayType> {
    keys: Vec<K::Native>,
    places: HashMap<Box<[u8]>, K::Native>,
    values: Room<BytesBuffer<T>>,
    fault: FirstFault,
}

/// Keys kept free for the rows that are pushed before a batch can close.
const SPARE: usize = crate::buffer::STRIDE;

/// As many bytes as close any batch.
const FULL: usize = 1 << 40;

impl<K: ArrowDictionaryKeyType, T: ByteArrayType> InternedBuffer<K, T> {
    fn push(&mut self, value: &[u8], append: impl FnOnce(&mut Room<BytesBuffer<T>>)) {
        let key = match self.places.get(value) {
            Some(key) => *key,
            None => match K::Native::from_usize(self.places.len()) {
                Some(key) => {
                    append(&mut self.values);
                    self.places.insert(value.into(), key);
                    key
                }
                None => {
                    let row = self.keys.len();
                    self.fault.record(row, || {
                        format!(
                            "the batch has more different values than keys of type {}: use \
                             `dictionary = \"Int32\"`",
                            K::DATA_TYPE
                        )
                    });
                    K::Native::default()
                }
            },
        };
        self.keys.push(key);
    }

    /// Whether the next rows might not find a key.
    fn is_full(&self) -> bool {
        K::Native::from_usize(self.places.len() + SPARE - 1).is_none()
    }
}

impl<K: ArrowDictionaryKeyType, T: ByteArrayType> Growing for InternedBuffer<K, T> {
    fn new() -> Self {
        let (places, fault) = (HashMap::new(), FirstFault::default());
        InternedBuffer { keys: Vec::new(), places, values: Room::new(0), fault }
    }

    fn len(&self) -> usize {
        self.keys.len()
    }

    fn push_default(&mut self) {
        // What lies under a null is read by nobody, but a key must be one of the values'.
        if self.places.is_empty() {
            self.push(&[], |values| ColumnBuffer::push_default(values.slot()));
        } else {
            self.keys.push(K::Native::default());
        }
    }

    fn bytes(&self) -> usize {
        if self.is_full() {
            return FULL;
        }
        size_of_val(self.keys.as_slice()) + ColumnBuffer::bytes(self.values.get())
    }

    fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    fn finish(&mut self, data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let DataType::Dictionary(_, value) = data_type else {
            unreachable!("the type is the one `Column::data_type` gave for this buffer")
        };
        let next = Vec::with_capacity(self.keys.len());
        let keys = std::mem::replace(&mut self.keys, next);
        self.places.clear();
        let values = self.values.finish_array(value);
        let keys = PrimitiveArray::<K>::new(ScalarBuffer::from(keys), nulls);
        Arc::new(DictionaryArray::new(keys, values))
    }
}

impl<K: ArrowDictionaryKeyType, T: ByteArrayType> fmt::Debug for InternedBuffer<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (len, values) = (self.keys.len(), self.places.len());
        f.debug_struct("InternedBuffer").field("len", &len).field("values", &values).finish_non_exhaustive()
    }
}

fn data_type<K: ArrowDictionaryKeyType>(value: DataType) -> DataType {
    DataType::Dictionary(Box::new(K::DATA_TYPE), Box::new(value))
}

impl<K: ArrowDictionaryKeyType> TextEncoding for Dictionary<K> {
    type Buffer = Own<InternedBuffer<K, Utf8Type>>;

    fn data_type() -> DataType {
        data_type::<K>(DataType::Utf8)
    }
}

impl<K: ArrowDictionaryKeyType> TextBuffer for Own<InternedBuffer<K, Utf8Type>> {
    fn push_text(slot: Slot<'_, Self>, text: &str) {
        slot.get_mut().push(text.as_bytes(), |values| values.slot().push(text));
    }

    fn push_display(slot: Slot<'_, Self>, value: &dyn Display) {
        Self::push_text(slot, &value.to_string());
    }
}

impl<K: ArrowDictionaryKeyType> Column<Dictionary<K>> for [u8] {
    type Buffer = Own<InternedBuffer<K, BinaryType>>;

    fn data_type() -> DataType {
        data_type::<K>(DataType::Binary)
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.get_mut().push(self, |values| values.slot().push(self));
    }
}

impl<K: ArrowDictionaryKeyType> FromColumn<Dictionary<K>> for Vec<u8> {
    type Reader = BytesReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        BytesReader::new(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        Ok(reader.get(row).to_vec())
    }
}
