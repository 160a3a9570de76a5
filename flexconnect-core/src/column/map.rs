//! `BTreeMap` and `HashMap` as `Map`. The encoding is that of the values; keys have their own type's.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field, Fields};

use crate::buffer::{Fault, ListBuffer, MapLayout, Slot};
use super::{Column, FromColumn, Item, Mismatch, Source, field};

/// Names the format's own schema gives the parts of a map.
const ENTRIES: &str = "entries";
const KEY: &str = "key";
const VALUE: &str = "value";

fn data_type<K: Column, V: Column<E>, E>() -> DataType {
    const { assert!(!K::NULLABLE, "the keys of a map cannot be an `Option`: Arrow has no null keys") };
    let pair = Fields::from(vec![field::<K, super::Natural>(KEY), field::<V, E>(VALUE)]);
    DataType::Map(Arc::new(Field::new(ENTRIES, DataType::Struct(pair), false)), false)
}

/// A column of maps, and the readers of their keys and values.
#[derive(Debug, Clone)]
pub struct MapReader<K, V> {
    offsets: OffsetBuffer<i32>,
    keys: Source<K>,
    values: Source<V>,
}

impl<K, V> MapReader<K, V> {
    fn new<KT, VT, E>(array: &ArrayRef) -> Result<Self, Vec<Mismatch>>
    where
        KT: FromColumn<Reader = K>,
        VT: FromColumn<E, Reader = V>,
    {
        let Some(map) = array.as_map_opt() else {
            let expected = format!("Map of {} to {}", KT::data_type(), VT::data_type());
            return Err(Mismatch::of_type(expected, array.data_type()));
        };
        let keys =
            Source::new::<KT, super::Natural>(map.keys()).map_err(|found| Mismatch::inside(KEY, found));
        let values = Source::new::<VT, E>(map.values()).map_err(|found| Mismatch::inside(VALUE, found));
        match (keys, values) {
            (Ok(keys), Ok(values)) => Ok(MapReader { offsets: map.offsets().clone(), keys, values }),
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
        (self.offsets[row] as usize..self.offsets[row + 1] as usize)
            .map(|at| {
                let key = self.keys.get(at).map_err(inside(KEY))?;
                Ok((key, self.values.get::<VT, E>(at).map_err(inside(VALUE))?))
            })
            .collect()
    }
}

macro_rules! map {
    ($([$($generics:tt)*] $map:ty, $($bounds:tt)*)*) => {$(
        impl<K: Column, V: Column<E>, E, $($generics)*> Column<E> for $map {
            type Buffer = ListBuffer<(K::Buffer, V::Buffer), MapLayout>;

            fn data_type() -> DataType {
                data_type::<K, V, E>()
            }

            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                slot.push_items(self.len(), |slots| {
                    slots.fill(self, |(key, value), slot| {
                        let (key_slot, value_slot) = slot.split();
                        key.append_to(key_slot);
                        value.append_to(value_slot);
                    });
                });
            }
        }

        impl<K, V, E, $($generics)*> Item<E> for $map where $map: Column<E> {}

        impl<K: FromColumn, V: FromColumn<E>, E, $($generics)*> FromColumn<E> for $map
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
