//! `BTreeMap` and `HashMap` as `Map`. The encoding is that of the values; keys have their own type's.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field, Fields};

use super::encoding::{KeysSorted, ListKind, Lists, NamedItem, Names, Pairs, PassedOn};
use super::list::{self, Extents};
use super::{Column, FromColumn, Item, Mismatch, PartNames, Source, TupleColumns, field};
use crate::buffer::{Fault, ListBuffer, MapLayout, Slot, StructBuffer};

/// Names the format's own schema gives the parts of a map.
const ENTRIES: &str = "entries";
const KEY: &str = "key";
const VALUE: &str = "value";

fn data_type<K: Column, V: Column<E>, E>(sorted: bool) -> DataType {
    const { assert!(!K::NULLABLE, "the keys of a map cannot be an `Option`: Arrow has no null keys") };
    DataType::Map(Arc::new(Field::new(ENTRIES, DataType::Struct(pair::<K, V, E>()), false)), sorted)
}

fn pair<K: Column, V: Column<E>, E>() -> Fields {
    Fields::from(vec![field::<K, super::Natural>(KEY), field::<V, E>(VALUE)])
}

/// What the parts of a pair are called in a list of them.
#[derive(Debug)]
pub struct PairNames;

impl PartNames for PairNames {
    const NAMES: &'static [&'static str] = &[KEY, VALUE];
}

/// The pairs of a map that is a list of them.
type PairBuffer<K, V, E> =
    StructBuffer<TupleColumns<(<K as Column>::Buffer, <V as Column<E>>::Buffer), Names<PairNames>>>;

/// A column of maps, and the readers of their keys and values.
#[derive(Debug, Clone)]
pub struct MapReader<K, V> {
    extents: Extents,
    keys: Source<K>,
    values: Source<V>,
}

/// Where each map is, all keys and all values, of maps or of lists of pairs.
fn split(array: &ArrayRef) -> Option<(Extents, ArrayRef, ArrayRef)> {
    if let Some(map) = array.as_map_opt() {
        let extents = Extents::Small(map.offsets().clone());
        return Some((extents, map.keys().clone(), map.values().clone()));
    }
    let (extents, items) = list::split(array)?;
    let pairs = items.as_struct_opt()?;
    match pairs.columns() {
        // A pair that is null has no key.
        [keys, values] if pairs.null_count() == 0 => Some((extents, keys.clone(), values.clone())),
        _ => None,
    }
}

impl<K, V> MapReader<K, V> {
    fn new<KT, VT, E>(array: &ArrayRef) -> Result<Self, Vec<Mismatch>>
    where
        KT: FromColumn<Reader = K>,
        VT: FromColumn<E, Reader = V>,
    {
        let Some((extents, keys, values)) = split(array) else {
            let expected = format!("Map of {} to {}", KT::data_type(), VT::data_type());
            return Err(Mismatch::of_type(expected, array.data_type()));
        };
        let keys = Source::new::<KT, super::Natural>(&keys).map_err(|found| Mismatch::inside(KEY, found));
        let values = Source::new::<VT, E>(&values).map_err(|found| Mismatch::inside(VALUE, found));
        match (keys, values) {
            (Ok(keys), Ok(values)) => Ok(MapReader { extents, keys, values }),
            (keys, values) => {
                let found = keys.err().into_iter().chain(values.err());
                Err(found.flatten().collect())
            }
        }
    }

    fn entries<KT, VT, E, M>(&self, row: usize) -> Result<M, Box<Fault>>
    where
        KT: FromColumn<Reader = K>,
        VT: FromColumn<E, Reader = V>,
        M: FromIterator<(KT, VT)>,
    {
        let inside = |part| move |fault: Box<Fault>| Box::new(fault.inside(part, row));
        self.extents
            .range(row)
            .map(|at| {
                let key = self.keys.get(at).map_err(inside(KEY))?;
                Ok((key, self.values.get::<VT, E>(at).map_err(inside(VALUE))?))
            })
            .collect()
    }
}

/// The buffer of a map.
type Buffer<K, V, E> = ListBuffer<(<K as Column>::Buffer, <V as Column<E>>::Buffer), MapLayout>;

