//! Bytes: `Vec<u8>`, `[u8]` and `[u8; N]`, and the buffer behind `Binary` and `Utf8`.

use std::fmt;
use std::sync::Arc;

use arrow_array::types::{BinaryType, BinaryViewType, ByteArrayType, LargeBinaryType, UInt8Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, GenericByteArray, LargeBinaryArray,
};
use arrow_buffer::{ArrowNativeType, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;

use super::encoding::{self, Natural};
use super::{
    Column, ColumnBuffer, Fault, FirstFault, FixedBytesBuffer, FromColumn, Item, ListBuffer, Mismatch,
    PrimitiveBuffer, ViewBuffer,
};

/// Values of any length end to end, with the offset where each one ends.
pub struct BytesBuffer<T: ByteArrayType> {
    offsets: Vec<T::Offset>,
    values: Vec<u8>,
    fault: FirstFault,
}

impl<T: ByteArrayType> BytesBuffer<T> {
    /// Appends one value.
    #[inline]
    pub(crate) fn push(&mut self, value: &[u8]) {
        self.push_with(|values| values.extend_from_slice(value));
    }

    /// Appends one value, which `write` adds to the end of what it is given.
    #[inline]
    pub(crate) fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.values.len();
        write(&mut self.values);
        let end = T::Offset::from_usize(self.values.len()).unwrap_or_else(|| self.overflow(start));
        self.offsets.push(end);
    }

    /// Takes the value that begins at `start` back, because a column of this type cannot hold it.
    #[cold]
    fn overflow(&mut self, start: usize) -> T::Offset {
        self.fault.record(self.offsets.len() - 1, || {
            format!(
                "a `{}` column holds at most 2 GiB in one batch and this value does not fit: use `as = \"Large{0}\"`",
                T::DATA_TYPE
            )
        });
        self.values.truncate(start);
        T::Offset::usize_as(start)
    }

    fn with_first_offset(rows: usize) -> Vec<T::Offset> {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(T::Offset::default());
        offsets
    }
}

impl<T: ByteArrayType> ColumnBuffer for BytesBuffer<T> {
    fn with_capacity(rows: usize) -> Self {
        BytesBuffer {
            offsets: Self::with_first_offset(rows),
            values: Vec::new(),
            fault: FirstFault::default(),
        }
    }

    fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    #[inline]
    fn push_default(&mut self) {
        self.push(&[]);
    }

    fn bytes(&self) -> usize {
        size_of_val(self.offsets.as_slice()) + self.values.len()
    }

    fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    fn finish(&mut self, _data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let next = Self::with_first_offset(self.len());
        let offsets = std::mem::replace(&mut self.offsets, next);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let values = Buffer::from_vec(super::take_with_room(&mut self.values));
        Arc::new(GenericByteArray::<T>::new(offsets, values, nulls))
    }
}

impl<T: ByteArrayType> fmt::Debug for BytesBuffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BytesBuffer").field("len", &self.len()).field("bytes", &self.values.len()).finish()
    }
}

/// Implements bytes in one encoding, as a slice and as an array. One impl per encoding, not one for all,
/// because only so can the compiler tell them from the lists of every other type.
macro_rules! bytes {
    ($([$($generics:tt)*] $encoding:ty => $buffer:ty, $data_type:expr;)*) => {$(
        impl<$($generics)*> Column<$encoding> for [u8] {
            type Buffer = $buffer;

            fn data_type() -> DataType {
                $data_type
            }

            #[inline]
            fn append_to(&self, buffer: &mut Self::Buffer) {
                buffer.push(self);
            }
        }

        impl<$($generics)*> FromColumn<$encoding> for Vec<u8> {
            type Reader = BytesReader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                BytesReader::new(array)
            }

            #[inline]
            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                Ok(reader.get(row).to_vec())
            }
        }
    )*};
}

bytes! {
    [] Natural => BytesBuffer<BinaryType>, DataType::Binary;
    [] encoding::Binary => BytesBuffer<BinaryType>, DataType::Binary;
    [] encoding::LargeBinary => BytesBuffer<LargeBinaryType>, DataType::LargeBinary;
    [] encoding::BinaryView => ViewBuffer<BinaryViewType>, DataType::BinaryView;
    [const N: usize] encoding::FixedSizeBinary<N> => FixedBytesBuffer<N>, FixedBytesBuffer::<N>::data_type();
}

impl<const N: usize> Column<Natural> for [u8; N] {
    type Buffer = FixedBytesBuffer<N>;

    fn data_type() -> DataType {
        FixedBytesBuffer::<N>::data_type()
    }

    #[inline]
    fn append_to(&self, buffer: &mut Self::Buffer) {
        buffer.push_array(self);
    }
}

impl<const N: usize> FromColumn<Natural> for [u8; N] {
    type Reader = BytesReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        BytesReader::new(array)
    }

    #[inline]
    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        let bytes = reader.get(row);
        bytes.try_into().map_err(|_| {
            Box::new(Fault::new(
                row,
                format!("is {} bytes long, and the field takes exactly {N}", bytes.len()),
            ))
        })
    }
}

impl<const N: usize> Item<Natural> for [u8; N] {}

/// `list`: bytes as a `List` of `UInt8`.
impl Column<encoding::List> for [u8] {
    type Buffer = ListBuffer<PrimitiveBuffer<UInt8Type>>;

    fn data_type() -> DataType {
        super::list::data_type::<u8, Natural>()
    }

    #[inline]
    fn append_to(&self, buffer: &mut Self::Buffer) {
        buffer.push_items::<u8, Natural>(self);
    }
}

/// A column of bytes in any layout.
#[derive(Debug, Clone)]
pub enum BytesReader {
    /// `Binary`.
    Binary(BinaryArray),
    /// `LargeBinary`.
    Large(LargeBinaryArray),
    /// `BinaryView`.
    View(BinaryViewArray),
    /// `FixedSizeBinary`.
    Fixed(FixedSizeBinaryArray),
}

impl BytesReader {
    /// Accepts every layout of bytes.
    ///
    /// # Errors
    /// A mismatch for any other type.
    pub fn new(array: &ArrayRef) -> Result<Self, Vec<Mismatch>> {
        let any = array.as_any();
        let reader = match array.data_type() {
            DataType::Binary => any.downcast_ref().cloned().map(Self::Binary),
            DataType::LargeBinary => any.downcast_ref().cloned().map(Self::Large),
            DataType::BinaryView => any.downcast_ref().cloned().map(Self::View),
            DataType::FixedSizeBinary(_) => any.downcast_ref().cloned().map(Self::Fixed),
            _ => None,
        };
        reader.ok_or_else(|| Mismatch::of_type("Binary (or any other layout of bytes)", array.data_type()))
    }

    /// The bytes of one row.
    #[inline]
    pub fn get(&self, row: usize) -> &[u8] {
        match self {
            Self::Binary(array) => array.value(row),
            Self::Large(array) => array.value(row),
            Self::View(array) => array.value(row),
            Self::Fixed(array) => array.value(row),
        }
    }
}
