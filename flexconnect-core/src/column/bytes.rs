//! Bytes: `Vec<u8>`, `[u8]` and `[u8; N]`, and the buffer behind `Binary` and `Utf8`.

use arrow_array::types::{BinaryType, BinaryViewType, LargeBinaryType, UInt8Type};
use arrow_array::{Array, ArrayRef, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, LargeBinaryArray};
use arrow_schema::DataType;

use super::encoding::{self, Natural};
use super::{Column, FromColumn, Item, Mismatch, ViewBuffer};
use crate::buffer::{BytesBuffer, Fault, FixedBytesBuffer, ListBuffer, Own, PrimitiveBuffer, Slot};

/// Implements bytes in one encoding, as a slice and as an array. One impl per encoding, not one for all,
/// because only so can the compiler tell them from the lists of every other type.
macro_rules! bytes {
    ($([$($generics:tt)*] $encoding:ty => $buffer:ty, $data_type:expr;)*) => {$(
        impl<$($generics)*> Column<$encoding> for [u8] {
            type Buffer = $buffer;

            fn data_type() -> DataType {
                $data_type
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                slot.push(self);
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
    [] encoding::BinaryView => Own<ViewBuffer<BinaryViewType>>, DataType::BinaryView;
    [const N: usize] encoding::FixedSizeBinary<N> => FixedBytesBuffer<N>, FixedBytesBuffer::<N>::data_type();
}

impl<const N: usize> Column<Natural> for [u8; N] {
    type Buffer = FixedBytesBuffer<N>;

    fn data_type() -> DataType {
        FixedBytesBuffer::<N>::data_type()
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_array(self);
    }
}

impl<const N: usize> FromColumn<Natural> for [u8; N] {
    type Reader = BytesReader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        BytesReader::new(array)
    }

    #[inline]
    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.array(row)
    }
}

impl<const N: usize> Item<Natural> for [u8; N] {}

#[cfg(feature = "bytes")]
impl<E> Column<E> for bytes::Bytes
where
    [u8]: Column<E>,
{
    type Buffer = <[u8] as Column<E>>::Buffer;

    fn data_type() -> DataType {
        <[u8] as Column<E>>::data_type()
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        self.as_ref().append_to(slot);
    }
}

#[cfg(feature = "bytes")]
impl<E> Item<E> for bytes::Bytes where bytes::Bytes: Column<E> {}

#[cfg(feature = "bytes")]
impl<E> FromColumn<E> for bytes::Bytes
where
    [u8]: Column<E>,
    Vec<u8>: FromColumn<E>,
{
    type Reader = <Vec<u8> as FromColumn<E>>::Reader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        <Vec<u8> as FromColumn<E>>::reader(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        <Vec<u8> as FromColumn<E>>::read(reader, row).map(Self::from)
    }
}

/// `list`: bytes as a `List` of `UInt8`.
impl Column<encoding::List> for [u8] {
    type Buffer = ListBuffer<PrimitiveBuffer<UInt8Type>>;

    fn data_type() -> DataType {
        super::list::data_type::<u8, Natural>()
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_items(self.len(), |slots| slots.extend(self));
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
    /// A dictionary or runs of bytes: which value each row has.
    Indirect(Vec<usize>, Box<BytesReader>),
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
            _ => crate::kernels::places(array).and_then(|(places, values)| {
                Some(Self::Indirect(places, Box::new(Self::new(&values).ok()?)))
            }),
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
            // Where there is no place every row is null, and none is read.
            Self::Indirect(places, values) => places.get(row).map_or(&[], |place| values.get(*place)),
        }
    }

    /// The bytes of one row, of which there are exactly `N`.
    ///
    /// # Errors
    /// A fault when there are more or fewer.
    #[inline]
    pub fn array<const N: usize>(&self, row: usize) -> Result<[u8; N], Box<Fault>> {
        let bytes = self.get(row);
        bytes.try_into().map_err(|_| {
            let message = format!("is {} bytes long, and the field takes exactly {N}", bytes.len());
            Box::new(Fault::new(row, message))
        })
    }
}
