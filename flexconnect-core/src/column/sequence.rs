//! Collections besides `Vec` that are lists: `VecDeque`, `BTreeSet` and `HashSet`.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};

use arrow_array::ArrayRef;
use arrow_schema::DataType;

use super::encoding::PassedOn;
use super::{Column, FromColumn, Item, ListReader, Mismatch, list};
use crate::buffer::{Fault, ListBuffer, Slot};

macro_rules! sequence {
    ($([$($generics:tt)*] $rust:ty, $($bounds:tt)*)*) => {$(
        impl<T: Item<E>, E: PassedOn, $($generics)*> Column<E> for $rust {
            type Buffer = ListBuffer<T::Buffer>;

            fn data_type() -> DataType {
                list::data_type::<T, E>()
            }

            #[inline]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                slot.push_items(self.len(), |slots| slots.fill(self, |item, slot| item.append_to(slot)));
            }
        }

        impl<T, E, $($generics)*> Item<E> for $rust where $rust: Column<E> {}

        impl<T: FromColumn<E> + Item<E>, E: PassedOn, $($generics)*> FromColumn<E> for $rust
        where
            $($bounds)*
        {
            type Reader = ListReader<T::Reader>;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                ListReader::new::<T, E>(array)
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                reader.items::<T, E>(row).collect()
            }
        }
    )*};
}

sequence! {
    [] VecDeque<T>,
}
sequence! {
    [] BTreeSet<T>, T: Ord,
}
sequence! {
    [S] HashSet<T, S>, T: Eq + Hash, S: BuildHasher + Default,
}
