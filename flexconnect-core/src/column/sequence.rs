//! Collections besides `Vec` that are lists: `VecDeque`, `BTreeSet`, `HashSet`, and those of other crates.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};

use arrow_array::ArrayRef;
use arrow_schema::DataType;

use super::encoding::{FixedSizeList, ListKind, Lists, NamedItem, PassedOn};
use super::{Column, FromColumn, Item, ListReader, Mismatch, list};
use crate::buffer::{Fault, FixedListBuffer, ListBuffer, Slot};

macro_rules! sequence {
    ($([$($generics:tt)*] $rust:ty, $($bounds:tt)*)*) => {$(
        impl<T: Item<E>, E: PassedOn, $($generics)*> Column<E> for $rust {
            type Buffer = ListBuffer<T::Buffer>;

            const REFUSED: Option<&'static str> = T::REFUSED;

            fn data_type() -> DataType {
                list::data_type::<T, E>()
            }

            #[inline]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                slot.push_items(self.len(), |slots| slots.fill(self, |item, slot| item.append_to(slot)));
            }
        }

        impl<T: Item<E>, E, L: ListKind, N: NamedItem, $($generics)*> Column<Lists<L, N, E>> for $rust {
            type Buffer = ListBuffer<T::Buffer, L::Layout<T::Buffer>>;

            const REFUSED: Option<&'static str> = T::REFUSED;

            fn data_type() -> DataType {
                <[T] as Column<Lists<L, N, E>>>::data_type()
            }

            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                slot.push_items(self.len(), |slots| slots.fill(self, |item, slot| item.append_to(slot)));
            }
        }

        impl<T: Item<E>, E, N: NamedItem, const COUNT: usize, $($generics)*> Column<FixedSizeList<COUNT, N, E>> for $rust {
            type Buffer = FixedListBuffer<T::Buffer, COUNT>;

            const REFUSED: Option<&'static str> = T::REFUSED;

            fn data_type() -> DataType {
                <[T] as Column<FixedSizeList<COUNT, N, E>>>::data_type()
            }

            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                if self.len() == COUNT {
                    slot.push_items(|slots| slots.fill(self, |item, slot| item.append_to(slot)));
                } else {
                    slot.fault(self.len());
                }
            }
        }

        impl<T, E, $($generics)*> Item<E> for $rust where $rust: Column<E> {}

        sequence!(@read [$($generics)* E: PassedOn] $rust, E, $($bounds)*);
        sequence!(@read [$($generics)* E, L: ListKind, N: NamedItem] $rust, Lists<L, N, E>, $($bounds)*);
        sequence!(@read [$($generics)* E, N: NamedItem, const COUNT: usize] $rust, FixedSizeList<COUNT, N, E>, $($bounds)*);
    )*};
    (@read [$($generics:tt)*] $rust:ty, $encoding:ty, $($bounds:tt)*) => {
        impl<T: FromColumn<E> + Item<E>, $($generics)*> FromColumn<$encoding> for $rust
        where
            $($bounds)*
        {
            type Reader = ListReader<T::Reader>;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                ListReader::new::<T, E>(array)
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                made(reader.items::<T, E>(row), row)
            }
        }
    };
}

sequence! {
    [] VecDeque<T>,
}
sequence! {
    [] BTreeSet<T>, T: Ord,
}
sequence! {
    [S,] HashSet<T, S>, T: Eq + Hash, S: BuildHasher + Default,
}
#[cfg(feature = "smallvec")]
sequence! {
    [A: smallvec::Array<Item = T>,] smallvec::SmallVec<A>,
}
#[cfg(feature = "arrayvec")]
sequence! {
    [const CAPACITY: usize,] arrayvec::ArrayVec<T, CAPACITY>,
}

/// A collection that can be made of items, as far as it has room.
trait Made<T>: Sized {
    /// The collection of all these items, or a fault.
    fn made(
        items: impl ExactSizeIterator<Item = Result<T, Box<Fault>>>,
        row: usize,
    ) -> Result<Self, Box<Fault>>;
}

fn made<T, C: Made<T>>(
    items: impl ExactSizeIterator<Item = Result<T, Box<Fault>>>,
    row: usize,
) -> Result<C, Box<Fault>> {
    C::made(items, row)
}

macro_rules! collected {
    ($([$($generics:tt)*] $rust:ty;)*) => {$(
        impl<$($generics)*> Made<T> for $rust {
            fn made(
                items: impl ExactSizeIterator<Item = Result<T, Box<Fault>>>,
                _row: usize,
            ) -> Result<Self, Box<Fault>> {
                items.collect()
            }
        }
    )*};
}

collected! {
    [T] VecDeque<T>;
    [T: Ord] BTreeSet<T>;
    [T: Eq + Hash, S: BuildHasher + Default] HashSet<T, S>;
}
#[cfg(feature = "smallvec")]
collected! {
    [T, A: smallvec::Array<Item = T>] smallvec::SmallVec<A>;
}

#[cfg(feature = "arrayvec")]
impl<T, const CAPACITY: usize> Made<T> for arrayvec::ArrayVec<T, CAPACITY> {
    fn made(
        items: impl ExactSizeIterator<Item = Result<T, Box<Fault>>>,
        row: usize,
    ) -> Result<Self, Box<Fault>> {
        let found = items.len();
        if found > CAPACITY {
            let message = format!("is a list of {found} items, and the field has room for {CAPACITY}");
            return Err(Box::new(Fault::new(row, message)));
        }
        items.collect()
    }
}
