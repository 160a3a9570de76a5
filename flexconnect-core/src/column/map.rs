//! `BTreeMap` and `HashMap` as `Map`. The encoding is that of the values; keys have their own type's.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, MapArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Fields};

use super::fault::earlier;
use super::{Column, ColumnBuffer, Fault, FirstFault, FromColumn, Item, Mismatch, Source, field};

/// Names the format's own schema gives the parts of a map.
const ENTRIES: &str = "entries";
const KEY: &str = "key";
const VALUE: &str = "value";

/// The entries of all maps end to end, with the offset where each map ends.
#[derive(Debug)]
pub struct MapBuffer<K, V> {
    offsets: Vec<i32>,
    keys: K,
    values: V,
    fault: FirstFault,
}

impl<K: ColumnBuffer, V: ColumnBuffer> MapBuffer<K, V> {
    fn push_entries<'m, KT, VT, E>(&mut self, entries: impl ExactSizeIterator<Item = (&'m KT, &'m VT)>)
    where
        KT: Column<Buffer = K> + 'm,
        VT: Column<E, Buffer = V> + 'm,
    {
        match i32::try_from(self.keys.len() + entries.len()) {
            Ok(end) => {
                self.offsets.push(end);
                for (key, value) in entries {
                    key.append_to(&mut self.keys);
                    value.append_to(&mut self.values);
                }
            }
            Err(_) => {
                let row = self.len();
                self.fault.record(row, || {
                    "a `Map` column holds at most 2^31 entries in one batch, and these do not fit".to_owned()
                });
                self.push_default();
            }
        }
    }

    /// The row of a fault among the entries.
    fn map_of(&self, fault: Fault, part: &str) -> Fault {
        let row = self.offsets.partition_point(|offset| *offset as usize <= fault.row) - 1;
        fault.inside(part, row)
    }
}

impl<K: ColumnBuffer, V: ColumnBuffer> ColumnBuffer for MapBuffer<K, V> {
    fn with_capacity(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        MapBuffer {
            offsets,
            keys: K::with_capacity(rows),
            values: V::with_capacity(rows),
            fault: FirstFault::default(),
        }
    }

    fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    fn push_default(&mut self) {
        self.offsets.push(self.offsets.last().copied().unwrap_or_default());
    }

    fn bytes(&self) -> usize {
        size_of_val(self.offsets.as_slice()) + self.keys.bytes() + self.values.bytes()
    }

    fn take_fault(&mut self) -> Option<Fault> {
        let key = self.keys.take_fault().map(|fault| self.map_of(fault, KEY));
        let value = self.values.take_fault().map(|fault| self.map_of(fault, VALUE));
        earlier(earlier(key, value), self.fault.take())
    }

    fn finish(&mut self, data_type: &DataType, nulls: Option<NullBuffer>) -> ArrayRef {
        let DataType::Map(entries, sorted) = data_type else {
            unreachable!("the type is the one `Column::data_type` gave for this buffer")
        };
        let DataType::Struct(fields) = entries.data_type() else {
            unreachable!("the entries of a map are a struct")
        };
        let mut next = Vec::with_capacity(self.offsets.len());
        next.push(0);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(std::mem::replace(&mut self.offsets, next)));
        let keys = self.keys.finish(fields[0].data_type(), None);
        let values = self.values.finish(fields[1].data_type(), None);
        let pairs = StructArray::new(fields.clone(), vec![keys, values], None);
        Arc::new(MapArray::new(entries.clone(), offsets, pairs, nulls, *sorted))
    }
}

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
            type Buffer = MapBuffer<K::Buffer, V::Buffer>;

            fn data_type() -> DataType {
                data_type::<K, V, E>()
            }

            fn append_to(&self, buffer: &mut Self::Buffer) {
                buffer.push_entries::<K, V, E>(self.iter());
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
