//! `dictionary`: each different text, bytes or integer once, and a key a row.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt::{self, Display};
use std::hash::Hash;
use std::sync::Arc;

use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, BinaryType, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type, Utf8Type,
};
use arrow_array::{ArrayRef, DictionaryArray, PrimitiveArray};
use arrow_buffer::{ArrowNativeType, NullBuffer, ScalarBuffer};
use arrow_schema::DataType;

use super::encoding::Dictionary;
use super::text::{TextBuffer, TextEncoding};
use super::{BytesReader, Column, FromColumn, IntegerReader, Mismatch};
use crate::buffer::{
    BytesBuffer, ColumnBuffer, Fault, FirstFault, Growing, Own, PrimitiveBuffer, Room, Slot,
};

/// One key per value into the different values, in the order in which they first appear in the batch. `Q` tells them apart,
/// and they lie in a `B`.
pub struct InternedBuffer<K: ArrowDictionaryKeyType, Q, B> {
    keys: Vec<K::Native>,
    places: HashMap<Q, K::Native>,
    values: Room<B>,
    fault: FirstFault,
}

/// Keys kept free for the rows that are pushed before a batch can close.
const SPARE: usize = crate::buffer::STRIDE;

/// As many bytes as close any batch.
const FULL: usize = 1 << 40;

impl<K: ArrowDictionaryKeyType, Q: Eq + Hash, B: ColumnBuffer> InternedBuffer<K, Q, B> {
    fn push<R: Eq + Hash + ?Sized>(
        &mut self,
        value: &R,
        own: impl FnOnce() -> Q,
        append: impl FnOnce(Slot<'_, B>),
    ) where
        Q: Borrow<R>,
    {
        let key = match self.places.get(value) {
            Some(key) => *key,
            None => match K::Native::from_usize(self.places.len()) {
                Some(key) => {
                    append(self.values.slot());
                    self.places.insert(own(), key);
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

impl<K: ArrowDictionaryKeyType, Q: Default + Eq + Hash + Send + 'static, B: ColumnBuffer> Growing
    for InternedBuffer<K, Q, B>
{
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
            self.push(&Q::default(), Q::default, ColumnBuffer::push_default);
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

impl<K: ArrowDictionaryKeyType, Q, B> fmt::Debug for InternedBuffer<K, Q, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (len, values) = (self.keys.len(), self.places.len());
        f.debug_struct("InternedBuffer").field("len", &len).field("values", &values).finish_non_exhaustive()
    }
}

/// The different values of text or bytes.
type InternedBytes<K, T> = Own<InternedBuffer<K, Box<[u8]>, BytesBuffer<T>>>;

/// Numbers: few different ones, or what is no number in its meaning.
macro_rules! numbers {
    ($($rust:ty: $arrow:ident;)*) => {$(
        impl<K: ArrowDictionaryKeyType> Column<Dictionary<K>> for $rust {
            type Buffer = Own<InternedBuffer<K, $rust, PrimitiveBuffer<$arrow>>>;

            fn data_type() -> DataType {
                data_type::<K>($arrow::DATA_TYPE)
            }

            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                slot.get_mut().push(self, || *self, |slot| slot.push(*self));
            }
        }

        impl<K: ArrowDictionaryKeyType> FromColumn<Dictionary<K>> for $rust {
            type Reader = IntegerReader<$arrow>;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                // Given a dictionary, the caller takes it apart and comes again.
                IntegerReader::new(array)
            }

            #[inline]
            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                reader.get(row)
            }
        }
    )*};
}

numbers! {
    i8: Int8Type;
    i16: Int16Type;
    i32: Int32Type;
    i64: Int64Type;
    u8: UInt8Type;
    u16: UInt16Type;
    u32: UInt32Type;
    u64: UInt64Type;
}

fn data_type<K: ArrowDictionaryKeyType>(value: DataType) -> DataType {
    DataType::Dictionary(Box::new(K::DATA_TYPE), Box::new(value))
}

impl<K: ArrowDictionaryKeyType> TextEncoding for Dictionary<K> {
    type Buffer = InternedBytes<K, Utf8Type>;

    fn data_type() -> DataType {
        data_type::<K>(DataType::Utf8)
    }
}

impl<K: ArrowDictionaryKeyType> TextBuffer for InternedBytes<K, Utf8Type> {
    fn push_text(slot: Slot<'_, Self>, text: &str) {
        let bytes = text.as_bytes();
        slot.get_mut().push(bytes, || bytes.into(), |slot| slot.push(text));
    }

    fn push_display(slot: Slot<'_, Self>, value: &dyn Display) {
        Self::push_text(slot, &value.to_string());
    }
}

impl<K: ArrowDictionaryKeyType> Column<Dictionary<K>> for [u8] {
    type Buffer = InternedBytes<K, BinaryType>;

    fn data_type() -> DataType {
        data_type::<K>(DataType::Binary)
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.get_mut().push(self, || self.into(), |slot| slot.push(self));
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
