//! `tensor`: numbers of one shape, as the canonical extension `arrow.fixed_shape_tensor`.

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use arrow_schema::extension::{EXTENSION_TYPE_METADATA_KEY, EXTENSION_TYPE_NAME_KEY};

use super::encoding::{Natural, Tensor};
use super::{Column, FromColumn, Item, ListReader, Mismatch};
use crate::buffer::{Fault, FixedListBuffer, Slot};

/// The shape of a tensor; the derive emits a type for `tensor(..)`.
pub trait Shape: 'static {
    /// The sizes of its dimensions, the outermost first.
    const SIZES: &'static [usize];
}

/// The extension's name and parameters.
fn metadata<S: Shape>() -> Vec<(&'static str, String)> {
    let sizes: Vec<String> = S::SIZES.iter().map(ToString::to_string).collect();
    let shape = format!("{{\"shape\":[{}]}}", sizes.join(","));
    vec![
        (EXTENSION_TYPE_NAME_KEY, "arrow.fixed_shape_tensor".to_owned()),
        (EXTENSION_TYPE_METADATA_KEY, shape),
    ]
}

fn data_type<T: Column, const LEN: usize>() -> DataType {
    let item = super::field::<T, Natural>("item");
    DataType::FixedSizeList(item.into(), FixedListBuffer::<T::Buffer, LEN>::LENGTH)
}

impl<T: Item, const LEN: usize, S: Shape> Column<Tensor<LEN, S>> for Vec<T> {
    type Buffer = FixedListBuffer<T::Buffer, LEN>;

    fn data_type() -> DataType {
        data_type::<T, LEN>()
    }

    fn metadata() -> Vec<(&'static str, String)> {
        metadata::<S>()
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        if self.len() == LEN {
            slot.push_items(|slots| T::append_all(self, slots));
        } else {
            slot.fault(self.len());
        }
    }
}

impl<T: FromColumn + Item, const LEN: usize, S: Shape> FromColumn<Tensor<LEN, S>> for Vec<T> {
    type Reader = ListReader<T::Reader>;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        ListReader::new::<T, Natural>(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        let items = reader.items::<T, Natural>(row);
        let found = items.len();
        if found != LEN {
            let message = format!("is a list of {found} items, and the tensor has {LEN}");
            return Err(Box::new(Fault::new(row, message)));
        }
        items.collect()
    }
}

/// Arrays of arrays that are numbers end to end.
macro_rules! nested {
    ($($rust:ident)*) => {$(
        nested!(@dimension $rust, [A], [$rust; A], |tensor| tensor.as_slice());
        nested!(@dimension $rust, [A B], [[$rust; B]; A], |tensor| tensor.as_flattened());
        nested!(@dimension $rust, [A B C], [[[$rust; C]; B]; A], |tensor| tensor.as_flattened().as_flattened());
        nested!(@dimension $rust, [A B C D], [[[[$rust; D]; C]; B]; A], |tensor| {
            tensor.as_flattened().as_flattened().as_flattened()
        });
    )*};
    (@dimension $rust:ident, [$($size:ident)*], $tensor:ty, $flat:expr) => {
        impl<const LEN: usize, S: Shape, $(const $size: usize),*> Column<Tensor<LEN, S>> for $tensor {
            type Buffer = FixedListBuffer<<$rust as Column>::Buffer, LEN>;

            fn data_type() -> DataType {
                // The derive multiplies the sizes as they are written.
                const { assert!(LEN == 1 $(* $size)*, "the sizes of the tensor are those of the array") };
                data_type::<$rust, LEN>()
            }

            fn metadata() -> Vec<(&'static str, String)> {
                metadata::<S>()
            }

            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                let flat: fn(&$tensor) -> &[$rust] = $flat;
                slot.push_items(|slots| <$rust as Column>::append_all(flat(self), slots));
            }
        }

        impl<const LEN: usize, S: Shape, $(const $size: usize),*> FromColumn<Tensor<LEN, S>> for $tensor {
            type Reader = ListReader<<$rust as FromColumn>::Reader>;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                ListReader::new::<$rust, Natural>(array)
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                let numbers = <Vec<$rust> as FromColumn<Tensor<LEN, S>>>::read(reader, row)?;
                let mut numbers = numbers.into_iter();
                // There are as many as both lengths say.
                Ok(nested!(@read numbers, $($size)*))
            }
        }
    };
    (@read $numbers:ident, $size:ident) => {
        std::array::from_fn::<_, $size, _>(|_| $numbers.next().unwrap_or_default())
    };
    (@read $numbers:ident, $size:ident $($inner:ident)+) => {
        std::array::from_fn::<_, $size, _>(|_| nested!(@read $numbers, $($inner)+))
    };
}

nested!(f32 f64 i8 i16 i32 i64 u16 u32 u64);