/// Appends one map.
#[inline]
fn append<'m, K: Column + 'm, V: Column<E> + 'm, E>(
    count: usize,
    pairs: impl IntoIterator<Item = (&'m K, &'m V)>,
    slot: Slot<'_, Buffer<K, V, E>>,
) {
    slot.push_items(count, |slots| {
        slots.fill(pairs, |(key, value), slot| {
            let (key_slot, value_slot) = slot.split();
            key.append_to(key_slot);
            value.append_to(value_slot);
        });
    });
}

macro_rules! map {
    ($([$($generics:tt)*] $map:ty, $($bounds:tt)*)*) => {$(
        impl<K: Column, V: Column<E>, E: PassedOn, $($generics)*> Column<E> for $map {
            type Buffer = ListBuffer<(K::Buffer, V::Buffer), MapLayout>;

            fn data_type() -> DataType {
                data_type::<K, V, E>(false)
            }

            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                append::<K, V, E>(self.len(), self, slot);
            }
        }

        impl<K, V, E, $($generics)*> Item<E> for $map where $map: Column<E> {}

        /// `list`: a list of structs of a key and a value.
        impl<K: Column, V: Column<E>, E, L: ListKind, N: NamedItem, $($generics)*> Column<Lists<L, N, E>> for $map {
            type Buffer = ListBuffer<PairBuffer<K, V, E>, L::Layout<PairBuffer<K, V, E>>>;

            fn data_type() -> DataType {
                L::data_type(Arc::new(Field::new(N::NAME, DataType::Struct(pair::<K, V, E>()), false)))
            }

            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                slot.push_items(self.len(), |slots| {
                    slots.fill(self, |(key, value), slot| {
                        let (key_slot, value_slot) = slot.columns().split();
                        key.append_to(key_slot);
                        value.append_to(value_slot);
                    });
                });
            }
        }

        impl<K: FromColumn, V: FromColumn<E>, E, L: ListKind, N: NamedItem, $($generics)*> FromColumn<Lists<L, N, E>> for $map
        where
            $($bounds)*
        {
            type Reader = MapReader<K::Reader, V::Reader>;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                MapReader::new::<K, V, E>(array)
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                reader.entries::<K, V, E, Self>(row)
            }
        }

        impl<K: FromColumn, V: FromColumn<E>, E: PassedOn, $($generics)*> FromColumn<E> for $map
        where
            $($bounds)*
        {
            type Reader = MapReader<K::Reader, V::Reader>;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                MapReader::new::<K, V, E>(array)
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                reader.entries::<K, V, E, Self>(row)
            }
        }
    )*};
}

map! {
    [] BTreeMap<K, V>, K: Ord,
}
map! {
    [S] HashMap<K, V, S>, K: Eq + Hash, S: BuildHasher + Default,
}

#[cfg(feature = "indexmap")]
map! {
    [S] indexmap::IndexMap<K, V, S>, K: Eq + Hash, S: BuildHasher + Default,
}

/// `keys_sorted`: the column says that the keys of each map are in order.
impl<K: Column, V: Column<E>, E> Column<KeysSorted<E>> for BTreeMap<K, V> {
    type Buffer = Buffer<K, V, E>;

    fn data_type() -> DataType {
        data_type::<K, V, E>(true)
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        append::<K, V, E>(self.len(), self, slot);
    }
}

impl<K: FromColumn + Ord, V: FromColumn<E>, E> FromColumn<KeysSorted<E>> for BTreeMap<K, V> {
    type Reader = MapReader<K::Reader, V::Reader>;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        MapReader::new::<K, V, E>(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.entries::<K, V, E, Self>(row)
    }
}

/// `map`: a list of pairs as a map.
impl<K: Column, V: Column<E>, E> Column<Pairs<E>> for [(K, V)] {
    type Buffer = Buffer<K, V, E>;

    fn data_type() -> DataType {
        data_type::<K, V, E>(false)
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        append::<K, V, E>(self.len(), self.iter().map(|(key, value)| (key, value)), slot);
    }
}

impl<K: FromColumn, V: FromColumn<E>, E> FromColumn<Pairs<E>> for Vec<(K, V)> {
    type Reader = MapReader<K::Reader, V::Reader>;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        MapReader::new::<K, V, E>(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.entries::<K, V, E, Self>(row)
    }
}
