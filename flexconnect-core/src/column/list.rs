//! Lists: `Vec<T>` and slices as `List`, `[T; N]` as `FixedSizeList`.

use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, FixedSizeListArray, LargeListArray, LargeListViewArray, ListArray, ListViewArray,
};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, FieldRef};

use super::encoding::{self, FixedSizeList, Items, Lists, PassedOn};
use super::{BorrowColumn, Column, FromColumn, Item, Mismatch, Source, field};
use crate::buffer::{ColumnBuffer, Contiguous, Fault, FixedListBuffer, Layout, ListBuffer, Slot, View};

/// What the child of a list is called.
pub(super) const ITEM: &str = "item";

/// The type of a list of `T`.
pub(super) fn data_type<T: Column<E>, E>() -> DataType {
    DataType::List(Arc::new(field::<T, E>(ITEM)))
}

/// The type of a list of items of this type.
pub(super) fn of_type(item: DataType, nullable: bool) -> DataType {
    DataType::List(Arc::new(Field::new(ITEM, item, nullable)))
}

impl<T: Item<E>, E: PassedOn> Column<E> for [T] {
    type Buffer = ListBuffer<T::Buffer>;

    const REFUSED: Option<&'static str> = T::REFUSED;

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

    const REFUSED: Option<&'static str> = <[T] as Column<E>>::REFUSED;

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

impl<T: Item<E>, E: PassedOn, const N: usize> Column<E> for [T; N] {
    type Buffer = FixedListBuffer<T::Buffer, N>;

    const REFUSED: Option<&'static str> = T::REFUSED;

    fn data_type() -> DataType {
        DataType::FixedSizeList(Arc::new(field::<T, E>(ITEM)), FixedListBuffer::<T::Buffer, N>::LENGTH)
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_items(|slots| T::append_all(self, slots));
    }
}

/// A layout that `as` chooses for a list.
pub trait ListKind: 'static {
    /// What the lists become.
    type Layout<B: ColumnBuffer>: Layout<B>;

    /// The type of such lists.
    fn data_type(item: FieldRef) -> DataType;
}

macro_rules! kinds {
    ($($name:ident: $layout:ty;)*) => {$(
        impl ListKind for encoding::$name {
            type Layout<B: ColumnBuffer> = $layout;

            fn data_type(item: FieldRef) -> DataType {
                DataType::$name(item)
            }
        }
    )*};
}

kinds! {
    List: Contiguous<i32>;
    LargeList: Contiguous<i64>;
    ListView: View<i32>;
    LargeListView: View<i64>;
}

/// What the items of a list are called; the derive emits a type for `item = ".."`.
pub trait NamedItem: 'static {
    /// The name.
    const NAME: &'static str;
}

/// The usual name, `item`.
#[derive(Debug, Clone, Copy)]
pub struct ItemName;

impl NamedItem for ItemName {
    const NAME: &'static str = ITEM;
}

fn named<T: Column<E>, E, N: NamedItem>() -> FieldRef {
    Arc::new(field::<T, E>(N::NAME))
}

impl<T: Item<E>, E, L: ListKind, N: NamedItem> Column<Lists<L, N, E>> for [T] {
    type Buffer = ListBuffer<T::Buffer, L::Layout<T::Buffer>>;

    const REFUSED: Option<&'static str> = T::REFUSED;

    fn data_type() -> DataType {
        L::data_type(named::<T, E, N>())
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_items(self.len(), |slots| T::append_all(self, slots));
    }
}

impl<T: Item<E>, E, N: NamedItem, const COUNT: usize> Column<FixedSizeList<COUNT, N, E>> for [T] {
    type Buffer = FixedListBuffer<T::Buffer, COUNT>;

    const REFUSED: Option<&'static str> = T::REFUSED;

