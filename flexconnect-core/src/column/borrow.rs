//! Values that borrow from the column they are read from, and so are read without an allocation.

use std::borrow::Cow;

use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::DataType;

use super::encoding::{
    Binary, BinaryView, FixedSizeBinary, LargeBinary, ListKind, Lists, NamedItem, Natural,
};
use super::list::{self, Extents};
use super::text::{TextEncoding, TextReader};
use super::{BytesReader, Column, Mismatch, Source};
use crate::buffer::Fault;

/// A [`Column`] type whose values can borrow from a column for as long as `'r`: `&str`, bytes, slices of numbers, and a
/// `#[derive(Table)]` struct with a lifetime.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be borrowed from a column",
    label = "can be written only",
    note = "`&str`, `&[u8]`, `&[T]` of numbers, `Cow` of text and bytes, and structs of these can"
)]
pub trait BorrowColumn<'r, E = Natural>: Sized {
    // Not a kind of `Column`, or the bounds of a derived struct would say twice, of two lifetimes, that a field is a
    // `Column`, and the compiler would take the two lifetimes for one.

    /// The array, checked and downcast.
    type Reader: Send + Sync + 'static;

    /// Whether the column can hold a null: true for `Option` only.
    const NULLABLE: bool = false;

    /// As [`Column::MAY_SEEM_NULL`](super::Column::MAY_SEEM_NULL).
    const MAY_SEEM_NULL: bool = Self::NULLABLE;

    /// The Arrow type that fits best, as [`Column::data_type`](super::Column::data_type).
    fn data_type() -> DataType;

    /// Checks the array's type and downcasts it, once per batch.
    ///
    /// # Errors
    /// One [`Mismatch`] per part of the type that does not fit.
    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>>;

    /// The value of one row, which is below the array's length and null only for an `Option`.
    ///
    /// # Errors
    /// A [`Fault`] when the value does not fit `Self`; its row is set by the caller.
    fn borrow(reader: &'r Self::Reader, row: usize) -> Result<Self, Box<Fault>>;

    /// What a column that is missing from the batch stands for; `None` when it must be there.
    fn missing() -> Option<Self> {
        None
    }

    /// Which rows are null, as [`FromColumn::nulls`](super::FromColumn::nulls).
    fn nulls(array: &ArrayRef) -> Option<NullBuffer> {
        array.logical_nulls()
    }
}

macro_rules! borrowed {
    ($([$($generics:tt)*] $rust:ty, $encoding:ty, $reader:ident, |$value:ident| $take:expr;)*) => {$(
        impl<'r, $($generics)*> BorrowColumn<'r, $encoding> for $rust {
            type Reader = $reader;

            fn data_type() -> DataType {
                <$rust as Column<$encoding>>::data_type()
            }

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                $reader::new(array)
            }

            #[inline]
            fn borrow(reader: &'r Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                let $value = reader.get(row);
                Ok($take)
            }
        }
    )*};
}

borrowed! {
    [E: TextEncoding] &'r str, E, TextReader, |text| text;
    [E: TextEncoding] Cow<'r, str>, E, TextReader, |text| Cow::Borrowed(text);
    [] &'r [u8], Natural, BytesReader, |bytes| bytes;
    [] &'r [u8], Binary, BytesReader, |bytes| bytes;
    [] &'r [u8], LargeBinary, BytesReader, |bytes| bytes;
    [] &'r [u8], BinaryView, BytesReader, |bytes| bytes;
    [const N: usize] &'r [u8], FixedSizeBinary<N>, BytesReader, |bytes| bytes;
    [] Cow<'r, [u8]>, Natural, BytesReader, |bytes| Cow::Borrowed(bytes);
}

impl<'r, const N: usize> BorrowColumn<'r, Natural> for &'r [u8; N] {
    type Reader = BytesReader;

    fn data_type() -> DataType {
        <[u8; N] as Column>::data_type()
    }

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        BytesReader::new(array)
    }

    #[inline]
    fn borrow(reader: &'r Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        let bytes = reader.get(row);
        bytes.try_into().map_err(|_| {
            let message = format!("is {} bytes long, and the field takes exactly {N}", bytes.len());
            Box::new(Fault::new(row, message))
        })
    }
}

impl<'r, T: BorrowColumn<'r, E>, E> BorrowColumn<'r, E> for Option<T> {
    type Reader = Source<T::Reader>;

    const NULLABLE: bool = true;

    fn data_type() -> DataType {
        T::data_type()
    }

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        // A column of nothing but nulls may come without a type of its own: every value is `None` then.
        if array.data_type() == &DataType::Null {
            return Source::all_null_borrowed::<T, E>(array.len());
        }
        Source::borrowed::<T, E>(array)
    }

    #[inline]
    fn borrow(reader: &'r Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        if reader.is_null(row) { Ok(None) } else { reader.borrow::<T, E>(row).map(Some) }
    }

    fn missing() -> Option<Self> {
        Some(None)
    }

    fn nulls(array: &ArrayRef) -> Option<NullBuffer> {
        T::nulls(array)
    }
}

/// A column of lists of numbers, each of which is a slice.
#[derive(Debug)]
pub struct SliceReader<A: ArrowPrimitiveType> {
    extents: Extents,
    values: ScalarBuffer<A::Native>,
}

impl<A: ArrowPrimitiveType> SliceReader<A> {
    /// Accepts every layout of lists whose items have this very type and are never null.
    fn new(array: &ArrayRef) -> Option<Self> {
        let (extents, items) = list::split(array)?;
        let items = items.as_any().downcast_ref::<PrimitiveArray<A>>()?;
        (items.null_count() == 0).then(|| SliceReader { extents, values: items.values().clone() })
    }
}

macro_rules! slices {
    ($($rust:ty: $arrow:ty;)*) => {$(
        slices!(@impl [] Natural, $rust, $arrow);
        slices!(@impl [L: ListKind, N: NamedItem] Lists<L, N, Natural>, $rust, $arrow);
    )*};
    (@impl [$($generics:tt)*] $encoding:ty, $rust:ty, $arrow:ty) => {
        impl<'r, $($generics)*> BorrowColumn<'r, $encoding> for &'r [$rust] {
            type Reader = SliceReader<$arrow>;

            fn data_type() -> DataType {
                <[$rust] as Column<$encoding>>::data_type()
            }

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                SliceReader::new(array).ok_or_else(|| {
                    let expected = format!("a list of {} without nulls", <$arrow>::DATA_TYPE);
                    Mismatch::of_type(expected, array.data_type())
                })
            }

            #[inline]
            fn borrow(reader: &'r Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                Ok(&reader.values[reader.extents.range(row)])
            }
        }
    };
}

slices! {
    i8: Int8Type;
    i16: Int16Type;
    i32: Int32Type;
    i64: Int64Type;
    u16: UInt16Type;
    u32: UInt32Type;
    u64: UInt64Type;
    f32: Float32Type;
    f64: Float64Type;
}
