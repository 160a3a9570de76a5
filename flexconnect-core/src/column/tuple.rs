//! Tuples as structs, whose parts are called by their places, or by `names(..)`.

use std::marker::PhantomData;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field, Fields};

use super::encoding::{Names, Natural};
use super::{Column, FromColumn, Item, Mismatch, Source, field};
use crate::buffer::{Buffers, Columns, Fault, Slot, StructBuffer};

/// An encoding that says what the parts of a tuple are called.
pub trait TupleEncoding: 'static {
    /// The name of the part at this place.
    fn name(at: usize) -> String;
}

impl TupleEncoding for Natural {
    fn name(at: usize) -> String {
        at.to_string()
    }
}

/// The names in `names("a", "b")`; the derive emits a type for them.
pub trait PartNames: 'static {
    /// One name per part.
    const NAMES: &'static [&'static str];
}

impl<N: PartNames> TupleEncoding for Names<N> {
    fn name(at: usize) -> String {
        N::NAMES.get(at).map_or_else(|| at.to_string(), |name| (*name).to_owned())
    }
}

/// The columns of a tuple.
#[derive(Debug)]
pub struct TupleColumns<B, E>(PhantomData<fn() -> (B, E)>);

impl<B: Buffers, E: TupleEncoding> Columns for TupleColumns<B, E> {
    type Buffers = B;

    fn name(at: usize) -> String {
        E::name(at)
    }
}

fn part<T: Column>(name: &str) -> Field {
    field::<T, Natural>(name)
}

macro_rules! tuple {
    ($($part:ident $at:tt),*) => {
        impl<$($part: Column,)* E: TupleEncoding> Column<E> for ($($part,)*) {
            type Buffer = StructBuffer<TupleColumns<($($part::Buffer,)*), E>>;

            fn data_type() -> DataType {
                DataType::Struct(Fields::from(vec![$(part::<$part>(&E::name($at))),*]))
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                let slots = slot.columns().split();
                $(self.$at.append_to(slots.$at);)*
            }
        }

        impl<$($part: Column,)* E: TupleEncoding> Item<E> for ($($part,)*) {}

        impl<$($part: FromColumn,)* E: TupleEncoding> FromColumn<E> for ($($part,)*) {
            type Reader = ($(Source<$part::Reader>,)*);

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                let arrays = parts(array, &<Self as Column<E>>::data_type())?;
                let mut mismatches = Vec::new();
                let sources = ($(
                    Source::new::<$part, Natural>(&arrays[$at])
                        .map_err(|found| mismatches.extend(Mismatch::inside(&E::name($at), found)))
                        .ok(),
                )*);
                match sources {
                    #[allow(non_snake_case, reason = "one name for a type and its reader")]
                    ($(Some($part),)*) => Ok(($($part,)*)),
                    _ => Err(mismatches),
                }
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                Ok(($(
                    reader.$at
                        .get::<$part, Natural>(row)
                        .map_err(|fault| Box::new(fault.inside(&E::name($at), row)))?,
                )*))
            }
        }
    };
}

/// The columns of a struct column, by the names that are expected.
fn parts(array: &ArrayRef, expected: &DataType) -> Result<Vec<ArrayRef>, Vec<Mismatch>> {
    let (Some(found), DataType::Struct(fields)) = (array.as_struct_opt(), expected) else {
        return Err(Mismatch::of_type(expected.to_string(), array.data_type()));
    };
    let missing = |field: &Field| Mismatch::missing(field.name(), field.data_type().to_string());
    let (arrays, mismatches) =
        fields.iter().fold((Vec::new(), Vec::new()), |(mut arrays, mut missed), field| {
            match found.column_by_name(field.name()) {
                Some(array) => arrays.push(array.clone()),
                None => missed.push(missing(field)),
            }
            (arrays, missed)
        });
    if mismatches.is_empty() { Ok(arrays) } else { Err(mismatches) }
}

tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, F 4);
tuple!(A 0, B 1, C 2, D 3, F 4, G 5);
tuple!(A 0, B 1, C 2, D 3, F 4, G 5, H 6);
tuple!(A 0, B 1, C 2, D 3, F 4, G 5, H 6, I 7);
tuple!(A 0, B 1, C 2, D 3, F 4, G 5, H 6, I 7, J 8);
tuple!(A 0, B 1, C 2, D 3, F 4, G 5, H 6, I 7, J 8, K 9);
tuple!(A 0, B 1, C 2, D 3, F 4, G 5, H 6, I 7, J 8, K 9, L 10);
tuple!(A 0, B 1, C 2, D 3, F 4, G 5, H 6, I 7, J 8, K 9, L 10, M 11);