    fn data_type() -> DataType {
        DataType::FixedSizeList(named::<T, E, N>(), FixedListBuffer::<T::Buffer, COUNT>::LENGTH)
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        if self.len() == COUNT {
            slot.push_items(|slots| T::append_all(self, slots));
        } else {
            slot.fault(self.len());
        }
    }
}

impl<T: Item<E>, E, N: NamedItem, const COUNT: usize> Column<FixedSizeList<COUNT, N, E>> for [T; COUNT] {
    type Buffer = FixedListBuffer<T::Buffer, COUNT>;

    const REFUSED: Option<&'static str> = T::REFUSED;

    fn data_type() -> DataType {
        <[T] as Column<FixedSizeList<COUNT, N, E>>>::data_type()
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_items(|slots| T::append_all(self, slots));
    }
}

/// `item = ".."` on an array.
impl<T: Item<E>, E, N: NamedItem, const COUNT: usize> Column<Items<N, E>> for [T; COUNT] {
    type Buffer = FixedListBuffer<T::Buffer, COUNT>;

    const REFUSED: Option<&'static str> = T::REFUSED;

    fn data_type() -> DataType {
        <[T] as Column<FixedSizeList<COUNT, N, E>>>::data_type()
    }

    #[inline(always)]
    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_items(|slots| T::append_all(self, slots));
    }
}

impl<T, E> Item<E> for Vec<T> where Vec<T>: Column<E> {}
impl<T: Item<E>, E: PassedOn, const N: usize> Item<E> for [T; N] {}

/// A column of lists in any layout, and the reader of their items.
#[derive(Debug, Clone)]
pub struct ListReader<R> {
    extents: Extents,
    items: Source<R>,
}

/// Where each list begins and ends among the items.
#[derive(Debug, Clone)]
pub(super) enum Extents {
    Small(OffsetBuffer<i32>),
    Large(OffsetBuffer<i64>),
    View(ScalarBuffer<i32>, ScalarBuffer<i32>),
    LargeView(ScalarBuffer<i64>, ScalarBuffer<i64>),
    Fixed(usize),
}

impl Extents {
    /// The items of one list.
    pub(super) fn range(&self, row: usize) -> Range<usize> {
        match self {
            Self::Small(offsets) => offsets[row] as usize..offsets[row + 1] as usize,
            Self::Large(offsets) => offsets[row] as usize..offsets[row + 1] as usize,
            Self::View(starts, sizes) => starts[row] as usize..starts[row] as usize + sizes[row] as usize,
            Self::LargeView(starts, sizes) => {
                starts[row] as usize..starts[row] as usize + sizes[row] as usize
            }
            Self::Fixed(length) => row * length..(row + 1) * length,
        }
    }
}

impl<R> ListReader<R> {
    pub(super) fn new<T: FromColumn<E, Reader = R>, E>(array: &ArrayRef) -> Result<Self, Vec<Mismatch>> {
        Self::with(array, &T::data_type, Source::new::<T, E>)
    }

    /// As [`new`](Self::new), for items that will borrow from the column.
    pub(super) fn borrowed<'r, T: BorrowColumn<'r, E, Reader = R>, E>(
        array: &ArrayRef,
    ) -> Result<Self, Vec<Mismatch>> {
        Self::with(array, &T::data_type, Source::borrowed::<T, E>)
    }

    fn with(
        array: &ArrayRef,
        expected: &dyn Fn() -> DataType,
        open: impl FnOnce(&ArrayRef) -> Result<Source<R>, Vec<Mismatch>>,
    ) -> Result<Self, Vec<Mismatch>> {
        let (extents, items) = split(array).ok_or_else(|| {
            let expected = format!("List of {} (or any other layout of lists)", expected());
            Mismatch::of_type(expected, array.data_type())
        })?;
        let items = open(&items).map_err(|mismatches| Mismatch::inside(ITEM, mismatches))?;
        Ok(ListReader { extents, items })
    }

    /// All items, and which of them are those of one list.
    pub(super) fn of_row(&self, row: usize) -> (&Source<R>, Range<usize>) {
        (&self.items, self.extents.range(row))
    }

