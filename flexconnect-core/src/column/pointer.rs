//! `&T`, `Box<T>`, `Arc<T>`, `Rc<T>` and `Cow<T>`: the column of what they point at.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;

use super::{Column, FromColumn, Item, Mismatch};
use crate::buffer::{Fault, Nullable, Slot};

macro_rules! pointer {
    ($([$($generics:tt)*] $pointer:ty;)*) => {$(
        impl<$($generics)*, E> Column<E> for $pointer
        where
            T: Column<E> + ?Sized,
        {
            type Buffer = T::Buffer;

            const NULLABLE: bool = T::NULLABLE;

            const MAY_SEEM_NULL: bool = T::MAY_SEEM_NULL;

            const HAS_NULL: bool = T::HAS_NULL;

            const REFUSED: Option<&'static str> = T::REFUSED;

            fn data_type() -> DataType {
                T::data_type()
            }

            fn metadata() -> Vec<(&'static str, String)> {
                T::metadata()
            }

            #[inline(always)]
            fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
                (**self).append_to(slot);
            }

            #[inline(always)]
            fn append_option(value: Option<&Self>, slot: Slot<'_, Nullable<Self::Buffer>>) {
                T::append_option(value.map(|value| &**value), slot);
            }
        }

        impl<$($generics)*, E> Item<E> for $pointer
        where
            T: ?Sized,
            $pointer: Column<E>,
        {
        }
    )*};
}

pointer! {
    ['p, T] &'p T;
    [T] Box<T>;
    [T] Arc<T>;
    [T] Rc<T>;
    ['p, T: ToOwned] Cow<'p, T>;
}

macro_rules! owned_pointer {
    ($($pointer:ident)*) => {$(
        impl<T: FromColumn<E>, E> FromColumn<E> for $pointer<T> {
            type Reader = T::Reader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                T::reader(array)
            }

            #[inline]
            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                T::read(reader, row).map($pointer::new)
            }

            fn missing() -> Option<Self> {
                T::missing().map($pointer::new)
            }

            fn nulls(array: &ArrayRef) -> Option<NullBuffer> {
                T::nulls(array)
            }
        }
    )*};
}

owned_pointer!(Box Arc Rc);

impl<T, E> FromColumn<E> for Cow<'_, T>
where
    T: Column<E> + ToOwned<Owned: FromColumn<E>> + ?Sized,
{
    type Reader = <T::Owned as FromColumn<E>>::Reader;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        T::Owned::reader(array)
    }

    #[inline]
    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        T::Owned::read(reader, row).map(Cow::Owned)
    }

    fn missing() -> Option<Self> {
        T::Owned::missing().map(Cow::Owned)
    }

    fn nulls(array: &ArrayRef) -> Option<NullBuffer> {
        T::Owned::nulls(array)
    }
}
