//! Lists: `Vec<T>` and slices as `List`, `[T; N]` as `FixedSizeList`.

use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, FixedSizeListArray, LargeListArray, LargeListViewArray, ListArray, ListViewArray,
};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;

use crate::buffer::{Fault, FixedListBuffer, ListBuffer, Slot};
use super::{Column, FromColumn, Item, Mismatch, Source, field};

/// What the child of a list is called.
const ITEM: &str = "item";

/// The type of a list of `T`.
pub(crate) fn data_type<T: Column<E>, E>() -> DataType {
    DataType::List(Arc::new(field::<T, E>(ITEM)))
}

impl<T: Item<E>, E> Column<E> for [T] {
    type Buffer = ListBuffer<T::Buffer>;

    fn data_type() -> DataType {
        data_type::<T, E>()
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_items(self.len(), |slots| T::append_all(self, slots));
    }
}

impl<T, E> Column<E> for Vec<T>
where
    [T]: Column<E>,
{
    type Buffer = <[T] as Column<E>>::Buffer;

    fn data_type() -> DataType {
        <[T] as Column<E>>::data_type()
    }

    fn metadata() -> Vec<(&'static str, String)> {
        <[T] as Column<E>>::metadata()
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        self.as_slice().append_to(slot);
    }
}

impl<T: Item<E>, E, const N: usize> Column<E> for [T; N] {
    type Buffer = FixedListBuffer<T::Buffer, N>;

    fn data_type() -> DataType {
        DataType::FixedSizeList(Arc::new(field::<T, E>(ITEM)), FixedListBuffer::<T::Buffer, N>::LENGTH)
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_items(|slots| T::append_all(self, slots));
    }
}

impl<T, E> Item<E> for Vec<T> where Vec<T>: Column<E> {}
impl<T: Item<E>, E, const N: usize> Item<E> for [T; N] {}

/// A column of lists in any layout, and the reader of their items.
#[derive(Debug, Clone)]
pub struct ListReader<R> {
    extents: Extents,
    items: Source<R>,
}

/// Where each list begins and ends among the items.
#[derive(Debug, Clone)]
enum Extents {
    Small(OffsetBuffer<i32>),
    Large(OffsetBuffer<i64>),
    View(ScalarBuffer<i32>, ScalarBuffer<i32>),
    LargeView(ScalarBuffer<i64>, ScalarBuffer<i64>),
    Fixed(usize),
}

impl<R> ListReader<R> {
    fn new<T: FromColumn<E, Reader = R>, E>(array: &ArrayRef) -> Result<Self, Vec<Mismatch>> {
        let (extents, items) = split(array).ok_or_else(|| {
            let expected = format!("List of {} (or any other layout of lists)", T::data_type());
            Mismatch::of_type(expected, array.data_type())
        })?;
        let items = Source::new::<T, E>(&items).map_err(|mismatches| Mismatch::inside(ITEM, mismatches))?;
        Ok(ListReader { extents, items })
    }

    /// The items of one list.
    fn range(&self, row: usize) -> Range<usize> {
        match &self.extents {
            Extents::Small(offsets) => offsets[row] as usize..offsets[row + 1] as usize,
            Extents::Large(offsets) => offsets[row] as usize..offsets[row + 1] as usize,
            Extents::View(starts, sizes) => starts[row] as usize..starts[row] as usize + sizes[row] as usize,
            Extents::LargeView(starts, sizes) => {
                starts[row] as usize..starts[row] as usize + sizes[row] as usize
            }
            Extents::Fixed(length) => row * length..(row + 1) * length,
        }
    }

    fn items<T: FromColumn<E, Reader = R>, E>(
        &self,
        row: usize,
    ) -> impl ExactSizeIterator<Item = Result<T, Box<Fault>>> {
        self.range(row)
            .map(move |at| self.items.get::<T, E>(at).map_err(|fault| Box::new(fault.inside(ITEM, row))))
    }
}

/// Where the lists are and all their items.
fn split(array: &ArrayRef) -> Option<(Extents, ArrayRef)> {
    let any = array.as_any();
    if let Some(list) = any.downcast_ref::<ListArray>() {
        Some((Extents::Small(list.offsets().clone()), list.values().clone()))
    } else if let Some(list) = any.downcast_ref::<LargeListArray>() {
        Some((Extents::Large(list.offsets().clone()), list.values().clone()))
    } else if let Some(list) = any.downcast_ref::<ListViewArray>() {
        Some((Extents::View(list.offsets().clone(), list.sizes().clone()), list.values().clone()))
    } else if let Some(list) = any.downcast_ref::<LargeListViewArray>() {
        Some((Extents::LargeView(list.offsets().clone(), list.sizes().clone()), list.values().clone()))
    } else {
        let list = any.downcast_ref::<FixedSizeListArray>()?;
        Some((Extents::Fixed(usize::try_from(list.value_length()).ok()?), list.values().clone()))
    }
}

impl<T: FromColumn<E> + Item<E>, E> FromColumn<E> for Vec<T> {
    type Reader = ListReader<T::Reader>;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        ListReader::new::<T, E>(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.items::<T, E>(row).collect()
    }
}

impl<T: FromColumn<E> + Item<E>, E, const N: usize> FromColumn<E> for [T; N] {
    type Reader = ListReader<T::Reader>;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        ListReader::new::<T, E>(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        let items: Vec<T> = reader.items::<T, E>(row).collect::<Result<_, _>>()?;
        items.try_into().map_err(|items: Vec<T>| {
            let message = format!("is a list of {} items, and the field takes exactly {N}", items.len());
            Box::new(Fault::new(row, message))
        })
    }
}

macro_rules! slice_pointer {
    ($($pointer:ident)*) => {$(
        impl<T, E> FromColumn<E> for $pointer<[T]>
        where
            [T]: Column<E>,
            Vec<T>: FromColumn<E>,
        {
            type Reader = <Vec<T> as FromColumn<E>>::Reader;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                <Vec<T> as FromColumn<E>>::reader(array)
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                <Vec<T> as FromColumn<E>>::read(reader, row).map(Into::into)
            }
        }
    )*};
}

slice_pointer!(Box Arc Rc);

/// `list`: bytes read from a list of them.
impl FromColumn<super::encoding::List> for Vec<u8> {
    type Reader = ListReader<<u8 as FromColumn>::Reader>;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        ListReader::new::<u8, super::Natural>(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.items::<u8, super::Natural>(row).collect()
    }
}