    /// The items of one list.
    fn range(&self, row: usize) -> Range<usize> {
        self.extents.range(row)
    }

    pub(super) fn items<T: FromColumn<E, Reader = R>, E>(
        &self,
        row: usize,
    ) -> impl ExactSizeIterator<Item = Result<T, Box<Fault>>> {
        self.range(row)
            .map(move |at| self.items.get::<T, E>(at).map_err(|fault| Box::new(fault.inside(ITEM, row))))
    }
}

/// Where the lists are and all their items.
pub(super) fn split(array: &ArrayRef) -> Option<(Extents, ArrayRef)> {
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

impl<T: FromColumn<E> + Item<E>, E: PassedOn> FromColumn<E> for Vec<T> {
    type Reader = ListReader<T::Reader>;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        ListReader::new::<T, E>(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.items::<T, E>(row).collect()
    }
}

macro_rules! laid_out {
    ($([$($generics:tt)*] $encoding:ty;)*) => {$(
        impl<T: FromColumn<E> + Item<E>, E, $($generics)*> FromColumn<$encoding> for Vec<T> {
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

laid_out! {
    [L: ListKind, N: NamedItem] Lists<L, N, E>;
    [N: NamedItem, const COUNT: usize] FixedSizeList<COUNT, N, E>;
}

macro_rules! laid_out_array {
    ($([$($generics:tt)*] $encoding:ty, $inner:ty;)*) => {$(
        impl<T: FromColumn<$inner> + Item<$inner>, const COUNT: usize, $($generics)*> FromColumn<$encoding> for [T; COUNT] {
            type Reader = ListReader<T::Reader>;

            fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
                ListReader::new::<T, $inner>(array)
            }

            fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
                array::<T, COUNT>(reader.items::<T, $inner>(row), row)
            }
        }
    )*};
}

laid_out_array! {
    [E: PassedOn] E, E;
    [E, N: NamedItem] FixedSizeList<COUNT, N, E>, E;
    [E, N: NamedItem] Items<N, E>, E;
}

/// As many items as the array has.
fn array<T, const N: usize>(
    items: impl Iterator<Item = Result<T, Box<Fault>>>,
    row: usize,
) -> Result<[T; N], Box<Fault>> {
    let items: Vec<T> = items.collect::<Result<_, _>>()?;
    items.try_into().map_err(|items: Vec<T>| {
        let message = format!("is a list of {} items, and the field takes exactly {N}", items.len());
        Box::new(Fault::new(row, message))
    })
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

/// `list` on an array of bytes.
impl<const N: usize> Column<encoding::List> for [u8; N] {
    type Buffer = FixedListBuffer<<u8 as Column>::Buffer, N>;

    fn data_type() -> DataType {
        let item = Arc::new(field::<u8, super::Natural>(ITEM));
        DataType::FixedSizeList(item, FixedListBuffer::<<u8 as Column>::Buffer, N>::LENGTH)
    }

    fn append_to(&self, slot: Slot<'_, Self::Buffer>) {
        slot.push_items(|slots| slots.extend(self));
    }
}

impl<const N: usize> FromColumn<encoding::List> for [u8; N] {
    type Reader = ListReader<<u8 as FromColumn>::Reader>;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        ListReader::new::<u8, super::Natural>(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        array::<u8, N>(reader.items::<u8, super::Natural>(row), row)
    }
}

/// `list`: bytes read from a list of them.
impl FromColumn<encoding::List> for Vec<u8> {
    type Reader = ListReader<<u8 as FromColumn>::Reader>;

    fn reader(array: &ArrayRef) -> Result<Self::Reader, Vec<Mismatch>> {
        ListReader::new::<u8, super::Natural>(array)
    }

    fn read(reader: &Self::Reader, row: usize) -> Result<Self, Box<Fault>> {
        reader.items::<u8, super::Natural>(row).collect()
    }
}
